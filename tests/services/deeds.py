"""Every deed of the house, once: what it is done with, and the activity that it must leave (P-09, GOB-2).

tests/services/test_every_deed.py does them all in the world below and reads the code for those that are missing. Who
adds a service that writes adds a line to DEEDS, or to WITHOUT with the reason why nobody has to be told.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pyotp
from PIL import Image
from sqlalchemy import func, select, update

from billing.instalments import monthly
from billing.money import Money
from billing.periods import Interval, Unit
from documents.bank_csv import Layout
from extensions import db
from gateways.sandbox import SandboxGateway
from models import (
    BankLine,
    Collection,
    Company,
    Coupon,
    CouponRedemption,
    CreditGrant,
    Customer,
    CustomerCode,
    CustomerSession,
    Debit,
    Invoice,
    InvoiceLine,
    Mandate,
    Message,
    NumberRange,
    Paper,
    ParkedCustomer,
    Payment,
    PaymentAttempt,
    PaymentMethod,
    Receivable,
    Refund,
    Reminder,
    Role,
    Run,
    StaffSession,
    StaffToken,
    Tag,
    UsageRecord,
    VatRate,
)
from services import (
    accountdata,
    api_keys,
    attempt_decisions,
    attempts,
    bank_facts,
    bank_import,
    bank_layouts,
    bank_matching,
    bank_orders,
    base_rates,
    billing_run,
    card_booking,
    chargebacks,
    charging,
    clock,
    clock_moves,
    company,
    contract_changes,
    contract_days,
    contract_ends,
    contract_pauses,
    contract_plans,
    contract_rhythm,
    contract_switch,
    corrections,
    coupons,
    credit,
    customer_access,
    customer_edits,
    customer_erasure,
    customer_exports,
    customer_holds,
    customer_logins,
    customer_messages,
    customer_status,
    customer_tags,
    customer_welcome,
    customers,
    debit_returns,
    debits,
    documents,
    drafts,
    dunning,
    dunning_holds,
    dunning_level_edits,
    dunning_run,
    dunning_settings,
    dunning_stops,
    einvoices,
    exports,
    instalments,
    invoice_mails,
    logo,
    mandates,
    merge,
    message_templates,
    messages,
    method_days,
    method_removal,
    method_setups,
    notes,
    number_ranges,
    outbox,
    paid_credit,
    papers,
    parked,
    payment_changes,
    payment_files,
    payment_methods,
    payment_settings,
    payment_wishes,
    payments,
    product_prices,
    products,
    providers,
    purge,
    redemptions,
    refund_calls,
    refunds,
    reminder_papers,
    reports,
    reveal,
    roles,
    second_factor,
    shipments,
    staff,
    staff_access,
    staff_invitation,
    staff_sessions,
    staff_tokens,
    tags,
    texts,
    usage,
    vat_checks,
    vat_settings,
    write_offs,
)
from services.actor import SYSTEM, Actor
from services.code_digits import code_of
from services.customer_login_keys import LINKS
from services.draft_lines import Position
from services.dunning_levels import LevelWish
from services.payment_rows import credit_of
from services.payment_settings import change_payment_settings
from services.payments import Receipt
from services.subscriptions import Booking, Order, create_subscription
from services.unit import end_reading, write
from tests.documents.statements import Entry, Part, camt, paid_in
from tests.services import shop
from tests.services.charged import keep_card

TODAY = date(2026, 11, 22)
PASSWORD, OTHER_PASSWORD = "ein langer alter Satz", "ein langer neuer Satz"
PORTAL = "portal@kundin.example"
IBAN = "DE02120300000000202051"
TEXT = ("paper", "payment_transfer", "de")


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
    _enter()
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


def _enter() -> customer_access.Entered:
    """The customer at the portal's door."""
    return customer_access.log_in(PORTAL, PASSWORD, address="", agent="")


WORDING = {"name": "Rückruf", "language_code": "de", "subject": "Rückruf", "body": "Guten Tag"}


def letter_to(made: World) -> customer_messages.Wish:
    """To the first address that the record knows."""
    to = customer_messages.addresses_of(db.session.get_one(Customer, made.customer))[:1]
    return customer_messages.Wish(tuple(to), customer_messages.Words("Betreff", "Guten Tag"))


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


def _wish(w: World) -> None:
    """The customer's own page: another address, which waits for a code."""
    row = db.session.get_one(Customer, w.customer)
    accountdata.change(w.customer, {"email": "neu@kundin.example"}, seen=row.version)


def _confirm(w: World) -> None:
    _wish(w)
    accountdata.confirm(w.customer, code_of(db.session.get_one(CustomerCode, w.last(CustomerCode.id))))


def _guess(w: World) -> None:
    _wish(w)
    right = code_of(db.session.get_one(CustomerCode, w.last(CustomerCode.id)))
    for _ in range(5):
        accountdata.confirm(w.customer, f"{(int(right) + 1) % 1_000_000:06d}")


def _deliver(w: World) -> None:
    """By itself: the outbox of a house without a mail server keeps it readable. A mail without papers, to be quick."""
    found = messages.order("deliver", "customer_changed", "alt@kundin.example", customer_id=w.customer,
                           facts={"customer_id": w.customer, "fields": ["email"], "on": TODAY.isoformat()})  # fmt: skip
    assert found
    messages.send(found)


def _session_of(staff_id: int) -> int:
    return int(db.session.scalars(select(func.max(StaffSession.id)).where(StaffSession.staff_id == staff_id)).one())


class _Phone:
    """Anna's phone."""

    def __init__(self, w: World) -> None:
        self.id = w.more["anna"]
        self.actor = Actor("staff", self.id, "Anna")
        second_factor.begin(self.actor, self.id)
        made = second_factor.setup(self.id)
        assert made
        self.secret = made.secret

    def code(self, off: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(clock.instant() + timedelta(seconds=30 * off))

    def switch_on(self) -> _Phone:
        self.codes = second_factor.confirm(self.actor, self.id, _session_of(self.id), self.code()).codes
        return self


def _two_lines(w: World) -> int:
    """A line of a draft that has another one."""
    drafts.update_draft(w.actor, w.draft, {}, [Position("Mehr", Decimal(5))], append=True)
    return int(w.last(InvoiceLine.id, InvoiceLine.invoice_id == w.draft))


def _link(w: World) -> str:
    """The token in the mail about a new password."""
    made = staff_tokens.make(w.more["anna"], "reset")
    return made.token


def _picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (300, 80), (11, 107, 98)).save(made, "PNG")
    return made.getvalue()


def _digest(_w: World) -> str:
    return texts.wording(*TEXT).digest


def _save_text(w: World) -> None:
    texts.save(w.actor, *TEXT, subject="", body="Zahlen Sie {{ invoice.amount }}.", seen=_digest(w))


def _change_range(w: World) -> None:
    row = db.session.scalars(select(NumberRange).where(NumberRange.code == "customer")).one()
    number_ranges.change_range(w.actor, row.id, pattern="K-{N:6}", yearly=row.yearly, first_value=row.first_value)


def _close(w: World) -> None:
    """The day after a contract's last one, everything billed."""
    contract_ends.cancel(w.actor, w.contracts["old"])
    with clock.stand_at(date(2027, 3, 1)):
        billing_run.bill(clock.today(), SYSTEM)
        contract_days.follow(w.contracts["old"])


def _reset_staff(w: World) -> None:
    second_factor.reset(w.actor, _Phone(w).switch_on().id)


def _purge(w: World) -> None:
    """A record with one old mail, deleted and past its time."""
    with write() as session:
        row = session.get_one(Customer, w.other)
        row.erased_at, row.retain_until = clock.instant(), date(2032, 12, 31)
        session.add(Message(event="old:1", template="free", recipient="a@example.com", customer_id=w.other,
                            state="sent", sent_at=datetime(2019, 1, 1, tzinfo=UTC)))  # fmt: skip
    purge.purge_record(w.other, clock.today())


MONTH = Interval(Unit.MONTH, 1)
MINE = Actor("staff", 0, "Anna")  # stands for the person that a deed is about


