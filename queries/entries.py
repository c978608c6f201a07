"""Entries of the books as screens call them: a returned debit is no chargeback, and a fee says what it is for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from billing.default import DAMAGES
from models import JournalEntry, Payment, Posting, Receivable
from queries.chargebacks import RETURNED_DEBIT
from queries.lists.conditions import Condition, there_is

TAKEN_OFF = "fee_reversal"
_FEES = ("reminder", "returned_debit", "chargeback")  # causes that a fee is called by
_parent = aliased(Receivable)


def entry_called() -> ColumnElement[str]:
    """The kind of a journal entry as people call it, looked up for the rows of a page: `reminder_fee` for the kind
    "fee", `reminder_fee_off` where it was taken off, and of every other kind alike."""
    return case(
        (_is_returned_debit(), literal_column(f"'{RETURNED_DEBIT}'")),
        (JournalEntry.kind == "fee", _fee()),
        (JournalEntry.kind == TAKEN_OFF, _taken_off()),
        else_=JournalEntry.kind,
    )


def postings_called(kind: str) -> Condition:
    """The postings of chargebacks that people call so, by the index on what is rare."""
    rare = [JournalEntry.kind != literal_column(f"'{each}'") for each in ("invoice", "payment")]
    so = (JournalEntry.kind == "chargeback", entry_called() == kind)
    members = select(Posting.id).join(JournalEntry, JournalEntry.id == Posting.entry_id)
    return Condition(there_is(JournalEntry.id == Posting.entry_id, *so), members.where(*rare, *so))


def _is_returned_debit() -> ColumnElement[bool]:
    by_debit = exists().where(Payment.entry_id == JournalEntry.id, Payment.method == "sepa_debit")
    return and_(JournalEntry.kind == "chargeback", by_debit.correlate(JournalEntry))


def _fee() -> ColumnElement[str]:
    """By its own receivable. One that was paid in full before it fell is booked against credit and names none: then by
    the fees of its invoice, if they are all for the same."""
    own = select(_named(Receivable.cause)).join(Posting, Posting.receivable_id == Receivable.id)
    own = own.where(Posting.entry_id == JournalEntry.id, Receivable.kind == "fee").limit(1)
    causes = func.min(Receivable.cause), func.max(Receivable.cause)
    all_ = select(case((causes[0] == causes[1], _named(causes[0])))).join(_parent, _parent.id == Receivable.parent_id)
    all_ = all_.where(_parent.invoice_id == JournalEntry.invoice_id, Receivable.kind == "fee",
                      Receivable.cause.in_(_FEES))  # fmt: skip
    return func.coalesce(_of_entry(own), _of_entry(all_), literal_column("'fee'"))


def _named(cause: Any) -> ColumnElement[str]:
    return case((cause.in_(_FEES), cause.concat("_fee")), else_=literal_column("'fee'"))


def _taken_off() -> ColumnElement[str]:
    """Fee, interest or lump sum, as the account says."""
    accounts = {account: kind for kind, account in DAMAGES.items()}
    kind = select(case(accounts, value=Posting.account)).where(
        Posting.entry_id == JournalEntry.id, or_(*(Posting.account == account for account in accounts))
    )
    found = _of_entry(kind.limit(1))
    return case((found == "fee", _fee()), else_=found).concat("_off")


def _of_entry(query: Select[Any]) -> ColumnElement[Any]:
    return query.correlate(JournalEntry).scalar_subquery()
