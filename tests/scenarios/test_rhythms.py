"""Months, quarters and years from awkward days: every period once, none twice, none forgotten."""

from __future__ import annotations

from datetime import date

import pytest

from tests.scenarios.story import Story


@pytest.mark.feature("EB-1")
@pytest.mark.feature("EB-9")
@pytest.mark.feature("F14")
def test_monthly_from_31_january_over_fourteen_months(story: Story) -> None:
    story.on("2027-01-31").subscribe("9.90")
    story.bill_until("2028-03-31")
    bills = story.invoices()
    assert [bill.lines[0].period for bill in bills] == [
        "2027-01-31 - 2027-02-27",
        "2027-02-28 - 2027-03-30",
        "2027-03-31 - 2027-04-29",
        "2027-04-30 - 2027-05-30",
        "2027-05-31 - 2027-06-29",
        "2027-06-30 - 2027-07-30",
        "2027-07-31 - 2027-08-30",
        "2027-08-31 - 2027-09-29",
        "2027-09-30 - 2027-10-30",
        "2027-10-31 - 2027-11-29",
        "2027-11-30 - 2027-12-30",
        "2027-12-31 - 2028-01-30",
        "2028-01-31 - 2028-02-28",
        "2028-02-29 - 2028-03-30",
        "2028-03-31 - 2028-04-29",
    ]
    assert [bill.issued_on for bill in bills] == [bill.lines[0].start for bill in bills]
    assert {(bill.net, bill.tax, bill.gross) for bill in bills} == {(990, 188, 1178)}
    assert bills[0].number == "RE-2027-00001" and bills[-1].number == "RE-2028-00003"


@pytest.mark.feature("EB-1")
@pytest.mark.feature("F14")
def test_yearly_from_29_february_over_five_years(story: Story) -> None:
    story.on("2028-02-29").subscribe("120.00", "1 year")
    days = story.bill_until("2033-03-01")
    assert [str(day) for day in days] == [
        "2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29", "2033-02-28",
    ]  # fmt: skip
    bills = story.invoices()
    assert [bill.lines[0].period for bill in bills] == [
        "2028-02-29 - 2029-02-27",
        "2029-02-28 - 2030-02-27",
        "2030-02-28 - 2031-02-27",
        "2031-02-28 - 2032-02-28",
        "2032-02-29 - 2033-02-27",
        "2033-02-28 - 2034-02-27",
    ]
    assert {bill.gross for bill in bills} == {14280}


@pytest.mark.feature("RND-5")
@pytest.mark.feature("EB-44")
def test_quarterly_at_9_99_gross_charges_exactly_9_99(story: Story) -> None:
    story.on("2027-11-30").subscribe("9.99", "3 months", is_gross=True)
    story.bill_until("2028-11-30")
    bills = story.invoices()
    assert [bill.lines[0].period for bill in bills] == [
        "2027-11-30 - 2028-02-28",
        "2028-02-29 - 2028-05-29",
        "2028-05-30 - 2028-08-29",
        "2028-08-30 - 2028-11-29",
        "2028-11-30 - 2029-02-27",
    ]
    assert {(bill.net, bill.tax, bill.gross, bill.taxes) for bill in bills} == {(839, 160, 999, (("S", "19.00", 160),))}


@pytest.mark.feature("EB-37")
@pytest.mark.feature("EB-13")
def test_a_trial_that_ends_on_the_billing_day_of_another_contract_is_on_its_invoice(story: Story) -> None:
    """Fourteen days from 17 March lead over the change to summer time, to the 31st: paid from there on."""
    customer = story.on("2027-01-31").customer()
    running = story.on("2027-01-31").subscribe("10.00", customer=customer)
    tried = story.on("2027-03-17").subscribe("20.00", customer=customer, trial="14 days")
    assert story.bill_until("2027-05-01") == [
        date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30),
    ]  # fmt: skip
    assert [[line.contract for line in bill.lines] for bill in story.invoices()] == [
        [running], [running], [running, tried], [running, tried],
    ]  # fmt: skip
    assert [line.period for line in story.lines(tried)] == ["2027-03-31 - 2027-04-29", "2027-04-30 - 2027-05-30"]


@pytest.mark.feature("EB-37")
def test_in_a_trial_nothing_is_billed_on_any_day(story: Story) -> None:
    story.on("2027-03-01").subscribe("20.00", trial="1 month")
    for day in ("2027-03-01", "2027-03-15", "2027-03-31"):
        assert story.on(day).run().due == 0
    assert story.on("2027-04-01").run().issued == 1


@pytest.mark.feature("EB-2")
def test_an_add_on_keeps_the_days_of_its_contract(story: Story) -> None:
    """All lines of a contract are counted from one anchor: no early invoice on the 30th."""
    contract = story.on("2027-01-31").subscribe("30.00", addons=["4.50"])
    assert len(story.bill_until("2027-06-30")) == 6
    bills = story.invoices()
    assert [len(bill.lines) for bill in bills] == [2] * 6
    assert all(bill.lines[0].period == bill.lines[1].period for bill in bills)
    assert {(bill.net, bill.tax, bill.gross) for bill in bills} == {(3450, 656, 4106)}
    assert {line.contract for bill in bills for line in bill.lines} == {contract}


@pytest.mark.feature("EB-8")
def test_a_year_in_months_has_twelve_of_them(story: Story) -> None:
    story.on("2026-08-03").subscribe("5.00", ends="2027-08-03")
    story.bill_until("2027-12-31")
    assert len(story.invoices()) == 12
    assert story.on("2028-01-01").run().due == 0
