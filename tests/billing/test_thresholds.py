"""The yearly sums at which a supply is taxed otherwise, to the cent."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from billing.drafts import Draft, total
from billing.lines import Line
from billing.periods import Period
from billing.taxes import DOMESTIC, OSS, UNION_CONSUMER, TaxCase
from billing.thresholds import (
    begins_on,
    exceeds_small_business,
    exceeds_union,
    lacks_proof,
    proofs,
    union_supplies,
)
from tests.billing.makers import day

D19 = Decimal(19)


def draft(case: TaxCase, *lines: tuple[int, str], currency: str = "EUR") -> Draft:
    """Net cents and the month of supply of each line."""
    made = tuple(
        Line("one_off", "Kurs", Decimal(1), Decimal(1), cents, case, "S", D19,
             period=Period(day(f"{month}-01"), day(f"{month}-28")))
        for cents, month in lines
    )  # fmt: skip
    return Draft(7, currency, False, 1, "invoice_first", case, day("2026-12-10"), 14, (), made)


@pytest.mark.feature("INV-11")
@pytest.mark.parametrize(
    ("before", "this_year", "further", "beyond"),
    [
        (0, 0, 9_999_99, False),
        (0, 0, 10_000_00, False),
        (0, 0, 10_000_01, True),
        (0, 9_999_99, 1, False),
        (0, 9_999_99, 2, True),
        (10_000_00, 0, 1, False),
        (10_000_01, 0, 1, True),
        (0, 20_000_00, -5_00, False),
    ],
)
def test_ten_thousand_euro_last_year_or_this_one_are_the_threshold(
    before: int, this_year: int, further: int, beyond: bool
) -> None:
    assert exceeds_union({2025: before, 2026: this_year}, {2026: further}) is beyond


@pytest.mark.feature("INV-11")
def test_what_counts_is_net_by_the_year_of_supply_and_only_for_consumers_of_the_union() -> None:
    two_years = draft(UNION_CONSUMER, (100_00, "2026-12"), (50_00, "2027-01"))
    assert union_supplies(two_years, total(two_years)) == {2026: 100_00, 2027: 50_00}
    gross = replace(draft(OSS, (119_00, "2026-12")), is_gross=True)
    assert union_supplies(gross, total(gross)) == {2026: 100_00}
    for other in (draft(DOMESTIC, (100_00, "2026-12")), draft(OSS, (100_00, "2026-12"), currency="PLN")):
        assert union_supplies(other, total(other)) == {}


@pytest.mark.feature("INV-11")
@pytest.mark.parametrize(("months", "begins"), [(("2026-11",), "2026-11-27"), (("2027-01",), "2026-12-10")])
def test_the_crossing_supply_itself_and_all_billed_from_then_on_bear_the_consumers_rates(
    months: tuple[str, ...], begins: str
) -> None:
    crossing = draft(UNION_CONSUMER, *((100_00, month) for month in months))
    assert begins_on(crossing) == day(begins)


@pytest.mark.feature("INV-5")
@pytest.mark.parametrize(
    ("issued", "further", "beyond"), [(0, 100_000_00, False), (0, 100_000_01, True), (99_999_99, 2, True)]
)
def test_the_supply_that_exceeds_100_000_euro_is_no_small_business_supply(
    issued: int, further: int, beyond: bool
) -> None:
    assert exceeds_small_business(issued, further) is beyond


@pytest.mark.feature("INV-11")
@pytest.mark.parametrize(
    ("account", "before", "this_year", "lacks"),
    [
        ("", 0, 100_000_00, False),
        ("", 0, 100_000_01, True),
        ("", 100_000_01, 0, True),
        ("DE", 0, 100_000_01, True),
        ("FR", 100_000_01, 100_000_01, False),
    ],
)
def test_one_proof_of_the_country_up_to_100_000_euro_two_consistent_ones_beyond(
    account: str, before: int, this_year: int, lacks: bool
) -> None:
    assert lacks_proof("FR", account, {2025: before, 2026: this_year}, 2026) is lacks


def test_proofs_are_named_by_where_they_come_from() -> None:
    assert proofs("FR", "") == {"billing": "FR"}
    assert proofs("FR", "BE") == {"billing": "FR", "iban": "BE"}
