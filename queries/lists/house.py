"""What the house did and who works in it: runs, messages, activities, staff, roles, keys, number ranges."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func, or_, select

from models import Activity, ApiKey, Message, NumberRange, Role, Run, RunChunk, Sequence, Staff
from queries.lists.finding import begins
from queries.lists.listing import Listing, Rows, equals


def _runs() -> Rows:
    sums = (
        select(
            RunChunk.run_id, func.sum(RunChunk.due).label("due"), func.sum(RunChunk.issued).label("issued"),
            func.sum(RunChunk.skipped).label("skipped"), func.sum(RunChunk.failed).label("failed"),
        ).group_by(RunChunk.run_id).subquery()
    )  # fmt: skip
    state = case((Run.finished_at.is_(None), "running"), else_="finished").label("state")
    return select(
        Run.id, Run.on_date, state, Run.actor_kind, Run.started_at, Run.finished_at,
        *(func.coalesce(sums.c[name], 0).label(name) for name in ("due", "issued", "skipped", "failed")),
    ).outerjoin(sums, sums.c.run_id == Run.id)  # fmt: skip


RUNS = Listing(statement=_runs, key=Run.id, sorts={"on_date": Run.on_date, "started_at": Run.started_at})


def _messages() -> Rows:
    return select(
        Message.id, Message.recipient, Message.template, Message.subject, Message.state, Message.attempts,
        Message.error, Message.created_at, Message.sent_at, Message.customer_id, Message.delivery,
    )  # fmt: skip


MESSAGES = Listing(
    statement=_messages,
    key=Message.id,
    narrows={"state": equals(Message.state), "template": equals(Message.template)},
    search=lambda text: or_(begins(Message.recipient, text), begins(Message.recipient, text.lower())),
)


def _activities() -> Rows:
    return (
        select(
            Activity.id, Activity.at, Activity.code, Activity.actor_kind, Staff.name.label("staff"),
            Activity.object_kind, Activity.object_id, Activity.customer_id,
        )
        .outerjoin(Staff, (Activity.actor_kind == "staff") & (Staff.id == Activity.actor_id))
    )  # fmt: skip


ACTIVITIES = Listing(
    statement=_activities,
    key=Activity.id,
    narrows={"actor_kind": equals(Activity.actor_kind)},
    search=lambda text: begins(Activity.code, text),
)


def _staff() -> Rows:
    """State: locked, no longer or never let in; invited, without a password yet; active."""
    state = case(
        (or_(~Staff.is_active, ~Role.is_enabled), "locked"), (Staff.password_hash.is_(None), "invited"), else_="active"
    )
    return select(
        Staff.id, Staff.name, Staff.email, Role.name.label("role"), Staff.is_active, state.label("state"),
        Staff.totp_confirmed_at.isnot(None).label("second_factor"), Staff.language_code, Staff.last_login_at,
    ).join(Role, Role.id == Staff.role_id)  # fmt: skip


STAFF = Listing(statement=_staff, key=Staff.id, order=(Staff.is_active.desc(), Staff.name), sorts={"name": Staff.name})


def _roles() -> Rows:
    people = select(func.count()).where(Staff.role_id == Role.id, Staff.is_active).correlate(Role).scalar_subquery()
    return select(Role.id, Role.name, Role.description, Role.is_enabled, Role.requires_totp, people.label("people"))


ROLES = Listing(statement=_roles, key=Role.id, order=(Role.name,))


def _api_keys() -> Rows:
    state = case((ApiKey.revoked_at.is_(None), "valid"), else_="revoked").label("state")
    return select(ApiKey.id, ApiKey.email, ApiKey.name, ApiKey.scope, state, ApiKey.created_at, ApiKey.last_used_at)


API_KEYS = Listing(statement=_api_keys, key=ApiKey.id, order=(ApiKey.revoked_at.isnot(None),))


def _number_ranges() -> Rows:
    last = select(func.max(Sequence.next_value)).where(Sequence.range_id == NumberRange.id)
    newest = last.where(Sequence.year == _newest_year()).correlate(NumberRange).scalar_subquery()
    return select(
        NumberRange.id, NumberRange.code, NumberRange.pattern, NumberRange.yearly, NumberRange.first_value,
        func.coalesce(newest, NumberRange.first_value).label("next_value"),
    )  # fmt: skip


def _newest_year() -> Any:
    inner = Sequence.__table__.alias("newest")
    return (
        select(func.max(inner.c.year))
        .where(inner.c.range_id == NumberRange.id)
        .correlate(NumberRange)
        .scalar_subquery()
    )


NUMBER_RANGES = Listing(statement=_number_ranges, key=NumberRange.id, order=(NumberRange.code,))
