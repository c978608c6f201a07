"""The words in which the scenarios are told: diaries of days, deeds and runs over the real services.

story.on("2027-01-31").subscribe("9.90")
story.bill_until("2028-03-31")
assert [bill.issued_on for bill in story.invoices()] == [...]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from billing.money import Money
from billing.periods import Interval
from extensions import db
from models import Invoice, InvoiceLine, InvoiceTaxLine, Receivable, Subscription
from services import (
    billing_run,
    checks,
    clock,
    corrections,
    customer_status,
    drafts,
    dunning_run,
    paid_credit,
    payment_changes,
    payments,
    sealing,
    write_offs,
)
from services.actor import SYSTEM
from services.corrections import Part
from services.customers import create_customer
from services.drafts import Position
from services.findings import Finding
from services.payments import Receipt
from services.products import create_product
from services.run_counts import Counts
from services.shipments import Delivery, create_shipment
from services.subscriptions import Booking, Order, create_subscription
from services.unit import end_reading
from tests.scenarios.contract_words import ContractWords
from tests.services.reminding import mails_leave

ADDRESS = {"address": "Lindenallee 1", "zipcode": "20095", "city": "Hamburg"}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """A position as it was issued; `part` is (days, of days) of a part period. Sold once, it may have no period."""

    contract: int
    title: str
    start: date | None
    end: date | None
    net: int
    tax: int
    gross: int
    part: tuple[int, int] | None

    @property
    def period(self) -> str:
        """As the paper prints it: the last day counts."""
        return f"{self.start} - {self.end - _DAY}" if self.end else ""


@dataclass(frozen=True, slots=True)
class Bill:
    """An issued invoice or its correction; amounts in cents, negative where they are taken back."""

    id: int
    kind: str
    number: str
    customer: int
    issued_on: date
    due_on: date
    currency: str
    net: int
    tax: int
    gross: int
    taxes: tuple[tuple[str, str, int], ...]  # category, percent, VAT
    lines: tuple[Line, ...]

    @property
    def content(self) -> tuple[Any, ...]:
        """What was billed, whoever it was and whenever it was issued. Every contract has a product of its own."""
        lines = tuple(replace(line, contract=0, title="") for line in self.lines)
        return self.currency, self.net, self.tax, self.gross, self.taxes, lines


class Story:
    """One diary in one database. The clock stands where the diary is."""

    def __init__(self) -> None:
        self.first: datetime | None = None
        self.last: datetime | None = None
        self._products = 0

    def on(self, day: str | date) -> Moment:
        """That day, at noon in Berlin."""
        day = date.fromisoformat(day) if isinstance(day, str) else day
        return self.at(datetime.combine(day, datetime.min.time(), clock.BERLIN) + timedelta(hours=12))

    def at(self, moment: str | datetime) -> Moment:
        """That instant, with its offset: "2027-06-30T22:30+00:00"."""
        moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        self.first = min(self.first or moment, moment)
        self.last = max(self.last or moment, moment)
        return Moment(self, moment)

    def bill_until(self, day: str) -> list[date]:
        """A punctual run on every day on which something is due, up to and including that day; gives the days."""
        until, days = date.fromisoformat(day), list[date]()
        while (due := _next_due()) is not None and due <= until:
            assert not days or due > days[-1], f"the run of {due} left its contract due"
            days.append(due)
            self.on(due).run()
        self.on(until)
        return days

    def dun_between(self, first: str, last: str) -> dict[str, list[int]]:
        """A dunning run every morning, both days included; the days on which levels were taken, with them."""
        start, end = date.fromisoformat(first), date.fromisoformat(last)
        days = [start + _DAY * n for n in range((end - start).days + 1)]
        return {day.isoformat(): taken for day in days if (taken := self.on(day).dun())}

    def invoices(self, customer: int | None = None) -> list[Bill]:
        """What was issued so far, in the order of numbers."""
        end_reading()
        query = select(Invoice).where(Invoice.kind == "invoice", Invoice.issued_at.is_not(None))
        query = query.order_by(Invoice.number_year, Invoice.number_value)
        rows = db.session.scalars(query if customer is None else query.where(Invoice.customer_id == customer))
        return [_bill(row) for row in rows.all()]

    def corrections(self) -> list[Bill]:
        """Cancellations and corrections, in the order in which they were issued."""
        end_reading()
        return [
            _bill(row)
            for row in db.session.scalars(select(Invoice).where(Invoice.kind != "invoice").order_by(Invoice.id)).all()
        ]

    def lines(self, contract: int) -> list[Line]:
        """What one contract was billed, in the order it was issued."""
        return [line for bill in self.invoices() for line in bill.lines if line.contract == contract]

    def check_books(self) -> list[Finding]:
        """The invariants of the whole database, once everything is sealed. Papers wait: no worker is in a diary."""
        if self.first is None or self.last is None:
            return []
        with clock.stand_at(self.last):
            sealing.seal()
        with clock.stand_at(self.first):
            books = checks.check_books()
        assert books.ok == (not books.findings)
        return [Finding(**found) for found in books.findings]

    def next_product(self) -> str:
        self._products += 1
        return f"S-{self._products}"


class Moment(ContractWords):
    """An instant of the diary, and what is done in it."""

    def __init__(self, story: Story, at: datetime) -> None:
        self.story, self.instant = story, at

    @contextmanager
    def _now(self) -> Iterator[None]:
        with clock.stand_at(self.instant):
            yield

    def customer(self, name: str = "Musterfrau", **values: Any) -> int:
        """A new customer with an address in Hamburg."""
        with self._now():
            return create_customer(SYSTEM, {"last_name": name, **ADDRESS, **values})

    def subscribe(
        self,
        price: str,
        every: str = "1 month",
        *,
        customer: int | None = None,
        starts: str | None = None,
        next_event: str | None = None,
        ends: str | None = None,
        quantity: str = "1",
        currency: str = "EUR",
        addons: Sequence[str] = (),
        trial: str | None = None,
        **product: Any,
    ) -> int:
        """Conclude a contract on a product of its own; gives its id. `addons` are prices of add-ons booked with it."""
        with self._now():
            plan = self._product(price, interval=Interval.parse(every), currency=currency, trial=trial, **product)
            further = [self._product(each, kind="addon", currency=currency, **product) for each in addons]
            return create_subscription(
                SYSTEM,
                Order(
                    customer_id=customer or self.customer(),
                    plan=Booking(plan, Decimal(quantity)),
                    addons=tuple(Booking(number) for number in further),
                    starts_on=_day(starts),
                    next_event=_day(next_event),
                    ends_on=_day(ends),
                ),
            )

    def run(self, on: str | None = None) -> Counts:
        """The billing run of today, as `./kontor bill` and the timetable start it; or of another day."""
        with self._now():
            return billing_run.bill(_day(on) or clock.today(), SYSTEM).counts

    def one_off(self, *prices: str, customer: int | None = None, **values: Any) -> str:
        """Issue a one-off invoice with a line for each price, supplied today; gives its number."""
        with self._now():
            given = {"service_from": clock.today(), "is_gross": False, **values}
            positions = [Position(f"Leistung {n}", Decimal(price)) for n, price in enumerate(prices, 1)]
            draft = drafts.create_draft(SYSTEM, customer or self.customer(), given, positions)
            return drafts.issue_draft(SYSTEM, draft)

    def cancel_invoice(self, number: str, *, bill_again: bool = False) -> str:
        """Issue the Stornorechnung of what is left of an invoice; gives its number."""
        with self._now():
            made = corrections.cancel(SYSTEM, _id_of(number), reason="", bill_again=bill_again)
            return _number_of(made)

    def correct(
        self,
        number: str,
        line: int,
        quantity: str | None = None,
        *,
        unserved_from: str | None = None,
        bill_again: bool = False,
    ) -> str:
        """Issue a Rechnungskorrektur of one line (counted from 1): a quantity, the days from one on, or all of it."""
        with self._now():
            query = select(InvoiceLine.id).where(InvoiceLine.invoice_id == _id_of(number), InvoiceLine.position == line)
            part = Part(db.session.scalars(query).one(), Decimal(quantity) if quantity else None, _day(unserved_from))
            end_reading()
            made = corrections.correct(SYSTEM, _id_of(number), [part], reason="", bill_again=bill_again)
            return _number_of(made)

    def set_status(self, customer: int, action: str) -> None:
        """block, deactivate or activate."""
        with self._now():
            customer_status.change_status(SYSTEM, customer, action)

    def pay(self, number: str, euros: str | None = None, **words: Any) -> int:
        """Money comes for the invoice of that number, all that is open unless an amount is named; gives the payment."""
        with self._now():
            row = _owed(number)
            paid = Money(row.open_cents if euros is None else _cents(euros), row.currency_code)
            return payments.receive(SYSTEM, row.id, Receipt(paid, clock.today(), surplus=True, **words)).payment_id

    def pay_beside(self, number: str) -> list[int]:
        """Money comes for the fees and interest that reminders of that invoice added; gives the cents."""
        with self._now():
            query = select(Receivable).where(Receivable.parent_id == _owed(number).id, Receivable.open_cents > 0)
            owed = [(row.id, row.open_cents, row.currency_code) for row in db.session.scalars(query)]
            end_reading()
            for key, cents, currency in owed:
                payments.record_payment(SYSTEM, key, Money(cents, currency))
            return [cents for _, cents, _ in owed]

    def pay_too_much(self, number: str, extra: str) -> int:
        """What is open and so much more, which becomes paid credit."""
        with self._now():
            row = _owed(number)
            paid = Money(max(row.open_cents, 0) + _cents(extra), row.currency_code)
            return payments.receive(SYSTEM, row.id, Receipt(paid, clock.today(), surplus=True)).payment_id

    def pay_ahead(self, customer: int, euros: str) -> int:
        """Money without an invoice."""
        with self._now():
            return payments.prepay(SYSTEM, customer, Receipt(Money(_cents(euros), "EUR"), clock.today()))

    def use_credit(self, number: str) -> int:
        """The customer's paid credit settles what it can of an invoice."""
        with self._now():
            return paid_credit.apply_credit(SYSTEM, _owed(number).id)

    def pay_out(self, customer: int, euros: str) -> int:
        """Paid credit is given back."""
        with self._now():
            return paid_credit.pay_out(SYSTEM, customer, Money(_cents(euros), "EUR"))

    def cancel_payment(self, payment: int, reason: str = "typed wrongly") -> int:
        """Undo a payment, a write-off, credit used or paid out."""
        with self._now():
            return payment_changes.cancel(SYSTEM, payment, reason)

    def move_payment(self, payment: int, to: str) -> int:
        """It belongs to the invoice of that number; gives the payment that stands there now."""
        with self._now():
            return payment_changes.move(SYSTEM, payment, invoice_id=_owed(to).invoice_id)

    def write_off(self, number: str, reason: str = "insolvent") -> int:
        """Give up what is open of an invoice."""
        with self._now():
            return write_offs.write_off(SYSTEM, _owed(number).id, reason)

    def dun(self) -> list[int]:
        """The dunning run of today, as `./kontor dun` and the timetable start it; the levels that it took."""
        with self._now():
            taken = [level for _, level in dunning_run.dun(clock.today(), SYSTEM).done.reminded]
            mails_leave(clock.today())
            return taken

    def ship(self, contract: int, **values: Any) -> int:
        """Send what the contract serves today; gives the shipment."""
        with self._now():
            return create_shipment(SYSTEM, Delivery(subscription_id=contract, **values))

    def _product(self, price: str, *, currency: str, trial: str | None = None, **values: Any) -> str:
        number = self.story.next_product()
        given = {"number": number, "title": f"Tarif {number}", "unit_price": Decimal(price), "currency_code": currency}
        if trial:
            given["trial"] = Interval.parse(trial)
        create_product(SYSTEM, given | values)
        return number


