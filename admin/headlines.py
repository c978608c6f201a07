"""What an activity is called: the deed and what it was done to, in one line (P-10, P-17)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from admin import formats
from admin.deed_words import deed_label
from admin.field_words import field_label, told
from admin.words import kind_label, state_label
from queries.cards.activities import ActivityRow
from queries.cards.status import STATUS_OF

LONGEST = 90
NAMED = 2  # so many changed fields are called by name
# Fields that people know as one thing.
TOGETHER: Mapping[str, Any] = {
    "delivery_": _l("Delivery address"), "bank_": _l("Bank data"), "mandate_": _l("SEPA direct debit mandate"),
}  # fmt: skip
ADDRESS = frozenset({"address", "address_2", "zipcode", "city", "state", "country_code"})


def headline(row: ActivityRow) -> str:
    """The deed, and in a word to what: "Rechnung erstellt: RE-2026-0433", "Änderung: Lieferadresse"."""
    said = SPECIAL.get(row.code)
    if said is not None:
        return said(row)
    name = _amount(row) or _name(row)
    return f"{deed_label(row.code)}: {_short(name)}" if name else str(deed_label(row.code))


def changed_fields(names: Iterable[str]) -> list[str]:
    """The words for changed fields, each once."""
    return list(dict.fromkeys(str(_field(name)) for name in names))


def _field(name: str) -> Any:
    if name in ADDRESS:
        return gettext("Billing address")
    return next((word for start, word in TOGETHER.items() if name.startswith(start)), None) or field_label(name)


def _changed(row: ActivityRow) -> str:
    words = changed_fields(name for name, _, _ in row.changes)
    if not words:
        return str(deed_label(row.code))
    more = len(words) - NAMED
    named = ", ".join(words[:NAMED])
    if more > 0:
        named = ngettext("%(named)s and %(num)s more", "%(named)s and %(num)s more", more, named=named)
    return gettext("Changed: %(what)s", what=named)


def _status(row: ActivityRow) -> str:
    return gettext("Status: %(status)s", status=state_label("customer", STATUS_OF[row.code])[0])


def _merged(row: ActivityRow) -> str:
    """Which record went into this one."""
    number = (row.details or {}).get("other_number")
    return f"{deed_label(row.code)}: {number}" if number else str(deed_label(row.code))


def _note(row: ActivityRow) -> str:
    """A note is called by its first words."""
    kind = str(kind_label("note", (row.details or {}).get("note_kind", "note")))
    text = " ".join(str((row.details or {}).get("note", "")).split())
    return f"{kind}: {_short(text)}" if text else kind


def _name(row: ActivityRow) -> str:
    """What people call the thing: not the customer, on whose card this stands."""
    told_name = (row.details or {}).get("title") or (row.details or {}).get("filename")
    if row.object_kind in ("customer", "staff"):
        return str(told_name or "")
    return row.object_name or str((row.details or {}).get("number") or told_name or "")


def _amount(row: ActivityRow) -> str:
    details = row.details or {}
    cents = details.get("amount_cents")
    return told("amount_cents", cents, details.get("currency", "")) if isinstance(cents, int) else ""


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + " …"


SPECIAL: Mapping[str, Callable[[ActivityRow], str]] = {
    "customer.changed": _changed, **dict.fromkeys(STATUS_OF, _status), "note.created": _note,
    "customer.merged": _merged,
}  # fmt: skip


def actor_name(row: ActivityRow) -> str:
    """By whom, as on the card: "Jule Petersen, Support", "System", "Kundin, Self Service", "API, Shop"."""
    if row.actor_kind == "staff":
        return gettext("%(name)s, Support", name=row.actor) if row.actor else gettext("Support")
    if row.actor_kind == "customer":
        who = gettext("The customer herself") if row.salutation == "mrs" else gettext("Customer")
        return gettext("%(who)s, Self Service", who=who)
    if row.actor_kind == "api":
        return gettext("API, %(name)s", name=row.actor) if row.actor else gettext("API")
    return str(kind_label("actor", "system")) + (f", {row.actor}" if row.actor not in ("", "System") else "")


def when(row: ActivityRow) -> str:
    """ "heute, 02:04", "gestern, 16:20", "17.11.2026, 09:41"."""
    return formats.moment_near(row.at)
