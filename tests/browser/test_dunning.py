"""A person at a real browser: sees who would be reminded, sends the reminders, and leaves somebody alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import func, select

from extensions import db
from models import Customer, Receivable
from services import clock, dunning_chunk, dunning_run, dunning_settings
from services.actor import SYSTEM
from services.dunning_levels import LevelWish
from tests.admin.furniture import House
from tests.browser.conftest import Guest
from tests.browser.test_back_office import inside

pytestmark = pytest.mark.browser
LEVELS = (LevelWish("Zahlungserinnerung", 7), LevelWish("1. Mahnung", 14))


@pytest.fixture
def late(app: Flask, house: House) -> date:
    """A day on which all that is open is overdue, in a house with levels."""
    with inside(app):
        dunning_settings.save_levels(SYSTEM, LEVELS)
        last: date | None = db.session.scalar(select(func.max(Receivable.due_on)).where(Receivable.open_cents > 0))
    assert last is not None
    return last + timedelta(12)


@pytest.mark.feature("X-12")
@pytest.mark.feature("M2-12")
def test_the_preview_shows_whom_and_the_button_reminds_them(guest: Guest, app: Flask, late: date) -> None:
    guest.log_in()
    page = guest.open("/admin/dunning-runs/")
    page.get_by_role("link", name="Mahnlauf vorbereiten").click()
    page.get_by_label("Mahnen zum").fill(late.isoformat())
    page.get_by_role("button", name="Vorschau zeigen").click()
    rows = page.locator("#reminded tbody tr")
    count = rows.count()
    assert count >= 2
    expect(rows.first).to_contain_text("Zahlungserinnerung")
    page.get_by_role("link", name=f"{count} Mahnungen senden").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"{count} × Zahlungserinnerung")
    dialog.get_by_role("button", name=f"{count} Mahnungen senden").click()
    expect(page.get_by_role("heading", level=1, name="Mahnlauf vom")).to_be_visible()
    work_off(app, late)
    page.reload()
    expect(
        page.locator("section", has=page.get_by_role("heading", name="Mahnungen")).locator("tbody tr")
    ).to_have_count(count)
    guest.open(f"/admin/dunning-runs/preview/?on={late}")
    expect(page.get_by_text("An diesem Tag ist niemand zu mahnen.")).to_be_visible()
    assert guest.complaints == []


@pytest.mark.feature("MAH-7")
def test_an_invoice_and_then_its_customer_are_left_alone(guest: Guest, app: Flask, house: House, late: date) -> None:
    with inside(app):
        first = select(Receivable.invoice_id, Receivable.customer_id).where(Receivable.open_cents > 0)
        invoice, customer = db.session.execute(first.order_by(Receivable.id)).tuples().first() or (0, 0)
        name = db.session.get_one(Customer, customer).number
    guest.log_in()
    page = guest.open(f"/admin/invoices/details/?id={invoice}")
    page.locator("#dunning").get_by_role("link", name="Mahnstopp setzen").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Mahnstopp setzen").click()
    expect(page.get_by_label("Grund")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Grund").fill("Kulanz bis zum Gespräch")
    page.get_by_role("button", name="Mahnstopp setzen").click()
    expect(page.get_by_text("Für diese Rechnung gilt ein Mahnstopp.")).to_be_visible()
    expect(page.locator("#dunning")).to_contain_text("Kulanz bis zum Gespräch")
    guest.open(f"/admin/dunning-runs/preview/?on={late}")
    expect(page.locator("#held")).to_contain_text("Mahnstopp: Kulanz bis zum Gespräch")
    guest.open(f"/admin/customers/details/?id={customer}")
    expect(page.get_by_text(name).first).to_be_visible()
    page.locator("summary", has_text="Verwalten").click()
    page.get_by_role("link", name="Mahnstopp setzen").click()
    dialog.get_by_label("Grund").fill("Trauerfall")
    dialog.get_by_role("button", name="Mahnstopp setzen").click()
    expect(page.get_by_text("Für diesen Kunden gilt ein Mahnstopp.")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Trauerfall")
    assert guest.complaints == []


def work_off(app: Flask, day: date) -> None:
    """What a worker does."""
    with inside(app), clock.stand_at(day):
        run_id = dunning_run.start(day, SYSTEM, ring=False)
        for chunk in dunning_run.pending_chunks(run_id):
            dunning_chunk.run_chunk(chunk)
        dunning_run.finish(run_id)
