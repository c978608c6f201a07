"""What a draft comes to: VAT once per category and rate, on the document's sum."""

from __future__ import annotations

import pytest

from billing.drafts import total
from tests.billing.makers import SMALL, item, planned, terms


@pytest.mark.feature("INV-5")
def test_a_small_business_charges_the_bare_price() -> None:
    (draft,) = planned([terms(item(1, "100.00"), is_gross=True)], "2026-01-01", seller=SMALL).drafts
    assert total(draft)[:3] == (10000, 0, 10000)
    assert [(line.category, line.note_key) for line in total(draft).tax_lines] == [("E", "small_business")]


@pytest.mark.feature("RND-3")
def test_the_totals_of_a_draft_with_three_rates() -> None:
    contract = terms(item(1, "10.03"), item(2, "10.03"), item(3, "5.00", vat="reduced"), item(4, "1.00", vat="zero"))
    (draft,) = planned([contract], "2026-01-01").drafts
    totals = total(draft)
    assert [(line.category, line.net_cents, line.tax_cents) for line in totals.tax_lines] == [
        ("S", 2006, 381), ("S", 500, 35), ("Z", 100, 0),
    ]  # fmt: skip
    assert totals[:3] == (2606, 416, 3022)
    assert [amounts.tax_cents for amounts in totals.line_amounts] == [191, 190, 35, 0]
