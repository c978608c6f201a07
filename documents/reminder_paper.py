"""A reminder as data. Apart from its drawing, which imports half a second of libraries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from documents.paper import Letterhead, Party


@dataclass(frozen=True, slots=True)
class ReminderItem:
    """One sum that is asked for, in cents; `due_on` where it fell due before."""

    what: str
    cents: int
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class ReminderPaper:
    """One reminder about one invoice. `name` is the level's; `greeting` and `text` are written already."""

    letterhead: Letterhead
    buyer: Party
    customer_number: str
    name: str
    number: str
    reminded_on: date
    pay_until: date
    greeting: str
    text: str
    items: tuple[ReminderItem, ...]
    currency: str
    closing: str = ""
    language: str = "de"
    sandbox: bool = False

    @property
    def total_cents(self) -> int:
        return sum(item.cents for item in self.items)
