"""Whom a run left out is billed once more, by the run's own steps, once."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from billing.errors import AlreadyDone, Conflict, NotFound
from extensions import db
from models import Activity, Company, Customer, Invoice, Message, ParkedCustomer, RunChunk
from queries.parked import find_parked
from queries.runs import get_run
from services import billing_run, clock, messages, parked, reports
from services.actor import SYSTEM, Actor
from services.customers import update_customer
from services.load import seed_load
from services.unit import end_reading, write

DAY = date(2026, 11, 1)
LATER = date(2026, 11, 9)
ANKE = Actor("staff", 7, "Anke")
NAMELESS = {"first_name": "", "last_name": "", "organization": ""}


def leave_out(customers: int = 3) -> int:
    """A run that parks customer 2, who has no name; gives its id."""
    seed_load(SYSTEM, customers, DAY)
    with write() as session:
        session.execute(update(Customer).where(Customer.id == 2).values(**NAMELESS))
    with clock.stand_at(DAY):
        return billing_run.bill(DAY, SYSTEM).run_id


def rows() -> list[ParkedCustomer]:
    end_reading()
    return list(db.session.scalars(select(ParkedCustomer).order_by(ParkedCustomer.id)).all())


def counts(run_id: int) -> tuple[int, int, int, int]:
    end_reading()
    names = ("due", "issued", "skipped", "failed")
    query = select(*(func.sum(getattr(RunChunk, name)) for name in names)).where(RunChunk.run_id == run_id)
    due, issued, skipped, failed = db.session.execute(query).one()
    return due, issued, skipped, failed


@pytest.mark.feature("EB-25")
@pytest.mark.feature("EB-26")
def test_a_mended_customer_is_billed_once_and_the_runs_report_follows(context: Flask) -> None:
    run_id = leave_out()
    assert counts(run_id) == (3, 2, 0, 1)
    (row,) = rows()
    update_customer(SYSTEM, 2, {"last_name": "Neumann"})
    with clock.stand_at(LATER):
        assert parked.retry(ANKE, row.id) == parked.Retried(1, ())
        with pytest.raises(AlreadyDone):
            parked.retry(ANKE, row.id)
    assert counts(run_id) == (3, 3, 0, 0) and rows()[0].resolved_at is not None
    bill = db.session.scalars(select(Invoice).where(Invoice.customer_id == 2)).one()
    assert (bill.issued_on, bill.run_id) == (LATER, run_id), "the paper bears the day on which it is issued"
    assert billing_run.bill(LATER, SYSTEM).counts.issued == 0
    codes = db.session.scalars(select(Activity.code).where(Activity.customer_id == 2)).all()
    assert list(codes).count("run.retried") == 1


def test_one_who_still_cannot_be_billed_stays_open_with_the_reason_of_now(context: Flask) -> None:
    run_id = leave_out()
    (row,) = rows()
    assert parked.retry(ANKE, row.id) == parked.Retried(0, ("missing_fields",))
    (again,) = rows()
    assert again.id == row.id and again.resolved_at is None and counts(run_id) == (3, 2, 0, 1)


def test_an_error_inside_becomes_the_reason_and_nothing_is_half_done(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = leave_out()
    update_customer(SYSTEM, 2, {"last_name": "Neumann"})

    def break_down(*_: object, **__: object) -> None:
        raise ValueError("DE02120300000000202051")

    monkeypatch.setattr("services.billing_chunk.issue", break_down)
    assert parked.retry(ANKE, rows()[0].id) == parked.Retried(0, ("unexpected",))
    settled, open_ = rows()
    assert (settled.code, open_.code, open_.facts) == ("missing_fields", "unexpected", {"kind": "ValueError"})
    assert settled.resolved_at is not None and open_.resolved_at is None and counts(run_id) == (3, 2, 0, 1)
    monkeypatch.undo()
    assert parked.retry(ANKE, open_.id).issued == 1 and counts(run_id) == (3, 3, 0, 0)


def test_a_house_that_may_not_issue_retries_nobody(context: Flask) -> None:
    leave_out()
    with write() as session:
        session.execute(update(Company).values(tax_number="", vat_id=""))
    with pytest.raises(Conflict):
        parked.retry(ANKE, rows()[0].id)
    assert rows()[0].resolved_at is None
    with pytest.raises(NotFound):
        parked.retry(ANKE, 4711)


def test_what_a_later_run_billed_is_settled_and_not_billed_again(context: Flask) -> None:
    leave_out()
    update_customer(SYSTEM, 2, {"last_name": "Neumann"})
    with clock.stand_at(LATER):
        billing_run.bill(LATER, SYSTEM)
        with pytest.raises(AlreadyDone):
            parked.retry(ANKE, rows()[0].id)


def test_the_list_of_those_left_out_is_narrowed_by_state_reason_and_name(context: Flask) -> None:
    run_id = leave_out()
    (row,) = find_parked("open", "", "", None).rows
    assert (row.customer_id, row.run_id, row.on_date, row.code) == (2, run_id, DAY, "missing_fields")
    assert find_parked("open", "missing_fields", row.number, None).rows == (row,)
    for state, code, search, before in (
        ("settled", "", "", None), ("all", "no_vat_rate", "", None), ("all", "", "niemand", None), ("all", "", "", 1),
    ):  # fmt: skip
        assert find_parked(state, code, search, before).rows == ()
    assert find_parked("open", "", "", None).codes == (("missing_fields", 1),)


def test_the_report_is_sent_again_when_somebody_asks(context: Flask) -> None:
    with write() as session:
        session.execute(update(Company).values(report_email="chefin@radwerk.example"))
    run_id = leave_out()
    card = get_run(run_id)
    assert card is not None and card.report is not None and card.report.recipient == "chefin@radwerk.example"
    reports.send_run_report_again(ANKE, run_id)
    end_reading()
    again = get_run(run_id)
    assert again is not None and again.report is not None and again.report.id > card.report.id
    messages.send(again.report.id)
    end_reading()
    mail = db.session.get_one(Message, again.report.id)
    assert f"/admin/runs/details/?id={run_id}" in (mail.body or "")


def test_a_report_that_nobody_would_get_is_refused(context: Flask) -> None:
    run_id = leave_out()
    with write() as session:
        session.execute(update(Company).values(report_email=""))
    with pytest.raises(Conflict, match="no_report_email"):
        reports.send_run_report_again(ANKE, run_id)
    open_run = billing_run.start(LATER, SYSTEM, ring=False)
    with pytest.raises(Conflict, match="run_not_finished"):
        reports.send_run_report_again(ANKE, open_run)
