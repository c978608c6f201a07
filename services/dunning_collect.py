"""Trying to collect once more before a level reminds (M2-16, EB-52): the attempt is a row first, one for each level."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.collecting import Kept
from extensions import queues
from models import Activity, ActivityDetail, DunningLevel, PaymentAttempt
from services import activities, clock
from services.actor import Actor
from services.attempt_rows import CHARGE
from services.bulk import Bulk, draw_keys
from services.dunning_cases import Facts, collect_key
from services.freezing import ATTEMPT_COLUMNS
from services.issue_rows import ACTIVITY_COLUMNS, DETAIL_COLUMNS
from services.unit import after_commit


def order(session: Session, wanted: Sequence[tuple[Facts, DunningLevel]], actor: Actor) -> list[int]:
    """Plan one attempt for each; gives their ids. The provider is called after the commit, by whoever looks
    after attempts whose time has come (`next_look_at`). As many statements for many as for one.

    The caller holds the locks and has seen that none is under way; the unique index lets only one be.
    """
    if not wanted:
        return []
    counts = {"payment_attempts": len(wanted), "activities": len(wanted)}
    keys = {table: list(drawn) for table, drawn in draw_keys(session.connection(), counts).items()}
    _write_attempts(session, keys["payment_attempts"], wanted)
    _write_activities(session, keys["activities"], wanted, actor)
    after_commit(partial(_ring, keys["payment_attempts"]))
    return keys["payment_attempts"]


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


def _write_activities(
    session: Session, ids: Sequence[int], wanted: Sequence[tuple[Facts, DunningLevel]], actor: Actor
) -> None:
    rows, details = Bulk(Activity, ACTIVITY_COLUMNS), Bulk(ActivityDetail, DETAIL_COLUMNS)
    for key, (facts, level) in zip(ids, wanted, strict=True):
        row = facts.row
        salt, text, digest = activities.seal_details({
            "actor": actor.name, "number": row.number, "level": level.level, "amount_cents": row.open_cents,
            "currency": row.currency_code,
        })  # fmt: skip
        rows.add((key, clock.instant(), actor.kind, actor.id, "invoice.collected_again", row.customer_id, "invoice",
                  row.invoice_id, digest))  # fmt: skip
        details.add((key, salt, text))
    for bulk in (rows, details):
        bulk.insert(session.connection())


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
