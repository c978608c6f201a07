"""Documents that take back what an issued invoice said: Stornorechnung and Rechnungskorrektur (COR-1, D-1, EB-41).

A Stornorechnung takes all that is left, in the series "cancellation"; a Rechnungskorrektur takes lines, quantities or
days, in the series "correction". Both lower what is owed on the original; what was paid already becomes the
customer's paid credit (D-9), from which a refund is paid out. With the last of an invoice its fees and interest fall.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing import corrections as rules
from billing.corrections import Correction, Part
from billing.drafts import Draft
from billing.errors import Conflict, Invalid, NotAllowed, NotFound
from billing.ledger import CREDIT, RECEIVABLE, postings_for_invoice
from billing.lines import Line
from billing.unseen import as_read
from models import Customer, Invoice, InvoiceLine, JournalEntry, Posting, Receivable
from services import (
    activities,
    claims,
    clock,
    company,
    damages_off,
    discount_uses,
    document_lines,
    due_marks,
    given_up,
    instalments,
    ledger,
    usage,
)
from services.actor import Actor
from services.customers import lock_records
from services.debtors import Debtor, debtors_of
from services.issue import issue, ring_after_commit
from services.issue_rows import Order
from services.ledger import Leg
from services.payment_rows import claim_of
from services.unit import write

__all__ = ["LONGEST_REASON", "Part", "cancel", "correct", "paid_part", "paid_parts"]

LONGEST_REASON = 200
CANCELLATION, CORRECTION = "cancellation", "correction"
UNSERVED_WORDS = {"de": "Nicht erbracht: {days} von {of_days} Tagen", "en": "Not provided: {days} of {of_days} days"}
_DEEDS = {CANCELLATION: "invoice.cancelled", CORRECTION: "invoice.corrected"}


def cancel(
    actor: Actor,
    invoice_id: int,
    *,
    reason: str,
    bill_again: bool = False,
    introtext: str = "",
    seen: int | None = None,
) -> int:
    """Issue the Stornorechnung of everything that is not corrected yet; gives its id.

    `reason` stands in the activities, `introtext` on the paper. `bill_again` releases the billed periods, so that the
    next run bills them anew. `seen` is how many corrections the person saw. Raises NotFound, NotAllowed for a draft
    or a document that is itself a correction, AlreadyDone when nothing is left, Conflict("changed_meanwhile").
    """
    return _take(actor, invoice_id, None, CANCELLATION, reason, bill_again, introtext, seen)


def correct(
    actor: Actor,
    invoice_id: int,
    parts: Sequence[Part],
    *,
    reason: str,
    bill_again: bool = False,
    introtext: str = "",
    seen: int | None = None,
) -> int:
    """Issue a Rechnungskorrektur of these parts; gives its id.

    A part names a line and the quantity to take back, the day from which it was not served, or neither: all that is
    left of the line. `bill_again` needs lines of which nothing is left. Raises as `cancel`, and Invalid: "line_id",
    "quantity", "unserved_from", "bill_again".
    """
    return _take(actor, invoice_id, tuple(parts), CORRECTION, reason, bill_again, introtext, seen)


def paid_part(session: Session, correction_id: int) -> int:
    """Cents of a correction that had been paid already and became the customer's credit: what may be refunded (D-1)."""
    return paid_parts(session, [correction_id]).get(correction_id, 0)


def paid_parts(session: Session, correction_ids: Iterable[int]) -> dict[int, int]:
    """The same of several; one that had not been paid is left out. One statement."""
    query = select(JournalEntry.invoice_id, func.sum(-Posting.amount_cents)).join(
        Posting, Posting.entry_id == JournalEntry.id
    )
    mine = (JournalEntry.invoice_id.in_(list(correction_ids)), JournalEntry.kind.in_(_DEEDS), Posting.account == CREDIT)
    rows = session.execute(query.where(*mine).group_by(JournalEntry.invoice_id))
    return {document: int(cents) for document, cents in rows if document is not None}


@dataclass(frozen=True, slots=True)
class _Original:
    """The locked document that is corrected, its receivable, and the lines on both sides."""

    invoice: Invoice
    receivable: Receivable
    lines: list[Line]
    earlier: list[Line]


def _take(
    actor: Actor,
    invoice_id: int,
    parts: Sequence[Part] | None,
    kind: str,
    reason: str,
    bill_again: bool,
    introtext: str,
    seen: int | None,
) -> int:
    if len(reason) > LONGEST_REASON:
        raise Invalid("reason", "too_long", longest=LONGEST_REASON)
    with write() as session:
        original = _lock(session, invoice_id, seen)
        taken = rules.correct(original.lines, original.earlier, parts, original.invoice.is_gross)
        if bill_again and {line.original_line_id for line in taken.lines} != taken.emptied:
            raise Invalid("bill_again", "only_whole_lines")
        made = _issue(session, actor, original, taken, kind, introtext)
        _book(session, original, made, taken)
        fallen = _fallen(session, original, made, taken)
        instalments.end_of_settled(actor, session, original.receivable)
        if kind == CANCELLATION:  # whatever reduced the invoice reduced nothing in the end
            discount_uses.give_back(session, invoice_id)
        if bill_again:
            _release(session, taken.emptied)
        totals = taken.totals
        activities.record(
            actor, _DEEDS[kind], "invoice", invoice_id, customer_id=original.invoice.customer_id,
            reason=as_read(reason), number=original.invoice.number, correction=made.number,
            gross_cents=totals.gross_cents, currency=made.currency_code, billed_again=bill_again,
            credited_cents=paid_part(session, made.id), fallen_cents=fallen,
        )  # fmt: skip
        return made.id


