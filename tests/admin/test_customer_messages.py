"""Writing to a customer, as people do it: with a template, a preview, and nothing lost when refused (R-22)."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from extensions import db
from models import Message
from services import documents
from services.actor import SYSTEM
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import House
from tests.services.test_documents import PDF

WRITE = "/admin/customers/messages/write/"
TO = "post@mueller.example"


def count(app: Flask) -> int:
    with app.app_context():
        found = db.session.scalar(select(func.count()).where(Message.template == "customer_message")) or 0
        db.session.remove()
    return found


def page_of(desk: Desk, house: House, more: str = "") -> tuple[str, dict[str, object]]:
    """The page, and the hidden values of its form."""
    page = desk.get(f"{WRITE}?id={house.customer}{more}")
    once = re.search(r'name="once"[^>]*value="([0-9a-f]{16})"', page)
    assert once
    return page, {"id": house.customer, "once": once[1], "recipients": [TO]}


@pytest.mark.feature("R-22")
def test_a_message_is_written_and_one_page_sends_it_once(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        document = documents.keep_document(SYSTEM, house.customer, "Vertrag.pdf", PDF)
        db.session.remove()
    page, values = page_of(owner, house)
    assert f'value="{TO}" checked' in page and "Vertrag.pdf" in page
    values |= {"subject": "Ihr Rad", "body": "Guten Tag {{ customer.name }}", "documents": [document]}
    assert "Die Nachricht geht gleich hinaus." in owner.post(WRITE, values)
    owner.post(WRITE, values)
    assert count(people) == 1
    tab = owner.get(f"/admin/customers/messages/?id={house.customer}")
    number = re.search(r'/admin/messages/details/\?id=(\d+)">Nachricht<', tab)
    assert number
    told = owner.get(f"/admin/messages/details/?id={number[1]}")
    assert "Vertrag.pdf" in told and "Guten Tag Änne Müller" in told and "Noch einmal senden" in told
    again, _ = page_of(owner, house, f"&again={number[1]}")
    assert "Guten Tag Änne Müller" in again and f'name="documents" value="{document}" checked' in again


@pytest.mark.feature("R-22")
def test_what_was_refused_keeps_every_word_and_every_tick(owner: Desk, people: Flask, house: House) -> None:
    _, values = page_of(owner, house)
    page = owner.post(WRITE, values | {"subject": "Mein Betreff", "body": "Guten Tag {{ kunde }}"})
    assert "alles Geschriebene ist noch da" in page and "Mein Betreff" in page and "{{ kunde }}" in page
    assert f'value="{values["once"]}"' in page and f'value="{TO}" checked' in page
    page = owner.post(WRITE, values | {"recipients": ["fremd@example.com"], "subject": "A", "body": "B"})
    assert 'class="ticks wrong"' in page and count(people) == 0


def test_the_preview_is_the_letter_for_the_frame_and_words_for_the_script(owner: Desk, house: House) -> None:
    token = owner.own_token()
    given = {"csrf_token": token, "id": house.customer, "subject": "Zu {{ customer.number }}", "body": "Hallo <b>"}
    address = "/admin/customers/messages/preview/"
    framed = owner.client.post(address, data=given)
    assert "Hallo &lt;b&gt;" in framed.text and "default-src 'none'" in framed.headers["Content-Security-Policy"]
    told = owner.client.post(address, data=given, headers={"Accept": "application/json"}).get_json()
    assert "{{" not in told["subject"] and "Hallo <b>" in told["text"]
    bad = owner.client.post(address, data={**given, "body": "{{ x }}"}, headers={"Accept": "application/json"})
    assert "Einen Platzhalter „x“" in bad.get_json()["refused"]


@pytest.mark.feature("R-22")
def test_a_template_of_the_team_gives_its_words(owner: Desk, house: House) -> None:
    made = {"name": "Rückruf", "language_code": "de", "subject": "Rückruf", "body": "{{ customer.greeting }}"}
    assert "Rückruf" in owner.post("/admin/message-templates/new/", made)
    page, values = page_of(owner, house)
    number = re.search(r'<option value="(\d+)">Rückruf</option>', page)
    assert number
    filled = owner.post(WRITE, values | {"template": number[1], "fill": "1", "subject": "", "body": ""})
    assert 'value="Rückruf"' in filled and "{{ customer.greeting }}" in filled
    assert "Bitte" not in filled.partition("<textarea")[0].partition('class="editor')[2]


@pytest.mark.feature("P-03")
def test_what_was_not_delivered_says_why_and_what_to_do(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        with write() as session:
            failed = {"state": "failed", "error": "outcome_unknown"}
            session.execute(update(Message).where(Message.customer_id == house.customer).values(**failed))
        db.session.remove()
    page = owner.get(f"/admin/customers/messages/?id={house.customer}")
    assert "Nicht zugestellt." in page and "Bitte fragen Sie den Kunden" in page


def test_without_an_address_the_page_says_what_to_do_first(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        with write() as session:
            session.execute(db.text("UPDATE customers SET email = ''"))
        db.session.remove()
    page = owner.get(f"{WRITE}?id={house.customer}")
    assert "In der Akte steht keine E-Mail-Adresse." in page and "Nachricht senden" not in page
