"""One-time codes that prove who reads a customer's mailbox, and the change that waits for one (D-11, S3).

A code lives ten minutes, may be tried five times and serves once; a newer one ends it. The database keeps only its
digest: the code itself is made of the house's secret when its mail is written, and stands nowhere before.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from billing.errors import NotAllowed, NotFound
from extensions import db
from models import Customer, CustomerCode
from services import activities, clock, messages
from services.actor import Actor
from services.code_digits import LIVES, code_of, digest_of
from services.company import get_company
from services.mail_writing import leave_the_house
from services.unit import write

TRIES = 5
PER_HOUR = 5  # for each customer and each mailbox; an hour later there are new ones, so nobody is locked out for ever
KEPT = timedelta(days=1)


def send_code(actor: Actor, customer: Customer, purpose: str, wanted: Mapping[str, Any], fields: Sequence[str]) -> int:
    """Order a mail with a new code to the address known so far; gives the code's id. Inside the open transaction.

    `wanted` is what the code will confirm, `fields` names it in the mail. Raises NotAllowed: "no_address" for a
    customer without any, "no_mail_server" where a live house sends none (nobody could ever read the code),
    "too_many_codes" after PER_HOUR of them.
    """
    if get_company().mode == "live" and not leave_the_house():
        raise NotAllowed("no_mail_server")
    address = address_of(customer)
    if not address:
        raise NotAllowed("no_address", fields=list(fields))
    with write() as session:
        _throttle(customer.id, address)
        forget(customer.id)
        now = clock.real()
        row = CustomerCode(
            customer_id=customer.id, purpose=purpose, code_digest="", wanted=dict(wanted), sent_to=address,
            created_at=now, expires_at=now + LIVES,
        )  # fmt: skip
        session.add(row)
        session.flush()
        row.code_digest = digest_of(row.id, code_of(row))
        facts = {"code_id": row.id, "fields": list(fields)}
        messages.order(f"code:{row.id}", "customer_code", address, language=customer.language_code,
                       customer_id=customer.id, facts=facts)  # fmt: skip
        activities.record(actor, "customer.code_sent", "customer", customer.id, customer_id=customer.id,
                          wanted=list(fields))  # fmt: skip
        return int(row.id)


def use_code(actor: Actor, customer_id: int, purpose: str, typed: str) -> CustomerCode | None:
    """The open code if this is it, used up from now on; None for a wrong one, which counts as a try.

    Inside the open transaction, behind the customer's lock, so that tries at the same moment are counted one by one.
    Raises NotFound("code") where none is open.
    """
    row = open_code(customer_id, purpose)
    if row is None or is_over(row):
        raise NotFound("code")
    if hmac.compare_digest(row.code_digest, digest_of(row.id, "".join(typed.split()))):
        row.used_at = clock.real()
        return row
    row.attempts += 1
    if row.attempts >= TRIES:
        row.wanted, row.expires_at = {}, clock.real()
        activities.record(actor, "customer.code_guessed", "customer", customer_id, customer_id=customer_id)
    return None


def open_code(customer_id: int, purpose: str) -> CustomerCode | None:
    """The newest code, unless it was used; it may be over."""
    of_customer = (CustomerCode.customer_id == customer_id, CustomerCode.purpose == purpose)
    query = select(CustomerCode).where(*of_customer).order_by(CustomerCode.id.desc()).limit(1)
    row: CustomerCode | None = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    return row if row is not None and row.used_at is None else None


def is_over(row: CustomerCode) -> bool:
    """Whether the code ran out or was tried too often."""
    return row.expires_at <= clock.real() or row.attempts >= TRIES


def is_valid(code_id: int) -> bool:
    """Whether this code would still serve."""
    row = db.session.get(CustomerCode, code_id)
    return row is not None and row.used_at is None and not is_over(row)


def forget(customer_id: int) -> None:
    """End every open code of the customer, with what waited for it; those of yesterday go."""
    now = clock.real()
    with write() as session:
        mine = CustomerCode.customer_id == customer_id
        session.execute(delete(CustomerCode).where(mine, CustomerCode.created_at < now - KEPT))
        still_open = (CustomerCode.used_at.is_(None), CustomerCode.expires_at > now)
        session.execute(update(CustomerCode).where(mine, *still_open).values(expires_at=now))
        session.execute(update(CustomerCode).where(mine).values(wanted={}))


def address_of(customer: Customer) -> str:
    """The mailbox that a code goes to: the customer's own, else the first of those for invoices."""
    return customer.email or customer.payment_mail_address.partition(",")[0].strip()


def masked(address: str) -> str:
    """An address as a stranger may see it: k•••@example.com."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}" if domain else ""


def _throttle(customer_id: int, address: str) -> None:
    recent = CustomerCode.created_at > clock.real() - timedelta(hours=1)
    whose = or_(CustomerCode.customer_id == customer_id, CustomerCode.sent_to == address)
    count = db.session.scalar(select(func.count()).select_from(CustomerCode).where(recent, whose)) or 0
    if count >= PER_HOUR:
        raise NotAllowed("too_many_codes")
