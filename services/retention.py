"""How long the law keeps what: RET-1 as one table, and what of a customer it keeps.

Times run from the end of the calendar year (section 147 (4) AO, section 257 (5) HGB). What is kept ten years (books,
the trail, the log) holds no personal datum once the record is empty; so only what names a person counts here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models import Invoice, Message, Note, NoteVersion, Payment, VatCheck
from models.fates import LETTERS, VOUCHERS, Law


@dataclass(frozen=True, slots=True)
class Kept:
    """`count` of one subject, the last of them until the end of day `until`."""

    subject: str
    count: int
    until: date


# What proves business: with one of these a record is restricted and not erased (Art. 17 (3) b DSGVO).
BUSINESS: Mapping[str, tuple[type[Any], Any, Law]] = {
    "invoices": (Invoice, Invoice.issued_on, VOUCHERS),
    "payments": (Payment, Payment.received_on, VOUCHERS),
    "vat_checks": (VatCheck, VatCheck.checked_at, VOUCHERS),
}


# Mails about access to an account, no business letters: none is about preparing, concluding, performing or undoing a
# deal (section 257 (2) HGB). Where they tell of a change, the trail keeps that it happened. `payment_data` is none of
# them: it confirms a booked subscription and asks for what performing it needs.
ACCESS_MAILS = ("customer_invitation", "customer_reset", "customer_password", "customer_code", "customer_changed")


def is_letter() -> ColumnElement[bool]:
    """Whether a mail is a business letter that was sent: what the law keeps of the outbox."""
    return (Message.state == "sent") & Message.template.not_in(ACCESS_MAILS)


def last_day(of: date, law: Law) -> date:
    """The last day on which something of this day has to be there; the day after it may go."""
    return date(of.year + law.years, 12, 31)


def may_go(of: date, law: Law, on: date) -> bool:
    """Whether its time is over on this day."""
    return on > last_day(of, law)


def first_kept(law: Law, on: date) -> date:
    """The first day whose things have to be there still on this day: whatever is older may go."""
    return date(on.year - law.years, 1, 1)


def kept_of(session: Session, ids: list[int]) -> tuple[Kept, ...]:
    """What must stay of these records; empty when nothing must. A fixed number of statements."""
    found = [
        _kept(session, name, day, law, model.customer_id.in_(ids)) for name, (model, day, law) in BUSINESS.items()
    ]  # fmt: skip
    business = tuple(each for each in found if each is not None)
    letters = (_mails(session, ids), _letters(session, ids)) if business else ()
    return (*business, *(each for each in letters if each is not None))


def _mails(session: Session, ids: list[int]) -> Kept | None:
    return _kept(session, "messages", Message.sent_at, LETTERS, Message.customer_id.in_(ids), is_letter())


def _letters(session: Session, ids: list[int]) -> Kept | None:
    theirs = select(Note.id).where(Note.customer_id.in_(ids))
    return _kept(session, "letters", NoteVersion.happened_on, LETTERS, NoteVersion.kind == "letter",
                 NoteVersion.note_id.in_(theirs))  # fmt: skip


def _kept(session: Session, subject: str, day: Any, law: Law, *conditions: ColumnElement[bool]) -> Kept | None:
    count, last = session.execute(select(func.count(), func.max(day)).where(*conditions, day.is_not(None))).one()
    return Kept(subject, count, last_day(last, law)) if count else None
