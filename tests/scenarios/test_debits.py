"""The diary of a direct debit that comes back after seven weeks (SEP-5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from extensions import db
from models import Debit, Mandate, Receivable
from services import clock, company, debit_returns, debits, mandates, payment_files
from services.actor import SYSTEM
from services.mandates import Grant
from services.unit import end_reading
from tests.scenarios.story import Story

OURS, THEIRS = "DE89370400440532013000", "DE02120300000000202051"


@pytest.fixture(autouse=True)
def a_creditor(context: Flask) -> Iterator[None]:
    company.change_company(SYSTEM, {"creditor_id": "DE98ZZZ09999999999", "iban": OURS, "name": "Beispiel GmbH"})
    yield


def the_debit() -> Debit:
    end_reading()
    return db.session.scalars(select(Debit).order_by(Debit.id.desc()).execution_options(populate_existing=True)).first()


def open_sums() -> list[tuple[str, int]]:
    end_reading()
    rows = db.session.scalars(select(Receivable).order_by(Receivable.id).execution_options(populate_existing=True))
    return [(row.cause or row.kind, row.open_cents) for row in rows]


@pytest.mark.feature("SEP-5", "X-05", "M2-19")
def test_a_debit_comes_back_after_seven_weeks(story: Story) -> None:
    with clock.stand_at(date(2027, 1, 4)):
        customer = story.on("2027-01-04").customer()
        mandates.grant(SYSTEM, customer, Grant(iban=THEIRS))
    story.on("2027-01-04").subscribe("10.00", customer=customer)
    assert story.on("2027-01-04").run().issued == 1
    debit = the_debit()
    assert (debit.state, debit.collect_on) == ("planned", date(2027, 1, 18))

    with clock.stand_at(date(2027, 1, 14)):
        (file_id,) = payment_files.make_debit_files(SYSTEM, date(2027, 1, 18)).file_ids
        payment_files.submit(SYSTEM, file_id)
    with clock.stand_at(date(2027, 1, 19)):
        debits.mark_file_paid(SYSTEM, file_id, date(2027, 1, 18))
    assert open_sums() == [("invoice", 0)] and story.check_books() == []

    with clock.stand_at(date(2027, 3, 8)):  # within the eight weeks in which nobody has to say why
        debit_returns.returned(SYSTEM, debit.end_to_end_id, "MD06", date(2027, 3, 8), 300)
    assert open_sums() == [("invoice", 1190), ("returned_debit", 300)]
    assert the_debit().state == "returned" and db.session.scalars(select(Mandate.state)).one() == "active"
    assert story.check_books() == []

    story.on("2027-03-15").pay(story.invoices()[0].number)
    assert open_sums() == [("invoice", 0), ("returned_debit", 300)] and story.check_books() == []
