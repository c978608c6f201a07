"""How answers of providers are read: what has to be there is there, or nobody understands the answer."""

from __future__ import annotations

import calendar
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from gateways.base import BadEvent, Refused, Unanswered

Body = Mapping[str, Any]


@contextmanager
def only_looking() -> Iterator[None]:
    """Around what only looks for a deed: that looking was refused says nothing of what was done (EB-51)."""
    try:
        yield
    except Refused as error:
        raise Unanswered(error.code) from None


def posted(body: bytes) -> dict[str, Any]:
    """The object that a provider posted. Raises BadEvent for anything else, however deep somebody built it."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise BadEvent("unreadable")
    return told


def text(told: Body, name: str) -> str:
    """A text that is not empty. Raises Unanswered."""
    value = told.get(name)
    if not isinstance(value, str) or not value:
        raise Unanswered("unreadable")
    return value


def part(told: Body, name: str) -> Body:
    """An object inside. Raises Unanswered."""
    inner = told.get(name)
    if not isinstance(inner, dict):
        raise Unanswered("unreadable")
    return inner


def maybe(told: Body, name: str) -> Body:
    """An object inside that may be missing, then empty. Raises Unanswered for anything else."""
    return part(told, name) if told.get(name) else {}


def rows(told: Body, name: str) -> list[Body]:
    """A list of objects that may be missing. Raises Unanswered."""
    found = told.get(name) or []
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise Unanswered("unreadable")
    return found


def yes(told: Body, name: str) -> bool:
    """A truth, which some write as a word."""
    return str(told.get(name)).lower() == "true"


def last_day(year: str, month: str) -> date | None:
    """Of the month in which a card ends; the year has four digits or two. None for what is no month."""
    if not (year.isdecimal() and month.isdecimal() and 1 <= int(month) <= 12 and len(year) in (2, 4)):
        return None
    full = int(year) + (2000 if len(year) == 2 else 0)
    return date(full, int(month), calendar.monthrange(full, int(month))[1]) if full else None
