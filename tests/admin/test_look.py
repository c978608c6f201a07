"""Everybody chooses their own language and look, from any page, and comes back to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.admin.conftest import Desk

LOOK = "/admin/account/look"


def test_a_chosen_look_stays_with_the_person(desk_of: Callable[[str], Desk]) -> None:
    desk = desk_of("Support")
    assert "data-theme" not in desk.get("/admin/")
    page = desk.post(LOOK, {"theme": "dark", "next": "/admin/customers/"})
    assert 'data-theme="dark"' in page and "<h1>Kunden</h1>" in page
    assert "data-theme" not in desk.post(LOOK, {"theme": "auto"})


def test_a_chosen_language_speaks_at_once(desk_of: Callable[[str], Desk]) -> None:
    page = desk_of("Support").post(LOOK, {"language_code": "en", "next": "/admin/customers/?search=m"})
    assert '<html lang="en"' in page and "<h1>Customers</h1>" in page and 'value="m"' in page


@pytest.mark.feature("S17")
@pytest.mark.parametrize("wanted", [{"theme": "<svg>"}, {"language_code": "xx"}, {}])
def test_what_nobody_offers_changes_nothing(desk_of: Callable[[str], Desk], wanted: dict[str, object]) -> None:
    page = desk_of("Support").post(LOOK, {**wanted, "next": "https://evil.example/"})
    assert '<html lang="de">' in page and "<h1>Übersicht</h1>" in page


def test_a_question_is_the_inside_of_a_dialog_or_a_page(desk_of: Callable[[str], Desk]) -> None:
    desk = desk_of("Inhaber")
    page = desk.get("/admin/customers/delete/confirm/?id=1")
    inside = desk.client.get("/admin/customers/delete/confirm/?id=1", headers={"X-Fragment": "dialog"}).text
    assert "<html" in page and "<html" not in inside
    assert 'id="dialog-title"' in inside and "csrf_token" in inside
