"""Why money did not come or went back is told in the reader's words, and never as a bare code."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import force_locale

from admin.reason_words import WORDS, declined_label, reason_label
from billing.debits import FILE_REFUSED, RETURNS
from gateways import adyen_words, sandbox_cards, stripe_declines, unzer_words
from services.collecting import OWN_REASONS

pytestmark = [pytest.mark.feature("M2-18"), pytest.mark.feature("F19")]


def test_every_reason_of_our_own_has_words() -> None:
    assert not [code for code in OWN_REASONS if code not in WORDS]


def test_every_code_that_the_gateways_and_the_banks_rules_name_has_words() -> None:
    named = stripe_declines.HARD | stripe_declines.ACTION | adyen_words._HARD | adyen_words._ACTION
    named |= {*unzer_words._HARD, *RETURNS, *(card.decline_code for card in sandbox_cards.CARDS.values())} - {""}
    assert {code for code in named if code.casefold() not in WORDS} - {FILE_REFUSED} == set()


@pytest.mark.parametrize("code, german, english", [
    ("fraudulent", "Betrugsverdacht.", "Suspected fraud."),
    ("insufficient_funds", "Das Konto ist nicht gedeckt.", "The account is not covered."),
    ("insufficient funds", "Das Konto ist nicht gedeckt.", "The account is not covered."),
    ("COR.800.100.159", "Die Karte ist als gestohlen gemeldet.", "The card was reported stolen."),
    ("AC04", "Das Konto gibt es nicht mehr.", "The account does not exist any more."),
    ("CHARGEBACK", "Ein Grund wurde nicht genannt.", "No reason was told."),
    ("4863:Cardholder unknown", "„4863:Cardholder unknown“", "“4863:Cardholder unknown”"),
    ("", "", ""),
])  # fmt: skip
def test_a_reason_is_told_in_both_languages_and_an_unknown_one_is_quoted(
    shared: Flask, code: str, german: str, english: str
) -> None:
    with shared.test_request_context("/admin/"):
        for language, words in (("de", german), ("en", english)):
            with force_locale(language):
                assert reason_label(code) == words
    if code.startswith("4863"):
        with shared.test_request_context("/admin/"), force_locale("de"):
            assert declined_label(code) == "Abgelehnt: „4863:Cardholder unknown“"
