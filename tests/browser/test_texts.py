"""A person words a text: the preview follows, a hostile text is refused with its words kept, and saving holds."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Route, expect
from sqlalchemy import select

from extensions import db
from models import Invoice
from tests.admin.furniture import XSS, House
from tests.browser.conftest import Guest

pytestmark = pytest.mark.browser


@pytest.mark.feature("S10")
@pytest.mark.feature("S8")
def test_a_mail_is_worded_with_a_live_preview(guest: Guest, house: House, app: Flask) -> None:
    with app.app_context():
        number = db.session.scalars(select(Invoice.number).where(Invoice.customer_id == house.hostile)).first() or ""
        db.session.remove()
    guest.log_in()
    page = guest.open("/admin/texts/edit/?kind=mail&name=invoice&language=de")
    letter = page.frame_locator("iframe[name=preview]")
    words = page.get_by_label("Text", exact=True)
    expect(letter.get_by_text("Sehr geehrte Frau Beispiel,")).to_be_visible()

    words.fill("Moin ")
    page.get_by_role("button", name="{{ customer.organization }}").click()
    expect(words).to_have_value("Moin {{ customer.organization }}")
    expect(letter.get_by_text("Moin Beispiel & Töchter GmbH")).to_be_visible()
    page.get_by_label("Mit den Daten der Rechnung Nr.").fill(number)
    expect(letter.get_by_text(f"Moin {XSS}")).to_be_visible()

    words.fill("{{ ''.__class__ }}")
    expect(page.get_by_role("status")).to_contain_text("Zeile 1: Hier können nur Platzhalter")
    page.get_by_role("button", name="Text speichern").click()
    expect(page.get_by_text("Noch ist nichts gespeichert.")).to_be_visible()
    expect(words).to_have_value("{{ ''.__class__ }}")

    words.fill("Moin {{ customer.name }}")
    page.get_by_role("button", name="Text speichern").click()
    expect(page.get_by_text("Gespeichert. Ab jetzt gilt dieser Text")).to_be_visible()
    expect(page.get_by_role("main").get_by_text("angepasst", exact=True)).to_be_visible()
    assert guest.complaints == []


def test_a_preview_waits_for_its_frame(guest: Guest, house: House) -> None:
    """On a slow line the script's answer is there before the frame: it waits, and is not lost with the blank."""
    guest.log_in()
    held: list[Route] = []
    guest.page.route(
        "**/admin/texts/preview/**", lambda way: held.append(way) if way.request.method == "GET" else way.continue_()
    )
    with guest.page.expect_response(lambda answer: answer.request.method == "POST" and "/preview/" in answer.url):
        guest.page.goto(f"{guest.address}/admin/texts/edit/?kind=mail&name=invoice&language=de", wait_until="commit")
    page = guest.page
    page.get_by_label("Text", exact=True).fill("Moin {{ customer.organization }}")
    expect(page.locator("[data-text] pre")).to_contain_text("Moin Beispiel & Töchter GmbH")
    for way in held:
        way.continue_()
    expect(page.frame_locator("iframe[name=preview]").get_by_text("Moin Beispiel & Töchter GmbH")).to_be_visible()
    assert held and guest.complaints == []


def test_the_preview_and_the_sample_work_without_scripts_too(guest: Guest, house: House) -> None:
    guest.log_in()
    state = guest.context.storage_state()
    plain = guest.context.browser.new_context(java_script_enabled=False, storage_state=state, locale="de-DE")
    page = plain.new_page()
    page.goto(f"{guest.address}/admin/texts/edit/?kind=paper&name=payment_transfer&language=de")
    page.get_by_label("Text", exact=True).fill("Ohne Skripte: {{ invoice.amount }}")
    page.get_by_role("button", name="Vorschau zeigen").click()
    expect(page.frame_locator("iframe[name=preview]").get_by_text("Ohne Skripte: 117,81 €")).to_be_visible()
    plain.close()


def test_an_open_editor_saves_after_its_sample_was_drawn(guest: Guest, house: House) -> None:
    guest.log_in()
    page = guest.open("/admin/texts/edit/?kind=paper&name=closing&language=de")
    page.get_by_label("Text", exact=True).fill("Gute Fahrt!")
    with guest.context.expect_page():  # a window that only brings the file
        page.get_by_role("button", name="Musterrechnung als PDF").click()
    page.get_by_role("button", name="Text speichern").click()
    expect(page.get_by_text("Gespeichert. Ab jetzt gilt dieser Text")).to_be_visible()
    assert guest.complaints == []
