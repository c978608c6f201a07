"""Dunning: from the facts of one receivable to the one thing that is to be done about it today.

    facts (Case) --due_level--> remind with a level | collect first | wait, with the reason

Days and fees of the levels are not cumulative: each counts from the due date, each fee is all that is asked for at that
level. At most one level a run; levels that were missed are made up one a run. Whoever disputes, has respite or is just
paying is left alone (MAH-7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from billing.bank_days import add_bank_days, next_working_day

_DAY = timedelta(days=1)
REMIND, COLLECT, WAIT = "remind", "collect", "wait"
# Why nobody is reminded today. HELD are those whose step would be due: a person can look at them.
HELD = (
    "below_minimum", "disputed", "on_hold", "instalments", "debit_in_flight", "reminder_waits",
    "attempt_unknown", "attempt_under_way", "collected",
)  # fmt: skip
NOT_YET = ("not_due", "grace", "next_level_later", "no_more_levels")
OVER = ("no_invoice", "settled")
REASONS = (*OVER, *NOT_YET, *HELD)

# How the attempt to collect once more before a level came out (M2-16); "" is none yet.
PENDING, UNKNOWN, ACCEPTED, DECLINED = "pending", "unknown", "accepted", "declined"
_ANSWERS = {PENDING: "attempt_under_way", UNKNOWN: "attempt_unknown", ACCEPTED: "collected"}


@dataclass(frozen=True, slots=True)
class Level:
    """One step. `days_after_due` counts from the due date; the fees are all that is asked for at this level;
    `days_to_pay` is what its letter grants."""

    position: int  # 1, 2, 3 ...
    days_after_due: int
    name: str = ""
    fee_cents: int = 0  # of a business
    consumer_fee_cents: int = 0
    collect_before: bool = False  # M2-16
    deactivate_after: bool = False  # M2-17
    days_to_pay: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for all levels.

    `grace_bank_days`: nobody is reminded before so many bank days after the due date, because a transfer that was
    ordered on that day arrives a bank day later (section 675s BGB) and is read the day after.
    `consumer_fee_cap_cents`: real costs of paper and postage only, no staff and no machines (BGH VIII ZR 95/18).
    """

    currency: str = "EUR"  # of the fees: receivables in others bear none; the minimum counts there one to one
    grace_bank_days: int = 2
    minimum_cents: int = 0
    days_between: int = 1
    consumer_fee_cap_cents: int = 76


@dataclass(frozen=True, slots=True)
class Hold:
    """Somebody said to leave it alone. `until`: the last day of it; None: until somebody lifts it."""

    reason: str
    until: date | None = None

    def stands(self, today: date) -> bool:
        return self.until is None or today <= self.until


