"""What became of everything, told without ids, times and tries: equal for a life that was cut and one that was not."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from sqlalchemy import func, select

from extensions import db
from services.unit import end_reading

Outcome = dict[str, list[Any]]

TOLD = {
    "invoices": "kind status gross_cents",
    "receivables": "kind cause amount_cents open_cents dunning_level",
    "payments": "kind method gateway amount_cents credit_cents",
    "claims": "state period_start",
    "collections": "state reason next_try_on",
    "payment_attempts": "purpose number state gateway amount_cents decline_code",
    "gateway_events": "kind type state",
    "refunds": "way state amount_cents",
    "reminders": "level round reminded_on fee_cents interest_cents lump_sum_cents deactivated letter_state",
    "dunning_stops": "stopped_on resumed_on",
    "subscriptions": "status next_billing_on",
    "messages": "template recipient state",
    "papers": "kind state",
    "bank_statements": "statement_key closed_on",
    "bank_lines": "amount_cents state answer",
    "bank_matches": "amount_cents",
    "runs": "kind on_date",
    "run_chunks": "state issued charging",
    "dunning_chunks": "state reminded collected",
    "sequences": "range_id year next_value",
}


def outcome() -> Outcome:
    """The rows of each table, sorted, by the columns that tell; sums by account, and how often each thing was said."""
    end_reading()
    found = {name: _rows(name, columns.split()) for name, columns in TOLD.items()}
    tables = db.metadata.tables
    # Who has which of them is not told: chunks that are done in another order draw their numbers in another order.
    found["numbers"] = [number for (number,) in _rows("invoices", ["number"])]
    postings, told, runs = tables["postings"], tables["activities"], tables["runs"]
    by_account = select(postings.c.account, func.sum(postings.c.amount_cents)).group_by(postings.c.account)
    by_code = select(told.c.code, func.count()).group_by(told.c.code)
    found["accounts"] = sorted((name, int(cents)) for name, cents in db.session.execute(by_account))
    found["activities"] = sorted((code, count) for code, count in db.session.execute(by_code))
    found["unfinished"] = list(db.session.scalars(select(runs.c.kind).where(runs.c.finished_at.is_(None))))
    end_reading()
    return found


def _rows(name: str, columns: list[str]) -> list[Any]:
    table = db.metadata.tables[name]
    rows = db.session.execute(select(*(table.c[column] for column in columns if column in table.c)))
    return sorted((tuple(row) for row in rows), key=repr)


def left_behind() -> str:
    """A digest of every row there is."""
    end_reading()
    digest = sha256()
    with db.engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            rows = connection.exec_driver_sql(f"SELECT * FROM {table.name} ORDER BY 1, 2").fetchall()
            digest.update(repr([tuple(row) for row in rows]).encode())
    return digest.hexdigest()
