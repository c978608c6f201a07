"""Two runs at the same moment, one killed in the middle, once more: every period is billed once (X-02, F2, F4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from billing.contracts import ClaimKey
from extensions import db
from models import Claim, Invoice, RunChunk
from services import billing_run, claims
from services.actor import SYSTEM
from services.load import seed_load
from services.unit import end_reading, write
from tests.faults.crash_sweep import NEVER
from tests.faults.killing import begun_until

DAY = date(2026, 11, 1)
CUSTOMERS = 160
IN_ITS_SECOND_CHUNK = 90  # statements


@pytest.fixture
def customers(context: Flask, monkeypatch: pytest.MonkeyPatch) -> int:
    """So many are due, in eight chunks."""
    monkeypatch.setattr(billing_run, "CHUNK", CUSTOMERS // 8)
    seed_load(SYSTEM, CUSTOMERS, DAY)
    return CUSTOMERS


def begun(dies_at: int = NEVER) -> Callable[[], list[str] | None]:
    """The run in a process of its own, on the test's database."""
    return begun_until(dies_at, lambda: billing_run.bill(DAY, SYSTEM), None)


def invoices() -> int:
    end_reading()
    return db.session.scalar(select(func.count()).select_from(Invoice)) or 0


def issued_by_chunks() -> int:
    end_reading()
    return int(db.session.scalar(select(func.sum(RunChunk.issued))) or 0)


@pytest.mark.feature("X-02")
@pytest.mark.feature("F2")
@pytest.mark.feature("F4")
def test_two_at_once_one_killed_then_once_more(customers: int) -> None:
    killed, other = begun(IN_ITS_SECOND_CHUNK), begun()
    killed()  # unless the other was that much quicker
    assert other() is not None
    assert invoices() == issued_by_chunks() == customers
    assert billing_run.bill(DAY, SYSTEM).counts.issued == 0
    assert invoices() == customers
    numbers = list(db.session.scalars(select(Invoice.number_value).order_by(Invoice.number_value)))
    assert numbers == list(range(1, customers + 1))


@pytest.mark.feature("X-02")
def test_a_run_that_was_killed_alone_is_brought_to_its_end_by_the_next(customers: int) -> None:
    assert begun(IN_ITS_SECOND_CHUNK)() is None
    done = invoices()
    assert 0 < done < customers  # it was in the middle
    assert billing_run.bill(DAY, SYSTEM).counts.issued == customers - done
    assert invoices() == issued_by_chunks() == customers


@pytest.mark.feature("EB-19")
def test_the_index_lets_one_claim_in(context: Flask) -> None:
    seed_load(SYSTEM, 1, DAY)
    wanted = [(ClaimKey(1, "period", DAY), date(2026, 12, 1))]
    with write() as session:
        assert len(claims.claim(session, wanted)) == 1
        assert claims.claim(session, wanted) == {}


@pytest.mark.feature("EB-19")
def test_without_the_index_a_period_would_be_claimed_twice(context: Flask) -> None:
    """The negative control: it is the index that keeps the promise."""
    seed_load(SYSTEM, 1, DAY)
    wanted = [(ClaimKey(1, "period", DAY), date(2026, 12, 1))]
    with write() as session:
        session.execute(text("DROP INDEX uq_claims_unreleased"))
        claims.claim(session, wanted)
        claims.claim(session, wanted)
    assert db.session.scalar(select(func.count()).select_from(Claim)) == 2