def _grant(w: World) -> int:
    """A mandate of Öztürk's."""
    company.change_company(SYSTEM, {"creditor_id": "DE98ZZZ09999999999", "iban": IBAN})
    return mandates.grant(w.actor, w.customer, mandates.Grant(iban=IBAN))


def _used(w: World) -> None:
    mandate_id = _grant(w)
    with write() as session:
        row = session.get_one(Mandate, mandate_id)
        row.first_used_on = row.last_used_on = TODAY


def _amend(w: World) -> None:
    _used(w)
    customers.update_customer(w.actor, w.customer, {"bank_iban": "DE89370400440532013000"})


def _replace(w: World) -> None:
    _grant(w)
    _grant(w)


def _lapse(w: World) -> None:
    mandate_id = _grant(w)
    with write() as session:
        session.get_one(Mandate, mandate_id).signed_on = date(2020, 1, 1)
    mandates.lapse()


def _announce(w: World) -> int:
    """A debit of the open invoice, due by now."""
    mandate_id = _grant(w)
    with write() as session:
        row = Debit(customer_id=w.customer, receivable_id=w.receivable, mandate_id=mandate_id, end_to_end_id="D-1-1",
                    amount_cents=session.get_one(Receivable, w.receivable).open_cents, currency_code="EUR",
                    announced_on=date(2026, 11, 1), collect_on=date(2026, 11, 20))  # fmt: skip
        session.add(row)
        session.flush()
        return int(row.id)


def _withdraw_settled(w: World) -> None:
    _announce(w)
    payments.mark_paid(w.actor, w.open_invoice)
    debits.withdraw_settled()


def _file(w: World) -> int:
    _announce(w)
    return payment_files.make_debit_files(w.actor, TODAY).file_ids[0]


def _handed_in(w: World) -> tuple[int, str]:
    file_id = _file(w)
    payment_files.submit(w.actor, file_id)
    return file_id, "D-1-1"


def _transfer_file(w: World) -> int:
    _grant(w)
    invoice_id = w.open_invoice
    payment_id = payments.mark_paid(w.actor, invoice_id)
    correction_id = corrections.cancel(w.actor, invoice_id, reason="Irrtum")
    with write() as session:
        session.add(Refund(key="transfer", customer_id=w.customer, correction_id=correction_id, payment_id=payment_id,
                           way="transfer", amount_cents=100, currency_code="EUR", state="ordered",
                           ordered_by="staff:1"))  # fmt: skip
    return payment_files.make_transfer_file(w.actor)


