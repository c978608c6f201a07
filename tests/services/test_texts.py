"""Staff word mails and papers themselves; what was issued keeps the words that it was issued with."""

from __future__ import annotations

import threading
from datetime import date
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import event, func, select, text, update

from billing.errors import AlreadyDone, Conflict, Invalid, NotFound
from documents.invoice import draw_invoice
from extensions import db
from models import Activity, Customer, Invoice, Message, TextSet, TextTemplate, guards
from services import billing_run, messages, paper_data, text_sets, texts
from services.actor import SYSTEM
from services.bulk import bound
from services.checks import check_books
from services.digests import INVOICE_COLUMNS, LINE_COLUMNS, TAX_COLUMNS, document_digest
from services.load import seed_load
from services.text_catalogue import CATALOGUE, LANGUAGES
from services.unit import end_reading, write

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
TRANSFER = ("paper", "payment_transfer", "de")


def word(kind: str, name: str, body: str, *, language: str = "de", subject: str = "") -> None:
    seen = texts.wording(kind, name, language).digest
    texts.save(SYSTEM, kind, name, language, subject=subject, body=body, seen=seen)
    end_reading()


def bill(on: date, customers: int = 0) -> list[int]:
    """Bill a day; gives the invoices that it issued."""
    before = db.session.scalar(select(func.coalesce(func.max(Invoice.id), 0))) or 0
    if customers:
        seed_load(SYSTEM, customers, on)
    billing_run.bill(on, SYSTEM)
    end_reading()
    return list(db.session.scalars(select(Invoice.id).where(Invoice.id > before).order_by(Invoice.id)))


def paper_of(invoice_id: int) -> str:
    """The words of the paper, drawn anew."""
    end_reading()
    pdf = PdfReader(BytesIO(draw_invoice(paper_data.invoice_paper(invoice_id))))
    return " ".join("\n".join(page.extract_text() for page in pdf.pages).split())


@pytest.mark.feature("S10")
@pytest.mark.parametrize("key", CATALOGUE, ids=".".join)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_that_comes_along_is_one_that_could_be_saved(key: tuple[str, str], language: str) -> None:
    wording = texts.built_in(*key, language)
    texts.check(CATALOGUE[key], wording.subject, wording.body)


def test_a_changed_text_holds_until_it_is_reset(context: Flask) -> None:
    before = texts.wording(*TRANSFER)
    word(*TRANSFER[:2], "Zahlen Sie {{ invoice.amount }}.")
    after = texts.wording(*TRANSFER)
    assert (after.body, after.changed) == ("Zahlen Sie {{ invoice.amount }}.", True)
    assert texts.changed_texts() == {TRANSFER}
    assert texts.wording("paper", "payment_transfer", "en") == texts.built_in("paper", "payment_transfer", "en")
    texts.reset(SYSTEM, *TRANSFER, seen=after.digest)
    end_reading()
    assert texts.wording(*TRANSFER) == before and texts.changed_texts() == frozenset()


@pytest.mark.feature("GOB-2")
def test_every_change_is_an_activity_with_old_and_new(context: Flask) -> None:
    old = texts.wording(*TRANSFER).body
    word(*TRANSFER[:2], "Neu: {{ invoice.amount }}")
    word(*TRANSFER[:2], old)  # saying what came along is a reset
    codes = db.session.scalars(select(Activity.code).where(Activity.code.like("text.%")).order_by(Activity.id)).all()
    assert codes == ["text.changed", "text.reset"]
    details = db.session.scalars(text("SELECT details FROM activity_details ORDER BY activity_id DESC")).first()
    assert old in details and "Neu: {{ invoice.amount }}" in details and "paper.payment_transfer" in details
    assert db.session.scalar(select(func.count()).select_from(TextTemplate)) == 0


def test_the_second_of_two_people_is_told(context: Flask) -> None:
    seen = texts.wording(*TRANSFER).digest
    texts.save(SYSTEM, *TRANSFER, subject="", body="Die erste", seen=seen)
    end_reading()
    for deed in (
        lambda: texts.save(SYSTEM, *TRANSFER, subject="", body="Die zweite", seen=seen),
        lambda: texts.reset(SYSTEM, *TRANSFER, seen=seen),
    ):
        with pytest.raises(Conflict):
            deed()
        end_reading()
    assert texts.wording(*TRANSFER).body == "Die erste"


