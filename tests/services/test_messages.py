"""The outbox: every ordered mail leaves the house once, or stands there with the reason (L9, F11)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from billing.errors import AlreadyDone, Conflict, Invalid, NotAllowed, NotFound
from extensions import db
from gateways import smtp
from models import Company, Customer, File, Invoice, Message, Paper
from services import billing_run, clock, files, messages, papers
from services.actor import SYSTEM
from services.load import seed_load
from services.unit import end_reading, write
from tests.servers import MailServer

DAY = date(2026, 11, 1)


def billed(**customer: Any) -> int:
    """One issued invoice; gives its mail's id."""
    seed_load(SYSTEM, 1, DAY)
    if customer:
        with write() as session:
            session.execute(update(Customer).values(**customer))
    billing_run.bill(DAY, SYSTEM)
    end_reading()
    return db.session.scalars(select(Message.id)).one()


def reported(recipient: str = "chefin@radwerk.example") -> int:
    """A mail without a document; gives its id."""
    facts = {"on": "2026-11-01", "count": 0, "findings": [], "seal": None}
    message_id = messages.order("books:1", "checks_report", recipient, facts=facts)
    assert message_id is not None
    return message_id


def row(message_id: int) -> Message:
    end_reading()
    return db.session.get_one(Message, message_id)


def test_the_invoice_arrives_with_its_paper(context: Flask, server: MailServer) -> None:
    message_id = billed(salutation="mrs", last_name="Müller", email="mueller@example.com")
    assert messages.send(message_id) == "sent"
    (mail,) = server.accepted
    invoice = db.session.scalars(select(Invoice)).one()
    token = db.session.scalars(select(Paper.token)).one()
    text = mail.get_body(("plain",)).get_content()
    assert mail["To"] == "mueller@example.com"
    assert mail["From"] == "Radwerk Musterstadt GmbH <post@radwerk.example>"
    assert mail["Subject"] == f"[Muster] Rechnung {invoice.number} vom 01.11.2026 – Radwerk Musterstadt GmbH"
    assert text.startswith("Sehr geehrte Frau Müller,")
    assert f"http://127.0.0.1:8000/download/{token}" in text
    assert "01.11.2026–30.11.2026" in text and "15.11.2026" in text
    (paper,) = mail.iter_attachments()
    assert paper.get_filename() == f"{invoice.number}.pdf"
    assert paper.get_content().startswith(b"%PDF")


@pytest.mark.feature("INV-12")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", ("Sitz: Hamburg · Amtsgericht Hamburg, HRB 12345", "Geschäftsführung: Anke Beispiel", "USt-IdNr.")),
        ("en", ("Registered office: Hamburg · Amtsgericht Hamburg, HRB 12345", "Managing directors: Anke Beispiel")),
    ],
)
def test_every_mail_carries_what_the_law_asks_of_business_letters(
    context: Flask, language: str, words: tuple[str, ...]
) -> None:
    message_id = billed(language_code=language)
    messages.send(message_id)
    body = row(message_id).body or ""
    assert "Radwerk Musterstadt GmbH\nWerkstattweg 3 · 20095 Hamburg" in body.partition("-- \n")[2]
    assert all(word in body for word in words)


def test_a_reader_of_english_gets_an_english_mail(context: Flask, server: MailServer) -> None:
    messages.send(billed(language_code="en", salutation="mr", last_name="Smith"))
    text = server.accepted[0].get_body(("plain",)).get_content()
    assert text.startswith("Dear Mr Smith,")
    assert "please find attached invoice RE-2026-00001 of 1 Nov 2026" in text
    assert not {"Rechnung", "Grüße", "Sitz"} & set(text.replace(":", " ").split())