DEEDS: Mapping[str, tuple[Deed, ...]] = {
    # --- customers
    "accountdata.change": (Deed(_wish, "customer.code_sent", by="customer"), Deed(
        lambda w: accountdata.change(
            w.customer, {"phone": "040 1"}, seen=db.session.get_one(Customer, w.customer).version),
        "customer.changed", by="customer")),
    "accountdata.confirm": (Deed(_confirm, "customer.changed", by="customer"),
                            Deed(_guess, "customer.code_guessed", by="customer")),
    "accountdata.send_again": (
        Deed(lambda w: (_wish(w), accountdata.send_again(w.customer)), "customer.code_sent", by="customer"),),
    "accountdata.ask_to_lead_on": (
        Deed(lambda w: accountdata.ask_to_lead_on(w.customer), "customer.code_sent", by="customer"),),
    "customer_codes.send_code": (Deed(_wish, "customer.code_sent", by="customer"),),
    "purge.purge_record": (Deed(_purge, "customer.purged", "other", by="system"),),
    "customer_erasure.delete_customer": (
        Deed(lambda w: customer_erasure.delete_customer(w.actor, w.other), "customer.deleted", "other"),),
    "customer_exports.order": (
        Deed(lambda w: customer_exports.order(w.actor, w.customer), "customer.exported"),),
    "customer_status.change_status": tuple(
        Deed(lambda w, first=first, then=then: [customer_status.change_status(w.actor, w.customer, each, "Rückruf")
                                                for each in (first, then) if each], code)
        for first, then, code in (("block", "", "customer.blocked"), ("deactivate", "", "customer.deactivated"),
                                  ("block", "activate", "customer.activated"))),
    "customer_holds.set_hold": (
        Deed(lambda w: customer_holds.set_hold(w.actor, w.customer, "Rechtsstreit"), "customer.hold_set"),),
    "customer_holds.lift_hold": (
        Deed(lambda w: [deed(w.actor, w.customer, "Rechtsstreit") for deed in
                        (customer_holds.set_hold, customer_holds.lift_hold)], "customer.hold_lifted"),),
    "customer_edits.edit_customer": (
        Deed(lambda w: customer_edits.edit_customer(w.actor, w.customer, {"city": "Hamburg"}, {"city": "Plön"}),
             "customer.changed"),),
    "customer_welcome.welcome": (
        Deed(lambda w: customer_welcome.welcome(w.actor, {"last_name": "Neu", "email": "neu@kunde.example"},
                                                invited=True), "customer.created", "newest"),),
    "customer_tags.put_on": (
        Deed(lambda w: customer_tags.put_on(w.actor, w.customer, "Großkunde"), "customer.tagged"),),
    "customer_tags.take_off": (
        Deed(lambda w: customer_tags.take_off(w.actor, w.customer, w.first(Tag.id)), "customer.tagged"),),
    "customers.create_customer": (
        Deed(lambda w: customers.create_customer(w.actor, {"last_name": "Neu"}), "customer.created", "newest"),),
    "customers.update_customer": (
        Deed(lambda w: customers.update_customer(w.actor, w.customer, {"delivery_city": "Kiel"}), "customer.changed"),),
    "customers.renew_hash": (Deed(lambda w: customers.renew_hash(w.actor, w.customer), "customer.hash_renewed"),),
    "merge.merge": (
        Deed(lambda w: merge.merge(w.actor, w.customer, w.other), "customer.merged"),),
    "customer_messages.send_message": (
        Deed(lambda w: customer_messages.send_message(w.actor, w.customer, letter_to(w), "0123456789abcdef"),
             "customer.message_ordered"),),
    "message_templates.create_template": (
        Deed(lambda w: message_templates.create_template(w.actor, {**WORDING, "name": "Neu"}),
             "message_template.created", None),),
    "message_templates.update_template": (
        Deed(lambda w: message_templates.update_template(w.actor, w.more["template"], {**WORDING, "name": "Neu"}),
             "message_template.changed", None),),
    "message_templates.delete_template": (
        Deed(lambda w: message_templates.delete_template(w.actor, w.more["template"]),
             "message_template.deleted", None),),
    "documents.keep_document": (
        Deed(lambda w: documents.keep_document(w.actor, w.customer, "Brief.txt", b"Guten Tag"), "document.uploaded"),),
    "documents.label_document": (
        Deed(lambda w: documents.label_document(w.actor, w.customer, w.more["document"], documents.UNNAMED.digest,
                                                documents.Labels("Rahmenvertrag")), "document.changed"),),
    "documents.delete_document": (
        Deed(lambda w: documents.delete_document(w.actor, w.customer, w.more["document"], "Doppelt"),
             "document.deleted"),),
    "notes.add_note": (
        Deed(lambda w: notes.add_note(w.actor, w.customer, notes.Words("letter", TODAY, "Kündigt.")), "note.created"),),
    "notes.correct_note": (
        Deed(lambda w: notes.correct_note(w.actor, w.more["note"], 1, notes.Words("note", TODAY, "Anders.")),
             "note.changed"),),
    "notes.strike_note": (
        Deed(lambda w: notes.strike_note(w.actor, w.more["note"], 1, "Verwechselt"), "note.struck"),),
    "reveal.customer_iban": (Deed(lambda w: reveal.customer_iban(w.actor, w.customer), "customer.iban_revealed"),),
    "tags.set_tags": (Deed(lambda w: tags.set_tags(w.actor, w.customer, ["Neu"]), "customer.tagged"),),
    "tags.add_tag": (Deed(lambda w: tags.add_tag(w.actor, "Frei"), "tag.created", None),),
    "tags.rename_tag": (Deed(lambda w: tags.rename_tag(w.actor, w.first(Tag.id), "Fair"), "tag.changed", None),),
    "tags.delete_tag": (Deed(lambda w: tags.delete_tag(w.actor, w.first(Tag.id)), "tag.deleted", None),),
    "vat_checks.check": (
        Deed(lambda w: vat_checks.check(w.actor, w.more["abroad"]), "customer.vat_id_checked", "abroad"),),
    "vat_checks.decide": (
        Deed(lambda w: vat_checks.decide(w.actor, w.more["abroad"], "Bescheid lag vor"), "customer.vat_id_decided",
             "abroad"),),
    # --- logins of customers
    "customer_logins.invite": (
        Deed(lambda w: customer_logins.invite(w.actor, w.customer, "zweite@kundin.example"), "login.invited"),),
    "customer_logins.send_link": (
        Deed(lambda w: customer_logins.send_link(w.actor, w.more["login"]), "login.reset_sent"),
        Deed(lambda w: customer_logins.send_link(
            w.actor, customer_logins.invite(w.actor, w.customer, "dritte@kundin.example").login_id),
             "login.invitation_sent")),
    "customer_logins.set_password": (
        Deed(lambda w: customer_logins.set_password(w.actor, w.more["login"], OTHER_PASSWORD), "login.password_set"),),
    "customer_logins.end_sessions": (
        Deed(lambda w: customer_logins.end_sessions(w.actor, w.more["login"]), "login.session_ended"),),
    "customer_logins.delete_login": (
        Deed(lambda w: customer_logins.delete_login(w.actor, w.more["login"]), "login.deleted"),),
    "customer_access.log_in": (Deed(lambda w: _enter(), "login.logged_in", by="customer"),),
    "customer_access.log_out": (
        Deed(lambda w: customer_access.log_out(_enter().token), "login.logged_out", by="customer"),),
    "customer_access.forgot": (
        Deed(lambda w: customer_access.forgot(PORTAL), "login.reset_asked", by="customer"),),
    "customer_access.choose_password": tuple(
        Deed(lambda w, purpose=purpose: customer_access.choose_password(
            LINKS.make(w.more["login"], purpose).token, OTHER_PASSWORD), f"login.{purpose}_used", by="customer")
        for purpose in ("invitation", "reset")),
    "customer_access.change_own_password": (
        Deed(lambda w: customer_access.change_own_password(
            w.more["login"], PASSWORD, OTHER_PASSWORD, w.last(CustomerSession.id)), "login.password_changed",
             by="customer"),),
    # --- contracts
    "subscriptions.create_subscription": (
        Deed(lambda w: create_subscription(w.actor, Order(w.customer, Booking("plan"))), "subscription.created"),),
    "card_booking.book": (
        Deed(lambda w: _book(w), "subscription.created"), Deed(lambda w: _book(w), "customer.payment_data_asked")),
    "contract_changes.change": (
        Deed(lambda w: contract_changes.change(
            w.actor, w.contracts["plain"], contract_changes.Change(quantity=Decimal(3))), "subscription.changed"),
        Deed(lambda w: contract_changes.change(w.actor, w.contracts["plain"], contract_changes.Change(
            addons=(Booking("extra"),), at_period_end=True)), "subscription.change_planned")),
    "contract_plans.withdraw_planned": (
        Deed(lambda w: contract_plans.withdraw_planned(w.actor, w.contracts["planned"]),
             "subscription.change_withdrawn"),),
    "contract_ends.cancel": (
        Deed(lambda w: contract_ends.cancel(w.actor, w.contracts["plain"], note="Umzug"), "subscription.cancelled"),),
    "contract_ends.withdraw_cancellation": (
        Deed(lambda w: contract_ends.withdraw_cancellation(w.actor, w.contracts["cancelled"]),
             "subscription.reactivated"),),
    "contract_ends.close": (Deed(_close, "subscription.closed", by="system"),),
    "contract_days.follow": (Deed(_close, "subscription.closed", by="system"),),
    "contract_pauses.pause": (
        Deed(lambda w: contract_pauses.pause(w.actor, w.contracts["plain"]), "subscription.paused"),),
    "contract_pauses.resume": (
        Deed(lambda w: contract_pauses.resume(w.actor, w.contracts["paused"]), "subscription.resumed"),),
    "contract_rhythm.set_next_payment": (
        Deed(lambda w: contract_rhythm.set_next_payment(w.actor, w.contracts["plain"], date(2026, 12, 9)),
             "subscription.collection_moved"),),
    "contract_rhythm.postpone": (
        Deed(lambda w: contract_rhythm.postpone(w.actor, w.contracts["plain"], 1), "subscription.collection_moved"),),
    "contract_rhythm.renew": (
        Deed(lambda w: contract_rhythm.renew(w.actor, w.contracts["plain"]), "subscription.collection_moved"),),
    "contract_rhythm.move_billing_day": (
        Deed(lambda w: contract_rhythm.move_billing_day(w.actor, w.contracts["plain"], date(2026, 12, 15)),
             "subscription.billing_day_moved"),),
    "contract_switch.deactivate": (
        Deed(lambda w: contract_switch.deactivate(w.actor, w.contracts["plain"], "Test"), "subscription.deactivated"),),
    "contract_switch.activate": (
        Deed(lambda w: contract_switch.activate(w.actor, w.contracts["off"]), "subscription.activated"),),
    "contract_switch.update_details": (
        Deed(lambda w: contract_switch.update_details(w.actor, w.contracts["plain"], {"title": "Werkstatt"}),
             "subscription.details_changed"),),
    "billing_run.confirm_periods": (
        Deed(lambda w: billing_run.confirm_periods(w.actor, w.contracts["plain"]), "subscription.periods_confirmed"),),
    "redemptions.redeem": (
        Deed(lambda w: redemptions.redeem(w.actor, w.contracts["usage"], "NEU"), "coupon.redeemed"),),
    "redemptions.end_redemption": (
        Deed(lambda w: redemptions.end_redemption(w.actor, w.first(CouponRedemption.id)), "coupon.ended"),),
    "usage.record_usage": (
        Deed(lambda w: usage.record_usage(w.actor, usage.Used(w.contracts["plain"], "minute", Decimal(7))),
             "usage.recorded"),),
    "usage.delete_usage": (Deed(lambda w: usage.delete_usage(w.actor, w.first(UsageRecord.id)), "usage.deleted"),),
    "shipments.create_shipment": (
        Deed(lambda w: shipments.create_shipment(w.actor, shipments.Delivery(w.contracts["plain"])),
             "shipment.created"),),
    "shipments.change_shipment": (
        Deed(lambda w: shipments.change_shipment(w.actor, w.more["shipment"], {
            "status": "delivered", "articles": [{"article_number": "plan", "title": "Tarif", "quantity": "2"}]}),
             "shipment.changed"),),
    "shipments.delete_shipment": (
        Deed(lambda w: shipments.delete_shipment(w.actor, w.more["shipment"]), "shipment.deleted"),),
    # --- invoices and papers
    "billing_run.bill": (
        Deed(lambda w: _bill_later(), "invoice.issued", by="system"),
        Deed(lambda w: _bill_later(), "run.started", None, by="system")),
    "billing_run.start": (
        Deed(lambda w: billing_run.start(TODAY, w.actor, ring=False), "run.started", None),),
    "billing_run.finish": (Deed(lambda w: _bill_later(), "run.finished", None, by="system"),),
    "parked.retry": (
        Deed(lambda w: parked.retry(w.actor, w.first(ParkedCustomer.id)), "run.retried", "nameless"),),
    "drafts.create_draft": (
        Deed(lambda w: drafts.create_draft(w.actor, w.customer, {}, [Position("Helm", Decimal(9))]), "draft.created"),),
    "drafts.update_draft": (
        Deed(lambda w: drafts.update_draft(w.actor, w.draft, {"introtext": "Guten Tag"}), "draft.changed"),),
    "drafts.remove_line": (Deed(lambda w: drafts.remove_line(w.actor, _two_lines(w)), "draft.changed"),),
    "drafts.delete_draft": (Deed(lambda w: drafts.delete_draft(w.actor, w.draft), "draft.deleted"),),
    "drafts.issue_draft": (Deed(lambda w: drafts.issue_draft(w.actor, w.draft), "invoice.issued"),),
    "corrections.cancel": (
        Deed(lambda w: corrections.cancel(w.actor, w.open_invoice, reason="Falsche Anschrift"), "invoice.cancelled"),
        Deed(lambda w: corrections.cancel(w.actor, w.open_invoice, reason="Falsch"), "cancellation.issued")),
    "corrections.correct": (
        Deed(lambda w: corrections.correct(w.actor, w.open_invoice, _a_part(w), reason="Zu viel"),
             "invoice.corrected"),
        Deed(lambda w: corrections.correct(w.actor, w.open_invoice, _a_part(w), reason="Zu viel"),
             "correction.issued")),
    "einvoices.order_xrechnung": (
        Deed(lambda w: einvoices.order_xrechnung(w.actor, w.open_invoice), "paper.ordered"),),
    "invoice_mails.send_by_email": (
        Deed(lambda w: invoice_mails.send_by_email(w.actor, w.open_invoice, "chefin@kundin.example"),
             "invoice.sent"),),
    "papers.retry": (Deed(lambda w: papers.retry(w.actor, w.paper), "paper.retried"),),
    "papers.revoke_link": (Deed(lambda w: papers.revoke_link(w.actor, w.paper), "paper.link_revoked"),),
    "papers.renew_link": (Deed(lambda w: papers.renew_link(w.actor, w.paper), "paper.link_renewed"),),
    # --- dunning
    "dunning.take_step": (Deed(lambda w: dunning.take_step(w.actor, w.receivable), "invoice.reminded"),),
    "dunning_run.start": (
        Deed(lambda w: dunning_run.start(TODAY, w.actor, ring=False), "dunning.started", None),),
    "dunning_run.dun": (
        Deed(lambda w: dunning_run.dun(TODAY, SYSTEM), "invoice.reminded", by="system"),
        Deed(lambda w: dunning_run.dun(TODAY, SYSTEM), "dunning.started", None, by="system")),
    "dunning_run.finish": (Deed(lambda w: dunning_run.dun(TODAY, SYSTEM), "dunning.finished", None, by="system"),),
    "dunning_stops.resume": (Deed(lambda w: _paid_after_all(w), "subscription.activated", by="system"),),
    "dunning_holds.hold_invoice": (
        Deed(lambda w: dunning_holds.hold_invoice(w.actor, w.receivable, "Kulanz"), "invoice.dunning_held"),),
    "dunning_holds.lift_invoice": (
        Deed(lambda w: [dunning_holds.hold_invoice(w.actor, w.receivable, "Kulanz"),
                        dunning_holds.lift_invoice(w.actor, w.receivable)], "invoice.dunning_released"),),
    "dunning_holds.hold_customer": (
        Deed(lambda w: dunning_holds.hold_customer(w.actor, w.customer, "Anwalt"), "customer.dunning_held"),),
    "dunning_holds.lift_customer": (
        Deed(lambda w: [dunning_holds.hold_customer(w.actor, w.customer, "Anwalt"),
                        dunning_holds.lift_customer(w.actor, w.customer)], "customer.dunning_released"),),
    "dunning_holds.dispute": (
        Deed(lambda w: dunning_holds.dispute(w.actor, w.receivable, "Nie bestellt"), "invoice.disputed"),),
    "dunning_holds.settle_dispute": (
        Deed(lambda w: [deed(w.actor, w.receivable, "Vertrag liegt vor") for deed in
                        (dunning_holds.dispute, dunning_holds.settle_dispute)], "invoice.dispute_settled"),),
    "instalments.agree": (Deed(lambda w: _in_parts(w), "invoice.instalments_agreed"),),
    "instalments.withdraw": (
        Deed(lambda w: [_in_parts(w), instalments.withdraw(w.actor, w.receivable)], "invoice.instalments_ended"),),
    "instalments.follow": (
        Deed(lambda w: [_in_parts(w), instalments.follow(date(2027, 6, 1))], "invoice.instalments_ended",
             by="system"),),
    "dunning_settings.save_levels": (
        Deed(lambda w: dunning_settings.save_levels(w.actor, [LevelWish("Erinnerung", 10)]), "dunning.levels_changed",
             None),),
    "dunning_settings.save_house": (
        Deed(lambda w: dunning_settings.save_house(w.actor, dunning_settings.House(minimum_cents=500)),
             "dunning.settings_changed", None),),
    "dunning_level_edits.take_recommended": (
        Deed(lambda w: [dunning_settings.save_levels(w.actor, []), dunning_level_edits.take_recommended(w.actor)],
             "dunning.levels_changed", None),),
    "dunning_level_edits.add": (
        Deed(lambda w: dunning_level_edits.add(w.actor, LevelWish("Anruf", 90)), "dunning.levels_changed", None),),
    "dunning_level_edits.change": (
        Deed(lambda w: dunning_level_edits.change(w.actor, 1, LevelWish("Anruf", 90),
                                                  dunning_level_edits.fingerprint()), "dunning.levels_changed", None),),
    "dunning_level_edits.remove": (
        Deed(lambda w: dunning_level_edits.remove(w.actor, 1, dunning_level_edits.fingerprint()),
             "dunning.levels_changed", None),),
    "base_rates.enter": (
        Deed(lambda w: base_rates.enter(w.actor, date(2026, 7, 1), Decimal("1.27")), "dunning.base_rate_entered",
             None),),
    "base_rates.remove": (
        Deed(lambda w: [base_rates.enter(w.actor, date(2026, 7, 1), Decimal("1.27")),
                        base_rates.remove(w.actor, date(2026, 7, 1))], "dunning.base_rate_removed", None),),
    # --- bank statements
    "bank_layouts.save": (
        Deed(lambda w: bank_layouts.save(w.actor, "Hausbank", _LAYOUT), "csv_layout.saved", None),),
    "bank_layouts.remove": (
        Deed(lambda w: bank_layouts.remove(w.actor, bank_layouts.save(w.actor, "Hausbank", _LAYOUT)),
             "csv_layout.removed", None),),
    "bank_import.bring_in": (Deed(lambda w: _bank_line(w), "bank_statement.brought_in", None),),
    "bank_matching.match_statement": (
        Deed(lambda w: _match(w), "bank_line.matched", None, by="system"),
        Deed(lambda w: _match(w), "payment.recorded", by="system")),
    "bank_matching.match_all": (
        Deed(lambda w: [_bank_line(w, _number(w)), bank_matching.match_all(w.actor)], "bank_line.matched", None),),
    "bank_matching.accept": (
        Deed(lambda w: _accept(w), "bank_line.matched", None),),
    "bank_matching.book": (
        Deed(lambda w: bank_matching.book(w.actor, _bank_line(w), [], w.customer, 100), "payment.recorded"),),
    "bank_orders.book": (
        Deed(lambda w: _went_out(w), "bank_line.matched", None), Deed(lambda w: _went_out(w), "refund.sent")),
    "bank_orders.take_back": (Deed(lambda w: _took_back(w), "payment.charged_back"),),
    "bank_matching.ignore": (
        Deed(lambda w: bank_matching.ignore(w.actor, _bank_line(w), "Miete"), "bank_line.ignored", None),),
    "bank_matching.take_up": (
        Deed(lambda w: [deed(w.actor, line, *more) for line in [_bank_line(w)] for deed, more in
                        ((bank_matching.ignore, ("Miete",)), (bank_matching.take_up, ()))],
             "bank_line.taken_up", None),),
    "bank_matching.undo": (
        Deed(lambda w: _undo_line(w), "bank_line.undone", None),
        Deed(lambda w: _undo_line(w), "payment.cancelled")),
    # --- money
    "refunds.order": (Deed(lambda w: refunds.order(w.actor, _cancelled(w), "transfer"), "refund.ordered"),),
    "refunds.approve": (Deed(lambda w: _approve_refund(w), "refund.approved"),),
    "refunds.withdraw": (Deed(lambda w: refunds.withdraw(w.actor, _refund(w), "doch nicht"), "refund.withdrawn"),),
    "refunds.take_sent_back": (
        Deed(lambda w: [refunds.take_sent_back(w.actor, each, "Irrtum") for each in [_refund(w)]
                        if refunds.note_sent(w.actor, each)], "refund.sent_taken_back"),),
    "refunds.note_sent": (Deed(lambda w: refunds.note_sent(w.actor, _refund(w)), "refund.sent"),),
    "refunds.note_returned": (Deed(lambda w: _refund_came_back(w), "refund.returned"),),
    "refund_calls.decide": (Deed(lambda w: _decide_refund(w), "refund.decided"),),
    "chargebacks.take_back": (Deed(lambda w: _charge_back(w), "payment.charged_back"),),
    "chargebacks.undo": (Deed(lambda w: chargebacks.undo(w.actor, _charge_back(w)), "payment.chargeback_won"),),
    "charging.issue_open": (
        Deed(lambda w: charging.issue_open(w.actor, _given_up(w)), "collection.issued_open"),
        Deed(lambda w: _given_up(w), "payment.declined", by="system"),
        Deed(lambda w: _given_up(w), "collection.given_up", by="system")),
    "charging.release": (Deed(lambda w: charging.release(w.actor, _given_up(w)), "collection.released"),),
    "charging.try_again": (
        Deed(lambda w: _try_another_card(w), "payment.tried_again"),
        Deed(lambda w: _try_another_card(w), "payment.collected", by="system"),
        Deed(lambda w: _try_without_card(w), "payment.method_missing", by="system")),
    "charging.try_now": (
        Deed(lambda w: _try_now(w), "payment.tried_again"),),
    "attempt_decisions.decide": (
        Deed(lambda w: attempt_decisions.decide(w.actor, _unanswered(w), went=False), "payment.decided"),),
    "charging.try_all_of": (
        Deed(lambda w: _keep_another_card(w), "payment.collected", by="system"),),
    "charging.collect_again": (
        Deed(lambda w: _collect_again(w), "payment.tried_again"),),
    "card_booking.ask_for_data": (
        Deed(lambda w: card_booking.ask_for_data(w.actor, w.customer), "customer.payment_data_asked"),),
    "method_setups.begin_setup": (Deed(lambda w: _begin_setup(w), "payment.method_begun"),),
    "method_setups.finish_setup": (
        Deed(lambda w: _kept_by_page(w), "payment.method_added", by="customer"),
        Deed(lambda w: _lost_setup(w), "payment.method_failed", by="system")),
    "payment_methods.make_default": (
        Deed(lambda w: payment_methods.make_default(w.actor, _kept_aside(w)), "payment.method_chosen"),),
    "payment_methods.assign": (
        Deed(lambda w: payment_methods.assign(w.actor, w.contracts["usage"], keep_card(w.customer, "succeeds")),
             "subscription.details_changed"),),
    "method_removal.remove": (
        Deed(lambda w: method_removal.remove(w.actor, keep_card(w.customer, "succeeds")), "payment.method_removed"),),
    "payment_wishes.ask": (
        Deed(lambda w: payment_wishes.ask(w.customer, payment_wishes.Wish("remove", method_id=_kept_aside(w))),
             "customer.code_sent", by="customer"),),
    "payment_wishes.confirm": (Deed(lambda w: _confirmed_removal(w), "payment.method_removed", by="customer"),),
    "payment_wishes.do": (
        Deed(lambda w: payment_wishes.do(w.customer, payment_wishes.Wish("remove", method_id=_kept_aside(w))),
             "payment.method_removed", by="customer"),
    ),
    "payment_wishes.send_again": (Deed(lambda w: _asked_again(w), "customer.code_sent", by="customer"),),
    "method_days.expire": (
        Deed(lambda w: method_days.expire(keep_card(w.customer, "expired")), "payment.method_expired", by="system"),),
    "method_days.notice": (
        Deed(lambda w: method_days.notice(keep_card(w.customer, "succeeds")), "payment.method_expiring",
             by="system"),),
    "method_days.give_up": (Deed(lambda w: _lost_setup(w), "payment.method_failed", by="system"),),
    "method_days.hear_update": (
        Deed(lambda w: _renewed(w), "payment.method_renewed", by="system"),),
    "payment_settings.change_payment_settings": (
        Deed(lambda w: payment_settings.change_payment_settings(w.actor, {"action_days": 3}),
             "settings.payments_changed", None),),
    "mandates.grant": (Deed(_grant, "mandate.granted"),),
    "mandates.revoke": (Deed(lambda w: mandates.revoke(w.actor, _grant(w)), "mandate.revoked"),),
    "mandates.stop": (Deed(lambda w: mandates.stop(w.actor, _grant(w), "AC04"), "mandate.stopped"),),
    "mandates.lapse": (Deed(_lapse, "mandate.lapsed", by="system"),),
    "mandate_rows.follow": (Deed(_amend, "mandate.amended"), Deed(_replace, "mandate.replaced")),
    "debits.mark_paid": (Deed(lambda w: debits.mark_paid(w.actor, _handed_in(w)[1], TODAY), "payment.recorded"),),
    "debits.mark_file_paid": (
        Deed(lambda w: debits.mark_file_paid(w.actor, _handed_in(w)[0], TODAY), "payment.recorded"),),
    "debits.withdraw": (Deed(lambda w: debits.withdraw(w.actor, _announce(w)), "debit.withdrawn"),),
    "debits.withdraw_settled": (Deed(_withdraw_settled, "debit.withdrawn", by="system"),),
    "debit_returns.returned": (
        Deed(lambda w: debit_returns.returned(w.actor, _handed_in(w)[1], "MD06", TODAY), "debit.returned"),
        Deed(lambda w: debit_returns.returned(w.actor, _handed_in(w)[1], "AM04", TODAY), "debit.planned_again")),
    "payment_files.make_debit_files": (Deed(lambda w: _file(w), "payment_file.made", None),),
    "payment_files.make_transfer_file": (Deed(_transfer_file, "payment_file.made", None),),
    "payment_files.submit": (Deed(lambda w: _handed_in(w), "payment_file.submitted", None),),
    "payment_files.discard": (
        Deed(lambda w: payment_files.discard(w.actor, _file(w)), "payment_file.discarded", None),),
    "reminder_papers.retry": (
        Deed(lambda w: reminder_papers.retry(w.actor, _letter_that_failed(w)), "reminder.letter_retried"),),
    "payments.record_payment": (
        Deed(lambda w: payments.record_payment(w.actor, w.receivable, Money(100, "EUR")), "payment.recorded"),),
    "payments.receive": (
        Deed(lambda w: payments.receive(w.actor, w.receivable, Receipt(Money(100, "EUR"))), "payment.recorded"),),
    "payments.mark_paid": (Deed(lambda w: payments.mark_paid(w.actor, w.open_invoice), "payment.recorded"),),
    "payments.prepay": (
        Deed(lambda w: payments.prepay(w.actor, w.customer, Receipt(Money(100, "EUR"))), "payment.recorded"),),
    "payment_changes.cancel": (
        Deed(lambda w: payment_changes.cancel(w.actor, w.payment, "Verbucht bei Falscher"), "payment.cancelled"),
        Deed(lambda w: payment_changes.cancel(
            w.actor, w.last(Payment.id) if write_offs.write_off(w.actor, w.receivable, "x") else 0, "Doch bezahlt"),
             "receivable.write_off_taken_back"),
        Deed(lambda w: payment_changes.cancel(w.actor, paid_credit.apply_credit(w.actor, w.receivable), "Falsch"),
             "credit.application_cancelled"),
        Deed(lambda w: payment_changes.cancel(
            w.actor, paid_credit.pay_out(w.actor, w.customer, Money(100, "EUR")), "Falsch"),
             "credit.payout_cancelled")),
    "payment_changes.move": (
        Deed(lambda w: payment_changes.move(w.actor, w.payment, invoice_id=w.open_invoice), "payment.moved"),),
    "paid_credit.apply_credit": (
        Deed(lambda w: paid_credit.apply_credit(w.actor, w.receivable), "credit.applied"),),
    "paid_credit.pay_out": (
        Deed(lambda w: paid_credit.pay_out(w.actor, w.customer, Money(100, "EUR")), "credit.paid_out"),),
    "credit.grant_credit": (
        Deed(lambda w: credit.grant_credit(w.actor, w.customer, Money(100, "EUR"), "Kulanz"), "credit.granted"),),
    "credit.withdraw_credit": (
        Deed(lambda w: credit.withdraw_credit(w.actor, w.first(CreditGrant.id)), "credit.withdrawn"),),
    "write_offs.write_off": (
        Deed(lambda w: write_offs.write_off(w.actor, w.receivable, "Insolvenz"), "receivable.written_off"),),
    # --- mails
    "messages.send": (Deed(_deliver, "message.sent", by="system"),),
    "messages.retry": (Deed(lambda w: messages.retry(w.actor, w.more["failed"]), "message.retried"),),
    "messages.stop": (Deed(lambda w: messages.stop(w.actor, w.more["waits"]), "message.stopped"),),
    "outbox.send_test": (
        Deed(lambda w: outbox.send_test(w.actor, "chefin@radwerk.example", "de"), "message.tested", None),),
    "reports.send_run_report_again": (
        Deed(lambda w: reports.send_run_report_again(w.actor, w.last(Run.id)), "run.report_sent_again", None),),
    # --- the house
    "products.create_product": (
        Deed(lambda w: products.create_product(
            w.actor, {"number": "neu", "title": "Neu", "unit_price": Decimal(1), "interval": MONTH}),
             "product.created", None),),
    "products.update_product": (
        Deed(lambda w: products.update_product(
            w.actor, shop.product_id("plan"), {"unit_price": Decimal(12), "interval": MONTH}),
             "product.changed", None),),
    "products.assign_addon": (
        Deed(lambda w: products.assign_addon(w.actor, shop.product_id("extra"), [shop.product_id("plan")]),
             "product.assigned", None),),
    "product_prices.set_price": (
        Deed(lambda w: product_prices.set_price(
            w.actor, shop.product_id("plan"), "USD", Decimal(11), Decimal(0)), "product.price_changed", None),),
    "product_prices.remove_price": (
        Deed(lambda w: product_prices.remove_price(w.actor, shop.product_id("plan"), "CHF"),
             "product.price_removed", None),),
    "coupons.create_coupon": (
        Deed(lambda w: coupons.create_coupon(w.actor, {"code": "X", "kind": "percent", "percent": Decimal(5)}),
             "coupon.created", None),),
    "coupons.update_coupon": (
        Deed(lambda w: coupons.update_coupon(w.actor, w.last(Coupon.id), {"title": "Herbst"}),
             "coupon.changed", None),),
    "coupons.switch_coupon": (
        Deed(lambda w: coupons.switch_coupon(w.actor, w.last(Coupon.id), active=False), "coupon.changed", None),),
    "company.change_company": (
        Deed(lambda w: company.change_company(w.actor, {"phone": "040 2"}), "company.changed", None),),
    "logo.set_logo": (Deed(lambda w: logo.set_logo(w.actor, _picture(), "a.png"), "company.logo_changed", None),),
    "logo.remove_logo": (
        Deed(lambda w: (logo.set_logo(w.actor, _picture(), "a.png"), logo.remove_logo(w.actor)),
             "company.logo_changed", None),),
    "number_ranges.change_range": (Deed(_change_range, "number_range.changed", None),),
    "texts.save": (Deed(_save_text, "text.changed", None),),
    "texts.reset": (
        Deed(lambda w: (_save_text(w), texts.reset(w.actor, *TEXT, seen=_digest(w))), "text.reset", None),),
    "vat_settings.change_vat_checks": (
        Deed(lambda w: vat_settings.change_vat_checks(w.actor, {
            "vat_check": "off", "vat_check_days": 30, "vat_rely_days": 60, "vat_unconfirmed": "charge"}),
             "company.changed", None),),
    "vat_settings.change_oss": (
        Deed(lambda w: vat_settings.change_oss(w.actor, TODAY), "company.changed", None),),
    "vat_settings.note_crossing": (
        Deed(lambda w: vat_settings.note_crossing(TODAY), "company.changed", None, by="system"),),
    "vat_settings.add_tax_mode": (
        Deed(lambda w: vat_settings.add_tax_mode(w.actor, date(2027, 1, 1), "small_business"),
             "company.tax_mode_added", None),),
    "vat_settings.add_rate": (
        Deed(lambda w: vat_settings.add_rate(w.actor, "AT", "standard", Decimal(21), date(2027, 1, 1)),
             "company.rate_added", None),),
    "vat_settings.confirm_rate": (
        Deed(lambda w: vat_settings.confirm_rate(w.actor, w.first(VatRate.id, VatRate.origin == "proposal")),
             "company.rate_confirmed", None),),
    "clock_moves.start": (
        Deed(lambda w: clock_moves.start(w.actor, TODAY + timedelta(days=3)), "clock.forwarded", None),),
    "exports.order": (Deed(lambda w: exports.order(w.actor, "customers", "csv", {}), "export.made", None),),
    "exports.note_taken": (
        Deed(lambda w: exports.note_taken(w.actor, "customers", "csv", 3), "export.made", None),),
    "api_keys.add_api_key": (
        Deed(lambda w: api_keys.add_api_key(w.actor, "jule@example.com", name="Kasse"), "api_key.created", None),),
    "api_keys.revoke_api_key": (Deed(lambda w: api_keys.revoke_api_key(w.actor, 1), "api_key.revoked", None),),
    "roles.save_role": (
        Deed(lambda w: roles.save_role(w.actor, None, name="Neu", description="", is_enabled=True,
                                       permissions={"customers.read"}), "role.saved", None),),
    "roles.delete_role": (Deed(lambda w: roles.delete_role(w.actor, w.more["role"]), "role.deleted", None),),
    # --- people of the house
    "staff.enrol": (Deed(lambda w: staff.enrol(w.actor, "neu@example.com", role="Support"), "staff.created", None),),
    "staff.add_staff": (
        Deed(lambda w: staff.add_staff(w.actor, "neu@example.com", role="Support", password=PASSWORD),
             "staff.created", None),),
    "staff.set_password": (
        Deed(lambda w: staff.set_password(w.actor, w.more["anna"], OTHER_PASSWORD), "staff.password_set", None),),
    "staff.change_own_password": (
        Deed(lambda w: staff.change_own_password(
            w.actor, w.actor.id or 0, PASSWORD, OTHER_PASSWORD, _session_of(w.actor.id or 0)),
             "staff.password_set", None),),
    "staff.log_in": (
        Deed(lambda w: staff.log_in("anna@example.com", PASSWORD, address="", agent=""), "staff.logged_in", None,
             "anna"),),
    "staff.note_login": (Deed(lambda w: staff.note_login(w.actor), "staff.logged_in", None),),
    "staff.log_out": (
        Deed(lambda w: staff.log_out(w.actor, staff_sessions.open_session(w.actor.id or 0, "", "")),
             "staff.logged_out", None),),
    "staff_access.change_staff": (
        Deed(lambda w: staff_access.change_staff(
            w.actor, w.more["anna"], name="Anna B.", role_id=w.first(Role.id, Role.name == "Buchhaltung"),
            is_active=True, language_code="de"), "staff.changed", None),),
    "staff_access.change_own": (
        Deed(lambda w: staff_access.change_own(w.actor, w.actor.id or 0, theme="dark"), "staff.changed", None),),
    "staff_invitation.invite": (
        Deed(lambda w: staff_invitation.invite(w.actor, "neu@example.com", name="Neu", role="Support"),
             "staff.created", None),),
    "staff_invitation.send_link": (
        Deed(lambda w: staff_invitation.send_link(w.actor, w.more["anna"]), "staff.reset_sent", None),),
    "staff_invitation.forgot": (
        Deed(lambda w: staff_invitation.forgot("anna@example.com"), "staff.reset_asked", None, "anna"),),
    "staff_tokens.choose_password": (
        Deed(lambda w: staff_tokens.choose_password(_link(w), OTHER_PASSWORD), "staff.reset_used", None, "anna"),),
    "staff_sessions.end_one": (
        Deed(lambda w: staff_sessions.end_one(w.actor, w.more["anna"], _session_of(w.more["anna"])),
             "staff.session_ended", None),),
    "staff_sessions.end_others": (
        Deed(lambda w: staff_sessions.end_others(w.actor, w.more["anna"]), "staff.session_ended", None),),
    "second_factor.begin": (Deed(_Phone, "staff.second_factor_begun", None, "anna"),),
    "second_factor.confirm": (Deed(lambda w: _Phone(w).switch_on(), "staff.second_factor_on", None, "anna"),),
    "second_factor.show": (
        Deed(lambda w: _show(_Phone(w).switch_on()), "staff.recovery_code_used", None, "anna"),),
    "second_factor.renew_codes": (
        Deed(lambda w: _renew(_Phone(w).switch_on()), "staff.recovery_codes_made", None, "anna"),),
    "second_factor.switch_off": (
        Deed(lambda w: _off(_Phone(w).switch_on()), "staff.second_factor_off", None, "anna"),),
    "second_factor.reset": (Deed(_reset_staff, "staff.second_factor_reset", None),),
}  # fmt: skip


