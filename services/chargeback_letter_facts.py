"""What a customer is told of a bank's fee that a chargeback brought: what went back, the fee, how to pay (EB-54, F19).

The bank's or the provider's reason is for staff: it may accuse somebody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.errors import NotAllowed
from documents import figures
from extensions import db
from models import Chargeback, Invoice, Payment, Receivable
from services.customer_letters import addressed, data_link
from services.customers import find_survivor
from services.debit_letter_facts import how_to_pay


def facts_of_chargeback(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: customer_id, payment_id (the chargeback). What is open as it is when the mail is written.

    Raises NotAllowed("paid_meanwhile") once the fee is no longer asked for: paid, waived, or the chargeback was undone.
    """
    payer = find_survivor(cast(Session, db.session()), facts["customer_id"])
    taken = db.session.get_one(Payment, facts["payment_id"])
    extra = db.session.get_one(Chargeback, taken.id)
    fee = db.session.get_one(Receivable, extra.fee_receivable_id)
    if fee.open_cents <= 0:
        raise NotAllowed("paid_meanwhile", field="payment_id")
    number, currency = _number(taken) or payer.number, taken.currency_code
    open_cents = _open_of(taken.receivable_id, fee.id, extra.excess_receivable_id)
    return {
        "customer": addressed(payer.id, language), "link": data_link(payer.hash),
        "payment": {"subject": number, "amount": figures.money(taken.amount_cents, currency, language)},
        "debit": {"fee": figures.money(fee.amount_cents, currency, language),
                  "next": how_to_pay(open_cents, currency, number, language)},
    }  # fmt: skip


def _number(taken: Payment) -> str:
    number = select(Invoice.number).join(Receivable, Receivable.invoice_id == Invoice.id)
    return db.session.scalar(number.where(Receivable.id == taken.receivable_id)) or ""


def _open_of(*receivable_ids: int | None) -> int:
    mine = Receivable.id.in_([each for each in receivable_ids if each is not None])
    opens = select(func.coalesce(func.sum(Receivable.open_cents), 0)).where(mine, Receivable.open_cents > 0)
    return int(db.session.scalar(opens) or 0)
