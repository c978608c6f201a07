"""What stands against a merge (DSG-4, F17): codes, asked under the locks of both records."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from models import Collection, Customer, Debit, PaymentAttempt, PaymentMethod, Refund, Run, RunChunk, Subscription
from services.attempt_rows import UNDER_WAY


def reasons_against(session: Session, survivor: Customer, other: Customer) -> tuple[str, ...]:
    """Everything that stands against it; empty when nothing does. Seven statements.

    A chunk of a run that is being billed holds the records' locks, so it needs no sign of its own: whoever merges
    waits for it. What is asked here is what waits between two transactions: a chunk that is still to be billed, and
    a document whose payment is being collected, which must not find another debtor than it began with.
    """
    found = {
        "same_record": survivor.id == other.id,
        "already_merged": any(row.survivor_id not in (None, row.id) for row in (survivor, other)),
        "erased": any(row.erased_at is not None for row in (survivor, other)),
        "run_under_way": _awaits_a_chunk(session, (survivor.id, other.id)),
        "debit_at_bank": _is_at_bank(session, (survivor.id, other.id)),
        "setup_open": _has_setup_open(session, (survivor.id, other.id)),
        "refund_under_way": _is_going_back(session, (survivor.id, other.id)),
        "unfinished_documents": _awaits_payment(session, (survivor.id, other.id)),
    }
    return tuple(code for code, holds in found.items() if holds)


def _awaits_a_chunk(session: Session, ids: Sequence[int]) -> bool:
    """An unfinished run still has to bill one of them."""
    query = (
        select(RunChunk.id)
        .join(Run, Run.id == RunChunk.run_id)
        .join(Subscription, Subscription.customer_id.between(RunChunk.first_customer_id, RunChunk.last_customer_id))
        .where(Run.finished_at.is_(None), RunChunk.state == "pending")
        .where(Subscription.customer_id.in_(ids), Subscription.next_billing_on <= Run.on_date)
    )
    return bool(session.scalar(select(exists(query))))


def _awaits_payment(session: Session, ids: Sequence[int]) -> bool:
    """A document is still being collected, or a provider was asked and its answer is missing."""
    family = select(Customer.id).where(Customer.survivor_id.in_(ids))
    collected = select(Collection.invoice_id).where(Collection.state == "open", Collection.customer_id.in_(family))
    tried = select(PaymentAttempt.id).where(PaymentAttempt.state.in_(UNDER_WAY), PaymentAttempt.customer_id.in_(family))
    return bool(session.scalar(select(or_(exists(collected), exists(tried)))))


def _is_at_bank(session: Session, ids: Sequence[int]) -> bool:
    """A debit in a file or handed in: the bank's answer must find the debtor whom it was drawn on."""
    family = select(Customer.id).where(Customer.survivor_id.in_(ids))
    query = select(Debit.id).where(Debit.state.in_(("in_file", "submitted")), Debit.customer_id.in_(family))
    return bool(session.scalar(select(exists(query))))


def _has_setup_open(session: Session, ids: Sequence[int]) -> bool:
    """The customer is on a provider's page at the moment, which knows the record it began with. Over in a day."""
    query = select(PaymentMethod.id).where(PaymentMethod.state == "pending", PaymentMethod.customer_id.in_(ids))
    return bool(session.scalar(select(exists(query))))


def _is_going_back(session: Session, ids: Sequence[int]) -> bool:
    """A refund has not ended: its answer must find the record whose credit it was taken out of."""
    family = select(Customer.id).where(Customer.survivor_id.in_(ids))
    ended = ("succeeded", "failed", "withdrawn")
    query = select(Refund.id).where(Refund.state.not_in(ended), Refund.customer_id.in_(family))
    return bool(session.scalar(select(exists(query))))