def _book(w: World) -> None:
    """From the card: the record looked over, the contract, the customer asked for the account."""
    seen = card_booking.Reviewed(db.session.get_one(Customer, w.customer).version)
    card_booking.book(w.actor, Order(w.customer, Booking("plan")), seen, card_booking.Paying(ask=True))


def _bill_later() -> None:
    with clock.stand_at(date(2026, 12, 1)):
        billing_run.bill(clock.today(), SYSTEM)


_LAYOUT = Layout({0: "booked_on", 1: "amount"})


def _bank_line(w: World, purpose: str = "danke") -> int:
    """A statement with one payment of 1.00 that waits; gives its line."""
    content = camt([paid_in("1.00", purpose, day=TODAY.isoformat())], key=purpose)
    bank_import.bring_in(w.actor, bank_import.keep(content, "auszug.xml"))
    return int(db.session.scalars(select(func.max(BankLine.id))).one())


def _outgoing(w: World, amount: str, **part: str) -> int:
    """A statement with one movement that went out; gives its line."""
    content = camt([Entry(f"-{amount}", day=TODAY.isoformat(), parts=[Part(**part)])], key=amount)
    bank_import.bring_in(w.actor, bank_import.keep(content, "auszug.xml"))
    return int(db.session.scalars(select(func.max(BankLine.id))).one())


