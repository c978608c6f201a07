"""Which tax, at which rate, rounded where: section 14 UStG, EN 16931 and the price that was shown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import Invalid
from billing.money import split_cents
from billing.taxes import (
    DOMESTIC,
    EU_COUNTRIES,
    GERMAN_RATES,
    NOTES,
    REVERSE_CHARGE,
    TAX_CASES,
    Amounts,
    Buyer,
    Rate,
    RateTable,
    Seller,
    TaxLine,
    category_of,
    decide,
    eu_countries,
    note,
    spread,
    tax_lines,
)

D19, D7, D0 = Decimal("19.00"), Decimal("7.00"), Decimal("0.00")
GERMAN = RateTable(GERMAN_RATES)
RATED = st.sampled_from([("S", D19), ("S", D7), ("Z", D0), ("S", Decimal("5.50"))])
TAXABLES = st.lists(
    st.builds(lambda rate, cents: (rate[0], rate[1], cents), RATED, st.integers(-(10**6), 10**6)),
    min_size=1,
    max_size=12,
)


@pytest.mark.feature("F20")
@pytest.mark.parametrize(
    ("category", "on", "percent"),
    [
        ("standard", "2020-06-30", "19.00"),
        ("standard", "2020-07-01", "16.00"),
        ("standard", "2020-12-31", "16.00"),
        ("standard", "2021-01-01", "19.00"),
        ("reduced", "2020-07-01", "5.00"),
        ("reduced", "2026-11-21", "7.00"),
        ("zero", "2026-11-21", "0.00"),
    ],
)
def test_the_rate_is_the_one_of_the_day_of_supply(category: str, on: str, percent: str) -> None:
    assert GERMAN.percent("DE", category, date.fromisoformat(on)) == Decimal(percent)


@pytest.mark.parametrize(
    ("country", "category", "on"),
    [("FR", "standard", "2026-01-01"), ("DE", "luxury", "2026-01-01"), ("DE", "standard", "2006-12-31")],
)
def test_without_a_rate_nothing_is_guessed(country: str, category: str, on: str) -> None:
    with pytest.raises(Invalid) as refused:
        GERMAN.percent(country, category, date.fromisoformat(on))
    assert (refused.value.code, refused.value.facts["on"]) == ("no_vat_rate", on)


@pytest.mark.parametrize("until", [None, date(2026, 2, 1)])
def test_two_rates_for_one_day_are_refused(until: date | None) -> None:
    first = Rate("DE", "standard", D19, date(2026, 1, 1), until)
    with pytest.raises(Invalid, match="rates_overlap"):
        RateTable([Rate("DE", "standard", D7, date(2026, 1, 31), None), first])


@pytest.mark.feature("INV-10")
@pytest.mark.parametrize(
    ("country", "is_business", "vat_id", "goods", "service", "e_service"),
    [
        ("DE", False, "", "domestic", "domestic", "domestic"),
        ("DE", True, "DE136695976", "domestic", "domestic", "domestic"),
        ("", False, "", "domestic", "domestic", "domestic"),
        ("FR", True, "FR40303265045", "intra_eu_goods", "reverse_charge", "reverse_charge"),
        ("FR", True, "", "domestic", "domestic", "domestic"),
        ("FR", False, "FR40303265045", "domestic", "domestic", "domestic"),
        ("FR", False, "", "domestic", "domestic", "domestic"),
        ("CH", True, "", "export", "outside_scope", "outside_scope"),
        ("CH", False, "", "export", "domestic", "outside_scope"),
        ("GB", True, "GB980780684", "export", "outside_scope", "outside_scope"),
    ],
)
def test_the_tax_case_of_each_pair(
    country: str, is_business: bool, vat_id: str, goods: str, service: str, e_service: str
) -> None:
    buyer, seller = Buyer(country, is_business, vat_id), Seller("DE", False)
    cases = [decide(seller, buyer, kind).code for kind in ("goods", "service", "e_service")]
    assert cases == [goods, service, e_service]


@pytest.mark.feature("INV-5")
@pytest.mark.parametrize("buyer", [Buyer("DE", False, ""), Buyer("FR", True, "FR40303265045"), Buyer("CH", True, "")])
@pytest.mark.parametrize("kind", ["goods", "service", "e_service"])
def test_a_small_business_shows_no_vat_whoever_buys(buyer: Buyer, kind: str) -> None:
    case = decide(Seller("DE", small_business=True), buyer, kind)
    assert (case.code, case.category, case.taxed) == ("small_business", "E", False)
    assert note(case.note_key, "de") == "Steuerbefreiung für Kleinunternehmer (§ 19 UStG)"


@pytest.mark.feature("INV-7")
def test_reverse_charge_says_the_words_of_the_law() -> None:
    assert note(REVERSE_CHARGE.note_key, "de") == "Steuerschuldnerschaft des Leistungsempfängers"
    assert note(REVERSE_CHARGE.note_key, "fr") == note(REVERSE_CHARGE.note_key, "de")
    assert note("", "de") == ""


def test_every_untaxed_case_has_its_note_in_both_languages() -> None:
    for case in TAX_CASES.values():
        assert case.taxed == (case.note_key == "")
        assert case.taxed or NOTES[case.note_key].keys() == {"de", "en"}


def test_the_union_of_2026_has_27_members() -> None:
    assert len(EU_COUNTRIES) == 27
    assert {"DE", "HR", "GR", "IE"} <= EU_COUNTRIES and not EU_COUNTRIES & {"GB", "CH", "NO", "XI", "EL"}


@pytest.mark.parametrize(
    ("on", "members", "country", "inside"),
    [
        ("1994-12-31", 12, "AT", False),
        ("1995-01-01", 15, "AT", True),
        ("2004-04-30", 15, "PL", False),
        ("2004-05-01", 25, "PL", True),
        ("2006-12-31", 25, "RO", False),
        ("2007-01-01", 27, "RO", True),
        ("2013-06-30", 27, "HR", False),
        ("2013-07-01", 28, "HR", True),
        ("2020-12-31", 28, "GB", True),
        ("2021-01-01", 27, "GB", False),
    ],
)
def test_who_was_in_the_union_on_a_day(on: str, members: int, country: str, inside: bool) -> None:
    union = eu_countries(date.fromisoformat(on))
    assert (len(union), country in union) == (members, inside)


def test_a_taxed_line_at_nothing_is_zero_rated() -> None:
    assert category_of(DOMESTIC, D0) == "Z"
    assert category_of(DOMESTIC, D7) == "S"
    assert category_of(REVERSE_CHARGE, D0) == "AE"


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
