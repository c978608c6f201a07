"""The table of cases: what stands open, what is credit, and what the books say after each row of deeds (M2-14, D-9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app import create_app
from billing.errors import AlreadyDone, Invalid, KontorError, NotAllowed, NotFound
from billing.money import Money
from extensions import db
from models import Activity, Invoice, InvoiceLine, JournalEntry, Payment, Posting, Receivable
from queries.reductions import Reduction, get_reductions
from services import (
    clock,
    corrections,
    customer_erasure,
    paid_credit,
    payment_changes,
    payment_rows,
    payments,
    write_offs,
)
from services.actor import Actor
from services.checks import check_books
from services.corrections import Part
from services.payments import Receipt
from services.unit import end_reading, write
from tests.conftest import fresh_database, settings_for
from tests.scenarios.story import Story

YUSUF = Actor("staff", 1, "Yusuf Demir")
TODAY = date(2026, 11, 20)
FULL = 11900  # each invoice: 100.00 net at 19 %


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), clock.BERLIN)


def money(cents: int, currency: str = "EUR") -> Money:
    return Money(cents, currency)


class Desk:
    """Two customers with an invoice each of 119.00; `a` and `b` are their receivables. `made` are the rows written."""

    def __init__(self) -> None:
        rows = db.session.scalars(select(Receivable).order_by(Receivable.id)).all()
        self.a, self.b = (row.id for row in rows)
        self.anna, self.bert = (row.customer_id for row in rows)
        self.invoice_a, self.invoice_b = (row.invoice_id or 0 for row in rows)
        self.made: list[int] = []

    def pay(self, cents: int, whose: str = "a", **more: Any) -> None:
        receipt = Receipt(money(cents), **{"received_on": date(2026, 11, 9), "surplus": True, **more})
        self.made.append(payments.receive(YUSUF, getattr(self, whose), receipt).payment_id)

    def mark_paid(self) -> None:
        self.made.append(payments.mark_paid(YUSUF, self.invoice_a, date(2026, 11, 9)))

    def prepay(self, cents: int) -> None:
        self.made.append(payments.prepay(YUSUF, self.anna, Receipt(money(cents))))

    def write_off(self, cents: int | None = None) -> None:
        amount = None if cents is None else money(cents)
        self.made.append(write_offs.write_off(YUSUF, self.a, "insolvent", amount))

    def write_off_b(self, cents: int) -> None:
        self.made.append(write_offs.write_off(YUSUF, self.b, "insolvent", money(cents)))

    def apply(self, cents: int | None = None, whose: str = "a") -> None:
        amount = None if cents is None else money(cents)
        self.made.append(paid_credit.apply_credit(YUSUF, getattr(self, whose), amount))

    def pay_out(self, cents: int) -> None:
        self.made.append(paid_credit.pay_out(YUSUF, self.anna, money(cents)))

    def cancel(self, which: int) -> None:
        payment_changes.cancel(YUSUF, self.made[which], "typed wrongly")

    def move(self, which: int, **to: Any) -> None:
        self.made.append(payment_changes.move(YUSUF, self.made[which], **to, reason="wrong invoice"))

    def to_b(self, which: int = 0) -> None:
        self.move(which, invoice_id=self.invoice_b)

    def to_credit(self, which: int = 0) -> None:
        self.move(which, customer_id=self.anna)

    def grant_discount(self) -> None:
        """2 % within ten days, as if it had been printed: the guards would not let a test write it afterwards."""
        with write() as session:
            on = "" if db.engine.dialect.name == "sqlite" else " ON invoices"
            session.execute(text(f"DROP TRIGGER guard_invoices_update{on}"))
            session.execute(text("UPDATE invoices SET cash_discount_percent = 200, cash_discount_days = 10"))

    def cancel_invoice(self) -> None:
        corrections.cancel(YUSUF, self.invoice_a, reason="wrong")

    def correct(self, quantity: str) -> None:
        line = db.session.scalars(select(InvoiceLine.id).where(InvoiceLine.invoice_id == self.invoice_a)).one()
        corrections.correct(YUSUF, self.invoice_a, [Part(line, Decimal(quantity))], reason="too many")

    def state(self) -> tuple[int, int, int, int]:
        """Open of a, open of b, credit of Anna, credit of Bert."""
        end_reading()
        rows = db.session.scalars(select(Receivable.open_cents).order_by(Receivable.id)).all()
        credits = [payment_rows.credit_of(db.session(), each, "EUR") for each in (self.anna, self.bert)]
        return (rows[0], rows[1], credits[0], credits[1])


@pytest.fixture(scope="module")
def owing(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database in which two customers owe an invoice each, made once and copied for each case."""
    folder = tmp_path_factory.mktemp("owing")
    with fresh_database(template, folder) as url:
        app = create_app(settings_for(folder, url))
        with app.app_context():
            story = Story()
            for _ in range(2):
                story.on("2026-11-01").subscribe("100.00")
            story.on("2026-11-01").run()
            db.session.remove()
            db.engine.dispose()
        yield url


