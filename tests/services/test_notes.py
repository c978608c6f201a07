"""Notes, calls and letters: written down, corrected and struck with a trace (P-09, R-34)."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from billing.errors import Conflict, Invalid, KontorError, NotAllowed, NotFound
from extensions import db
from models import Activity, ActivityDetail, File, Note, NoteVersion
from queries.cards.activities import ActivityRow, of_customer
from queries.notes import get_note
from services import clock, customer_erasure, notes, uploads
from services.actor import Actor
from services.notes import Attachment, Words
from services.unit import end_reading, write
from tests.services import shop
from tests.services.test_documents import picture

JULE = Actor("staff", 7, "Jule Petersen")
PNG = picture((8, 8), "PNG")
ON = date(2026, 11, 17)

pytestmark = pytest.mark.usefixtures("context")


def say(text: str, kind: str = "call", attachment: Attachment | None = None) -> Words:
    return Words(kind, ON, text, attachment)


def newest(customer_id: int) -> ActivityRow:
    end_reading()
    return of_customer(customer_id)[0]


@pytest.mark.feature("R-34")
def test_a_call_is_written_down_and_stands_among_the_activities_with_its_day_and_its_file() -> None:
    customer = shop.somebody()
    number = notes.add_note(JULE, customer, say("Bittet um Rückruf.", attachment=Attachment("../Plan.PNG", PNG)))
    told = newest(customer)
    assert (told.code, told.actor, told.object_id, told.note_version) == ("note.created", "Jule Petersen", number, 1)
    assert told.details is not None
    assert (told.details["note"], told.details["happened_on"]) == ("Bittet um Rückruf.", "2026-11-17")
    assert told.details["attachment"] == "Plan.PNG"
    kept = notes.attachment_of(number, 1)
    assert (kept.content, kept.media_type, kept.filename) == (PNG, "image/png", "Plan.PNG")


@pytest.mark.feature("GOB-2")
def test_a_correction_is_a_version_of_its_own_and_the_words_of_before_stay() -> None:
    customer = shop.somebody()
    number = notes.add_note(JULE, customer, say("Zahlt am Montag.", attachment=Attachment("a.txt", b"eins")))
    notes.correct_note(JULE, number, 1, say("Zahlt am Dienstag.", "letter"))
    told = newest(customer)
    assert told.code == "note.changed"
    assert told.changes == [("note", "Zahlt am Montag.", "Zahlt am Dienstag."), ("note_kind", "call", "letter")]
    row = get_note(number)
    assert row is not None and (row.version, row.text, row.filename) == (2, "Zahlt am Dienstag.", "a.txt")
    versions = db.session.scalars(select(NoteVersion.text).where(NoteVersion.note_id == number)).all()
    assert versions == ["Zahlt am Montag.", "Zahlt am Dienstag."]


def test_a_correction_that_changes_nothing_leaves_nothing() -> None:
    customer = shop.somebody()
    number = notes.add_note(JULE, customer, say("Ruft wieder an."))
    notes.correct_note(JULE, number, 1, say("Ruft wieder an.  "))
    assert newest(customer).code == "note.created"


def test_a_struck_note_is_marked_and_neither_corrected_nor_struck_again() -> None:
    customer = shop.somebody()
    number = notes.add_note(JULE, customer, say("Falsche Akte."))
    with pytest.raises(Invalid):
        notes.strike_note(JULE, number, 1, "  ")
    notes.strike_note(JULE, number, 1, "Gehört zu einem anderen Kunden")
    struck, created = of_customer(customer)[:2]
    assert struck.code == "note.struck" and created.note_is_struck
    assert struck.details is not None and struck.details["reason"] == "Gehört zu einem anderen Kunden"
    with pytest.raises(NotAllowed):
        notes.correct_note(JULE, number, 2, say("Doch richtig."))


def test_of_two_who_correct_at_once_the_second_is_told() -> None:
    number = notes.add_note(JULE, shop.somebody(), say("Erste Fassung."))
    notes.correct_note(JULE, number, 1, say("Zweite Fassung."))
    with pytest.raises(Conflict):
        notes.correct_note(JULE, number, 1, say("Andere zweite Fassung."))
    with pytest.raises(IntegrityError), write() as session:  # and the database refuses what got past the lock
        session.add(NoteVersion(note_id=number, version=2, kind="note", happened_on=ON, text="nie"))


def test_a_version_is_never_changed_in_the_database() -> None:
    number = notes.add_note(JULE, shop.somebody(), say("So war es."))
    with pytest.raises(Exception, match="version of its own"), write() as session:
        session.execute(db.update(NoteVersion).where(NoteVersion.note_id == number).values(text="So nicht."))


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (Words("note", ON, "   "), "text"),
        (Words("note", ON, "x" * 10_001), "text"),
        (Words("note", ON, "zwei\x00 Zeichen"), "text"),
        (Words("fax", ON, "Fax"), "kind"),
        (Words("note", date(1066, 10, 14), "Zu alt"), "happened_on"),
        (Words("note", ON, "Programm", Attachment("rechnung.pdf", b"MZ\x90\x00" + bytes(90))), "attachment"),
        (Words("note", ON, "Leer", Attachment("leer.pdf", b"")), "attachment"),
        (Words("note", ON, "Seite", Attachment("seite.html", b"<html>")), "attachment"),
        (Words("note", ON, "Halb", Attachment("halb.png", PNG[:60])), "attachment"),
        (Words("note", ON, "Groß", Attachment("gross.txt", b"x" * (10_000_001))), "attachment"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field_and_nothing_is_half_done(words: Words, field: str) -> None:
    customer = shop.somebody()
    with pytest.raises(Invalid) as refused:
        notes.add_note(JULE, customer, words)
    assert refused.value.facts["field"] == field
    end_reading()
    assert db.session.scalar(select(func.count()).select_from(Note)) == 0
    assert db.session.scalar(select(func.count()).select_from(File)) == 0


def test_nothing_is_written_down_of_days_that_have_not_come_or_for_nobody() -> None:
    customer = shop.somebody()
    with pytest.raises(Invalid):
        notes.add_note(JULE, customer, Words("note", clock.today() + timedelta(days=1), "Morgen"))
    for deed in (lambda: notes.add_note(JULE, 99, say("Wer?")), lambda: notes.strike_note(JULE, 99, 1, "Wer?"),
                 lambda: notes.attachment_of(99, 1)):  # fmt: skip
        with pytest.raises(NotFound):
            deed()


@pytest.mark.feature("S12")
def test_a_file_is_known_by_what_is_in_it_and_named_so() -> None:
    docx = io.BytesIO()
    with zipfile.ZipFile(docx, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    customer = shop.somebody()
    wanted = {
        ("Vertrag.exe", b"%PDF-1.7 ..."): "Vertrag.pdf", ("brief", docx.getvalue()): "brief.docx",
        ("foto.JPEG", picture((8, 8))): "foto.JPEG", ("liste.csv", "ä;ö".encode()): "liste.csv",
        ("<svg onload=alert(1)>.txt", b"<svg onload=alert(1)>"): "svg onload=alert(1).txt",
    }  # fmt: skip
    for (name, content), kept in wanted.items():
        file_id = uploads.looked_at(content, name).store("note", customer)
        assert db.session.scalar(select(File.filename).where(File.id == file_id)) == kept
    for content in (b"PK\x03\x04 broken", b"\x7fELF\x02", b"\x00\x01"):
        with pytest.raises(KontorError):
            uploads.known_type(content)


@pytest.mark.feature("DSG-5")
def test_erasure_takes_notes_with_their_files_and_every_word_of_the_trail() -> None:
    customer = shop.somebody("Geheimnisvoll")
    number = notes.add_note(JULE, customer, say("Vertraulich", attachment=Attachment("a.txt", b"vertraulich")))
    customer_erasure.delete_customer(JULE, customer)
    end_reading()
    assert db.session.scalar(select(func.count()).select_from(NoteVersion)) == 0
    with pytest.raises(NotFound):
        notes.attachment_of(number, 1)
    (file,) = db.session.scalars(select(File))
    assert file.erased_at is not None
    left = select(ActivityDetail.details).join(Activity).where(Activity.code != "customer.deleted")
    assert not [text for text in db.session.scalars(left) if "Vertraulich" in text or "Geheimnisvoll" in text]


@pytest.mark.feature("RET-1")
def test_letters_stay_where_there_was_business_and_calls_go(context: Flask) -> None:
    shop.stock()
    customer = shop.somebody()
    kept = notes.add_note(JULE, customer, say("Kündigung", "letter"))
    notes.add_note(JULE, customer, say("Anruf"))
    with write() as session:
        notes.erase_notes(session, [customer], letters_stay=True)
    end_reading()
    assert list(db.session.scalars(select(Note.id))) == [kept]