@dataclass(frozen=True, slots=True)
class Case:
    """The facts of one receivable. Amounts are cents of its currency."""

    open_cents: int
    due_on: date
    kind: str = "invoice"
    currency: str = "EUR"
    level: int = 0  # position of the last step; 0: none since it was last settled (EB-54)
    last_step_on: date | None = None
    reopened_on: date | None = None  # settled once, owed again: a chargeback, a payment undone
    is_consumer: bool = True  # who is not known to be a business is treated as a consumer
    holds: tuple[Hold, ...] = ()  # of the customer and of the invoice
    is_disputed: bool = False
    in_instalments: bool = False  # a plan that is being kept
    debit_in_flight: bool = False  # a direct debit handed in, or a payment that has not settled
    can_collect: bool = False  # a payment method that can be charged without the customer
    collection: str = ""  # of the level that comes next
    mail_left: bool = True  # the mail of the last step went out; a letter counts from its own day
    mail_left_on: date | None = None  # None where the last step was no mail alone


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done. `level`: the step it is about; `on`: when that step is or was due; of a hold its last day,
    None where it has none."""

    deed: str  # REMIND | COLLECT | WAIT
    reason: str = ""  # one of REASONS when waiting
    level: Level | None = None
    on: date | None = None

    @property
    def is_held(self) -> bool:
        """Whether a step would be due and something stops it."""
        return self.reason in HELD


def due_level(levels: Sequence[Level], case: Case, today: date, rules: Rules | None = None) -> Decision:
    """The one thing to be done about a receivable today: at most one level, the next one (EB-23, F15)."""
    rules = rules or Rules()
    if over := _is_over(case):
        return Decision(WAIT, over)
    level = next_level(levels, case.level)
    if level is None:
        return Decision(WAIT, "no_more_levels")
    last = reached(levels, case.level)
    on = step_on(level, case, rules, last)
    if today < on:
        return Decision(WAIT, _why_not_yet(level, case, today), level, on)
    if held := _held(case, today, rules):
        reason, until = held
        return Decision(WAIT, reason, level, until if reason == "on_hold" else on)
    if _waits_for_mail(case, today, last, rules):
        return Decision(WAIT, "reminder_waits", level, on)
    return _collect_or_remind(level, case, on)


def next_level(levels: Sequence[Level], position: int) -> Level | None:
    """The level after the one that was reached; None after the last."""
    later = [level for level in levels if level.position > position]
    return min(later, key=lambda level: level.position, default=None)


def reached(levels: Sequence[Level], position: int) -> Level | None:
    """The level at which a receivable stands; None before the first, and where the house took that level away."""
    return next((level for level in levels if level.position == position), None)


def step_on(level: Level, case: Case, rules: Rules, last: Level | None = None) -> date:
    """The first day on which the level may be taken; `last` is the one that was reached.

    Counted from the due date, or from the day on which a settled receivable was opened again. Never before the grace
    has passed, never on the day of the step before, and never before the days have passed that its letter granted:
    missed levels follow one another as slowly as those that were not missed.
    """
    earliest = _earliest(level, _counts_from(case), rules)
    if case.last_step_on is None:
        return earliest
    return max(earliest, case.last_step_on + timedelta(days_after(last, rules)))


def days_after(last: Level | None, rules: Rules) -> int:
    """How many days have to pass after a step of that level before the next."""
    return max(rules.days_between, last.days_to_pay + 1 if last else 1)


def latest_since(level: Level, rules: Rules, today: date) -> date:
    """The last day from which the level can be counted so that it may be taken today: `step_on` turned round.

    A step is due today exactly where it counts from this day or an earlier one, and the step before is long enough ago;
    so a database can find what is due without asking of each row.
    """
    since = today - timedelta(level.days_after_due)
    while _earliest(level, since, rules) > today:
        since -= _DAY
    return since


def fee_cents(level: Level, case: Case, rules: Rules, in_default: bool, lump_sum_cents: int = 0) -> int:
    """All fees that a reminder of this level may ask for, those of the levels before included (MAH-5).

    The reminder that only brings about the default costs nothing, whoever the customer is; a consumer's first one never
    costs anything, and a later one never more than the cap. A business that owes the lump sum owes fees only as far as
    they are more than that (section 288 (5) BGB). Other currencies than the fees' own: nothing.
    """
    if not in_default or case.currency != rules.currency:
        return 0
    if not case.is_consumer:
        return max(level.fee_cents - lump_sum_cents, 0)
    return 0 if case.level == 0 else min(level.consumer_fee_cents, rules.consumer_fee_cap_cents)


def _is_over(case: Case) -> str:
    """Fees and interest are asked for beside their invoice, never dunned by themselves (M2-21, section 289 BGB)."""
    if case.kind != "invoice":
        return "no_invoice"
    return "settled" if case.open_cents <= 0 else ""


def _why_not_yet(level: Level, case: Case, today: date) -> str:
    if today <= case.due_on:
        return "not_due"
    is_grace = case.level == 0 and today >= _counts_from(case) + timedelta(level.days_after_due)
    return "grace" if is_grace else "next_level_later"


def _earliest(level: Level, since: date, rules: Rules) -> date:
    payable = next_working_day(since)  # section 193 BGB
    return max(since + timedelta(level.days_after_due), add_bank_days(payable, rules.grace_bank_days), payable + _DAY)


def _counts_from(case: Case) -> date:
    return max(case.due_on, case.reopened_on or case.due_on)


def _held(case: Case, today: date, rules: Rules) -> tuple[str, date | None] | None:
    """Why a step that is due is not taken, and until when if that is known."""
    if case.open_cents < rules.minimum_cents:
        return "below_minimum", None
    if case.is_disputed:
        return "disputed", None
    if standing := [hold for hold in case.holds if hold.stands(today)]:
        return "on_hold", _last_day(standing)
    if case.in_instalments:
        return "instalments", None
    return ("debit_in_flight", None) if case.debit_in_flight else None


def _waits_for_mail(case: Case, today: date, last: Level | None, rules: Rules) -> bool:
    """Nobody is reminded of what has not reached him: a mail that left late gives its days from then on (MAH-1)."""
    if case.level == 0 or (case.mail_left and case.mail_left_on is None):
        return False
    return case.mail_left_on is None or today < case.mail_left_on + timedelta(days_after(last, rules))


def _last_day(holds: Sequence[Hold]) -> date | None:
    days = [hold.until for hold in holds]
    known = [day for day in days if day is not None]
    return max(known) if len(known) == len(days) else None


def _collect_or_remind(level: Level, case: Case, on: date) -> Decision:
    """An answer that is still to come holds the step, whatever the level says; accepted means no reminder (EB-51)."""
    if case.collection in _ANSWERS:
        return Decision(WAIT, _ANSWERS[case.collection], level, on)
    wants = level.collect_before and case.can_collect and case.collection != DECLINED
    return Decision(COLLECT if wants else REMIND, "", level, on)
