"""Usage is recorded, deleted while it is unbilled, and released when its invoice is cancelled to be billed again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.contracts import billing_anchor
from billing.errors import Conflict, Invalid, NotAllowed, NotFound
from billing.usage import due_day, service_end
from models import Product, Subscription, SubscriptionItem, UsageRecord
from services import activities, claims, clock, due_marks, snapshots
from services import values as check
from services.actor import Actor
from services.customers import lock_survivor
from services.products import BIGGEST_PRICE, find_product, price_in
from services.sql import first_come
from services.unit import write

BIGGEST_QUANTITY = Decimal(1_000_000)
_COLUMNS = UsageRecord.__table__.columns


@dataclass(frozen=True, slots=True)
class Used:
    """What was used. Without a day it is today's, without a price the product's in the contract's currency.

    `currency_code` is checked against the contract, never converted. `external_id` makes a repeated call one record.
    """

    subscription_id: int
    article_number: str
    quantity: Decimal
    unit_price: Decimal | None = None
    currency_code: str | None = None
    description: str = ""
    used_on: date | None = None
    used_time: time = time()
    external_id: str | None = None


def record_usage(actor: Actor, used: Used) -> int:
    """Record it for the contract's next invoice and give the record's id.

    Raises NotFound (subscription_id, article_number), NotAllowed for a contract that is switched off, Invalid(field),
    and Conflict("taken", field="external_id") where that id stands for something else.
    """
    with write() as session:
        contract = _lock_contract(session, used.subscription_id)
        if contract.status == "deactivated":
            raise NotAllowed("wrong_state", field="subscription_id")
        known = _same_again(session, used)
        if known is not None:
            return known
        product = find_product(session, used.article_number)
        row = _record(session, used, contract, product)
        with first_come(session, Conflict("taken", field="external_id")):
            session.add(row)
        _look_at_its_day(session, contract, row)
        activities.record(
            actor, "usage.recorded", "subscription", contract.id, customer_id=contract.customer_id, usage_id=row.id,
            article_number=row.article_number, quantity=str(row.quantity), used_on=row.used_on.isoformat(),
        )  # fmt: skip
        return int(row.id)


def delete_usage(actor: Actor, usage_id: int) -> None:
    """Delete a record that nobody has billed yet. Raises NotFound, NotAllowed("usage_billed")."""
    with write() as session:
        row = session.get(UsageRecord, usage_id)
        if row is None:
            raise NotFound("unknown_usage", field="usage_id")
        contract = _lock_contract(session, row.subscription_id)
        session.refresh(row)
        if row.claim_id is not None:
            raise NotAllowed("usage_billed", field="usage_id")
        activities.record(
            actor, "usage.deleted", "subscription", contract.id, customer_id=contract.customer_id, usage_id=row.id,
            article_number=row.article_number, quantity=str(row.quantity), used_on=row.used_on.isoformat(),
        )  # fmt: skip
        session.delete(row)
        session.flush()


def release(session: Session, line_ids: Sequence[int]) -> set[int]:
    """The lines are taken back and their usage shall be billed again: claims are released, records are unbilled.

    Gives the contracts concerned, whose marks the caller renews. The caller holds the customer's lock.
    """
    rows = list(session.scalars(select(UsageRecord).where(UsageRecord.invoice_line_id.in_(line_ids))))
    claims.release(session, [row.claim_id for row in rows if row.claim_id is not None])
    for row in rows:
        row.claim_id = row.invoice_line_id = None
    session.flush()
    return {row.subscription_id for row in rows}


def _lock_contract(session: Session, subscription_id: int) -> Subscription:
    row = session.get(Subscription, subscription_id)
    if row is None:
        raise NotFound("unknown_subscription", field="subscription_id")
    lock_survivor(session, row.customer_id)
    return row


def _same_again(session: Session, used: Used) -> int | None:
    """The record that an earlier call with this external id made. Raises Conflict where it says something else."""
    if not used.external_id:
        return None
    row = session.scalar(select(UsageRecord).where(UsageRecord.external_id == used.external_id))
    if row is None:
        return None
    if (row.subscription_id, row.article_number, row.quantity) != (
        used.subscription_id, used.article_number, used.quantity,
    ):  # fmt: skip
        raise Conflict("taken", field="external_id")
    return int(row.id)


def _record(session: Session, used: Used, contract: Subscription, product: Product) -> UsageRecord:
    if used.currency_code and used.currency_code.upper() != contract.currency_code:
        raise Invalid("currency_code", "other_currency_of_contract", currency=contract.currency_code)
    if product.is_gross != contract.is_gross:
        raise Invalid("article_number", "net_and_gross_in_one_contract")
    price = used.unit_price if used.unit_price is not None else price_in(session, product, contract.currency_code)[0]
    used_on = used.used_on or clock.today()
    return UsageRecord(
        external_id=check.text_of(_COLUMNS["external_id"], used.external_id or "") or None,
        subscription_id=contract.id, item_id=_plan_of(session, contract, used_on), product_id=product.id,
        article_number=product.number, title=product.title, unit=product.unit,
        description=check.text_of(_COLUMNS["description"], used.description),
        quantity=check.exact("quantity", used.quantity, Decimal("0.0001"), BIGGEST_QUANTITY, 4),
        unit_price=check.exact("unit_price", price, Decimal(0), BIGGEST_PRICE, 8),
        currency_code=contract.currency_code, vat_category=product.vat_category, supply_kind=product.supply_kind,
        is_section_13b=product.is_section_13b,
        used_on=_within(session, contract, used_on), used_time=used.used_time, recorded_on=clock.today(),
        recorded_at=clock.instant(),
    )  # fmt: skip


def _within(session: Session, contract: Subscription, used_on: date) -> date:
    """Nothing is used before a contract begins, after it has ended, or on a day that has not come."""
    terms = snapshots.terms_of(session, contract.id)
    end = service_end(terms, billing_anchor(terms))
    if used_on < contract.started_on or (end is not None and used_on >= end):
        raise Invalid("used_on", "outside_contract")
    if used_on > clock.today():
        raise Invalid("used_on", "in_the_future")
    return used_on


def _plan_of(session: Session, contract: Subscription, on: date) -> int:
    """The version of the plan that runs on the day, else the nearest: the record's claim hangs there."""
    query = select(SubscriptionItem.id, SubscriptionItem.starts_on).where(
        SubscriptionItem.subscription_id == contract.id, SubscriptionItem.kind == "plan"
    )
    rows = session.execute(query.order_by(SubscriptionItem.starts_on, SubscriptionItem.id)).all()
    begun = [row for row in rows if row.starts_on <= on] or rows[:1]
    if not begun:
        raise NotAllowed("wrong_state", field="subscription_id")
    return int(begun[-1].id)


def _look_at_its_day(session: Session, contract: Subscription, row: UsageRecord) -> None:
    """The mark comes forward where the record is due before anything else is, in a pause, too."""
    terms = snapshots.terms_of(session, contract.id)
    due_on = due_day(terms, billing_anchor(terms), row.used_on, row.recorded_on)
    due_marks.bring_forward(session, contract.id, due_on)
