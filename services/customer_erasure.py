"""Deleting a customer (D-5, M1-29): for good where nothing was ever issued, otherwise all that no law asks to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from billing.errors import Invalid, NotAllowed
from extensions import shrink
from models import (
    Claim,
    Coupon,
    CouponRedemption,
    CreditGrant,
    Customer,
    CustomerLogin,
    Deletion,
    File,
    JournalEntry,
    Mandate,
    Message,
    ParkedCustomer,
    PaymentMethod,
    Receivable,
    Subscription,
    SubscriptionItem,
    SubscriptionPause,
    UsageRecord,
    VatCheck,
)
from models.deletions import REASONS
from services import activities, clock, deletion_reasons, erasing, notes, retention
from services.actor import Actor
from services.customers import find_survivor, lock_survivor
from services.deletion_reasons import Blocker
from services.retention import Kept
from services.unit import after_commit, write


@dataclass(frozen=True, slots=True)
class Plan:
    """What deleting would do, or did: `outcome` erased, or restricted until a day; `blockers` stand against it.

    `kept` is what the law keeps, `goes` how much is erased, by subject; `merged` are the numbers of the records
    that were merged into this one and go with it.
    """

    outcome: str
    retain_until: date | None
    blockers: tuple[Blocker, ...] = ()
    kept: tuple[Kept, ...] = ()
    goes: Mapping[str, int] = field(default_factory=dict)
    merged: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes of what stands against it."""
        return tuple(each.code for each in self.blockers)


def preview_deletion(session: Session, customer_id: int) -> Plan:
    """What the dialog says beforehand. A fixed number of statements."""
    row = find_survivor(session, customer_id)
    ids = family(session, row.id)
    kept = retention.kept_of(session, ids)
    until = max((each.until for each in kept), default=None)
    return Plan(
        "restricted" if kept else "erased", until, deletion_reasons.blockers(session, row, ids), kept,
        _figures(session, ids, bool(kept)), _numbers(session, ids[1:]),
    )  # fmt: skip


def delete_customer(actor: Actor, customer_id: int, reason: str = "by_call") -> Plan:
    """Delete the record and those merged into it. Raises NotFound, Invalid("reason"), and NotAllowed with the first
    reason against it.

    Nothing issued: the rows go. Otherwise personal data goes, access ends, and the papers keep their frozen addresses.
    """
    if reason not in REASONS:
        raise Invalid("reason", "not_a_choice")
    with write() as session:
        row = lock_survivor(session, customer_id)
        plan = preview_deletion(session, row.id)
        if plan.reasons:
            raise NotAllowed(plan.reasons[0], field="customer_id", reasons=plan.reasons)
        ids, survivor = family(session, row.id), row.id
        gone = erasing.erase_traces(session, ids, business=bool(plan.kept))
        if plan.kept or _is_referred_to(session, ids):
            erasing.empty(session, ids, plan.retain_until)
        else:
            _remove(session, ids)
        activities.record(actor, "customer.deleted", "customer", survivor, customer_id=survivor, outcome=plan.outcome)
        _write_down(session, actor, ids, reason, plan, gone)
        after_commit(shrink)
        return plan


def family(session: Session, survivor_id: int) -> list[int]:
    """The surviving record and all that were merged into it."""
    merged = session.scalars(select(Customer.id).where(Customer.survivor_id == survivor_id, Customer.id != survivor_id))
    return [survivor_id, *merged]


def _numbers(session: Session, ids: list[int]) -> tuple[str, ...]:
    return tuple(session.scalars(select(Customer.number).where(Customer.id.in_(ids)).order_by(Customer.id)))


def _write_down(
    session: Session, actor: Actor, ids: list[int], reason: str, plan: Plan, gone: Mapping[str, int]
) -> None:
    """One row of the log for each record: a merged one was a record, too."""
    kept = {each.subject: [each.count, each.until.isoformat()] for each in plan.kept}
    for place, customer_id in enumerate(ids):
        session.add(Deletion(
            at=clock.instant(), customer_id=customer_id, actor_kind=actor.kind, actor_id=actor.id, reason=reason,
            outcome=plan.outcome, retain_until=plan.retain_until, kept={} if place else kept,
            gone={} if place else dict(gone),
        ))  # fmt: skip
    session.flush()


def _figures(session: Session, ids: list[int], business: bool) -> dict[str, int]:
    """How much will go."""
    goes = ~retention.is_letter() if business else Message.id.is_not(None)
    mails = select(func.count()).where(Message.customer_id.in_(ids), goes)
    found = {
        "notes": session.scalar(notes.going(ids, letters_stay=business).with_only_columns(func.count())) or 0,
        "messages": session.scalar(mails) or 0,
        "files": len(erasing.files_that_go(session, ids, business=business)),
        "customer_logins": session.scalar(select(func.count()).where(CustomerLogin.customer_id.in_(ids))) or 0,
    }
    return {subject: count for subject, count in found.items() if count}


def _is_referred_to(session: Session, ids: list[int]) -> bool:
    """Claims, postings and reports are never deleted (guards): what they point to keeps an empty row."""
    claims = select(Claim.id).join(SubscriptionItem).join(Subscription).where(Subscription.customer_id.in_(ids))
    tables = (Receivable, JournalEntry, ParkedCustomer, VatCheck, CreditGrant, CouponRedemption, Coupon, PaymentMethod,
              Mandate)  # fmt: skip
    used = select(UsageRecord.id).join(Subscription).where(Subscription.customer_id.in_(ids))
    others = (select(table.id).where(table.customer_id.in_(ids)) for table in tables)
    return any(session.scalar(query.limit(1)) is not None for query in (claims, used, *others))


def _remove(session: Session, ids: list[int]) -> None:
    """The rows go; what is left of their files says only that and when bytes were erased."""
    session.execute(update(File).where(File.customer_id.in_(ids)).values(customer_id=None, filename=""))
    contracts = select(Subscription.id).where(Subscription.customer_id.in_(ids))
    session.execute(delete(SubscriptionPause).where(SubscriptionPause.subscription_id.in_(contracts)))
    session.execute(delete(SubscriptionItem).where(SubscriptionItem.subscription_id.in_(contracts)))
    session.execute(delete(Subscription).where(Subscription.customer_id.in_(ids)))
    session.execute(update(Customer).where(Customer.id.in_(ids)).values(survivor_id=None))
    session.execute(delete(Customer).where(Customer.id.in_(ids)))
