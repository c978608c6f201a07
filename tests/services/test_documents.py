"""Files on a customer's card: brought, shown anew, named, thrown away; and what hostile ones come to (R-28, S12)."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import replace

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select, update

from billing.errors import AlreadyDone, Conflict, Invalid, KontorError, NotAllowed, NotFound
from documents.preview import SIDE, preview_of
from extensions import db
from models import ActivityDetail, Customer, Document, File
from queries.cards.activities import of_customer
from queries.cards.documents import get_document, page_of_documents
from services import customer_erasure, documents, files, messages, papers, uploads
from services.actor import Actor
from services.documents import Labels
from services.unit import end_reading, write
from tests.services import shop

JULE = Actor("staff", 7, "Jule Petersen")
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
PLACE = "Kieler Hafenkante"

pytestmark = pytest.mark.usefixtures("context")


def picture(size: tuple[int, int] = (2000, 1000), kind: str = "JPEG") -> bytes:
    """With a place in its EXIF and, behind its end, what a browser might run."""
    packed, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = PLACE
    Image.new("RGB", size, "teal").save(packed, kind, exif=exif)
    return packed.getvalue() + b"<script>alert(1)</script>"


def archive(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, "<w/>")
    return packed.getvalue()


def keep(customer: int, name: str = "Vertrag.pdf", content: bytes = PDF, labels: Labels = documents.UNNAMED) -> int:
    return documents.keep_document(JULE, customer, name, content, labels)


def names(customer: int, *sources: str) -> list[str]:
    end_reading()
    return [row.filename for row in page_of_documents(customer, sources or ("upload",), 50).rows]


@pytest.mark.feature("R-28")
def test_a_file_is_kept_with_who_brought_it_and_stands_among_the_activities() -> None:
    customer = shop.somebody()
    number = keep(customer, "Vertrag.pdf", labels=Labels("Rahmenvertrag 2026", "Unterschrieben am Montag."))
    row = get_document(customer, number)
    assert row is not None and (row.name, row.filename, row.uploaded_by) == (
        "Rahmenvertrag 2026", "Vertrag.pdf", "Jule Petersen"
    )  # fmt: skip
    told = of_customer(customer)[0]
    assert (told.code, told.object_id) == ("document.uploaded", number)
    assert documents.read_document(customer, number).content == PDF


@pytest.mark.feature("S12")
def test_a_picture_is_shown_only_as_it_was_drawn_anew() -> None:
    customer, original = shop.somebody(), picture()
    number = keep(customer, "Foto.jpg", original)
    shown = documents.read_preview(customer, number).content
    assert PLACE.encode() in original and PLACE.encode() not in shown and b"<script>" not in shown
    with Image.open(io.BytesIO(shown)) as small:
        assert (small.format, small.size) == ("JPEG", (SIDE, SIDE // 2)) and not small.getexif()
    assert documents.read_document(customer, number).content == original


@pytest.mark.feature("S12")
def test_what_is_no_picture_is_kept_without_one() -> None:
    customer = shop.somebody()
    assert preview_of(PDF, "application/pdf") is None
    pdf = keep(customer)
    with pytest.raises(NotFound):
        documents.read_preview(customer, pdf)


@pytest.mark.feature("S12")
@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("../../etc/passwd.pdf", PDF, "passwd.pdf"),
        ("C:\\Briefe\\An uns.pdf", PDF, "An uns.pdf"),
        ("x" * 300 + ".pdf", PDF, "x" * 196 + ".pdf"),
        ("rechnung.pdf.exe", PDF, "rechnung.pdf.pdf"),
        ("rechnung.exe", PDF, "rechnung.pdf"),
        ("\u202egpj.exe.pdf", PDF, "gpj.exe.pdf"),
        ("a\x00b\r\nc.pdf", PDF, "a-b-c.pdf"),
        (".pdf", PDF, "pdf.pdf"),
        ("quelltext.txt", b"<html><script>alert(1)</script>", "quelltext.txt"),
        ("notiz", "Größe < 5 <html>".encode(), "notiz.txt"),
        ("post.eml", b"From: a@b.example\nSubject: Hallo\n\nText", "post.eml"),
        ("alt.csv", "Größe;Preis".encode("cp1252"), "alt.csv"),
        ("brief.docx", archive("word/document.xml"), "brief.docx"),
        ("rad.html", picture((60, 40), "GIF"), "rad.gif"),
    ],
)  # fmt: skip
def test_a_name_is_harmless_and_says_what_is_in_the_file(name: str, content: bytes, kept: str) -> None:
    customer = shop.somebody()
    keep(customer, name, content)
    (found,) = names(customer)
    assert found == kept
    assert len(found) <= 200 and not set(found) & set("/\\\x00\r\n\u202e")


@pytest.mark.feature("S12")
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"MZ\x90\x00" + bytes(90), "file_unknown_type"),
        (b"\x7fELF\x02\x01", "file_unknown_type"),
        (archive("a.txt"), "file_unknown_type"),
        (archive("word/document.xml", "word/vbaProject.bin"), "file_unknown_type"),
        (archive("word/document.xml", *(f"{n}.xml" for n in range(uploads.MOST_PARTS))), "file_unknown_type"),
        (b"PK\x03\x04" + bytes(40), "file_unknown_type"),
        (b"x" * 10_000_001, "file_too_large"),
        (b"GIF89a<script>alert(1)</script>", "picture_broken"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "picture_broken"),
        (picture((900, 600), "PNG")[:900], "picture_broken"),
        (picture((900, 600))[:3000], "picture_broken"),
        (picture((900, 600), "WEBP")[:200], "picture_broken"),
        (picture((6000, 5000), "PNG"), "picture_too_large"),
    ],
)  # fmt: skip
def test_what_is_nothing_that_people_read_is_refused_and_leaves_nothing(content: bytes, code: str) -> None:
    customer = shop.somebody()
    with pytest.raises(Invalid) as refused:
        keep(customer, "brief.pdf", content)
    assert (refused.value.field, refused.value.code) == ("file", code)
    assert db.session.scalar(select(func.count()).select_from(File)) == 0


@pytest.mark.feature("S12")
def test_a_picture_that_would_fill_the_memory_is_refused_before_a_dot_of_it_is_decoded() -> None:
    width_and_height = (60_000).to_bytes(4, "big") * 2
    header = b"IHDR" + width_and_height + b"\x08\x06\x00\x00\x00"
    bomb = b"\x89PNG\r\n\x1a\n" + bytes([0, 0, 0, 13]) + header + zlib.crc32(header).to_bytes(4, "big")
    bomb += bytes(4) + b"IDAT" + zlib.crc32(b"IDAT").to_bytes(4, "big")
    with pytest.raises(Invalid) as refused:
        keep(shop.somebody(), "bombe.png", bomb)
    assert (refused.value.code, refused.value.facts["most"]) == ("picture_too_large", 25)


@pytest.mark.feature("S12")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("seite.html", b"<html><script>alert(1)</script>"),
        ("C:\\Seiten\\seite.HTM", b"Nur Text"),
        ("bild.svg", b"<svg xmlns='x' onload='alert(1)'/>"),
        ("bild.png", b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- von Hand -->\n<svg onload='alert(1)'/>"),
        ("rechnung.pdf", b"  <!DOCTYPE html><title>Rechnung</title>"),
        ("seite", b"<HTML>"),
    ],
)
def test_pages_and_drawings_that_a_browser_would_run_are_refused_and_never_become_text(
    name: str, content: bytes
) -> None:
    with pytest.raises(Invalid) as refused:
        keep(shop.somebody(), name, content)
    assert (refused.value.field, refused.value.code) == ("file", "file_is_markup")
    assert db.session.scalar(select(func.count()).select_from(File)) == 0


def test_the_same_file_twice_is_there_once() -> None:
    customer = shop.somebody()
    keep(customer)
    with pytest.raises(AlreadyDone):
        keep(customer, "noch einmal.pdf")
    assert names(customer) == ["Vertrag.pdf"]
    keep(shop.somebody("Anders"))


def test_a_customer_has_room_for_so_much_and_no_more(app: Flask) -> None:
    customer = shop.somebody()
    app.config["KONTOR"] = replace(app.config["KONTOR"], upload_total_mb=1)
    keep(customer, "a.txt", b"a" * 600_000)
    with pytest.raises(Invalid) as refused:
        keep(customer, "b.txt", b"b" * 600_000)
    assert refused.value.code == "files_full"
    (number,) = db.session.scalars(select(Document.id))
    documents.delete_document(JULE, customer, number, "Alt")
    keep(customer, "b.txt", b"b" * 600_000)


@pytest.mark.feature("R-28")
def test_who_deletes_says_why_the_bytes_go_and_the_line_stays() -> None:
    customer = shop.somebody()
    number = keep(customer, "Foto.jpg", picture((40, 40)))
    keys = list(db.session.scalars(select(File.storage_key)))
    for reason in ("  ", "x" * 201, "zwei\nZeilen"):
        with pytest.raises(Invalid) as refused:
            documents.delete_document(JULE, customer, number, reason)
        assert refused.value.field == "reason"
    documents.delete_document(JULE, customer, number, "Falsche Person")
    assert len(keys) == 2 and not any(files.path_of(key).exists() for key in keys)
    end_reading()
    (row,) = page_of_documents(customer, ("upload",), 10).rows
    assert (row.deleted_by, row.deleted_reason) == ("Jule Petersen", "Falsche Person")
    assert of_customer(customer)[0].code == "document.deleted"
    with pytest.raises(AlreadyDone):
        documents.delete_document(JULE, customer, number, "Noch einmal")
    for read in (documents.read_document, documents.read_preview):
        with pytest.raises(NotFound):
            read(customer, number)
    assert get_document(customer, number) is None


def test_a_document_that_a_waiting_mail_brings_cannot_be_deleted() -> None:
    customer = shop.somebody()
    number = keep(customer)
    order = {"customer_id": customer, "facts": {"documents": [number]}}
    message = messages.order("brief:1", "customer_message", "a@b.example", **order)
    with pytest.raises(NotAllowed, match="document_in_waiting_mail"):
        documents.delete_document(JULE, customer, number, "Weg")
    messages.stop(JULE, message or 0)
    documents.delete_document(JULE, customer, number, "Weg")


def test_of_two_who_rename_at_once_the_second_is_told() -> None:
    customer = shop.somebody()
    number = keep(customer)
    seen = documents.UNNAMED.digest
    documents.label_document(JULE, customer, number, seen, Labels("Vertrag", ""))
    assert of_customer(customer)[0].changes == [("title", "", "Vertrag")]
    with pytest.raises(Conflict):
        documents.label_document(JULE, customer, number, seen, Labels("Anderer Titel", ""))


@pytest.mark.feature("S12")
def test_another_customer_s_document_is_not_there() -> None:
    mine, other = shop.somebody(), shop.somebody("Anders")
    number = keep(mine)
    assert get_document(other, number) is None
    for deed in (
        lambda: documents.read_document(other, number), lambda: documents.delete_document(JULE, other, number, "Weg"),
        lambda: documents.label_document(JULE, other, number, documents.UNNAMED.digest, Labels("Meins")),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            deed()


@pytest.mark.feature("D-11")
def test_what_a_merged_record_brought_stands_with_its_survivor() -> None:
    gone, stays = shop.somebody(), shop.somebody("Bleibt")
    number = keep(gone)
    with write() as session:
        session.execute(update(Customer).where(Customer.id == gone).values(survivor_id=stays))
    assert names(stays) == ["Vertrag.pdf"]
    assert documents.read_document(stays, number).content == PDF
    with pytest.raises(AlreadyDone):
        keep(stays)


def test_papers_of_invoices_stand_beside_what_people_brought_for_who_may_see_them() -> None:
    shop.stock()
    customer = shop.somebody()
    shop.contract(customer)
    shop.bill("2026-01-01")
    keep(customer)
    (invoice,) = shop.invoices()
    papers.draw(papers.to_send(invoice.id)[0])
    assert len(names(customer, "upload", "paper")) == 2 and names(customer, "upload") == ["Vertrag.pdf"]


@pytest.mark.feature("DSG-5")
def test_erasure_takes_documents_with_their_bytes_and_their_words() -> None:
    customer = shop.somebody()
    number = keep(customer, "Ausweis.jpg", picture((40, 40)), Labels("Ausweis von Frau Geheimnisvoll"))
    customer_erasure.delete_customer(JULE, customer)
    end_reading()
    assert db.session.scalar(select(func.count()).select_from(Document)) == 0
    assert {row.erased_at is None for row in db.session.scalars(select(File))} == {False}
    assert not [text for text in db.session.scalars(select(ActivityDetail.details)) if "Geheimnisvoll" in text]
    with pytest.raises(KontorError):
        documents.read_document(customer, number)
