"""What every deed with money by hand needs: locks in one order, the entry with its row, what may be undone.

Locks are taken as a billing run takes them: customers by id, then receivables by id. So what a customer has as paid
credit cannot be spent twice, neither by two people nor by a run in the same moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from billing.errors import AlreadyDone, Invalid, NotAllowed, NotFound
from billing.ledger import CREDIT
from billing.money import Money
from billing.payments import METHODS, Taxed
from billing.payments import Leg as Part
from models import Customer, Invoice, InvoiceTaxLine, Payment, Posting, Receivable
from services import clock
from services.customers import lock_records
from services.ledger import Leg, book

EARLIEST = date(2000, 1, 1)  # an older day of receipt is a slip of the pen
_BOOKED_AS = {"credit_applied": "credit_used"}  # "credit_applied" are entries that settle an invoice at its issue
_UNDONE_AS = {"payment": "payment_reversal", "credit_applied": "credit_reversal"}


def lock(session: Session, receivable_ids: Iterable[int], customer_ids: Iterable[int] = ()) -> dict[int, Receivable]:
    """The receivables and the records of all customers concerned, locked. NotFound for an unknown receivable."""
    wanted, given = set(receivable_ids), set(customer_ids)
    of_rows = select(Receivable.customer_id).where(Receivable.id.in_(wanted))
    concerned = or_(Customer.id.in_(of_rows), Customer.id.in_(given))
    survivors = select(func.coalesce(Customer.survivor_id, Customer.id)).where(concerned)
    lock_records(session, survivors)
    query = select(Receivable).where(Receivable.id.in_(wanted)).order_by(Receivable.id).with_for_update()
    rows = session.scalars(query.execution_options(populate_existing=True))
    found: dict[int, Receivable] = {row.id: row for row in rows}
    if found.keys() != wanted:
        raise NotFound("receivable", field="receivable_id")
    return found


def receivable_of(session: Session, invoice_id: int) -> int:
    """The receivable of an issued invoice. Raises NotAllowed("not_issued") for a draft, and NotFound: a correction is
    not to be paid."""
    found: int | None = session.scalar(select(Receivable.id).where(Receivable.invoice_id == invoice_id))
    if found is None:
        require_issued(session, invoice_id)
        raise NotFound("nothing_to_pay", field="invoice_id")
    return found


def require_issued(session: Session, invoice_id: int) -> None:
    """Raises NotAllowed("not_issued") for a draft; what does not exist is the caller's to tell."""
    if session.scalar(select(Invoice.id).where(Invoice.id == invoice_id, Invoice.issued_at.is_(None))) is not None:
        raise NotAllowed("not_issued", field="invoice_id")


def refuse_twice(session: Session, key: str | None) -> None:
    """A form that was sent twice, an event that came twice: the deed is done. Asked under the locks (F1)."""
    if key is None:
        return
    done = session.scalar(select(Payment.id).where(Payment.external_key == key))
    if done is not None:
        raise AlreadyDone("already_done", payment_id=done)


def check_money(amount: Money, currency: str, on: date, method: str = "bank") -> None:
    """Raises Invalid: "amount" that is not positive or of another currency, "received_on" in the future or long before
    this house, "method" that nobody knows."""
    if amount.currency != currency:
        raise Invalid("amount", "other_currency")
    if amount.cents <= 0:
        raise Invalid("amount", "out_of_range")
    if on > clock.today():
        raise Invalid("received_on", "in_the_future")
    if on < EARLIEST:
        raise Invalid("received_on", "out_of_range")
    if method not in METHODS:
        raise Invalid("method", "not_a_choice")


def enter(
    session: Session,
    kind: str,
    legs: Sequence[Part],
    on: date,
    customer_id: int,
    amount: Money,
    receivable: Receivable | None = None,
    undoes: str = "",
    **values: Any,
) -> Payment:
    """Book the legs as one entry on that day and write the row beside it. `undoes`: the kind that a reversal undoes."""
    invoice_id = receivable.invoice_id if receivable else None
    entry = _UNDONE_AS.get(undoes, "reversal") if undoes else _BOOKED_AS.get(kind, kind)
    entry_id = book(session, entry, on, customer_id, amount.currency, [Leg(*leg) for leg in legs], invoice_id)
    row = Payment(
        kind=kind, customer_id=customer_id, receivable_id=receivable.id if receivable else None, entry_id=entry_id,
        amount_cents=amount.cents, currency_code=amount.currency, created_at=clock.instant(), **values,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def claim_of(session: Session, receivable: Receivable) -> int:
    """What the document asks for today: its amount less its corrections, in cents."""
    if receivable.invoice_id is None:
        return receivable.amount_cents
    given_back = select(func.coalesce(func.sum(func.abs(Invoice.gross_cents)), 0)).where(
        Invoice.original_id == receivable.invoice_id, Invoice.issued_at.is_not(None)
    )
    return receivable.amount_cents - int(session.scalars(given_back).one())


def taxed(session: Session, receivable: Receivable) -> list[Taxed]:
    """The gross sums of a document's rates, less its corrections; empty for what bears no VAT."""
    if receivable.invoice_id is None:  # damages hang on no document; NULL would find all that correct nothing
        return []
    mine = InvoiceTaxLine.invoice_id == receivable.invoice_id
    gross = func.sum(case((mine, InvoiceTaxLine.gross_cents), else_=-func.abs(InvoiceTaxLine.gross_cents)))
    corrects = (Invoice.original_id == receivable.invoice_id) & Invoice.issued_at.is_not(None)
    columns = (InvoiceTaxLine.vat_category, InvoiceTaxLine.vat_percent)
    query = select(*columns, gross).join(Invoice, Invoice.id == InvoiceTaxLine.invoice_id)
    rows = session.execute(query.where(mine | corrects).group_by(*columns).order_by(*columns))
    return [(category, percent, int(cents)) for category, percent, cents in rows]


def credit_of(session: Session, customer_id: int, currency: str) -> int:
    """The paid credit that a customer has, with what belongs to records merged into theirs, in cents (D-9)."""
    survivor = select(func.coalesce(Customer.survivor_id, Customer.id)).where(Customer.id == customer_id)
    family = select(Customer.id).where(
        or_(Customer.id.in_(survivor), Customer.survivor_id.in_(survivor), Customer.id == customer_id)
    )
    query = select(func.coalesce(func.sum(Posting.amount_cents), 0)).where(
        Posting.customer_id.in_(family), Posting.account == CREDIT, Posting.currency_code == currency
    )
    return -int(session.scalars(query).one())


def number_of(session: Session, receivable: Receivable | None) -> str:
    """The number of its invoice, for what activities tell."""
    if receivable is None or receivable.invoice_id is None:
        return ""
    return session.scalar(select(Invoice.number).where(Invoice.id == receivable.invoice_id)) or ""
