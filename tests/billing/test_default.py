"""When a debtor is in default, and what the law grants then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.default import (
    DAMAGES,
    Claim,
    Since,
    damage_legs,
    in_default_since,
    is_in_default,
    lapses_on,
    lump_sum_cents,
)
from billing.errors import Invalid
from billing.ledger import balanced
from tests.billing.makers import day

CONSUMER = Claim(due_on=day("2026-11-02"), received_on=day("2026-10-19"))
BUSINESS = replace(CONSUMER, is_consumer=False)


@pytest.mark.feature("MAH-1")
@pytest.mark.parametrize(
    ("claim", "change", "since"),
    [
        # a consumer whose invoice does not say so is not in default before the first reminder
        (CONSUMER, {}, None),
        (CONSUMER, {"reminded_on": "2026-11-09"}, ("2026-11-10", "reminder")),
        # a reminder before the due date, or on it, reminds of nothing
        (CONSUMER, {"reminded_on": "2026-11-02"}, None),
        # with the notice: 30 days after the due date, which ends on Wednesday 2 December
        (CONSUMER, {"has_notice": True}, ("2026-12-03", "thirty_days")),
        # ... and receipt: the later of the two counts
        (CONSUMER, {"has_notice": True, "received_on": "2026-11-20"}, ("2026-12-22", "thirty_days")),
        (CONSUMER, {"has_notice": True, "received_on": None}, None),
        # the 30th day is a Saturday: Monday is the last day
        (CONSUMER, {"has_notice": True, "due_on": "2026-11-05"}, ("2026-12-08", "thirty_days")),
        # the reminder comes first
        (CONSUMER, {"has_notice": True, "reminded_on": "2026-11-09"}, ("2026-11-10", "reminder")),
        # ... or too late to matter
        (CONSUMER, {"has_notice": True, "reminded_on": "2026-12-15"}, ("2026-12-03", "thirty_days")),
        # a business needs no notice
        (BUSINESS, {}, ("2026-12-03", "thirty_days")),
        (BUSINESS, {"reminded_on": "2026-11-09"}, ("2026-11-10", "reminder")),
        # a day that the contract itself names
        (CONSUMER, {"has_agreed_date": True}, ("2026-11-03", "agreed_date")),
        # ... and that is a Saturday: payable on Monday
        (CONSUMER, {"has_agreed_date": True, "due_on": "2026-11-07"}, ("2026-11-10", "agreed_date")),
        (BUSINESS, {"has_agreed_date": True, "due_on": "2026-12-25"}, ("2026-12-29", "agreed_date")),
    ],
)
def test_default_begins_when_the_law_says_so(
    claim: Claim, change: dict[str, str | bool | None], since: tuple[str, str] | None
) -> None:
    facts = {name: day(value) if isinstance(value, str) else value for name, value in change.items()}
    expected = Since(day(since[0]), since[1]) if since else None
    assert in_default_since(replace(claim, **facts)) == expected


@given(st.dates(min_value=day("2020-01-01"), max_value=day("2040-12-31")), st.booleans())
def test_nobody_is_in_default_on_the_due_date(due_on: date, agreed: bool) -> None:
    claim = replace(BUSINESS, due_on=due_on, received_on=due_on, has_agreed_date=agreed, reminded_on=due_on)
    assert not is_in_default(claim, due_on)


@pytest.mark.feature("MAH-4")
@pytest.mark.parametrize(
    ("claim", "on", "charged", "cents"),
    [
        (BUSINESS, "2026-12-02", False, 0),  # not in default yet
        (BUSINESS, "2026-12-03", False, 40_00),
        (BUSINESS, "2027-03-01", True, 0),  # once
        (replace(BUSINESS, currency="PLN"), "2026-12-03", False, 0),
        (replace(BUSINESS, kind="deposit"), "2026-12-03", False, 0),
        (replace(CONSUMER, has_notice=True), "2027-03-01", False, 0),  # never from a consumer
    ],
)
def test_the_lump_sum_is_for_businesses_in_default_and_once(claim: Claim, on: str, charged: bool, cents: int) -> None:
    assert lump_sum_cents(claim, day(on), charged) == cents


@pytest.mark.feature("MAH-6")
@pytest.mark.parametrize("kind", DAMAGES)
def test_damages_are_owed_without_vat_and_are_no_turnover(kind: str) -> None:
    legs = damage_legs(kind, 5_56, 7)
    assert balanced([(account, cents) for account, cents, _ in legs])
    accounts = {account: cents for account, cents, _ in legs}
    assert accounts == {"receivable": 5_56, {"lump_sum": "lumpsum"}.get(kind, kind): -5_56}
    assert [receivable for _, _, receivable in legs] == [7, None]


@pytest.mark.parametrize(("kind", "cents"), [("invoice", 5), ("fee", 0), ("fee", -1)])
def test_what_is_no_damage_is_not_booked_as_one(kind: str, cents: int) -> None:
    with pytest.raises(Invalid):
        damage_legs(kind, cents, 7)


@pytest.mark.feature("MAH-8")
@pytest.mark.parametrize(
    ("due_on", "last"),
    [
        ("2026-01-01", "2029-12-31"),
        ("2026-12-31", "2029-12-31"),
        ("2027-01-01", "2030-12-31"),
        ("2024-02-29", "2027-12-31"),
    ],
)
def test_a_claim_lapses_three_years_after_the_end_of_its_year(due_on: str, last: str) -> None:
    assert lapses_on(day(due_on)) == day(last)
