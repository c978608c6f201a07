"""Rows -> the facts of dunning (`billing.dunning.Case`, `billing.default.Claim`), for many receivables at once.

    look_at      what a run goes through: open and overdue, one statement a chunk
    gather       all facts of those whose step would be due, in a number of statements that does not depend on how many

`lock` takes the customers' locks in id order and then the receivables', as payments do: whoever pays in the same minute
is either waited for or comes after the reminder, never in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from billing.collecting import Kept
from billing.default import Claim
from billing.dunning import ACCEPTED, DECLINED, PENDING, UNKNOWN, Case, Hold, Level, Rules, next_level, reached, step_on
from billing.interest import Owed, Span
from models import Customer, DunningLevel, Invoice, Receivable
from services import dunning_lookups as lookups
from services.attempt_rows import UNDER_WAY
from services.customers import lock_records
from services.dunning_claims import claims
from services.usable_methods import Asked, usable_methods

_ANSWERS = {"accepted": ACCEPTED, "declined": DECLINED, "cancelled": DECLINED}
_survivor = aliased(Customer)

_SEEN = (
    Receivable.id, Receivable.kind, Receivable.due_on, Receivable.open_cents, Receivable.currency_code,
    Receivable.dunning_level, Receivable.reminded_on, Receivable.reopened_on, Receivable.customer_id,
)  # fmt: skip
_COLUMNS = (
    *_SEEN, Receivable.subscription_id, Receivable.invoice_id, Receivable.dunning_round,
    Receivable.disputed_on, Receivable.hold_until, Receivable.hold_reason, Invoice.number, Invoice.buyer,
    Invoice.issued_on, Invoice.text_set_id, _survivor.id.label("survivor_id"), _survivor.language_code,
    _survivor.dunning_hold_until, _survivor.dunning_hold_reason, _survivor.payment_mail_address, _survivor.email,
    _survivor.email_cc, _survivor.payment_type,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """One receivable with all that dunning asks about it. `row` has the columns of receivable, invoice and survivor.

    The cents are what reminders asked for before: fees in this round, interest and lump sum ever. `owed` is empty
    unless the next level asks for interest; `method` unless it collects and there is something to collect from.
    """

    row: Any
    case: Case
    claim: Claim
    fees_cents: int
    interest_cents: int
    lump_sum_cents: int
    owed: tuple[Owed, ...]
    respites: tuple[Span, ...]
    method: Kept | None

    @property
    def mail_to(self) -> str:
        """Where mail about payments goes, or nothing."""
        return self.row.payment_mail_address or self.row.email or ""


def look_at(session: Session, within: Sequence[Any], on: date, *, most: int | None = None) -> list[Any]:
    """The open and overdue receivables of invoices that meet the conditions: what is examined (M2-21)."""
    is_open = (Receivable.open_cents != 0, Receivable.open_cents > 0)  # the first is the index's own condition
    query = select(*_SEEN).where(*is_open, Receivable.due_on < on, Receivable.kind == "invoice")
    in_order = (Receivable.due_on, Receivable.customer_id, Receivable.id)
    return list(session.execute(query.where(*within).order_by(*in_order).limit(most)))


def may_be_due(seen: Any, levels: Sequence[Level], rules: Rules, today: date) -> bool:
    """Whether a step could be due, by what stands in the receivable alone; holds and the rest are asked later."""
    level = next_level(levels, seen.dunning_level)
    if level is None:
        return False
    return step_on(level, _case(seen), rules, reached(levels, seen.dunning_level)) <= today


def gather(
    session: Session, ids: Sequence[int], levels: Sequence[DunningLevel], today: date, *, lock: bool
) -> list[Facts]:
    """The facts of these receivables of invoices as they are now, in id order."""
    if not ids:
        return []
    if lock:
        owners = select(Receivable.customer_id).where(Receivable.id.in_(ids))
        lock_records(session, select(func.coalesce(Customer.survivor_id, Customer.id)).where(Customer.id.in_(owners)))
    return _Desk(session, _rows(session, ids, lock), levels, today).facts()


def collect_key(receivable_id: int, round_: int, level: int) -> str:
    """How the key of the attempt to collect before a level begins: it tells what the attempt was for.

    Chance follows: the provider knows the keys of other houses, too.
    """
    return f"dun-{receivable_id}-{round_}-{level}-"


def _rows(session: Session, ids: Sequence[int], lock: bool) -> Sequence[Any]:
    query = (
        select(*_COLUMNS)
        .join(Invoice, Invoice.id == Receivable.invoice_id)
        .join(Customer, Customer.id == Receivable.customer_id)
        .join(_survivor, _survivor.id == func.coalesce(Customer.survivor_id, Customer.id))
        .where(Receivable.id.in_(ids), Invoice.issued_at.is_not(None))
        .order_by(Receivable.id)
    )
    return session.execute(query.with_for_update(of=Receivable) if lock else query).all()


def _case(seen: Any, **more: Any) -> Case:
    return Case(seen.open_cents, seen.due_on, seen.kind, seen.currency_code, seen.dunning_level, seen.reminded_on,
                seen.reopened_on, **more)  # fmt: skip


class _Desk:
    """All that was read about these receivables, and the facts that follow from it."""

    def __init__(self, session: Session, rows: Sequence[Any], levels: Sequence[DunningLevel], today: date) -> None:
        ids, invoices = [row.id for row in rows], [row.invoice_id for row in rows]
        self.rows, self.today = rows, today
        self.next = {row.id: self._next(row, levels) for row in rows}
        self.plans, self.in_flight = lookups.plans(session, ids), lookups.in_flight(session, ids)
        self.attempts = lookups.attempts(session, invoices)
        collected = [row for row in rows if self._wants(row, "collect_before")]
        asked = [Asked(row.invoice_id, row.survivor_id, row.payment_type) for row in collected]
        self.methods = usable_methods(session, asked, today)
        self.reminders, self.charged = lookups.reminders(session, ids), lookups.charged(session, ids)
        self.claims = claims(session, rows, self.reminders)
        bearing = [row.id for row in rows if self._wants(row, "with_interest")]
        self.owed, self.respites = lookups.owed(session, bearing), lookups.respites(session, bearing, today)

    def facts(self) -> list[Facts]:
        return [self._facts(row) for row in self.rows]

    def _facts(self, row: Any) -> Facts:
        plan, method = self.plans.get(row.id), self.methods.get(row.invoice_id)
        claim, sent = self.claims[row.id], self.reminders.get(row.id, [])
        last = sent[-1] if sent and sent[-1].round == row.dunning_round and sent[-1].is_mail else None
        case = _case(
            row, is_consumer=claim.is_consumer, holds=_holds(row), is_disputed=row.disputed_on is not None,
            in_instalments=plan is not None and plan.is_kept(row.open_cents, self.today),
            debit_in_flight=row.id in self.in_flight, can_collect=method is not None,
            collection=self._collection(row), mail_left=last is None or last.arrived_on is not None,
            mail_left_on=last.arrived_on if last else None,
        )  # fmt: skip
        return Facts(
            row, case, claim,
            sum(each.fee_cents for each in sent if each.round == row.dunning_round),
            self.charged.get((row.id, "interest"), 0), self.charged.get((row.id, "lump_sum"), 0),
            self.owed.get(row.id, ()), self.respites.get(row.id, ()), method,
        )  # fmt: skip

    def _collection(self, row: Any) -> str:
        """An attempt that is under way, whoever began it; else how the one that was made for the next level ended."""
        states = self.attempts.get(row.invoice_id, {})
        waiting = [state for state in states.values() if state in UNDER_WAY]
        if waiting:
            return UNKNOWN if "unknown" in waiting else PENDING
        level = self.next[row.id]
        begin = collect_key(row.id, row.dunning_round, level.level if level else 0)
        return next((_ANSWERS.get(state, "") for key, state in states.items() if key.startswith(begin)), "")

    def _wants(self, row: Any, name: str) -> bool:
        return bool(getattr(self.next[row.id], name, False))

    @staticmethod
    def _next(row: Any, levels: Sequence[DunningLevel]) -> DunningLevel | None:
        return min(
            (level for level in levels if level.level > row.dunning_level), key=lambda each: each.level, default=None
        )


def _holds(row: Any) -> tuple[Hold, ...]:
    pairs = ((row.hold_reason, row.hold_until), (row.dunning_hold_reason, row.dunning_hold_until))
    return tuple(Hold(reason, until) for reason, until in pairs if reason)
