"""The door of the three tax subjects, and the examples that are promised to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing import taxes
from billing.taxes import GERMAN_RATES, Buyer, RateTable, Seller, tax_lines, tax_of


@pytest.mark.feature("RND-5")
@pytest.mark.feature("INV-13")
@pytest.mark.parametrize(
    ("prices", "net", "tax", "to_pay"), [([10000] * 5, 42017, 7983, 50000), ([999], 839, 160, 999)]
)
def test_five_times_100_gross_is_79_83_vat_and_500_to_pay_and_9_99_is_charged_as_9_99(
    prices: list[int], net: int, tax: int, to_pay: int
) -> None:
    rates, day = RateTable(GERMAN_RATES), date(2026, 11, 30)
    _, category, percent = tax_of(Seller("DE", False), Buyer("DE", False, ""), rates, "service", "standard", day)
    (line,) = tax_lines([(category, percent, cents) for cents in prices], is_gross=True)
    assert (line.net_cents, line.tax_cents, line.gross_cents) == (net, tax, to_pay)
    assert (category, percent) == ("S", Decimal("19.00"))


def test_everything_of_the_three_subjects_comes_in_by_one_door() -> None:
    assert [name for name in taxes.__all__ if not hasattr(taxes, name)] == []
