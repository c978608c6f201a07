"""How the cases of demo_cases.py are done: each by the service that staff use, on its day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from billing.corrections import Part
from billing.money import Money
from extensions import db
from models import Customer, Invoice, InvoiceLine, Receivable, Subscription
from services import (
    clock,
    contract_changes,
    contract_ends,
    contract_pauses,
    corrections,
    coupons,
    credit,
    customer_messages,
    documents,
    drafts,
    merge,
    message_templates,
    payments,
    redemptions,
    shipments,
    usage,
    write_offs,
)
from services.actor import Actor
from services.bookings import Booking
from services.contract_changes import Change
from services.customers import create_customer, find_survivor
from services.demo_cases import COUPONS, TEMPLATES, Case
from services.demo_days import Day
from services.demo_dunning import DunningDeeds
from services.demo_logo import draw_logo
from services.demo_payments import PaymentDeeds
from services.drafts import Position
from services.payments import Receipt
from services.shipments import Delivery
from services.usage import Used

CASH_DISCOUNT = {"cash_discount_percent": Decimal(2), "cash_discount_days": 7}
_Lines = Sequence[tuple[str, Decimal, Decimal, str, str, int]]


@dataclass(frozen=True, slots=True)
class Deeds(PaymentDeeds, DunningDeeds):
    """`support` looks after contracts, `books` after invoices and money; `today` is the demo's own."""

    support: Actor
    books: Actor
    today: date

    def do(self, case: Case, customer_id: int) -> None:
        """Do the case for that customer."""
        deed: Callable[..., None] = getattr(self, case.deed)
        deed(customer_id, **case.facts)

    def issue_coupons(self) -> None:
        for values in COUPONS:
            coupons.create_coupon(self.support, values)

    def come_again(self, customer_id: int, **values: Any) -> None:
        """A second record with the same address for mails."""
        email = db.session.scalars(select(Customer.email).where(Customer.id == customer_id)).one()
        create_customer(self.support, {"email": email, "customer_type": "consumer", **values})

    def merge_twin(self, customer_id: int, choices: Mapping[str, str]) -> None:
        email = select(Customer.email).where(Customer.id == customer_id).scalar_subquery()
        twin = select(Customer.id).where(Customer.email == email, Customer.id != customer_id)
        merge.merge(self.support, customer_id, db.session.scalars(twin).one(), choices)

    def keep_templates(self) -> None:
        for name, subject, body in TEMPLATES:
            values = {"name": name, "language_code": "de", "subject": subject, "body": body}
            message_templates.create_template(self.support, values)

    def keep(self, customer_id: int, name: str, title: str = "", text: str = "") -> None:
        content = text.encode() or draw_logo()
        documents.keep_document(self.support, customer_id, name, content, documents.Labels(title))

    def write(self, customer_id: int, subject: str, text: str) -> None:
        to = customer_messages.addresses_of(find_survivor(db.session(), customer_id))[:1]
        wish = customer_messages.Wish(tuple(to), customer_messages.Words(subject, text))
        customer_messages.send_message(self.support, customer_id, wish, f"{customer_id:016x}")

    def pause(self, customer_id: int, n: int = 0) -> None:
        contract_pauses.pause(self.support, _contract(customer_id, n))

    def resume(self, customer_id: int, n: int = 0) -> None:
        contract_pauses.resume(self.support, _contract(customer_id, n))

    def change(
        self,
        customer_id: int,
        n: int = 0,
        article: str = "",
        quantity: Decimal | None = None,
        at_period_end: bool = False,
    ) -> None:
        wanted = Change(Booking(article) if article else None, quantity, at_period_end=at_period_end)
        contract_changes.change(self.support, _contract(customer_id, n), wanted)

    def cancel(
        self, customer_id: int, note: str, n: int = 0, ends: Day | None = None, at_once: bool = False
    ) -> None:  # fmt: skip
        day = ends.on(self.today) if ends else None
        contract_ends.cancel(self.support, _contract(customer_id, n), day, note, extraordinary=at_once)

    def withdraw(self, customer_id: int, n: int = 0) -> None:
        contract_ends.withdraw_cancellation(self.support, _contract(customer_id, n))

    def use(self, customer_id: int, article: str, quantity: Decimal, n: int = 0) -> None:
        usage.record_usage(self.support, Used(_contract(customer_id, n), article, quantity))

    def redeem(self, customer_id: int, code: str, n: int = 0) -> None:
        redemptions.redeem(self.support, _contract(customer_id, n), code)

    def grant(self, customer_id: int, cents: int, reason: str) -> None:
        credit.grant_credit(self.support, customer_id, Money(cents, "EUR"), reason)

    def sell(self, customer_id: int, **order: Any) -> None:
        drafts.issue_draft(self.books, self._drafted(customer_id, **order))

    def draft(self, customer_id: int, **order: Any) -> None:
        self._drafted(customer_id, **order)

    def _drafted(
        self,
        customer_id: int,
        title: str = "",
        lines: _Lines = (),
        articles: Sequence[str] = (),
        currency: str = "EUR",
        is_gross: bool = False,
        cash_discount: bool = False,
    ) -> int:
        positions = [Position(article_number=number) for number in articles] + [
            Position(text, price, quantity, supply_kind=kind, vat_category=rate, discount_percent=Decimal(discount))
            for text, quantity, price, kind, rate, discount in lines
        ]
        values = {"title": title, "service_from": clock.today(), "currency_code": currency, "is_gross": is_gross}
        more = CASH_DISCOUNT if cash_discount else {}
        return drafts.create_draft(self.books, customer_id, values | more, positions)

    def storno(self, customer_id: int, reason: str, again: bool = False) -> None:
        corrections.cancel(self.books, _latest(customer_id), reason=reason, bill_again=again)

    def correct(self, customer_id: int, reason: str, quantity: Decimal) -> None:
        invoice_id = _latest(customer_id)
        first = select(InvoiceLine.id).where(InvoiceLine.invoice_id == invoice_id).order_by(InvoiceLine.position)
        part = Part(db.session.scalars(first.limit(1)).one(), quantity)
        corrections.correct(self.books, invoice_id, [part], reason=reason)

    def overpay(self, customer_id: int, cents: int) -> None:
        """Their oldest open invoice, rounded up generously."""
        row = _open(customer_id)
        paid = Money(row.open_cents + cents, row.currency_code)
        payments.receive(self.books, row.id, Receipt(paid, surplus=True))

    def pay_in_time(self, customer_id: int) -> None:
        """What is asked of the newest invoice within the days of its cash discount."""
        row = _open(customer_id, newest=True)
        asked = Money(row.open_cents, row.currency_code).split((2, 98))[1]
        payments.receive(self.books, row.id, Receipt(asked))

    def prepay(self, customer_id: int, cents: int) -> None:
        payments.prepay(self.books, customer_id, Receipt(Money(cents, "EUR")))

    def write_off(self, customer_id: int, reason: str) -> None:
        write_offs.write_off(self.books, _open(customer_id).id, reason)

    def ship(self, customer_id: int, carrier: str, tracking: str, n: int = 0) -> None:
        parcel = Delivery(_contract(customer_id, n), carrier=carrier, tracking_number=tracking)
        shipments.create_shipment(self.support, parcel)


def _contract(customer_id: int, n: int) -> int:
    query = select(Subscription.id).where(Subscription.customer_id == customer_id).order_by(Subscription.id)
    return int(db.session.scalars(query.offset(n).limit(1)).one())


def _latest(customer_id: int) -> int:
    """Their newest invoice."""
    mine = (Invoice.customer_id == customer_id, Invoice.kind == "invoice", Invoice.issued_at.is_not(None))
    return int(db.session.scalars(select(Invoice.id).where(*mine).order_by(Invoice.id.desc()).limit(1)).one())


def _open(customer_id: int, *, newest: bool = False) -> Receivable:
    query = select(Receivable).where(Receivable.customer_id == customer_id, Receivable.open_cents > 0)
    order = Receivable.id.desc() if newest else Receivable.id
    return db.session.scalars(query.order_by(order).limit(1)).one()
