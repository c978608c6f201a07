"""What goes into a file for the bank: debits that are due with their mandates, refunds that wait for a transfer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from billing.debits import execution_day
from billing.errors import Invalid, NotAllowed
from documents.sepa import DebitOrder, TransferOrder
from models import Customer, Debit, Invoice, Mandate, Receivable, Refund
from services.actor import Actor
from services.payment_rows import lock
from services.planned_debits import mandate_now, take_back, without_mandate

MOST = 2000  # orders in one file
Groups = dict[tuple[date, str], list[tuple[Debit, Mandate, str]]]

payee = aliased(Customer)  # the record that speaks for the customer today


def collectable(session: Session, actor: Actor, until: date, today: date) -> tuple[Groups, int]:
    """The due debits with their mandates and invoices' numbers; who paid otherwise or ended the mandate is out."""
    query = select(Debit.id, Debit.receivable_id).where(Debit.state == "planned", Debit.collect_on <= until)
    wanted = session.execute(query.order_by(Debit.id)).all()
    owed = lock(session, {row.receivable_id for row in wanted})
    locked = select(Debit).where(Debit.id.in_([row.id for row in wanted]), Debit.state == "planned")
    rows = session.scalars(locked.order_by(Debit.id).with_for_update().execution_options(populate_existing=True)).all()
    numbers = _numbers(session, [owed[row.receivable_id] for row in rows])
    groups: Groups = defaultdict(list)
    withdrawn, ended = 0, []
    for debit in rows:
        day, open_cents = execution_day(debit.collect_on, today), owed[debit.receivable_id].open_cents
        mandate = mandate_now(session, debit, day) if open_cents > 0 else None
        if mandate is None:
            if open_cents <= 0:
                take_back(session, actor, debit, "settled")
            else:
                ended.append(debit)
            withdrawn += 1
            continue
        debit.mandate_id, debit.amount_cents = mandate.id, min(debit.amount_cents, open_cents)
        groups[day, mandate.scheme].append((debit, mandate, numbers.get(debit.receivable_id, "")))
    without_mandate(session, actor, ended)
    return groups, withdrawn


def without_mandate_in(session: Session, file_id: int) -> Sequence[str]:
    """The orders of a file, not handed in, whose mandate is over, by the numbers of their invoices. One statement."""
    query = select(func.coalesce(Invoice.number, Debit.end_to_end_id)).select_from(Debit)
    query = query.join(Mandate, Mandate.id == Debit.mandate_id).join(Receivable, Receivable.id == Debit.receivable_id)
    query = query.outerjoin(Invoice, Invoice.id == Receivable.invoice_id)
    over = (Debit.file_id == file_id, Debit.state == "in_file", Mandate.state != "active")
    return session.scalars(query.where(*over).order_by(Debit.id)).all()


def debit_order(session: Session, debit: Debit, mandate: Mandate, number: str) -> DebitOrder:
    """An amended mandate tells what it was before with its first debit."""
    before = session.get(Mandate, mandate.amends_id) if mandate.amends_id and mandate.last_used_on is None else None
    return DebitOrder(
        debit.end_to_end_id, debit.amount_cents, mandate.holder, mandate.iban, mandate.bic, number, mandate.reference,
        mandate.signed_on, debit.sequence, before.reference if before else "", before.iban if before else "",
    )  # fmt: skip


def by_number(problem: Invalid, rows: Sequence[tuple[Debit, Mandate, str]]) -> Invalid:
    """With the invoice's number, which a person knows."""
    numbers = {debit.end_to_end_id: number for debit, _, number in rows}
    order = problem.facts.get("order")
    return Invalid(problem.field, problem.code, number=numbers.get(str(order), "")) if order else problem


def nobody_to_pay(session: Session) -> NotAllowed | Invalid:
    first = session.execute(transfers()).first()
    return Invalid("bank_iban", "account_missing", number=first[1].number) if first else NotAllowed(
        "nothing_to_transfer")  # fmt: skip


def transfers() -> Select[Refund, Customer, Invoice]:
    """What waits for a transfer, with the record that speaks for the customer today and the Storno it is for."""
    return (
        select(Refund, payee, Invoice)
        .join(Customer, Customer.id == Refund.customer_id)
        .join(payee, payee.id == func.coalesce(Customer.survivor_id, Customer.id))
        .join(Invoice, Invoice.id == Refund.correction_id)
        .where(Refund.way == "transfer", Refund.file_id.is_(None), Refund.state.in_(("ordered", "approved")))
        .where(Refund.currency_code == "EUR")
        .order_by(Refund.id)
        .limit(MOST)
        .with_for_update(of=Refund)
    )


def transfer_order(refund: Refund, row: Customer, correction: Invoice) -> TransferOrder:
    """Its holder's name is what banks compare."""
    person = " ".join(filter(None, (row.first_name, row.last_name)))
    holder = row.bank_account_owner or row.organization or person
    return TransferOrder(f"R-{refund.id}", refund.amount_cents, holder, row.bank_iban, row.bank_bic,
                         f"Erstattung {correction.number or ''}".strip())  # fmt: skip


def _numbers(session: Session, rows: Sequence[Receivable]) -> dict[int, str]:
    query = select(Receivable.id, Invoice.number).join(Invoice, Invoice.id == Receivable.invoice_id)
    found = session.execute(query.where(Receivable.id.in_([row.id for row in rows])))
    return {receivable_id: number or "" for receivable_id, number in found}
