"""What of an invoice can still be corrected, and what a correction would come to: the service's own arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing import corrections as rules
from billing.corrections import Part
from billing.drafts import Totals
from billing.lines import Line
from billing.payments import share_of_discount
from extensions import db
from models import Invoice, InvoiceLine, Receivable
from services import damages_off, document_lines, given_up
from services.payment_rows import claim_of


@dataclass(frozen=True, slots=True)
class LineLeft:
    """A line of the original and what is left of it; amounts in cents of the document's price mode.

    `served_until` is exclusive: the days from there on were taken back. Without a period both days are empty.
    """

    id: int
    position: int
    title: str
    unit_price: Decimal
    quantity: Decimal
    quantity_left: Decimal
    amount_cents: int
    left_cents: int
    period_start: date | None
    served_until: date | None
    is_claimed: bool

    @property
    def nothing(self) -> bool:
        return not self.quantity_left or self.period_start is not None and self.served_until == self.period_start


@dataclass(frozen=True, slots=True)
class Falling:
    """What hangs on the invoice and falls with the last of it, one sum for each kind. `what` is the kind of the
    receivable, of a fee what it is for; `paid_cents` becomes credit."""

    what: str
    cents: int
    paid_cents: int


@dataclass(frozen=True, slots=True)
class Correctable:
    """An issued invoice before its correction. `seen` counts its corrections so far."""

    id: int
    number: str
    customer_id: int
    currency: str
    is_gross: bool
    gross_cents: int
    left_cents: int  # gross
    open_cents: int
    seen: int
    lines: tuple[LineLeft, ...]
    written_off_cents: int = 0
    discount_cents: int = 0  # cash discount that was granted
    claim_cents: int = 0  # what the invoice comes to now, the base of that discount
    falling: tuple[Falling, ...] = ()

    @property
    def falling_cents(self) -> int:
        return sum(each.cents for each in self.falling)

    @property
    def falling_paid_cents(self) -> int:
        return sum(each.paid_cents for each in self.falling)

    @property
    def has_periods(self) -> bool:
        return any(line.is_claimed for line in self.lines)

    def credited(self, gross_cents: int) -> int:
        """How much of a correction of so much (negative) had been paid: what was given up is nobody's credit."""
        discount = share_of_discount(self.discount_cents, -gross_cents, self.claim_cents) if self.discount_cents else 0
        return max(0, -gross_cents - max(0, self.open_cents) - discount - self.written_off_cents)

    def regained(self, gross_cents: int) -> int:
        """How much of the write-offs a correction of so much (negative) takes back."""
        return min(self.written_off_cents, max(0, -gross_cents - max(0, self.open_cents)))


def get_correctable(invoice_id: int) -> Correctable | None:
    """The invoice with its lines, or None where nothing can be corrected: no invoice, a draft, a correction."""
    session = cast(Session, db.session())
    row = session.get(Invoice, invoice_id)
    if row is None or row.kind != "invoice" or row.issued_at is None:
        return None
    lines, earlier = document_lines.lines_of(session, row), document_lines.corrections_of(session, row)
    claimed = set(session.scalars(select(InvoiceLine.id).where(
        InvoiceLine.invoice_id == invoice_id, InvoiceLine.claim_id.is_not(None))))  # fmt: skip
    left = rules.rates_left(lines, earlier, row.is_gross)
    owed = session.scalars(select(Receivable).where(Receivable.invoice_id == invoice_id)).one_or_none()
    lost = given_up.standing_of(session, owed) if owed else ()
    seen = session.scalar(select(func.count()).where(Invoice.original_id == invoice_id)) or 0
    return Correctable(
        row.id, row.number or "", row.customer_id, row.currency_code, row.is_gross, row.gross_cents,
        sum(rate.gross_cents for rate in left), owed.open_cents if owed else 0, seen,
        tuple(_line(line, place, earlier, claimed) for place, line in enumerate(lines, 1)),
        sum(each.amount_cents for each in lost if each.kind == "write_off"),
        sum(each.amount_cents for each in lost if each.kind == "cash_discount"),
        claim_of(session, owed) if owed else 0, _falling(session, owed),
    )  # fmt: skip


def _falling(session: Session, owed: Receivable | None) -> tuple[Falling, ...]:
    """None once they fell: nothing is left of the invoice then. Two statements."""
    if owed is None or not claim_of(session, owed):
        return ()
    rows = damages_off.falling_with(session, owed.id)
    lost = given_up.lost_cents(session, [row.id for row in rows])
    sums: dict[str, tuple[int, int]] = {}
    for row in rows:
        what = row.cause if row.kind == "fee" and row.cause else row.kind
        cents, paid = sums.get(what, (0, 0))
        gone = max(row.amount_cents - row.open_cents - lost.get(row.id, 0), 0)
        sums[what] = cents + row.amount_cents, paid + gone
    return tuple(Falling(what, *both) for what, both in sums.items())


def preview(invoice_id: int, parts: Sequence[Part] | None) -> Totals:
    """What a correction of these parts would come to, all figures negative. Raises as `services.corrections`."""
    session = cast(Session, db.session())
    row = session.get_one(Invoice, invoice_id)
    lines, earlier = document_lines.lines_of(session, row), document_lines.corrections_of(session, row)
    return rules.correct(lines, earlier, parts, row.is_gross).totals


def _line(line: Line, place: int, earlier: Sequence[Line], claimed: set[int]) -> LineLeft:
    left = rules.left_of(line, earlier)
    start = line.period.start if line.period else None
    until = date.fromordinal(start.toordinal() + left.days) if start else None
    return LineLeft(
        line.id or 0, place, line.title, line.unit_price, line.quantity, left.quantity, line.amount_cents,
        rules.value(line, left), start, until, (line.id or 0) in claimed,
    )  # fmt: skip
