"""What stands against deleting a customer, each with its reason and its figures (DSG-3, D-5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from billing.debits import REFUND_MONTHS
from billing.ledger import CREDIT
from billing.periods import add_months
from models import (
    Collection,
    Customer,
    Debit,
    Invoice,
    Payment,
    PaymentAttempt,
    PaymentMethod,
    Posting,
    Receivable,
    Refund,
    Subscription,
    SubscriptionItem,
)
from services import clock
from services.attempt_rows import UNDER_WAY

ENDED, SWITCHED_OFF = ("closed",), "deactivated"
DIRECT_DEBIT = 2  # M1-18
_undone = aliased(Payment)


@dataclass(frozen=True, slots=True)
class Blocker:
    """`code` says what it is, `count` how many; `amounts` are (cents, currency), `until` its last day, `contracts`
    (id, title)."""

    code: str
    count: int = 1
    amounts: tuple[tuple[int, str], ...] = field(default=())
    until: date | None = None
    contracts: tuple[tuple[int, str], ...] = field(default=())


def blockers(session: Session, row: Customer, ids: list[int]) -> tuple[Blocker, ...]:
    """Everything that stands against it; empty when nothing does. A fixed number of statements."""
    found = (
        Blocker("legal_hold") if row.legal_hold else None,
        _sums("open_items", session, _open_items(ids)),
        _sums("credit_left", session, _credit(ids)),
        _count("running_subscriptions", session, _running(ids)),
        _switched_off(session, ids),
        _count("unfinished_documents", session, _awaiting(ids)),
        _count("debits_under_way", session, _under_way(ids)),
        _count("refunds_under_way", session, _going_back(ids)),
        _count("setups_open", session, _setups(ids)),
        _debits(session, ids),
    )
    return tuple(each for each in found if each is not None)


def _going_back(ids: list[int]) -> Select[Any]:
    """Refunds that have not ended; nobody may be gone whom money is sent to."""
    ended = ("succeeded", "failed", "withdrawn")
    return select(func.count()).where(Refund.customer_id.in_(ids), Refund.state.not_in(ended))


def _setups(ids: list[int]) -> Select[Any]:
    """Pages of providers that the customer has open: what is entered there would be kept for nobody. Over in a day."""
    return select(func.count()).where(PaymentMethod.customer_id.in_(ids), PaymentMethod.state == "pending")


def _goes_on() -> ColumnElement[bool]:
    return or_(
        Subscription.ends_on.is_(None), Subscription.ends_on > clock.today(), Subscription.next_billing_on.is_not(None)
    )  # fmt: skip


def _running(ids: list[int]) -> Select[Any]:
    runs = Subscription.status.not_in((*ENDED, SWITCHED_OFF))
    return select(func.count()).where(Subscription.customer_id.in_(ids), runs, _goes_on())


def _switched_off(session: Session, ids: list[int]) -> Blocker | None:
    """Contracts that bill nothing and were never cancelled: they could be activated again tomorrow."""
    plan = select(func.max(SubscriptionItem.title)).where(
        SubscriptionItem.subscription_id == Subscription.id, SubscriptionItem.kind == "plan"
    )
    title = func.coalesce(func.nullif(Subscription.title, ""), plan.correlate(Subscription).scalar_subquery(), "")
    query = select(Subscription.id, title).where(
        Subscription.customer_id.in_(ids), Subscription.status == SWITCHED_OFF, _goes_on()
    )
    rows = tuple((number, str(name)) for number, name in session.execute(query.order_by(Subscription.id)))
    return Blocker("deactivated_subscriptions", len(rows), contracts=rows) if rows else None


def _awaiting(ids: list[int]) -> Select[Any]:
    """Documents that are being collected or wait for a person's decision, and issued ones that are tried again."""
    waits = select(Collection.invoice_id).where(
        Collection.customer_id.in_(ids), Collection.state.in_(("open", "given_up"))
    )
    tried = select(PaymentAttempt.invoice_id).where(
        PaymentAttempt.customer_id.in_(ids), PaymentAttempt.state.in_(UNDER_WAY)
    )
    return select(func.count()).where(Invoice.id.in_(waits.union(tried)))


def _under_way(ids: list[int]) -> Select[Any]:
    return select(func.count()).where(Debit.customer_id.in_(ids), Debit.state.in_(("planned", "in_file", "submitted")))


def _open_items(ids: list[int]) -> Any:
    columns = (Receivable.currency_code, func.count(), func.sum(Receivable.open_cents))
    mine = (Receivable.customer_id.in_(ids), Receivable.open_cents != 0)
    return select(*columns).where(*mine).group_by(Receivable.currency_code).order_by(Receivable.currency_code)


def _credit(ids: list[int]) -> Any:
    """Credit is a debt of the house: its postings are negative."""
    left = func.sum(Posting.amount_cents)
    query = select(Posting.currency_code, func.count(), -left)
    query = query.where(Posting.customer_id.in_(ids), Posting.account == CREDIT).group_by(Posting.currency_code)
    return query.having(left != 0).order_by(Posting.currency_code)


def _debits(session: Session, ids: list[int]) -> Blocker | None:
    """Debits that the customer's bank may still take back."""
    since = add_months(clock.today(), -REFUND_MONTHS)
    query = (
        select(func.count(), func.max(Payment.received_on))
        .join(Receivable, Receivable.id == Payment.receivable_id)
        .join(Invoice, Invoice.id == Receivable.invoice_id)
        .where(Payment.customer_id.in_(ids), Payment.kind == "payment", Payment.received_on > since)
        .where(Invoice.payment_type == DIRECT_DEBIT, ~exists().where(_undone.reverses_id == Payment.id))
    )
    count, last = session.execute(query).one()
    return Blocker("debits_returnable", count, until=add_months(last, REFUND_MONTHS)) if count else None


def _count(code: str, session: Session, query: Select[Any]) -> Blocker | None:
    count = session.scalar(query) or 0
    return Blocker(code, count) if count else None


def _sums(code: str, session: Session, query: Select[Any]) -> Blocker | None:
    rows = session.execute(query).all()
    amounts = tuple((int(cents), str(currency)) for currency, _, cents in rows)
    return Blocker(code, sum(count for _, count, _ in rows), amounts) if rows else None
