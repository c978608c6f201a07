"""How figures, days and moments look: 1.234,50 €, 30.11.2026, in the reader's language. Filters of the templates."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from babel.units import format_unit
from flask import Flask
from flask_babel import get_locale, gettext

from services import clock


def money(cents: int | None, currency: str | None) -> str:
    """Cents as an amount with its currency; nothing where there is none."""
    if cents is None or not currency:
        return ""
    return _parted(format_currency(Decimal(cents).scaleb(-2), currency, locale=get_locale() or "de"))


def sums(text: str | None) -> str:
    """Amounts in several currencies, out of a query's `CHF:700 EUR:1000` (cents), by the name of the currency."""
    each = (part.split(":") for part in sorted((text or "").split()))
    return " · ".join(money(int(cents), currency) for currency, cents in each)


def price(value: Decimal | None, currency: str | None) -> str:
    """A unit price: two decimals, more only where it has more."""
    if value is None or not currency:
        return ""
    places = max(2, -int(value.normalize().as_tuple().exponent))
    return with_places(value, currency, places)


def with_places(value: Decimal, currency: str, places: int) -> str:
    """An amount with so many decimals, none with nought."""
    locale = Locale.parse(str(get_locale() or "de"))
    digits = "0." + "0" * places if places else "0"
    pattern = locale.currency_formats["standard"].pattern.replace("0.00", digits)
    return _parted(format_currency(value, currency, pattern, locale=locale, currency_digits=False))


def _parted(written: str) -> str:
    """A currency's letters stand apart from the figures, also where the library forgets it: CHF 99.00."""
    return re.sub(r"(?<=[A-Za-z])(?=\d)", "\u00a0", written)


def quantity(value: Decimal | int | None) -> str:
    return "" if value is None else format_decimal(value, "#,##0.####", locale=get_locale() or "de")


def percent(value: Decimal | None) -> str:
    return "" if value is None else f"{quantity(value)} %"


def day(value: date | None) -> str:
    """A date as 30.11.2026; of an instant its day in Berlin."""
    if value is None:
        return ""
    value = clock.berlin(value) if isinstance(value, datetime) else value
    german = (get_locale() or "de") == "de" or str(get_locale()).startswith("de")
    return format_date(value, "dd.MM.yyyy" if german else "d MMM yyyy", locale=get_locale() or "de")


def moment(value: datetime | None) -> str:
    """An instant on the wall clock in Berlin."""
    if value is None:
        return ""
    german = str(get_locale() or "de").startswith("de")
    pattern = "dd.MM.yyyy, HH:mm" if german else "d MMM yyyy, HH:mm"
    return format_datetime(clock.berlin(value), pattern, tzinfo=clock.BERLIN, locale=get_locale() or "de")


def moment_near(value: datetime | None) -> str:
    """The same, with a word for today and yesterday: "heute, 02:04"."""
    if value is None:
        return ""
    local = clock.berlin(value)
    days = (clock.today() - local.date()).days
    word = {0: gettext("today"), 1: gettext("yesterday")}.get(days)
    return f"{word}, {local:%H:%M}" if word else moment(value)


def span(count: int, unit: str) -> str:
    """So many days, weeks, months or years: "1 Monat"."""
    return format_unit(count, f"duration-{unit}", "long", locale=get_locale() or "de")


def last_day(exclusive: date | None) -> date | None:
    """The last day of a period whose end is the first day after it."""
    return exclusive - timedelta(days=1) if exclusive else None


def days(first: date | None, last: date | None) -> str:
    """From day to day, both inclusive; a single day is written once, as on the paper."""
    if first is None or last is None or first == last:
        return day(first or last)
    return f"{day(first)} – {day(last)}"


def period(start: date | None, end: date | None) -> str:
    """A period whose end is the first day after it, as people read it."""
    return days(start, last_day(end))


def country(code: str | None) -> str:
    """A country's name in the reader's language; an unknown code as it stands."""
    names = Locale.parse(str(get_locale() or "de")).territories
    return str(names.get(code, code)) if code else ""


def masked_iban(value: str | None) -> str:
    """An IBAN as everybody may see it."""
    return f"{value[:4]} •••• {value[-4:]}" if value else ""


def headed(text: Any) -> str:
    """A word at the head of a column or a row begins with a capital, even where a badge writes it small."""
    words = str(text)
    return words[:1].upper() + words[1:]


def plain(value: Any) -> str:
    """A value out of an activity as text."""
    if value is None or value == "":
        return "–"
    if isinstance(value, list | tuple):
        return ", ".join(plain(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {plain(part)}" for name, part in sorted(value.items()))
    return str(value)


def file_size(count: int) -> str:
    """ "1,2 MB"; what is smaller than a kilobyte counts as one."""
    if count >= 1_000_000:
        return f"{format_decimal(round(count / 1_000_000, 1), locale=get_locale() or 'de')} MB"
    return f"{max(1, round(count / 1000))} kB"


def init_app(app: Flask) -> None:
    """Give the filters to the templates."""
    filters = (
        money, price, quantity, percent, day, days, period, moment, moment_near, last_day, country, masked_iban, plain,
        headed, span, file_size,
    )  # fmt: skip
    app.jinja_env.filters.update({function.__name__: function for function in filters})
    app.jinja_env.globals["today"] = clock.today
    app.jinja_env.globals["moved_by"] = clock.moved_by
