"""Positions beside planned periods: they count in the totals like any other, after their discounts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from billing.discounts import Discount, discounted
from billing.drafts import Draft, total
from billing.lines import Line
from billing.taxes import DOMESTIC
from tests.billing.makers import day


def line(cents: int, *discounts: Discount, percent: str = "19.00") -> Line:
    return Line("one_off", "Beratung", Decimal(1), Decimal(1), cents, DOMESTIC, "S", Decimal(percent),
                discounts=discounts)  # fmt: skip


def draft(*lines: Line, gross: bool = False) -> Draft:
    return Draft(1, "EUR", gross, 1, "invoice_first", DOMESTIC, day("2026-11-01"), 14, (), lines)


@pytest.mark.feature("RND-3")
def test_lines_count_in_the_totals_by_their_rate() -> None:
    totals = total(draft(line(9000), line(2500), line(1000, percent="7.00")))
    assert [(t.percent, t.net_cents, t.tax_cents) for t in totals.tax_lines] == [
        (Decimal("19.00"), 11500, 2185), (Decimal("7.00"), 1000, 70),
    ]  # fmt: skip
    assert (totals.net_cents, totals.gross_cents, len(totals.line_amounts)) == (12500, 14755, 3)


@pytest.mark.feature("RND-2")
def test_an_amount_is_after_its_discounts() -> None:
    reduced = line(8000, Discount("Treue", 1500), Discount("SOMMER", 500))
    assert discounted(reduced.discounts) == 2000
    assert total(draft(reduced)).net_cents == 8000
