"""The words of the law on papers, and the codes of the same in e-invoices."""

from __future__ import annotations

import pytest

from billing.taxes import CASH_NOTE_FROM, NOTES, REVERSE_CHARGE, TAX_CASES, exemption, note


@pytest.mark.feature("INV-7")
def test_reverse_charge_says_the_words_of_the_law() -> None:
    assert note(REVERSE_CHARGE.note_key, "de") == "Steuerschuldnerschaft des Leistungsempfängers"
    assert note(REVERSE_CHARGE.note_key, "fr") == note(REVERSE_CHARGE.note_key, "de")
    assert note("", "de") == ""


def test_every_untaxed_case_has_its_note_in_both_languages() -> None:
    for case in TAX_CASES.values():
        assert case.taxed == (case.note_key == "")
        assert case.taxed or NOTES[case.note_key].keys() == {"de", "en"}


def test_every_case_without_vat_has_a_code_of_the_list_or_at_least_its_text() -> None:
    without_code = {code for code, case in TAX_CASES.items() if not case.taxed and not exemption(code).vatex}
    assert without_code == {"small_business"}, "VATEX knows no German small business: its text stands in BT-120"
    assert all(exemption(code).note_key for code in without_code)
    with pytest.raises(KeyError):
        exemption("made up")


@pytest.mark.feature("INV-14")
def test_the_note_of_cash_accounting_has_its_words_and_its_day() -> None:
    assert note("cash_accounting", "de") == "Versteuerung nach vereinnahmten Entgelten"
    assert CASH_NOTE_FROM.isoformat() == "2028-01-01"
