"""A person chooses a customer from the suggestions, with the keyboard alone and with the mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.admin.furniture import House
from tests.browser.conftest import Guest

pytestmark = pytest.mark.browser


@pytest.mark.feature("M1-08")
@pytest.mark.feature("M1-05")
@pytest.mark.parametrize("path", ["/admin/drafts/", "/admin/subscriptions/new/"])
def test_enter_on_a_suggestion_chooses_it_and_never_sends_the_form(guest: Guest, house: House, path: str) -> None:
    guest.log_in()
    page = guest.open(path)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    field, choices = page.locator("[data-suggest]"), page.locator(".suggestions li")
    field.press_sequentially("Müller")
    expect(choices.nth(1)).to_be_visible()
    second = choices.nth(1).inner_text()
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value(second)
    expect(page.locator(".suggestions")).to_be_hidden()
    field.press("Enter")
    field.fill("Groß")
    choices.filter(has_text="Groß OHG").click()
    expect(page.locator(".suggestions")).to_be_hidden()
    assert "Groß OHG" in field.input_value() and sent == [] and page.url.endswith(path)
    assert guest.complaints == []
