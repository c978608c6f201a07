"""The screens of texts, of the outbox and of the mail server."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select, update

from admin import mail_advice, text_words
from admin.texts import lines
from config import ROOT
from extensions import db
from gateways import smtp
from models import Invoice, Message
from services import messages, staff_links, text_previews, texts
from services.actor import SYSTEM
from services.text_catalogue import CATALOGUE, LANGUAGES, MAILS
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import XSS, House

INVOICE = "kind=mail&name=invoice&language=de"
TRANSFER = {"kind": "paper", "name": "payment_transfer", "language": "de"}
JSON = {"Accept": "application/json"}


def seen(desk: Desk, address: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', desk.get(address))
    assert found
    return found[1]


def preview(desk: Desk, **values: str) -> dict[str, Any]:
    sent = {"csrf_token": desk.own_token(), **values}
    answer = desk.client.post("/admin/texts/preview/", data=sent, headers=JSON)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.get_json()
    return told


@pytest.mark.parametrize("key", CATALOGUE, ids=".".join)
def test_every_text_and_every_placeholder_has_its_words_and_an_example(shared: Flask, key: tuple[str, str]) -> None:
    with shared.test_request_context("/admin/"):
        assert text_words.label(*key) != key[1] and text_words.sentence(*key)
        assert {name for name in CATALOGUE[key].placeholders if name not in text_words.PLACEHOLDERS} == set()
        for language in LANGUAGES:
            for line in lines(CATALOGUE[key], language):
                assert line.example or "{% for" in line.code or line.code == "{{ company.contact }}" or (
                    line.code == "{{ company.website }}"
                ), line  # fmt: skip


@pytest.mark.parametrize("text", MAILS, ids=lambda text: text.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mail_can_be_seen_with_example_data(shared: Flask, text: Any, language: str) -> None:
    with shared.app_context():
        letter = text_previews.mail_preview(text.name, language, texts.built_in("mail", text.name, language))
    assert letter.text.strip() and "{{" not in letter.text and "{%" not in letter.text
    assert "Geschäftsführung" in letter.html or "Managing directors" in letter.html


def test_every_mail_that_can_be_ordered_is_one_that_can_be_worded() -> None:
    files = {path.name.partition(".")[0] for path in (ROOT / "templates" / "mail").glob("*.txt")}
    assert files - {"imprint"} == {text.name for text in MAILS}


def test_a_text_is_worded_and_the_list_shows_it(owner: Desk) -> None:
    address = "/admin/texts/edit/?kind=paper&name=payment_transfer&language=de"
    body = "Zahlen Sie {{ invoice.amount }}."
    page = owner.post("/admin/texts/save/", TRANSFER | {"body": body, "seen": seen(owner, address)})
    assert "Gespeichert." in page and "angepasst" in page and body in unescape(page)
    assert "angepasst" in owner.get("/admin/texts/")
    reset = owner.get("/admin/texts/reset/?kind=paper&name=payment_transfer&language=de")
    assert "Bitte überweisen Sie" in reset
    page = owner.post("/admin/texts/reset/", TRANSFER | {"seen": seen(owner, address)})
    assert "Der mitgelieferte Text gilt wieder." in page and "angepasst" not in page


@pytest.mark.feature("S10")
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{{ ''.__class__ }}", "Zeile 1: Hier können nur Platzhalter"),
        ("Hallo\n{% for x in range(9) %}x{% endfor %}", "Zeile 2: „call“ ist keine Liste dieses Textes"),
        ("{{ customer.nmae }}", "Meinten Sie „customer.name“?"),
        ("{% if customer.name %}", "Hier ist etwas nicht geschlossen"),
        ("{{customer.name}}" * 110, "könnte länger als 20000 Zeichen werden"),
        ("x" * 9000, "zu lang"),
    ],
)
def test_a_hostile_text_is_refused_at_its_field_and_nothing_is_lost(owner: Desk, body: str, said: str) -> None:
    address = "/admin/texts/edit/?kind=paper&name=payment_transfer&language=de"
    page = unescape(owner.post("/admin/texts/save/", TRANSFER | {"body": body, "seen": seen(owner, address)}))
    assert said in page and "Noch ist nichts gespeichert" in page and body in page
    assert said in preview(owner, **TRANSFER, body=body)["refused"]
    assert "angepasst" not in owner.get("/admin/texts/")


def test_the_second_of_two_people_sees_the_text_that_holds_beside_their_own(owner: Desk) -> None:
    address = "/admin/texts/edit/?kind=paper&name=payment_transfer&language=de"
    first = seen(owner, address)
    owner.post("/admin/texts/save/", TRANSFER | {"body": "Die erste", "seen": first})
    page = owner.post("/admin/texts/save/", TRANSFER | {"body": "Die zweite", "seen": first})
    assert "Jemand anderes hat diesen Text inzwischen geändert" in page
    assert "Die erste" in page and "Die zweite" in page


@pytest.mark.feature("S8")
def test_the_preview_is_what_would_be_sent_and_a_hostile_name_stays_text(owner: Desk, house: House, app: Flask) -> None:
    with app.app_context():
        query = select(Invoice.number).where(Invoice.customer_id == house.hostile)
        number = db.session.scalars(query).first() or ""
    subject, body = "Für {{ customer.organization }}", "<b>Hallo</b> {{ customer.organization }}"
    told = preview(owner, kind="mail", name="invoice", language="de", subject=subject, body=body, example=number)
    assert XSS in told["subject"] and told["text"].startswith(f"<b>Hallo</b> {XSS}")
    assert "<svg" not in told["html"] and "&lt;b&gt;Hallo" in told["html"]
    assert "Sitz: Hamburg" in told["html"]
    told = preview(owner, kind="mail", name="invoice", language="de", subject="x", body="y", example="RE\x00-1")
    assert told["field"] == "example"
    told = preview(owner, kind="mail", name="invoice", language="de", subject="x", body="y", example="RE-1900-1")
    assert told == {"refused": "Eine ausgestellte Rechnung mit dieser Nummer gibt es nicht.", "field": "example"}


@pytest.mark.feature("S8")
def test_a_letter_stands_in_a_frame_that_lets_nothing_run(owner: Desk, house: House) -> None:
    for path in (f"/admin/texts/preview/?{INVOICE}", f"/admin/messages/letter/?id={house.message}"):
        answer = owner.client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert answer.status_code == 200 and "default-src 'none'" in policy and "frame-ancestors 'self'" in policy
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert 'sandbox="allow-same-origin"' in owner.get(f"/admin/messages/details/?id={house.message}")


def test_without_an_invoice_right_no_real_data_are_shown(desk_of: Callable[[str], Desk], house: House) -> None:
    desk = desk_of("Support")
    assert desk.client.get(f"/admin/texts/edit/?{INVOICE}").status_code == 403


def test_the_sample_invoice_carries_the_text_that_is_being_written(owner: Desk) -> None:
    sent = TRANSFER | {"csrf_token": owner.own_token(), "body": "Nur zur Probe: {{ invoice.amount }}"}
    answer = owner.client.post("/admin/texts/sample/", data=sent)
    assert answer.mimetype == "application/pdf"
    words = PdfReader(BytesIO(answer.data)).pages[0].extract_text()
    assert "Nur zur Probe: 117,81" in words and "HRB 12345" in words


@pytest.mark.parametrize("path", ["edit", "reset", "preview"])
@pytest.mark.parametrize("query", ["", "?kind=mail&name=imprint&language=de", "?kind=mail&name=invoice&language=fr"])
def test_a_text_that_there_is_not_is_not_found(owner: Desk, path: str, query: str) -> None:
    owner.get(f"/admin/texts/{path}/{query}", 404)


@pytest.mark.feature("S8")
def test_a_waiting_mail_is_shown_as_it_would_be_sent_now(owner: Desk, house: House, app: Flask) -> None:
    with app.app_context():
        query = select(Message.id).where(Message.customer_id == house.hostile, Message.state == "pending")
        message_id = db.session.scalars(query).one()
        texts.save(SYSTEM, "mail", "invoice", "de", subject="Eben geändert",
                   body="{{ customer.organization }}",
                   seen=texts.wording("mail", "invoice", "de").digest)  # fmt: skip
    page = owner.get(f"/admin/messages/details/?id={message_id}")
    assert "So würde sie jetzt verschickt" in page and "Eben geändert" in page
    letter = owner.get(f"/admin/messages/letter/?id={message_id}")
    assert "&lt;svg onload" in letter and "<svg" not in letter
    assert "Das PDF wird gezeichnet" in page


@pytest.mark.feature("S5")
def test_the_outbox_hides_codes_and_links_that_open_doors(owner: Desk, app: Flask) -> None:
    with app.app_context():
        token = staff_links.sealed("geheimer-schluessel")
        facts = {"name": "Petra", "role": "Support", "by": "", "sealed": token, "until": "2026-11-22T12:00:00+00:00"}
        message_id = messages.order("staff_reset:1", "staff_reset", "petra@example.com", facts=facts)
    page = owner.get(f"/admin/messages/details/?id={message_id}")
    letter = owner.get(f"/admin/messages/letter/?id={message_id}")
    assert "/admin/choose/•••" in page and "/admin/choose/•••" in letter
    assert "geheimer-schluessel" not in page + letter


def test_a_failed_mail_says_what_happened_and_what_to_do(owner: Desk, house: House) -> None:
    page = owner.get(f"/admin/messages/details/?id={house.message}")
    assert "Der Mailserver hat die Nachricht abgelehnt. (554)" in page
    assert "fragen Sie den Betreiber unseres Mailservers nach SPF, DKIM und Sperrlisten" in page


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("recipient_refused (550)", "Das Postfach gibt es nicht"),
        ("recipient_refused (452)", "voll. Es wird von selbst"),
        ("sender_refused (550)", "E-Mail-Adresse der Firma"),
        (smtp.UNKNOWN, "fragen Sie den Kunden, ob sie angekommen ist"),
        ("waiting_for_paper: drawing_failed", "Sobald der Beleg gezeichnet ist"),
        ("cannot_be_written: placeholder_without_value", "ob der Text dieser E-Mail"),
        ("OSError", "sagt das Protokoll"),
    ],
)
def test_every_failure_has_its_advice(shared: Flask, error: str, words: str) -> None:
    with shared.test_request_context("/admin/"):
        assert words in str(mail_advice.advice(error))


def test_stopping_a_mail_says_what_follows_before_it_happens(owner: Desk, house: House) -> None:
    asked = owner.get(f"/admin/messages/stop/?id={house.message}")
    assert "wird nicht verschickt. Eine Rechnung" in asked
    assert "Die Nachricht wird nicht verschickt." in owner.post("/admin/messages/stop/", {"id": house.message})


def test_the_page_of_the_mail_server_says_how_it_stands_and_sends_a_test(owner: Desk, app: Flask) -> None:
    assert "Es ist kein Mailserver eingestellt" in owner.get("/admin/mail/")
    page = owner.post("/admin/mail/test/")
    assert "ist unterwegs" in page and "Testnachricht von Radwerk" in page
    with app.app_context():
        message = db.session.scalars(select(Message).where(Message.template == "mail_test")).one()
        assert messages.send(message.id) == "sent"
    url = "smtp://kunde:geheim@mail.example.com:587?starttls=1"
    app.config["KONTOR"] = replace(app.config["KONTOR"], smtp_url=url)
    page = owner.get("/admin/mail/")
    assert "mail.example.com:587" in page and "STARTTLS" in page and "geheim" not in page
    app.config["KONTOR"] = replace(app.config["KONTOR"], smtp_url="http://x")
    assert "SMTP_URL lässt sich nicht lesen" in owner.get("/admin/mail/")


def test_a_mail_whose_event_is_gone_says_so_instead_of_breaking(owner: Desk, house: House, app: Flask) -> None:
    with app.app_context(), write() as session:
        session.execute(update(Message).where(Message.id == house.message).values(state="pending", template="fort"))
    assert "gibt es nicht" in owner.get(f"/admin/messages/details/?id={house.message}")
    assert "gibt es nicht" in owner.get(f"/admin/messages/letter/?id={house.message}")