@pytest.mark.feature("GOB-2")
def test_what_was_sent_is_kept_as_it_was_sent(context: Flask, server: MailServer) -> None:
    message_id = billed()
    messages.send(message_id)
    kept, (mail,) = row(message_id), server.accepted
    assert (kept.state, kept.delivery, kept.attempts, kept.error) == ("sent", "smtp", 1, "")
    assert kept.subject == mail["Subject"] and kept.message_id == mail["Message-ID"]
    assert kept.body == mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert kept.sender == "Radwerk Musterstadt GmbH <post@radwerk.example>"
    (paper,) = mail.iter_attachments()
    content = paper.get_content()
    assert kept.attachments == [
        {"paper_id": 1, "filename": "RE-2026-00001.pdf", "sha256": sha256(content).hexdigest()}
    ]  # fmt: skip
    assert content == files.read(papers.get(1).file_id or 0).content


def test_without_a_server_mails_stay_readable_in_the_outbox(context: Flask) -> None:
    message_id = billed()
    assert messages.send(message_id) == "sent"
    kept = row(message_id)
    assert kept.delivery == "outbox" and kept.subject and kept.body and kept.attachments


def test_a_payer_and_copies_may_be_several(context: Flask, server: MailServer) -> None:
    messages.send(billed(payment_mail_address="a@example.com, b@example.com", email_cc="c@example.com, d@example.com"))
    assert server.envelopes[0][1] == ["a@example.com", "b@example.com", "c@example.com", "d@example.com"]


@pytest.mark.feature("S18")
def test_links_follow_the_configured_address_alone(app: Flask) -> None:
    app.config["KONTOR"] = replace(app.config["KONTOR"], base_url="https://kunden.radwerk.example")
    with app.test_request_context("/", headers={"Host": "evil.example"}):
        message_id = billed()
        messages.send(message_id)
        body = row(message_id).body or ""
        assert "https://kunden.radwerk.example/download/" in body and "evil" not in body


@pytest.mark.feature("L9")
@pytest.mark.feature("EB-23")
def test_an_event_writes_once_to_each_recipient(context: Flask) -> None:
    first = messages.order("run:1", "run_report", "a@example.com")
    assert first is not None
    assert messages.order("run:1", "run_report", "a@example.com") is None
    assert messages.order("run:1", "run_report", "b@example.com") not in (None, first)
    assert messages.order("run:2", "run_report", "a@example.com") not in (None, first)


def test_nobody_is_no_recipient(context: Flask) -> None:
    with pytest.raises(Invalid):
        messages.order("run:1", "run_report", "  ")


@pytest.mark.feature("L9")
def test_a_sent_mail_is_not_sent_again(context: Flask, server: MailServer) -> None:
    message_id = billed()
    assert [messages.send(message_id) for _ in range(5)] == ["sent"] * 5
    assert len(server.accepted) == 1


@pytest.mark.feature("L9")
@pytest.mark.feature("EB-20")
def test_two_senders_at_the_same_moment_send_once(app: Flask, server: MailServer) -> None:
    with app.app_context():
        message_id = reported()
    barrier = threading.Barrier(6)

    def send() -> None:
        with app.app_context():
            barrier.wait()
            messages.send(message_id)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.accepted) == 1
    with app.app_context():
        assert (row(message_id).state, row(message_id).attempts) == ("sent", 1)


@pytest.mark.feature("F11")
def test_a_server_that_asks_for_patience_is_asked_again_with_growing_pauses(
    context: Flask, server: MailServer, standing: None
) -> None:
    server.answer_to_recipient["*"] = "451 greylisted"
    message_id = reported()
    moment = clock.instant()
    for attempt, pause in enumerate(messages.PAUSES, start=1):
        with clock.stand_at(moment):
            assert messages.send(message_id) == "pending"
            kept = row(message_id)
            assert (kept.attempts, kept.error) == (attempt, "recipient_refused (451)")
            assert kept.next_attempt_at == moment + pause
            assert messages.send(message_id) == "pending", "too early: nothing happens"
            assert server.attempts == attempt
        moment += pause
    with clock.stand_at(moment):
        assert messages.send(message_id) == "failed"


