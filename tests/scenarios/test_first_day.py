"""Deeds on the very day on which a contract begins, when its first version lasts no day at all."""

from __future__ import annotations

import pytest

from tests.scenarios.story import Story
from tests.scenarios.test_changed import charged, credited


@pytest.mark.feature("X-09")
def test_a_contract_that_was_paused_as_it_began_can_be_cancelled_and_bills_nothing(story: Story) -> None:
    contract = story.on("2027-12-28").subscribe("30.00")
    story.on("2027-12-28").pause(contract)
    story.on("2027-12-28").cancel(contract)
    story.bill_until("2028-03-31")
    assert story.invoices() == []


@pytest.mark.feature("B-07")
@pytest.mark.parametrize("billed_first", [True, False])
@pytest.mark.parametrize("resumed", ["2027-03-01", "2027-03-11"])
def test_a_contract_that_was_paused_as_it_began_goes_on_when_it_is_resumed(
    story: Story, billed_first: bool, resumed: str
) -> None:
    contract = story.on("2027-03-01").subscribe("31.00")
    if billed_first:
        story.on("2027-03-01").run()
    story.on("2027-03-01").pause(contract)
    story.on(resumed).resume(contract)
    story.bill_until("2027-04-01")
    served = 6200 if resumed == "2027-03-01" else 5200
    assert sum(net for _, net, _ in [*charged(story, contract), *credited(story)]) == served


@pytest.mark.feature("B-07")
def test_what_was_superseded_on_the_first_day_does_not_come_back_after_a_pause(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00")
    story.on("2027-03-01").change_plan(contract, "62.00")
    story.on("2027-03-01").pause(contract)
    story.on("2027-03-01").resume(contract)
    story.bill_until("2027-03-01")
    assert [net for _, net, _ in charged(story, contract)] == [6200]


@pytest.mark.feature("B-07")
def test_a_pause_from_the_first_day_is_withdrawn_before_it_comes(story: Story) -> None:
    contract = story.on("2027-02-20").subscribe("31.00", starts="2027-03-01")
    story.on("2027-02-20").pause(contract, "2027-03-01", "2027-04-01")
    story.on("2027-02-25").resume(contract)
    story.bill_until("2027-04-01")
    assert [net for _, net, _ in charged(story, contract)] == [3100, 3100]
