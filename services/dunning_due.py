"""Which steps are due and why some are not taken, as conditions for the database: for the preview's figures and pages.

The rule itself stands in `billing.dunning.due_level`, and the run and every row that is shown ask it. What is here only
finds and counts the rows beforehand, however many there are, in one statement; a test holds both against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy import String as Text
from sqlalchemy.orm import aliased

from billing.dunning import Level, days_after, latest_since, reached
from extensions import db
from models import (
    Customer,
    Debit,
    DunningLevel,
    Invoice,
    PaymentAttempt,
    Receivable,
)
from services import dunning_lookups as lookups
from services.attempt_rows import UNDER_WAY
from services.dunning_steps import Setting
from services.usable_methods import is_usable

COLLECT = "collect"
# What a run looks at; the first part is the index's own condition, with a literal.
OVERDUE = (Receivable.open_cents != literal_column("0"), Receivable.open_cents > 0, Receivable.kind == "invoice")
_survivor = aliased(Customer)


@dataclass(frozen=True, slots=True)
class Group:
    """Steps that are due, counted: to which level, and `reason` why not, "collect", or "" who would be reminded."""

    level: DunningLevel
    currency: str
    reason: str
    has_mail: bool
    count: int
    open_cents: int


def due_groups(setting: Setting, on: date) -> list[Group]:
    """All steps that are due on that day, by what becomes of them. Two statements."""
    if not setting.rows:
        return []
    mail = or_(_survivor.payment_mail_address != "", _survivor.email != "")
    found = due_rows(
        setting, on, Receivable.dunning_level.label("reached"), Receivable.currency_code.label("currency"),
        case((mail, 1), else_=0).label("mail"), Receivable.open_cents.label("cents"),
    ).subquery()  # fmt: skip
    keys = (found.c.reached, found.c.currency, found.c.reason, found.c.mail)
    query = select(*keys, func.count(), func.sum(found.c.cents)).group_by(*keys).order_by(*keys)
    following = _following(setting.rows)
    return [
        Group(following[reached], currency, reason, bool(mail), int(count), int(cents))
        for reached, currency, reason, mail, count, cents in db.session.execute(query)
    ]


def due_rows(setting: Setting, on: date, *columns: Any) -> Select[*tuple[Any, ...]]:
    """A select of open receivables whose step is due on that day, with these columns and the `reason`."""
    return (
        select(*columns, _reason(setting, on).label("reason"))
        .join(Invoice, Invoice.id == Receivable.invoice_id)
        .join(Customer, Customer.id == Receivable.customer_id)
        .join(_survivor, _survivor.id == func.coalesce(Customer.survivor_id, Customer.id))
        .where(*OVERDUE, Invoice.issued_at.is_not(None))
        .where(Receivable.due_on < on, or_(*(_is_due(level, setting, on) for level in setting.levels)))
    )


def stands(reason: Any, until: Any, on: date) -> ColumnElement[bool]:
    """A hold stands on that day, as `billing.dunning.Hold.stands` has it."""
    return and_(reason != "", or_(until.is_(None), until >= on))


def _following(rows: Sequence[DunningLevel]) -> dict[int, DunningLevel]:
    """By the level that was reached, the next one; levels are numbered without gaps."""
    return {row.level - 1: row for row in rows}


def _is_due(level: Level, setting: Setting, on: date) -> ColumnElement[bool]:
    """`step_on` as a condition: both days that it counts from, and the step before."""
    since = latest_since(level, setting.rules, on)
    before = on - timedelta(days_after(reached(setting.levels, level.position - 1), setting.rules))
    return and_(
        Receivable.dunning_level == level.position - 1,
        Receivable.due_on <= since,
        or_(Receivable.reopened_on.is_(None), Receivable.reopened_on <= since),
        or_(Receivable.reminded_on.is_(None), Receivable.reminded_on <= before),
    )


def _waits_for_mail(level: Level, setting: Setting, on: date) -> ColumnElement[bool]:
    if level.position == 1:
        return false()
    before = on - timedelta(days_after(reached(setting.levels, level.position - 1), setting.rules))
    return and_(Receivable.dunning_level == level.position - 1, lookups.waits_for_mail(Receivable, before))


def _reason(setting: Setting, on: date) -> ColumnElement[str]:
    """Why the step is not taken, in the order of the rule; "" where it is."""
    mine = PaymentAttempt.invoice_id == Receivable.invoice_id
    tried = and_(mine, _begins(PaymentAttempt.key))
    rules = setting.rules
    return case(
        (Receivable.open_cents < rules.minimum_cents, "below_minimum"),
        (Receivable.disputed_on.is_not(None), "disputed"),
        (or_(stands(Receivable.hold_reason, Receivable.hold_until, on),
             stands(_survivor.dunning_hold_reason, _survivor.dunning_hold_until, on)), "on_hold"),
        (lookups.in_instalments(db.session(), Receivable.id, on), "instalments"),
        (_there_is(Debit.receivable_id == Receivable.id, Debit.state.in_(lookups.IN_FLIGHT)), "debit_in_flight"),
        (or_(*(_waits_for_mail(level, setting, on) for level in setting.levels)), "reminder_waits"),
        (_there_is(mine, PaymentAttempt.state == "unknown"), "attempt_unknown"),
        (_there_is(mine, PaymentAttempt.state.in_(UNDER_WAY)), "attempt_under_way"),
        (_there_is(tried, PaymentAttempt.state == "accepted"), "collected"),
        (and_(_collects(setting, on), ~_there_is(tried, PaymentAttempt.state.in_(("declined", "cancelled")))), COLLECT),
        else_="",
    )  # fmt: skip


def _there_is(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(*where).correlate(Receivable, _survivor)


def _begins(key: Any) -> ColumnElement[bool]:
    """The attempt was made for the level that comes next: `dunning_cases.collect_key`."""
    number = [cast(each, Text(20)) for each in (Receivable.id, Receivable.dunning_round, Receivable.dunning_level + 1)]
    begin = literal("dun-") + number[0] + "-" + number[1] + "-" + number[2] + "-"
    return func.substr(key, 1, func.length(begin)) == begin


def _collects(setting: Setting, on: date) -> ColumnElement[bool]:
    """The next level tries to collect, and there is something to collect from."""
    before = [row.level - 1 for row in setting.rows if row.collect_before]
    return and_(Receivable.dunning_level.in_(before), is_usable(_survivor, on))
