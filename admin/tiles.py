"""The tiles of activities: headline, by whom and when, and inside them what changed, all in the reader's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_babel import gettext

from admin import formats, problem_words, reason_words
from admin.deed_groups import GROUPS, group_of
from admin.field_words import field_label, told
from admin.headlines import actor_name, headline
from admin.state_words import STATES
from admin.words import kind_label, state_label
from queries.cards.activities import ActivityRow

# Ids of the house, and what stands beside the amount or in the headline already.
UNTOLD = frozenset({"currency", "usage_id", "coupon_id", "grant_id", "to_customer_id", "filename"})
WHERE_ANY = frozenset({"credit_cents", "discount_cents", "credited_cents", "fallen_cents"})
# Their reasons are the words of a provider or a bank; elsewhere a person wrote them.
GIVEN_BY_PROVIDERS = frozenset({
    "payment.charged_back", "refund.failed", "collection.given_up", "collection.issued_open", "payment.method_missing",
})  # fmt: skip
ALL = "all"


@dataclass(frozen=True, slots=True)
class Line:
    """A field or a fact. `old` and `new` for what changed, else `value`; `is_long` for what people wrote."""

    label: str
    value: str = ""
    old: str = ""
    new: str = ""
    is_change: bool = False
    is_long: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """An activity as it is drawn. `note` is the id of a note that may still be corrected here; `attachment` the
    version of it that came with a file."""

    row: ActivityRow
    group: str
    headline: str
    actor: str
    when: str
    lines: list[Line]
    note: int | None = None
    attachment: int | None = None


@dataclass(frozen=True, slots=True)
class Chip:
    """A group above the tiles: opens those of it, or closes them when they are open (`is_on`)."""

    name: str
    label: Any
    count: int
    is_on: bool


def tiles_of(rows: Sequence[ActivityRow]) -> list[Tile]:
    return [_tile(row) for row in rows]


def chips_of(tiles: Sequence[Tile], opened: str) -> list[Chip]:
    """All groups of the card, in its order; those without a tile here have nothing to open."""
    count = {name: sum(tile.group == name for tile in tiles) for name in GROUPS}
    chips = [Chip(ALL, gettext("All"), len(tiles), opened == ALL)]
    return chips + [Chip(name, label, count[name], opened in (name, ALL)) for name, label in GROUPS.items()]


def lines_of(row: ActivityRow) -> list[Line]:
    """What changed, and what else there is to tell."""
    changes = [
        Line(str(field_label(name)), old=_was(row, name, old), new=_said(row, name, new), is_change=True,
             is_long=name == "note")
        for name, old, new in row.changes
    ]  # fmt: skip
    return changes + [
        Line(str(field_label(name)), _said(row, name, value), is_long=name == "note")
        for name, value in row.facts
        if not _is_idle(row, name, value)
    ]


def _is_idle(row: ActivityRow, name: str, value: Any) -> bool:
    """What says nothing: ids of the house, what the headline says, and amounts that were not."""
    return (
        name in UNTOLD or value in ("", None, [], {}) or (name in WHERE_ANY and value == 0) or value == row.object_name
    )


def _tile(row: ActivityRow) -> Tile:
    is_newest = row.object_kind == "note" and row.note_version == (row.details or {}).get("version")
    return Tile(
        row, group_of(row.code), headline(row), actor_name(row), formats.moment_near(row.at), lines_of(row),
        note=row.object_id if is_newest and not row.note_is_struck else None, attachment=_attached(row),
    )  # fmt: skip


def _attached(row: ActivityRow) -> int | None:
    details = row.details or {}
    brought = details.get("attachment") or (details.get("changes") or {}).get("attachment", ["", ""])[1]
    return details.get("version") if brought else None


def _said(row: ActivityRow, name: str, value: Any) -> str:
    """A value in the words of its field; some names mean something else with another object."""
    if value in (None, ""):
        return "–"
    if name in BY_NAME:
        return BY_NAME[name](row, value)
    return told(name, value, (row.details or {}).get("currency", ""))


def _was(row: ActivityRow, name: str, value: Any) -> str:
    """An old value; nothing where there was none."""
    return "" if value in (None, "", []) else _said(row, name, value)


def _status(row: ActivityRow, value: Any) -> str:
    return str(state_label(row.object_kind if row.object_kind in STATES else "customer", value)[0])


def _kind(group: str) -> Callable[[ActivityRow, Any], str]:
    return lambda _row, value: str(kind_label(group, value))


def _mode(row: ActivityRow, value: Any) -> str:
    return str(kind_label("tax_mode" if row.code == "company.tax_mode_added" else "mode", value))


def _articles(_row: ActivityRow, value: Any) -> str:
    """What was sent: "2 × Kaffee, 1 × Tasse"."""
    return ", ".join(f"{each.get('quantity', 1)} × {each.get('title') or each.get('article_number')}" for each in value)


def _reason(row: ActivityRow, value: Any) -> str:
    """What a person gave as one, or a code of the house."""
    if row.code == "customer.vat_id_checked":
        return str(kind_label("vat_reason", value))
    if row.code in GIVEN_BY_PROVIDERS:
        return reason_words.reason_label(str(value))
    return str(problem_words.problem_label(value)) if row.code == "paper.drawn_without_logo" else told("reason", value)


BY_NAME: Mapping[str, Callable[[ActivityRow, Any], str]] = {
    "status": _status, "mode": _mode, "articles": _articles, "reason": _reason,
    "kind": lambda row, value: str(kind_label("coupon" if row.object_kind == "coupon" else "product", value)),
    "note_kind": _kind("note"), "template": _kind("template"),
    "category": _kind("vat"), "result": _kind("vat_result"), "format": _kind("format"),
    "list_name": _kind("list"), "vat_check": _kind("vat_check"), "vat_unconfirmed": _kind("vat_unconfirmed"),
    **dict.fromkeys(("country_code", "delivery_country_code"), lambda _row, value: formats.country(value)),
}  # fmt: skip


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(tiles_of=tiles_of, lines_of=lines_of)
