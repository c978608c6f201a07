"""Reports by mail: what a run did, whom it left out and why, and what the nightly check found."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select, update

from extensions import db
from models import Company, Customer, Message
from services import billing_run, mail_facts, messages, reports
from services.actor import SYSTEM
from services.load import seed_load
from services.unit import end_reading, write

DAY = date(2026, 11, 1)


def settle(**company: str) -> None:
    with write() as session:
        session.execute(update(Company).values(**company))


def sent(event: str) -> Message | None:
    """The mail about an event as it went out; None where none was ordered."""
    end_reading()
    found = db.session.scalars(select(Message.id).where(Message.event == event)).one_or_none()
    if found is None:
        return None
    messages.send(found)
    end_reading()
    return db.session.get_one(Message, found)


@pytest.mark.feature("EB-25")
@pytest.mark.feature("EB-26")
def test_the_report_of_a_run_has_its_sums_and_names_who_was_left_out_by_number(context: Flask) -> None:
    settle(report_email="chefin@radwerk.example")
    seed_load(SYSTEM, 3, DAY)
    with write() as session:
        values = {"first_name": "", "last_name": "", "organization": ""}
        session.execute(update(Customer).where(Customer.id == 2).values(**values))
    run_id = billing_run.bill(DAY, SYSTEM).run_id
    reports.report_run(run_id)
    mail = sent(f"run:{run_id}")
    assert mail is not None and mail.recipient == "chefin@radwerk.example"
    assert mail.subject == "[Muster] Rechnungslauf vom 01.11.2026: 2 ausgestellt, 1 zurückgestellt"
    body, number = mail.body or "", db.session.get_one(Customer, 2).number
    assert "Fällig: 3\nAusgestellt: 2\nÜbersprungen: 0\nZurückgestellt: 1" in body
    assert f"- Kunde {number}: Angaben, die das Gesetz verlangt, fehlen" in body
    assert "€ netto" in body and "€ brutto" in body
    for customer in db.session.scalars(select(Customer)).all():
        assert not customer.last_name or customer.last_name not in body


def test_a_run_is_reported_once(context: Flask) -> None:
    settle(report_email="chefin@radwerk.example", language_code="en")
    seed_load(SYSTEM, 1, DAY)
    run_id = billing_run.bill(DAY, SYSTEM).run_id
    for _ in range(3):
        reports.report_run(run_id)
    assert reports.unreported_runs() == []
    mail = sent(f"run:{run_id}")
    assert mail is not None and mail.subject == "[Sample] Billing run of 1 Nov 2026: 1 issued"


def test_an_unfinished_run_is_not_reported_yet(context: Flask) -> None:
    settle(report_email="chefin@radwerk.example")
    seed_load(SYSTEM, 1, DAY)
    run_id = billing_run.start(DAY, SYSTEM, ring=False)
    reports.report_run(run_id)
    assert sent(f"run:{run_id}") is None
    billing_run.bill(DAY, SYSTEM)  # brings it to its end and orders the report itself
    assert reports.unreported_runs() == []
    assert sent(f"run:{run_id}") is not None


def test_where_nobody_is_named_nobody_is_mailed(context: Flask) -> None:
    settle(report_email="")
    seed_load(SYSTEM, 1, DAY)
    run_id = billing_run.bill(DAY, SYSTEM).run_id
    reports.report_run(run_id)
    reports.report_books(DAY, 0, [])
    assert sent(f"run:{run_id}") is None and sent("books:2026-11-01") is None


@pytest.mark.parametrize(
    ("language", "subject", "line"),
    [
        ("de", "[Muster] Prüfung der Bücher vom 01.11.2026: 61 Befunde", "- und 11 weitere"),
        ("en", "[Sample] Check of the books of 1 Nov 2026: 61 findings", "- and 11 more"),
    ],
)
def test_findings_of_the_night_are_named_without_their_facts(
    context: Flask, language: str, subject: str, line: str
) -> None:
    settle(report_email="chefin@radwerk.example", language_code=language)
    findings = [
        {"rule": "L6", "table": "invoices", "id": n, "code": "document_changed", "facts": {"number": "RE-GEHEIM"}}
        for n in range(60)
    ]
    reports.report_books(DAY, 61, findings)
    mail = sent("books:2026-11-01")
    assert mail is not None and mail.subject == subject
    body = mail.body or ""
    assert body.count("document_changed") == mail_facts.MOST_NAMED and line in body
    assert "RE-GEHEIM" not in body


@pytest.mark.parametrize("code", list(mail_facts.REASONS))
def test_every_known_reason_has_words_in_both_languages(code: str) -> None:
    german, english = mail_facts.reason(code, "de"), mail_facts.reason(code, "en")
    assert german and english and german != english and "_" not in german + english


def test_an_unknown_reason_stands_for_itself() -> None:
    assert mail_facts.reason("a_new_code", "de") == "a new code"