@pytest.fixture
def database_url(owing: str, tmp_path: Path) -> Iterator[str]:
    with fresh_database(owing, tmp_path) as url:
        yield url


@pytest.fixture
def desk(context: Flask) -> Iterator[Desk]:
    made = Desk()
    with clock.stand_at(noon(TODAY)):
        yield made


Deeds = Callable[[Desk], object]
CASES: dict[str, tuple[list[Deeds], tuple[int, int, int, int]]] = {
    "nothing was paid": ([], (FULL, FULL, 0, 0)),
    "paid": ([lambda d: d.mark_paid()], (0, FULL, 0, 0)),
    "a part was paid": ([lambda d: d.pay(5000)], (6900, FULL, 0, 0)),
    "paid in two parts": ([lambda d: d.pay(5000), lambda d: d.pay(6900)], (0, FULL, 0, 0)),
    "a part, and the rest marked as paid": ([lambda d: d.pay(5000), lambda d: d.mark_paid()], (0, FULL, 0, 0)),
    "too much was paid": ([lambda d: d.pay(15000)], (0, FULL, 3100, 0)),
    "paid twice": ([lambda d: d.pay(FULL), lambda d: d.pay(FULL)], (0, FULL, FULL, 0)),
    "paid without an invoice": ([lambda d: d.prepay(5000)], (FULL, FULL, 5000, 0)),
    "paid ahead and used": ([lambda d: d.prepay(5000), lambda d: d.apply()], (6900, FULL, 0, 0)),
    "paid ahead, partly used": ([lambda d: d.prepay(5000), lambda d: d.apply(1000)], (10900, FULL, 4000, 0)),
    "more credit than is open": ([lambda d: d.prepay(15000), lambda d: d.apply()], (0, FULL, 3100, 0)),
    "credit used by mistake": ([lambda d: d.prepay(5000), lambda d: d.apply(), lambda d: d.cancel(1)],
                               (FULL, FULL, 5000, 0)),
    "too much was paid, and paid out": ([lambda d: d.pay(15000), lambda d: d.pay_out(3100)], (0, FULL, 0, 0)),
    "paid out by mistake": ([lambda d: d.pay(15000), lambda d: d.pay_out(3100), lambda d: d.cancel(1)],
                            (0, FULL, 3100, 0)),
    "at the wrong invoice, of another customer": ([lambda d: d.pay(FULL), lambda d: d.to_b()], (FULL, 0, 0, 0)),
    "a part at the wrong invoice": ([lambda d: d.pay(5000), lambda d: d.to_b()], (FULL, 6900, 0, 0)),
    "too much at the wrong invoice": ([lambda d: d.pay(15000), lambda d: d.to_b()], (FULL, 0, 0, 3100)),
    "to the wrong invoice and back": ([lambda d: d.pay(FULL), lambda d: d.to_b(),
                                       lambda d: d.move(1, invoice_id=d.invoice_a)], (0, FULL, 0, 0)),
    "belongs to no invoice": ([lambda d: d.pay(5000), lambda d: d.to_credit()], (FULL, FULL, 5000, 0)),
    "ahead, then assigned": ([lambda d: d.prepay(5000), lambda d: d.to_b()], (FULL, 6900, 0, 0)),
    "entered by mistake": ([lambda d: d.pay(FULL), lambda d: d.cancel(0)], (FULL, FULL, 0, 0)),
    "too much entered by mistake": ([lambda d: d.pay(15000), lambda d: d.cancel(0)], (FULL, FULL, 0, 0)),
    "given up": ([lambda d: d.write_off()], (0, FULL, 0, 0)),
    "the rest given up": ([lambda d: d.pay(5000), lambda d: d.write_off()], (0, FULL, 0, 0)),
    "a part given up": ([lambda d: d.write_off(1900)], (10000, FULL, 0, 0)),
    "given up, and paid after all": ([lambda d: d.write_off(), lambda d: d.cancel(0), lambda d: d.pay(FULL)],
                                     (0, FULL, 0, 0)),
    "paid less the discount in time": ([lambda d: d.grant_discount(), lambda d: d.pay(11662)], (0, FULL, 0, 0)),
    "the discount kept back too late": ([lambda d: d.grant_discount(),
                                         lambda d: d.pay(11662, received_on=date(2026, 11, 12))],
                                        (238, FULL, 0, 0)),
    "the discount not granted": ([lambda d: d.grant_discount(), lambda d: d.pay(11662, discount=False)],
                                 (238, FULL, 0, 0)),
    "discounted by mistake": ([lambda d: d.grant_discount(), lambda d: d.pay(11662), lambda d: d.cancel(0)],
                              (FULL, FULL, 0, 0)),
    "discounted at the wrong invoice": ([lambda d: d.grant_discount(), lambda d: d.pay(11662), lambda d: d.to_b()],
                                        (FULL, 0, 0, 0)),
    "in two parts with discount": ([lambda d: d.grant_discount(), lambda d: d.pay(5000), lambda d: d.pay(6662)],
                                   (0, FULL, 0, 0)),
    "paid, then corrected": ([lambda d: d.pay(FULL), lambda d: d.correct("0.4")], (0, FULL, 4760, 0)),
    "paid, corrected, and the payment was a mistake": (
        [lambda d: d.pay(FULL), lambda d: d.correct("0.4"), lambda d: d.cancel(0)], (7140, FULL, 0, 0)),
    "paid, cancelled wholly, and the payment was a mistake": (
        [lambda d: d.pay(FULL), lambda d: d.cancel_invoice(), lambda d: d.cancel(0)], (0, FULL, 0, 0)),
    "corrected, then paid": ([lambda d: d.correct("0.4"), lambda d: d.mark_paid()], (0, FULL, 0, 0)),
    "given up, then cancelled": ([lambda d: d.write_off(), lambda d: d.cancel_invoice()], (0, FULL, 0, 0)),
    "given up, then corrected": ([lambda d: d.write_off(), lambda d: d.correct("0.4")], (0, FULL, 0, 0)),
    "a part paid, the rest given up, then corrected": (
        [lambda d: d.pay(5000), lambda d: d.write_off(), lambda d: d.correct("0.4")], (0, FULL, 0, 0)),
    "a part paid, the rest given up, then cancelled": (
        [lambda d: d.pay(5000), lambda d: d.write_off(), lambda d: d.cancel_invoice()], (0, FULL, 5000, 0)),
    "paid less the discount, then cancelled": (
        [lambda d: d.grant_discount(), lambda d: d.pay(11662), lambda d: d.cancel_invoice()], (0, FULL, 11662, 0)),
    "paid less the discount, then corrected": (
        [lambda d: d.grant_discount(), lambda d: d.pay(11662), lambda d: d.correct("0.5")], (0, FULL, 5831, 0)),
    "corrected, then the rest given up": ([lambda d: d.correct("0.4"), lambda d: d.write_off()], (0, FULL, 0, 0)),
}  # fmt: skip


