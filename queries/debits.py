"""One debit, one file for the bank, what waits for the next file, and a customer's mandates: for their pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ScalarSelect, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from billing.debits import returnable_until, unauthorised_until
from extensions import db
from models import Customer, Debit, Invoice, Mandate, Payment, PaymentFile, Receivable, Refund
from queries.lists.names import customer_name
from services import clock

SHOWN = 30


@dataclass(frozen=True, slots=True)
class DebitCard:
    """A debit with the names that people know. `mandate_state` is that of today."""

    id: int
    state: str
    customer_id: int
    customer: str
    invoice_id: int | None
    invoice_number: str | None
    amount_cents: int
    open_cents: int
    currency: str
    announced_on: date
    collect_on: date
    sequence: str
    end_to_end_id: str
    return_code: str
    file_id: int | None
    payment_id: int | None
    mandate: str
    mandate_state: str
    iban: str
    scheme: str
    collected_on: date | None  # the day that stands in its file
    file: str | None  # its name
    paid_on: date | None
    back_on: date | None  # where it was booked as credited before
    ended_at: datetime | None
    fee_cents: int | None  # asked of the customer for the return

    @property
    def given_back_on(self) -> date | None:
        """The day on which the bank gave it back; where nobody had seen its money before, the day on which we knew."""
        noted = clock.berlin(self.ended_at).date() if self.ended_at else None
        return (self.back_on or noted) if self.state == "returned" else None

    @property
    def may_come_back(self) -> bool:
        """It was collected, and nobody took it back so far."""
        return self.state in ("submitted", "paid")

    @property
    def until(self) -> date | None:
        """The last day on which it may be given back without a reason; None where it may not (SEP-5)."""
        return returnable_until(self.collected_on or self.collect_on, scheme=self.scheme)

    @property
    def until_unauthorised(self) -> date:
        """The same where there was no mandate for it."""
        return unauthorised_until(self.collected_on or self.collect_on)


@dataclass(frozen=True, slots=True)
class FileCard:
    """A file for the bank; `at_bank` of its debits are neither credited nor given back, `too_high` of those not handed
    in ask for more than is open by now."""

    id: int
    kind: str
    message_id: str
    state: str
    execute_on: date
    count: int
    total_cents: int
    currency: str
    created_at: datetime
    submitted_at: datetime | None
    at_bank: int
    too_high: int
    without_mandate: int  # of those that were not handed in


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the next files would hold: debits by their day, and refunds that are to be transferred. Those
    `without_account` wait: nobody knows where to."""

    days: tuple[tuple[date, int, int], ...]  # day, how many, cents
    refunds: int
    refund_cents: int
    without_account: int

    @property
    def count(self) -> int:
        return sum(count for _, count, _ in self.days)

    @property
    def cents(self) -> int:
        return sum(cents for _, _, cents in self.days)


@dataclass(frozen=True, slots=True)
class Concerned:
    """Debits of a mandate in one place: announced, or in a file (`file`, its name) that was handed in or was not."""

    state: str
    file: str
    count: int
    cents: int


@dataclass(frozen=True, slots=True)
class MandateRow:
    """A mandate as the card shows it."""

    id: int
    reference: str
    state: str
    scheme: str
    signed_on: date
    holder: str
    iban: str
    last_used_on: date | None
    ended_on: date | None
    stop_code: str


def get_debit(debit_id: int) -> DebitCard | None:
    """One statement."""
    back = aliased(Payment)
    query = (
        select(
            Debit.id, Debit.state, Debit.customer_id, customer_name().label("customer"), Receivable.invoice_id,
            Invoice.number, Debit.amount_cents, Receivable.open_cents, Debit.currency_code, Debit.announced_on,
            Debit.collect_on, Debit.sequence, Debit.end_to_end_id, Debit.return_code, Debit.file_id, Debit.payment_id,
            Mandate.reference, Mandate.state.label("mandate_state"), Mandate.iban, Mandate.scheme,
            PaymentFile.execute_on, PaymentFile.message_id, Payment.received_on, back.received_on, Debit.ended_at,
            _fee_of_return(),
        )
        .join(Customer, Customer.id == Debit.customer_id)
        .join(Mandate, Mandate.id == Debit.mandate_id)
        .join(Receivable, Receivable.id == Debit.receivable_id)
        .outerjoin(Invoice, Invoice.id == Receivable.invoice_id)
        .outerjoin(PaymentFile, PaymentFile.id == Debit.file_id)
        .outerjoin(Payment, Payment.id == Debit.payment_id)
        .outerjoin(back, back.external_key == "return:" + Debit.end_to_end_id)
        .where(Debit.id == debit_id)
    )  # fmt: skip
    row = db.session.execute(query).one_or_none()
    return DebitCard(*row) if row else None


def _fee_of_return() -> ScalarSelect[int]:
    """The fee that came with this return, and not with a later one of the same invoice."""
    fee, later = aliased(Receivable), aliased(Debit)
    came_later = exists().where(later.receivable_id == Debit.receivable_id, later.state == "returned",
                                later.ended_at > Debit.ended_at, later.ended_at <= fee.created_at)  # fmt: skip
    query = select(fee.amount_cents).where(
        fee.parent_id == Debit.receivable_id, fee.cause == "returned_debit", Debit.state == "returned",
        fee.created_at >= Debit.ended_at, ~came_later.correlate(Debit, fee),
    )  # fmt: skip
    return query.order_by(fee.id).limit(1).correlate(Debit).scalar_subquery()


