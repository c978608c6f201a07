"""What is billed and not served is credited, by days, with a Rechnungskorrektur of the line that billed it.

A version that ended, a pause, the end of the contract inside a paid period: the days of the items decide, so it does
not matter who ended them, or whether the day itself was looked at. Every line is credited once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing import corrections as rules
from billing.corrections import Correction, Part
from billing.lines import Line
from models import Claim, Invoice, InvoiceLine, Subscription, SubscriptionItem
from services import clock, corrections, document_lines
from services.actor import Actor

INTRO = {
    "de": "Diese Tage waren bereits berechnet und werden nicht erbracht. Wir schreiben sie Ihnen gut.",
    "en": "These days had been billed and are not provided. We credit them to you.",
}


@dataclass(frozen=True, slots=True)
class Unserved:
    """Lines of one invoice with the days from which they are not served."""

    invoice: Invoice
    lines: tuple[Line, ...]
    earlier: tuple[Line, ...]
    parts: tuple[Part, ...]

    def correction(self) -> Correction:
        """The document that would be issued, to the cent."""
        return rules.correct(self.lines, self.earlier, self.parts, self.invoice.is_gross)


def credit_unserved(actor: Actor, session: Session, row: Subscription, items: Sequence[SubscriptionItem]) -> list[int]:
    """Credit what the contract's items were billed for days after their end, as far as that day has come.

    What never begins (a planned change that was billed ahead and then withdrawn) is credited at once. Joins the open
    transaction; gives the ids of the corrections.
    """
    today = clock.today()
    over = {item.id: _end(row, item) for item in items if item.kind != "setup"}
    never = {item.id for item in items if item.ends_on is not None and item.ends_on <= item.starts_on}
    past = {id_: end for id_, end in over.items() if end is not None and (end <= today or id_ in never)}
    return [_credit(actor, found) for found in unserved(session, past)]  # fmt: skip


def _credit(actor: Actor, found: Unserved) -> int:
    words = INTRO.get(found.invoice.language_code, INTRO["en"])
    return corrections.correct(actor, found.invoice.id, found.parts, reason="", introtext=words)


def unserved(session: Session, ends: dict[int, date]) -> list[Unserved]:
    """What is billed of these items for days from their ends on and not taken back yet, one entry an invoice."""
    found: dict[int, list[Part]] = defaultdict(list)
    for line_id, invoice_id, start, end, item_id in _billed_beyond(session, ends):
        since = max(ends[item_id], start)
        if since < end:
            found[invoice_id].append(Part(line_id, unserved_from=since))
    checked = (_still(session, invoice_id, parts) for invoice_id, parts in sorted(found.items()))
    return [each for each in checked if each.parts]


def _billed_beyond(session: Session, ends: dict[int, date]) -> Iterable[tuple[int, int, date, date, int]]:
    if not ends:
        return ()
    query = (
        select(InvoiceLine.id, InvoiceLine.invoice_id, InvoiceLine.period_start, InvoiceLine.period_end, Claim.item_id)
        .join(Claim, Claim.id == InvoiceLine.claim_id)
        .where(Claim.item_id.in_(list(ends)), Claim.kind == "period", Claim.released_at.is_(None))
        .where(Claim.state == "billed", Claim.period_end > min(ends.values()))
    )
    rows = session.execute(query.order_by(InvoiceLine.id))
    return [(line, invoice, start, end, item) for line, invoice, start, end, item in rows if start and end]


def _still(session: Session, invoice_id: int, parts: Iterable[Part]) -> Unserved:
    """Without the lines of which nothing is left, or whose days were taken back before."""
    invoice = session.get_one(Invoice, invoice_id)
    lines = document_lines.lines_of(session, invoice)
    earlier = document_lines.corrections_of(session, invoice)
    by_id = {line.id: line for line in lines}
    open_ = tuple(part for part in parts if _is_open(by_id[part.line_id], earlier, part))
    return Unserved(invoice, tuple(lines), tuple(earlier), open_)


def _is_open(line: Line, earlier: Iterable[Line], part: Part) -> bool:
    left = rules.left_of(line, earlier)
    if left.nothing or line.period is None or part.unserved_from is None or not line.amount_cents:
        return False
    return part.unserved_from < line.period.start + timedelta(left.days)


def _end(row: Subscription, item: SubscriptionItem) -> date | None:
    ends = [day for day in (row.ends_on, item.ends_on) if day is not None]
    return min(ends, default=None)
