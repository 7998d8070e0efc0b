"""Tools of the support agent."""
import smtplib
import sqlite3
import subprocess
from email.message import EmailMessage

import httpx
from langchain_core.tools import tool

PAYMENTS = "https://payments.larch-retail.example.com/v2"


@tool
def issue_refund(order_id: str, amount: float) -> str:
    """Pay money back to the shopper."""
    r = httpx.post(f"{PAYMENTS}/refunds", json={"order": order_id, "amount": amount})
    return r.text


@tool
def run_maintenance(command: str) -> str:
    """Run a maintenance command on the shop host."""
    out = subprocess.run(command, shell=True, capture_output=True, text=True)
    return out.stdout


@tool
def query_orders(where: str) -> list:
    """Look orders up with a SQL condition."""
    db = sqlite3.connect("/srv/orders.db")
    return db.execute(f"SELECT id, email, total FROM orders WHERE {where}").fetchall()


@tool
def send_email(to: str, subject: str, body: str) -> str:
    """Send an e-mail from the support mailbox."""
    msg = EmailMessage()
    msg["From"], msg["To"], msg["Subject"] = "help@larch-retail.example.com", to, subject
    msg.set_content(body)
    with smtplib.SMTP("mail.larch-retail.internal") as smtp:
        smtp.send_message(msg)
    return "sent"
