"""What makes two records look like one customer's."""

from __future__ import annotations

import pytest

from billing.likeness import email_word, iban_key, phone_words

KIEL = "=tel:431123456"


@pytest.mark.feature("D-4")
@pytest.mark.parametrize(
    "typed", ["0431 123456", "+49 431 123456", "0049 (0)431/12 34 56", "+49 (0) 431-123456", "(0431) 123456"]
)
def test_a_telephone_number_is_the_same_however_it_is_written(typed: str) -> None:
    assert phone_words([typed]) == {KIEL}


@pytest.mark.parametrize("typed", ["", None, "110", "keins", "0 00 00"])
def test_what_is_no_number_is_like_nothing(typed: str | None) -> None:
    assert phone_words([typed]) == frozenset()


def test_another_country_is_another_number() -> None:
    assert phone_words(["+33 431 123456"]) != {KIEL}


def test_an_address_and_an_iban_are_the_same_however_they_are_written() -> None:
    assert email_word(" Änne@Kundin.EXAMPLE ") == email_word("änne@kundin.example") != ""
    assert email_word("keine") == ""
    assert iban_key("de02 1203 0000") == "DE0212030000"
