"""Form fields as a German desk needs them, and the base of all forms (one CSRF scheme: Flask-WTF's)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from babel.numbers import NumberFormatError, parse_decimal
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from markupsafe import Markup
from sqlalchemy import Text
from wtforms import (
    BooleanField,
    DateField,
    Field,
    IntegerField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import TextInput, html_params

from admin import formats
from billing.periods import Interval, Unit
from billing.unseen import without_unseen
from billing.words import sort_key
from services.values import COUNTRIES, LONGEST_TEXT

LONGEST_NUMBER = 30
_AS_TYPED = re.compile(r"[+-]?[0-9.,'’ \u00a0\u202f]+")  # no exponents, no digits of other scripts: Decimal takes both


class Form(FlaskForm):
    """`groups` are the headings of the form with the names of their fields, in order."""

    groups: Sequence[tuple[Any, Sequence[str]]] = ()

    def process(self, *args: Any, **kwargs: Any) -> None:
        """What nobody sees is taken out of every text but a password, before anybody asks how long it is."""
        super().process(*args, **kwargs)
        for field in self:
            if isinstance(field, StringField) and not isinstance(field, PasswordField) and field.data:
                field.data = without_unseen(field.data)

    def validate(self, extra_validators: Any = None) -> bool:
        """As everywhere, and no field holds a NUL: nobody types one, and PostgreSQL takes none, not even to compare."""
        fits = bool(super().validate(extra_validators))
        spoilt = [field for field in self if isinstance(field.data, str) and "\x00" in field.data]
        for field in spoilt:
            field.errors = [*field.errors, gettext("This text contains characters that cannot be printed.")]
        return fits and not spoilt


class LocalDecimalField(Field):
    """A decimal as people write it: "12,50" and "1.234,50" in German. Never a float on the way."""

    widget = TextInput()

    def __init__(self, *args: Any, places: int = 2, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = places

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else _shown(self.data, self.places)

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data: Decimal | None = None
        if not text:
            return
        try:
            if len(text) > LONGEST_NUMBER or not _AS_TYPED.fullmatch(text):
                raise NumberFormatError(text)
            self.data = parse_decimal(text, locale=get_locale() or "de", strict=True)
        except NumberFormatError:
            example = formats.quantity(Decimal("1234.5"))
            raise ValueError(gettext("Please enter a number such as %(example)s.", example=example)) from None


class PlainIntegerField(IntegerField):
    """A whole number in the digits 0 to 9: Python would also read those of other scripts, and underscores."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist and not valuelist[0].strip().removeprefix("-").isascii() or "_" in "".join(valuelist[:1]):
            self.data = None
            raise ValueError(gettext("Please enter a whole number, such as 14."))
        super().process_formdata(valuelist)


def _shown(value: Decimal, least: int) -> str:
    """At least so many decimals: two on a price tag."""
    places = max(least, -int(value.normalize().as_tuple().exponent))
    text = f"{value:.{places}f}"
    return text.replace(".", ",") if str(get_locale() or "de").startswith("de") else text


class IntervalField(Field):
    """So many days, weeks, months or years, as one `billing.periods.Interval`; no unit means none."""

    most = 999

    def process_formdata(self, valuelist: list[str]) -> None:
        count, unit = ([*valuelist, "", ""])[:2]
        self.typed = (count.strip()[:4] or "1", unit)
        self.data: Interval | None = None
        if not unit:
            return
        if unit not in UNIT_WORDS or not self.typed[0].isdecimal() or not 1 <= int(self.typed[0]) <= self.most:
            raise ValueError(gettext("Please enter a whole number from 1 to %(most)s and choose a unit.", most=999))
        self.data = Interval(Unit(unit), int(self.typed[0]))

    def widget(self, field: Field, **attributes: Any) -> Markup:
        """A number and a unit side by side."""
        count, unit = getattr(self, "typed", (self.data.count, self.data.unit.value) if self.data else ("1", ""))
        options = Markup("").join(
            Markup('<option value="{}"{}>{}</option>').format(key, Markup(" selected" if key == unit else ""), word)
            for key, word in [("", "–"), *UNIT_WORDS.items()]
        )
        return Markup('<span class="pair"><input type="number" id="{0}" name="{1}" value="{2}" min="1" max="{3}" {6}>'
                      '<select name="{1}" aria-label="{5}">{4}</select></span>').format(
            self.id, self.name, count, self.most, options, gettext("%(field)s: unit", field=self.label.text),
            html_params(**attributes),
        )  # fmt: skip


UNIT_WORDS = {"day": _l("days"), "week": _l("weeks"), "month": _l("months"), "year": _l("years")}


def span(label: Any, help: Any = "") -> Any:
    return IntervalField(label, description=help)


def stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def text(label: Any, column: Any = None, *, required: bool = False, longest: int = 200, help: Any = "") -> Any:
    """A text of one line, or of several where the column is a long one; as long as the column allows."""
    area = column is not None and isinstance(column.type, Text)
    limit = LONGEST_TEXT if area else (column.type.length if column is not None else longest)
    checks = [InputRequired() if required else Optional(strip_whitespace=False), Length(max=limit)]
    if area:
        return TextAreaField(label, checks, filters=[stripped], description=help)
    return StringField(label, checks, filters=[stripped], description=help, render_kw={"maxlength": limit})


def select(label: Any, choices: Sequence[tuple[Any, Any]], *, coerce: Any = str, help: Any = "") -> Any:
    return SelectField(label, choices=list(choices), coerce=coerce, description=help)


def country(label: Any, *, required: bool = False) -> Any:
    """A country by its name, in the reader's language; the code is kept."""
    choices = _countries if required else lambda: [("", "–"), *_countries()]
    # Another code is refused by the service, in its words, as the API has it.
    return SelectField(label, choices=choices, validate_choice=False, render_kw={"autocomplete": "country"})


def _countries() -> tuple[tuple[str, str], ...]:
    return _countries_in(str(get_locale()))


@cache
def _countries_in(language: str) -> tuple[tuple[str, str], ...]:
    """In the order of their names. A form asks several times for each of its addresses, a language has one answer."""
    pairs = ((code, formats.country(code)) for code in COUNTRIES)
    return tuple(sorted(pairs, key=lambda pair: sort_key(pair[1])))


def yes(label: Any, help: Any = "", default: bool = False) -> Any:
    return BooleanField(label, description=help, default=default)


def whole(
    label: Any, low: int, high: int, *, required: bool = False, help: Any = "", default: int | None = None
) -> Any:
    checks = [InputRequired() if required else Optional(), NumberRange(low, high)]
    return PlainIntegerField(label, checks, description=help, default=default, render_kw={"min": low, "max": high})


def decimal(
    label: Any, *, required: bool = False, help: Any = "", default: Decimal | None = None, places: int = 2
) -> Any:
    checks = [InputRequired()] if required else [Optional()]
    return LocalDecimalField(
        label, checks, description=help, default=default, places=places, render_kw={"inputmode": "decimal"}
    )


def day(label: Any, *, required: bool = False, help: Any = "") -> Any:
    return DateField(label, [InputRequired() if required else Optional()], description=help)
