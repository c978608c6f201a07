"""An invoice taken back: the period is billed again when asked, and only then."""

from __future__ import annotations

import pytest

from tests.scenarios.story import Story


@pytest.mark.feature("COR-1")
@pytest.mark.feature("X-02")
def test_an_invoice_is_cancelled_and_its_period_billed_again(story: Story) -> None:
    contract = story.on("2027-01-31").subscribe("31.00")
    story.bill_until("2027-03-31")
    story.on("2027-04-02").cancel_invoice("RE-2027-00002", bill_again=True)
    story.on("2027-04-02").run()
    story.bill_until("2027-04-30")
    assert [(bill.number, bill.lines[0].period) for bill in story.invoices()] == [
        ("RE-2027-00001", "2027-01-31 - 2027-02-27"),
        ("RE-2027-00002", "2027-02-28 - 2027-03-30"),
        ("RE-2027-00003", "2027-03-31 - 2027-04-29"),
        ("RE-2027-00004", "2027-02-28 - 2027-03-30"),
        ("RE-2027-00005", "2027-04-30 - 2027-05-30"),
    ]
    (storno,) = story.corrections()
    assert (storno.number, storno.gross, storno.lines[0].contract) == ("SR-2027-00001", -3689, contract)


@pytest.mark.feature("D-1")
def test_days_that_were_not_served_are_taken_back_and_the_rest_is_billed_on(story: Story) -> None:
    contract = story.on("2027-01-31").subscribe("31.00")
    story.bill_until("2027-02-28")
    story.on("2027-03-10").correct("RE-2027-00002", 1, unserved_from="2027-03-17")
    story.bill_until("2027-03-31")
    assert len(story.lines(contract)) == 3
    (taken,) = story.corrections()
    assert (taken.number, taken.net, taken.lines[0].part) == ("RK-2027-00001", -1400, (14, 31))
    assert taken.lines[0].period == "2027-03-17 - 2027-03-30"


@pytest.mark.feature("M1-08")
@pytest.mark.feature("EB-41")
def test_a_one_off_invoice_is_corrected_line_by_line_until_nothing_is_left(story: Story) -> None:
    number = story.on("2027-02-01").one_off("100.00", "0.33", "0.33")
    story.on("2027-02-02").correct(number, 2)
    story.on("2027-02-03").correct(number, 1, "0.5")
    story.on("2027-02-04").cancel_invoice(number)
    (bill,) = story.invoices()
    assert [(taken.number, taken.net, taken.tax) for taken in story.corrections()] == [
        ("RK-2027-00001", -33, -7), ("RK-2027-00002", -5000, -950), ("SR-2027-00001", -5033, -956),
    ]  # fmt: skip
    assert sum(taken.gross for taken in story.corrections()) == -bill.gross
