"""One CSRF scheme for every form, and looking never changes anything."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from extensions import db
from tests.admin.conftest import Desk
from tests.admin.furniture import House
from tests.admin.test_permissions import address, rules
from tests.admin.test_screens import screens


def counts(app: Flask) -> dict[str, int]:
    with app.app_context():
        tables = db.metadata.sorted_tables
        found = {t.name: db.session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}
        db.session.remove()
        return found


@pytest.mark.feature("S7")
@pytest.mark.parametrize("token", [None, "", "falsch", "fremd"])
def test_no_form_is_taken_without_its_token(owner: Desk, people: Flask, house: House, token: str | None) -> None:
    if token == "fremd":
        token = Desk(people.test_client()).token("/admin/login")
    before = counts(people)
    for rule in rules(people):
        if "POST" in (rule.methods or set()):
            data = {"id": "1", "name": "x"} | ({} if token is None else {"csrf_token": token})
            answer = owner.client.post(address(rule), data=data)
            assert answer.status_code == 400, (rule, answer.status_code)
            assert "Diese Seite war zu lange offen" in answer.text
    assert counts(people) == before


@pytest.mark.feature("S7")
def test_looking_at_every_screen_changes_nothing(owner: Desk, people: Flask, house: House) -> None:
    before = counts(people)
    for path in screens(house):
        owner.get(path)
    assert counts(people) == before


@pytest.mark.feature("S27")
def test_no_page_of_the_back_office_is_kept_by_a_cache(reader: Desk, house: House) -> None:
    for path in ("/admin/", "/admin/login", f"/admin/invoices/details/?id={house.invoice}", "/admin/gibt-es-nicht"):
        answer = reader.client.get(path)
        assert "no-store" in answer.headers["Cache-Control"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


@pytest.mark.feature("S8")
def test_no_page_has_a_script_a_style_or_a_handler_of_its_own(reader: Desk, house: House) -> None:
    for path in screens(house):
        page = reader.get(path).lower()
        assert "<style" not in page and " style=" not in page and "javascript:" not in page
        assert " onclick=" not in page and " onsubmit=" not in page and " onchange=" not in page
        assert page.count("<script") == page.count('<script src="/static/')


@pytest.mark.feature("S7")
def test_who_was_logged_out_in_another_tab_is_led_to_the_log_in_with_what_was_typed(people: Flask) -> None:
    """The cookies are gone, so there is no token to compare with: that is no page that was open too long."""
    stranger = people.test_client()
    page = "http://localhost/admin/customers/activities/add/?id=1"
    data = {"csrf_token": "von vorhin", "body": "Rief an <b>wegen</b> der Mahnung", "password": "ein altes Wort"}
    told = stranger.post(page, data=data, headers={"Referer": page})
    assert told.status_code == 400 and "Sie sind abgemeldet" in told.text
    assert "/admin/login?next=/admin/customers/activities/add/?id%3D1" in told.text.replace("%2F", "/").replace(
        "%3F", "?"
    )
    assert "Rief an &lt;b&gt;wegen&lt;/b&gt; der Mahnung" in told.text and "ein altes Wort" not in told.text
    from_outside = stranger.post(page, data=data, headers={"Referer": "https://evil.example/"})
    assert from_outside.status_code == 400 and "Rief an" not in from_outside.text
