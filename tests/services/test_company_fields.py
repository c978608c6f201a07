"""What stands on every invoice is checked before it is stored."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from billing.errors import Invalid
from services import company
from services.actor import SYSTEM
from services.company_fields import ACCENT

REFUSED = [
    ("iban", "DE02120300000000202052", "not_an_iban"),
    ("iban", "quatsch", "not_an_iban"),
    ("bic", "BYLA", "not_a_bic"),
    ("vat_id", "DE" + "1" * 80, "not_a_vat_id"),
    ("iban", "\x00", "not_an_iban"),
    ("bic", "B" * 99, "not_a_bic"),
    ("vat_id", "DE136695977", "not_a_vat_id"),
    ("country_code", "XX", "not_a_choice"),
    ("country_code", "", "missing"),
    ("currency_code", "XYZ", "not_a_choice"),
    ("currency_code", "", "missing"),
    ("language_code", "fr", "not_a_choice"),
    ("name", "  ", "missing"),
    ("email", "keine Adresse", "not_an_email"),
    ("report_email", "a@b", "not_an_email"),
    ("website", "javascript:alert(1)", "not_a_website"),
    ("website", "ftp://radwerk.example", "not_a_website"),
    ("website", 'https://radwerk.example/"onload=', "not_a_website"),
    ("website", "radwerk", "not_a_website"),
    ("creditor_id", "DE99ZZZ09999999999", "not_a_creditor_id"),
    ("accent", "red", "not_a_colour"),
    ("accent", "#12345g", "not_a_colour"),
    ("name", "x" * 201, "too_long"),
    ("city", "Ham\nburg", "control_character"),
    ("days_for_payment", -1, "out_of_range"),
    ("days_for_payment", None, "out_of_range"),
    ("mode", "live", "unknown_field"),
]
STORED = [
    ("iban", " de02 1203 0000 0000 2020 51 ", "DE02120300000000202051"),
    ("bic", "bylade m1 001", "BYLADEM1001"),
    ("vat_id", "136 695 976", "DE136695976"),
    ("creditor_id", "de98 zzz 0999 9999 999", "DE98ZZZ09999999999"),
    ("country_code", "at", "AT"),
    ("currency_code", "chf", "CHF"),
    ("accent", "#0B6B62", "#0b6b62"),
    ("accent", "", ACCENT),
    ("website", "https://www.radwerk.example/laden?ort=1", "https://www.radwerk.example/laden?ort=1"),
    ("website", "www.müller-söhne.example", "www.müller-söhne.example"),
    *((name, "", "") for name in ("iban", "bic", "vat_id", "creditor_id", "website", "email", "report_email", "city")),
]


@pytest.mark.feature("M1-11")
@pytest.mark.parametrize(("field", "value", "code"), REFUSED)
def test_a_slip_in_the_companys_data_is_refused_at_its_field(context: Flask, field: str, value: Any, code: str) -> None:
    before = getattr(company.get_company(), field)
    with pytest.raises(Invalid) as refused:
        company.change_company(SYSTEM, {field: value})
    assert (refused.value.field, refused.value.code) == (field, code)
    assert getattr(company.get_company(), field) == before


@pytest.mark.feature("M1-11")
@pytest.mark.parametrize(("field", "value", "kept"), STORED)
def test_a_value_is_stored_in_one_form_however_it_was_typed(context: Flask, field: str, value: str, kept: str) -> None:
    company.change_company(SYSTEM, {field: value})
    assert getattr(company.get_company(), field) == kept


def test_a_vat_id_is_checked_by_the_country_that_comes_with_it(context: Flask) -> None:
    company.change_company(SYSTEM, {"country_code": "AT", "vat_id": "U13585627"})
    assert company.get_company().vat_id == "ATU13585627"
