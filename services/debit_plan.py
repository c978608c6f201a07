"""When an invoice is issued whose customer pays by our own debit, the debit is planned with it (X-05, SEP-2).

The invoice and its mail announce it: amount, day, creditor ID and mandate. A fixed number of statements for a chunk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from billing.debits import collect_on, is_lapsed, plain_reference
from models import Debit, Mandate, Receivable
from services import clock
from services.bulk import Bulk, draw_keys
from services.company import get_company
from services.issue_rows import DEBIT, Order
from services.payment_settings import payment_settings

EURO = "EUR"  # SEPA knows no other
IN_FLIGHT = ("planned", "in_file", "submitted")
_COLUMNS = (
    "id", "customer_id", "receivable_id", "mandate_id", "end_to_end_id", "amount_cents", "announced_cents",
    "currency_code", "announced_on", "collect_on", "sequence", "state", "return_code", "created_at",
)  # fmt: skip


def plan(session: Session, numbered: Sequence[tuple[int, Order]], issued_on: date) -> None:
    """Plan the debits of what was just booked. No statement where nobody pays so.

    Who has no mandate that holds on the day is asked to transfer instead (services/paper_notes.py).
    """
    references = {key: _reference(order) for key, order in numbered if _is_debited(order)}
    if not references or not get_company().creditor_id:
        return
    mandates = _mandates(session, set(references.values()))
    usual, announced_on = payment_settings().prenotice_days, max(issued_on, clock.today())
    rows: list[tuple[Any, int, date, date]] = []
    for owed in _owed(session, [key for key, reference in references.items() if reference in mandates]):
        mandate = mandates[references[owed.invoice_id]]
        if mandate.is_once and mandate.id in {planned for _, planned, _, _ in rows}:
            continue
        on = collect_on(announced_on, owed.due_on, mandate.prenotice_days or usual)
        if not is_lapsed(clock.berlin(mandate.created_at).date(), mandate.last_used_on, on):
            rows.append((owed, mandate.id, announced_on, on))
    _write(session, rows)


def again(session: Session, debit: Debit, row: Receivable, mandate: Mandate) -> Debit | None:
    """Plan once more what came back or was never carried out, announced anew with the full notice; None where nothing
    is open, another debit is on its way, or the mandate would have lapsed by then."""
    tries = session.scalars(select(Debit).where(Debit.receivable_id == row.id)).all()
    if row.open_cents <= 0 or mandate.state != "active" or any(each.state in IN_FLIGHT for each in tries):
        return None
    today = clock.today()
    on = collect_on(today, row.due_on, mandate.prenotice_days or payment_settings().prenotice_days)
    if is_lapsed(clock.berlin(mandate.created_at).date(), mandate.last_used_on, on):
        return None
    made = Debit(
        customer_id=debit.customer_id, receivable_id=row.id, mandate_id=mandate.id,
        end_to_end_id=end_to_end_id(row.id, len(tries) + 1), amount_cents=min(debit.announced_cents, row.open_cents),
        currency_code=debit.currency_code, announced_on=today, created_at=clock.instant(), collect_on=on,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def end_to_end_id(receivable_id: int, number: int) -> str:
    """By which the bank's answer is known again: unique, of characters that SEPA knows."""
    return f"D-{receivable_id}-{number}"


def _is_debited(order: Order) -> bool:
    draft = order.draft
    return draft.payment_type == DEBIT and draft.collection == "invoice_first" and draft.currency == EURO


def _reference(order: Order) -> str:
    return plain_reference(order.debtor.debit.get("mandate_reference", ""))


def _mandates(session: Session, references: set[str]) -> Mapping[str, Any]:
    columns = (Mandate.reference, Mandate.id, Mandate.created_at, Mandate.last_used_on, Mandate.prenotice_days,
               Mandate.is_once)  # fmt: skip
    query = select(*columns).where(Mandate.reference.in_(references), Mandate.state == "active")
    used_up = exists().where(Debit.mandate_id == Mandate.id, Debit.state.not_in(("returned", "withdrawn")))
    query = query.where(or_(~Mandate.is_once, ~used_up))
    return {row.reference: row for row in session.execute(query)}


def _owed(session: Session, invoice_ids: Sequence[int]) -> Sequence[Any]:
    columns = (Receivable.id, Receivable.invoice_id, Receivable.customer_id, Receivable.open_cents, Receivable.due_on)
    query = select(*columns).where(Receivable.invoice_id.in_(invoice_ids), Receivable.open_cents > 0)
    return session.execute(query.order_by(Receivable.id)).all()


def _write(session: Session, rows: Sequence[tuple[Any, int, date, date]]) -> None:
    if not rows:
        return
    connection, now = session.connection(), clock.instant()
    keys = draw_keys(connection, {"debits": len(rows)})["debits"]
    debits = Bulk(Debit, _COLUMNS)
    for key, (owed, mandate_id, announced_on, on) in zip(keys, rows, strict=True):
        debits.add((key, owed.customer_id, owed.id, mandate_id, end_to_end_id(owed.id, 1), owed.open_cents,
                    owed.open_cents, EURO, announced_on, on, "", "planned", "", now))  # fmt: skip
    debits.insert(connection)
