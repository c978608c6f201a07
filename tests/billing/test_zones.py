"""The zone of the machine changes no invoice: contracts are dates, and the core never asks the time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DIARY = """
import time; time.tzset()
from datetime import date, timedelta
from tests.billing.makers import item, run_by_run, terms
book = [
    terms(item(1, "9.99", starts="2026-01-31"), id=1, anchor="2026-01-31", is_gross=True),
    terms(item(2, "5.00", starts="2026-03-28"), id=2, anchor="2026-03-28", every="1 day", ends="2026-04-02"),
    terms(item(3, "5.00", starts="2026-10-24"), id=3, anchor="2026-10-24", every="1 day", ends="2026-10-28"),
    terms(item(4, "80.00", starts="2026-02-27"), id=4, anchor="2026-02-27", trial_ends="2026-03-29", in_arrears=True),
]
days = [date(2026, 1, 1) + timedelta(n) for n in range(365)]
for draft in run_by_run(book, days):
    print(draft)
"""


@pytest.mark.feature("EB-15")
@pytest.mark.feature("EB-10")
@pytest.mark.feature("F14")
def test_a_year_of_invoices_is_the_same_in_utc_berlin_and_los_angeles() -> None:
    years = {zone: _a_year_in(zone) for zone in ("UTC", "Europe/Berlin", "America/Los_Angeles")}
    assert years["UTC"].count("Draft(") == 12 + 5 + 4 + 9
    assert years["UTC"] == years["Europe/Berlin"] == years["America/Los_Angeles"]


def _a_year_in(zone: str) -> str:
    environment = {**os.environ, "TZ": zone, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", DIARY], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout
