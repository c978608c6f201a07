"""A run bills every due period once: again, twice at once, after a crash, past a bad customer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text, update

from billing.errors import Conflict, NotAllowed
from extensions import db
from models import (
    Claim,
    Company,
    Customer,
    Invoice,
    InvoiceLine,
    Message,
    Paper,
    ParkedCustomer,
    Posting,
    Receivable,
    Run,
    Subscription,
    SubscriptionItem,
)
from queries.runs import get_run
from services import billing_preview, billing_run, clock, due_marks, run_plans
from services.actor import SYSTEM
from services.load import seed_load
from services.run_counts import Counts
from services.snapshots import Snapshot
from services.unit import end_reading, write

FIRST = date(2026, 11, 1)


def bill(on: date) -> Counts:
    return billing_run.bill(on, SYSTEM).counts


def count(model: type) -> int:
    end_reading()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def change(statement: object) -> None:
    with write() as session:
        session.execute(statement, execution_options={"synchronize_session": False})


@pytest.mark.feature("X-02")
@pytest.mark.feature("EB-19")
def test_a_run_issues_what_is_due_and_again_means_nothing_new(context: Flask) -> None:
    seed_load(SYSTEM, 7, FIRST)
    first = bill(date(2026, 11, 21))
    assert (first.due, first.issued, first.skipped, first.failed) == (7, 7, 0, 0)
    for _ in range(10):
        assert bill(date(2026, 11, 21)).due == 0
    assert count(Invoice) == count(Receivable) == count(Paper) == count(Message) == count(Claim) == 7


@pytest.mark.feature("NUM-1")
def test_numbers_follow_each_other_in_the_series_of_the_year(context: Flask) -> None:
    seed_load(SYSTEM, 3, FIRST)
    bill(date(2026, 11, 1))
    bill(date(2027, 1, 2))
    numbers = db.session.scalars(select(Invoice.number).order_by(Invoice.id)).all()
    assert numbers[:3] == ["RE-2026-00001", "RE-2026-00002", "RE-2026-00003"]
    assert sorted(numbers[3:]) == [f"RE-2027-0000{n}" for n in range(1, 7)]


@pytest.mark.feature("NUM-2")
def test_an_invoice_is_never_dated_before_the_last_of_its_series(context: Flask) -> None:
    seed_load(SYSTEM, 1, FIRST)
    bill(date(2026, 12, 5))
    seed_load(SYSTEM, 1, FIRST)
    bill(date(2026, 11, 21))
    assert list(db.session.scalars(select(Invoice.issued_on).order_by(Invoice.number_value))) == [
        date(2026, 12, 5), date(2026, 12, 5), date(2026, 12, 5)
    ]  # fmt: skip


@pytest.mark.feature("F15")
def test_three_missed_months_become_three_invoices_with_the_periods_of_punctual_runs(context: Flask) -> None:
    seed_load(SYSTEM, 2, date(2026, 1, 31))
    bill(date(2026, 1, 31))
    bill(date(2026, 4, 30))  # catches up February, March and April
    query = select(InvoiceLine.period_start, InvoiceLine.period_end, InvoiceLine.net_cents)
    lines = db.session.execute(query.where(InvoiceLine.subscription_id == 1).order_by(InvoiceLine.id)).all()
    assert [tuple(line) for line in lines] == [
        (date(2026, 1, 31), date(2026, 2, 28), 990),
        (date(2026, 2, 28), date(2026, 3, 31), 990),
        (date(2026, 3, 31), date(2026, 4, 30), 990),
        (date(2026, 4, 30), date(2026, 5, 31), 990),
    ]
    assert count(Invoice) == 8


@pytest.mark.feature("L1")
def test_every_invoice_is_booked_and_open(context: Flask) -> None:
    seed_load(SYSTEM, 5, FIRST)
    bill(FIRST)
    assert db.session.scalar(select(func.sum(Posting.amount_cents))) == 0
    owed = select(func.sum(Receivable.open_cents)).select_from(Receivable)
    booked = select(func.sum(Posting.amount_cents)).where(Posting.account == "receivable")
    issued = select(func.sum(Invoice.gross_cents))
    assert db.session.scalar(owed) == db.session.scalar(booked) == db.session.scalar(issued)


@pytest.mark.feature("INV-1")
@pytest.mark.feature("INV-4")
def test_a_recipient_without_an_address_is_parked_above_250_euros_and_uses_no_number(context: Flask) -> None:
    seed_load(SYSTEM, 2, FIRST)
    change(update(Customer).where(Customer.id == 1).values(address=""))
    change(update(SubscriptionItem).values(unit_price=Decimal("210.09")))  # 250.01 gross
    counts = bill(FIRST)
    assert (counts.due, counts.issued, counts.failed) == (2, 1, 1)
    parked = db.session.scalars(select(ParkedCustomer)).one()
    assert (parked.customer_id, parked.code, parked.facts) == (1, "missing_fields", {"fields": ["address"]})
    assert db.session.scalars(select(Invoice.number)).all() == ["RE-2026-00001"]
    change(update(Customer).where(Customer.id == 1).values(address="Lindenallee 1"))
    assert bill(FIRST).issued == 1
    end_reading()
    assert db.session.scalars(select(ParkedCustomer)).one().resolved_at is not None


@pytest.mark.feature("INV-1")
def test_a_company_without_an_address_or_a_tax_number_issues_nothing(context: Flask) -> None:
    seed_load(SYSTEM, 1, FIRST)
    change(update(Company).values(zipcode=" ", tax_number="", vat_id=""))
    with pytest.raises(Conflict) as refused:
        bill(FIRST)
    assert refused.value.facts == {"fields": ["zipcode", "tax_number"]}
    assert count(Run) == 0


@pytest.mark.feature("EB-25")
def test_one_bad_customer_is_parked_and_the_others_are_billed(context: Flask) -> None:
    seed_load(SYSTEM, 6, FIRST)
    # An amount that no column can hold: only this customer's own arithmetic fails.
    too_much = {"quantity": Decimal(10**12), "unit_price": Decimal(10**9)}
    change(update(SubscriptionItem).where(SubscriptionItem.id == 3).values(**too_much))
    counts = bill(FIRST)
    assert (counts.due, counts.issued, counts.failed) == (6, 5, 1)
    assert db.session.scalars(select(ParkedCustomer.customer_id)).all() == [3]


@pytest.mark.feature("EB-25")
def test_a_chunk_that_fails_is_redone_customer_by_customer(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    seed_load(SYSTEM, 6, FIRST)
    real = run_plans.plan_cases

    def failing(snapshot: Snapshot, *rest: Any) -> run_plans.Work:
        if any(case.debtor.id == 4 for case in snapshot.cases):
            raise RuntimeError("Anna Müller, DE02120300000000202051")
        return real(snapshot, *rest)

    monkeypatch.setattr(run_plans, "plan_cases", failing)
    counts = bill(FIRST)
    assert (counts.due, counts.issued, counts.failed) == (6, 5, 1)
    parked = db.session.scalars(select(ParkedCustomer)).one()
    assert (parked.customer_id, parked.code, parked.facts) == (4, "unexpected", {"kind": "RuntimeError"})


@pytest.mark.feature("D-13")
def test_more_than_twelve_open_periods_wait_for_a_person(context: Flask) -> None:
    seed_load(SYSTEM, 1, date(2025, 1, 1))
    counts = bill(date(2026, 1, 1))
    assert (counts.issued, counts.failed) == (0, 1)
    billing_run.confirm_periods(SYSTEM, 1)
    assert bill(date(2026, 1, 1)).issued == 13
    assert db.session.scalar(select(Subscription.periods_confirmed)) is False  # the next pile asks again


@pytest.mark.feature("D-12")
def test_a_deactivated_customer_skips_periods_and_goes_on_from_the_next(context: Flask) -> None:
    seed_load(SYSTEM, 1, FIRST)
    change(update(Customer).values(status="deactivated"))
    counts = bill(FIRST)
    assert (counts.issued, counts.skipped) == (0, 1)
    change(update(Customer).values(status="active"))
    assert bill(date(2026, 11, 30)).due == 0
    assert bill(date(2026, 12, 1)).issued == 1


@pytest.mark.feature("EB-22")
def test_a_second_start_joins_the_unfinished_run(context: Flask) -> None:
    seed_load(SYSTEM, 3, FIRST)
    run_id = billing_run.start(FIRST, SYSTEM, ring=False)
    assert billing_run.start(FIRST, SYSTEM, ring=False) == run_id
    report = billing_run.bill(FIRST, SYSTEM)
    assert (report.run_id, report.counts.issued) == (run_id, 3)
    assert get_run(run_id).state == "finished"
    assert billing_run.finish(run_id) is False


def test_a_live_installation_refuses_a_run_of_tomorrow(context: Flask) -> None:
    change(update(Company).values(mode="live"))
    with pytest.raises(NotAllowed):
        billing_run.start(clock.today() + timedelta(days=2), SYSTEM, ring=False)


@pytest.mark.feature("X-02")
def test_the_preview_plans_what_the_run_then_does_and_writes_nothing(context: Flask) -> None:
    seed_load(SYSTEM, 4, FIRST)
    seen = billing_preview.preview(FIRST)
    assert count(Invoice) == count(Claim) == count(Run) == 0
    done = bill(FIRST)
    assert (seen.counts.due, seen.counts.issued, seen.counts.totals) == (done.due, done.issued, done.totals)
    issued = db.session.scalars(select(Invoice.gross_cents).order_by(Invoice.id)).all()
    assert [row.gross_cents for row in seen.drafts] == issued


@pytest.mark.feature("EB-29")
@pytest.mark.feature("EB-28")
def test_the_mark_a_run_leaves_is_the_mark_worked_out_anew(context: Flask) -> None:
    seed_load(SYSTEM, 3, date(2026, 1, 31))
    bill(date(2026, 4, 1))
    rows = db.session.execute(select(Subscription.id, Subscription.next_billing_on))
    marks = {row.id: row.next_billing_on for row in rows}
    assert marks == {1: date(2026, 4, 30), 2: date(2026, 4, 30), 3: date(2026, 4, 30)}
    assert {key: due_marks.renew_mark(key) for key in marks} == marks


def statements_of(work: Callable[[], object]) -> Counter[str]:
    """How many statements of each kind a piece of work sends."""
    seen: Counter[str] = Counter()

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        seen[statement.split()[0].upper()] += 1

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return seen


@pytest.mark.feature("EB-65")
def test_the_statements_of_a_chunk_do_not_grow_with_its_customers(context: Flask) -> None:
    def chunk_of(customers: int, on: date) -> Counter[str]:
        seed_load(SYSTEM, customers, on)
        run_id = billing_run.start(on, SYSTEM, ring=False)
        (chunk_id,) = billing_run.pending_chunks(run_id)
        seen = statements_of(lambda: billing_run.run_chunk(chunk_id))
        change(update(Subscription).values(next_billing_on=None))
        return seen

    chunk_of(1, date(2026, 1, 1))
    small, large = chunk_of(2, date(2026, 2, 1)), chunk_of(200, date(2026, 3, 1))
    assert small == large


@pytest.mark.feature("X-04")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invoices SET gross_cents = gross_cents + 1, net_cents = net_cents + 1",
        "DELETE FROM invoices",
        "UPDATE invoice_lines SET title = 'x'",
        "DELETE FROM invoice_lines",
        "INSERT INTO invoice_tax_lines (invoice_id, vat_category, vat_percent, net_cents, tax_cents, gross_cents,"
        " note_key) VALUES (1, 'S', 1900, 0, 0, 0, '')",
        "DELETE FROM postings",
        "UPDATE journal_entries SET booked_on = '2020-01-01'",
        "UPDATE receivables SET amount_cents = 0",
        "DELETE FROM claims",
        "UPDATE sequences SET next_value = 1",
        "UPDATE activities SET code = 'x'",
        "DELETE FROM activities",
        "UPDATE letterheads SET data = '{}'",
    ],
)
def test_an_issued_row_changed_by_plain_sql_is_refused(context: Flask, statement: str) -> None:
    seed_load(SYSTEM, 1, FIRST)
    bill(FIRST)
    with pytest.raises(Exception, match=r"is issued|never|stays|stay"), write() as session:
        session.execute(text(statement))


@pytest.mark.feature("X-04")
@pytest.mark.parametrize("table", ["invoices", "invoice_lines", "postings", "journal_entries", "activities", "claims"])
def test_a_row_that_stands_is_not_replaced_under_its_own_id(context: Flask, table: str) -> None:
    """SQLite's INSERT OR REPLACE deletes the old row without asking the guard of DELETE."""
    seed_load(SYSTEM, 1, FIRST)
    bill(FIRST)
    replace = {
        "sqlite": f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE id = 1",
        "postgresql": f"INSERT INTO {table} SELECT * FROM {table} WHERE id = 1 ON CONFLICT (id) DO UPDATE SET id = 2",
    }
    with pytest.raises(Exception, match=r"is issued|never|closed|only a release"), write() as session:
        session.execute(text("PRAGMA foreign_keys=OFF" if db.engine.dialect.name == "sqlite" else "SELECT 1"))
        session.execute(text(replace[db.engine.dialect.name]))


def test_a_mistyped_year_starts_no_run(context: Flask) -> None:
    seed_load(SYSTEM, 1, FIRST)
    with pytest.raises(NotAllowed) as refused:
        billing_run.start(date(9999, 12, 31), SYSTEM, ring=False)
    assert refused.value.code == "run_too_far"
    assert count(Run) == 0


@pytest.mark.feature("EB-39")
def test_a_part_period_says_its_days_on_the_line(context: Flask) -> None:
    seed_load(SYSTEM, 1, FIRST)
    change(update(Subscription).values(ends_on=date(2026, 11, 16)))
    bill(FIRST)
    line = db.session.scalars(select(InvoiceLine)).one()
    assert (line.days, line.of_days, line.net_cents) == (15, 30, 495)
    assert line.description == "Anteilig: 15 von 30 Tagen"