@pytest.mark.feature("M2-14")
@pytest.mark.feature("D-9")
@pytest.mark.feature("X-03")
@pytest.mark.parametrize("case", CASES)
def test_what_stands_open_and_what_is_credit(desk: Desk, case: str) -> None:
    deeds, expected = CASES[case]
    for deed in deeds:
        deed(desk)
    assert desk.state() == expected
    found = {(each["rule"], each["code"]) for each in check_books().findings}
    assert {code for rule, code in found if rule in ("L1", "L7", "COR-1")} == set()


def entries() -> list[dict[str, Any]]:
    """The entries of payments and the like: kind, day, and the sum of each account."""
    end_reading()
    query = select(JournalEntry.id, JournalEntry.kind, JournalEntry.booked_on, Posting.account, Posting.amount_cents)
    rows = db.session.execute(
        query.join(Posting, Posting.entry_id == JournalEntry.id)
        .where(JournalEntry.kind != "invoice")
        .order_by(JournalEntry.id, Posting.id)
    )
    found: dict[int, dict[str, Any]] = {}
    for number, kind, day, account, cents in rows:
        found.setdefault(number, {"kind": kind, "on": day})[account] = cents
    return list(found.values())


@pytest.mark.feature("COR-4")
def test_a_write_off_changes_the_books_and_not_the_invoice(desk: Desk) -> None:
    before = db.session.execute(select(Invoice.gross_cents, Invoice.digest).order_by(Invoice.id)).all()
    desk.write_off()
    assert entries() == [{"kind": "write_off", "on": TODAY, "writeoff:S:19.00": 10000, "vat:S:19.00": 1900,
                          "receivable": -FULL}]  # fmt: skip
    assert db.session.execute(select(Invoice.gross_cents, Invoice.digest).order_by(Invoice.id)).all() == before
    desk.cancel(0)
    assert entries()[1] == {"kind": "reversal", "on": TODAY, "writeoff:S:19.00": -10000, "vat:S:19.00": -1900,
                            "receivable": FULL}  # fmt: skip


