"""Whom a run leaves out, and why: kept as rows, one a customer (or contract) and reason (EB-25)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from billing.errors import KontorError
from billing.invoices import Parked
from models import Customer, ParkedCustomer
from services import clock
from services.sql import insert


def reason_of(customer_id: int, error: Exception) -> Parked:
    """The reason is a code and its facts, never the text of an exception: that could hold personal data."""
    if isinstance(error, KontorError):
        return Parked(customer_id, None, error.code, dict(error.facts))
    return Parked(customer_id, None, "unexpected", {"kind": type(error).__name__})


def settle_earlier(session: Session, run_id: int, first: int, last: int) -> None:
    """What earlier runs parked here is superseded by this run's outcome; also of records merged into these."""
    within = ParkedCustomer.customer_id.in_(select(Customer.id).where(Customer.survivor_id.between(first, last)))
    older = update(ParkedCustomer).where(within, ParkedCustomer.resolved_at.is_(None), ParkedCustomer.run_id != run_id)
    session.execute(older.values(resolved_at=clock.instant()), execution_options={"synchronize_session": False})


def park(session: Session, run_id: int, parked: Sequence[Parked]) -> int:
    """Write the parked with their reasons in one statement; gives how many documents they stand for.

    Whom this run parked before, for the same reason, is parked again: open, with the facts of now.
    """
    if parked:
        merged = merge_parked(parked)
        rows = [
            {"run_id": run_id, "customer_id": p.customer_id, "subscription_id": p.subscription_id or 0,
             "code": p.code[:40], "facts": p.facts, "created_at": clock.instant()}
            for p in merged
        ]  # fmt: skip
        statement = insert(ParkedCustomer)
        again = {"facts": statement.excluded.facts, "resolved_at": None}
        keys = ["run_id", "customer_id", "subscription_id", "code"]
        session.execute(statement.on_conflict_do_update(index_elements=keys, set_=again), rows)
    return len(parked)


def merge_parked(parked: Sequence[Parked]) -> list[Parked]:
    """One line a customer (or contract) and reason; if it stands for several, `facts["documents"]` says how many."""
    found: dict[tuple[int, int | None, str], list[Parked]] = {}
    for one in parked:
        found.setdefault((one.customer_id, one.subscription_id, one.code), []).append(one)
    return [_merged(same) if len(same) > 1 else same[0] for same in found.values()]


def _merged(same: list[Parked]) -> Parked:
    fields = [field for one in same for field in cast(list[str], one.facts.get("fields", []))]
    facts: dict[str, object] = {**same[0].facts, "documents": len(same)}
    return replace(same[0], facts=facts | ({"fields": list(dict.fromkeys(fields))} if fields else {}))
