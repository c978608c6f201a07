"""What a person reads when a service says no: the code of a KontorError in their language, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin import formats
from admin.refusal_words import REFUSALS
from billing.errors import AlreadyDone, Conflict, Invalid, KontorError, NotFound

_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_BY_KIND: tuple[tuple[type[KontorError], Any], ...] = (
    (NotFound, _l("This does not exist (any more).")),
    (Invalid, _l("This value is not possible.")),
    (Conflict, _l("Somebody else changed this in the meantime. Please look again.")),
    (AlreadyDone, _l("This had already been done.")),
)


def of_code(code: str) -> str:
    """The sentence for a bare code."""
    return in_words(KontorError(code))


def in_words(error: KontorError) -> str:
    """One or two sentences for a person; the facts fill the blanks."""
    text = REFUSALS.get(error.code)
    if text is not None:
        facts = {name: _spelled(value) for name, value in error.facts.items()}
        return str(text) % facts if "%(" in str(text) else str(text)
    for kind, sentence in _BY_KIND:
        if isinstance(error, kind):
            return str(sentence)
    return gettext("This is not possible (%(code)s).", code=error.code)


def _spelled(value: object) -> object:
    """A day as people write it; services tell it as a date or in ISO's form. Fields are told by their labels."""
    if isinstance(value, list):
        told: Callable[[str, object], str] = current_app.jinja_env.globals["told"]  # it stands on the forms, they on us
        return told("fields", value)
    if isinstance(value, Decimal):
        return formats.quantity(value)
    if not isinstance(value, str) or not _ISO_DAY.fullmatch(value):
        return formats.day(value) if isinstance(value, date) else value
    try:
        return formats.day(date.fromisoformat(value))
    except ValueError:
        return value