@pytest.mark.feature("COR-4")
def test_the_report_of_write_offs_and_discounts_names_their_vat_by_rate(desk: Desk) -> None:
    """What was taken back is taken off, in the period in which that was booked."""
    desk.grant_discount()
    desk.pay(11662)
    desk.write_off_b(2380)
    desk.write_off_b(119)
    desk.cancel(2)
    november = get_reductions(date(2026, 11, 1), date(2026, 11, 30))
    assert november == [
        Reduction("cash_discount", "EUR", "S", Decimal("19.00"), 200, 38),
        Reduction("write_off", "EUR", "S", Decimal("19.00"), 2000, 380),
    ]
    assert get_reductions(date(2026, 12, 1), date(2026, 12, 31)) == []


@pytest.mark.feature("COR-4")
def test_a_cash_discount_lowers_turnover_and_vat_beside_its_payment(desk: Desk) -> None:
    desk.grant_discount()
    desk.pay(11662)
    day = date(2026, 11, 9)
    assert entries() == [
        {"kind": "payment", "on": day, "bank": 11662, "receivable": -11662},
        {"kind": "cash_discount", "on": day, "revenue:S:19.00": 200, "vat:S:19.00": 38, "receivable": -238},
    ]
    rows = db.session.scalars(select(Payment).order_by(Payment.id)).all()
    assert [(row.kind, row.amount_cents, row.belongs_to_id) for row in rows] == [
        ("payment", 11662, None), ("cash_discount", 238, rows[0].id)]  # fmt: skip


