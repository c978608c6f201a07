"""Trying to collect once more before a level reminds (M2-16, EB-52): the attempt is a row first, one for each level."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from extensions import queues
from models import DunningLevel, PaymentAttempt, PaymentMethod
from services import activities, clock
from services.actor import Actor
from services.attempt_rows import CHARGE
from services.dunning_cases import Facts, collect_key
from services.unit import after_commit


def order(session: Session, wanted: Sequence[tuple[Facts, DunningLevel]], actor: Actor) -> list[int]:
    """Plan one attempt for each; gives their ids. The provider is called after the commit, by whoever looks
    after attempts whose time has come (`next_look_at`).

    The caller holds the locks and has seen that none is under way; the unique index lets only one be.
    """
    if not wanted:
        return []
    numbers = _numbers(session, [facts.row.invoice_id for facts, _ in wanted])
    gateways = _gateways(session, [facts.method_id for facts, _ in wanted if facts.method_id])
    made = [_attempt(facts, level, numbers, gateways) for facts, level in wanted]
    session.add_all(made)
    session.flush()
    for attempt, (facts, level) in zip(made, wanted, strict=True):
        activities.record(
            actor, "invoice.collected_again", "invoice", facts.row.invoice_id, customer_id=facts.row.customer_id,
            number=facts.row.number, level=level.level, amount_cents=attempt.amount_cents,
            currency=attempt.currency_code,
        )  # fmt: skip
    ids = [attempt.id for attempt in made]
    after_commit(partial(_ring, ids))
    return ids


def _attempt(
    facts: Facts, level: DunningLevel, numbers: dict[int, int], gateways: dict[int, str]
) -> PaymentAttempt:  # fmt: skip
    row, method_id = facts.row, facts.method_id or 0
    return PaymentAttempt(
        key=collect_key(row.id, row.dunning_round, level.level) + secrets.token_hex(8), purpose="collect",
        number=numbers.get(row.invoice_id, 0) + 1, customer_id=row.customer_id, invoice_id=row.invoice_id,
        method_id=method_id, gateway=gateways[method_id], amount_cents=row.open_cents, currency_code=row.currency_code,
        next_look_at=clock.real(), created_at=clock.instant(),
    )  # fmt: skip


def _numbers(session: Session, invoices: Sequence[int]) -> dict[int, int]:
    """How many attempts there were of each invoice."""
    query = select(PaymentAttempt.invoice_id, func.max(PaymentAttempt.number))
    rows = session.execute(query.where(PaymentAttempt.invoice_id.in_(invoices)).group_by(PaymentAttempt.invoice_id))
    return {invoice_id: number for invoice_id, number in rows.tuples() if number}


def _gateways(session: Session, methods: Sequence[int]) -> dict[int, str]:
    rows = session.execute(select(PaymentMethod.id, PaymentMethod.gateway).where(PaymentMethod.id.in_(methods)))
    return {row.id: row.gateway for row in rows}


def _ring(attempts: Sequence[int]) -> None:
    queues.ring_many("money", CHARGE, attempts)
