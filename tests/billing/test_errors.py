"""Errors carry codes and facts, never words and never personal data in their text."""

from __future__ import annotations

import pytest

from billing.errors import (
    AlreadyDone,
    Conflict,
    CurrencyMismatch,
    GatewayError,
    Invalid,
    KontorError,
    NotAllowed,
    NotFound,
)


@pytest.mark.parametrize(
    ("error", "code", "facts"),
    [
        (NotAllowed(state="closed"), "not_allowed", {"state": "closed"}),
        (NotAllowed("open_items", count=2), "open_items", {"count": 2}),
        (AlreadyDone(), "already_done", {}),
        (NotFound(customer_id=4), "not_found", {"customer_id": 4}),
        (Conflict("taken"), "taken", {}),
        (Invalid("EMAIL"), "invalid", {"field": "EMAIL"}),
        (CurrencyMismatch("EUR", "USD"), "currency_mismatch", {"left": "EUR", "right": "USD"}),
    ],
)
def test_every_error_is_of_the_family_and_names_its_code_and_facts(
    error: KontorError, code: str, facts: dict[str, object]
) -> None:
    assert isinstance(error, KontorError)
    assert (error.code, error.facts) == (code, facts)


def test_a_wrong_field_is_the_last_word() -> None:
    refused = Invalid("LAST_NAME", "missing", given="Müller")
    assert (refused.field, str(refused)) == ("LAST_NAME", "missing: LAST_NAME")


@pytest.mark.feature("S19")
def test_facts_do_not_slip_into_the_text_of_an_error() -> None:
    assert str(NotFound("not_found", email="erika@example.com")) == "not_found"


def test_a_gateway_says_whether_asking_again_can_help() -> None:
    refused = GatewayError("card expired", permanent=True, decline="expired_card")
    assert (refused.permanent, refused.message, refused.facts) == (True, "card expired", {"decline": "expired_card"})
