"""The tab with a customer's files, as people use it (R-28, S12)."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from extensions import db
from models import Document
from services import documents
from services.actor import SYSTEM
from tests.admin.conftest import Desk
from tests.admin.furniture import XSS, House
from tests.services.test_documents import PDF, picture

TAB = "/admin/customers/documents"


def upload(desk: Desk, customer: int, *given: tuple[str, bytes], **values: str) -> str:
    return desk.post(f"{TAB}/upload/", {
        "id": customer, "files": [(io.BytesIO(content), name) for name, content in given], **values,
    })  # fmt: skip


def newest(app: Flask) -> int:
    with app.app_context():
        found = db.session.scalars(select(Document.id).order_by(Document.id.desc())).first()
        db.session.remove()
    return found or 0


@pytest.mark.feature("R-28")
def test_several_files_at_once_each_for_itself(owner: Desk, people: Flask, house: House) -> None:
    page = upload(owner, house.customer, ("Vertrag.pdf", PDF), ("Rad.jpg", picture((60, 40))), ("virus.exe", b"MZ\x00"))
    assert "2 Dateien sind abgelegt." in page and "„virus.exe“ wurde nicht abgelegt" in page
    assert ">Vertrag.pdf</a>" in page and ">Rad.jpg</a>" in page and "Petra Inhaber" in page


@pytest.mark.feature("S12")
def test_nothing_that_was_brought_is_ever_served_to_be_run(owner: Desk, people: Flask, house: House) -> None:
    for name, content in (("a.txt", b"<svg onload=alert(1)>"), ("b.csv", b"<script>alert(1)</script>")):
        upload(owner, house.customer, (name, content))
        at = f"?id={house.customer}&document={newest(people)}"
        answer = owner.client.get(f"{TAB}/download/{at}")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Type"].startswith("text/plain")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["Cache-Control"] == "no-store"
        owner.get(f"{TAB}/page/{at}", 404)
        owner.get(f"{TAB}/picture/{at}", 404)
        assert "wird hier nicht gezeigt" in owner.get(f"{TAB}/look/{at}")


@pytest.mark.feature("S12")
def test_a_page_a_drawing_and_half_a_picture_are_refused_at_the_field_with_what_is_accepted(
    owner: Desk, people: Flask, house: House
) -> None:
    page = upload(owner, house.customer, ("seite.html", b"<html>"))
    told = page.partition('name="files"')[2].partition('name="title"')[0]
    assert "„seite.html“ wurde nicht abgelegt: HTML-Seiten und SVG-Zeichnungen nehmen wir nicht an" in told
    assert "Möglich sind PDF, Bilder (PNG, JPEG, GIF, WebP), reiner Text" in told
    page = upload(owner, house.customer, ("rad.png", picture((900, 600), "PNG")[:900]))
    assert "„rad.png“ wurde nicht abgelegt: Dieses Bild ist beschädigt oder nicht vollständig" in page
    assert newest(people) == 0


def test_another_ending_than_it_came_with_is_told(owner: Desk, people: Flask, house: House) -> None:
    page = upload(owner, house.customer, ("Zahlen.xml", b"<zahlen/>"))
    assert "„Zahlen.xml“ liegt hier als „Zahlen.txt“" in page
    assert "liegt hier als" not in upload(owner, house.customer, ("Rad.JPG", picture((60, 40))))


@pytest.mark.feature("S12")
def test_a_pdf_is_shown_in_a_frame_that_lets_nothing_run_and_a_picture_as_drawn_anew(
    owner: Desk, people: Flask, house: House
) -> None:
    upload(owner, house.customer, ("Vertrag.pdf", PDF))
    at = f"?id={house.customer}&document={newest(people)}"
    assert "<iframe" in owner.get(f"{TAB}/look/{at}")
    answer = owner.client.get(f"{TAB}/page/{at}")
    assert (answer.data, answer.mimetype) == (PDF, "application/pdf")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'; frame-ancestors 'self'")
    upload(owner, house.customer, ("Rad.jpg", picture((60, 40))))
    at = f"?id={house.customer}&document={newest(people)}"
    assert '<img class="preview"' in owner.get(f"{TAB}/look/{at}")
    shown = owner.client.get(f"{TAB}/picture/{at}")
    assert shown.mimetype == "image/jpeg" and b"<script>" not in shown.data
    owner.get(f"{TAB}/page/{at}", 404)


def test_what_is_too_large_or_nothing_is_told_at_the_field(owner: Desk, people: Flask, house: House) -> None:
    assert "Bitte wählen Sie eine Datei." in upload(owner, house.customer)
    page = upload(owner, house.customer, ("groß.txt", b"x" * 10_000_001), title="Bleibt stehen")
    assert "Diese Datei ist zu groß (höchstens 10 MB)." in page and 'value="Bleibt stehen"' in page
    token = owner.own_token()
    values = {"csrf_token": token, "id": house.customer, "files": (io.BytesIO(b"x" * 22_000_000), "riesig.txt")}
    assert owner.client.post(f"{TAB}/upload/", data=values).status_code == 413
    assert newest(people) == 0


def test_a_title_is_for_one_file(owner: Desk, house: House) -> None:
    page = upload(owner, house.customer, ("a.txt", b"a"), ("b.txt", b"b"), title="Beide")
    assert "Ein Titel gilt für eine Datei." in page


@pytest.mark.feature("R-28")
def test_it_is_renamed_and_deleted_with_a_reason(owner: Desk, people: Flask, house: House) -> None:
    upload(owner, house.customer, ("Vertrag.pdf", PDF))
    at = {"id": house.customer, "document": newest(people)}
    page = owner.post(f"{TAB}/label/", {**at, "title": XSS, "note": "zwei\nZeilen"})
    assert "<svg" not in page and "&lt;svg onload" in page
    assert "Bitte füllen Sie dieses Feld aus" in owner.post(f"{TAB}/delete/", {**at, "reason": " "})
    page = owner.post(f"{TAB}/delete/", {**at, "reason": "Doppelt"})
    assert "Doppelt" in page and "gelöscht" in page and "/download/" not in page.partition("Doppelt")[2][:400]
    owner.get(f"{TAB}/download/?id={house.customer}&document={at['document']}", 404)
    card = owner.get(f"/admin/customers/details/?id={house.customer}")
    assert "Dokument hochgeladen" in card and "Dokument gelöscht" in card


@pytest.mark.feature("S22")
def test_another_customer_s_document_is_not_found(owner: Desk, people: Flask, house: House) -> None:
    upload(owner, house.customer, ("Vertrag.pdf", PDF))
    at = f"?id={house.hostile}&document={newest(people)}"
    for view in ("look", "download", "page", "picture", "label", "delete"):
        owner.get(f"{TAB}/{view}/{at}", 404)


@pytest.mark.feature("S22")
def test_who_may_only_see_is_offered_nothing_more(desk_of: Callable[[str], Desk], people: Flask, house: House) -> None:
    with people.app_context():
        documents.keep_document(SYSTEM, house.customer, "Vertrag.pdf", PDF)
        db.session.remove()
    page = desk_of("Buchhaltung").get(f"{TAB}/?id={house.customer}")
    assert "Vertrag.pdf" in page and "/upload/" not in page and "/delete/" not in page


def test_an_empty_tab_says_what_will_stand_there(owner: Desk, house: House) -> None:
    page = owner.get(f"{TAB}/?id={house.hostile}")
    assert "Noch keine Dateien." in page and "Erste Datei hochladen" in page