def _went_out(w: World) -> None:
    refund = db.session.get_one(Refund, _refund(w))
    line_id = _outgoing(w, f"{refund.amount_cents / 100:.2f}", end_to_end=f"R-{refund.id}")
    ((_, order),) = bank_orders.sure([db.session.get_one(BankLine, line_id)])
    bank_orders.book(w.actor, line_id, order)


def _took_back(w: World) -> None:
    payment = db.session.get_one(Payment, w.payment)
    line_id = _outgoing(w, f"{payment.amount_cents / 100 + 3:.2f}", code="MD06")
    invoice_id = int(w.first(Receivable.invoice_id, Receivable.id == payment.receivable_id))
    bank_orders.take_back(w.actor, line_id, invoice_id, 300)


def _number(w: World) -> str:
    return str(w.first(Invoice.number, Invoice.id == w.open_invoice))


def _match(w: World) -> None:
    line_id = _bank_line(w, _number(w))
    bank_matching.match_statement(int(w.first(BankLine.statement_id, BankLine.id == line_id)))


def _accept(w: World) -> None:
    line = db.session.get_one(BankLine, _bank_line(w, _number(w)))
    (offer, *_) = bank_facts.offers([line])[line.id]
    bank_matching.accept(w.actor, line.id, offer.mark)


