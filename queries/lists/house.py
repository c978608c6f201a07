"""What the house did and who works in it: runs, messages, activities, staff, roles, keys, number ranges."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, func, literal_column, or_, select

from billing.states import states
from models import Activity, ApiKey, Message, NumberRange, Role, Run, RunChunk, Sequence, Staff
from queries.lists.conditions import Condition, Rows, any_of, equals, is_of_deleted, met_on_the_way, unless_common
from queries.lists.finding import begins, customer_words
from queries.lists.names import object_name
from queries.lists.shape import Listing, Sort

COMMON_DEEDS = ("invoice.issued", "message.sent")  # one each an invoice; as in ix_activities_rare
COMMON_ACTORS = ("system", "staff")  # as in ix_activities_from_outside
ACTORS = frozenset({"staff", "system", "customer", "api"})


def _runs() -> Rows:
    state = case((Run.finished_at.is_(None), "running"), else_="finished").label("state")
    return select(
        Run.id, Run.on_date, state, Run.actor_kind, Run.started_at, Run.finished_at,
        *(_sum(name).label(name) for name in ("due", "issued", "charging", "skipped", "failed")),
    ).where(Run.kind == "billing")  # fmt: skip


def _sum(name: str) -> Any:
    """Over the chunks of the row's run alone; all chunks there are would be a table without end."""
    sums = select(func.coalesce(func.sum(getattr(RunChunk, name)), 0)).where(RunChunk.run_id == Run.id)
    return sums.correlate(Run).scalar_subquery()


def run_state(value: str) -> Condition | None:
    """Of a run of any kind."""
    meanings = {"running": Run.finished_at.is_(None), "finished": Run.finished_at.isnot(None)}
    return Condition(meanings[value]) if value in meanings else None


RUNS = Listing(
    statement=_runs, key=Run.id, sorts={"on_date": Sort((Run.on_date,)), "started_at": Sort()},
    narrows={"state": run_state, "actor_kind": equals(Run.actor_kind, ACTORS)},
)  # fmt: skip


def _messages() -> Rows:
    return select(
        Message.id, Message.recipient, Message.template, Message.subject, Message.state, Message.attempts,
        Message.error, Message.created_at, Message.sent_at, Message.customer_id, Message.delivery,
    )  # fmt: skip


def _message_state(value: str) -> Condition | None:
    """What waits, what failed and what was stopped stand each in an index of their own."""
    if value not in states("message"):
        return None
    if value == "sent":
        return met_on_the_way(Message.state, value)
    indexed = Message.state == literal_column(f"'{value}'")  # an index's own condition, in its own spelling
    return Condition(met_on_the_way(Message.state, value).holds, select(Message.id).where(indexed))


def _message_words(text: str) -> list[Condition]:
    """By the customer's words (an e-mail address is one), or by the address of a mail to the house's own people."""
    found = customer_words(Message.customer_id, Message.id, text)
    inside = and_(Message.customer_id.is_(None), begins(Message.recipient, text.lower()))
    own = Condition(inside, select(Message.id).where(inside))
    return [any_of(own, *found)] if len(found) == 1 else found


MESSAGES = Listing(
    statement=_messages, key=Message.id, search=_message_words, base=(~is_of_deleted(Message),),
    narrows={"state": _message_state, "template": unless_common(Message.template, None, ("invoice",), Message.id)},
)  # fmt: skip


def _activities() -> Rows:
    return (
        select(
            Activity.id, Activity.at, Activity.code, Activity.actor_kind, Staff.name.label("staff"),
            Activity.object_kind, Activity.object_id, Activity.customer_id,
            object_name(Activity.object_kind, Activity.object_id).label("object_name"),
        )
        .outerjoin(Staff, (Activity.actor_kind == "staff") & (Staff.id == Activity.actor_id))
    )  # fmt: skip


def activities(codes: frozenset[str]) -> Listing:
    """Who did what; `codes` are the deeds that somebody may look for."""
    return Listing(
        statement=_activities,
        key=Activity.id,
        narrows={
            "code": unless_common(Activity.code, codes, COMMON_DEEDS, Activity.id),
            "actor_kind": unless_common(Activity.actor_kind, ACTORS, COMMON_ACTORS, Activity.id),
        },
        search=lambda text: customer_words(Activity.customer_id, Activity.id, text),
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


def _may_log_in(value: str) -> Condition | None:
    return Condition(Staff.is_active == (value == "yes")) if value in ("yes", "no") else None


def _people(text: str) -> list[Condition]:
    """A team is small: here a name may be found by any part of it."""
    return [
        Condition(or_(*(func.lower(column).contains(word, autoescape=True) for column in (Staff.name, Staff.email))))
        for word in text.lower().split()
    ]


_LEFT = case((Staff.is_active, 0), else_=1)

STAFF = Listing(
    statement=_staff, key=Staff.id, order="present", narrows={"is_active": _may_log_in}, search=_people,
    sorts={"present": Sort((_LEFT, Staff.name)), "name": Sort((Staff.name,)), "email": Sort((Staff.email,))},
)  # fmt: skip


def _roles() -> Rows:
    people = select(func.count()).where(Staff.role_id == Role.id, Staff.is_active).correlate(Role).scalar_subquery()
    return select(Role.id, Role.name, Role.description, Role.is_enabled, Role.requires_totp, people.label("people"))


ROLES = Listing(statement=_roles, key=Role.id, order="name", sorts={"name": Sort((Role.name,))})


def _api_keys() -> Rows:
    state = case((ApiKey.revoked_at.is_(None), "valid"), else_="revoked").label("state")
    return select(ApiKey.id, ApiKey.email, ApiKey.name, ApiKey.scope, state, ApiKey.created_at, ApiKey.last_used_at)


def _key_state(value: str) -> Condition | None:
    meanings = {"valid": ApiKey.revoked_at.is_(None), "revoked": ApiKey.revoked_at.isnot(None)}
    return Condition(meanings[value]) if value in meanings else None


_REVOKED = case((ApiKey.revoked_at.is_(None), 0), else_=1)

API_KEYS = Listing(
    statement=_api_keys, key=ApiKey.id, order="valid", sorts={"valid": Sort((_REVOKED,))}, narrows={"state": _key_state}
)


def _number_ranges() -> Rows:
    last = select(func.max(Sequence.next_value)).where(Sequence.range_id == NumberRange.id)
    newest = last.where(Sequence.year == _newest_year()).correlate(NumberRange).scalar_subquery()
    return select(
        NumberRange.id, NumberRange.code, NumberRange.pattern, NumberRange.yearly, NumberRange.first_value,
        func.coalesce(newest, NumberRange.first_value).label("next_value"),
        _newest_year().label("newest_year"),
    )  # fmt: skip


def _newest_year() -> Any:
    inner = Sequence.__table__.alias("newest")
    return (
        select(func.max(inner.c.year))
        .where(inner.c.range_id == NumberRange.id)
        .correlate(NumberRange)
        .scalar_subquery()
    )


NUMBER_RANGES = Listing(
    statement=_number_ranges, key=NumberRange.id, order="code", sorts={"code": Sort((NumberRange.code,))}
)
