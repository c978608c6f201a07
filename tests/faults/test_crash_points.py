"""A chunk that dies at any of its statements leaves nothing behind, and is billed whole by the next try (F4, NUM-1)."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from extensions import db
from models import Activity, Claim, Invoice, JournalEntry, Message, Paper, Posting, Receivable, Sequence
from services import billing_run
from services.actor import SYSTEM
from services.checks import check_books
from services.load import seed_load
from services.unit import end_reading
from tests.faults.power import cut_before

DAY = date(2026, 11, 1)
WRITTEN = (Invoice, Claim, Receivable, JournalEntry, Posting, Message, Paper)


def written() -> list[int]:
    end_reading()
    counts = [db.session.scalar(select(func.count()).select_from(model)) or 0 for model in WRITTEN]
    issued = select(func.count()).select_from(Activity).where(Activity.code == "invoice.issued")
    drawn = select(func.coalesce(func.sum(Sequence.next_value - Sequence.first_value), 0)).where(
        Sequence.last_used_on.is_not(None), Sequence.year > 0
    )
    return [*counts, db.session.scalar(issued) or 0, int(db.session.scalar(drawn) or 0)]


@pytest.mark.feature("F4")
@pytest.mark.feature("EB-21")
def test_a_power_cut_at_any_statement_leaves_all_or_nothing(context: Flask) -> None:
    seed_load(SYSTEM, 3, DAY)
    run_id = billing_run.start(DAY, SYSTEM, ring=False)
    (chunk_id,) = billing_run.pending_chunks(run_id)
    before = written()
    nth = 1
    while cut_before(nth, lambda: billing_run.run_chunk(chunk_id)):
        assert written() == before, f"something stayed after a cut before statement {nth}"
        nth += 1
        assert nth < 200
    assert nth > 20  # the cuts really went through the chunk
    assert written()[:3] == [3, 3, 3]
    assert billing_run.finish(run_id)
    assert check_books().ok
