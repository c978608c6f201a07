"""What a customer owes, summed by contract, where one invoice bills several of them."""

from __future__ import annotations

from datetime import date

import pytest

from queries.cards.money import customer_money
from services.unit import end_reading
from tests.scenarios.story import Story


@pytest.mark.feature("R-27")
def test_an_invoice_that_several_contracts_share_is_owed_under_none_of_them(story: Story) -> None:
    anna = story.on("2026-10-01").customer("Anna")
    first = story.on("2026-10-01").subscribe("100.00", customer=anna)
    story.on("2026-10-01").run()
    story.on("2026-11-01").subscribe("50.00", customer=anna)
    story.on("2026-11-01").run()
    end_reading()
    found = customer_money(anna, date(2026, 12, 31))
    alone, joint = (item.open_cents for item in found.items)
    assert sorted((each.is_joint, each.subscription_id, each.open_cents, each.overdue_cents, each.count)
                  for each in found.contracts) == [
        (False, first, alone, alone, 1), (True, None, joint, joint, 1)]  # fmt: skip
    assert [item.is_joint for item in found.items] == [False, True]
    assert joint * 2 == alone * 3, "100.00 and 50.00 on one paper"
