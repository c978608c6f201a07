"""check-books finds what does not belong together among payment methods, attempts, refunds, chargebacks and debits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

import extensions
import jobs
from billing.periods import add_months
from config import ROOT
from extensions import db
from models import Debit
from services import clock, company, debits, mandates, payment_files, refunds
from services.actor import SYSTEM
from services.mandates import Grant
from tests.conftest import fresh_database, settings_for
from tests.services import shop
from tests.services.charged import FIRST, open_till
from tests.services.refunding import JULE, cancelled, charged_back, part_of, refund
from tests.services.test_checks import found, tamper
from tests.services.test_debits import COLLECTED, HANDED_IN, IBAN, ISSUED, OTHER

NOW = date(2026, 11, 22)


@pytest.fixture(scope="module")
def moved(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Money that went every way, built once: paid by card and refunded, charged back, a part on its way back; two
    debits, of which the bank credited one."""
    folder = tmp_path_factory.mktemp("moved")
    with fresh_database(template, folder) as url:
        app = Flask("app", root_path=str(ROOT))
        app.config.from_mapping(settings_for(folder, url).flask(), TESTING=True)
        extensions.init_app(app)
        jobs.init_app(app)
        with app.app_context():
            with clock.stand_at(NOW):
                pay_and_give_back(app)
                debit()
            db.session.remove()
            db.engine.dispose()
        yield url


@pytest.fixture
def database_url(moved: str, tmp_path: Path) -> Iterator[str]:
    """The test's own copy of it."""
    with fresh_database(moved, tmp_path) as url:
        yield url


def pay_and_give_back(app: Flask) -> None:
    till = open_till(app)
    till.keep("succeeds")
    bills = []
    for months in range(3):
        till.bill(add_months(FIRST, months))
        till.carry_on()
        bills.append(till.invoice)
    charged_back(till)
    refund(till, cancelled(bills[1]))
    refunds.order(JULE, part_of(bills[2]))


def debit() -> None:
    with clock.stand_at(ISSUED):
        company.change_company(SYSTEM, {"creditor_id": "DE98ZZZ09999999999", "iban": IBAN})
        shop.stock()
        for name in ("Meier", "Schulz"):
            customer = shop.somebody(name)
            mandates.grant(SYSTEM, customer, Grant(iban=OTHER))
            shop.contract(customer, starts_on=ISSUED)
        shop.bill(ISSUED)
    with clock.stand_at(HANDED_IN):
        (file_id,) = payment_files.make_debit_files(SYSTEM, COLLECTED).file_ids
        payment_files.submit(SYSTEM, file_id)
    with clock.stand_at(COLLECTED):
        debits.mark_paid(SYSTEM, first_debit(), COLLECTED)


def first_debit() -> str:
    return str(db.session.scalars(select(Debit.end_to_end_id).order_by(Debit.id)).first())


def codes() -> set[tuple[str, str]]:
    """What is found; papers are not drawn here, and the bytes of files lie in the folder of the first house."""
    with clock.stand_at(NOW):
        return {(table, code) for _, table, _, code in found()} - ELSEWHERE


ELSEWHERE = {("papers", "paper_not_drawn"), ("files", "stored_bytes_differ")}
_ONE = "(SELECT min(id) FROM {} WHERE {})"
_PAID_DEBIT = _ONE.format("debits", "state = 'paid'")


def test_untouched_they_hold(context: Flask) -> None:
    assert codes() == set()


@pytest.mark.feature("L4", "L5")
@pytest.mark.feature("EB-53")
@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE customers SET payment_type = 1 WHERE id = 1", ("payment_methods", "default_differs")),
        ("UPDATE payment_methods SET state = 'removed' WHERE gateway <> ''", ("payment_methods", "default_differs")),
        ("UPDATE payment_methods SET token = '' WHERE gateway <> ''", ("payment_methods", "token_missing")),
        ("UPDATE subscriptions SET payment_method_id = 1 WHERE customer_id <> 1",
         ("payment_methods", "other_customer")),
        ("UPDATE refunds SET correction_id = (SELECT original_id FROM invoices WHERE id = correction_id)",
         ("refunds", "refund_without_cancellation")),
        ("UPDATE refunds SET amount_cents = amount_cents + 1 WHERE state = 'succeeded'",
         ("invoices", "refunded_beyond_document")),
        ("UPDATE refunds SET amount_cents = amount_cents + 1 WHERE state = 'succeeded'",
         ("payments", "refunded_beyond_payment")),
        ("UPDATE payments SET amount_cents = amount_cents - 1 WHERE kind = 'refund'", ("payments", "refund_differs")),
        ("UPDATE refunds SET state = 'failed' WHERE state = 'succeeded'", ("payments", "refund_differs")),
        ("UPDATE refunds SET state = 'withdrawn' WHERE state = 'ordered'", ("customers", "under_way_differs")),
        ("UPDATE refunds SET amount_cents = amount_cents - 1 WHERE state = 'ordered'",
         ("customers", "under_way_differs")),
        ("UPDATE payments SET amount_cents = amount_cents + 1 WHERE kind = 'chargeback'",
         ("payments", "charged_back_beyond_payment")),
        ("DELETE FROM chargebacks", ("payments", "charged_back_beyond_payment")),
        ("UPDATE payment_files SET total_cents = total_cents + 1", ("payment_files", "file_differs")),
        ("UPDATE payment_files SET count = count + 1", ("payment_files", "file_differs")),
        ("UPDATE payment_files SET discarded_at = created_at", ("payment_files", "file_differs")),
        ("UPDATE payment_files SET submitted_at = NULL", ("debits", "debit_differs")),
        (f"UPDATE debits SET file_id = NULL WHERE id = {_PAID_DEBIT}", ("debits", "debit_differs")),
        (f"UPDATE debits SET payment_id = NULL WHERE id = {_PAID_DEBIT}", ("debits", "debit_differs")),
        (f"UPDATE debits SET amount_cents = amount_cents + 1 WHERE id = {_PAID_DEBIT}", ("debits", "debit_differs")),
        (f"UPDATE debits SET state = 'returned' WHERE id = {_PAID_DEBIT}", ("debits", "debit_differs")),
    ],
)  # fmt: skip
def test_what_was_changed_by_plain_sql_among_charges_refunds_and_debits_is_found(
    context: Flask, statement: str, finding: tuple[str, str]
) -> None:
    tamper(statement)
    assert finding in codes()


@pytest.mark.feature("L5")
@pytest.mark.parametrize("table", ["payments", "payment_attempts"])
def test_no_charge_can_be_written_down_twice(context: Flask, table: str) -> None:
    """The check of it would only speak where somebody dropped the constraint, too."""
    with pytest.raises(IntegrityError):
        tamper(f"UPDATE {table} SET provider_id = 'one' WHERE gateway <> '' AND provider_id IS NOT NULL")
