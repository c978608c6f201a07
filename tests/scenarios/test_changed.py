"""Contracts that change: another product on any day of a period, twice on one day, add-ons, quantity, rhythm."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing.taxes import GERMAN_RATES, RateTable, Seller
from queries.measures import measure
from services.unit import end_reading
from tests.scenarios.story import Story


def charged(story: Story, contract: int) -> list[tuple[str, int, tuple[int, int] | None]]:
    """What a contract was billed: period, net cents, days of days."""
    return [(line.period, line.net, line.part) for line in story.lines(contract)]


def credited(story: Story) -> list[tuple[str, int, tuple[int, int] | None]]:
    return [(line.period, line.net, line.part) for bill in story.corrections() for line in bill.lines]


@pytest.mark.feature("X-10")
@pytest.mark.feature("EB-39")
@pytest.mark.parametrize(
    ("day", "credit", "charge"),
    [
        ("2027-03-01", ("2027-03-01 - 2027-03-31", -3100, None), ("2027-03-01 - 2027-03-31", 6200, None)),
        ("2027-03-11", ("2027-03-11 - 2027-03-31", -2100, (21, 31)), ("2027-03-11 - 2027-03-31", 4200, (21, 31))),
        ("2027-03-31", ("2027-03-31 - 2027-03-31", -100, (1, 31)), ("2027-03-31 - 2027-03-31", 200, (1, 31))),
    ],
)
def test_an_upgrade_on_the_first_a_middle_and_the_last_day_of_a_period(
    story: Story, day: str, credit: Any, charge: Any
) -> None:
    contract = story.on("2027-03-01").subscribe("31.00")
    story.on("2027-03-01").run()
    assert story.on(day).change_plan(contract, "62.00") == date.fromisoformat(day)
    story.on(day).run()
    story.bill_until("2027-04-01")
    assert credited(story) == [credit]
    assert charged(story, contract) == [
        ("2027-03-01 - 2027-03-31", 3100, None), charge, ("2027-04-01 - 2027-04-30", 6200, None)
    ]  # fmt: skip


@pytest.mark.feature("X-10")
def test_a_change_before_the_run_bills_each_product_for_its_days_and_credits_nothing(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00")
    story.on("2027-03-11").change_plan(contract, "62.00")
    story.on("2027-03-11").run()
    assert charged(story, contract) == [
        ("2027-03-01 - 2027-03-10", 1000, (10, 31)), ("2027-03-11 - 2027-03-31", 4200, (21, 31))
    ]  # fmt: skip
    assert story.corrections() == []


@pytest.mark.feature("X-10")
@pytest.mark.parametrize("run_between", [False, True])
def test_two_changes_on_one_day_leave_the_last_one(story: Story, run_between: bool) -> None:
    contract = story.on("2027-03-01").subscribe("31.00")
    story.on("2027-03-01").run()
    story.on("2027-03-11").change_plan(contract, "62.00")
    if run_between:
        story.on("2027-03-11").run()
    story.on("2027-03-11").change_plan(contract, "93.00")
    story.on("2027-03-11").run()
    story.bill_until("2027-04-01")
    first = [("2027-03-11 - 2027-03-31", 4200, (21, 31))] if run_between else []
    assert charged(story, contract) == [
        ("2027-03-01 - 2027-03-31", 3100, None), *first, ("2027-03-11 - 2027-03-31", 6300, (21, 31)),
        ("2027-04-01 - 2027-04-30", 9300, None),
    ]  # fmt: skip
    assert sum(net for _, net, _ in credited(story)) == -2100 - (4200 if run_between else 0)


@pytest.mark.feature("X-10")
@pytest.mark.parametrize("followed", [True, False])
def test_a_change_at_the_end_of_the_period_is_planned_and_credits_nothing(story: Story, followed: bool) -> None:
    contract = story.on("2027-03-01").subscribe("31.00")
    story.on("2027-03-01").run()
    assert story.on("2027-03-11").change_plan(contract, "62.00", at_period_end=True) == date(2027, 4, 1)
    if followed:
        assert story.on("2027-04-01").follow() == 1
    story.bill_until("2027-05-01")
    assert [net for _, net, _ in charged(story, contract)] == [3100, 6200, 6200]
    assert story.corrections() == []


@pytest.mark.feature("X-10")
def test_a_planned_change_is_withdrawn_or_superseded_by_another(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00")
    story.on("2027-03-01").run()
    story.on("2027-03-11").change_plan(contract, "62.00", at_period_end=True)
    story.on("2027-03-12").withdraw_change(contract)
    story.bill_until("2027-04-01")
    story.on("2027-04-11").change_plan(contract, "62.00", at_period_end=True)
    story.on("2027-04-12").change_plan(contract, "93.00", at_period_end=True)
    story.bill_until("2027-05-01")
    assert [net for _, net, _ in charged(story, contract)] == [3100, 3100, 9300]


@pytest.mark.feature("X-10")
def test_from_months_to_years_a_new_count_begins_with_the_change(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00")
    story.on("2027-03-01").run()
    story.on("2027-03-11").change_plan(contract, "300.00", "1 year")
    story.on("2027-03-11").run()
    story.bill_until("2028-03-31")
    assert credited(story) == [("2027-03-11 - 2027-03-31", -2100, (21, 31))]
    assert charged(story, contract) == [
        ("2027-03-01 - 2027-03-31", 3100, None), ("2027-03-11 - 2028-03-10", 30000, None),
        ("2028-03-11 - 2029-03-10", 30000, None),
    ]  # fmt: skip


@pytest.mark.feature("X-10")
def test_from_years_to_months_at_the_end_of_the_year_and_back(story: Story) -> None:
    contract = story.on("2028-02-29").subscribe("366.00", "1 year")
    story.bill_until("2028-02-29")
    assert story.on("2028-06-15").change_plan(contract, "40.00", at_period_end=True) == date(2029, 2, 28)
    story.bill_until("2029-04-28")
    assert charged(story, contract) == [
        ("2028-02-29 - 2029-02-27", 36600, None), ("2029-02-28 - 2029-03-27", 4000, None),
        ("2029-03-28 - 2029-04-27", 4000, None), ("2029-04-28 - 2029-05-27", 4000, None),
    ]  # fmt: skip


@pytest.mark.feature("X-10")
def test_in_arrears_a_change_within_a_month_bills_both_at_its_end(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00", in_arrears=True)
    story.on("2027-03-11").change_plan(contract, "62.00", in_arrears=True)
    story.bill_until("2027-04-01")
    assert charged(story, contract) == [
        ("2027-03-01 - 2027-03-10", 1000, (10, 31)), ("2027-03-11 - 2027-03-31", 4200, (21, 31))
    ]  # fmt: skip
    assert len(story.invoices()) == 1


@pytest.mark.feature("EB-37")
def test_a_change_in_the_trial_costs_nothing_until_it_ends(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00", trial="14 days", setup_fee=49)
    story.on("2027-03-08").change_plan(contract, "62.00", setup_fee=19)
    assert story.on("2027-03-08").run().due == 0
    story.bill_until("2027-03-15")
    assert charged(story, contract) == [
        ("2027-03-15 - 2027-04-14", 6200, None), ("2027-03-15 - 2027-03-15", 1900, None)
    ]  # fmt: skip


def test_a_set_up_fee_that_is_billed_is_not_charged_again(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00", setup_fee=49)
    story.on("2027-03-01").run()
    story.on("2027-04-01").change_plan(contract, "62.00", setup_fee=19)
    story.bill_until("2027-04-01")
    assert [net for _, net, _ in charged(story, contract)] == [3100, 4900, 6200]


@pytest.mark.feature("X-10")
def test_quantity_and_add_ons_follow_the_same_arithmetic(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00", quantity="2")
    story.on("2027-03-01").run()
    story.on("2027-03-11").set_quantity(contract, "3")
    extra = story.on("2027-03-11").addon("6.20")
    story.on("2027-03-21").set_addons(contract, [(extra, "2")])
    story.on("2027-03-21").run()
    story.on("2027-04-01").run()
    story.on("2027-04-16").set_addons(contract, [(extra, "0")])
    story.bill_until("2027-05-01")
    assert charged(story, contract) == [
        ("2027-03-01 - 2027-03-31", 6200, None),
        ("2027-03-11 - 2027-03-31", 6300, (21, 31)),
        ("2027-03-21 - 2027-03-31", 440, (11, 31)),
        ("2027-04-01 - 2027-04-30", 9300, None),
        ("2027-04-01 - 2027-04-30", 1240, None),
        ("2027-05-01 - 2027-05-31", 9300, None),
    ]
    assert credited(story) == [
        ("2027-03-11 - 2027-03-31", -4200, (21, 31)),
        ("2027-04-16 - 2027-04-30", -620, (15, 30)),
    ]


@pytest.mark.feature("RND-5")
def test_gross_prices_are_credited_and_charged_as_shown(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("9.99", is_gross=True)
    story.on("2027-03-01").run()
    story.on("2027-03-11").change_plan(contract, "19.99", is_gross=True)
    story.on("2027-03-11").run()
    bills, (correction,) = story.invoices(), story.corrections()
    assert [bill.gross for bill in bills] == [999, 1999 - 645]
    assert correction.gross == -(999 - 322)


def test_recurring_revenue_counts_each_version_by_its_own_rhythm(story: Story) -> None:
    contract = story.on("2027-01-15").subscribe("31.00")
    story.bill_until("2027-03-10")
    story.on("2027-03-11").change_plan(contract, "300.00", "1 year")
    months = [date(2027, month, 1) for month in (1, 2, 3)]
    end_reading()
    figures = measure(months, date(2027, 3, 11), Seller("DE", small_business=False), RateTable(GERMAN_RATES))
    assert [(f.month.month, f.cents) for f in figures if f.name == "recurring"] == [(1, 3100), (2, 3100), (3, 2500)]
