"""An account statement as data. Apart from its drawing, which imports half a second of libraries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from documents.paper import Letterhead, Party


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One movement: `what` is its kind in words, `note` its document or reference."""

    on: date
    what: str
    note: str
    cents: int
    balance_cents: int


@dataclass(frozen=True, slots=True)
class StatementItem:
    """One open item as of the last day."""

    what: str
    due_on: date
    amount_cents: int
    open_cents: int


@dataclass(frozen=True, slots=True)
class StatementAccount:
    """The account in one currency; a balance above zero is owed by the customer."""

    currency: str
    opening_cents: int
    rows: tuple[StatementRow, ...]
    closing_cents: int
    items: tuple[StatementItem, ...]
    credit_cents: int


@dataclass(frozen=True, slots=True)
class StatementPaper:
    """A statement from the first to the last day, both included. `language` is de or en."""

    letterhead: Letterhead
    buyer: Party
    customer_number: str
    drawn_on: date
    first: date
    last: date
    accounts: tuple[StatementAccount, ...]
    language: str = "de"
    sandbox: bool = False
