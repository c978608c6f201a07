"""A document by its link: no login, one drawing, nothing kept on the way (S27, F9)."""

from __future__ import annotations

import threading
from datetime import date
from hashlib import sha256

import pytest
from flask import Flask
from sqlalchemy import select, update

from extensions import db
from models import Company, File, Invoice, Paper
from services import billing_run, customer_status, files, paper_links, papers
from services.actor import SYSTEM
from services.load import seed_load
from services.unit import end_reading, write

DAY = date(2026, 11, 1)


@pytest.fixture
def token(app: Flask) -> str:
    """The link of an issued invoice whose paper nobody has drawn yet."""
    with app.app_context():
        seed_load(SYSTEM, 1, DAY)
        billing_run.bill(DAY, SYSTEM)
        end_reading()
        return db.session.scalars(select(Paper.token)).one()


def test_the_link_gives_the_pdf_without_login_and_draws_it_at_once(app: Flask, token: str) -> None:
    answer = app.test_client().get(f"/download/{token}")
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF")
    assert answer.mimetype == "application/pdf"
    with app.app_context():
        number = db.session.scalars(select(Invoice.number)).one()
        assert answer.headers["Content-Disposition"] == f"inline; filename={number}.pdf"
        assert db.session.scalars(select(File.sha256)).one() == sha256(answer.data).hexdigest()


@pytest.mark.feature("D-12")
@pytest.mark.parametrize("action", ["block", "deactivate"])
def test_whatever_the_status_the_link_works(app: Flask, token: str, action: str) -> None:
    with app.app_context():
        customer_status.change_status(SYSTEM, 1, action)
    assert app.test_client().get(f"/download/{token}").data.startswith(b"%PDF")


@pytest.mark.feature("GOB-3")
def test_the_link_gives_the_same_bytes_every_time(app: Flask, token: str) -> None:
    client = app.test_client()
    assert client.get(f"/download/{token}").data == client.get(f"/download/{token}").data


@pytest.mark.feature("F9")
def test_ten_readers_at_the_same_moment_get_one_drawing(app: Flask, token: str) -> None:
    barrier = threading.Barrier(10)
    bodies: list[bytes] = []

    def read() -> None:
        barrier.wait()
        bodies.append(app.test_client().get(f"/download/{token}").data)

    threads = [threading.Thread(target=read) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bodies) == 10 and len(set(bodies)) == 1 and bodies[0].startswith(b"%PDF")
    with app.app_context():
        assert db.session.scalars(select(Paper.attempts)).one() == 1
        assert len(db.session.scalars(select(File)).all()) == 1


@pytest.mark.feature("S27")
def test_no_cache_keeps_a_private_document_and_no_page_learns_its_link(app: Flask, token: str) -> None:
    headers = app.test_client().get(f"/download/{token}").headers
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_an_unknown_a_revoked_and_a_misspelt_link_answer_alike(app: Flask, token: str) -> None:
    with app.app_context():
        papers.draw(1)
        paper_links.revoke_link(SYSTEM, 1)
    client = app.test_client()
    answers = [client.get(f"/download/{text}") for text in (token, "a" * 43, token[:-1], "x", "%2e%2e%2fetc")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1


@pytest.mark.feature("F9")
def test_a_document_that_cannot_be_drawn_yet_says_so_kindly(app: Flask) -> None:
    with app.app_context():
        logo = files.store(b"broken", "logo.png", "image/png", "logo")
        with write() as session:
            session.execute(update(Company).values(logo_file_id=logo))
        seed_load(SYSTEM, 1, DAY)
        billing_run.bill(DAY, SYSTEM)
        end_reading()
        token = db.session.scalars(select(Paper.token)).one()
    answer = app.test_client().get(f"/download/{token}")
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "120"
    assert "Ihr Dokument wird gerade erstellt" in answer.text
    with app.app_context():
        paper = db.session.scalars(select(Paper)).one()
        assert (paper.state, paper.error) == ("failed", "broken_logo")


def test_bytes_changed_on_the_disk_are_not_handed_out(app: Flask, token: str) -> None:
    client = app.test_client()
    client.get(f"/download/{token}")
    with app.app_context():
        files.path_of(db.session.scalars(select(File.storage_key)).one()).write_bytes(b"%PDF forged")
    answer = client.get(f"/download/{token}")
    assert answer.status_code == 503 and b"forged" not in answer.data


def test_a_number_with_an_umlaut_is_a_safe_and_readable_name(app: Flask, token: str) -> None:
    with app.app_context():
        file_id = papers.draw(1)
        with write() as session:
            session.execute(update(File).where(File.id == file_id).values(filename="RÜ-1.pdf"))
    disposition = app.test_client().get(f"/download/{token}").headers["Content-Disposition"]
    assert disposition == "inline; filename=RU-1.pdf; filename*=UTF-8''R%C3%9C-1.pdf"
