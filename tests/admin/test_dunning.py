"""Dunning as people see it: look, start, watch; leave somebody alone; what stands at the invoice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from admin import card_money
from admin.dunning_words import told_default
from billing.default import AFTER_30_DAYS, Since
from extensions import db
from models import Invoice, Receivable, Reminder
from services import clock, dunning_run, dunning_settings
from services.actor import SYSTEM
from services.dunning_levels import LevelWish
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import House
from tests.services.reminding import mails_leave

LEVELS = (
    LevelWish("Zahlungserinnerung", 7),
    LevelWish("1. Mahnung", 14, fee_cents=300, consumer_fee_cents=76, letter="always"),
)


@pytest.fixture
def late(people: Flask, house: House) -> date:
    """A day on which the house's open invoices are long overdue."""
    with people.app_context():
        dunning_settings.save_levels(SYSTEM, LEVELS)
        due = db.session.scalars(select(Receivable.due_on).where(Receivable.open_cents > 0)).all()
        db.session.remove()
    return max(due) + timedelta(12)


def dun(app: Flask, day: date) -> int:
    with app.app_context(), clock.stand_at(day):
        done = dunning_run.dun(day, SYSTEM)
        mails_leave(day)
        db.session.remove()
        return done.run_id or 0


def owed(app: Flask) -> tuple[int, int]:
    """(invoice, customer) of a reminder that was sent, or of anything open."""
    with app.app_context():
        row = db.session.scalars(select(Receivable).where(Receivable.open_cents > 0).order_by(Receivable.id)).first()
        assert row is not None and row.invoice_id is not None
        found = row.invoice_id, row.customer_id
        db.session.remove()
        return found


@pytest.mark.feature("X-12")
@pytest.mark.feature("M2-12")
def test_the_preview_says_who_and_what_and_writes_nothing(owner: Desk, people: Flask, late: date) -> None:
    page = owner.get(f"/admin/dunning-runs/preview/?on={late}").replace("\xa0", " ")
    assert "Zu den Mahnstufen" not in page
    assert "Würde gemahnt" in page and "Zahlungserinnerung" in page and "Mahnungen senden" in page
    with people.app_context():
        assert db.session.scalars(select(Reminder.id)).all() == []
        db.session.remove()


def test_the_question_has_figures_and_the_run_reports(owner: Desk, people: Flask, late: date) -> None:
    assert "Zahlungserinnerung" in owner.get(f"/admin/dunning-runs/start/?on={late}")
    run = dun(people, late)
    page = owner.get(f"/admin/dunning-runs/details/?id={run}")
    assert "Zahlungserinnerung" in page and "Mahnlauf vom" in page
    assert "Gemahnt" in owner.get("/admin/dunning-runs/")


@pytest.mark.feature("MAH-7")
def test_a_hold_a_dispute_and_instalments_stand_at_the_invoice_and_end(owner: Desk, people: Flask, late: date) -> None:
    invoice, _ = owed(people)
    page = f"/admin/invoices/details/?id={invoice}"
    owner.post("/admin/dunning/hold/", {"invoice": invoice, "reason": "Kulanz bis zum Gespräch"}, page)
    assert "Kulanz bis zum Gespräch" in owner.get(page)
    owner.post("/admin/dunning/lift/", {"invoice": invoice}, page)
    assert "Kulanz bis zum Gespräch" not in owner.get(page)
    owner.post("/admin/dunning/dispute/", {"invoice": invoice, "reason": "Nie bestellt"}, page)
    assert "Strittig seit" in owner.get(page)
    owner.post("/admin/dunning/settle/", {"invoice": invoice, "reason": "Beleg gezeigt"}, page)
    plan = {"invoice": invoice, "count": 3, "first_on": "2026-12-01", "grace_days": 5}
    owner.post("/admin/dunning/plan/", plan, page)
    assert "wird eingehalten" in owner.get(page)
    owner.post("/admin/dunning/end-plan/", {"invoice": invoice}, page)
    assert "wird eingehalten" not in owner.get(page)


@pytest.mark.feature("MAH-7")
def test_a_customer_who_is_left_alone_is_seen_on_the_card_and_in_the_preview(
    owner: Desk, people: Flask, late: date
) -> None:
    _, customer = owed(people)
    card = f"/admin/customers/details/?id={customer}"
    owner.post("/admin/dunning/hold-customer/", {"customer": customer, "reason": "Trauerfall"}, card)
    assert "Trauerfall" in owner.get(card)
    assert "Trauerfall" in owner.get(f"/admin/dunning-runs/preview/?on={late}")
    owner.post("/admin/dunning/lift-customer/", {"customer": customer}, card)
    assert "Trauerfall" not in owner.get(f"/admin/dunning-runs/preview/?on={late}")


@pytest.mark.feature("MAH-1")
def test_an_overdue_invoice_says_since_when_it_is_in_default_and_by_which_law(
    owner: Desk, people: Flask, late: date
) -> None:
    invoice, _ = owed(people)
    address = f"/admin/invoices/details/?id={invoice}"
    assert "in Verzug" not in owner.get(address), "it is not due yet"
    with people.app_context(), write() as session:
        today = clock.today()
        rows = update(Receivable).where(Receivable.invoice_id == invoice)
        session.execute(rows.values(due_on=today - timedelta(20)))
    assert "Noch nicht in Verzug: Der beginnt mit einer Mahnung (§ 286 Abs. 1 BGB)." in owner.get(address)
    dun(people, today - timedelta(9))
    page = owner.get(address)
    assert (
        "In Verzug seit dem " in page and "eine Mahnung ist nach der Fälligkeit zugegangen (§ 286 Abs. 1 BGB)" in page
    )
    with people.test_request_context(headers={"Accept-Language": "en"}):
        told = told_default(Since(today + timedelta(3), AFTER_30_DAYS), today)
        assert told.startswith("In default from ") and told.endswith("received (section 286 (3) BGB).")