def _undo_line(w: World) -> None:
    line_id = _bank_line(w)
    bank_matching.book(w.actor, line_id, [], w.customer, 100)
    bank_matching.undo(w.actor, line_id, "Falsch")


def _in_parts(w: World) -> None:
    """Paid in two months."""
    cents = db.session.get_one(Receivable, w.receivable).open_cents
    instalments.agree(w.actor, w.receivable, monthly(cents, 2, date(2026, 12, 1)))


def _paid_after_all(w: World) -> None:
    """A first level that switches the contract off, and the money that comes then."""
    receivable = w.receivable
    dunning_settings.save_levels(w.actor, [LevelWish("Letzte Mahnung", 7, deactivate_after=True)])
    dunning.take_step(w.actor, receivable)
    payments.mark_paid(w.actor, w.first(Receivable.invoice_id, Receivable.id == receivable))
    dunning_stops.resume(receivable)


def _awaiting(w: World, card: str) -> int:
    """A document of the next month that is charged to a test card, as far as its provider's answer."""
    keep_card(w.customer, card)
    credit_left = credit_of(db.session(), w.customer, "EUR")
    paid_credit.pay_out(SYSTEM, w.customer, Money(credit_left, "EUR"))  # it would settle the document by itself
    with clock.stand_at(date(2026, 12, 1)):
        billing_run.bill(clock.today(), SYSTEM)
        _carry_on()
    end_reading()
    return int(w.last(Collection.invoice_id, Collection.customer_id == w.customer))


