"""The guide names what has to be set, what Stripe has to tell, and every card of the sandbox."""

from __future__ import annotations

from config import ROOT
from gateways import PROVIDERS
from gateways.sandbox_cards import CARDS, CHARGEBACK_FEE
from gateways.stripe_client import API_VERSION
from gateways.stripe_events import KINDS
from tests.docs.pages import rows, section, spans

GUIDE = (ROOT / "docs" / "guides" / "payment-providers.md").read_text()


def test_it_names_every_setting_and_address() -> None:
    told = set(spans(section(GUIDE, "Was zu setzen ist")))
    for provider in PROVIDERS:
        assert {*provider.needs, f"BASE_URL/events/{provider.name}"} <= told


def test_it_names_exactly_what_stripe_has_to_tell_and_in_which_version() -> None:
    told = set(spans(section(GUIDE, "Stripe")))
    assert {span for span in told if "." in span and "..." not in span} == {*KINDS, API_VERSION}


def test_it_names_exactly_the_cards_of_the_sandbox() -> None:
    listed = {cells[0].strip("`") for cells in rows(section(GUIDE, "Die Testkarten der Sandbox")) if "`" in cells[0]}
    assert listed == set(CARDS)
    assert f"{CHARGEBACK_FEE // 100} € Gebühr" in GUIDE
