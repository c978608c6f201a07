"""The furnished house in which every deed is done once, and what a deed is here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import func, select, update

from billing.money import Money
from extensions import db
from models import Company, Customer, Invoice, Message, Paper, Payment, Receivable, StaffToken
from services import (
    api_keys,
    clock,
    contract_changes,
    contract_ends,
    contract_pauses,
    contract_switch,
    coupons,
    credit,
    customer_access,
    customer_logins,
    customers,
    documents,
    drafts,
    message_templates,
    messages,
    notes,
    payments,
    product_prices,
    roles,
    shipments,
    staff,
    usage,
)
from services.actor import SYSTEM, Actor
from services.draft_lines import Position
from services.payments import Receipt
from services.subscriptions import Booking, Order, create_subscription
from services.unit import end_reading, write
from tests.services import shop

TODAY = date(2026, 11, 22)
PASSWORD, OTHER_PASSWORD = "ein langer alter Satz", "ein langer neuer Satz"
PORTAL = "portal@kundin.example"
IBAN = "DE02120300000000202051"
WORDING = {"name": "Rückruf", "language_code": "de", "subject": "Rückruf", "body": "Guten Tag"}


@dataclass
class World:
    """What the deeds are done with: ids."""

    actor: Actor = SYSTEM
    customer: int = 0
    other: int = 0
    contracts: dict[str, int] = field(default_factory=dict)
    more: dict[str, int] = field(default_factory=dict)

    def first(self, column: Any, *where: Any) -> Any:
        return db.session.scalars(select(column).where(*where).order_by(column).limit(1)).one()

    def last(self, column: Any, *where: Any) -> Any:
        return db.session.scalars(select(column).where(*where).order_by(column.desc()).limit(1)).one()

    @property
    def open_invoice(self) -> int:
        """The newest one, wholly open."""
        open_ones = select(Receivable.invoice_id).where(Receivable.open_cents == Receivable.amount_cents)
        whole = (Invoice.kind == "invoice", Invoice.id.in_(open_ones.where(Receivable.open_cents > 0)))
        return int(self.last(Invoice.id, Invoice.customer_id == self.customer, *whole))

    @property
    def receivable(self) -> int:
        return int(self.first(Receivable.id, Receivable.invoice_id == self.open_invoice))

    @property
    def draft(self) -> int:
        return int(self.first(Invoice.id, Invoice.status == "draft"))

    @property
    def payment(self) -> int:
        return int(self.first(Payment.id, Payment.kind == "payment", Payment.receivable_id.is_not(None)))

    @property
    def paper(self) -> int:
        return int(self.first(Paper.id, Paper.invoice_id == self.open_invoice))


class Deed(NamedTuple):
    """`of`: whose activity it is (a name of World.more, "customer", or None for the house); `by`: who did it."""

    do: Callable[[World], Any]
    code: str
    of: str | None = "customer"
    by: str = "actor"


def furnish() -> World:
    """Everything that a deed may need, as it stands today."""
    shop.stock()
    made = World()
    _hire(made)
    made.customer = shop.somebody("Öztürk", email="alt@kundin.example", bank_iban=IBAN, salutation="mrs", tags="Messe")
    made.other = shop.somebody("Später", payment_type=1)
    with clock.stand_at(date(2026, 9, 1)):
        coupons.create_coupon(SYSTEM, {"code": "SOMMER", "kind": "percent", "percent": Decimal(20), "lasts": "ever"})
        coupons.create_coupon(SYSTEM, {"code": "NEU", "kind": "amount", "amount_cents": 100, "currency_code": "EUR"})
        made.contracts["plain"] = _contract(made.customer, coupon="SOMMER")
    for name in ("cancelled", "paused", "off", "planned", "old", "usage"):
        made.contracts[name] = _contract(made.customer)
    shop.bill("2026-09-01")
    shop.bill("2026-11-01")
    made.more["login"] = customer_logins.invite(made.actor, made.customer, PORTAL).login_id
    customer_logins.set_password(made.actor, made.more["login"], PASSWORD)
    enter()
    _unsettle(made)
    _write(made)
    return made


def _hire(made: World) -> None:
    staff.add_staff(SYSTEM, "jule@example.com", role="Inhaber", name="Jule Petersen", password=PASSWORD)
    staff.add_staff(SYSTEM, "anna@example.com", role="Support", name="Anna", password=PASSWORD)
    end_reading()
    jule, anna = staff.by_email("jule@example.com"), staff.by_email("anna@example.com")
    assert jule and anna
    made.actor, made.more["anna"] = Actor("staff", jule.id, "Jule Petersen"), anna.id
    for email in ("jule@example.com", "anna@example.com"):
        staff.log_in(email, PASSWORD, address="", agent="")
    made.more["role"] = roles.save_role(
        SYSTEM, None, name="Aushilfe", description="", is_enabled=True, permissions={"customers.read"}
    )
    api_keys.add_api_key(SYSTEM, "jule@example.com", name="Shop")


def _contract(customer: int, **order: Any) -> int:
    return create_subscription(SYSTEM, Order(customer, Booking("plan"), starts_on=date(2026, 9, 1), **order))


def _unsettle(made: World) -> None:
    """Contracts in each state, money on its way, things gone wrong."""
    contracts, who = made.contracts, made.actor
    contract_ends.cancel(who, contracts["cancelled"])
    contract_pauses.pause(who, contracts["paused"])
    contract_switch.deactivate(who, contracts["off"])
    contract_changes.change(who, contracts["planned"], contract_changes.Change(quantity=Decimal(2), at_period_end=True))
    first = made.first(Receivable.id, Receivable.customer_id == made.customer)
    payments.record_payment(who, first, Money(500, "EUR"))
    payments.prepay(who, made.customer, Receipt(Money(5000, "EUR")))
    made.more["grant"] = credit.grant_credit(who, made.customer, Money(1000, "EUR"), "Kulanz")
    usage.record_usage(who, usage.Used(contracts["usage"], "minute", Decimal(3)))
    abroad = {"organization": "Radhaus Wien", "country_code": "AT", "vat_id": "ATU13585627", "city": "Wien",
              "customer_type": "business", "address": "Neubaugasse 64", "zipcode": "1070"}  # fmt: skip
    made.more["abroad"] = customers.create_customer(SYSTEM, abroad)
    nameless = shop.somebody("Ohne")
    _contract(nameless)
    with write() as session:
        session.execute(update(Customer).where(Customer.id == nameless).values(last_name=""))
        session.execute(update(Company).values(report_email="chefin@radwerk.example"))
    shop.bill("2026-11-02")
    customers.update_customer(SYSTEM, nameless, {"last_name": "Neumann"})
    made.more["nameless"] = nameless


def enter() -> customer_access.Entered:
    """The customer at the portal's door."""
    return customer_access.log_in(PORTAL, PASSWORD, address="", agent="")


