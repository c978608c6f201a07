"""Whatever was missed is made up to the same invoices; whatever was billed elsewhere is not billed again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.story import Story

PRICES: tuple[dict[str, Any], ...] = (
    {"price": "9.90"},
    {"price": "9.99", "is_gross": True, "quantity": "3"},
    {"price": "7.77", "addons": ["0.45"], "vat_category": "reduced"},
    {"price": "80.00", "in_arrears": True},
    {"price": "80.00", "in_arrears": True, "ends": "2027-04-15"},
    {"price": "80.00", "ends": "2027-04-15", "setup_fee": 25},
    {"price": "3.33", "every": "2 weeks"},
)


@pytest.mark.feature("F15")
@pytest.mark.feature("EB-5")
@pytest.mark.feature("EB-26")
@pytest.mark.parametrize("terms", PRICES, ids=str)
def test_a_run_missed_for_three_months_equals_punctual_runs(story: Story, terms: dict[str, Any]) -> None:
    """The second customer's contract began as early, but its first run is the one of 30 April."""
    punctual = story.on("2027-01-31").customer("Pünktlich")
    story.on("2027-01-31").subscribe(customer=punctual, **terms)
    days = story.bill_until("2027-04-30")
    assert len(days) >= 3
    late = story.on("2027-01-31").customer("Spät")
    story.on("2027-01-31").subscribe(customer=late, **terms)
    story.on("2027-04-30").run()
    first, second = story.invoices(punctual), story.invoices(late)
    assert [bill.content for bill in first] == [bill.content for bill in second]
    assert [bill.issued_on for bill in first] == days
    assert {str(bill.issued_on) for bill in second} == {"2027-04-30"}


@pytest.mark.feature("D-13")
@pytest.mark.feature("M1-12")
def test_a_contract_that_comes_in_running_is_billed_from_its_next_event_on(story: Story) -> None:
    contract = story.on("2027-05-10").subscribe("10.00", starts="2026-08-31", next_event="2027-05-31")
    assert story.on("2027-05-10").run().due == 0
    story.bill_until("2027-08-31")
    assert [line.period for line in story.lines(contract)] == [
        "2027-05-31 - 2027-06-29",
        "2027-06-30 - 2027-07-30",
        "2027-07-31 - 2027-08-30",
        "2027-08-31 - 2027-09-29",
    ]


@pytest.mark.feature("D-13")
def test_in_arrears_the_next_event_is_the_day_of_the_next_bill(story: Story) -> None:
    contract = story.on("2027-05-10").subscribe("10.00", starts="2027-01-01", next_event="2027-06-01", in_arrears=True)
    story.bill_until("2027-07-01")
    assert [line.period for line in story.lines(contract)] == ["2027-05-01 - 2027-05-31", "2027-06-01 - 2027-06-30"]


@pytest.mark.feature("D-13")
def test_without_a_next_event_an_old_contract_is_billed_from_its_start(story: Story) -> None:
    contract = story.on("2027-05-10").subscribe("10.00", starts="2027-02-28")
    assert story.on("2027-05-10").run().issued == 3
    assert [line.period for line in story.lines(contract)] == [
        "2027-02-28 - 2027-03-27", "2027-03-28 - 2027-04-27", "2027-04-28 - 2027-05-27",
    ]  # fmt: skip


@pytest.mark.feature("X-02")
@pytest.mark.feature("EB-19")
def test_ten_runs_of_one_day_issue_once(story: Story) -> None:
    story.on("2027-05-10").subscribe("10.00")
    assert [story.on("2027-05-10").run().issued for _ in range(10)] == [1] + [0] * 9


@pytest.mark.feature("EB-27")
def test_a_run_for_an_earlier_day_takes_nothing_twice_and_leaves_no_hole(story: Story) -> None:
    contract = story.on("2027-05-10").subscribe("10.00")
    story.on("2027-06-10").run()
    assert story.on("2027-06-11").run(on="2027-05-10").due == 0
    story.bill_until("2027-07-10")
    assert [str(line.start) for line in story.lines(contract)] == ["2027-05-10", "2027-06-10", "2027-07-10"]
