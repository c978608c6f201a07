"""The calendar of retention that people read says what the code does (X-19, RET-1)."""

from __future__ import annotations

import re

import pytest

from config import ROOT
from models.fates import BOOKS, FATES, LETTERS, VOUCHERS
from services import disclosure, retention

GUIDE = (ROOT / "docs" / "guides" / "data-protection.md").read_text()


def years() -> dict[str, int]:
    """The first column of the table of times -> years."""
    rows = re.findall(r"^\| ([^|]+) \| (\d+) \|", GUIDE, re.M)
    return {name.strip(): int(number) for name, number in rows}


@pytest.mark.feature("X-19")
@pytest.mark.feature("RET-1")
@pytest.mark.parametrize(
    ("word", "law", "tables"),
    [
        ("Rechnungen", VOUCHERS, ("invoices", "papers", "payments", "vat_checks")),
        ("Buchungen", BOOKS, ("journal_entries", "postings", "location_evidence", "activities")),
        ("Gesendete E-Mails, die", LETTERS, ("messages", "notes")),
    ],
)
def test_each_time_of_the_guide_is_the_code_s(word: str, law: object, tables: tuple[str, ...]) -> None:
    (found,) = {number for name, number in years().items() if name.startswith(word)}
    assert {FATES[table].law for table in tables} == {law}
    assert [law.years for law in (VOUCHERS, BOOKS, LETTERS) if law is FATES[tables[0]].law] == [found]


def test_whatever_proves_business_is_kept_by_the_law_that_its_table_declares() -> None:
    assert {name: law for name, (_, _, law) in retention.BUSINESS.items()} == {
        name: FATES[name].law for name in retention.BUSINESS
    }


def test_what_a_person_is_told_has_the_same_years() -> None:
    told = " ".join(disclosure.RETENTION)
    assert [int(number) for number in re.findall(r"(\d+) Jahre", told)] == [VOUCHERS.years, BOOKS.years, LETTERS.years]


@pytest.mark.feature("DSG-6")
def test_backups_and_logs_are_part_of_it() -> None:
    assert "## Sicherungen" in GUIDE and "## Protokolle des Servers" in GUIDE and "90 Tage" in GUIDE
