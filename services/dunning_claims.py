"""What decides about default (Verzug), read for many receivables of invoices at once (MAH-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.default import Claim, Since, in_default_since
from extensions import db
from models import Invoice, Receivable
from services import dunning_lookups as lookups
from services.dunning_lookups import BY_POST, Sent

_COLUMNS = (
    Receivable.id, Receivable.kind, Receivable.due_on, Receivable.currency_code, Receivable.invoice_id, Invoice.buyer,
    Invoice.issued_on, Invoice.text_set_id,
)  # fmt: skip


def claims(session: Session, rows: Sequence[Any], sent: Mapping[int, Sequence[Sent]]) -> dict[int, Claim]:
    """By receivable; `rows` have the columns of receivable and invoice, `sent` their reminders. Two statements.

    The invoice is received when its mail went out; by post it takes three days, and while the mail waits it is not.
    Who is not known to be a business is treated as a consumer. That a contract itself names the day of payment is not
    known here, and so never claimed: default begins later then, never too early.
    """
    mailed = lookups.mailed(session, [row.invoice_id for row in rows])
    notices = lookups.notices(session, {row.text_set_id for row in rows if row.text_set_id is not None})
    return {
        row.id: Claim(
            row.due_on, mailed.get(row.invoice_id, row.issued_on + BY_POST), _reminded(row, sent.get(row.id, ())),
            row.buyer.get("customer_type") != "business", notices.get(row.text_set_id, False), False,
            row.currency_code, row.kind,
        )
        for row in rows
    }  # fmt: skip


def default_since(receivable_id: int) -> Since | None:
    """The first day in default of an issued invoice's receivable, perhaps one to come, and why; None for none yet. For
    screens, in four statements."""
    session = cast(Session, db.session())
    query = select(*_COLUMNS).join(Invoice, Invoice.id == Receivable.invoice_id)
    rows = session.execute(query.where(Receivable.id == receivable_id, Invoice.issued_at.is_not(None))).all()
    found = claims(session, rows, lookups.reminders(session, [row.id for row in rows]))
    return in_default_since(found[receivable_id]) if found else None


def _reminded(row: Any, sent: Sequence[Sent]) -> date | None:
    """The day on which the first reminder after the due date arrived."""
    came = (each.arrived_on for each in sent if each.reminded_on > row.due_on)
    return min((day for day in came if day is not None), default=None)
