"""What time does to kept payment methods: they are noticed 30 days before they end, expire, or are renewed by the
provider; and a setup whose page nobody came back from is settled (M1-19, D-11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from extensions import db
from models import Customer, PaymentMethod, Subscription
from services import charging, clock, messages, method_rows, method_setups, payment_methods
from services.actor import SYSTEM
from services.unit import end_reading, write

AHEAD = timedelta(days=30)
PATIENCE = timedelta(days=1)
BATCH = 500
_ENDED = ("closed", "deactivated")


def follow_all() -> int:
    """Everything that today brings; gives how many methods it touched."""
    return sum(_each(find, deed) for find, deed in ((expired, expire), (ending, notice), (left_open, give_up)))


def expired(limit: int) -> list[int]:
    """Active methods whose last day is over."""
    query = select(PaymentMethod.id).where(PaymentMethod.state == "active", PaymentMethod.expires_on < clock.today())
    return list(db.session.scalars(query.order_by(PaymentMethod.id).limit(limit)))


def ending(limit: int) -> list[int]:
    """Methods in use that end within 30 days and whose customer was not told yet."""
    in_use = select(Subscription.payment_method_id).where(
        Subscription.payment_method_id.is_not(None), Subscription.status.not_in(_ENDED)
    )
    query = select(PaymentMethod.id).where(
        PaymentMethod.state == "active", PaymentMethod.expires_on <= clock.today() + AHEAD,
        PaymentMethod.expires_on >= clock.today(), PaymentMethod.expiry_noticed_on.is_(None),
        or_(PaymentMethod.is_default, PaymentMethod.id.in_(in_use)),
    )  # fmt: skip
    return list(db.session.scalars(query.order_by(PaymentMethod.id).limit(limit)))


def left_open(limit: int) -> list[int]:
    """Setups that began a day ago and are still open."""
    query = select(PaymentMethod.id).where(
        PaymentMethod.state == "pending", PaymentMethod.created_at < clock.instant() - PATIENCE
    )
    return list(db.session.scalars(query.order_by(PaymentMethod.id).limit(limit)))


def expire(method_id: int) -> None:
    """From the day after its last day on; it stays the default, so that everybody sees why nothing is charged."""
    with write() as session:
        row = _locked(session, method_id)
        if row is None or row.state != "active" or row.expires_on is None or row.expires_on >= clock.today():
            return
        row.state = "expired"
        method_rows.told(SYSTEM, "expired", row)


def notice(method_id: int) -> None:
    """The mail with the link, once."""
    with write() as session:
        row = _locked(session, method_id)
        if row is None or row.state != "active" or row.expiry_noticed_on is not None or row.expires_on is None:
            return
        row.expiry_noticed_on = clock.today()
        owner = session.get_one(Customer, row.customer_id)
        recipient = owner.payment_mail_address or owner.email
        if recipient:
            facts = {"customer_id": owner.id, "method_id": row.id}
            messages.order(f"payment_expiring:{row.id}:{row.expires_on}", "payment_expiring", recipient,
                           language=owner.language_code, customer_id=owner.id, facts=facts)  # fmt: skip
        method_rows.told(SYSTEM, "expiring", row)


def give_up(method_id: int) -> None:
    """Nobody came back: ask the provider once more; what is still open then never came to be."""
    if method_setups.finish_setup(method_id) != "pending":
        return
    with write() as session:
        row = _locked(session, method_id)
        if row is not None and row.state == "pending":
            row.state, row.ended_at = "failed", clock.instant()
            method_rows.told(SYSTEM, "failed", row)


def hear_update(gateway: str, token: str, facts: Mapping[str, str]) -> None:
    """The provider renewed a card: its new last day and digits. One that had expired may be charged again. Any number
    of times; what is unknown is not ours."""
    end_reading()
    mine = (PaymentMethod.gateway == gateway, PaymentMethod.token == token,
            PaymentMethod.state.in_(("active", "expired")))  # fmt: skip
    for method_id in list(db.session.scalars(select(PaymentMethod.id).where(*mine))) if token else ():
        customer_id = _renew(method_id, facts)
        if customer_id:
            charging.try_all_of(customer_id)


def _renew(method_id: int, facts: Mapping[str, str]) -> int | None:
    """Gives the customer where the method can be charged again."""
    with write() as session:
        owner, row = payment_methods.take(session, method_id)
        ends = date.fromisoformat(facts["expires_on"]) if facts.get("expires_on") else row.expires_on
        told = (ends, (facts.get("brand") or row.brand)[:20], (facts.get("last4") or row.last4)[:4])
        if told == (row.expires_on, row.brand, row.last4):
            return None
        if ends != row.expires_on:
            row.expiry_noticed_on = None
        row.expires_on, row.brand, row.last4 = told
        again = row.state == "expired" and (ends is None or ends >= clock.today())
        row.state = "active" if again else row.state
        again = method_rows.free(SYSTEM, row) or again  # new data
        session.flush()
        method_rows.told(SYSTEM, "renewed", row)
        return owner.id if again else None


def _locked(session: Session, method_id: int) -> PaymentMethod | None:
    return session.get(PaymentMethod, method_id, with_for_update=True, populate_existing=True)


def _each(find: Callable[[int], list[int]], deed: Callable[[int], None]) -> int:
    """Batch after batch; what does not get done in one is not tried twice today."""
    done: set[int] = set()
    while True:
        end_reading()
        ids = [each for each in find(BATCH + len(done)) if each not in done]
        for method_id in ids:
            deed(method_id)
        done |= set(ids)
        if not ids:
            return len(done)
