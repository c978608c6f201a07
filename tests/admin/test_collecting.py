"""Payments that need a person: the list with both buttons, the tries on the invoice's page, the settings."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

import gateways
from admin.provider_words import WHERE
from extensions import db
from models import Collection, Invoice, PaymentAttempt, Receivable
from services import attempts, billing_run
from services.actor import SYSTEM
from services.payment_settings import payment_settings
from services.unit import end_reading
from tests.admin.conftest import Desk
from tests.admin.furniture import House
from tests.services.charged import keep_card


def collected(app: Flask, house: House, card: str) -> int:
    """A document of the house's customer that was tried by this card; gives its id."""
    with app.app_context():
        keep_card(house.customer, card)
        billing_run.bill(date(2027, 1, 31), SYSTEM)
        for attempt_id in attempts.waiting(100):
            attempts.carry_on(attempt_id)
        end_reading()
        found = db.session.scalar(select(Collection.invoice_id).where(Collection.customer_id == house.customer))
        db.session.remove()
    assert found is not None
    return int(found)


def tried(app: Flask, invoice_id: int) -> int:
    """How often a document was tried, after whatever waits was done."""
    with app.app_context():
        for attempt_id in attempts.waiting(100):
            attempts.carry_on(attempt_id)
        end_reading()
        found = len(db.session.scalars(select(PaymentAttempt.id).where(PaymentAttempt.invoice_id == invoice_id)).all())
        db.session.remove()
    return found


def found_of(app: Flask, invoice_id: int) -> tuple[str, str]:
    with app.app_context():
        collection = db.session.get_one(Collection, invoice_id)
        found = collection.state, db.session.get_one(Invoice, invoice_id).status
        db.session.remove()
    return found


@pytest.mark.feature("D-2")
@pytest.mark.feature("M2-20")
def test_what_was_given_up_is_listed_told_on_the_overview_and_issued_open_by_a_button(
    people: Flask, house: House, owner: Desk
) -> None:
    invoice_id = collected(people, house, "declines_hard")
    page = owner.get("/admin/collecting/")
    for words in ("Zahlung aufgegeben", "Die Karte ist als gestohlen gemeldet.", "Offen stellen", "Freigeben",
                  "Erneut versuchen"):  # fmt: skip
        assert words in page
    assert "aufgegeben" in owner.get("/admin/")
    assert "Zahlung aufgegeben" in owner.get("/admin/invoices/")
    card = owner.get(f"/admin/invoices/details/?id={invoice_id}")
    assert "Einzug" in card and "abgelehnt" in card and "Offen stellen" in card
    asked = f"/admin/collecting/issue-open/?id={invoice_id}"
    assert "angemahnt" in owner.get(asked)
    owner.post(asked, {"id": invoice_id}, seen_on=asked)
    assert found_of(people, invoice_id) == ("issued_open", "issued")
    stale = f"/admin/collecting/release/?id={invoice_id}"
    owner.get(stale, status=302)
    assert "inzwischen jemand entschieden" in owner.get(f"/admin/invoices/details/?id={invoice_id}"), "no question"
    assert "wird keine Rechnung" not in owner.post(stale, {"id": invoice_id})
    assert found_of(people, invoice_id) == ("issued_open", "issued")
    assert f'issue-open/?id={invoice_id}"' in page and f'issue-open/?id={invoice_id}"' not in owner.get(
        "/admin/collecting/"
    )


def test_released_periods_are_free_and_the_document_says_so(people: Flask, house: House, owner: Desk) -> None:
    invoice_id = collected(people, house, "declines_hard")
    asked = f"/admin/collecting/release/?id={invoice_id}"
    owner.post(asked, {"id": invoice_id}, seen_on=asked)
    assert found_of(people, invoice_id) == ("released", "awaiting_payment")
    assert "freigegeben" in owner.get(f"/admin/invoices/details/?id={invoice_id}")


@pytest.mark.feature("EB-51")
def test_a_person_says_what_became_of_a_payment_without_an_answer(people: Flask, house: House, owner: Desk) -> None:
    invoice_id = collected(people, house, "times_out_before")
    assert "Antwort fehlt" in owner.get("/admin/collecting/?state=unclear")
    with people.app_context():
        attempt_id = db.session.scalar(select(PaymentAttempt.id).where(PaymentAttempt.invoice_id == invoice_id))
        db.session.remove()
    asked = f"/admin/collecting/took-nothing/?id={attempt_id}"
    owner.post(asked, {"id": attempt_id}, seen_on=asked)
    assert found_of(people, invoice_id) == ("open", "awaiting_payment")
    assert "Nachgesehen" in owner.get(f"/admin/invoices/details/?id={invoice_id}").replace("nachgesehen", "Nachgesehen")


