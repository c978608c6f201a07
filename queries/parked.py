"""Whom billing runs left out: open or settled, by reason and by run, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from extensions import db
from models import Customer, ParkedCustomer, Run
from queries.lists.finding import customer_words
from queries.lists.names import customer_name

PAGE = 50


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """`resolved_at` is None while somebody has to see to it. `subscription_id` 0: the customer as a whole."""

    id: int
    customer_id: int
    number: str
    name: str
    subscription_id: int
    code: str
    facts: Mapping[str, Any]
    created_at: datetime
    resolved_at: datetime | None
    run_id: int
    on_date: date


@dataclass(frozen=True, slots=True)
class ParkedPage:
    """`before` is where the next, older rows begin; `codes` are the reasons that are open somewhere."""

    rows: tuple[ParkedRow, ...]
    before: int | None
    codes: tuple[tuple[str, int], ...]


def find_parked(state: str, code: str, search: str, before: int | None) -> ParkedPage:
    """The newest first. `state`: open, settled or all. Two statements."""
    query = _rows().order_by(ParkedCustomer.id.desc()).limit(PAGE + 1)
    if state == "open":
        query = query.where(ParkedCustomer.resolved_at.is_(None))
    elif state == "settled":
        query = query.where(ParkedCustomer.resolved_at.is_not(None))
    if code and code.isprintable():  # PostgreSQL takes no NUL, not even to compare
        query = query.where(ParkedCustomer.code == code)
    if search.strip():
        query = query.where(*_found_by(search.strip()[:200]))
    if before:
        query = query.where(ParkedCustomer.id < before)
    found = _read(query)
    return ParkedPage(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None, _codes())


def parked_of_run(run_id: int, limit: int) -> tuple[ParkedRow, ...]:
    """Those of one run, what is still open first."""
    order = (ParkedCustomer.resolved_at.is_not(None), ParkedCustomer.id)
    return _read(_rows().where(ParkedCustomer.run_id == run_id).order_by(*order).limit(limit))


def _found_by(text: str) -> list[ColumnElement[bool]]:
    return [one.holds for one in customer_words(ParkedCustomer.customer_id, ParkedCustomer.id, text)]


def _rows() -> Select[Any]:
    columns = (
        ParkedCustomer.id, Customer.id, Customer.number, customer_name(), ParkedCustomer.subscription_id,
        ParkedCustomer.code, ParkedCustomer.facts, ParkedCustomer.created_at, ParkedCustomer.resolved_at, Run.id,
        Run.on_date,
    )  # fmt: skip
    query = select(*columns).join_from(ParkedCustomer, Customer, Customer.id == ParkedCustomer.customer_id)
    return query.join(Run, Run.id == ParkedCustomer.run_id)


def _read(query: Select[Any]) -> tuple[ParkedRow, ...]:
    rows: Sequence[Any] = db.session.execute(query).all()
    return tuple(ParkedRow(*row) for row in rows)


def _codes() -> tuple[tuple[str, int], ...]:
    count = func.count()
    query = select(ParkedCustomer.code, count).where(ParkedCustomer.resolved_at.is_(None))
    return tuple(
        (row[0], row[1]) for row in db.session.execute(query.group_by(ParkedCustomer.code).order_by(count.desc()))
    )
