"""An issued invoice gets its paper once, and stands even where it gets none (F9, GOB-3)."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select, update

from billing.errors import AlreadyDone, KontorError
from extensions import db
from models import Activity, Company, Customer, File, Invoice, Paper
from services import billing_run, clock, files, paper_data, paper_links, papers
from services.actor import SYSTEM
from services.load import seed_load
from services.papers import PaperRef
from services.unit import end_reading, write

DAY = date(2026, 11, 1)


def issue(customers: int = 1) -> list[int]:
    """Invoices with their papers still to be drawn; gives the papers' ids."""
    seed_load(SYSTEM, customers, DAY)
    billing_run.bill(DAY, SYSTEM)
    end_reading()
    return list(db.session.scalars(select(Paper.id).order_by(Paper.id)))


def give_logo(content: bytes) -> int:
    file_id = files.store(content, "logo.png", "image/png", "logo")
    with write() as session:
        session.execute(update(Company).values(logo_file_id=file_id))
    return file_id


def words(file_id: int) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(files.read(file_id).content)).pages)


def fails(paper_id: int) -> str:
    with pytest.raises(KontorError) as failure:
        papers.draw(paper_id)
    return failure.value.code


def test_the_paper_says_what_was_issued(context: Flask) -> None:
    (paper_id,) = issue()
    text = words(papers.draw(paper_id))
    invoice = db.session.scalars(select(Invoice)).one()
    assert invoice.number and invoice.number in text
    assert invoice.buyer["last_name"] in text and invoice.customer_number in text
    assert "01.11.2026–30.11.2026" in text
    assert "Radwerk Musterstadt GmbH" in text and "DE136695976" in text
    assert "Bitte überweisen Sie" in text.replace("\n", " ")
    stored = files.read(papers.get(paper_id).file_id or 0)
    assert (stored.filename, stored.media_type) == (f"{invoice.number}.pdf", "application/pdf")


@pytest.mark.feature("GOB-1")
@pytest.mark.feature("GOB-3")
def test_the_paper_is_drawn_from_frozen_rows_alone(context: Flask) -> None:
    (paper_id,) = issue()
    invoice_id = papers.get(paper_id).invoice_id
    before = paper_data.invoice_paper(invoice_id)
    end_reading()
    with write() as session:
        session.execute(update(Company).values(name="Ganz Neu AG", iban="DE89370400440532013000", mode="live"))
        session.execute(update(Customer).values(last_name="Umbenannt", address="Anderswo 1", language_code="en"))
    assert paper_data.invoice_paper(invoice_id) == before


@pytest.mark.feature("GOB-3")
def test_stored_bytes_are_never_drawn_again(context: Flask) -> None:
    (paper_id,) = issue()
    first = papers.draw(paper_id)
    content = files.read(first).content
    assert papers.draw(paper_id) == first
    assert files.read(first).content == content
    assert len(db.session.scalars(select(File)).all()) == 1
    with pytest.raises(AlreadyDone):
        papers.retry(SYSTEM, paper_id)