@pytest.mark.feature("F11")
def test_a_greylisted_mail_goes_out_when_its_time_has_come(
    context: Flask, server: MailServer, standing: None
) -> None:  # fmt: skip
    server.answer_to_recipient["*"] = "451 greylisted"
    message_id = reported()
    messages.send(message_id)
    server.answer_to_recipient.clear()
    with clock.stand_at(clock.instant() + timedelta(minutes=1)):
        assert messages.send(message_id) == "sent"
    assert len(server.accepted) == 1 and row(message_id).error == ""


@pytest.mark.feature("F11")
def test_a_mail_refused_for_good_stands_as_failed_until_a_person_sends_it_again(
    context: Flask, server: MailServer
) -> None:
    server.answer_to_recipient["*"] = "550 unknown"
    message_id = reported()
    assert messages.send(message_id) == "failed"
    assert row(message_id).error == "recipient_refused (550)"
    assert messages.waiting(10) == []
    server.answer_to_recipient.clear()
    messages.retry(SYSTEM, message_id)
    assert messages.send(message_id) == "sent"


@pytest.mark.feature("F11")
@pytest.mark.feature("L9")
def test_a_mail_that_may_have_arrived_is_never_sent_again_unasked(
    context: Flask, server: MailServer, standing: None
) -> None:
    server.silent = True
    message_id = reported()
    assert messages.send(message_id) == "failed"
    assert row(message_id).error == smtp.UNKNOWN and row(message_id).body
    server.silent = False
    with clock.stand_at(clock.instant() + timedelta(days=30)):
        assert messages.waiting(10) == []
        assert messages.send(message_id) == "failed"
    assert len(server.accepted) == 1
    messages.retry(SYSTEM, message_id)
    assert messages.send(message_id) == "sent"


