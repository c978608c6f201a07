"""Storno and Teilstorno: a document of its own, mirrored in the books, never more than there was, never twice."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from billing.errors import AlreadyDone, Conflict, Invalid, NotAllowed, NotFound
from billing.money import Money
from extensions import db
from models import (
    Activity,
    ActivityDetail,
    Claim,
    Invoice,
    InvoiceLine,
    JournalEntry,
    Posting,
    Receivable,
    Subscription,
    guards,
)
from services import billing_run, clock
from services.actor import SYSTEM, Actor
from services.checks import check_books
from services.corrections import Part, cancel, correct, paid_part
from services.load import seed_load
from services.payments import record_payment
from services.unit import end_reading, write
from tests.at_once import at_once

DAY = date(2026, 11, 1)
LATER = date(2026, 11, 9)
YUSUF = Actor("staff", 1, "Yusuf Demir")


@pytest.fixture
def bill(context: Flask) -> Invoice:
    """One invoice of 9.90 net for November, wholly open."""
    seed_load(SYSTEM, 1, DAY)
    billing_run.bill(DAY, SYSTEM)
    end_reading()
    return db.session.scalars(select(Invoice)).one()


def document(invoice_id: int) -> Invoice:
    end_reading()
    return db.session.get_one(Invoice, invoice_id, populate_existing=True)


def owed() -> Receivable:
    end_reading()
    return db.session.scalars(select(Receivable).execution_options(populate_existing=True)).one()


def line_of(invoice: Invoice) -> int:
    end_reading()
    return db.session.scalars(select(InvoiceLine.id).where(InvoiceLine.invoice_id == invoice.id)).one()


def booked(invoice_id: int) -> dict[str, int]:
    end_reading()
    query = select(Posting.account, Posting.amount_cents).join(JournalEntry, JournalEntry.id == Posting.entry_id)
    return {row[0]: row[1] for row in db.session.execute(query.where(JournalEntry.invoice_id == invoice_id))}


def findings() -> list[dict[str, Any]]:
    """What the checks of that day find."""
    with clock.stand_at(LATER):
        return check_books().findings


def storno(invoice: Invoice, **more: Any) -> int:
    with clock.stand_at(LATER):
        return cancel(YUSUF, invoice.id, reason="Doppelt bestellt", **more)


def take(invoice: Invoice, *parts: Part, **more: Any) -> int:
    with clock.stand_at(LATER):
        return correct(YUSUF, invoice.id, parts, reason="Kulanz", **more)


@pytest.mark.feature("COR-1")
@pytest.mark.feature("X-03")
def test_a_cancellation_mirrors_its_invoice_in_its_own_series_and_in_the_books(bill: Invoice) -> None:
    made = document(storno(bill))
    assert (made.kind, made.number, made.original_id, made.issued_on) == (
        "cancellation",
        "SR-2026-00001",
        bill.id,
        LATER,
    )
    assert (made.net_cents, made.tax_cents, made.gross_cents) == (-bill.net_cents, -bill.tax_cents, -bill.gross_cents)
    assert (made.service_from, made.service_to) == (bill.service_from, bill.service_to)
    line = db.session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == made.id)).one()
    assert (line.quantity, line.original_line_id, line.claim_id) == (-1, line_of(bill), None)
    assert booked(made.id) == {account: -cents for account, cents in booked(bill.id).items()}
    assert (owed().open_cents, owed().settled_on) == (0, LATER)
    assert findings() == []


@pytest.mark.feature("D-1")
def test_a_part_by_days_is_a_correction_in_its_own_series_and_prints_its_arithmetic(bill: Invoice) -> None:
    made = document(take(bill, Part(line_of(bill), unserved_from=date(2026, 11, 21))))
    line = db.session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == made.id)).one()
    assert (made.kind, made.number) == ("correction", "RK-2026-00001")
    assert (line.days, line.of_days, line.net_cents) == (10, 30, -330)
    assert "Nicht erbracht: 10 von 30 Tagen" in line.description
    assert (line.period_start, line.period_end) == (date(2026, 11, 21), date(2026, 12, 1))
    assert owed().open_cents == bill.gross_cents + made.gross_cents
    assert findings() == []


@pytest.mark.feature("EB-41")
@pytest.mark.feature("D-1")
def test_part_corrections_and_the_cancellation_of_the_rest_come_to_the_invoice(bill: Invoice) -> None:
    line = line_of(bill)
    made = [take(bill, Part(line, Decimal("0.3333"))), take(bill, Part(line, unserved_from=date(2026, 11, 8)))]
    made.append(storno(bill))
    documents = [document(each) for each in made]
    assert [sum(getattr(d, name) for d in documents) for name in ("net_cents", "tax_cents", "gross_cents")] == [
        -bill.net_cents, -bill.tax_cents, -bill.gross_cents,
    ]  # fmt: skip
    assert owed().open_cents == 0 and findings() == []


@pytest.mark.feature("D-9")
@pytest.mark.feature("M2-11")
@pytest.mark.parametrize(("paid", "credit"), [(0, 0), (179, 0), (1000, 821), (1178, 999)])
def test_what_was_paid_becomes_credit_and_never_more_than_was_paid(bill: Invoice, paid: int, credit: int) -> None:
    """1.79 of 11.78 stay owed after a correction of 9.99 gross; what is open falls first."""
    if paid:
        record_payment(YUSUF, owed().id, Money(paid, "EUR"), LATER)
    made = take(bill, Part(line_of(bill), Decimal("0.8485")))
    assert document(made).gross_cents == -999
    end_reading()
    assert paid_part(db.session(), made) == credit
    assert owed().open_cents == 1178 - paid - (999 - credit) >= 0
    assert findings() == []


@pytest.mark.feature("M2-08")
def test_a_paid_invoice_cancelled_owes_the_customer_what_was_paid(bill: Invoice) -> None:
    record_payment(YUSUF, owed().id, Money(bill.gross_cents, "EUR"), LATER)
    made = storno(bill)
    assert booked(made)["credit"] == -bill.gross_cents and "receivable" not in booked(made)
    end_reading()
    assert paid_part(db.session(), made) == bill.gross_cents


@pytest.mark.feature("COR-1")
def test_a_second_cancellation_is_refused_and_so_is_that_of_a_correction_or_a_stranger(bill: Invoice) -> None:
    made = storno(bill)
    for deed, error in (
        (lambda: storno(bill), AlreadyDone),
        (lambda: take(bill, Part(line_of(bill))), AlreadyDone),
        (lambda: storno(document(made)), NotAllowed),
        (lambda: cancel(YUSUF, 4711, reason=""), NotFound),
    ):
        with pytest.raises(error):
            deed()
    assert db.session.scalar(select(func.count()).where(Invoice.kind != "invoice")) == 1
    assert findings() == []


@pytest.mark.feature("D-1")
@pytest.mark.parametrize(
    ("part", "field"),
    [
        (Part(0, Decimal(2)), "quantity"),
        (Part(0, Decimal(0)), "quantity"),
        (Part(0, unserved_from=date(2026, 12, 1)), "unserved_from"),
        (Part(4711), "line_id"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_its_field_and_no_number_is_used(
    bill: Invoice, part: Part, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        take(bill, Part(part.line_id or line_of(bill), part.quantity, part.unserved_from))
    assert refused.value.field == field
    assert document(take(bill, Part(line_of(bill)))).number == "RK-2026-00001"


@pytest.mark.feature("X-02")
@pytest.mark.feature("L2")
def test_only_when_asked_to_bill_again_the_period_is_billed_again(bill: Invoice) -> None:
    storno(bill, bill_again=True)
    assert db.session.scalars(select(Subscription.next_billing_on)).one() == DAY
    with clock.stand_at(LATER):
        assert billing_run.bill(LATER, SYSTEM).counts.issued == 1
    numbers = [row.number for row in db.session.scalars(select(Invoice).order_by(Invoice.id))]
    assert numbers == ["RE-2026-00001", "SR-2026-00001", "RE-2026-00002"]
    assert findings() == []


@pytest.mark.feature("X-02")
@pytest.mark.feature("L2")
def test_unless_asked_the_period_stays_claimed(bill: Invoice) -> None:
    storno(bill)
    with clock.stand_at(LATER):
        assert billing_run.bill(LATER, SYSTEM).counts.issued == 0
    assert db.session.scalars(select(Claim.released_at)).all() == [None]


def test_only_lines_of_which_nothing_is_left_can_be_billed_again(bill: Invoice) -> None:
    with pytest.raises(Invalid) as refused:
        take(bill, Part(line_of(bill), Decimal("0.5")), bill_again=True)
    assert refused.value.field == "bill_again"
    take(bill, Part(line_of(bill), Decimal("0.5")))
    take(bill, Part(line_of(bill)), bill_again=True)
    assert db.session.scalars(select(Claim.released_at)).one() is not None


@pytest.mark.feature("GOB-2")
def test_the_record_says_who_cancelled_what_and_why(bill: Invoice) -> None:
    storno(bill)
    query = select(Activity, ActivityDetail.details).join(ActivityDetail, ActivityDetail.activity_id == Activity.id)
    activity, text = db.session.execute(query.where(Activity.code == "invoice.cancelled")).one()
    details = json.loads(text) if isinstance(text, str) else text
    assert (activity.actor_id, activity.object_id) == (1, bill.id)
    assert (details["reason"], details["number"], details["correction"]) == (
        "Doppelt bestellt", bill.number, "SR-2026-00001",
    )  # fmt: skip


@pytest.mark.feature("GOB-1")
def test_the_original_stays_as_it_was(bill: Invoice) -> None:
    before = (bill.digest, bill.gross_cents, bill.status)
    storno(bill)
    after = document(bill.id)
    assert (after.digest, after.gross_cents, after.status) == before


def test_who_saw_an_older_state_is_told(bill: Invoice) -> None:
    take(bill, Part(line_of(bill), Decimal("0.5")), seen=0)
    with pytest.raises(Conflict):
        take(bill, Part(line_of(bill), Decimal("0.5")), seen=0)


@pytest.mark.feature("F1")
@pytest.mark.parametrize("by_quantity", [True, False])
def test_twenty_identical_requests_at_once_are_one_document(bill: Invoice, context: Flask, by_quantity: bool) -> None:
    number, line = bill.id, line_of(bill)

    def request() -> None:
        if by_quantity:
            correct(YUSUF, number, [Part(line, Decimal("0.5"))], reason="", seen=0)
        else:
            cancel(YUSUF, number, reason="")

    outcomes = at_once(context, [request] * 20)
    refused = "changed_meanwhile" if by_quantity else "nothing_left"
    assert outcomes == sorted(["done", *[refused] * 19])
    end_reading()
    assert db.session.scalar(select(func.count()).where(Invoice.kind != "invoice")) == 1
    assert findings() == []


@pytest.mark.feature("L7")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE invoice_lines SET net_cents = net_cents - 1, gross_cents = gross_cents - 1 WHERE net_cents < 0",
         "corrected_beyond_its_line"),
        ("UPDATE invoice_tax_lines SET tax_cents = tax_cents - 1, gross_cents = gross_cents - 1 WHERE gross_cents < 0",
         "corrected_beyond_its_vat"),
        ("UPDATE invoices SET original_id = NULL WHERE kind = 'correction'", "correction_without_original"),
    ],
)  # fmt: skip
def test_a_correction_beyond_its_original_is_found(bill: Invoice, change: str, code: str) -> None:
    take(bill, Part(line_of(bill), Decimal("0.5")))
    with write() as session:
        guards.remove(session.connection())
        session.connection().exec_driver_sql(change)
        guards.install(session.connection())
    assert code in {finding["code"] for finding in findings()}
