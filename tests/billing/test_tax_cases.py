"""The matrix of INV-5 to INV-13 as a table: who sells what to whom, on which day, and what follows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.taxes import (
    DOMESTIC,
    EU_COUNTRIES,
    GERMAN_RATES,
    NEEDS,
    NOTES,
    REVERSE_CHARGE,
    TAX_CASES,
    Buyer,
    Rate,
    RateTable,
    Seller,
    category_of,
    decide,
    eu_countries,
    exemption,
    tax_lines,
    tax_of,
)

D19, D20, D7, D0 = Decimal("19.00"), Decimal("20.00"), Decimal("7.00"), Decimal("0.00")
FRENCH = Rate("FR", "standard", D20, date(2014, 1, 1), None)
RATES = RateTable([*GERMAN_RATES, FRENCH])
ON = date(2026, 11, 30)

REGULAR = Seller("DE", False)
ABROAD = Seller("DE", False, oss_from=date(2026, 7, 1))
SMALL = Seller("DE", True)

AT_HOME, AT_HOME_FIRM = Buyer("DE", False, ""), Buyer("DE", True, "DE136695976")
BUILDER = Buyer("DE", True, "DE136695976", owes_vat=True)
CONSUMER, FIRM, FIRM_WITHOUT = Buyer("FR", False, ""), Buyer("FR", True, "FR40303265045"), Buyer("FR", True, "")
SWISS, SWISS_FIRM = Buyer("CH", False, ""), Buyer("CH", True, "")
BRITISH_FIRM = Buyer("GB", True, "GB980780684")

# seller, buyer, kind -> case, category, per cent, VATEX, asks for a VAT id
MATRIX = [
    *((REGULAR, AT_HOME, kind, "domestic", "S", D19, "", False) for kind in ("goods", "service", "e_service")),
    *((REGULAR, AT_HOME_FIRM, kind, "domestic", "S", D19, "", False) for kind in ("goods", "service", "e_service")),
    *((REGULAR, Buyer("", False, ""), kind, "domestic", "S", D19, "", False) for kind in ("goods", "service")),
    (REGULAR, FIRM, "goods", "intra_eu_goods", "K", D0, "VATEX-EU-IC", True),
    (REGULAR, FIRM, "service", "reverse_charge", "AE", D0, "VATEX-EU-AE", True),
    (REGULAR, FIRM, "e_service", "reverse_charge", "AE", D0, "VATEX-EU-AE", True),
    (REGULAR, FIRM_WITHOUT, "goods", "union_consumer", "S", D19, "", False),
    (REGULAR, FIRM_WITHOUT, "service", "domestic", "S", D19, "", False),
    (REGULAR, FIRM_WITHOUT, "e_service", "union_consumer", "S", D19, "", False),
    (REGULAR, Buyer("FR", False, "FR40303265045"), "service", "domestic", "S", D19, "", False),
    (REGULAR, CONSUMER, "goods", "union_consumer", "S", D19, "", False),
    (REGULAR, CONSUMER, "service", "domestic", "S", D19, "", False),
    (REGULAR, CONSUMER, "e_service", "union_consumer", "S", D19, "", False),
    (ABROAD, CONSUMER, "goods", "oss", "S", D20, "", False),
    (ABROAD, CONSUMER, "service", "domestic", "S", D19, "", False),
    (ABROAD, CONSUMER, "e_service", "oss", "S", D20, "", False),
    (ABROAD, FIRM_WITHOUT, "e_service", "oss", "S", D20, "", False),
    (ABROAD, FIRM, "e_service", "reverse_charge", "AE", D0, "VATEX-EU-AE", True),
    (ABROAD, AT_HOME, "e_service", "domestic", "S", D19, "", False),
    (REGULAR, SWISS, "goods", "export", "G", D0, "VATEX-EU-G", False),
    (REGULAR, SWISS, "service", "domestic", "S", D19, "", False),
    (REGULAR, SWISS, "e_service", "outside_scope", "O", D0, "VATEX-EU-O", False),
    (REGULAR, SWISS_FIRM, "goods", "export", "G", D0, "VATEX-EU-G", False),
    (REGULAR, SWISS_FIRM, "service", "outside_scope", "O", D0, "VATEX-EU-O", False),
    (REGULAR, SWISS_FIRM, "e_service", "outside_scope", "O", D0, "VATEX-EU-O", False),
    (REGULAR, BRITISH_FIRM, "goods", "export", "G", D0, "VATEX-EU-G", False),
    (REGULAR, BRITISH_FIRM, "service", "outside_scope", "O", D0, "VATEX-EU-O", False),
    *((SMALL, buyer, kind, "small_business", "E", D0, "", False)
      for buyer in (AT_HOME, AT_HOME_FIRM, BUILDER, CONSUMER, FIRM, SWISS, SWISS_FIRM)
      for kind in ("goods", "service", "e_service")),
]  # fmt: skip


@pytest.mark.feature("INV-5")
@pytest.mark.feature("INV-7")
@pytest.mark.feature("INV-10")
@pytest.mark.feature("X-11")
@pytest.mark.parametrize(("seller", "buyer", "kind", "code", "category", "percent", "vatex", "asks"), MATRIX)
def test_who_sells_what_to_whom_decides_case_category_rate_and_text(
    seller: Seller, buyer: Buyer, kind: str, code: str, category: str, percent: Decimal, vatex: str, asks: bool
) -> None:
    case, found, rate = tax_of(seller, buyer, RATES, kind, "standard", ON)
    assert (case.code, found, rate) == (code, category, percent)
    assert exemption(code) == (category, vatex, case.note_key)
    assert ("vat_id" in NEEDS[code]) is asks


@pytest.mark.feature("INV-8")
@pytest.mark.parametrize(
    ("buyer", "is_section_13b", "code"),
    [
        (BUILDER, True, "section_13b"),
        (BUILDER, False, "domestic"),
        (AT_HOME_FIRM, True, "domestic"),
        (Buyer("DE", False, "", owes_vat=True), True, "domestic"),
        (FIRM, True, "reverse_charge"),
    ],
)
def test_domestic_reverse_charge_takes_a_product_and_a_recipient_of_section_13b(
    buyer: Buyer, is_section_13b: bool, code: str
) -> None:
    case = decide(REGULAR, buyer, "service", ON, is_section_13b=is_section_13b)
    assert case.code == code
    if code == "section_13b":
        assert exemption(code) == ("AE", "VATEX-EU-AE", "reverse_charge") and "vat_id" in NEEDS[code]


@pytest.mark.feature("INV-5")
@pytest.mark.parametrize(
    ("on", "code"),
    [("2026-12-31", "small_business"), ("2027-01-01", "domestic"), ("2027-06-30", "domestic"),
     ("2027-07-01", "small_business")],
)  # fmt: skip
def test_the_sellers_mode_is_that_of_the_day_of_supply(on: str, code: str) -> None:
    seller = Seller("DE", True, ((date(2027, 1, 1), False), (date(2027, 7, 1), True)))
    assert decide(seller, AT_HOME, "service", date.fromisoformat(on)).code == code


@pytest.mark.feature("INV-11")
@pytest.mark.parametrize(("on", "code"), [("2026-06-30", "union_consumer"), ("2026-07-01", "oss")])
def test_the_tax_of_the_consumers_country_begins_on_a_day_of_supply(on: str, code: str) -> None:
    assert decide(ABROAD, CONSUMER, "e_service", date.fromisoformat(on)).code == code


@pytest.mark.parametrize(("on", "code"), [("2020-12-31", "reverse_charge"), ("2021-01-01", "outside_scope")])
def test_who_left_the_union_is_a_third_country_from_that_day(on: str, code: str) -> None:
    assert decide(REGULAR, BRITISH_FIRM, "service", date.fromisoformat(on)).code == code


def test_every_case_says_what_it_asks_for_and_where_it_comes_from() -> None:
    assert NEEDS.keys() == TAX_CASES.keys()
    assert all(name in NEEDS["oss"] for name in ("country_code", "location_evidence"))
    assert all("seller_vat_id" in NEEDS[code] for code in ("reverse_charge", "intra_eu_goods"))


BUYERS = st.builds(
    Buyer, st.sampled_from(["", "DE", "FR", "CH", "GB", "US"]), st.booleans(), st.sampled_from(["", "FR40303265045"]),
    st.booleans(),
)  # fmt: skip
KINDS = st.sampled_from(["goods", "service", "e_service"])


@pytest.mark.feature("INV-5")
@given(BUYERS, st.lists(st.tuples(KINDS, st.booleans(), st.integers(1, 10**7)), min_size=1, max_size=6), st.booleans())
def test_a_small_business_shows_no_vat_whoever_buys(
    buyer: Buyer, supplies: list[tuple[str, bool, int]], is_gross: bool
) -> None:
    amounts = []
    for kind, section_13b, cents in supplies:
        case, category, percent = tax_of(SMALL, buyer, RATES, kind, "standard", ON, is_section_13b=section_13b)
        amounts.append((category, percent, cents))
    (line,) = tax_lines(amounts, is_gross)
    assert line.tax_cents == 0 and line.gross_cents == sum(cents for _, _, cents in supplies)
    assert NOTES[line.note_key]["de"] == "Steuerbefreiung für Kleinunternehmer (§ 19 UStG)"


@pytest.mark.feature("INV-6")
@given(BUYERS, KINDS, st.booleans(), st.sampled_from([REGULAR, ABROAD, SMALL]))
def test_vat_is_shown_where_it_is_owed_and_a_text_where_it_is_not(
    buyer: Buyer, kind: str, section_13b: bool, seller: Seller
) -> None:
    if seller is ABROAD and buyer.country not in ("FR", "DE", "CH", "GB", "US", ""):
        return
    case, _, percent = tax_of(seller, buyer, RATES, kind, "standard", ON, is_section_13b=section_13b)
    assert (percent > 0) is case.taxed
    assert (case.note_key in NOTES) is not case.taxed


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
