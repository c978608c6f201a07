"""Two runs at the same moment, one killed in the middle, once more: every period is billed once (X-02, F2, F4)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from billing.contracts import ClaimKey
from config import ROOT
from extensions import db
from models import Claim, Invoice, RunChunk
from services import claims
from services.actor import SYSTEM
from services.load import seed_load
from services.unit import end_reading, write

DAY = date(2026, 11, 1)
CUSTOMERS = 1500


def start_bill(app: Flask) -> subprocess.Popen[str]:
    """`./kontor bill` as its own process on the test's database."""
    settings = app.config["KONTOR"]
    environ = os.environ | {
        "KONTOR_DATA": str(settings.data_dir), "DATABASE_URL": settings.database_url, "SECRET_KEY": "test",
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = [sys.executable, "-m", "commands", "bill", "--on", DAY.isoformat(), "--json"]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True, cwd=Path(settings.data_dir))


def invoices() -> int:
    end_reading()
    return db.session.scalar(select(func.count()).select_from(Invoice)) or 0


def wait_until_some_are_billed() -> None:
    for _ in range(3000):
        if invoices():
            return
        time.sleep(0.01)
    raise AssertionError("the run never began")


@pytest.mark.feature("X-02")
@pytest.mark.feature("F2")
@pytest.mark.feature("F4")
def test_two_at_once_one_killed_then_once_more(context: Flask) -> None:
    seed_load(SYSTEM, CUSTOMERS, DAY)
    killed, other = start_bill(context), start_bill(context)
    wait_until_some_are_billed()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert json.loads(other.communicate(timeout=120)[0])["failed"] == 0
    again = start_bill(context)
    assert json.loads(again.communicate(timeout=120)[0])["issued"] == 0
    assert invoices() == CUSTOMERS
    numbers = list(db.session.scalars(select(Invoice.number_value).order_by(Invoice.number_value)))
    assert numbers == list(range(1, CUSTOMERS + 1))


@pytest.mark.feature("X-02")
def test_a_run_that_was_killed_alone_is_brought_to_its_end_by_the_next(context: Flask) -> None:
    seed_load(SYSTEM, CUSTOMERS, DAY)
    killed = start_bill(context)
    wait_until_some_are_billed()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    done = invoices()
    assert 0 < done < CUSTOMERS  # it was in the middle
    assert json.loads(start_bill(context).communicate(timeout=120)[0])["issued"] == CUSTOMERS - done
    assert invoices() == CUSTOMERS
    end_reading()
    assert db.session.scalar(select(func.sum(RunChunk.issued))) == CUSTOMERS


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