@pytest.mark.feature("X-03")
def test_a_moved_payment_leaves_its_trace_and_keeps_the_day_on_which_the_money_came(desk: Desk) -> None:
    desk.pay(FULL, reference="RE 1", method="cash")
    desk.to_b()
    first, undone, anew = db.session.scalars(select(Payment).order_by(Payment.id)).all()
    assert (undone.kind, undone.reverses_id, undone.receivable_id) == ("reversal", first.id, desk.a)
    assert (anew.kind, anew.moved_from_id, anew.receivable_id, anew.customer_id) == (
        "payment", first.id, desk.b, desk.bert)  # fmt: skip
    assert (anew.received_on, anew.method, anew.reference, anew.note) == (
        date(2026, 11, 9), "cash", "RE 1", "wrong invoice")  # fmt: skip
    assert [(entry["kind"], entry["on"], entry["cash"]) for entry in entries()] == [
        ("payment", date(2026, 11, 9), FULL), ("payment_reversal", TODAY, -FULL), ("payment", TODAY, FULL)]  # fmt: skip
    activity = db.session.scalars(select(Activity).where(Activity.code == "payment.moved")).one()
    assert (activity.actor_id, activity.object_id, activity.customer_id) == (1, first.id, desk.anna)


def test_who_marks_an_invoice_as_paid_says_when(desk: Desk) -> None:
    desk.mark_paid()
    row = db.session.get_one(Receivable, desk.a)
    assert (row.open_cents, row.settled_on) == (0, date(2026, 11, 9))
    payment = db.session.scalars(select(Payment)).one()
    assert (payment.amount_cents, payment.method, payment.received_on) == (FULL, "bank", date(2026, 11, 9))


REFUSED: dict[str, tuple[list[Deeds], Deeds, type[KontorError], str]] = {
    "a second click finds it settled": ([lambda d: d.mark_paid()], lambda d: d.mark_paid(), AlreadyDone, "settled"),
    "no invoice": ([], lambda d: payments.mark_paid(YUSUF, 4711), NotFound, "nothing_to_pay"),
    "more than is open without saying so": ([], lambda d: d.pay(15000, surplus=False), Invalid, "more_than_open"),
    "of nothing": ([], lambda d: d.pay(0), Invalid, "out_of_range"),
    "tomorrow": ([], lambda d: d.pay(100, received_on=date(2026, 11, 21)), Invalid, "in_the_future"),
    "in the year 26": ([], lambda d: d.pay(100, received_on=date(26, 11, 9)), Invalid, "out_of_range"),
    "in shells": ([], lambda d: d.pay(100, method="shells"), Invalid, "not_a_choice"),
    "another currency": ([], lambda d: payments.receive(YUSUF, d.a, Receipt(money(1, "CHF"))), Invalid,
                         "other_currency"),
    "of an unknown customer": ([], lambda d: payments.prepay(YUSUF, 4711, Receipt(money(1))), NotFound,
                               "unknown_customer"),
    "cancelled twice": ([lambda d: d.pay(100), lambda d: d.cancel(0)], lambda d: d.cancel(0), AlreadyDone, "reversed"),
    "cancelled without a reason": ([lambda d: d.pay(100)], lambda d: payment_changes.cancel(YUSUF, d.made[0], " "),
                                   Invalid, "missing"),
    "unknown": ([], lambda d: payment_changes.cancel(YUSUF, 4711, "why"), NotFound, "payment"),
    "a reversal is not undone": ([lambda d: d.pay(100), lambda d: d.made.append(
        payment_changes.cancel(YUSUF, d.made[0], "why"))], lambda d: d.cancel(1), NotAllowed, "not_reversible"),
    "moved where it is": ([lambda d: d.pay(100)], lambda d: d.move(0, invoice_id=d.invoice_a), Invalid,
                          "same_invoice"),
    "moved to nowhere": ([lambda d: d.pay(100)], lambda d: d.move(0, invoice_id=4711), NotFound, "nothing_to_pay"),
    "moved after it was cancelled": ([lambda d: d.pay(100), lambda d: d.cancel(0)], lambda d: d.to_b(), AlreadyDone,
                                     "reversed"),
    "a write-off is not moved": ([lambda d: d.write_off()], lambda d: d.to_b(), NotAllowed, "not_movable"),
    "its credit was paid out": ([lambda d: d.pay(15000), lambda d: d.pay_out(3100)], lambda d: d.cancel(0), NotAllowed,
                                "credit_used"),
    "its credit was used": ([lambda d: d.prepay(5000), lambda d: d.apply()], lambda d: d.cancel(0), NotAllowed,
                            "credit_used"),
    "given up without a reason": ([], lambda d: write_offs.write_off(YUSUF, d.a, ""), Invalid, "missing"),
    "given up twice": ([lambda d: d.write_off()], lambda d: d.write_off(), AlreadyDone, "settled"),
    "more given up than open": ([], lambda d: d.write_off(12000), Invalid, "more_than_open"),
    "no credit to use": ([], lambda d: d.apply(), Invalid, "no_credit"),
    "more used than there is": ([lambda d: d.prepay(500)], lambda d: d.apply(600), Invalid, "more_than_credit"),
    "more paid out than there is": ([lambda d: d.prepay(500)], lambda d: d.pay_out(600), Invalid, "more_than_credit"),
    "another customer's credit": ([lambda d: d.prepay(500)], lambda d: d.apply(whose="b"), Invalid, "no_credit"),
}  # fmt: skip