def _write(made: World) -> None:
    """Words and papers: a draft, a note, a shipment, mails and papers that failed or wait."""
    who = made.actor
    made.more["draft"] = drafts.create_draft(
        who, made.customer, {"service_from": TODAY, "service_last": TODAY}, [Position("Beratung", Decimal(90))]
    )
    made.more["note"] = notes.add_note(who, made.customer, notes.Words("call", TODAY, "Ruft zurück."))
    made.more["document"] = documents.keep_document(who, made.customer, "Vertrag.txt", b"Wir vereinbaren:")
    made.more["template"] = message_templates.create_template(who, WORDING)
    made.more["shipment"] = shipments.create_shipment(who, shipments.Delivery(made.contracts["plain"]))
    product_prices.set_price(who, shop.product_id("plan"), "CHF", Decimal(11), Decimal(0))
    for name in ("waits", "failed"):
        found = messages.order(name, "invoice", "alt@kundin.example", customer_id=made.customer,
                               invoice_id=made.open_invoice)  # fmt: skip
        assert found
        made.more[name] = found
    with write() as session:
        broken = {"state": "failed", "error": "mail_refused (554)"}
        session.execute(update(Message).where(Message.id == made.more["failed"]).values(**broken))
        session.execute(update(Paper).where(Paper.id == made.paper).values(state="failed", error="broken_logo"))
    end_reading()


def newest_customer() -> int:
    return int(db.session.scalars(select(func.max(Customer.id))).one())


def tokens() -> int:
    return int(db.session.scalar(select(func.count()).select_from(StaffToken)) or 0)