def test_two_first_changes_at_once_leave_one(app: Flask) -> None:
    start, outcomes = threading.Barrier(2), []

    def change(body: str) -> None:
        with app.app_context():
            seen = texts.wording(*TRANSFER).digest
            end_reading()
            start.wait(10)
            try:
                texts.save(SYSTEM, *TRANSFER, subject="", body=body, seen=seen)
                outcomes.append(body)
            except Conflict:
                outcomes.append("told")
            db.session.remove()

    threads = [threading.Thread(target=change, args=(body,)) for body in ("A", "B")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes)[-1] == "told" and len(outcomes) == 2
    with app.app_context():
        assert texts.wording(*TRANSFER).body in outcomes


@pytest.mark.parametrize(
    ("key", "subject", "body", "field", "code"),
    [
        (("mail", "invoice"), "Rechnung {{ invoice.nummer }}", "Hallo", "subject", "template_unknown_meant"),
        (("mail", "invoice"), "", "Hallo", "subject", "missing"),
        (("mail", "invoice"), "x" * 301, "Hallo", "subject", "too_long"),
        (("mail", "invoice"), "Rechnung", " \n ", "body", "missing"),
        (("mail", "invoice"), "Rechnung", "x" * 10_001, "body", "too_long"),
        (("mail", "invoice"), "Rechnung", "Gl\x07ocke", "body", "control_character"),
        (("mail", "invoice"), "Rechnung", "{{ config }}", "body", "template_unknown"),
        (("paper", "nothing_due"), "", "x" * 2001, "body", "too_long"),
        (("paper", "nothing_due"), "", "", "body", "missing"),
        (("paper", "nothing_due"), "", "{{ original.number }}", "body", "template_unknown"),
    ],
)
def test_a_text_that_cannot_be_is_refused_and_nothing_is_kept(
    context: Flask, key: tuple[str, str], subject: str, body: str, field: str, code: str
) -> None:
    seen = texts.wording(*key, "de").digest
    with pytest.raises(Invalid) as refused:
        texts.save(SYSTEM, *key, "de", subject=subject, body=body, seen=seen)
    assert (refused.value.field, refused.value.code) == (field, code)
    end_reading()
    assert texts.changed_texts() == frozenset()


def test_what_changes_nothing_is_done_already(context: Flask) -> None:
    found = texts.wording(*TRANSFER)
    with pytest.raises(AlreadyDone):
        texts.save(SYSTEM, *TRANSFER, subject="", body=found.body + "\r\n ", seen=found.digest)
    with pytest.raises(AlreadyDone):
        texts.reset(SYSTEM, *TRANSFER, seen=found.digest)
    with pytest.raises(NotFound):
        texts.wording("mail", "imprint", "de")


@pytest.mark.feature("GOB-1")
def test_an_issued_paper_says_for_ever_what_it_was_issued_with(context: Flask) -> None:
    (first,) = bill(OCTOBER, customers=1)
    word(*TRANSFER[:2], "Bitte zahlen Sie {{ invoice.amount }} an {{ company.name }}.")
    word("paper", "intro", "Vielen Dank, {{ customer.name }}.")
    word("paper", "closing", "Gute Fahrt!")
    (second,) = bill(NOVEMBER)
    word(*TRANSFER[:2], "Noch etwas anderes.")

    assert "Bitte überweisen Sie" in paper_of(first) and "Gute Fahrt" not in paper_of(first)
    later = paper_of(second)
    assert "an Radwerk Musterstadt GmbH." in later and "Vielen Dank, " in later and "Gute Fahrt!" in later
    assert "Noch etwas anderes" not in later
    assert check_books().ok


@pytest.mark.feature("GOB-1")
@pytest.mark.feature("L6")
def test_a_document_from_before_texts_could_be_changed_keeps_its_words_and_its_digest(context: Flask) -> None:
    (invoice_id,) = bill(OCTOBER, customers=1)
    _as_of_the_first_release(invoice_id)
    word(*TRANSFER[:2], "Neue Worte.")
    assert check_books().ok
    assert "Bitte überweisen Sie" in paper_of(invoice_id)