@pytest.mark.feature("X-03")
@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_and_nothing_is_half_done(desk: Desk, case: str) -> None:
    before, deed, error, code = REFUSED[case]
    for each in before:
        each(desk)
    state, rows = desk.state(), db.session.scalar(select(func.count()).select_from(Payment))
    with pytest.raises(error) as refused:
        deed(desk)
    assert refused.value.code == code
    assert (desk.state(), db.session.scalar(select(func.count()).select_from(Payment))) == (state, rows)


@pytest.mark.feature("F1")
@pytest.mark.parametrize(
    "deed",
    [
        lambda d, key: d.pay(1000, key=key),
        lambda d, key: payments.mark_paid(YUSUF, d.invoice_a, key=key),
        lambda d, key: payments.prepay(YUSUF, d.anna, Receipt(money(1000), key=key)),
        lambda d, key: write_offs.write_off(YUSUF, d.a, "insolvent", money(1000), key=key),
        lambda d, key: paid_credit.apply_credit(YUSUF, d.a, money(100), key=key),
        lambda d, key: paid_credit.pay_out(YUSUF, d.anna, money(100), key=key),
    ],
)
def test_the_same_form_sent_twice_is_done_once(desk: Desk, deed: Callable[[Desk, str], object]) -> None:
    desk.prepay(5000)
    deed(desk, "once")
    state = desk.state()
    with pytest.raises(AlreadyDone):
        deed(desk, "once")
    assert desk.state() == state


@pytest.mark.feature("X-04")
@pytest.mark.parametrize("damage", ["UPDATE payments SET amount_cents = 1", "DELETE FROM payments"])
def test_what_was_written_down_is_never_changed(desk: Desk, damage: str) -> None:
    desk.pay(100)
    with pytest.raises(Exception, match="payments: rows are never changed"), write() as session:
        session.execute(text(damage))


def test_percent_of_the_discount_is_what_the_invoice_says(desk: Desk) -> None:
    desk.grant_discount()
    end_reading()
    assert db.session.scalars(select(Invoice.cash_discount_percent)).first() == Decimal("2.00")


@pytest.mark.feature("D-9")
def test_a_customer_with_credit_is_not_deleted_before_it_is_paid_out(desk: Desk) -> None:
    desk.pay(FULL + 500)
    with write() as session:
        session.execute(text("UPDATE subscriptions SET status = 'closed', next_billing_on = NULL"))
    assert customer_erasure.preview_deletion(db.session(), desk.anna).reasons == ("credit_left",)
    desk.pay_out(500)
    assert customer_erasure.preview_deletion(db.session(), desk.anna).reasons == ()
