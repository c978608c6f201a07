"""What a reminder says, in its mail and on its paper: the frozen words of its level, each sum that is asked for, until
when, and where to transfer to (M2-13). What an earlier reminder added and is still open is asked for with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, cast

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from billing.errors import NotAllowed, NotFound
from billing.interest import points
from documents import figures
from documents.paper import Party
from documents.reminder_paper import ReminderItem, ReminderPaper
from documents.words import words
from extensions import db
from models import Customer, DunningLevel, Invoice, Letterhead, Message, Receivable, Reminder, TextSet
from services import clock, paper_data, paper_heads, paper_texts, text_sets
from services.customer_letters import customer_values
from services.customers import find_survivor
from services.paper_words import BUILT_IN
from services.text_catalogue import LANGUAGES, REMINDERS, reader_of

# The names that come along, for readers of English; a name that the house chose is told as it is.
_ENGLISH: Mapping[str, str] = {
    "Zahlungserinnerung": "Payment reminder", "1. Mahnung": "First reminder", "2. Mahnung": "Second reminder",
    "3. Mahnung": "Third reminder", "Letzte Mahnung": "Last reminder",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Rows:
    """A reminder with what it is about; `payer` is who speaks for the customer today."""

    reminder: Reminder
    invoice: Invoice
    payer: Customer
    head: Letterhead
    language: str


def facts_of_reminder(_language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: reminder_id. The mail says the same as the letter. Raises NotFound, and
    NotAllowed("paid_meanwhile") where nothing is open any more."""
    rows = _read(facts["reminder_id"])
    if is_settled(rows.reminder.receivable_id):
        raise NotAllowed("paid_meanwhile", field="reminder_id")  # nobody is reminded of what they have paid (MAH-7)
    language = rows.language
    items, asked = _items(rows), _asked(rows)
    head = rows.head.data
    told = asked | {
        "text": _text(rows, asked), "bic": head.get("bic", ""), "iban": figures.grouped(head.get("iban", "")),
        "payee": head.get("bank_owner") or head.get("name", ""),
        "items": [{"what": item.what, "amount": figures.money(item.cents, rows.invoice.currency_code, language)}
                  for item in items],
    }  # fmt: skip
    invoice = paper_data.figures_of(rows.invoice.id)
    return {"customer": customer_values(rows.payer, language), "reminder": told,
            "invoice": replace(invoice, language=language).values()["invoice"]}  # fmt: skip


def is_settled(receivable_id: int) -> bool:
    """Whether there is nothing to remind of any more (MAH-7)."""
    open_cents = db.session.scalar(select(Receivable.open_cents).where(Receivable.id == receivable_id))
    return open_cents is not None and open_cents <= 0


def reminder_paper(reminder_id: int, *, with_logo: bool = True) -> ReminderPaper:
    """The letter as data. Raises NotFound, or files.Damaged for the frozen logo."""
    rows = _read(reminder_id)
    asked = _asked(rows)
    sentences = _sentences(rows)
    told = replace(paper_data.figures_of(rows.invoice.id), language=rows.language)
    return ReminderPaper(
        letterhead=paper_heads.letterhead_of(rows.head.data, rows.head.logo_file_id if with_logo else None),
        buyer=_party(rows.payer), customer_number=rows.payer.number, name=asked["level"],
        number=rows.invoice.number or "", reminded_on=rows.reminder.reminded_on, pay_until=_pay_until(rows.reminder),
        greeting=customer_values(rows.payer, rows.language)["greeting"], text=_text(rows, asked), items=_items(rows),
        currency=rows.reminder.currency_code, closing=paper_texts.closing_text(sentences, told),
        language=rows.language, sandbox=rows.head.data.get("mode") == "sandbox",
    )  # fmt: skip


def example(language: str, day: str) -> dict[str, Any]:
    """Values for trying the words out."""
    word, sum_ = words(language), figures.money(16_165, "EUR", language)
    names = {"de": "1. Mahnung", "en": "First reminder"}
    return {"reminder": {
        "level": names[language], "date": day, "until": day, "open": figures.money(11_781, "EUR", language),
        "fee": figures.money(300, "EUR", language), "interest": figures.money(84, "EUR", language),
        "lump_sum": figures.money(4_000, "EUR", language), "total": sum_, "note": word["suspended"],
        "text": {"de": "wir haben Sie bereits erinnert …", "en": "we have reminded you before …"}[language],
        "items": [{"what": word["reminder_fee"], "amount": figures.money(300, "EUR", language)}],
        "payee": "Beispiel GmbH", "iban": figures.grouped("DE02120300000000202051"), "bic": "BYLADEM1001",
    }}  # fmt: skip


