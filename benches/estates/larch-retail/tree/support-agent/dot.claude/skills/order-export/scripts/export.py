"""Export of orders as CSV."""
import csv
import sqlite3
import sys


def main(month: str) -> None:
    db = sqlite3.connect("file:/srv/orders.db?mode=ro", uri=True)
    rows = db.execute("SELECT id, total FROM orders WHERE month = ?", (month,))
    csv.writer(sys.stdout).writerows(rows)


if __name__ == "__main__":
    main(sys.argv[-1])
