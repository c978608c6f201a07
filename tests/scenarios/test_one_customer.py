"""Several contracts of one customer: one invoice where it can be one, two where it must be two."""

from __future__ import annotations

import pytest

from tests.scenarios.story import Story


@pytest.mark.feature("X-02")
def test_two_contracts_due_on_the_same_day_are_one_invoice(story: Story) -> None:
    customer = story.on("2027-02-01").customer()
    monthly = story.on("2027-02-01").subscribe("19.00", customer=customer)
    quarterly = story.on("2027-02-01").subscribe("7.00", "3 months", customer=customer, vat_category="reduced")
    story.bill_until("2027-05-01")
    bills = story.invoices()
    assert [[line.contract for line in bill.lines] for bill in bills] == [
        [monthly, quarterly], [monthly], [monthly], [monthly, quarterly],
    ]  # fmt: skip
    assert bills[0].taxes == (("S", "19.00", 361), ("S", "7.00", 49))
    assert (bills[0].net, bills[0].tax, bills[0].gross) == (2600, 410, 3010)


@pytest.mark.feature("X-20")
def test_in_two_currencies_they_are_two_invoices(story: Story) -> None:
    customer = story.on("2027-02-01").customer()
    story.on("2027-02-01").subscribe("19.00", customer=customer)
    story.on("2027-02-01").subscribe("21.00", customer=customer, currency="CHF")
    assert story.bill_until("2027-03-01") and len(story.invoices()) == 4
    assert [(bill.currency, bill.gross) for bill in story.invoices()] == [
        ("CHF", 2499), ("EUR", 2261), ("CHF", 2499), ("EUR", 2261),
    ]  # fmt: skip


@pytest.mark.feature("RND-5")
def test_net_and_gross_prices_are_two_invoices(story: Story) -> None:
    customer = story.on("2027-02-01").customer()
    story.on("2027-02-01").subscribe("10.00", customer=customer)
    story.on("2027-02-01").subscribe("10.00", customer=customer, is_gross=True)
    story.on("2027-02-01").run()
    assert [(bill.net, bill.gross) for bill in story.invoices()] == [(1000, 1190), (840, 1000)]


@pytest.mark.feature("D-12")
def test_a_deactivated_customer_skips_its_periods_and_goes_on_from_the_next(story: Story) -> None:
    customer = story.on("2027-01-15").customer()
    contract = story.on("2027-01-15").subscribe("10.00", customer=customer)
    story.bill_until("2027-02-15")
    story.on("2027-03-01").set_status(customer, "deactivate")
    story.bill_until("2027-05-14")
    story.on("2027-05-14").set_status(customer, "activate")
    story.bill_until("2027-06-20")
    assert [str(line.start) for line in story.lines(contract)] == [
        "2027-01-15", "2027-02-15", "2027-05-15", "2027-06-15",
    ]  # fmt: skip


@pytest.mark.feature("D-12")
def test_a_blocked_customer_is_billed_on(story: Story) -> None:
    customer = story.on("2027-01-15").customer()
    contract = story.on("2027-01-15").subscribe("10.00", customer=customer)
    story.on("2027-01-20").set_status(customer, "block")
    story.bill_until("2027-04-15")
    assert len(story.lines(contract)) == 4


@pytest.mark.feature("EB-34")
@pytest.mark.feature("EB-39")
@pytest.mark.feature("EB-7")
def test_an_end_inside_a_period_is_billed_by_days_and_says_so(story: Story) -> None:
    """80.00 for 31 days; twelve of them are served. The whole month counts, not the shortened one."""
    contract = story.on("2027-07-01").subscribe("80.00", ends="2027-08-13")
    story.bill_until("2027-12-31")
    assert [(line.period, line.net, line.part) for line in story.lines(contract)] == [
        ("2027-07-01 - 2027-07-31", 8000, None),
        ("2027-08-01 - 2027-08-12", 3097, (12, 31)),
    ]


@pytest.mark.feature("EB-35")
@pytest.mark.feature("EB-34")
def test_in_arrears_the_end_closes_the_last_period_at_once(story: Story) -> None:
    contract = story.on("2027-07-01").subscribe("80.00", ends="2027-08-13", in_arrears=True)
    days = story.bill_until("2027-12-31")
    assert [str(day) for day in days] == ["2027-08-01", "2027-08-13"]
    assert [(line.net, line.part) for line in story.lines(contract)] == [(8000, None), (3097, (12, 31))]
