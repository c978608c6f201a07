"""How values leave the house: mostly text, totals as numbers."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
NO_MOMENT = "0000-00-00 00:00:00"
NO_DAY = "0000-00-00"


def price(value: Decimal) -> str:
    """At least four decimals, more only where there are more: "15.0000", "0.12345678"."""
    exact = f"{value:.8f}"
    return exact[:-4] if exact.endswith("0000") else exact


def unit_price(value: Decimal) -> str:
    """An invoice line's price: eight decimals, "20.00000000"."""
    return f"{value:.8f}"


def hundredths(value: Decimal) -> str:
    """Percents: "19.00"."""
    return f"{value:.2f}"


def quantity(value: Decimal) -> str:
    """An invoice line's quantity: "1.00", more decimals only where there are more."""
    exact = f"{value:.4f}"
    return exact[:-2] if exact.endswith("00") else exact


def count(value: Decimal) -> str:
    """A subscription's quantity: "1", "2.5"."""
    exact = f"{value:.4f}".rstrip("0")
    return exact.removesuffix(".")


def amount(cents: int) -> int | Decimal:
    """A computed total, as a JSON number: 20, 11.21. Exact, never a float."""
    return cents // 100 if cents % 100 == 0 else Decimal(cents).scaleb(-2).normalize()


def german(cents: int) -> str:
    """CREDIT_BALANCE alone is written the German way: "0,00", "1234,50"."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100},{abs(cents) % 100:02d}"


def german_day(day: date) -> str:
    return day.strftime("%d.%m.%Y")


def flag(value: bool) -> str:
    return "1" if value else "0"


def day(value: date | None) -> str:
    return value.isoformat() if value else NO_DAY


def moment(value: date | datetime | None, clock: time = time()) -> str:
    """An instant as Berlin's wall clock, a date with `clock`; nothing is the contract's row of zeros."""
    if value is None:
        return NO_MOMENT
    if isinstance(value, datetime):
        return value.astimezone(BERLIN).strftime("%Y-%m-%d %H:%M:%S")
    return datetime.combine(value, clock).strftime("%Y-%m-%d %H:%M:%S")


def interval(unit: str | None, number: int, nothing: str | int = 0) -> str | int:
    """ "1 month"; where there is none, the number 0 (as recorded) or what the caller says."""
    return f"{number} {unit}" if unit else nothing


def listed(value: object) -> object:
    """X_ATTRIBUTES: a list, and an empty text where there is nothing (as recorded)."""
    return value or ""
