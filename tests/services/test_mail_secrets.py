"""What the outbox keeps of a mail opens no door: neither body nor subject nor facts, however staff worded it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from billing.errors import NotAllowed
from extensions import db
from models import Company, Customer, CustomerCode, Message
from services import accountdata, customers, messages, outbox, staff, staff_invitation, texts
from services.actor import SYSTEM
from services.code_digits import code_of
from services.unit import end_reading, write
from tests.servers import MailServer, mail_server

OLD, NEW = "alt@kundin.example", "neu@kundin.example"


@pytest.fixture
def server(context: Flask) -> Iterator[MailServer]:
    with mail_server() as running:
        context.config["KONTOR"] = replace(context.config["KONTOR"], smtp_url=running.url)
        yield running


@pytest.fixture
def customer(context: Flask) -> int:
    return customers.create_customer(SYSTEM, {"last_name": "Öztürk", "email": OLD})


def ask(customer: int) -> str:
    """Wish for another address; gives the code."""
    seen = db.session.get_one(Customer, customer).version
    accountdata.change(customer, {"email": NEW}, seen=seen)
    end_reading()
    return code_of(db.session.scalars(select(CustomerCode).order_by(CustomerCode.id.desc()).limit(1)).one())


def newest() -> Message:
    end_reading()
    row: Message = db.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
    db.session.refresh(row)
    return row


def everything_kept() -> str:
    row = newest()
    return json.dumps([row.subject, row.body, row.facts])


def word(name: str, subject: str, body: str) -> None:
    seen = texts.wording("mail", name, "de").digest
    texts.save(SYSTEM, "mail", name, "de", subject=subject, body=body, seen=seen)


@pytest.mark.feature("S5")
@pytest.mark.parametrize("kind", ["staff_access", "staff_reset"])
def test_a_link_in_the_words_of_staff_reaches_its_reader_and_nobody_else(server: MailServer, kind: str) -> None:
    """A subject made of the link would otherwise let whoever words the mails take over the owner's account."""
    word(kind, "{{ link }}", "{{ link | upper }} {{ link | lower }} {{ name }}{{ link }}")
    staff_invitation.invite(SYSTEM, "neu@example.com", name="Nora", role="Support")
    if kind == "staff_reset":
        staff.set_password(SYSTEM, newest_person(), "ein langer alter Satz")
        staff_invitation.forgot("neu@example.com")
    assert messages.send(newest().id) == "sent"
    sent = server.accepted[-1]
    token = str(sent["Subject"]).rpartition("/admin/choose/")[2].strip()
    assert len(token) > 40 and token in sent.get_body(("plain",)).get_content()
    assert token.lower() not in everything_kept().lower() and "/admin/choose/\\u2022" in everything_kept()


def newest_person() -> int:
    row = staff.by_email("neu@example.com")
    assert row is not None
    return int(row.id)


@pytest.mark.feature("S5")
def test_the_seal_of_a_link_goes_with_its_mail(context: Flask) -> None:
    staff_invitation.invite(SYSTEM, "neu@example.com", name="Nora", role="Support")
    assert "sealed" in newest().facts
    messages.send(newest().id)
    assert "sealed" not in newest().facts
    staff_invitation.invite(SYSTEM, "andere@example.com", name="Anna", role="Support")
    messages.stop(SYSTEM, newest().id)
    assert "sealed" not in newest().facts and "/admin/choose/•••" in outbox.letter_of(newest().id).text


@pytest.mark.feature("S3")
def test_a_code_that_was_sent_is_not_kept_even_in_a_subject(server: MailServer, customer: int) -> None:
    word("customer_code", "Code {{ code }}", "Ihr Code: {{ code }}")
    code = ask(customer)
    messages.send(newest().id)
    sent = server.accepted[-1]
    assert code in str(sent["Subject"]) and code in sent.get_body(("plain",)).get_content()
    assert code not in everything_kept() and code not in str(outbox.letter_of(newest().id))


@pytest.mark.feature("S3")
def test_a_mail_that_failed_and_goes_out_again_brings_the_code_and_keeps_none(context: Flask, customer: int) -> None:
    context.config["KONTOR"] = replace(context.config["KONTOR"], smtp_url="smtp://127.0.0.1:9")
    code = ask(customer)
    assert messages.send(newest().id) == "pending" and code not in str(outbox.letter_of(newest().id))
    with write() as session:
        session.execute(update(Message).where(Message.id == newest().id).values(state="failed"))
    messages.retry(SYSTEM, newest().id)
    with mail_server() as running:
        context.config["KONTOR"] = replace(context.config["KONTOR"], smtp_url=running.url)
        messages.send(newest().id)
        assert code in running.accepted[-1].get_body(("plain",)).get_content()
    assert code not in everything_kept()


@pytest.mark.feature("S3")
def test_a_sandbox_without_a_mail_server_shows_the_code_while_it_is_valid(context: Flask, customer: int) -> None:
    code = ask(customer)
    message_id = newest().id
    messages.send(message_id)
    assert code not in everything_kept()
    assert code in outbox.letter_of(message_id).text and code in outbox.letter_of(message_id).html
    assert accountdata.confirm(customer, code).state == "done"
    assert code not in str(outbox.letter_of(message_id))


@pytest.mark.feature("S3")
def test_a_live_house_without_a_mail_server_sends_no_codes_and_says_so(context: Flask, customer: int) -> None:
    with write() as session:
        session.execute(update(Company).values(mode="live"))
    with pytest.raises(NotAllowed, match="no_mail_server"):
        ask(customer)
    end_reading()
    assert db.session.scalar(select(func.count()).select_from(CustomerCode)) == 0
    assert db.session.get_one(Customer, customer).email == OLD