def _lock(session: Session, invoice_id: int, seen: int | None) -> _Original:
    """The customer first, as a billing run does, then the invoice and what is owed on it."""
    owner = select(Invoice.customer_id).where(Invoice.id == invoice_id).scalar_subquery()
    lock_records(session, select(Customer.survivor_id).where(Customer.id == owner))
    row = session.get(Invoice, invoice_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("invoice", field="invoice_id")
    if row.issued_at is None:
        raise NotAllowed("not_issued", field="invoice_id")
    if row.kind != "invoice":
        raise NotAllowed("not_correctable", kind=row.kind, status=row.status)
    owed = select(Receivable).where(Receivable.invoice_id == invoice_id).with_for_update()
    receivable = session.scalars(owed.execution_options(populate_existing=True)).one_or_none()
    if receivable is None:
        raise NotFound("receivable", field="invoice_id")
    if seen is not None and seen != session.scalar(select(func.count()).where(Invoice.original_id == invoice_id)):
        raise Conflict("changed_meanwhile")
    lines, earlier = document_lines.lines_of(session, row), document_lines.corrections_of(session, row)
    return _Original(row, receivable, lines, earlier)


def _issue(
    session: Session, actor: Actor, original: _Original, taken: Correction, kind: str, introtext: str
) -> Invoice:
    """The correcting document: addressed as the original was, dated no earlier than it."""
    row = original.invoice
    debtor = _debtor(session, row)
    lines = tuple(_told(line, row.language_code) for line in taken.lines)
    on = max(clock.today(), row.issued_on or clock.today())
    draft = Draft(
        row.customer_id, row.currency_code, row.is_gross, row.payment_type, row.collection,
        document_lines.tax_case(row.tax_case), on, 0, (), lines,
    )  # fmt: skip
    order = Order(debtor, draft, taken.totals, {}, kind, row.id, title=row.title, introtext=as_read(introtext))
    letterhead = company.freeze_letterhead()
    issued = issue(session, [order], on, actor, letterhead_id=letterhead, run_id=None, code=kind)
    ring_after_commit(issued)
    return session.get_one(Invoice, issued.invoice_ids[0])


def _debtor(session: Session, row: Invoice) -> Debtor:
    """The frozen recipient; only where to send it is asked of the living record (a merged one: of its survivor)."""
    survivor = session.scalar(select(Customer.survivor_id).where(Customer.id == row.customer_id)) or row.customer_id
    now = debtors_of(session, [survivor])[survivor]
    return replace(
        now, number=row.customer_number, name=row.buyer_name, frozen=row.buyer, language_code=row.language_code
    )


def _told(line: Line, language: str) -> Line:
    """Days that were not served are said to the reader, with what they are counted of (EB-39)."""
    if line.reason != rules.UNSERVED or line.part is None:
        return line
    words = UNSERVED_WORDS.get(language, UNSERVED_WORDS["en"])
    told = words.format(days=line.part.days, of_days=line.part.of_days)
    return replace(line, description=f"{line.description}\n{told}".strip())


def _book(session: Session, original: _Original, made: Invoice, taken: Correction) -> None:
    """The original's entry mirrored. What was given up comes back as far as it is taken back; then what is open falls,
    and the rest had been paid: it becomes the customer's credit, so no more than was paid (M2-11)."""
    totals, receivable = taken.totals, original.receivable
    owed = -totals.gross_cents
    given_up.regain(session, receivable, owed, made.number or "")
    opened = min(owed, max(receivable.open_cents, 0))
    legs = [
        Leg(account, cents)
        for account, cents in postings_for_invoice(totals.gross_cents, totals.tax_lines)
        if account != RECEIVABLE
    ]
    legs += [Leg(RECEIVABLE, -opened, receivable.id), Leg(CREDIT, opened - owed)]
    day = made.issued_on or clock.today()
    ledger.book(session, made.kind, day, made.customer_id, made.currency_code, legs, made.id)


def _fallen(session: Session, original: _Original, made: Invoice, taken: Correction) -> int:
    """Cents of fees and interest that fall with the last of the invoice."""
    if not taken.totals.gross_cents or claim_of(session, original.receivable):
        return 0
    return damages_off.take_off(session, original.receivable, made.number or "")


def _release(session: Session, line_ids: Iterable[int]) -> None:
    """Give the periods of these lines back, so that the next run bills them, and mark their contracts (L2)."""
    line_ids = list(line_ids)
    query = select(InvoiceLine.claim_id, InvoiceLine.subscription_id).where(InvoiceLine.id.in_(line_ids))
    rows = session.execute(query.where(InvoiceLine.claim_id.is_not(None))).all()
    claims.release(session, [row.claim_id for row in rows])
    used = usage.release(session, line_ids)
    for subscription_id in sorted(used | {row.subscription_id for row in rows if row.subscription_id}):
        due_marks.renew_mark(subscription_id)
