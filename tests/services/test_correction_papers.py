"""What the papers of corrections and one-off invoices say, read from their frozen rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from billing.money import Money
from documents.invoice import draw_invoice
from extensions import db
from models import InvoiceLine, Receivable
from services import clock, texts
from services.actor import SYSTEM
from services.corrections import Part, cancel, correct
from services.customers import create_customer
from services.draft_paper import draft_paper
from services.drafts import Position, create_draft, issue_draft
from services.paper_data import invoice_paper
from services.payments import record_payment
from services.unit import end_reading

DAY = date(2026, 11, 9)
NOTICE = "Hinweis für Verbraucher: Sie geraten spätestens in Verzug"
WORK = Position("Beratung", Decimal(100), Decimal(3), discount_percent=Decimal(10))


@pytest.fixture(autouse=True)
def today(context: Flask) -> Iterator[None]:
    with clock.stand_at(DAY):
        yield


def draft(kind: str = "business") -> int:
    name = {"organization": "Nordlicht GmbH"} if kind == "business" else {"last_name": "Musterfrau"}
    address = {"address": "Lindenallee 1", "zipcode": "20095", "city": "Hamburg"}
    customer = create_customer(SYSTEM, {"customer_type": kind, **name, **address})
    supplied = {"service_from": date(2026, 11, 1), "service_last": date(2026, 11, 30), "is_gross": False}
    return create_draft(SYSTEM, customer, supplied, [WORK])


def issued(kind: str = "business") -> int:
    made = draft(kind)
    issue_draft(SYSTEM, made)
    end_reading()
    return made


def line_of(invoice_id: int) -> int:
    end_reading()
    return db.session.scalars(select(InvoiceLine.id).where(InvoiceLine.invoice_id == invoice_id)).one()


@pytest.mark.feature("COR-1")
def test_a_cancellation_names_its_invoice_and_asks_for_nothing() -> None:
    made = issued()
    paper = invoice_paper(cancel(SYSTEM, made, reason=""))
    assert (paper.kind, paper.number, paper.due_on, paper.payment_text) == ("cancellation", "SR-2026-00001", None, "")
    assert paper.original == "RE-2026-00001, 09.11.2026"
    assert paper.notes == ("Diese Rechnung hebt die Rechnung RE-2026-00001 vom 09.11.2026 auf.",)
    (line,) = paper.lines
    assert (line.quantity, line.amount_cents, line.discounts) == (-3, -27000, (("Rabatt 10 %", -3000),))
    assert (paper.net_cents, paper.tax_cents, paper.gross_cents) == (-27000, -5130, -32130)


@pytest.mark.feature("EB-39")
def test_a_correction_by_days_prints_the_days_and_what_they_are_counted_of() -> None:
    made = issued()
    paper = invoice_paper(correct(SYSTEM, made, [Part(line_of(made), unserved_from=date(2026, 11, 21))], reason=""))
    (line,) = paper.lines
    assert "Nicht erbracht: 10 von 30 Tagen" in line.description
    assert (line.period_start, line.period_last) == (date(2026, 11, 21), date(2026, 11, 30))
    assert paper.notes == ("Diese Rechnung korrigiert die Rechnung RE-2026-00001 vom 09.11.2026.",)


@pytest.mark.feature("D-9")
def test_a_correction_says_what_becomes_of_money_that_was_paid() -> None:
    made = issued()
    owed = db.session.scalars(select(Receivable).where(Receivable.invoice_id == made)).one()
    record_payment(SYSTEM, owed.id, Money(20000, "EUR"))
    paper = invoice_paper(cancel(SYSTEM, made, reason=""))
    assert paper.notes[-1].replace("\xa0", " ") == (
        "Davon waren 200,00 € bereits bezahlt. Wir schreiben sie Ihrem Guthaben zu."
    )


@pytest.mark.feature("MAH-1")
@pytest.mark.parametrize(("kind", "noticed"), [("consumer", True), ("business", False)])
def test_an_invoice_tells_consumers_when_they_are_in_default(kind: str, noticed: bool) -> None:
    made = issued(kind)
    assert any(note.startswith(NOTICE) for note in invoice_paper(made).notes) is noticed
    assert not any(note.startswith(NOTICE) for note in invoice_paper(cancel(SYSTEM, made, reason="")).notes)


@pytest.mark.feature("MAH-1")
@pytest.mark.feature("GOB-1")
def test_the_notice_stands_as_it_was_when_the_invoice_was_issued() -> None:
    made = issued("consumer")
    seen = texts.wording("paper", "consumer_notice", "de").digest
    texts.save(SYSTEM, "paper", "consumer_notice", "de", subject="", body="Anders.", seen=seen)
    end_reading()
    assert invoice_paper(made).notes[-1].startswith(NOTICE)
    assert invoice_paper(issued("consumer")).notes[-1] == "Anders."


@pytest.mark.feature("M1-08")
def test_a_draft_is_drawn_as_what_it_would_be() -> None:
    made = draft("consumer")
    paper = draft_paper(made)
    assert (paper.kind, paper.number, paper.gross_cents, paper.issued_on) == ("draft", "", 32130, DAY)
    assert paper.lines[0].discounts == (("Rabatt 10 %", 3000),) and paper.notes[-1].startswith(NOTICE)
    assert draw_invoice(paper)[:5] == b"%PDF-"