def test_the_settings_say_what_follows_and_refuse_what_makes_no_sense(people: Flask, owner: Desk) -> None:
    path = "/admin/payment-settings/"
    assert "Sandbox" in owner.get(path) and "nicht eingerichtet" in owner.get(path)
    given = {"retry_days": "2, 5", "action_days": 7, "on_declined": "issue_open", "after_giving_up": "pause",
             "four_eyes": "500", "prenotice_days": 14}  # fmt: skip
    assert "RCUR" in owner.get(path)
    wrong = owner.post(path + "save/", given | {"retry_days": "5, 2"}, seen_on=path)
    assert "aufsteigender Folge" in wrong
    for typed in ("1e9", "٣", "0", "-5", "NaN"):
        refused = owner.post(path + "save/", given | {"four_eyes": typed}, seen_on=path)
        assert 'class="field wrong"' in refused, typed
    for typed, said in (("-5", "nicht negativ"), ("90.000.000.000,00", "zu groß"), ("0,001", "Nachkommastellen")):
        assert said in owner.post(path + "save/", given | {"four_eyes": typed}, seen_on=path), typed
    assert 'class="field wrong"' in owner.post(path + "save/", given | {"prenotice_days": "٣"}, seen_on=path)
    owner.post(path + "save/", given, seen_on=path)
    with people.app_context():
        kept = payment_settings()
        db.session.remove()
    assert (kept.retry_days, kept.on_declined, kept.four_eyes_cents) == ((2, 5), "issue_open", 50_000)
    assert (kept.always_recurring, kept.pass_on_fee) == (False, False), "boxes without a tick"


def test_a_provider_that_was_begun_says_what_it_lacks_and_where_that_is_found(people: Flask, owner: Desk) -> None:
    keys = {"STRIPE_SECRET_KEY": "sk_test_geheim", "ADYEN_API_KEY": "a", "ADYEN_MERCHANT_ACCOUNT": "Werk",
            "ADYEN_HMAC_KEY": "00", "ADYEN_LIVE_PREFIX": "abc"}  # fmt: skip
    people.config["KONTOR"] = replace(people.config["KONTOR"], provider_keys=keys)
    page = owner.get("/admin/payment-settings/")
    for words in ("STRIPE_WEBHOOK_SECRET ist nicht gesetzt.", "Developers → Webhooks", "/events/stripe",
                  "ADYEN_LIVE_PREFIX ist gesetzt", "nicht eingerichtet", "keine Gläubiger-ID"):  # fmt: skip
        assert words in page
    assert "sk_test_geheim" not in page


def test_every_variable_of_a_provider_says_where_it_is_found() -> None:
    assert {name for provider in gateways.PROVIDERS for name in provider.needs} == set(WHERE)


@pytest.mark.feature("M2-22", "D-2")
def test_what_was_given_up_is_tried_once_more_for_many_after_the_payment_data_changed(
    people: Flask, house: House, owner: Desk
) -> None:
    document = collected(people, house, "declines_hard")
    list_, asked = "/admin/collecting/", f"/admin/collecting/many/try-again/?id={document}"
    page = owner.get(list_)
    assert "neue Zahlungsdaten" not in page and "Noch einmal versuchen" in page
    with people.app_context():
        keep_card(house.customer, "succeeds")
        db.session.remove()
    assert "neue Zahlungsdaten" in owner.get(list_) and "1 Zahlung wird noch einmal versucht" in owner.get(asked)
    assert "Das Ergebnis steht gleich hier" in owner.post(asked, {"id": document}, seen_on=asked)
    assert found_of(people, document) == ("open", "awaiting_payment")
    assert "noch nicht bekannt" in owner.post(asked, {"id": document}, seen_on=asked)


@pytest.mark.feature("F1")
def test_the_form_for_many_that_comes_twice_asks_a_card_once(people: Flask, house: House, owner: Desk) -> None:
    document = collected(people, house, "declines_hard")
    asked = f"/admin/collecting/many/try-again/?id={document}"
    seen = re.search(r'name="seen" type="hidden" value="([\d: ]+)"', owner.get(asked))
    assert seen is not None and seen[1] == f"{document}:1"
    form = {"id": document, "seen": seen[1]}
    owner.post(asked, form, seen_on=asked)
    tried(people, document)
    assert "inzwischen versucht" in owner.post(asked, form, seen_on=asked)
    assert tried(people, document) == 2, "as the bill was tried, and once more"


@pytest.mark.feature("M1-17")
def test_nothing_is_collected_by_a_click_that_did_not_name_the_sum(people: Flask, house: House, owner: Desk) -> None:
    collected(people, house, "succeeds")
    asked = f"/admin/collecting/collect/?id={house.invoice}&amp;attempts=0"
    page = owner.get(f"/admin/invoices/details/?id={house.invoice}")
    assert f'href="{asked}" data-dialog>Jetzt einziehen' in page
    asked = asked.replace("&amp;", "&")
    with people.app_context():
        owed = db.session.scalars(select(Receivable.open_cents).where(Receivable.invoice_id == house.invoice)).one()
        db.session.remove()
    assert f"{owed // 100},{owed % 100:02}" in owner.get(asked) and tried(people, house.invoice) == 0
    owner.post("/admin/collecting/collect/", {"id": house.invoice, "attempts": "0"}, seen_on=asked)
    assert tried(people, house.invoice) == 1
    owner.post("/admin/collecting/collect/", {"id": house.invoice, "attempts": "0"})
    assert tried(people, house.invoice) == 1, "sent twice it is done once"
