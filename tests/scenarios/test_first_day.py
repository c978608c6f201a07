"""Deeds on the very day on which a contract begins, when its first version lasts no day at all."""

from __future__ import annotations

import pytest

from tests.scenarios.story import Story


@pytest.mark.feature("X-09")
def test_a_contract_that_was_paused_as_it_began_can_be_cancelled_and_bills_nothing(story: Story) -> None:
    contract = story.on("2027-12-28").subscribe("30.00")
    story.on("2027-12-28").pause(contract)
    story.on("2027-12-28").cancel(contract)
    story.bill_until("2028-03-31")
    assert story.invoices() == []
