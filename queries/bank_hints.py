"""Why a line was not booked by itself, as the screen tells it: of a debit of ours, or an invoice, that it names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from extensions import db
from models import BankLine, Debit, Invoice, PaymentFile, Receivable
from queries.invoice_states import state_of


@dataclass(frozen=True, slots=True)
class DebitHint:
    """`why`: early (before the bank collects, on `collected_on`), amount (the debit is of `cents`), or what it is
    already: returned, paid, withdrawn, planned (in no file)."""

    why: str
    debit_id: int
    number: str
    collected_on: date
    cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class Settled:
    """An invoice that a line names and of which nothing is open. `state`: paid, cancelled, written_off,
    partly_written_off."""

    invoice_id: int
    number: str
    state: str


def settled(numbers: Collection[str]) -> Mapping[str, Settled]:
    """By the invoice's number. One statement, none without numbers."""
    if not numbers:
        return {}
    query = select(Invoice.id, Invoice.number, state_of(date.min)).where(Invoice.number.in_(numbers))
    rows = db.session.execute(query.join(Receivable, Receivable.invoice_id == Invoice.id))
    return {number: Settled(id_, number, state) for id_, number, state in rows if number}


def hints(lines: Sequence[BankLine]) -> Mapping[int, DebitHint]:
    """By the line's id, for those that wait though they name a debit. One statement, none where none bears a name."""
    names = {line.end_to_end_id for line in lines if line.end_to_end_id}
    if not names:
        return {}
    query = (
        select(Debit.id, Debit.end_to_end_id, Debit.state, Debit.amount_cents, Debit.currency_code, Invoice.number,
               func.coalesce(PaymentFile.execute_on, Debit.collect_on).label("collected_on"))
        .join(Receivable, Receivable.id == Debit.receivable_id)
        .outerjoin(Invoice, Invoice.id == Receivable.invoice_id)
        .outerjoin(PaymentFile, PaymentFile.id == Debit.file_id)
        .where(Debit.end_to_end_id.in_(names))
    )  # fmt: skip
    known = {row.end_to_end_id: row for row in db.session.execute(query)}
    told = ((line, known[line.end_to_end_id]) for line in lines if line.end_to_end_id in known)
    return {line.id: _hint(row, why) for line, row in told if (why := _why(line, row))}


def _hint(row: Any, why: str) -> DebitHint:
    return DebitHint(why, row.id, row.number or "", row.collected_on, row.amount_cents, row.currency_code)


def _why(line: BankLine, debit: Any) -> str:
    """Empty where nothing speaks against it: then it is booked with the next try."""
    is_return = line.amount_cents < 0 and bool(line.return_code)
    if debit.state in ("returned", "withdrawn", "planned") or (debit.state == "paid" and not is_return):
        return str(debit.state)
    if line.booked_on < debit.collected_on:
        return "early"
    fits = -line.amount_cents >= debit.amount_cents if is_return else line.amount_cents == debit.amount_cents
    return "" if fits and line.currency_code == debit.currency_code else "amount"
