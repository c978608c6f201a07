"""What the house knows of its own orders that bank lines speak of, looked up for many at once: at most eight
statements."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from billing.bank_orders import Collected, Filed, Order, Ours, Refunded, Told, orders, spoken
from extensions import db
from models import BankLine, BankMatch, Customer, Debit, Invoice, Mandate, Payment, PaymentFile, Receivable, Refund
from services.bank_facts import holders_of, numbers_in
from services.gone_back import charged_back_cents, stands
from services.refund_books import booked_as

MOST_COLLECTED = 500  # debits and payments that are looked at for one chunk of lines
TO_GO = ("ordered", "approved", "sent")
AT_BANK = ("in_file", "submitted")
_NAME = re.compile(r"R-(\d{1,15})")
_survivor = func.coalesce(Customer.survivor_id, Customer.id)


def orders_of(lines: Sequence[BankLine]) -> dict[int, tuple[Order, ...]]:
    """What each line is of our own orders, the best first, by the line's id."""
    back = [line for line in lines if line.amount_cents < 0 and line.return_code]
    numbers = _numbers(back)
    told = {line.id: _told(line, numbers.get(line.id, frozenset())) for line in lines}
    found, holders = _collected(back, numbers)
    ours = Ours(_refunds(lines), [*_debit_files(), *_transfer_files()], found, holders) if lines else Ours()
    return {id_: orders(each, ours) for id_, each in told.items()}


def _told(line: BankLine, numbers: frozenset[str]) -> Told:
    words = spoken([line.purpose, line.end_to_end_id])
    return Told(line.amount_cents, line.currency_code, line.booked_on, line.end_to_end_id, line.mandate_reference,
                line.other_iban, line.return_code, words, numbers)  # fmt: skip


def _numbers(lines: Sequence[BankLine]) -> Mapping[int, frozenset[str]]:
    if not lines:
        return {}
    return {id_: frozenset(number for mention in each if not mention.weak for number in mention.numbers)
            for id_, each in numbers_in(lines).items()}  # fmt: skip


def _refunds(lines: Sequence[BankLine]) -> list[Refunded]:
    """Refunds by transfer that the lines name, or that go to their accounts."""
    named = {int(match[1]) for line in lines if (match := _NAME.fullmatch(line.end_to_end_id))}
    ibans = {line.other_iban for line in lines if line.amount_cents < 0 and line.other_iban}
    record, sent = aliased(Customer), aliased(Payment)
    on_a_line = exists().where(BankMatch.payment_id == sent.id)
    query = (
        select(Refund.id, Refund.amount_cents, Refund.currency_code, Refund.state, record.bank_iban, on_a_line)
        .join(Customer, Customer.id == Refund.customer_id)
        .join(record, record.id == _survivor)
        .outerjoin(sent, and_(sent.kind == "refund", sent.belongs_to_id == Refund.payment_id,
                              booked_as(sent, Refund.id), stands(sent)))
        .where(Refund.way == "transfer", Refund.state.in_((*TO_GO, "waiting", "succeeded")))
        .where(or_(Refund.id.in_(named), and_(record.bank_iban.in_(ibans), record.bank_iban != "")))
        .order_by(Refund.id.desc()).limit(MOST_COLLECTED)
    )  # fmt: skip
    return [
        Refunded(id_, f"R-{id_}", cents, currency, iban, state == "succeeded", state != "waiting", bool(on_line))
        for id_, cents, currency, state, iban, on_line in db.session.execute(query)
    ]


def _debit_files() -> list[Filed]:
    """Files of debits of which the bank has not told yet. Few at any time."""
    at_bank = func.sum(Debit.amount_cents).filter(Debit.state.in_(AT_BANK))
    came_back = func.sum(Debit.amount_cents).filter(Debit.state == "returned", Debit.payment_id.is_(None))
    return _files("debit", at_bank, came_back, Debit)


