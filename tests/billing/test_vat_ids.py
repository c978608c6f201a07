"""When a buyer's VAT id may be relied on: answers, their age, and what the house has set."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.vat_ids import INVALID, RELIED, UNCONFIRMED, Answer, Policy, reliance

OURS, OTHER = "ATU13585627", "FR40303265045"
HOLD, OFF = Policy(True, 90, True), Policy(False, 90, True)
SEPTEMBER = date(2026, 9, 1)


def answers(*told: tuple[str, str]) -> list[Answer]:
    return [Answer(OURS, result, date.fromisoformat(on)) for result, on in told]


@pytest.mark.feature("INV-9")
@pytest.mark.parametrize(
    ("told", "today", "found"),
    [
        ([], "2026-09-01", UNCONFIRMED),
        ([("valid", "2026-09-01")], "2026-09-01", RELIED),
        ([("valid", "2026-09-01")], "2026-11-30", RELIED),
        ([("valid", "2026-09-01")], "2026-12-01", UNCONFIRMED),
        ([("invalid", "2026-09-01")], "2026-09-01", INVALID),
        ([("unavailable", "2026-09-01")], "2026-09-01", UNCONFIRMED),
        ([("timeout", "2026-09-01")], "2026-09-01", UNCONFIRMED),
        ([("valid", "2026-09-01"), ("unavailable", "2026-10-15")], "2026-10-15", RELIED),
        ([("valid", "2026-09-01"), ("timeout", "2026-12-01")], "2026-12-01", UNCONFIRMED),
        ([("valid", "2026-09-01"), ("invalid", "2026-09-02")], "2026-09-03", INVALID),
        ([("invalid", "2026-09-01"), ("valid", "2026-09-02")], "2026-09-03", RELIED),
        ([("invalid", "2026-09-01"), ("unavailable", "2026-09-02")], "2026-09-03", INVALID),
        ([("invalid", "2026-09-01"), ("decided", "2026-09-02")], "2026-09-03", RELIED),
        ([("decided", "2026-09-02")], "2026-12-02", UNCONFIRMED),
    ],
)
def test_the_last_definite_answer_counts_and_only_for_so_many_days(
    told: list[tuple[str, str]], today: str, found: str
) -> None:
    assert reliance(OURS, answers(*told), date.fromisoformat(today), HOLD) == found


@pytest.mark.feature("INV-9")
def test_an_answer_to_another_id_says_nothing_and_no_check_asks_for_none() -> None:
    told = [Answer(OTHER, "valid", SEPTEMBER)]
    assert reliance(OURS, told, SEPTEMBER, HOLD) == UNCONFIRMED
    assert reliance(OURS, [], SEPTEMBER, OFF) == RELIED


@given(st.lists(st.sampled_from(["unavailable", "timeout"]), max_size=5), st.integers(0, 200))
def test_an_outage_changes_nothing(outages: list[str], days: int) -> None:
    today = date.fromordinal(SEPTEMBER.toordinal() + days)
    good = answers(("valid", "2026-09-01"))
    outage = [Answer(OURS, result, today) for result in outages]
    assert reliance(OURS, good + outage, today, HOLD) == reliance(OURS, good, today, HOLD)