@pytest.mark.feature("MAH-6")
@pytest.mark.feature("MAH-8")
@pytest.mark.feature("M2-15")
def test_history_letter_fee_and_the_day_it_lapses_stand_at_the_invoice(owner: Desk, people: Flask, late: date) -> None:
    for days in (0, 10):
        dun(people, late + timedelta(days))
    invoice, _ = owed(people)
    page = owner.get(f"/admin/invoices/details/?id={invoice}")
    assert "1. Mahnung" in page and "Gebühren und Zinsen" in page and "Verjährt am 31.12." in page
    with people.app_context():
        letter = db.session.scalars(select(Reminder.id).where(Reminder.level == 2)).first()
        fee = db.session.scalars(select(Receivable).where(Receivable.kind == "fee").order_by(Receivable.id)).first()
        assert fee is not None
        number, owed_beside = fee.id, fee.open_cents
        db.session.remove()
    assert f"dazu {owed_beside // 100},{owed_beside % 100:02}\N{NO-BREAK SPACE}€ Gebühren und Zinsen" in page
    assert owner.client.get(f"/admin/dunning/letter/?id={letter}").data.startswith(b"%PDF")
    owner.post(
        "/admin/dunning/waive/", {"id": number, "reason": "Kulanz", "key": "once"}, f"/admin/dunning/waive/?id={number}"
    )
    with people.app_context():
        assert db.session.get_one(Receivable, number).open_cents == 0
        db.session.remove()


@pytest.mark.feature("X-12")
@pytest.mark.feature("M2-15")
def test_lists_and_card_name_the_level_and_narrow_by_it(owner: Desk, people: Flask, late: date) -> None:
    dun(people, late)
    invoice, customer = owed(people)
    with people.app_context():
        number = db.session.scalars(select(Invoice.number).where(Invoice.id == invoice)).one() or ""
        db.session.remove()
    for page in ("/admin/invoices/", "/admin/receivables/"):
        found = owner.get(f"{page}?level=1")
        assert number in found and found.count("Zahlungserinnerung") > 1, page
        assert number not in owner.get(f"{page}?level=2")
        assert number in owner.get(f"{page}?level=99")
        assert '<option value="2">1. Mahnung</option>' in owner.get(page)
    assert "Zahlungserinnerung" in owner.get(f"/admin/customers/details/?id={customer}")


@pytest.mark.feature("X-12")
def test_the_customer_s_card_tells_every_reminder_and_how_it_went_out(
    owner: Desk, people: Flask, late: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in (0, 10):
        dun(people, late + timedelta(days))
    invoice, customer = owed(people)
    tab = f"/admin/customers/payments/?id={customer}"

    def reminders(more: str = "") -> str:
        return owner.get(f"{tab}{more}").partition('id="reminders"')[2].partition("</section>")[0]

    found = reminders()
    assert found.index("1. Mahnung") < found.index("Zahlungserinnerung"), "the newest first"
    assert "per E-Mail" in found and "als Brief" in found and f"/admin/invoices/details/?id={invoice}" in found
    assert "zeigen" not in found, "these are all"
    monkeypatch.setattr(card_money, "SHOWN", 1)
    assert reminders().count("<tr>") == 2 and "reminders=all#reminders" in reminders()
    assert reminders("&reminders=all") == found


@pytest.mark.feature("MAH-7")
def test_instalments_may_be_written_down_freely_and_have_to_come_to_what_is_open(
    owner: Desk, people: Flask, late: date
) -> None:
    invoice, _ = owed(people)
    ask, page = f"/admin/dunning/plan/?invoice={invoice}", f"/admin/invoices/details/?id={invoice}"
    with people.app_context():
        cents = db.session.scalars(select(Receivable.open_cents).where(Receivable.invoice_id == invoice)).one()
        db.session.remove()
    plan = {"invoice": invoice, "count": 3, "first_on": "2026-12-01", "grace_days": 5}
    for lines, sentence in (
        ("01.12.2026 50,00\nbald 10", "Zeile 2 ist nicht lesbar"),
        ("01.12.2026 1,005", "Zeile 1: Bitte geben Sie einen Betrag"),
        ("31.02.2026 1", "Zeile 1 ist nicht lesbar"),
        ("01.12.2026 ５0,00", "Zeile 1 ist nicht lesbar"),
        ("01.12.2026 1,00", "Diese Raten ergeben 1,00"),
        (f"01.01.2020 {euros(cents)}", "in der Zukunft und nacheinander"),
    ):
        refused = owner.post(ask, plan | {"instalments": lines}).replace("\xa0", " ")
        assert sentence in refused and lines.splitlines()[0] in refused, lines
    assert "wird eingehalten" not in owner.get(page)
    owner.post(ask, plan | {"instalments": f"01.12.2026: 20,00 €\n\n15.03.2027  {euros(cents - 2000)} EUR"})
    found = owner.get(page)
    assert "wird eingehalten" in found and "15.03.2027" in found and "01.01.2027" not in found
    assert "(2 offene Raten, bis 15.03.2027) endet damit" in owner.get(f"/admin/corrections/cancel/?id={invoice}")
    assert "endet damit" not in owner.get(f"/admin/corrections/?id={invoice}")
    form = {"invoice": invoice, "amount": "20,00", "received_on": "2026-11-20", "method": "bank", "key": "first"}
    owner.post("/admin/payments/record/", form)
    assert "(1 offene Rate, bis 15.03.2027) endet damit" in owner.get(f"/admin/corrections/cancel/?id={invoice}")


def euros(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02}"