def _transfer_files() -> list[Filed]:
    to_go = func.sum(Refund.amount_cents).filter(Refund.state == "sent")
    return _files("transfer", to_go, func.sum(Refund.amount_cents).filter(Refund.state == "failed"), Refund)


def _files(kind: str, open_cents: Any, returned_cents: Any, order: Any) -> list[Filed]:
    columns = (PaymentFile.id, PaymentFile.message_id, PaymentFile.currency_code, PaymentFile.execute_on)
    query = (
        select(*columns, open_cents, func.coalesce(returned_cents, 0))
        .join(order, order.file_id == PaymentFile.id)
        .where(PaymentFile.kind == kind, PaymentFile.discarded_at.is_(None))
        .group_by(*columns).having(open_cents > 0)
    )  # fmt: skip
    return [
        Filed(id_, kind, name, int(cents), currency, day, int(returned) if kind == "debit" else 0)
        for id_, name, currency, day, cents, returned in db.session.execute(query)
    ]


def _collected(
    lines: Sequence[BankLine], numbers: Mapping[int, frozenset[str]]
) -> tuple[list[Collected], frozenset[tuple[str, int]]]:
    """What banks could take back, of the mandates, accounts and invoices that the lines name."""
    if not lines:
        return [], frozenset()
    ibans = {line.other_iban for line in lines if line.other_iban}
    mandates = {line.mandate_reference.upper() for line in lines if line.mandate_reference}
    named = {number for each in numbers.values() for number in each}
    holders = holders_of(ibans)
    whose = {customer_id for ids in holders.values() for customer_id in ids}
    known = frozenset((iban, customer_id) for iban, ids in holders.items() for customer_id in ids)
    return [*_debits(mandates, ibans, named), *_payments(whose, named)], known


def _debits(mandates: Collection[str], ibans: Collection[str], numbers: Collection[str]) -> list[Collected]:
    query = (
        select(Debit.id, Debit.amount_cents, Debit.currency_code, Mandate.iban, Mandate.reference, Invoice.number)
        .join(Mandate, Mandate.id == Debit.mandate_id)
        .join(Receivable, Receivable.id == Debit.receivable_id)
        .outerjoin(Invoice, Invoice.id == Receivable.invoice_id)
        .where(Debit.state.in_((*AT_BANK, "paid")))
        .where(or_(Mandate.reference.in_(mandates), Mandate.iban.in_(ibans), Invoice.number.in_(numbers)))
        .order_by(Debit.id.desc()).limit(MOST_COLLECTED)
    )  # fmt: skip
    return [Collected("debit", id_, cents, currency, iban, reference, number or "")
            for id_, cents, currency, iban, reference, number in db.session.execute(query)]  # fmt: skip


def _payments(whose: Collection[int], numbers: Collection[str]) -> list[Collected]:
    """Payments on the own account that stand, as far as nothing went back of them; debits are told by themselves."""
    query = (
        select(Payment.id, Payment.amount_cents, Payment.currency_code, Invoice.number, _survivor)
        .join(Customer, Customer.id == Payment.customer_id)
        .outerjoin(Receivable, Receivable.id == Payment.receivable_id)
        .outerjoin(Invoice, Invoice.id == Receivable.invoice_id)
        .where(Payment.kind == "payment", Payment.gateway == "", Payment.method.in_(("bank", "sepa_debit", "other")))
        .where(stands(), ~exists().where(Debit.payment_id == Payment.id))
        .where(or_(_survivor.in_(whose), Invoice.number.in_(numbers)))
        .order_by(Payment.id.desc()).limit(MOST_COLLECTED)
    )  # fmt: skip
    rows = db.session.execute(query).all()
    gone = charged_back_cents(db.session(), [row[0] for row in rows])
    return [
        Collected("payment", id_, cents, currency, number=number or "", customer_id=customer_id)
        for id_, cents, currency, number, customer_id in rows
        if not gone.get(id_)
    ]
