"""Deleting a customer (D-5, M1-29): for good where nothing was ever issued, otherwise all that no law asks to keep."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, func, literal, or_, select, update
from sqlalchemy.orm import Session

from billing.errors import NotAllowed
from billing.ledger import CREDIT
from models import (
    Activity,
    ActivityDetail,
    Claim,
    Coupon,
    CouponRedemption,
    CreditGrant,
    Customer,
    CustomerCode,
    CustomerLogin,
    CustomerTag,
    File,
    Invoice,
    InvoiceLine,
    InvoiceTaxLine,
    JournalEntry,
    Message,
    ParkedCustomer,
    Posting,
    Receivable,
    SearchWord,
    Shipment,
    Subscription,
    SubscriptionItem,
    UsageRecord,
    VatCheck,
)
from models.fates import COLUMNS, ColumnErase
from services import activities, clock, customer_exports, notes
from services.actor import Actor
from services.customers import find_survivor, lock_survivor
from services.unit import write

RETENTION_YEARS = 8  # section 147 (3) AO, section 257 (4) HGB: vouchers, since 2025, from the end of their year
ENDED = ("closed",)

# What stays of a restricted record is declared with the record (models/fates.py).
_EMPTIED = [name for name, fate in COLUMNS.items() if fate.erase is ColumnErase.EMPTIED]


@dataclass(frozen=True, slots=True)
class Deletion:
    """What deleting would do, or did: `erased` or `restricted` until a day, or the reasons against it."""

    outcome: str
    retain_until: date | None
    reasons: tuple[str, ...]


def preview_deletion(session: Session, customer_id: int) -> Deletion:
    """What the dialog says beforehand: `reasons` are codes and empty when nothing stands against it."""
    row = find_survivor(session, customer_id)
    ids = _family(session, row.id)
    last = session.scalar(select(func.max(Invoice.issued_on)).where(Invoice.customer_id.in_(ids)))
    until = date(last.year + RETENTION_YEARS, 12, 31) if last else None
    return Deletion("restricted" if until else "erased", until, _reasons(session, row, ids))


def delete_customer(actor: Actor, customer_id: int) -> Deletion:
    """Delete the record and those merged into it. Raises NotFound, and NotAllowed with the first reason against it.

    Nothing issued: the rows go. Otherwise personal data goes, access ends, and the papers keep their frozen addresses.
    """
    with write() as session:
        row = lock_survivor(session, customer_id)
        plan = preview_deletion(session, row.id)
        if plan.reasons:
            raise NotAllowed(plan.reasons[0], field="customer_id", reasons=plan.reasons)
        ids = _family(session, row.id)
        _erase_traces(session, ids, sent_mail=plan.outcome == "erased")
        if plan.outcome == "restricted" or _is_referred_to(session, ids):
            _empty(session, ids, plan.retain_until)
        else:
            _remove(session, ids)
        activities.record(actor, "customer.deleted", "customer", row.id, customer_id=row.id, outcome=plan.outcome)
        return plan


def _family(session: Session, survivor_id: int) -> list[int]:
    """The surviving record and all that were merged into it."""
    merged = session.scalars(select(Customer.id).where(Customer.survivor_id == survivor_id, Customer.id != survivor_id))
    return [survivor_id, *merged]


def _reasons(session: Session, row: Customer, ids: list[int]) -> tuple[str, ...]:
    """Everything that stands against it, as codes (F18)."""
    running = select(Subscription.id).where(
        Subscription.customer_id.in_(ids),
        Subscription.status.not_in(ENDED),
        or_(
            Subscription.ends_on.is_(None),
            Subscription.ends_on > clock.today(),
            Subscription.next_billing_on.is_not(None),
        ),
    )
    open_items = select(Receivable.id).where(Receivable.customer_id.in_(ids), Receivable.open_cents != 0)
    credit = select(Posting.currency_code).where(Posting.customer_id.in_(ids), Posting.account == CREDIT)
    credit = credit.group_by(Posting.currency_code).having(func.sum(Posting.amount_cents) != 0)
    in_work = select(Invoice.id).where(Invoice.customer_id.in_(ids), Invoice.status == "awaiting_payment")
    found = {
        "legal_hold": row.legal_hold,
        "open_items": session.scalar(open_items.limit(1)) is not None,
        "credit_left": session.scalar(credit.limit(1)) is not None,
        "running_subscriptions": session.scalar(running.limit(1)) is not None,
        "unfinished_documents": session.scalar(in_work.limit(1)) is not None,
    }
    return tuple(code for code, holds in found.items() if holds)


def _erase_traces(session: Session, ids: list[int], sent_mail: bool) -> None:
    """Search words, tags, drafts, mails, and the old and new values in the trail; its digests stay (DSG-5).

    Mails that were sent are business letters where there was business (section 257 HGB): they stay with the papers.
    """
    of_customer = select(Activity.id).where(Activity.customer_id.in_(ids))
    session.execute(delete(ActivityDetail).where(ActivityDetail.activity_id.in_(of_customer)))
    customer_exports.forget_of(ids)
    notes.erase_notes(session, ids, letters_stay=not sent_mail)
    session.execute(delete(SearchWord).where(SearchWord.customer_id.in_(ids)))
    session.execute(delete(CustomerTag).where(CustomerTag.customer_id.in_(ids)))
    session.execute(delete(CustomerLogin).where(CustomerLogin.customer_id.in_(ids)))
    session.execute(delete(CustomerCode).where(CustomerCode.customer_id.in_(ids)))
    unsent = Message.state.in_(("pending", "failed", "stopped"))
    session.execute(delete(Message).where(Message.customer_id.in_(ids), or_(unsent, literal(sent_mail))))
    drafts = select(Invoice.id).where(Invoice.customer_id.in_(ids), Invoice.status == "draft")
    for table in (InvoiceLine, InvoiceTaxLine):
        session.execute(delete(table).where(table.invoice_id.in_(drafts)))
    session.execute(delete(Invoice).where(Invoice.id.in_(drafts)))


def _is_referred_to(session: Session, ids: list[int]) -> bool:
    """Claims, postings and reports are never deleted (guards): what they point to keeps an empty row."""
    claims = select(Claim.id).join(SubscriptionItem).join(Subscription).where(Subscription.customer_id.in_(ids))
    tables = (Receivable, JournalEntry, ParkedCustomer, VatCheck, CreditGrant, CouponRedemption, Coupon)
    used = select(UsageRecord.id).join(Subscription).where(Subscription.customer_id.in_(ids))
    others = (select(table.id).where(table.customer_id.in_(ids)) for table in tables)
    return any(session.scalar(query.limit(1)) is not None for query in (claims, used, *others))


def _remove(session: Session, ids: list[int]) -> None:
    session.execute(update(File).where(File.customer_id.in_(ids)).values(customer_id=None, filename=""))
    contracts = select(Subscription.id).where(Subscription.customer_id.in_(ids))
    session.execute(delete(SubscriptionItem).where(SubscriptionItem.subscription_id.in_(contracts)))
    session.execute(delete(Subscription).where(Subscription.customer_id.in_(ids)))
    session.execute(update(Customer).where(Customer.id.in_(ids)).values(survivor_id=None))
    session.execute(delete(Customer).where(Customer.id.in_(ids)))


def _empty(session: Session, ids: list[int], until: date | None) -> None:
    """Take everything personal out of the rows; the links of before lead nowhere."""
    blank = {field: _blank(Customer.__table__.columns[field]) for field in _EMPTIED}
    for row in session.scalars(select(Customer).where(Customer.id.in_(ids))):
        for field, value in blank.items():
            setattr(row, field, value)
        row.hash, row.status = secrets.token_hex(16), "deactivated"
        row.erased_at, row.retain_until, row.updated_at = clock.instant(), until, clock.instant()
    personal: dict[str, Any] = {"x_attributes": [], "cancellation_note": "", "ext_uid": None}
    session.execute(update(Subscription).where(Subscription.customer_id.in_(ids)).values(**personal))
    theirs = select(Subscription.id).where(Subscription.customer_id.in_(ids))
    session.execute(update(UsageRecord).where(UsageRecord.subscription_id.in_(theirs)).values(description=""))
    session.execute(update(CreditGrant).where(CreditGrant.customer_id.in_(ids)).values(reason=""))
    session.execute(update(Shipment).where(Shipment.customer_id.in_(ids)).values(tracking_number="", option=""))
    session.flush()


def _blank(column: Any) -> Any:
    """Nothing, as this column says it."""
    if column.nullable:
        return None
    return {"x_attributes": [], "newsletter_optin": False, "show_payment_notice": False, "owes_vat": False}.get(
        column.key, ""
    )
