"""Trying to collect once more before a level reminds (M2-16, EB-52): the attempt is a row first, one for each level."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.collecting import Kept
from extensions import queues
from models import DunningLevel, PaymentAttempt
from services import clock
from services.activity_rows import Told, record_all
from services.actor import Actor
from services.attempt_rows import CHARGE
from services.bulk import Bulk, draw_keys
from services.dunning_cases import Facts, collect_key
from services.freezing import ATTEMPT_COLUMNS
from services.unit import after_commit


def order(session: Session, wanted: Sequence[tuple[Facts, DunningLevel]], actor: Actor) -> list[int]:
    """Plan one attempt for each; gives their ids. The provider is called after the commit, by whoever looks
    after attempts whose time has come (`next_look_at`). As many statements for many as for one.

    The caller holds the locks and has seen that none is under way; the unique index lets only one be.
    """
    if not wanted:
        return []
    ids = list(draw_keys(session.connection(), {"payment_attempts": len(wanted)})["payment_attempts"])
    _write_attempts(session, ids, wanted)
    record_all(session, actor, [_told(*each) for each in wanted])
    after_commit(partial(_ring, ids))
    return ids


def _write_attempts(session: Session, ids: Sequence[int], wanted: Sequence[tuple[Facts, DunningLevel]]) -> None:
    numbers = _numbers(session, [facts.row.invoice_id for facts, _ in wanted])
    rows = Bulk(PaymentAttempt, ("id", *ATTEMPT_COLUMNS))
    for key, (facts, level) in zip(ids, wanted, strict=True):
        row, method = facts.row, _method(facts)
        ours = collect_key(row.id, row.dunning_round, level.level) + secrets.token_hex(8)
        rows.add((
            key, ours, "collect", numbers.get(row.invoice_id, 0) + 1, row.customer_id, row.invoice_id, method.id,
            method.gateway, row.open_cents, row.currency_code, "planned", "", "", "", 0, clock.real(),
            clock.instant(),
        ))  # fmt: skip
    rows.insert(session.connection())


def _told(facts: Facts, level: DunningLevel) -> Told:
    row = facts.row
    told = {"number": row.number, "level": level.level, "amount_cents": row.open_cents, "currency": row.currency_code}
    return Told("invoice.collected_again", "invoice", row.invoice_id, row.customer_id, told)


def _numbers(session: Session, invoices: Sequence[int]) -> dict[int, int]:
    """How many attempts there were of each invoice."""
    query = select(PaymentAttempt.invoice_id, func.max(PaymentAttempt.number))
    rows = session.execute(query.where(PaymentAttempt.invoice_id.in_(invoices)).group_by(PaymentAttempt.invoice_id))
    return {invoice_id: number for invoice_id, number in rows.tuples() if number}


def _method(facts: Facts) -> Kept:
    """Nobody collects where there is none (`billing.dunning.due_level`)."""
    assert facts.method is not None
    return facts.method


def _ring(attempts: Sequence[int]) -> None:
    queues.ring_many("money", CHARGE, attempts)