@pytest.mark.feature("L9")
def test_a_machine_that_stops_while_handing_over_leaves_an_alarm_and_no_second_mail(
    context: Flask, server: MailServer, standing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = reported()

    def power_cut(*_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(messages, "_sent", power_cut)
        with pytest.raises(KeyboardInterrupt):
            messages.send(message_id)
    assert len(server.accepted) == 1 and row(message_id).state == "pending"
    with clock.stand_at(clock.instant() + messages.LEASE):
        assert messages.waiting(10) == [message_id]
        assert messages.send(message_id) == "failed"
    assert row(message_id).error == smtp.UNKNOWN
    assert len(server.accepted) == 1


@pytest.mark.feature("L9")
def test_a_machine_that_stops_before_handing_over_sends_later(
    context: Flask, server: MailServer, standing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = reported()

    def power_cut(*_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(messages, "write_mail", power_cut)
        with pytest.raises(KeyboardInterrupt):
            messages.send(message_id)
    assert messages.send(message_id) == "pending", "the one that stopped still has it"
    with clock.stand_at(clock.instant() + messages.LEASE):
        assert messages.send(message_id) == "sent"
    assert len(server.accepted) == 1


@pytest.mark.feature("F11")
def test_a_server_that_is_away_costs_no_certainty(app: Flask, context: Flask, standing: None) -> None:
    app.config["KONTOR"] = replace(app.config["KONTOR"], smtp_url="smtp://127.0.0.1:9")
    message_id = reported()
    assert messages.send(message_id) == "pending"
    assert (row(message_id).error, row(message_id).message_id) == ("smtp_unreachable", None)


@pytest.mark.feature("F9")
def test_a_mail_waits_for_a_paper_that_cannot_be_drawn_yet_and_loses_no_attempt(
    context: Flask, server: MailServer, standing: None
) -> None:
    logo = files.store(b"broken", "logo.png", "image/png", "logo")
    with write() as session:
        session.execute(update(Company).values(logo_file_id=logo))
    message_id = billed()
    moment = clock.instant()
    while row(message_id).state == "pending" and moment < clock.instant() + timedelta(hours=1):
        with clock.stand_at(moment):
            messages.send(message_id)
            waits = row(message_id)
            if waits.state == "pending":
                assert waits.error.startswith("waiting_for_paper") and waits.attempts == 0
        moment += timedelta(minutes=1)
    assert row(message_id).state == "sent" and len(server.accepted) == 1
    assert db.session.scalar(select(func.count()).select_from(File).where(File.kind == "paper")) == 1


@pytest.mark.feature("S28")
@pytest.mark.parametrize("address", ["a@example.com\r\nBcc: b@example.com", "nobody", "a@example.com b@example.com"])
def test_a_recipient_that_is_none_fails_visibly(context: Flask, server: MailServer, address: str) -> None:
    message_id = reported(address)
    assert messages.send(message_id) == "failed"
    assert row(message_id).error == "unsafe_header" and server.attempts == 0


@pytest.mark.feature("S28")
def test_names_of_customers_cannot_become_headers(context: Flask, server: MailServer) -> None:
    with write() as session:
        session.execute(update(Company).values(name="Radwerk\r\nBcc: b@example.com", mode="live"))
    message_id = reported()
    assert messages.send(message_id) == "failed"
    assert row(message_id).error == "unsafe_header" and server.attempts == 0


@pytest.mark.feature("S8")
def test_markup_in_a_name_stays_text(context: Flask, server: MailServer) -> None:
    messages.send(billed(salutation="", first_name="<b>Eva</b>", last_name='"><script>alert(1)</script>'))
    html = server.accepted[0].get_body(("html",)).get_content()
    assert "<script>" not in html and "<b>" not in html
    assert "&lt;script&gt;" in html


def test_a_template_that_does_not_exist_is_tried_again_and_told(context: Flask, standing: None) -> None:
    message_id = messages.order("x:1", "no_such_mail", "a@example.com")
    assert message_id is not None
    assert messages.send(message_id) == "pending"
    assert row(message_id).error == "cannot_be_written: template"


def test_a_stopped_mail_stays_in_the_house(context: Flask, server: MailServer) -> None:
    message_id = reported()
    messages.stop(SYSTEM, message_id)
    assert messages.send(message_id) == "stopped"
    assert server.attempts == 0
    with pytest.raises(AlreadyDone):
        messages.stop(SYSTEM, message_id)


def test_a_mail_on_its_way_cannot_be_stopped(context: Flask) -> None:
    message_id = reported()
    with write() as session:
        session.execute(update(Message).values(message_id="<1@radwerk.example>", attempts=1))
    with pytest.raises(Conflict) as refusal:
        messages.stop(SYSTEM, message_id)
    assert refusal.value.code == "being_sent"


@pytest.mark.parametrize("deed", [messages.retry, messages.stop])
def test_a_sent_mail_is_done_with(context: Flask, deed: Any) -> None:
    message_id = reported()
    messages.send(message_id)
    with pytest.raises(NotAllowed):
        deed(SYSTEM, message_id)


def test_an_unknown_mail_is_not_found(context: Flask) -> None:
    with pytest.raises(NotFound):
        messages.send(4711)


@pytest.mark.parametrize(
    ("person", "german", "english"),
    [
        ({"salutation": "mr", "last_name": "Groß"}, "Sehr geehrter Herr Groß,", "Dear Mr Groß,"),
        ({"salutation": "mrs", "title_academic": "Dr.", "last_name": "Jäger"},
         "Sehr geehrte Frau Dr. Jäger,", "Dear Dr. Jäger,"),
        ({"salutation": "family", "last_name": "Öztürk"}, "Sehr geehrte Familie Öztürk,", "Dear Öztürk family,"),
        ({"salutation": "", "first_name": "Eva", "last_name": "Nowak"}, "Guten Tag Eva Nowak,", "Hello Eva Nowak,"),
        ({"salutation": "mrs", "organization": "Rad & Tat eG"}, "Guten Tag,", "Hello,"),
        ({}, "Guten Tag,", "Hello,"),
    ],
)  # fmt: skip
def test_people_are_greeted_as_they_are_known(person: dict[str, str], german: str, english: str) -> None:
    from services.mail_texts import greeting

    assert (greeting(person, "de"), greeting(person, "en")) == (german, english)
