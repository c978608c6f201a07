"""The negative control of the diaries: books that do not hold are found after a scenario."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from services.unit import write
from tests.scenarios.story import Story


@pytest.fixture
def unchecked(context: Flask) -> Story:
    """A diary whose books nobody checks but the test itself."""
    story = Story()
    story.on("2027-01-31").subscribe("10.00")
    story.bill_until("2027-03-31")
    return story


def test_books_that_hold_have_no_findings(unchecked: Story) -> None:
    assert len(unchecked.invoices()) == 3
    assert unchecked.check_books() == []


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("UPDATE receivables SET open_cents = open_cents + 1 WHERE id = 2", "open_amount_differs"),
        ("INSERT INTO claims (item_id, kind, period_start, period_end, state, created_at)"
         " SELECT item_id, kind, period_end, '2027-06-01', 'billed', created_at FROM claims WHERE id = 3",
         "claim_without_line"),
        ("UPDATE sequences SET next_value = next_value + 1 WHERE year = 2027", "numbers_with_gaps"),
    ],
)  # fmt: skip
def test_a_book_that_was_damaged_is_found(unchecked: Story, damage: str, code: str) -> None:
    with write() as session:
        session.execute(text(damage))
    assert code in {finding.code for finding in unchecked.check_books()}
