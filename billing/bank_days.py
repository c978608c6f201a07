"""Days on which banks move money (TARGET), and days on which one has to pay at all (section 193 BGB)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

_DAY = timedelta(days=1)
_SATURDAY = 5


def is_bank_day(day: date) -> bool:
    """Whether TARGET is open: no weekend, and none of its six closing days (ECB/2022/8, Annex I)."""
    return day.weekday() < _SATURDAY and day not in _target_closed(day.year)


def is_working_day(day: date) -> bool:
    """Whether something can fall due on it (section 193 BGB): a bank day that is no holiday in the whole of Germany.

    What only some of the states celebrate is left out: the house does not know where a customer pays.
    """
    return is_bank_day(day) and day not in _german_holidays(day.year)


def next_bank_day(day: date) -> date:
    """The day itself, or the first bank day after it."""
    while not is_bank_day(day):
        day += _DAY
    return day


@lru_cache(maxsize=4096)  # a run asks the same few due dates ten thousand times
def next_working_day(day: date) -> date:
    """The day itself, or the first working day after it: where a payment that falls on a Sunday is due."""
    while not is_working_day(day):
        day += _DAY
    return day


@lru_cache(maxsize=4096)
def add_bank_days(day: date, count: int) -> date:
    """So many bank days later (0 or more); counted from a closed day, the first open one is day one."""
    for _ in range(count):
        day = next_bank_day(day + _DAY)
    return day


def easter(year: int) -> date:
    """Easter Sunday, by the Gregorian reckoning (Meeus, Jones and Butcher)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    leap, shift = divmod(century, 4)
    epact = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * shift + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=64)
def _target_closed(year: int) -> frozenset[date]:
    sunday = easter(year)
    fixed = (date(year, 1, 1), date(year, 5, 1), date(year, 12, 25), date(year, 12, 26))
    return frozenset((*fixed, sunday - 2 * _DAY, sunday + _DAY))


@lru_cache(maxsize=64)
def _german_holidays(year: int) -> frozenset[date]:
    """Ascension, Whit Monday and German Unity Day; the others are closing days of TARGET already."""
    sunday = easter(year)
    return frozenset((sunday + timedelta(39), sunday + timedelta(50), date(year, 10, 3)))