def _carry_on() -> None:
    for attempt_id in attempts.waiting(10):
        attempts.carry_on(attempt_id)


def _given_up(w: World) -> int:
    return _awaiting(w, "declines_hard")


def _begin_setup(w: World) -> int:
    url = method_setups.begin_setup(w.actor, w.customer, method_setups.Way("card", "sandbox"), lambda key: "/")
    return int(w.last(PaymentMethod.id, PaymentMethod.setup_id == url.rpartition("/")[2]))


def _kept_by_page(w: World) -> None:
    method_id = _begin_setup(w)
    gateway = providers.offered()["sandbox"]
    assert isinstance(gateway, SandboxGateway)
    gateway.choose(db.session.get_one(PaymentMethod, method_id).setup_id or "", "succeeds")
    method_setups.finish_setup(method_id)


def _lost_setup(w: World) -> None:
    method_days.give_up(_begin_setup(w))


def _kept_aside(w: World) -> int:
    """A kept card that the customer does not pay by."""
    method_id = keep_card(w.customer, "succeeds")
    customers.update_customer(w.actor, w.customer, {"payment_type": 1})
    return method_id


def _code_of(w: World) -> str:
    end_reading()
    return code_of(db.session.get_one(CustomerCode, w.last(CustomerCode.id)))


def _confirmed_removal(w: World) -> None:
    payment_wishes.ask(w.customer, payment_wishes.Wish("remove", method_id=_kept_aside(w)))
    payment_wishes.confirm(w.customer, _code_of(w))


def _asked_again(w: World) -> None:
    payment_wishes.ask(w.customer, payment_wishes.Wish("remove", method_id=_kept_aside(w)))
    payment_wishes.send_again(w.customer)


def _renewed(w: World) -> None:
    method_id = keep_card(w.customer, "expired")
    token = db.session.get_one(PaymentMethod, method_id).token
    method_days.hear_update("sandbox", token, {"expires_on": "2031-12-31"})


def _try_another_card(w: World) -> None:
    invoice_id = _given_up(w)
    keep_card(w.customer, "succeeds")
    charging.try_again(invoice_id, w.actor, early=True)
    _carry_on()


def _try_now(w: World) -> None:
    invoice_id = _given_up(w)
    keep_card(w.customer, "succeeds")
    charging.try_now(w.actor, invoice_id)


def _unanswered(w: World) -> int:
    _awaiting(w, "times_out_before")
    return w.first(PaymentAttempt.id, PaymentAttempt.state == "unknown")


def _keep_another_card(w: World) -> None:
    _awaiting(w, "expired")
    keep_card(w.customer, "succeeds")
    charging.try_all_of(w.customer)
    _carry_on()


