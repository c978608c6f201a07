"""The direct debit of an invoice that lies in a file for the bank or at the bank: before the invoice is settled by
other means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from extensions import db
from models import Debit, PaymentFile, Receivable


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """`file` is the name of its file; `collect_on` the day that stands in it, or was announced. `state`: planned,
    in_file, submitted."""

    debit_id: int
    cents: int
    currency: str
    file: str
    collect_on: date
    state: str

    @property
    def is_handed_in(self) -> bool:
        return self.state == "submitted"


def debit_on_its_way(invoice_id: int) -> OnItsWay | None:
    """One that is only announced is none: it goes by itself with what it was to collect. One statement."""
    found = debit_under_way(invoice_id)
    return found if found and found.state != "planned" else None


def debit_under_way(invoice_id: int) -> OnItsWay | None:
    """Also one that is only announced. One statement."""
    query = (
        select(Debit.id, Debit.amount_cents, Debit.currency_code, func.coalesce(PaymentFile.message_id, ""),
               func.coalesce(PaymentFile.execute_on, Debit.collect_on, type_=Debit.collect_on.type),
               Debit.state)
        .join(Receivable, Receivable.id == Debit.receivable_id)
        .outerjoin(PaymentFile, PaymentFile.id == Debit.file_id)
        .where(Receivable.invoice_id == invoice_id, Debit.state.in_(("planned", "in_file", "submitted")))
    )  # fmt: skip
    row = db.session.execute(query).one_or_none()
    return OnItsWay(*row) if row else None
