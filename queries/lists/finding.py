"""How a typed text finds rows: words of a customer, beginnings of a number. Never LIKE '%x%'."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from billing import words
from models import SearchWord
from queries.lists.conditions import NOTHING, Condition, any_of, there_is

_LAST = "\U0010ffff"
_COUNTED = 20  # words of a search; each is a condition of its own
_hit = SearchWord.__table__.alias()


def customer_words(customer_id: Any, key: Any, text: str) -> list[Condition]:
    """Each typed word begins a word of the record of the row's customer (docs/architecture.md).

    `customer_id` is the row's column, `key` its id; the same column for customers themselves.
    """
    typed = words.query_words(text)[:_COUNTED]
    return [_with_word(customer_id, key, word) for word in typed] or [NOTHING]


def begins(column: Any, text: str) -> ColumnElement[bool]:
    """The column's value begins with the text: a range over an index that compares bytes."""
    return and_(column >= text, column < text + _LAST)


def number(column: Any, key: Any, text: str) -> Condition:
    """The number of the row itself begins with the text, in whatever case it was typed."""
    return Condition(number_has(column, text), select(key).where(number_begins(column, text)))


def number_begins(column: Any, text: str) -> ColumnElement[bool]:
    """The number begins with the text: for an index to begin with."""
    return or_(*(begins(column, each) for each in sorted({text, text.upper()})))


def number_has(column: Any, text: str) -> ColumnElement[bool]:
    """The same of a row at hand."""
    has: ColumnElement[bool] = func.substr(column, 1, len(text)).in_(sorted({text, text.upper()}))
    return has


def number_or_customer(numbered: Condition, customer_id: Any, key: Any, text: str) -> list[Condition]:
    """What has this number, or belongs to the customers whom the words find."""
    found = customer_words(customer_id, key, text)
    if len(found) == 1:
        return [any_of(numbered, *found)]
    is_number = " " not in text and any(char.isdigit() for char in text)  # RE-2026-00001, not Meyer-Landrut
    return [numbered] if is_number else found


def _with_word(customer_id: Any, key: Any, word: str) -> Condition:
    of_row = there_is(_hit.c.customer_id == customer_id, _hit.c.word >= word, _hit.c.word < word + _LAST)
    found = and_(SearchWord.word >= word, SearchWord.word < word + _LAST)
    if key is customer_id:
        return Condition(of_row, select(SearchWord.customer_id).where(found), orders=frozenset())
    members = select(key).join(SearchWord, SearchWord.customer_id == customer_id).where(found)
    return Condition(of_row, members, orders=frozenset())