def get_file(file_id: int) -> FileCard | None:
    """One statement."""
    state = case((PaymentFile.discarded_at.is_not(None), "discarded"),
                 (PaymentFile.rejected_at.is_not(None), "rejected"),
                 (PaymentFile.submitted_at.is_not(None), "submitted"), else_="made")  # fmt: skip
    at_bank = select(func.count()).where(Debit.file_id == PaymentFile.id, Debit.state == "submitted")
    too_high = (
        select(func.count(Debit.id)).join(Receivable, Receivable.id == Debit.receivable_id)
        .where(Debit.file_id == PaymentFile.id, Debit.state == "in_file", Receivable.open_cents < Debit.amount_cents)
        .correlate(PaymentFile)
    )  # fmt: skip
    over = (
        select(func.count(Debit.id)).join(Mandate, Mandate.id == Debit.mandate_id)
        .where(Debit.file_id == PaymentFile.id, Debit.state == "in_file", Mandate.state != "active")
        .correlate(PaymentFile)
    )  # fmt: skip
    row = db.session.execute(
        select(
            PaymentFile.id, PaymentFile.kind, PaymentFile.message_id, state, PaymentFile.execute_on, PaymentFile.count,
            PaymentFile.total_cents, PaymentFile.currency_code, PaymentFile.created_at, PaymentFile.submitted_at,
            at_bank.scalar_subquery(), too_high.scalar_subquery(), over.scalar_subquery(),
        ).where(PaymentFile.id == file_id)
    ).one_or_none()  # fmt: skip
    return FileCard(*row) if row else None


def get_waiting(until: date) -> Waiting:
    """What is due for collection until that day, of each what is still open, as a file takes it. Two statements."""
    due = (Debit.state == "planned", Debit.collect_on <= until, Receivable.open_cents > 0)
    left = case((Receivable.open_cents < Debit.amount_cents, Receivable.open_cents), else_=Debit.amount_cents)
    days = select(Debit.collect_on, func.count(), func.sum(left)).where(*due)
    days = days.join(Receivable, Receivable.id == Debit.receivable_id)
    found = db.session.execute(days.group_by(Debit.collect_on).order_by(Debit.collect_on))
    payee = aliased(Customer)
    open_ones = (Refund.way == "transfer", Refund.file_id.is_(None), Refund.state.in_(("ordered", "approved")))
    known = payee.bank_iban != ""
    refunds = (
        select(func.count().filter(known), func.coalesce(func.sum(Refund.amount_cents).filter(known), 0),
               func.count().filter(~known))
        .select_from(Refund)
        .join(Customer, Customer.id == Refund.customer_id)
        .join(payee, payee.id == func.coalesce(Customer.survivor_id, Customer.id))
        .where(*open_ones, Refund.currency_code == "EUR")
    )  # fmt: skip
    count, cents, unknown = db.session.execute(refunds).one()
    return Waiting(tuple((day, number, int(total)) for day, number, total in found), count, int(cents), unknown)


def concerned_by(mandate_id: int) -> Sequence[Concerned]:
    """What is announced to the customer of a mandate, unless another one holds, and what of it is at the bank or on its
    way there. One statement."""
    holder = aliased(Customer)
    survivor = select(func.coalesce(holder.survivor_id, holder.id)).join(Mandate, Mandate.customer_id == holder.id)
    speaks = survivor.where(Mandate.id == mandate_id).scalar_subquery()
    family = select(Customer.id).where(Customer.survivor_id == speaks)
    other = aliased(Mandate)
    holds = select(other.id).where(other.customer_id.in_(family), other.state == "active", other.id != mandate_id)
    announced = and_(Debit.state == "planned", Debit.customer_id.in_(family), ~holds.exists())
    on_its_way = and_(Debit.state.in_(("in_file", "submitted")), Debit.mandate_id == mandate_id)
    name = func.coalesce(PaymentFile.message_id, "")
    query = select(Debit.state, name, func.count(), func.sum(Debit.amount_cents))
    query = query.outerjoin(PaymentFile, PaymentFile.id == Debit.file_id).where(or_(announced, on_its_way))
    rows = db.session.execute(query.group_by(Debit.state, name).order_by(name))
    return [Concerned(state, file, count, int(cents)) for state, file, count, cents in rows]


def mandates_of(customer_id: int) -> Sequence[MandateRow]:
    """The mandates of the record and of those merged into it, the newest first. One statement."""
    columns = [getattr(Mandate, name) for name in MandateRow.__slots__]
    query = select(*columns).join(Customer, Customer.id == Mandate.customer_id)
    mine = or_(Customer.id == customer_id, Customer.survivor_id == customer_id)
    return [MandateRow(*row) for row in db.session.execute(query.where(mine).order_by(Mandate.id.desc()).limit(SHOWN))]
