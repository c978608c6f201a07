"""What a long history costs on the customer's card: each tab of a record with 500 invoices and 5,000 activities beside
the same tab of an empty one, in a house of a thousand customers.

Statements are counted, the median of several visits is taken, and every statement is explained (benchmarks/lists.py).
The aim: as many statements, no table read from end to end, and a ratio of time that the rows of one page explain.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.billing import made_app
from benchmarks.lists import Desk, Visit, prepare, seed

OTHERS = 1_000
INVOICES = 500
PAID = 450
ACTIVITIES = 5_000
CHUNK = 50


def cases(postgres: str) -> Iterator[dict[str, Any]]:
    """Figures of each tab on each database."""
    for kind in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="kontor-bench-") as folder:
            yield from measure(kind, Path(folder), postgres)


def measure(kind: str, folder: Path, postgres: str) -> Iterator[dict[str, Any]]:
    from extensions import db

    app = made_app(prepare(kind, folder, postgres))
    try:
        with app.app_context():
            seed(OTHERS)
            long, empty = furnish()
        desk = Desk(app, small=True)
        for name, path in tabs(app):
            few = desk.measure(Visit(name, f"{path}?id={empty}"))
            many = desk.measure(Visit(name, f"{path}?id={long}"))
            yield {
                "db": kind, "tab": name, "statements": many["statements"], "statements_empty": few["statements"],
                "ms": many["ms"], "ms_empty": few["ms"], "ratio": round(many["ms"] / few["ms"], 2),
                "raw_ms": many["raw_ms"], "full_scan": many["full_scan"],
            }  # fmt: skip
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def tabs(app: Any) -> list[tuple[str, str]]:
    """Name and address of each tab of the card."""
    from admin.card import TABS

    with app.test_request_context():
        return [(tab.name, app.url_for(tab.endpoint)) for tab in TABS if tab.endpoint in app.view_functions]


def furnish() -> tuple[int, int]:
    """The record with a long history and the empty one."""
    from extensions import db
    from services.actor import SYSTEM
    from services.customers import create_customer

    where = {"address": "Lindenallee 1", "zipcode": "20095", "city": "Hamburg"}
    long = create_customer(SYSTEM, {"customer_type": "business", "organization": "Lange Geschichte GmbH", **where})
    empty = create_customer(SYSTEM, {"customer_type": "business", "organization": "Neu GmbH", **where})
    for first in range(0, INVOICES, CHUNK):
        invoice(long, range(first, first + CHUNK))
    talk(long)
    db.session.remove()
    if db.engine.dialect.name == "postgresql":  # what autovacuum does within a minute
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT", door="write") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    return long, empty


def invoice(customer: int, numbers: range) -> None:
    """One-off invoices, most of them paid, in one transaction."""
    from extensions import db
    from models import Invoice
    from services import clock, drafts, payments
    from services.actor import SYSTEM
    from services.draft_lines import Position
    from services.unit import write

    with write():
        for number in numbers:
            values = {"service_from": clock.today() - timedelta(1), "is_gross": False}
            draft = drafts.create_draft(SYSTEM, customer, values, [Position(f"Leistung {number}", Decimal("80"))])
            drafts.issue_draft(SYSTEM, draft)
            if number < PAID:
                payments.mark_paid(SYSTEM, db.session.get_one(Invoice, draft).id)
    db.session.remove()


def talk(customer: int) -> None:
    """Activities, until there are as many as a long history has."""
    from sqlalchemy import func, select

    from extensions import db
    from models import Activity
    from services import activities
    from services.actor import SYSTEM
    from services.unit import write

    there = db.session.scalar(select(func.count()).where(Activity.customer_id == customer)) or 0
    for first in range(there, ACTIVITIES, CHUNK * 10):
        with write():
            for _ in range(first, min(first + CHUNK * 10, ACTIVITIES)):
                activities.record(
                    SYSTEM, "customer.changed", "customer", customer, customer_id=customer,
                    changes={"city": ("Kiel", "Hamburg")},
                )  # fmt: skip
