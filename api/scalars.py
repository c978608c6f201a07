"""How one value of a call is read, and what is said when it is not of its kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from billing.errors import Invalid
from billing.periods import Interval

BERLIN = ZoneInfo("Europe/Berlin")
YEARS = range(1900, 2200)
_NUMBER = re.compile(r"[+-]?[0-9]{1,24}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?", re.ASCII)
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?")


@dataclass(frozen=True, slots=True)
class Fault:
    """Where it is wrong, `[2].UNIT_PRICE` inside a list, and what is wanted there; no words where the name says it."""

    path: str
    wanted: str = ""


class Wrong(Exception):
    """The value is not of the kind; the field's name is added by the caller. `faults` point into a list."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(fault.path for fault in faults))
        self.faults = faults


def interval(value: object) -> Interval | None:
    clean = plain(value)
    if clean in ("", "0"):
        return None
    try:
        return Interval.parse(clean)
    except Invalid:
        raise Wrong from None


def flag(value: object) -> bool:
    answers = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}
    if isinstance(value, bool):
        return value
    try:
        return answers[plain(value).lower()]
    except KeyError:
        raise Wrong from None


def moment(value: object) -> datetime | None:
    """Wall clock in Berlin; the shapes seen: a date, date and time, ISO 8601 with zone, time before date."""
    parts = sorted(plain(value).replace("T", " ").split(), key=lambda part: ":" in part)
    if not parts or parts[0] == "0000-00-00":
        return None
    found, clock = _DATE.fullmatch(parts[0]), _TIME.fullmatch(parts[1] if len(parts) == 2 else "00:00:00")
    if len(parts) > 2 or found is None or clock is None:
        raise Wrong
    return _in_berlin(found, clock)


def _in_berlin(found: re.Match[str], clock: re.Match[str]) -> datetime:
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
        moment = datetime.combine(day, time(int(clock[1]), int(clock[2]), int(clock[3] or 0)))
        if clock[4]:
            moment = datetime.fromisoformat(f"{moment.isoformat()}{clock[4]}").astimezone(BERLIN).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise Wrong from None
    if moment.year not in YEARS:
        raise Wrong
    return moment


def day(value: object) -> date | None:
    found = moment(value)
    return None if found is None else found.date()


def letters(count: int) -> Callable[[object], str]:
    def read(value: object) -> str:
        clean = plain(value).upper()
        if not (len(clean) == count and clean.isascii() and clean.isalpha()):
            raise Wrong
        return clean

    return read


def plain(value: object) -> str:
    """The text of a scalar. False is PHP's way of writing "nothing"; True is no text."""
    if isinstance(value, str):
        return value.strip()
    if value is False:
        return ""
    if value is True or not isinstance(value, int | Decimal):
        raise Wrong
    return str(value)


def number(value: object) -> Decimal:
    clean = plain(value)
    if isinstance(value, bool) or not _NUMBER.fullmatch(clean):
        raise Wrong
    return Decimal(clean)
