"""check-books finds what somebody changed behind the house's back, and names the row."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text, update

from config import ROOT
from extensions import db
from models import InvoiceLine, Subscription, SubscriptionItem, guards
from services import billing_run, clock, contract_ends, contract_switch, due_marks, files, papers, sealing
from services.actor import SYSTEM
from services.checks import check_books
from services.load import seed_load
from services.unit import end_reading, write

DAY = date(2026, 11, 1)


@pytest.fixture
def books(context: Flask) -> Flask:
    """Three customers, billed once; the trail sealed."""
    seed_load(SYSTEM, 3, DAY)
    billing_run.bill(DAY, SYSTEM)
    sealing.seal()
    return context


def tamper(statement: str) -> None:
    """Plain SQL by somebody who dropped the triggers first and put them back after."""
    with write() as session:
        connection = session.connection()
        guards.remove(connection)
        session.execute(text(statement))
        guards.install(connection)


def found() -> set[tuple[str, str, int | None, str]]:
    return {(f["rule"], f["table"], f["id"], f["code"]) for f in check_books().findings}


@pytest.mark.feature("X-03", "EB-60")
def test_untouched_books_hold(books: Flask) -> None:
    result = check_books()
    assert (result.ok, result.findings, result.more) == (True, [], 0)


@pytest.mark.feature("X-03", "EB-60")
@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE postings SET amount_cents = amount_cents + 1 WHERE id = 1",
         ("L1", "journal_entries", 1, "entry_not_balanced")),
        ("UPDATE receivables SET open_cents = open_cents - 1 WHERE id = 2",
         ("L1", "receivables", 2, "open_amount_differs")),
        ("UPDATE receivables SET settled_on = '2026-11-02' WHERE id = 3",
         ("L1", "receivables", 3, "settled_differs")),
        ("UPDATE receivables SET amount_cents = 1 WHERE id = 2", ("L1", "invoices", 2, "receivable_differs")),
        ("UPDATE postings SET account = 'vat:S:7.00' WHERE id = 2", ("L1", "invoices", 1, "not_booked_as_issued")),
        ("UPDATE invoice_lines SET claim_id = NULL, reason = 'x' WHERE id = 1",
         ("L2", "claims", 1, "claim_without_line")),
        ("UPDATE claims SET period_end = '2026-12-02' WHERE id = 1",
         ("L2", "claims", 4, "periods_overlap")),
        ("UPDATE claims SET period_end = '2026-11-30' WHERE id = 1",
         ("L2", "claims", 4, "period_missing")),
        ("UPDATE sequences SET next_value = next_value + 1 WHERE range_id = (SELECT range_id FROM invoices LIMIT 1)",
         ("L3", "sequences", None, "numbers_with_gaps")),
        ("UPDATE invoices SET issued_on = '2026-11-02' WHERE id = 1",
         ("L3", "invoices", 2, "dated_before_its_predecessor")),
        ("UPDATE invoices SET buyer_name = 'Jemand anderes' WHERE id = 2", ("L6", "invoices", 2, "document_changed")),
        ("UPDATE invoice_lines SET title = 'Anderes' WHERE id = 3", ("L6", "invoices", 3, "document_changed")),
        ("UPDATE invoice_tax_lines SET tax_cents = tax_cents + 1, gross_cents = gross_cents + 1 WHERE id = 1",
         ("L7", "invoices", 1, "vat_differs")),
        ("DELETE FROM papers WHERE invoice_id = 3", ("L3", "invoices", 3, "paper_missing")),
        ("UPDATE letterheads SET data = replace(data, 'Radwerk', 'Rotwerk')",
         ("L6", "letterheads", 1, "letterhead_changed")),
        ("UPDATE customers SET survivor_id = NULL WHERE id = 1", ("L2", "customers", 1, "survivor_not_flat")),
        ("UPDATE activity_details SET details = '{}' WHERE activity_id = 2", None),
        ("UPDATE activities SET code = 'invoice.deleted' WHERE id = 2", None),
    ],
)  # fmt: skip
def test_what_was_changed_by_plain_sql_is_found_by_its_row(
    books: Flask, statement: str, finding: tuple[str, str, int | None, str] | None
) -> None:
    billing_run.bill(DAY + timedelta(days=31), SYSTEM)
    sealing.seal()
    tamper(statement)
    seen = found()
    if finding is None:
        assert {(rule, id_) for rule, table, id_, _ in seen if table.startswith("activit")} == {("GOB-2", 2)}
    elif finding[2] is None:
        assert (finding[0], finding[1], finding[3]) in {(rule, table, code) for rule, table, _, code in seen}
    else:
        assert finding in seen


@pytest.mark.feature("L2")
def test_a_period_claimed_twice_is_found_where_the_index_was_dropped(books: Flask) -> None:
    copied = "SELECT item_id, kind, period_start, period_end, 'elsewhere', created_at FROM claims WHERE id = 1"
    with write() as session:
        session.execute(text("DROP INDEX uq_claims_unreleased"))
        session.execute(
            text(f"INSERT INTO claims (item_id, kind, period_start, period_end, state, created_at) {copied}")
        )
    assert ("L2", "claims", 1, "claimed_twice") in found()


@pytest.mark.feature("L2", "D-12")
def test_a_period_that_the_next_run_still_bills_is_not_missing(books: Flask) -> None:
    """December is due when the contract is switched off; what comes due until it is on again is skipped."""
    with clock.stand_at(date(2026, 12, 15)):
        contract_switch.deactivate(SYSTEM, 1)
    with clock.stand_at(date(2027, 2, 15)):
        contract_switch.activate(SYSTEM, 1)
    skipped = text("SELECT count(*) FROM claims WHERE state = 'skipped'")
    assert db.session.scalar(skipped) and found() == set()
    billing_run.bill(date(2027, 2, 15), SYSTEM)
    end_reading()
    billed = select(func.min(InvoiceLine.period_start)).where(InvoiceLine.invoice_id > 3)
    assert db.session.scalar(billed) == date(2026, 12, 1)
    assert not any(code == "period_missing" for *_, code in found())


@pytest.mark.feature("L3")
def test_a_paper_that_waits_for_over_an_hour_and_bytes_that_changed_are_found(books: Flask) -> None:
    file_id = papers.draw(1) and db.session.scalar(text("SELECT file_id FROM papers WHERE id = 1"))
    assert found() == set()
    key = db.session.scalar(text("SELECT storage_key FROM files WHERE id = :id"), {"id": file_id})
    files.path_of(str(key)).write_bytes(b"%PDF-1.4 something else")
    assert found() == {("L3", "files", file_id, "stored_bytes_differ")}
    with clock.stand_at(clock.instant() + timedelta(hours=2)):
        assert {("L3", "papers", 2, "paper_not_drawn"), ("L3", "papers", 3, "paper_not_drawn")} <= found()


@pytest.mark.feature("L6")
def test_a_dropped_trigger_is_a_finding_and_the_command_exits_with_1(books: Flask) -> None:
    assert run_command(books)[0] == 0
    on = "" if db.engine.dialect.name == "sqlite" else " ON invoices"
    with write() as session:
        session.execute(text(f"DROP TRIGGER guard_invoices_update{on}"))
        session.execute(text("UPDATE invoices SET title = 'geändert' WHERE id = 2"))
    code, result = run_command(books)
    assert code == 1
    assert result["ok"] is False
    assert {(f["rule"], f["code"], f["id"]) for f in result["findings"]} == {
        ("L6", "guard_missing", None), ("L6", "document_changed", 2)
    }  # fmt: skip


def run_command(app: Flask) -> tuple[int, dict[str, object]]:
    settings = app.config["KONTOR"]
    environ = os.environ | {
        "KONTOR_DATA": str(settings.data_dir), "DATABASE_URL": settings.database_url, "SECRET_KEY": "test"
    }  # fmt: skip
    command = [sys.executable, "-m", "commands", "check-books", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True, check=False)
    return done.returncode, json.loads(done.stdout)


@pytest.mark.feature("L1")
def test_check_books_reads_in_a_number_of_statements_that_the_books_do_not_change(context: Flask) -> None:
    def statements() -> int:
        seen: list[str] = []

        def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        assert check_books().ok
        event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    seed_load(SYSTEM, 2, DAY)
    billing_run.bill(DAY, SYSTEM)
    few = statements()
    seed_load(SYSTEM, 60, DAY)
    billing_run.bill(DAY, SYSTEM)
    assert statements() == few


def test_an_active_contract_of_which_nothing_goes_on_is_found_and_can_be_cancelled(books: Flask) -> None:
    """So a pause from the first day left it that was resumed before revision 0025."""
    with write() as session:
        of_first = update(SubscriptionItem).where(SubscriptionItem.subscription_id == 1)
        session.execute(of_first.values(ends_on=date(2026, 12, 1)))
        session.execute(update(Subscription).where(Subscription.id == 1).values(next_billing_on=None))
    assert found() == {("L2", "subscriptions", 1, "nothing_runs")}
    contract_ends.cancel(SYSTEM, 1)
    assert found() == set()


@pytest.mark.feature("EB-26")
def test_a_mark_that_was_lost_is_found_and_worked_out_anew(books: Flask) -> None:
    with write() as session:
        session.execute(update(Subscription).where(Subscription.id == 1).values(next_billing_on=None))
    assert found() == {("L2", "subscriptions", 1, "mark_too_late")}
    assert due_marks.renew_mark(1) == date(2026, 12, 1)
    assert found() == set()
