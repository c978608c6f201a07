"""What the law asks of an invoice: each missing field is named, and nothing that is there is asked for."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from billing.drafts import Draft, total
from billing.lawful import Recipient, SellerData, missing, missing_of_recipient
from billing.lines import Line
from billing.periods import Period
from billing.taxes import (
    DOMESTIC,
    EXPORT,
    INTRA_EU_GOODS,
    OSS,
    OUTSIDE_SCOPE,
    REVERSE_CHARGE,
    SECTION_13B,
    SMALL_BUSINESS,
    TaxCase,
)
from tests.billing.makers import day

SELLER = SellerData("Radwerk GmbH", "Werkstattweg 3", "20095", "Hamburg", "12/345/67890", "DE136695976")
BUYER = Recipient("Radhaus Wien", "Neubaugasse 64", "1070", "Wien", "AT", "ATU13585627")
MONTH = Period(day("2026-11-01"), day("2026-12-01"))
LINE = Line("one_off", "Inspektion", Decimal(1), Decimal(300), 300_00, DOMESTIC, "S", Decimal(19), period=MONTH)


def draft(case: TaxCase = DOMESTIC, currency: str = "EUR", **changes: Any) -> Draft:
    rate = LINE.percent if case.taxed else Decimal(0)
    told: dict[str, Any] = {"tax_case": case, "tax_category": case.category, "percent": rate} | changes
    line = replace(LINE, **told)
    return Draft(7, currency, False, 1, "invoice_first", case, day("2026-11-30"), 14, (), (line,))


def gone(made: Draft, seller: SellerData = SELLER, buyer: Recipient = BUYER, delivery: str = "") -> tuple[str, ...]:
    return missing(seller, buyer, made, total(made), delivery)


@pytest.mark.feature("INV-1")
@pytest.mark.feature("INV-2")
@pytest.mark.feature("X-11")
@pytest.mark.parametrize(
    ("seller", "buyer", "line", "field"),
    [
        ({"name": " "}, {}, {}, "seller_name"),
        ({"address": ""}, {}, {}, "seller_address"),
        ({"zipcode": ""}, {}, {}, "seller_zipcode"),
        ({"city": ""}, {}, {}, "seller_city"),
        ({"tax_number": "", "vat_id": ""}, {}, {}, "seller_tax_number"),
        ({}, {"name": ""}, {}, "name"),
        ({}, {"address": " "}, {}, "address"),
        ({}, {"zipcode": ""}, {}, "zipcode"),
        ({}, {"city": ""}, {}, "city"),
        ({}, {}, {"title": " "}, "title"),
        ({}, {}, {"quantity": Decimal(0)}, "quantity"),
        ({}, {}, {"period": None}, "service_period"),
        ({}, {}, {"tax_category": "", "percent": Decimal(0)}, "vat_category"),
    ],
)
def test_each_of_the_fields_of_section_14_refuses_by_its_name(
    seller: dict[str, str], buyer: dict[str, str], line: dict[str, object], field: str
) -> None:
    assert gone(draft()) == ()
    assert gone(draft(**line), SELLER._replace(**seller), replace(BUYER, **buyer)) == (field,)


@pytest.mark.feature("INV-7")
@pytest.mark.feature("EB-45")
@pytest.mark.parametrize("case", [REVERSE_CHARGE, INTRA_EU_GOODS])
def test_no_vat_within_the_union_takes_both_vat_ids_and_the_whole_address(case: TaxCase) -> None:
    assert gone(draft(case)) == ()
    assert gone(draft(case), SELLER._replace(vat_id="")) == ("seller_vat_id",)
    assert gone(draft(case), buyer=replace(BUYER, vat_id="")) == ("vat_id",)
    small = draft(case, amount_cents=1_00)
    assert gone(small, buyer=Recipient("Radhaus Wien", "", "", "")) == (
        "address",
        "zipcode",
        "city",
        "country_code",
        "vat_id",
    )


@pytest.mark.parametrize(
    ("case", "fields"),
    [
        (DOMESTIC, ()),
        (SECTION_13B, ("address", "zipcode", "city", "vat_id")),
        (EXPORT, ("address", "zipcode", "city", "country_code")),
        (OSS, ("address", "zipcode", "city", "country_code")),
        (OUTSIDE_SCOPE, ("country_code",)),
    ],
)
def test_up_to_250_euro_a_name_suffices_unless_the_case_asks_for_more(case: TaxCase, fields: tuple[str, ...]) -> None:
    assert gone(draft(case, amount_cents=100_00), buyer=Recipient("Kim Kunde", "", "", "")) == fields


@pytest.mark.feature("INV-4")
def test_the_250_euro_are_gross_and_to_the_cent() -> None:
    exact, beyond = draft(amount_cents=210_08), draft(amount_cents=210_09)
    assert (total(exact).gross_cents, total(beyond).gross_cents) == (250_00, 250_01)
    assert gone(exact, buyer=Recipient("Kim Kunde", "", "", "")) == ()
    assert gone(beyond, buyer=Recipient("Kim Kunde", "", "", "")) == ("address", "zipcode", "city")


@pytest.mark.feature("INV-2")
def test_a_day_of_delivery_in_words_is_a_time_of_supply() -> None:
    assert gone(draft(period=None), delivery="geliefert am 30.11.2026") == ()


@pytest.mark.feature("INV-5")
def test_a_small_business_may_show_its_own_number_instead() -> None:
    only = SELLER._replace(tax_number="", vat_id="", small_business_id="DE123456789-EX")
    assert gone(draft(SMALL_BUSINESS), only) == ()
    assert gone(draft(), only) == ("seller_tax_number",)


def test_an_invoice_without_positions_is_none() -> None:
    empty = replace(draft(), lines=())
    assert "positions" in gone(empty)


@pytest.mark.feature("INV-1")
@pytest.mark.feature("INV-4")
@pytest.mark.parametrize(
    ("gross", "currency", "case", "named"),
    [
        (250_00, "EUR", None, ()),
        (-250_00, "EUR", None, ()),
        (250_01, "EUR", None, ("address", "zipcode", "city")),
        (10_00, "USD", None, ("address", "zipcode", "city")),
        (10_00, "EUR", DOMESTIC, ()),
        (10_00, "EUR", REVERSE_CHARGE, ("address", "zipcode", "city", "country_code", "vat_id")),
        (10_00, "EUR", INTRA_EU_GOODS, ("address", "zipcode", "city", "country_code", "vat_id")),
    ],
)
def test_what_the_law_asks_of_a_recipient_known_by_name_only(
    gross: int, currency: str, case: TaxCase | None, named: tuple[str, ...]
) -> None:
    assert missing_of_recipient(Recipient("Erika Muster", "", " ", ""), gross, currency, case) == named


@pytest.mark.feature("INV-1")
@pytest.mark.parametrize("blank", ["name", "address", "zipcode", "city"])
def test_each_blank_field_is_named(blank: str) -> None:
    full = {"name": "Erika Muster", "address": "Weg 1", "zipcode": "20095", "city": "Hamburg"}
    assert missing_of_recipient(Recipient(**full), 300_00) == ()
    assert missing_of_recipient(Recipient(**{**full, blank: ""}), 300_00) == (blank,)
    assert missing_of_recipient(Recipient(**{**full, "name": ""}), 1_00) == ("name",)
