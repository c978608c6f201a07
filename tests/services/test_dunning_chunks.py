"""A dunning run is cut into chunks of due days and customers; each is found by the index, whatever else is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from extensions import db
from models import DunningChunk, Receivable
from services import billing_run, dunning_chunk, dunning_preview, dunning_run
from services.actor import SYSTEM
from services.dunning_cases import look_at
from services.load import seed_load
from services.unit import write
from tests.plans import explained
from tests.services.reminding import ANKE, DUE, after, set_levels

BILLED = DUE - timedelta(14)
# Customers due on each of four days: chunks of two begin and end within a day, at its ends, and across days.
DUE_BY_DAY = (5, 1, 2, 3)


@pytest.fixture
def overdue(context: Flask, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The receivables in the order of their days, and chunks so small that there are many."""
    monkeypatch.setattr(dunning_run, "CHUNK", 2)
    monkeypatch.setattr(dunning_preview, "CHUNK", 2)
    seed_load(SYSTEM, sum(DUE_BY_DAY), BILLED)
    billing_run.bill(BILLED, SYSTEM)
    set_levels()
    ids = list(db.session.scalars(select(Receivable.id).order_by(Receivable.customer_id)))
    days = [DUE + timedelta(n) for n, customers in enumerate(DUE_BY_DAY) for _ in range(customers)]
    with write() as session:
        for key, day in zip(ids, days, strict=True):
            session.execute(text("UPDATE receivables SET due_on = :day WHERE id = :id"), {"day": day, "id": key})
    return ids


@pytest.mark.feature("M2-12")
@pytest.mark.feature("EB-65")
def test_every_overdue_receivable_stands_in_one_chunk_and_the_preview_meets_the_same(overdue: list[int]) -> None:
    run_id = dunning_run.start(after(30), ANKE, ring=False)
    found = [row.id for chunk in chunks_of(run_id) for row in examined(chunk)]
    assert Counter(found) == Counter(overdue)
    assert sum(examined for examined, _ in dunning_preview.works(after(30))) == len(overdue)


@pytest.mark.feature("EB-65")
def test_a_chunk_is_found_by_day_and_customer_so_it_costs_the_same_however_many_are_due_that_day(
    overdue: list[int],
) -> None:
    run_id = dunning_run.start(after(30), ANKE, ring=False)
    for chunk in chunks_of(run_id):
        with explained() as plans:
            examined(chunk)
        assert_bounded_by_the_customer(plans)
    with explained() as plans:
        list(dunning_preview.works(after(30)))
    later_parts = [(asked, plan) for asked, plan in plans if "receivables.id) >" in asked]
    assert len(later_parts) >= sum(DUE_BY_DAY) // 2
    assert_bounded_by_the_customer(later_parts)


def chunks_of(run_id: int) -> Sequence[DunningChunk]:
    return db.session.scalars(select(DunningChunk).where(DunningChunk.run_id == run_id)).all()


def examined(chunk: DunningChunk) -> Sequence[Receivable]:
    return look_at(db.session(), dunning_chunk.within(chunk), after(30))


def assert_bounded_by_the_customer(plans: Sequence[tuple[str, str]]) -> None:
    assert plans
    for _, plan in plans:
        sought = "Index Cond" if "Index Cond" in plan else "ix_receivables_open_due"
        assert "customer_id" in next(line for line in plan.splitlines() if sought in line), plan
