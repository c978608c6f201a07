"""Any story that can happen to the books: deeds in any order, refused or not, with the power cut among them.

A machine walks one database. What a service refuses with a word of its own is part of the story; anything else that is
raised, anything that `check_books` finds, and any cent that this page's own small book does not know, is a bug.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import func, select

import extensions
import jobs
from billing.corrections import Part
from billing.errors import KontorError
from billing.money import Money
from billing.periods import Interval
from config import ROOT
from extensions import db
from models import (
    Customer,
    Invoice,
    InvoiceLine,
    JournalEntry,
    ParkedCustomer,
    Payment,
    Posting,
    Receivable,
    Subscription,
)
from services import (
    billing_preview,
    billing_run,
    clock,
    corrections,
    customer_status,
    customers,
    drafts,
    paid_credit,
    payment_changes,
    payments,
    products,
    write_offs,
)
from services.actor import SYSTEM
from services.drafts import Position
from services.payments import Receipt
from services.subscriptions import Booking, Order, create_subscription
from services.unit import end_reading
from tests.conftest import fresh_database, settings_for
from tests.faults.power import cut_before
from tests.scenarios.story import ADDRESS, Story

FIRST = (date(2027, 12, 28), date(2028, 1, 31), date(2028, 2, 29), date(2027, 6, 15))
PLANS: tuple[dict[str, Any], ...] = (
    {"number": "MONTH", "unit_price": "10", "interval": "1 month"},
    {"number": "ABO", "unit_price": "9.99", "interval": "1 month", "is_gross": True, "notice": "1 month"},
    {"number": "QUARTER", "unit_price": "49", "interval": "3 months", "is_gross": True},
    {"number": "YEAR", "unit_price": "129", "interval": "1 year", "setup_fee": "20"},
    {"number": "ARREARS", "unit_price": "14.90", "interval": "4 weeks", "in_arrears": True},
    {"number": "WEEK", "unit_price": "0.33", "interval": "1 week", "allow_multiple": True},
    {"number": "TRIAL", "unit_price": "19.90", "interval": "1 month", "trial": "14 days"},
    {"number": "MAGAZINE", "unit_price": "7.90", "interval": "3 months", "is_gross": True, "vat_category": "reduced",
     "supply_kind": "goods"},
)  # fmt: skip
ADDONS: tuple[dict[str, Any], ...] = (
    {"number": "HELMET", "unit_price": "4.50", "kind": "addon"},
    {"number": "HELMET-G", "unit_price": "5", "kind": "addon", "is_gross": True},
)
CUSTOMERS: tuple[dict[str, Any], ...] = (
    {"last_name": "Musterfrau", "customer_type": "consumer"},
    {"organization": "Werk GmbH", "last_name": "Muster", "customer_type": "business"},
    {"organization": "Ölmühle AG", "last_name": "Huber", "customer_type": "business", "country_code": "CH"},
    {"last_name": "Kurz", "customer_type": "consumer", "email": "kurz@example.com", "days_for_payment": 0},
)
_INTERVALS = ("interval", "trial", "notice")
_DECIMALS = ("unit_price", "setup_fee")
picks = st.integers(0, 63)  # which of the rows there are


def open_market(template: str, folder: Path) -> Flask:
    """What every story begins with: products and customers, to be copied for each."""
    app = _ground(template, folder)
    with app.app_context(), clock.stand_at(FIRST[-1]):
        for values in (*PLANS, *ADDONS):
            products.create_product(SYSTEM, {"title": f"Tarif {values['number']}"} | _typed(values))
        for values in CUSTOMERS:
            customers.create_customer(SYSTEM, ADDRESS | values)
        db.session.remove()
        db.engine.dispose()
    return app


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    typed = {name: Interval.parse(text) for name, text in values.items() if name in _INTERVALS}
    return values | typed | {name: Decimal(values[name]) for name in _DECIMALS if name in values}


def _ground(url: str, folder: Path) -> Flask:
    app = Flask("app", root_path=str(ROOT))
    app.config.from_mapping(settings_for(folder, url).flask(), TESTING=True)
    extensions.init_app(app)
    jobs.init_app(app)
    return app


class AnyStory(RuleBasedStateMachine):
    """One story over a copy of the market."""

    def __init__(self, market: str, folder: Path) -> None:
        super().__init__()
        self._folder = Path(mkdtemp(dir=folder))  # one of its own: previews are remembered by the database's address
        self._copy = fresh_database(market, self._folder)
        self._context = _ground(self._copy.__enter__(), self._folder).app_context()
        self._context.push()
        self.story = Story()
        self.day = FIRST[0]
        self.money = 0  # what came in and went out, by this book
        self.cut = 0  # the statement of the next deed before which the power fails

    def teardown(self) -> None:
        try:
            self.check()
        finally:
            db.session.remove()
            db.engine.dispose()
            self._context.pop()
            self._copy.__exit__(None, None, None)
            rmtree(self._folder)

    # --- the days ---

    @initialize(day=st.sampled_from(FIRST), bookings=st.lists(st.tuples(picks, picks), min_size=1, max_size=4),
                days=st.integers(0, 62))  # fmt: skip
    def begin(self, day: date, bookings: Sequence[tuple[int, int]], days: int) -> None:
        """Some contracts, and the runs of up to two months."""
        self.day = day
        self.story.on(day)
        for who, plan in bookings:
            self.subscribe(who, plan, bool(plan % 3), "1", 0)
        self.bill()
        self.runs_are_punctual(days)

    @rule(days=st.sampled_from((1, 1, 3, 7, 14, 28, 31, 92)))
    def time_passes(self, days: int) -> None:
        self.day += timedelta(days)
        self.story.on(self.day)

    @rule(days=st.integers(1, 45))
    def runs_are_punctual(self, days: int) -> None:
        until = self.day + timedelta(days)
        while self.day < until:
            self.day = min(until, max(self.day + timedelta(1), _next_due() or until))
            self.bill()

    @rule()
    def bill(self) -> None:
        """The run does what its preview says, and once."""
        with self._now():
            expected = billing_preview.preview(self.day).counts
            counts = self._do(lambda: billing_run.bill(self.day, SYSTEM).counts)
            if counts is not None:
                assert (counts.issued, counts.failed) == (expected.issued, expected.failed)
            again = billing_run.bill(self.day, SYSTEM).counts.issued
            assert counts is None or again == 0
        unexpected = select(ParkedCustomer.facts).where(ParkedCustomer.code == "unexpected")
        assert db.session.scalars(unexpected).all() == []

    @rule(nth=st.integers(1, 45))
    def power_will_fail(self, nth: int) -> None:
        self.cut = nth

    # --- contracts ---

    @rule(who=picks, plan=picks, addon=st.booleans(), quantity=st.sampled_from(("1", "1", "3", "2.5")),
          ahead=st.integers(-40, 20))  # fmt: skip
    def subscribe(self, who: int, plan: int, addon: bool, quantity: str, ahead: int) -> None:
        chosen = PLANS[plan % len(PLANS)]
        booked = (Booking(ADDONS[bool(chosen.get("is_gross"))]["number"]),) if addon else ()
        self._deed(lambda: create_subscription(SYSTEM, Order(
            customer_id=_pick(Customer.id, who) or 0, plan=Booking(chosen["number"], Decimal(quantity)), addons=booked,
            starts_on=self.day + timedelta(ahead),
        )))  # fmt: skip

    @rule(who=picks, action=st.sampled_from(("block", "deactivate", "activate")))
    def set_status(self, who: int, action: str) -> None:
        self._deed(lambda: customer_status.change_status(SYSTEM, _pick(Customer.id, who) or 0, action))

    # --- invoices ---

    @rule(who=picks, prices=st.lists(st.sampled_from(("0.01", "9.99", "100", "33.333")), min_size=1, max_size=3),
          is_gross=st.booleans())  # fmt: skip
    def one_off(self, who: int, prices: Sequence[str], is_gross: bool) -> None:
        values = {"service_from": self.day, "is_gross": is_gross}
        positions = [Position(f"Leistung {n}", Decimal(price)) for n, price in enumerate(prices)]

        def issue() -> None:
            draft = drafts.create_draft(SYSTEM, _pick(Customer.id, who) or 0, values, positions)
            drafts.issue_draft(SYSTEM, draft)

        self._deed(issue)

    @precondition(lambda self: _pick(Invoice.id, 0))
    @rule(which=picks, again=st.booleans())
    def cancel_invoice(self, which: int, again: bool) -> None:
        self._deed(lambda: corrections.cancel(SYSTEM, _pick(Invoice.id, which) or 0, reason="", bill_again=again))

    @precondition(lambda self: _pick(Invoice.id, 0))
    @rule(which=picks, quantity=st.sampled_from((None, "1", "0.5")), days=st.integers(0, 40), again=st.booleans())
    def correct(self, which: int, quantity: str | None, days: int, again: bool) -> None:
        row = _row(select(InvoiceLine.invoice_id, InvoiceLine.id, InvoiceLine.period_start), which)
        if row is None:
            return
        since = row.period_start + timedelta(days) if days and row.period_start and not quantity else None
        part = Part(row.id, Decimal(quantity) if quantity else None, since)
        self._deed(lambda: corrections.correct(SYSTEM, row.invoice_id, [part], reason="", bill_again=again))

    # --- money ---

    @precondition(lambda self: _pick(Receivable.id, 0))
    @rule(which=picks, percent=st.sampled_from((1, 50, 99, 100, 100, 100, 130)))
    def pay(self, which: int, percent: int) -> None:
        row = _row(select(Receivable.id, Receivable.open_cents, Receivable.currency_code), which)
        paid = Money(max(row.open_cents * percent // 100, 1), row.currency_code)
        receipt = Receipt(paid, surplus=percent > 100)
        self._moved(paid.cents, lambda: payments.receive(SYSTEM, row.id, receipt))

    @rule(who=picks, cents=st.integers(1, 20_000))
    def pay_ahead(self, who: int, cents: int) -> None:
        receipt = Receipt(Money(cents, "EUR"))
        self._moved(cents, lambda: payments.prepay(SYSTEM, _pick(Customer.id, who) or 0, receipt))

    @precondition(lambda self: _pick(Receivable.id, 0))
    @rule(which=picks, all_of_it=st.booleans())
    def write_off(self, which: int, all_of_it: bool) -> None:
        row = _row(select(Receivable.id, Receivable.open_cents, Receivable.currency_code), which)
        part = None if all_of_it else Money(max(row.open_cents // 3, 1), row.currency_code)
        self._deed(lambda: write_offs.write_off(SYSTEM, row.id, "nichts mehr zu holen", part))

    @precondition(lambda self: _pick(Receivable.id, 0))
    @rule(which=picks)
    def use_credit(self, which: int) -> None:
        self._deed(lambda: paid_credit.apply_credit(SYSTEM, _pick(Receivable.id, which) or 0))

    @precondition(lambda self: _pick(Payment.id, 0))
    @rule(which=picks, to=picks)
    def move_payment(self, which: int, to: int) -> None:
        target = _pick(Receivable.invoice_id, to)
        self._deed(lambda: payment_changes.move(SYSTEM, _pick(Payment.id, which) or 0, invoice_id=target, reason="x"))

    @precondition(lambda self: _pick(Payment.id, 0))
    @rule(which=picks)
    def undo_payment(self, which: int) -> None:
        row = _row(select(Payment.id, Payment.kind, Payment.amount_cents), which)
        cents = {"payment": -row.amount_cents, "payout": row.amount_cents}.get(row.kind, 0)
        self._moved(cents, lambda: payment_changes.cancel(SYSTEM, row.id, "vertippt"))

    # --- how a deed is done ---

    def _deed(self, deed: Callable[[], object]) -> None:
        with self._now():
            self._do(deed)

    def _moved(self, cents: int, deed: Callable[[], object]) -> None:
        """A deed that moves money over the own accounts, if it is done."""
        with self._now():
            if self._do(lambda: deed() or True) is not None:
                self.money += cents

    def _do(self, deed: Callable[[], Any]) -> Any:
        """None where the house refused, or the power failed: then the books are proved at once."""
        nth, self.cut = self.cut, 0
        made: list[Any] = []
        try:
            if cut_before(nth, lambda: made.append(deed())):
                db.session.rollback()
                self.check(money_too=False)
        except KontorError:
            return None
        finally:
            end_reading()
        self.money = _money() if nth else self.money
        return made[0] if made and not nth else None

    def _now(self) -> Any:
        return clock.stand_at(self.day)

    def check(self, *, money_too: bool = True) -> None:
        """L1 to L7 over the whole database, and the cents of this book."""
        assert self.story.check_books() == []
        assert not money_too or _money() == self.money


def _next_due() -> date | None:
    end_reading()
    return db.session.scalar(select(func.min(Subscription.next_billing_on)))


def _pick(column: Any, which: int) -> int | None:
    """One of the rows there are; None without any."""
    row = _row(select(column), which)
    return int(row[0]) if row and row[0] is not None else None


def _row(query: Any, which: int) -> Any:
    end_reading()
    rows = db.session.execute(query.order_by(*query.selected_columns[:1])).all()
    end_reading()
    return rows[which % len(rows)] if rows else None


def _money() -> int:
    """What lies on the own accounts."""
    end_reading()
    own = select(func.coalesce(func.sum(Posting.amount_cents), 0)).where(Posting.account.in_(("bank", "cash")))
    found = int(db.session.scalar(own.join(JournalEntry, JournalEntry.id == Posting.entry_id)) or 0)
    end_reading()
    return found
