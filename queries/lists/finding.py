"""How a typed text finds rows: words of a customer, beginnings of a number. Never LIKE '%x%'."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select

from billing import words
from extensions import db
from models import SearchWord

_LAST = "\U0010ffff"


def customer_words(customer_id: Any, text: str) -> ColumnElement[bool]:
    """Each typed word begins a word of the customer's record (docs/architecture.md)."""
    typed = words.query_words(text)
    return and_(*(customer_id.in_(_with_word(word)) for word in typed)) if typed else false()


def begins(column: Any, text: str) -> ColumnElement[bool]:
    """The column's value begins with the text: a range over the index on SQLite, which compares bytes."""
    if db.engine.dialect.name == "sqlite":
        return and_(column >= text, column < text + _LAST)
    condition: ColumnElement[bool] = column.startswith(text, autoescape=True)
    return condition


def number_or_customer(number: Any, customer_id: Any, text: str) -> ColumnElement[bool]:
    """A document by the beginning of its number, or those of the customers whom the words find."""
    return or_(begins(number, text), begins(number, text.upper()), customer_words(customer_id, text))


def _with_word(word: str) -> Any:
    return select(SearchWord.customer_id).where(SearchWord.word >= word, SearchWord.word < word + _LAST)
