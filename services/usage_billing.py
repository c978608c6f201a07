"""Usage on its way through a run: claimed record by record, and joined to the line that bills it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from billing.contracts import ClaimKey
from billing.drafts import Draft
from billing.errors import Conflict
from billing.usage import KIND
from models import InvoiceLine, UsageRecord

_DAY = timedelta(days=1)


def wanted(draft: Draft) -> Iterable[tuple[ClaimKey, date]]:
    """The claims of all records in the draft, each over its one day."""
    return ((key, key.period_start + _DAY) for line in draft.lines for key in line.records)


def require_won(draft: Draft, won: Mapping[ClaimKey, int]) -> None:
    """A line is the sum of its records, so it has won all of them or none.

    Under the customer's lock nobody else bills them; a claim that stands all the same is a finding for a person.
    Raises Conflict("usage_claimed").
    """
    lost = [key for line in draft.lines for key in line.records if key not in won]
    if lost:
        raise Conflict("usage_claimed", records=len(lost))


def settle(session: Session, issued: Iterable[tuple[int, Draft]], won: Mapping[ClaimKey, int]) -> None:
    """Write at each record which claim and line billed it, in one statement; `issued` are (invoice id, draft)."""
    rows = [
        {"key": int(key.kind.removeprefix(KIND)), "claim": won[key], "invoice": invoice_id, "place": place}
        for invoice_id, draft in issued
        for place, line in enumerate(draft.lines, len(draft.charges) + 1)
        for key in line.records
    ]
    if not rows:
        return
    table: Any = UsageRecord.__table__
    its_line = select(InvoiceLine.id).where(
        InvoiceLine.invoice_id == bindparam("invoice"), InvoiceLine.position == bindparam("place")
    )
    values = {"claim_id": bindparam("claim"), "invoice_line_id": its_line.scalar_subquery()}
    session.connection().execute(update(table).where(table.c.id == bindparam("key")).values(**values), rows)
