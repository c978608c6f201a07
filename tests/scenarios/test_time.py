"""The day of an invoice is the day in Berlin: late in the evening, over the change of clocks, on any machine."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from config import ROOT
from tests.conftest import fresh_database
from tests.scenarios.story import Story

ZONES = ("UTC", "Europe/Berlin", "America/Los_Angeles")


@pytest.mark.feature("EB-10")
@pytest.mark.feature("EB-18")
@pytest.mark.parametrize(
    ("instant", "issued"),
    [
        ("2027-06-30T21:30+00:00", None),  # 23:30 in Berlin: still June, nothing is due
        ("2027-06-30T22:30+00:00", "2027-07-01"),  # 00:30 in Berlin, 30 June in UTC
        ("2027-07-01T21:59+00:00", "2027-07-01"),
        ("2027-07-01T22:00+00:00", "2027-07-02"),
        ("2027-07-01T23:30-07:00", "2027-07-02"),  # a machine in Los Angeles: 08:30 the next day in Berlin
    ],
)
def test_the_invoice_date_is_the_day_in_berlin(story: Story, instant: str, issued: str | None) -> None:
    story.on("2027-06-01").subscribe("10.00", starts="2027-07-01")
    story.at(instant).run()
    assert [str(bill.issued_on) for bill in story.invoices()] == ([issued] if issued else [])
    assert [bill.lines[0].period for bill in story.invoices()] == (["2027-07-01 - 2027-07-31"] if issued else [])


@pytest.mark.feature("EB-12")
@pytest.mark.feature("EB-16")
@pytest.mark.parametrize(
    ("first", "evenings"),
    [
        # 23:30 in Berlin is 22:30 UTC before the night of 28 March 2027, 21:30 UTC after it
        ("2027-03-26", ["26T22:30", "27T22:30", "28T21:30", "29T21:30"]),
        ("2027-10-29", ["29T21:30", "30T21:30", "31T22:30"]),
    ],
)
def test_a_run_every_evening_at_half_past_eleven_over_the_change_of_clocks(
    story: Story, first: str, evenings: list[str]
) -> None:
    contract = story.on(first).subscribe("1.00", "1 day")
    for evening in evenings:
        assert story.at(f"{first[:8]}{evening}+00:00").run().issued == 1
    days = [f"{first[:8]}{evening[:2]}" for evening in evenings]
    assert [str(bill.issued_on) for bill in story.invoices()] == days
    assert [str(line.start) for line in story.lines(contract)] == days


@pytest.mark.feature("EB-12")
def test_a_run_in_the_hour_that_comes_twice_and_beside_the_one_that_never_comes(story: Story) -> None:
    story.on("2027-03-01").subscribe("10.00", starts="2027-03-28")
    story.on("2027-03-01").subscribe("10.00", starts="2027-10-31")
    assert story.at("2027-03-28T00:59:59+00:00").run().issued == 1  # 01:59:59, a second before 03:00
    assert story.at("2027-03-28T01:00:00+00:00").run().issued == 0
    story.bill_until("2027-10-30")
    assert story.at("2027-10-31T00:30+00:00").run().issued == 1  # 02:30 the first time
    assert story.at("2027-10-31T01:30+00:00").run().issued == 0  # 02:30 the second time


@pytest.mark.feature("EB-15")
@pytest.mark.feature("F14")
@pytest.mark.feature("EB-11")
@pytest.mark.feature("EB-14")
def test_machines_in_three_zones_write_the_same_invoices(template: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        machines = [_machine_in(zone, stack, template, tmp_path) for zone in ZONES]
        diaries = [machine.communicate(timeout=300)[0] for machine in machines]
    assert [machine.returncode for machine in machines] == [0, 0, 0]
    assert [diary.splitlines()[0] for diary in diaries] == ["zone UTC", "zone CEST", "zone PDT"]  # they did stand there
    dumps = [diary.partition("\n")[2] for diary in diaries]
    assert dumps[0].count("Bill(") == 6 + 4 + 3 + 4 and "books []" in dumps[0]
    assert dumps[0] == dumps[1] == dumps[2]


def _machine_in(zone: str, stack: ExitStack, template: str, folder: Path) -> subprocess.Popen[str]:
    """A process of its own in that zone, with a database of its own, telling the diary of `zones.py`."""
    home = folder / zone.replace("/", "-")
    home.mkdir()
    url = stack.enter_context(fresh_database(template, home))
    environment = os.environ | {
        "TZ": zone, "PGTZ": zone, "KONTOR_DATA": str(home), "DATABASE_URL": url, "SECRET_KEY": "test",
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.scenarios.zones"]
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
