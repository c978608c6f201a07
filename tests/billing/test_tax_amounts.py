"""The tax of a document: once on the sum, and gross prices charged as they were shown."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import Invalid
from billing.money import split_cents
from billing.taxes import Amounts, TaxLine, spread, tax_lines

D19, D7, D0 = Decimal("19.00"), Decimal("7.00"), Decimal("0.00")
RATED = st.sampled_from([("S", D19), ("S", D7), ("Z", D0), ("S", Decimal("5.50"))])
TAXABLES = st.lists(
    st.builds(lambda rate, cents: (rate[0], rate[1], cents), RATED, st.integers(-(10**6), 10**6)),
    min_size=1,
    max_size=12,
)


@pytest.mark.feature("RND-5")
@pytest.mark.feature("EB-44")
@pytest.mark.parametrize(
    ("prices", "net", "tax"),
    [([10000] * 5, 42017, 7983), ([999], 839, 160), ([1995], 1676, 319), ([7920], 6655, 1265), ([1500], 1261, 239)],
)
def test_gross_prices_are_charged_to_the_cent_as_shown(prices: list[int], net: int, tax: int) -> None:
    (line,) = tax_lines([("S", D19, cents) for cents in prices], is_gross=True)
    assert line == TaxLine("S", D19, net, tax, sum(prices), "")


@pytest.mark.feature("RND-3")
@pytest.mark.feature("EB-42")
def test_vat_is_taken_once_on_the_sum_not_line_by_line() -> None:
    lines = tax_lines([("S", D19, 1003)] * 3, is_gross=False)
    assert lines == (TaxLine("S", D19, 3009, 572, 3581, ""),), "three times 1.91 would be 5.73"


def test_each_rate_has_its_line_and_its_note() -> None:
    lines = tax_lines([("S", D7, 100), ("AE", D0, 500), ("S", D19, 100), ("S", D7, 100)], is_gross=False)
    assert [(line.category, line.percent, line.net_cents, line.tax_cents) for line in lines] == [
        ("AE", D0, 500, 0),
        ("S", D19, 100, 19),
        ("S", D7, 200, 14),
    ]
    assert [line.note_key for line in lines] == ["reverse_charge", "", ""]


@pytest.mark.feature("INV-6")
@pytest.mark.parametrize("percent", ["-1", "100", "1900"])
def test_no_rate_is_made_up(percent: str) -> None:
    with pytest.raises(Invalid):
        tax_lines([("S", Decimal(percent), 100)], is_gross=False)


def test_a_discount_keeps_its_own_share_of_the_tax() -> None:
    amounts = [("S", D19, 10000), ("S", D19, -9997)]
    lines = tax_lines(amounts, is_gross=False)
    assert spread(amounts, False, lines) == (Amounts(10000, 1900, 11900), Amounts(-9997, -1899, -11896))
    assert lines[0].tax_cents == 1


@pytest.mark.feature("RND-3")
@pytest.mark.feature("RND-4")
@given(TAXABLES, st.booleans())
def test_the_lines_add_up_to_the_tax_table_in_both_modes(
    amounts: list[tuple[str, Decimal, int]], is_gross: bool
) -> None:
    table = tax_lines(amounts, is_gross)
    shares = spread(amounts, is_gross, table)
    for line in table:
        mine = [
            share for share, (c, p, _) in zip(shares, amounts, strict=True) if (c, p) == (line.category, line.percent)
        ]
        assert tuple(sum(column) for column in zip(*mine, strict=True)) == line[2:5]
    for share, (_, percent, cents) in zip(shares, amounts, strict=True):
        assert share.net_cents + share.tax_cents == share.gross_cents
        assert cents == (share.gross_cents if is_gross else share.net_cents)
        exact = cents * percent / (100 + percent if is_gross else 100)
        assert abs(share.tax_cents - exact) <= 1


@pytest.mark.feature("RND-5")
@given(TAXABLES)
def test_gross_customers_pay_exactly_the_sum_of_the_prices(amounts: list[tuple[str, Decimal, int]]) -> None:
    table = tax_lines(amounts, is_gross=True)
    assert sum(line.gross_cents for line in table) == sum(cents for _, _, cents in amounts)


@pytest.mark.feature("RND-3")
@given(TAXABLES, st.booleans())
def test_a_correction_mirrors_its_invoice(amounts: list[tuple[str, Decimal, int]], is_gross: bool) -> None:
    mirrored = tax_lines([(c, p, -cents) for c, p, cents in amounts], is_gross)
    assert [line[2:5] for line in mirrored] == [
        tuple(-cents for cents in line[2:5]) for line in tax_lines(amounts, is_gross)
    ]


@pytest.mark.feature("RND-3")
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=10))
def test_lines_of_one_sign_share_the_tax_by_weight(cents: list[int]) -> None:
    amounts = [("S", D19, amount) for amount in cents]
    (line,) = tax_lines(amounts, is_gross=False)
    by_weight = split_cents(line.tax_cents, cents)
    assert all(
        abs(share.tax_cents - part) <= 1 for share, part in zip(spread(amounts, False, (line,)), by_weight, strict=True)
    )