def _try_without_card(w: World) -> None:
    invoice_id = _awaiting(w, "expired")
    with clock.stand_at(date(2026, 12, 1)):
        charging.try_again(invoice_id)


def _collect_again(w: World) -> None:
    keep_card(w.customer, "succeeds")
    charging.collect_again(w.actor, w.receivable)


def _cancelled(w: World, way: str = "transfer") -> int:
    """The Stornorechnung of an invoice that was paid, by transfer or by a test card."""
    invoice_id = w.open_invoice
    if way == "provider":
        _collect_again(w)
        _carry_on()
    else:
        payments.mark_paid(SYSTEM, invoice_id)
    return corrections.cancel(SYSTEM, invoice_id, reason="falsch")


def _refund(w: World, way: str = "transfer") -> int:
    return refunds.order(w.actor, _cancelled(w, way), way)[0]


def _approve_refund(w: World) -> None:
    change_payment_settings(SYSTEM, {"four_eyes_cents": 1})
    refunds.approve(w.actor, refunds.order(SYSTEM, _cancelled(w), "transfer")[0])


def _refund_came_back(w: World) -> None:
    refund_id = _refund(w)
    refunds.note_sent(w.actor, refund_id)
    refunds.note_returned(w.actor, refund_id, "Konto erloschen")


def _decide_refund(w: World) -> None:
    refund_id = _refund(w, "provider")
    with write() as session:
        session.get_one(Refund, refund_id).state = "unknown"
    refund_calls.decide(w.actor, refund_id, went=False)


def _charge_back(w: World) -> int:
    return chargebacks.take_back(w.actor, w.payment, Money(500, "EUR"), key="case", reason="fraudulent")


def _letter_that_failed(w: World) -> int:
    owed = db.session.get_one(Receivable, w.receivable)
    with write() as session:
        row = Reminder(
            customer_id=owed.customer_id, receivable_id=owed.id, level=1, name="Zahlungserinnerung", reminded_on=TODAY,
            pay_until=TODAY, open_cents=owed.open_cents, currency_code=owed.currency_code, letter_state="failed",
        )  # fmt: skip
        session.add(row)
        session.flush()
        return int(row.id)


def _a_part(w: World) -> list[corrections.Part]:
    return [corrections.Part(w.first(InvoiceLine.id, InvoiceLine.invoice_id == w.open_invoice))]


def _show(phone: _Phone) -> None:
    second_factor.show(phone.actor, phone.id, _session_of(phone.id), phone.codes[0])


def _renew(phone: _Phone) -> None:
    second_factor.renew_codes(phone.actor, phone.id, phone.code(1))


def _off(phone: _Phone) -> None:
    second_factor.switch_off(phone.actor, phone.id, PASSWORD, phone.codes[0])


def newest_customer() -> int:
    return int(db.session.scalars(select(func.max(Customer.id))).one())


def tokens() -> int:
    return int(db.session.scalar(select(func.count()).select_from(StaffToken)) or 0)


_PART = "a part of other deeds, which tell of it"
_COUNTED = "worked out from what stands there; nobody decides anything"
_TECHNICAL = "a lease or a stamp of the machine, which says nothing of the business"

# Services that write and tell nobody: why.
WITHOUT: Mapping[str, str] = {
    "accountdata.discard": "a wish is forgotten before it was true; its asking stands in the trail",
    "accountdata.lead_on": "a code is used up to show a link; nothing of the record changes",
    "activities.record": "the trail itself",
    "gateway_events.take": "a provider's news is stored first; what it does is told by what it is about",
    "gateway_events.take_in": "worked on by attempts, refunds, chargebacks, payment methods, which tell",
    "gateway_events.try_again": "the same once more, by a person",
    "reminder_papers.draw": "the letter follows from the reminder, which stands in the trail",
    "attempts.carry_on": "a provider's answer is told by what it does: collected, declined (charging.try_again)",
    "method_days.follow_all": "each method by expire, notice, give_up",
    "method_rows.follow": _PART,
    "method_removal.forget": "the provider is told of a removal that stands in the trail",
    "method_setups.hear_setup": "by finish_setup",
    "refund_calls.carry_on": "its answer is told by what it does: refund.succeeded, refund.failed (test_refunds)",
    "refund_calls.settle": "a provider's answer is told by what it does: succeeded, failed (refund_calls.carry_on)",
    "refund_calls.take_event": "the same, of an answer that came by itself",
    "chargeback_news.take_event": "told by chargebacks.take_back and chargebacks.undo",
    "chargeback_news.follow": "told by chargebacks.take_back",
    "chargeback_news.returned": "told by chargebacks.take_back",
    "chargeback_news.win": "told by chargebacks.undo",
    "chargeback_news.note_foreign_refund": "news of money that is none of ours; refund.foreign (test_refunds)",
    "attempts.settle": "the same, of an answer that came by itself",
    "api_keys.authenticate": _TECHNICAL,
    "bank_debits.book": "each by debits.mark_paid or debit_returns.returned",
    "billing_chunk.bill_chunk": "one activity an invoice; driven by billing_run.bill",
    "dunning_chunk.run_chunk": "one activity a reminder; driven by dunning_run.dun",
    "dunning_run.finish_run_of": "the run's end by dunning_run.finish",
    "dunning_stops.resume_all": "each by dunning_stops.resume",
    "billing_chunk.bill_one_by_one": "the same, a customer at a time; who is left out stands in the run",
    "clock_moves.work": "clock.forwarded says who, clock.arrived that it is there (test_clock_moves)",
    "company.found_company": "company.created; done once, before this world (test below)",
    "company.freeze_letterhead": _PART,
    "company.lock_company": "takes a lock and writes nothing",
    "contract_days.follow_all": "each contract by contract_days.follow",
    "customer_codes.forget": _PART,
    "customer_exports.forget": _PART,
    "customer_exports.forget_of": _PART,
    "customer_exports.forget_old": "the order stands in the trail; its file goes after a week",
    "customer_exports.work": "the order stands in the trail",
    "files.store_from": _PART,
    "default_roles.make_default_roles": "comes with the company, before anybody is there",
    "demo.seed_demo": "made of other deeds",
    "due_marks.renew_mark": _COUNTED,
    "edits.as_seen": "takes a lock and writes nothing",
    "over_keys.forget_old": "what ended long ago; its ending stands in the trail where a person ended it",
    "purge.purge_some": "each record by purge.purge_record",
    "exports.forget_old": "the order of the file stands in the trail; its file goes after a week",
    "exports.work": "the order of the file stands in the trail",
    "figures.keep": _COUNTED,
    "figures.refresh": _COUNTED,
    "files.erase": _PART,
    "files.store": _PART,
    "load.seed_lists": "data for load tests, load.seeded as a whole",
    "load.seed_load": "data for load tests, load.seeded by the thousand",
    "messages.order": _PART,
    "accountdata_wishes.wishes_of": _PART,
    "accountdata_wishes.new_mandate": _PART,
    "numbers.draw": _PART,
    "one_time_links.make": _PART,
    "one_time_links.use": _PART,
    "one_time_links.void": _PART,
    "open_sessions.end": _PART,
    "open_sessions.end_all": _PART,
    "open_sessions.open": _PART,
    "open_sessions.renew": _PART,
    "open_sessions.stamp": _TECHNICAL,
    "numbers.draw_documents": _PART,
    "page_sizes.choose_page_size": "how many rows a person likes to see",
    "papers.draw": "the paper follows from the document; only one without its logo is told of",
    "papers.order": _PART,
    "papers.to_send": _PART,
    "reports.report_run": "follows from run.finished",
    "sealing.seal": "seals the trail itself",
    "text_sets.freeze": _PART,
    "timetable.forget_old": _TECHNICAL,
    "timetable.note_done": _TECHNICAL,
    "timetable.note_failed": _TECHNICAL,
    "timetable.take_due": _TECHNICAL,
    "timetable.take_for_move": _TECHNICAL,
    "notes.erase_notes": _PART,
    "vat_checks.answer_offline": "a sandbox's own answers to itself; the evidence stands in vat_checks",
}
