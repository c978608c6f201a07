"""People write to a customer: words with placeholders, files and invoices beside them, once (R-22, R-29)."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from billing.errors import AlreadyDone, Conflict, Invalid, KontorError, NotAllowed, NotFound
from extensions import db
from models import Customer, Document, File, Message
from queries.cards.activities import of_customer
from queries.cards.attachable import attachable, brought_by
from services import clock, customer_messages, documents, message_templates, messages
from services.actor import Actor
from services.customer_messages import Wish, Words
from services.unit import end_reading, write
from tests.servers import MailServer
from tests.services import shop
from tests.services.test_documents import PDF

JULE = Actor("staff", 7, "Jule Petersen")
ONCE = "0123456789abcdef"
MAIL = "anna@example.com"
WORDS = Words("Ihr Vertrag {{ customer.number }}", "{{ customer.greeting }}\n\nanbei der Vertrag.")

pytestmark = pytest.mark.usefixtures("context")


def anna(**values: object) -> int:
    return shop.somebody("Berg", **{"first_name": "Anna", "salutation": "mrs", "email": MAIL, **values})


def send(customer: int, words: Words = WORDS, once: str = ONCE, **more: tuple[int, ...]) -> int:
    return customer_messages.send_message(JULE, customer, Wish((MAIL,), words, **more), once)


def row(number: int) -> Message:
    end_reading()
    return db.session.get_one(Message, number)


def issued(customer: int) -> int:
    shop.stock()
    shop.contract(customer)
    shop.bill("2026-01-01")
    return shop.invoices()[0].id


@pytest.mark.feature("R-22")
@pytest.mark.feature("R-29")
def test_a_message_arrives_with_its_words_filled_in_and_what_was_ticked(server: MailServer) -> None:
    customer = anna()
    invoice, document = issued(customer), documents.keep_document(JULE, customer, "Vertrag.pdf", PDF)
    seen = customer_messages.preview(customer, WORDS)
    number = send(customer, documents=(document,), invoices=(invoice,))
    assert messages.send(number) == "sent"
    mail = server.accepted[-1]
    assert mail["To"] == MAIL and "{{" not in mail["Subject"]
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n").strip() == seen.text.strip()
    assert "Sehr geehrte Frau Berg,\n\nanbei der Vertrag." in seen.text
    names = [part.get_filename() for part in mail.iter_attachments()]
    assert names[0] == "Vertrag.pdf" and names[1].endswith(".pdf") and len(names) == 2
    kept = row(number)
    assert [each["sha256"] for each in kept.attachments][0] == db.session.scalar(
        select(File.sha256).join(Document, Document.file_id == File.id)
    )
    assert [each.filename for each in brought_by(kept)] == names
    assert ("customer.message_ordered", number) in {(told.code, told.object_id) for told in of_customer(customer)}


@pytest.mark.feature("M1-22")
def test_the_customer_s_own_page_can_be_linked_from_a_message() -> None:
    customer = anna()
    number = send(customer, Words("Ihre Daten", "Bitte prüfen: {{ customer.data_link }}"))
    assert f"/{db.session.get_one(Customer, customer).hash}" in row(number).facts["text"]


@pytest.mark.feature("L9")
def test_one_page_is_one_mail_however_often_it_is_sent() -> None:
    customer = anna()
    send(customer)
    with pytest.raises(AlreadyDone):
        send(customer)
    send(customer, once="f" * 16)
    assert db.session.scalar(select(func.count()).select_from(Message)) == 2


def test_two_clicks_at_once_are_one_mail(app: Flask) -> None:
    customer, done = anna(), []

    def click() -> None:
        with app.app_context():
            try:
                done.append(send(customer))
            except AlreadyDone:
                done.append(0)
            finally:
                db.session.remove()

    clicks = [threading.Thread(target=click) for _ in range(3)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()
    end_reading()
    assert sorted(done)[:2] == [0, 0] and len(done) == 3
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish((), WORDS), "recipients"),
        (Wish(("fremd@example.com",), WORDS), "recipients"),
        (Wish((MAIL,), Words("", "Text")), "subject"),
        (Wish((MAIL,), Words("zwei\nZeilen", "Text")), "subject"),
        (Wish((MAIL,), Words("x" * 201, "Text")), "subject"),
        (Wish((MAIL,), Words("Betreff", "  ")), "body"),
        (Wish((MAIL,), Words("Betreff", "{{ customer.iban }}")), "body"),
        (Wish((MAIL,), Words("Betreff", "{{ customer.__class__ }}")), "body"),
        (Wish((MAIL,), Words("Betreff", "x" * 10_001)), "body"),
        (Wish((MAIL,), Words("Betreff", "NUL \x00")), "body"),
        (Wish((MAIL,), WORDS, documents=(99,)), "documents"),
        (Wish((MAIL,), WORDS, invoices=(99,)), "invoices"),
        (Wish((MAIL,), WORDS, documents=tuple(range(21))), "documents"),
    ],
)
def test_what_cannot_go_is_refused_at_its_field_and_nothing_is_ordered(wish: Wish, field: str) -> None:
    customer = anna()
    with pytest.raises(Invalid) as refused:
        customer_messages.send_message(JULE, customer, wish, ONCE)
    assert refused.value.field == field
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_only_what_is_this_customer_s_can_come_along() -> None:
    customer, other = anna(), shop.somebody("Fremd")
    theirs = documents.keep_document(JULE, other, "Fremd.pdf", PDF)
    invoice = issued(other)
    for more in ({"documents": (theirs,)}, {"invoices": (invoice,)}):
        with pytest.raises(Invalid):
            send(customer, **more)
    found = attachable(other, documents=True, invoices=True)
    assert ([each.id for each in found.documents], [each.id for each in found.invoices]) == ([theirs], [invoice])
    assert attachable(customer, documents=True, invoices=True).documents == ()


def test_attachments_fit_into_a_mailbox() -> None:
    customer = anna()
    two = tuple(
        documents.keep_document(JULE, customer, f"{letter}.txt", letter.encode() * 9_000_000) for letter in "ab"
    )
    with pytest.raises(Invalid) as refused:
        send(customer, documents=two)
    assert refused.value.code == "attached_too_large"
    send(customer, documents=two[:1])


def test_a_document_deleted_after_all_stops_the_mail_and_says_why(server: MailServer) -> None:
    customer = anna()
    document = documents.keep_document(JULE, customer, "Vertrag.pdf", PDF)
    number = send(customer, documents=(document,))
    with write() as session:
        session.execute(update(Message).values(state="failed"))
    documents.delete_document(JULE, customer, document, "Falsch")
    messages.retry(JULE, number)
    assert (messages.send(number), row(number).error) == ("failed", "attachment_gone")
    assert server.accepted == []


@pytest.mark.feature("X-13")
def test_in_a_moved_clock_it_stays_in_the_house(server: MailServer) -> None:
    number = send(anna())
    with write() as session:
        session.execute(update(Message).values(next_attempt_at=clock.real()))
    assert messages.stays_here(customer_messages.TEMPLATE) is bool(clock.moved_by())
    assert messages.send(number) == "sent"


def test_a_customer_is_written_to_in_their_language_at_any_of_their_addresses() -> None:
    customer = anna(language_code="en", email_cc="b@example.com; a@example.com", payment_mail_address=MAIL)
    found = db.session.get_one(Customer, customer)
    assert customer_messages.addresses_of(found) == [MAIL, "b@example.com", "a@example.com"]
    both = Wish((MAIL, "b@example.com"), WORDS)
    number = customer_messages.send_message(JULE, customer, both, ONCE)
    assert (row(number).recipient, row(number).language_code) == (f"{MAIL}, b@example.com", "en")
    assert row(number).facts["text"].startswith("Dear Ms Berg,")


def test_nobody_writes_to_a_deleted_record_or_to_nobody() -> None:
    customer = anna()
    with write() as session:
        session.execute(update(Customer).values(erased_at=clock.instant()))
    with pytest.raises(NotAllowed):
        send(customer)
    with pytest.raises(NotFound):
        send(99)
    with pytest.raises(KontorError):
        customer_messages.send_message(JULE, customer, Wish((MAIL,), WORDS), "kein Zeichen")


@pytest.mark.feature("R-22")
def test_a_message_is_written_once_more_with_all_that_it_brought(server: MailServer) -> None:
    customer = anna()
    document = documents.keep_document(JULE, customer, "Vertrag.pdf", PDF)
    first = send(customer, documents=(document,))
    messages.send(first)
    copied = customer_messages.copied_from(customer, first)
    assert (copied.recipients, copied.documents) == ((MAIL,), (document,))
    again = send(customer, copied.words, "a" * 16, documents=copied.documents)
    messages.send(again)
    assert row(again).body == row(first).body and again != first


def test_a_mail_with_an_invoice_is_copied_without_the_frame_of_the_house() -> None:
    customer = anna()
    invoice = issued(customer)
    number = db.session.scalars(select(Message.id).where(Message.template == "invoice")).one()
    messages.send(number)
    copied = customer_messages.copied_from(customer, number)
    assert copied.invoices == (invoice,) and not copied.words.subject.startswith("[")
    assert "-- " not in copied.words.body and "Freundliche Grüße" not in copied.words.body
    with pytest.raises(NotFound):
        customer_messages.copied_from(shop.somebody("Fremd"), number)


@pytest.mark.feature("R-22")
def test_templates_are_kept_changed_and_deleted_and_bad_ones_refused() -> None:
    values = {"name": "Vertrag", "language_code": "de", "subject": WORDS.subject, "body": WORDS.body}
    number = message_templates.create_template(JULE, values)
    assert message_templates.words_of(number) == WORDS
    with pytest.raises(Conflict):
        message_templates.create_template(JULE, values)
    english = message_templates.create_template(JULE, {**values, "language_code": "en"})
    assert [each.id for each in message_templates.offered("en")] == [english, number]
    message_templates.update_template(JULE, number, {**values, "subject": "Neu"})
    assert message_templates.words_of(number).subject == "Neu"
    for field, value in (("name", ""), ("subject", " "), ("body", "{{ nichts }}"), ("language_code", "fr")):
        with pytest.raises(Invalid) as refused:
            message_templates.update_template(JULE, number, {**values, field: value})
        assert refused.value.field == field
    message_templates.delete_template(JULE, number)
    with pytest.raises(NotFound):
        message_templates.words_of(number)