@pytest.mark.feature("F9")
def test_job_and_download_at_the_same_moment_draw_once(app: Flask) -> None:
    with app.app_context():
        (paper_id,) = issue()
    results: list[int] = []
    barrier = threading.Barrier(8)

    def draw() -> None:
        with app.app_context():
            barrier.wait()
            results.append(papers.draw(paper_id))

    threads = [threading.Thread(target=draw) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert len(results) == 8 and len(set(results)) == 1
        assert papers.get(paper_id).attempts == 1
        assert len(db.session.scalars(select(File)).all()) == 1


@pytest.mark.feature("F9")
def test_a_broken_logo_neither_stops_billing_nor_the_paper_for_ever(context: Flask, standing: None) -> None:
    give_logo(b"<html>not a picture</html>")
    (paper_id,) = issue()
    for attempt, minutes in ((1, 1), (2, 5)):
        assert fails(paper_id) == "broken_logo"
        paper = papers.get(paper_id)
        assert (paper.state, paper.error, paper.attempts) == ("failed", "broken_logo", attempt)
        assert paper.next_attempt_at == clock.instant() + timedelta(minutes=minutes)
        assert fails(paper_id) == "not_yet", "the pause is kept, however often somebody asks"
        papers.retry(SYSTEM, paper_id)
    assert "Radwerk Musterstadt GmbH" in words(papers.draw(paper_id))
    assert papers.get(paper_id).state == "drawn"
    assert "paper.drawn_without_logo" in db.session.scalars(select(Activity.code)).all()


@pytest.mark.feature("F9")
def test_a_logo_that_is_gone_from_the_store_is_left_out_like_a_broken_one(context: Flask, standing: None) -> None:
    logo = give_logo(b"x")
    (paper_id,) = issue()
    files.path_of(db.session.get_one(File, logo).storage_key).unlink()
    for _ in range(2):
        assert fails(paper_id) == "file_missing"
        papers.retry(SYSTEM, paper_id)
    assert papers.draw(paper_id) > 0


@pytest.mark.feature("F9")
def test_a_paper_that_fails_for_another_reason_is_tried_again_and_again(context: Flask, standing: None) -> None:
    (paper_id,) = issue()
    with write() as session:
        session.execute(update(Paper).values(invoice_id=_copy_without_letterhead(session)))
    for pause in (*papers.PAUSES, papers.PAUSES[-1]):
        assert fails(paper_id) == "letterhead"
        paper = papers.get(paper_id)
        assert (paper.state, paper.next_attempt_at) == ("failed", clock.instant() + pause)
        papers.retry(SYSTEM, paper_id)


def _copy_without_letterhead(session: db.Session) -> int:
    """An issued invoice whose letterhead was never frozen: a mistake of a program."""
    original = session.scalars(select(Invoice)).one()
    values = {c.key: getattr(original, c.key) for c in Invoice.__table__.columns if c.key not in ("id", "number")}
    values |= {"letterhead_id": None, "number_value": 99, "number": "RE-2026-00099"}
    copy = Invoice(**values)
    session.add(copy)
    session.flush()
    return copy.id


@pytest.mark.feature("F9")
def test_an_attempt_that_was_killed_is_taken_over_when_its_lease_is_over(context: Flask, standing: None) -> None:
    (paper_id,) = issue()
    assert papers._claim(paper_id) == 1
    assert papers._claim(paper_id) == 0
    with clock.stand_at(clock.instant() + papers.LEASE):
        assert papers.draw(paper_id) > 0
        assert papers.get(paper_id).attempts == 2


def test_a_late_failure_does_not_undo_a_paper_that_somebody_else_drew(context: Flask, standing: None) -> None:
    (paper_id,) = issue()
    slow = papers._claim(paper_id)
    with clock.stand_at(clock.instant() + papers.LEASE):
        papers.draw(paper_id)
        papers._note_failure(paper_id, slow, "drawing_failed")
        assert papers.get(paper_id).state == "drawn"


def test_what_waits_is_told_and_what_pauses_is_not(context: Flask, standing: None) -> None:
    give_logo(b"broken")
    first, second = issue(2)
    fails(first)
    assert papers.waiting(10) == [second]
    with clock.stand_at(clock.instant() + timedelta(minutes=1)):
        assert set(papers.waiting(10)) == {first, second}
        assert len(papers.waiting(1)) == 1


def test_an_invoice_is_found_by_its_link_until_the_link_is_revoked(context: Flask) -> None:
    (paper_id,) = issue()
    paper = papers.get(paper_id)
    assert paper_links.find_by_token(paper.token) == paper
    assert paper_links.link(paper.token) == f"http://127.0.0.1:8000/download/{paper.token}"
    paper_links.revoke_link(SYSTEM, paper_id)
    assert paper_links.find_by_token(paper.token) is None
    with pytest.raises(AlreadyDone):
        paper_links.revoke_link(SYSTEM, paper_id)


def test_the_link_of_a_drawn_paper_can_be_revoked_and_renewed_but_not_its_bytes(context: Flask) -> None:
    (paper_id,) = issue()
    papers.draw(paper_id)
    old = papers.get(paper_id).token
    paper_links.revoke_link(SYSTEM, paper_id)
    new = paper_links.renew_link(SYSTEM, paper_id)
    assert paper_links.find_by_token(old) is None
    found = paper_links.find_by_token(new)
    assert isinstance(found, PaperRef) and found.state == "drawn" and not found.revoked
    other = files.store(b"other", "x.pdf", "application/pdf")
    for values in ({"file_id": other}, {"file_id": None, "state": "pending"}, {"kind": "xml"}):
        with pytest.raises(Exception, match="a drawn paper stays"), write() as session:
            session.execute(update(Paper).where(Paper.id == paper_id).values(**values))


@pytest.mark.parametrize("token", ["", "x", "../../etc", "a" * 43, "a" * 65, "a" * 5000])
def test_no_other_token_finds_anything(context: Flask, token: str) -> None:
    issue()
    assert paper_links.find_by_token(token) is None


def test_ordering_a_paper_twice_makes_one(context: Flask) -> None:
    (paper_id,) = issue()
    invoice_id = papers.get(paper_id).invoice_id
    assert papers.order(invoice_id) == paper_id
    found = papers.paper_for_invoice(invoice_id)
    assert found is not None and found.id == paper_id