def _next_due() -> date | None:
    end_reading()
    return db.session.scalar(select(func.min(Subscription.next_billing_on)))


def _bill(row: Invoice) -> Bill:
    lines = select(InvoiceLine).where(InvoiceLine.invoice_id == row.id).order_by(InvoiceLine.position)
    taxes = select(InvoiceTaxLine).where(InvoiceTaxLine.invoice_id == row.id).order_by(InvoiceTaxLine.id)
    assert row.number and row.issued_on and row.due_on
    return Bill(
        row.id,
        row.kind,
        row.number,
        row.customer_id,
        row.issued_on,
        row.due_on,
        row.currency_code,
        row.net_cents,
        row.tax_cents,
        row.gross_cents,
        tuple((tax.vat_category, str(tax.vat_percent), tax.tax_cents) for tax in db.session.scalars(taxes)),
        tuple(_line(line) for line in db.session.scalars(lines)),
    )


def _line(row: InvoiceLine) -> Line:
    part = None if row.days is None else (row.days, row.of_days or 0)
    return Line(
        row.subscription_id or 0, row.title, row.period_start, row.period_end, row.net_cents, row.tax_cents,
        row.gross_cents, part,
    )  # fmt: skip


def _id_of(number: str) -> int:
    end_reading()
    return db.session.scalars(select(Invoice.id).where(Invoice.number == number)).one()


def _number_of(invoice_id: int) -> str:
    end_reading()
    return db.session.scalars(select(Invoice.number).where(Invoice.id == invoice_id)).one() or ""


def _owed(number: str) -> Receivable:
    query = select(Receivable).join(Invoice, Invoice.id == Receivable.invoice_id).where(Invoice.number == number)
    end_reading()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _cents(euros: str) -> int:
    return int(Decimal(euros) * 100)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
