"""Tools that a person confirms or that cannot change anything."""
import sqlite3
import subprocess

from langchain_core.tools import tool
from langgraph.types import interrupt

MAX_REFUND = 40.0


@tool
def lookup_order(order_id: str) -> list:
    """Read one order."""
    db = sqlite3.connect("file:/srv/orders.db?mode=ro", uri=True)
    return db.execute("SELECT id, status FROM orders WHERE id = ?", (order_id,)).fetchall()


@tool
def propose_refund(order_id: str, amount: float) -> str:
    """Propose a refund that a colleague confirms."""
    if not 0 < amount <= MAX_REFUND:
        return "over the limit"
    answer = interrupt({"order": order_id, "amount": amount})
    return "queued" if answer == "yes" else "declined"


@tool
def disk_free() -> str:
    """Free space of the cache volume."""
    return subprocess.run(["df", "-h", "/srv/cache"], capture_output=True, text=True, check=True).stdout