def _read(reminder_id: int) -> _Rows:
    query = (
        select(Reminder, Invoice)
        .join(Receivable, Receivable.id == Reminder.receivable_id)
        .join(Invoice, Invoice.id == Receivable.invoice_id)
        .where(Reminder.id == reminder_id)
    )
    found = db.session.execute(query).one_or_none()
    if found is None:
        raise NotFound("reminder", reminder_id=reminder_id)
    reminder, invoice = found
    payer = find_survivor(cast(Session, db.session()), reminder.customer_id)
    head = db.session.get_one(Letterhead, reminder.letterhead_id or invoice.letterhead_id)
    texts = db.session.get(TextSet, reminder.text_set_id) if reminder.text_set_id else None
    return _Rows(reminder, invoice, payer, head, texts.language_code if texts else reader_of(payer.language_code))


def _items(rows: _Rows) -> tuple[ReminderItem, ...]:
    """The claim, what this reminder adds, and what stands open from before; the first carries the due day."""
    word, row, language = words(rows.language), rows.reminder, rows.language
    due = paper_data.figures_of(rows.invoice.id).due_on
    claim = word["open_invoice"].format(
        number=rows.invoice.number, day=figures.day(rows.invoice.issued_on or row.reminded_on, language)
    )
    added = (("fee", row.fee_cents), ("interest", row.interest_cents), ("lump_sum", row.lump_sum_cents))
    return (
        ReminderItem(claim, row.open_cents, due),
        *_before(rows),
        *(ReminderItem(_named(rows, kind), cents) for kind, cents in added if cents),
    )


def _before(rows: _Rows) -> list[ReminderItem]:
    """What hangs on the invoice since before this reminder and is not paid: earlier fees, interest, a bank's fee."""
    row, word = rows.reminder, words(rows.language)
    earlier = or_(Receivable.cause != "reminder", Receivable.created_at < row.created_at)
    query = select(Receivable.kind, Receivable.cause, Receivable.open_cents, Receivable.due_on).where(
        Receivable.parent_id == row.receivable_id, Receivable.open_cents > 0, earlier
    )
    return [
        ReminderItem(
            word["asked_before"].format(what=_named(rows, kind)) if cause == "reminder" else word[f"item_{kind}"],
            cents, due,
        )
        for kind, cause, cents, due in db.session.execute(query.order_by(Receivable.id))
    ]  # fmt: skip


def _named(rows: _Rows, kind: str) -> str:
    is_consumer = rows.invoice.buyer.get("customer_type") != "business"
    return words(rows.language)[f"reminder_{kind}"].format(points=points(is_consumer))


def _asked(rows: _Rows) -> dict[str, Any]:
    """What the sentences may name; a sum of nothing is empty, so that `if` leaves it out."""
    row, language = rows.reminder, rows.language

    def money(cents: int) -> str:
        return figures.money(cents, row.currency_code, language) if cents else ""

    return {
        "level": _ENGLISH.get(row.name, row.name) if language == "en" else row.name,
        "date": figures.day(row.reminded_on, language), "until": figures.day(_pay_until(row), language),
        "open": money(row.open_cents), "fee": money(row.fee_cents), "interest": money(row.interest_cents),
        "lump_sum": money(row.lump_sum_cents), "total": money(sum(item.cents for item in _items(rows))),
        "note": _note(rows),
    }  # fmt: skip


def _pay_until(row: Reminder) -> date:
    """Who is reminded by mail alone has the level's days from when it left, however late that was (MAH-1)."""
    if row.letter_state != "none":
        return row.pay_until
    mail = db.session.execute(select(Message.id, Message.sent_at).where(Message.event == f"reminder:{row.id}")).first()
    if mail is None:
        return row.pay_until
    left_on = clock.berlin(mail.sent_at).date() if mail.sent_at else clock.today()
    return row.pay_until + max(left_on - row.reminded_on, timedelta(0))


def _note(rows: _Rows) -> str:
    """That the contract is switched off until it is paid, in the level's words or those of the house."""
    if not rows.reminder.deactivated:
        return ""
    level = db.session.get(DunningLevel, rows.reminder.level)
    return (level.deactivation_text if level else "") or words(rows.language)["suspended"]


def _text(rows: _Rows, asked: Mapping[str, Any]) -> str:
    told = replace(paper_data.figures_of(rows.invoice.id), language=rows.language)
    name = f"reminder_{min(rows.reminder.level, REMINDERS)}"
    return paper_texts.sentence(_sentences(rows), name, told.values(reminder=asked))


def _sentences(rows: _Rows) -> text_sets.Sentences:
    """The frozen ones; a set of before reminders had words is filled up with those that came along."""
    place = LANGUAGES.index(rows.language)
    frozen = text_sets.sentences(rows.reminder.text_set_id, rows.language)
    return {name: pair[place] for name, pair in BUILT_IN.items()} | dict(frozen)


def _party(row: Customer) -> Party:
    """Where the letter goes today, not where the invoice went."""
    return Party(
        organization=row.organization, salutation=row.salutation, title=row.title_academic, first_name=row.first_name,
        last_name=row.last_name, address=row.address, address_2=row.address_2, zipcode=row.zipcode, city=row.city,
        state=row.state, country_code=row.country_code,
    )  # fmt: skip
