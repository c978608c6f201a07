"""A person at a real browser: logs in, bills, downloads, and meets a page that is silent on every screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Browser, ViewportSize, expect

from extensions import db
from services import billing_run
from tests.admin.furniture import XSS, House
from tests.admin.test_screens import screens
from tests.browser.conftest import Guest
from tests.sweeps import some

pytestmark = pytest.mark.browser
PHONE = ViewportSize(width=390, height=800)


@contextmanager
def inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        db.session.remove()


def test_a_run_is_started_from_the_button_watched_to_its_end_and_its_paper_downloaded(
    guest: Guest, app: Flask, house: House
) -> None:
    guest.log_in()
    page = guest.page
    page.get_by_role("link", name="Rechnungsläufe", exact=True).click()
    page.get_by_role("main").get_by_role("link", name="Rechnungslauf vorbereiten", exact=True).click()
    page.get_by_label("Alles abrechnen, was fällig ist bis").fill("2026-12-05")
    page.get_by_role("button", name="Vorschau zeigen").click()
    expect(page.get_by_role("heading", name="Würde zurückgestellt")).to_be_visible()
    page.get_by_role("link", name="6 Rechnungen ausstellen").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^6 Rechnungen über .* ausstellen$")).click()

    expect(page.get_by_text("Der Rechnungslauf ist gestartet.")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    run_id = int(page.url.rpartition("=")[2])
    with inside(app):  # what the workers do meanwhile
        for chunk_id in billing_run.pending_chunks(run_id):
            billing_run.run_chunk(chunk_id)
        billing_run.finish(run_id)

    expect(page.get_by_role("main").get_by_text("beendet", exact=True)).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.get_by_role("link", name=re.compile("^RE-2026-000")).first.click()
    with page.expect_download() as started:
        page.get_by_role("link", name="PDF herunterladen").click()
    assert started.value.path().read_bytes().startswith(b"%PDF-")
    assert started.value.suggested_filename.startswith("RE-2026-")
    assert guest.complaints == []


@pytest.mark.feature("S8")
def test_no_screen_makes_the_browser_complain_runs_what_people_typed_or_is_too_wide_for_a_phone(
    guest: Guest, house: House
) -> None:
    guest.log_in()
    guest.page.set_viewport_size(PHONE)
    for path in some(screens(house), 20):
        page = guest.open(path)
        assert page.title().endswith("Kontor"), path
        assert page.locator("svg[onload]").count() == 0, "markup that somebody typed has become markup"
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        assert not page.get_by_role("navigation", name="Hauptmenü").is_visible(), path
    page.get_by_role("link", name="Menü", exact=True).click()
    expect(page.get_by_role("link", name="Rechnungen", exact=True)).to_be_visible()
    page.get_by_role("link", name="Menü schließen").click()
    expect(page.get_by_role("navigation", name="Hauptmenü")).not_to_be_visible()
    page = guest.open(f"/admin/customers/details/?id={house.hostile}")
    assert page.get_by_role("heading", level=1).inner_text() == XSS
    assert guest.complaints == []


def test_it_works_without_scripts(browser: Browser, address: str, app: Flask, house: House) -> None:
    context = browser.new_context(java_script_enabled=False, locale="de-DE")
    guest = Guest(context, address)
    guest.log_in()
    page = guest.open("/admin/customers/?status=active")
    page.get_by_role("searchbox").fill("werft")
    page.get_by_role("button", name="Suchen").click()
    page.get_by_role("link", name="Örtliche Werft").click()
    page.get_by_role("link", name="Bearbeiten").click()
    page.get_by_label("Ort", exact=True).first.fill("Wedel")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_text("Gespeichert.")).to_be_visible()
    guest.open("/admin/runs/preview/?on=2026-12-05").get_by_role("link", name="6 Rechnungen ausstellen").click()
    page.get_by_role("button", name=re.compile("^6 Rechnungen über .* ausstellen$")).click()
    run_id = int(page.url.rpartition("=")[2])
    with inside(app):
        for chunk_id in billing_run.pending_chunks(run_id):
            billing_run.run_chunk(chunk_id)
        billing_run.finish(run_id)
    expect(page.get_by_role("progressbar")).to_have_count(0, timeout=10_000)  # the page refreshes itself
    assert guest.complaints == []
    context.close()


def test_a_choice_above_a_list_takes_effect_at_once_and_the_keyboard_reaches_the_content(
    guest: Guest, house: House
) -> None:
    guest.log_in()
    page = guest.open("/admin/messages/")
    page.get_by_label("Status").select_option("failed")
    page.wait_for_url("**state=failed**")
    expect(page.get_by_role("row")).to_have_count(2)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Zum Inhalt springen")).to_be_focused()
    assert guest.complaints == []


def test_logging_out_leaves_nothing_behind_the_back_button(guest: Guest, house: House) -> None:
    guest.log_in()
    guest.open("/admin/customers/").get_by_role("button", name="Abmelden").click()
    expect(guest.page.get_by_text("Sie sind abgemeldet.")).to_be_visible()
    guest.page.go_back()
    guest.page.wait_for_url("**/admin/login**")
    assert guest.complaints == []
