"""How a code of the database is said: its word, its tone, an account and a rhythm in words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Flask
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin.formats import percent
from admin.kind_words import KINDS
from admin.state_words import STATES

UNITS: Mapping[str, tuple[Any, Any]] = {
    "day": (_l("every day"), _l("every %(count)s days")),
    "week": (_l("every week"), _l("every %(count)s weeks")),
    "month": (_l("every month"), _l("every %(count)s months")),
    "year": (_l("every year"), _l("every %(count)s years")),
}


def state_label(machine: str, state: Any) -> tuple[Any, str]:
    """(label, tone) of a state; an unknown one is shown as it is."""
    return STATES.get(machine, {}).get(str(state), (state, "plain"))


def kind_label(group: str, value: Any) -> Any:
    """The word for a code; an unknown one is shown as it is."""
    return KINDS.get(group, {}).get(value, "" if value is None else value)


def nameless(state: str) -> Any:
    """What stands in the place of a document's number before there is one."""
    return state_label("document", "draft")[0] if state == "draft" else gettext("Without a number yet")


def account_label(account: str) -> str:
    """An account of `billing.ledger` in words: "Revenue 19 % (S)", "Money at a provider (stripe)"."""
    name, _, rest = account.partition(":")
    label = str(kind_label("account", name))
    category, _, rate = rest.partition(":")
    if rate:
        return f"{label} {percent(Decimal(rate))} ({category})"
    return f"{label} ({category})" if category else label


def rhythm(unit: str | None, count: int) -> str:
    """How often: every month, every 3 months."""
    if not unit:
        return ""
    one, many = UNITS[unit]
    return str(one) if count == 1 else str(many) % {"count": count}


def choices(group: str) -> list[tuple[Any, Any]]:
    """The codes of a kind with their words, for a select."""
    return list(KINDS[group].items())


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        state_label=state_label, kind_label=kind_label, account_label=account_label, rhythm=rhythm
    )  # fmt: skip