def _as_of_the_first_release(invoice_id: int) -> None:
    """The row as it was issued before revision 0002: without a set of texts, and a digest that knew of none."""
    from models import InvoiceLine, InvoiceTaxLine

    with write() as session:
        connection = session.connection()
        guards.remove(connection)
        session.execute(update(Invoice).where(Invoice.id == invoice_id).values(text_set_id=None))
        rows = []
        for model, columns, key in (
            (Invoice, INVOICE_COLUMNS, Invoice.id), (InvoiceLine, LINE_COLUMNS, InvoiceLine.invoice_id),
            (InvoiceTaxLine, TAX_COLUMNS, InvoiceTaxLine.invoice_id),
        ):  # fmt: skip
            query = select(*(getattr(model, name) for name in columns)).where(key == invoice_id).order_by(model.id)
            rows.append(bound(connection, model, columns, [tuple(row) for row in connection.execute(query)]))
        digest = document_digest(rows[0][0], rows[1], rows[2])
        session.execute(update(Invoice).where(Invoice.id == invoice_id).values(digest=digest))
        guards.install(connection)


@pytest.mark.feature("L6")
@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE text_sets SET data = '{}'", "text_set_changed"),
        ("UPDATE invoices SET text_set_id = NULL", "document_changed"),
    ],
)
def test_the_books_tell_when_frozen_words_were_touched(context: Flask, statement: str, code: str) -> None:
    bill(OCTOBER, customers=1)
    with write() as session:
        guards.remove(session.connection())
        session.execute(text(statement))
        guards.install(session.connection())
    assert code in {finding["code"] for finding in check_books().findings}


def test_each_language_freezes_its_own_words_once(context: Flask) -> None:
    seed_load(SYSTEM, 4, OCTOBER)
    with write() as session:
        session.execute(update(Customer).where(Customer.id % 2 == 0).values(language_code="en"))
    bill(OCTOBER)
    bill(NOVEMBER)
    used = db.session.execute(
        select(TextSet.language_code, func.count(Invoice.id)).join(Invoice).group_by(TextSet.language_code)
    )
    assert dict(map(tuple, used)) == {"de": 4, "en": 4}
    assert db.session.scalar(select(func.count()).select_from(TextSet)) == 2


def test_freezing_the_same_words_again_is_one_statement(context: Flask) -> None:
    first = text_sets.freeze()
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda c, u, statement, *_: seen.append(statement))
    assert text_sets.freeze() == first
    assert len([statement for statement in seen if statement.startswith(("SELECT", "INSERT"))]) == 1


def test_a_mail_is_written_with_the_words_of_the_moment_and_keeps_them(context: Flask) -> None:
    bill(OCTOBER, customers=1)
    message_id = db.session.scalars(select(Message.id)).one()
    word("mail", "closing", "Bis bald\n{{ company.name }}")
    word("mail", "invoice", "{{ customer.greeting }}\n\nNr. {{ invoice.number }}\n\n{{ closing }}", subject="Neu")
    messages.send(message_id)
    word("mail", "invoice", "Ganz anders", subject="Anders")
    end_reading()
    row = db.session.get_one(Message, message_id)
    assert row.subject == "[Muster] Neu"
    assert "Nr. RE-2026-00001\n\nBis bald\nRadwerk Musterstadt GmbH\n\n-- \n" in (row.body or "")


@pytest.mark.feature("INV-12")
@pytest.mark.feature("S10")
def test_what_the_law_asks_of_letters_stands_under_every_mail_whatever_staff_write(context: Flask) -> None:
    bill(OCTOBER, customers=1)
    word("mail", "invoice", "Kurz.", subject="Kurz")
    message_id = db.session.scalars(select(Message.id)).one()
    messages.send(message_id)
    end_reading()
    body = db.session.get_one(Message, message_id).body or ""
    for words in ("Radwerk Musterstadt GmbH", "Sitz: Hamburg", "Amtsgericht Hamburg, HRB 12345",
                  "Geschäftsführung: Anke Beispiel"):  # fmt: skip
        assert words in body.partition("-- \n")[2]
