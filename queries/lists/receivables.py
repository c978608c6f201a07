"""What is owed, for what and since when, and what is open by age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from extensions import db
from models import Customer, DunningLevel, Invoice, Receivable
from queries.lists.conditions import Condition, Narrow, Rows, any_of, there_is
from queries.lists.finding import number_begins, number_has, number_or_customer
from queries.lists.names import customer_name
from queries.lists.owing import AT_LEVEL, LEVELS, OPEN, level_name, what_it_is
from queries.lists.shape import Listing, Sort

_parent, _named = Receivable.__table__.alias(), Receivable.__table__.alias()


def _receivables() -> Rows:
    return (
        select(
            Receivable.id, what_it_is().label("kind"), Invoice.id.label("invoice_id"),
            Invoice.number.label("invoice_number"), Receivable.customer_id, Customer.number.label("customer_number"),
            customer_name().label("customer"),
            Receivable.due_on, Receivable.amount_cents, Receivable.open_cents, Receivable.currency_code,
            Receivable.dunning_level, Receivable.settled_on,
            level_name(),
        )
        .join(Customer, Customer.id == Receivable.customer_id)
        .outerjoin(_parent, _parent.c.id == Receivable.parent_id)
        .outerjoin(Invoice, Invoice.id == func.coalesce(Receivable.invoice_id, _parent.c.invoice_id))
        .outerjoin(DunningLevel, AT_LEVEL)
    )  # fmt: skip


AGES = ("current", "1-30", "31-60", "61-90", "91")  # days since it was due


def of_age(age: str, today: date) -> ColumnElement[bool]:
    """Open receivables that have been due for so long: one of AGES."""
    if age == "current":
        return OPEN & (Receivable.due_on >= today)
    first, _, last = age.partition("-")
    since = OPEN & (Receivable.due_on <= today - timedelta(days=int(first)))
    return since & (Receivable.due_on >= today - timedelta(days=int(last))) if last else since


def _of_age(today: date) -> Narrow:
    def meaning(age: str) -> Condition | None:
        return Condition(of_age(age, today), leads="due_on") if age in AGES else None

    return meaning


def _of_level(value: str) -> Condition | None:
    """Open, and reminded of up to that level."""
    return Condition(OPEN & (Receivable.dunning_level == int(value)), leads="due_on") if value in LEVELS else None


def receivables(today: date) -> Listing:
    """What is owed; overdue is computed, not stored. What is open can be sorted by the day it is due."""
    meanings = {
        "open": Condition(OPEN, leads="due_on"),
        "overdue": Condition(OPEN & (Receivable.open_cents > 0) & (Receivable.due_on < today), leads="due_on"),
        "settled": Condition(Receivable.open_cents == 0),
    }
    return Listing(
        statement=_receivables,
        key=Receivable.id,
        sorts={"due_on": Sort((Receivable.due_on, Receivable.customer_id), led=True)},
        narrows={"state": meanings.get, "age": _of_age(today), "level": _of_level},
        search=_receivable_words,
    )


def _receivable_words(text: str) -> list[Condition]:
    """By the invoice's number or the customer's words."""
    of_row = there_is(Invoice.id == Receivable.invoice_id, number_has(Invoice.number, text))
    numbered = select(Receivable.id).join(Invoice, Invoice.id == Receivable.invoice_id)
    found = any_of(Condition(of_row, numbered.where(number_begins(Invoice.number, text))), _hangs_on(text))
    return number_or_customer(found, Receivable.customer_id, Receivable.id, text)


def _hangs_on(text: str) -> Condition:
    """Fees, interest and lump sums of the invoice of that number."""
    invoiced = select(_named.c.id).join(Invoice, Invoice.id == _named.c.invoice_id)
    numbered = invoiced.where(number_begins(Invoice.number, text))
    of_row = invoiced.where(_named.c.id == Receivable.parent_id, number_has(Invoice.number, text))
    holds = of_row.limit(1).correlate(Receivable).scalar_subquery().is_not(None)
    return Condition(holds, select(Receivable.id).where(Receivable.parent_id.in_(numbered)))


@dataclass(frozen=True, slots=True)
class Aged:
    """What is open in one currency, by how long it has been due: cents of each of AGES, in their order."""

    currency: str
    cents: tuple[int, ...]

    @property
    def total_cents(self) -> int:
        return sum(self.cents)

    def told(self, words: Sequence[Any]) -> list[tuple[Any, int]]:
        """Each of the words, in the order of AGES, with its cents."""
        return list(zip(words, self.cents, strict=True))


def open_by_age(today: date) -> list[Aged]:
    """All open receivables of the house. One statement over the index of what is open."""
    sums = [func.coalesce(func.sum(Receivable.open_cents).filter(of_age(age, today)), 0) for age in AGES]
    query = select(Receivable.currency_code, *sums).where(OPEN).group_by(Receivable.currency_code)
    rows = db.session.execute(query.order_by(Receivable.currency_code))
    return [Aged(currency, tuple(int(cents) for cents in found)) for currency, *found in rows]
