"""Money in the demo beyond transfers: cards and PayPal of the sandbox's provider, own debits, refunds, the statement.

One of each case that the screens of payments know: a card that pays, one that is tried again, one given up; a debit
that was credited, one that came back; money sent back on its way and by transfer; lines on the account that nobody
has matched yet. Everything by the services that customers, staff and the timetable use, inside the seed's transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import cast

from sqlalchemy import select

from billing.collecting import KIND_OF_TYPE
from documents.bank_csv import Layout
from extensions import db
from gateways.base import Kind
from gateways.sandbox import SandboxGateway
from models import Customer, Debit, Invoice, Payment, PaymentAttempt, PaymentFile, PaymentMethod, Receivable
from services import (
    attempts,
    bank_import,
    bank_layouts,
    bank_matching,
    charging,
    corrections,
    debit_returns,
    debits,
    mandates,
    method_setups,
    payment_files,
    payment_methods,
    providers,
    refund_calls,
    refunds,
)
from services.accountdata import actor_of
from services.actor import Actor
from services.company import get_company
from services.mandates import Grant
from services.method_setups import Way

LEAD = timedelta(7)  # files go to the bank once a week
COMES_BACK = timedelta(4)  # after its day, what is not covered
RETURN_FEE = 350
LAYOUT = Layout({0: "booked_on", 1: "other_name", 2: "other_iban", 3: "purpose", 4: "amount"})


class PaymentDeeds:
    """The cases about money of demo_cases.py, each on its day."""

    support: Actor
    books: Actor

    def keep_method(self, customer_id: int, card: str, payment_type: int = 6, in_use: bool = True) -> None:
        """The customer enters it on the provider's page, as everybody does; in use is the newest, or else the first."""
        row = db.session.get_one(Customer, customer_id)
        before = next((each.id for each in payment_methods.methods_of(customer_id) if each.is_default), None)
        way = Way(cast(Kind, KIND_OF_TYPE[payment_type]), "sandbox")
        method_setups.begin_setup(actor_of(row), customer_id, way, str)
        newest = select(PaymentMethod).where(PaymentMethod.customer_id == customer_id).order_by(PaymentMethod.id.desc())
        made = db.session.scalars(newest.limit(1)).one()
        gateway = providers.gateway_of("sandbox")
        if isinstance(gateway, SandboxGateway):
            gateway.choose(made.setup_id or "", card)
        method_setups.finish_setup(made.id)
        if before is not None and not in_use:
            payment_methods.make_default(actor_of(row), before)
        carry_charges()

    def sign_mandate(self, customer_id: int, iban: str) -> None:
        mandates.grant(self.support, customer_id, Grant(iban=iban))

    def refund(self, customer_id: int, way: str, reason: str) -> None:
        """Their newest paid invoice is cancelled; the money goes back by the provider, or is noted for a transfer."""
        paid = select(Receivable.invoice_id).join(Payment, Payment.receivable_id == Receivable.id)
        paid = paid.where(
            Receivable.customer_id == customer_id, Receivable.kind == "invoice", Payment.kind == "payment"
        )
        paid = paid.where((Payment.gateway != "") if way == "provider" else (Payment.gateway == ""))
        invoice_id = db.session.scalars(paid.order_by(Receivable.id.desc()).limit(1)).one()
        storno = corrections.cancel(self.support, cast(int, invoice_id), reason=reason)
        for refund_id in refunds.order(self.books, storno, way):
            if way == "provider":
                refund_calls.carry_on(refund_id, at_once=True)


def carry_charges() -> None:
    """What was just planned is charged, as the worker would."""
    planned = select(PaymentAttempt.id).where(PaymentAttempt.state == "planned").order_by(PaymentAttempt.id)
    for attempt_id in db.session.scalars(planned).all():
        attempts.carry_on(attempt_id, at_once=True)


def follow_charges() -> None:
    """Those whose day has come are tried once more."""
    for invoice_id in charging.due(100):
        charging.try_again(invoice_id)
    carry_charges()


def follow_debits(books: Actor, day: date, unlucky: set[int]) -> None:
    """Once a week: files are made and handed in, and what they brought is written down; what was taken from one of the
    `unlucky` comes back, once."""
    for file_id in payment_files.make_debit_files(books, day + LEAD).file_ids:
        payment_files.submit(books, file_id)
    for file_id, on in _due_files(day):
        debits.mark_file_paid(books, file_id, on)
    back = (Debit.state == "paid", Debit.collect_on <= day - COMES_BACK, Debit.customer_id.in_(unlucky))
    for row in db.session.scalars(select(Debit).where(*back)).all():
        if row.customer_id in unlucky:
            unlucky.discard(row.customer_id)
            debit_returns.returned(books, row.end_to_end_id, "AM04", day, RETURN_FEE)


def bring_statement(books: Actor, today: date) -> None:
    """The statement of the last banking day: some of it finds its invoice, some waits for a person."""
    day = _banking_day_before(today)
    content = "\r\n".join(["Buchungstag;Name;IBAN;Verwendungszweck;Betrag", *_lines(day)]).encode()
    file_id = bank_import.keep(content, f"umsaetze-{day.isoformat()}.csv")
    bank_layouts.save(books, "Online-Banking", LAYOUT)
    for statement_id in bank_import.bring_in(books, file_id, LAYOUT, get_company().iban).statement_ids:
        bank_matching.match_statement(statement_id)


def _lines(day: date) -> Iterator[str]:
    """Two pay their invoice by its number; one pays too much, one names nothing, one is nobody's; and a fee."""
    owed = list(_owed())
    told = [(name, f"Rechnung {number}", cents) for number, name, cents in owed[:2]]
    told += [(name, f"{number} und Trinkgeld", cents + 500) for number, name, cents in owed[2:3]]
    told += [(name, "Danke!", cents) for _, name, cents in owed[3:4]]
    told += [("Gerda Unbekannt", "für das rote Rad", 4500), ("Deutsche Kreditbank", "Kontoführung", -790),
             ("Hansestadt Hamburg", "Gewerbesteuer", -31200)]  # fmt: skip
    for name, purpose, cents in told:
        yield f'{day:%d.%m.%Y};"{name}";;"{purpose}";' + f"{cents / 100:.2f}".replace(".", ",")


def _owed() -> Iterator[tuple[str, str, int]]:
    """Number, name and cents of the newest open invoices in euro of which nobody debits or collects anything."""
    debited = select(Debit.receivable_id)
    query = (
        select(Invoice.number, Customer.organization, Customer.last_name, Receivable.open_cents)
        .join(Receivable, Receivable.invoice_id == Invoice.id)
        .join(Customer, Customer.id == Receivable.customer_id)
        .where(Receivable.open_cents > 0, Receivable.currency_code == "EUR", Receivable.dunning_level == 0,
               Receivable.id.not_in(debited))
        .order_by(Receivable.id.desc()).limit(4)
    )  # fmt: skip
    for number, organization, name, cents in db.session.execute(query):
        yield number or "", organization or name, cents


def _due_files(day: date) -> list[tuple[int, date]]:
    """Files that were handed in, with the day on which the bank credited them."""
    query = (
        select(PaymentFile.id, PaymentFile.execute_on)
        .join(Debit, Debit.file_id == PaymentFile.id)
        .where(Debit.state == "submitted", PaymentFile.execute_on <= day)
    )
    return [(key, on) for key, on in db.session.execute(query.distinct()).tuples() if on is not None]


def _banking_day_before(today: date) -> date:
    day = today - timedelta(1)
    return day - timedelta(max(day.weekday() - 4, 0))
