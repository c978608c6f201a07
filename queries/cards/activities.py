"""What happened to somebody or something, newest first, with the details as far as they were not erased."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from extensions import db
from models import Activity, ActivityDetail, ActivityMember, Customer, NoteVersion, Staff
from queries.family import family_of
from queries.lists import listing
from queries.lists.conditions import Condition, Narrow, Rows, unindexed
from queries.lists.names import object_name
from queries.lists.shape import Listing, Page, Wish

SHOWN = 20  # beside the overview
ACTORS = ("staff", "system", "customer", "api")
HIDDEN = frozenset({"actor", "changes", "version"})
_about = aliased(Customer)  # the statement around may have customers of its own


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """`details` is None where erasure took them; the digest of the row stays and still proves them.

    `salutation` is that of the customer it is about; `note_version` and `note_is_struck` tell the last version of the
    note it is about.
    """

    id: int
    at: datetime
    code: str
    actor_kind: str
    actor: str
    object_kind: str
    object_id: int
    customer_id: int | None
    details: Mapping[str, Any] | None
    seal_id: int | None = None
    object_name: str = ""
    salutation: str = ""
    note_version: int | None = None
    note_is_struck: bool = False

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """(field, old, new) of what was changed."""
        pairs = (self.details or {}).get("changes") or {}
        return [(field, pair[0], pair[1]) for field, pair in sorted(pairs.items())]

    @property
    def facts(self) -> list[tuple[str, Any]]:
        """What else the activity tells."""
        told = self.details or {}
        return [(name, value) for name, value in sorted(told.items()) if name not in HIDDEN]


@dataclass(frozen=True, slots=True)
class TrailPage:
    """A page of a customer's activities, and where it stands."""

    rows: tuple[ActivityRow, ...]
    page: Page


def of_customer(customer_id: int, limit: int = SHOWN) -> tuple[ActivityRow, ...]:
    """The newest activities about a customer and what belongs to them. One statement."""
    return _find(Activity.customer_id.in_(family_of(customer_id)), limit)


def page_of_customer(
    customer_id: int, groups: Mapping[str, Collection[str]], wish: Wish, size: int, after: str = "", before: str = ""
) -> TrailPage:
    """A page of all of them. `groups` are the codes of each group that `wish.narrow["group"]` may name. One statement.

    Ordered by id, which the index on (customer, id) serves however many there are.
    """
    found = Listing(
        statement=_rows, key=Activity.id, base=(Activity.customer_id.in_(family_of(customer_id)),), search=_words,
        narrows={"group": _of_group(groups), "by": _by},
    )  # fmt: skip
    page = listing.page(found, wish, size, after, before)
    return TrailPage(tuple(map(_row, page.rows)), page)


def of_contract(customer_id: int, subscription_id: int, limit: int = 20) -> tuple[ActivityRow, ...]:
    """The newest activities about one contract, found among its customer's."""
    about = (Activity.object_kind == "subscription", Activity.object_id == subscription_id)
    return _find(and_(Activity.customer_id.in_(family_of(customer_id)), *about), limit)


def get_activity(activity_id: int) -> ActivityRow | None:
    found = _find(Activity.id == activity_id, 1)
    return found[0] if found else None


def _find(condition: ColumnElement[bool], limit: int) -> tuple[ActivityRow, ...]:
    """Chosen by an index first, so that all else is read for these rows alone and not for a long history."""
    newest = select(Activity.id).where(condition).order_by(Activity.id.desc()).limit(limit).subquery("newest")
    query = _rows().where(Activity.id.in_(select(newest.c.id))).order_by(Activity.id.desc())
    return tuple(_row(found) for found in db.session.execute(query))


def _rows() -> Rows:
    name = object_name(Activity.object_kind, Activity.object_id)
    newest = select(NoteVersion.version, NoteVersion.is_struck).where(NoteVersion.note_id == Activity.object_id)
    newest = newest.order_by(NoteVersion.version.desc()).limit(1)
    is_note = Activity.object_kind == "note"
    return (
        select(
            Activity.id, Activity.at, Activity.code, Activity.actor_kind, Staff.name.label("staff"),
            Activity.object_kind, Activity.object_id, Activity.customer_id, ActivityDetail.details,
            ActivityMember.seal_id, name.label("object_name"), _about.salutation.label("salutation"),
            case((is_note, newest.with_only_columns(NoteVersion.version).scalar_subquery())).label("note_version"),
            case((is_note, newest.with_only_columns(NoteVersion.is_struck).scalar_subquery())).label("note_is_struck"),
        )
        .outerjoin(ActivityDetail, ActivityDetail.activity_id == Activity.id)
        .outerjoin(ActivityMember, ActivityMember.activity_id == Activity.id)
        .outerjoin(Staff, and_(Activity.actor_kind == "staff", Staff.id == Activity.actor_id))
        .outerjoin(_about, _about.id == Activity.customer_id)
    )  # fmt: skip


def _row(found: Row[Any]) -> ActivityRow:
    """The actor is called as the details say; once they are erased, a person of the house as today."""
    details = json.loads(found.details) if found.details else None
    return ActivityRow(
        found.id, found.at, found.code, found.actor_kind, (details or {}).get("actor", "") or found.staff or "",
        found.object_kind, found.object_id, found.customer_id, details, found.seal_id, found.object_name,
        found.salutation or "", found.note_version, bool(found.note_is_struck),
    )  # fmt: skip


def _of_group(groups: Mapping[str, Collection[str]]) -> Narrow:
    def meaning(value: str) -> Condition | None:
        return Condition(unindexed(Activity.code).in_(sorted(groups[value]))) if value in groups else None

    return meaning


def _by(value: str) -> Condition | None:
    return Condition(unindexed(Activity.actor_kind) == value) if value in ACTORS else None


def _words(text: str) -> list[Condition]:
    """Each typed word stands somewhere in the details: the text of a note, a number, a name, an old or new value.

    Asked of the customer's own activities alone. SQLite folds the case of plain letters only, so a word with an umlaut
    is also looked for with a capital and without.
    """
    return [Condition(_told(word)) for word in text.split()]


def _told(word: str) -> ColumnElement[bool]:
    told = ActivityDetail.details
    holds = [told.contains(each, autoescape=True) for each in sorted({word, word.lower(), word.capitalize()})]
    holds.append(func.lower(told).contains(word.lower(), autoescape=True))
    found = select(ActivityDetail.activity_id).where(ActivityDetail.activity_id == Activity.id, or_(*holds))
    return found.exists()
