"""Who is at the portal: a session's token leads to the login and its customer, in one indexed statement (S6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import aliased

from extensions import db
from models import Customer, CustomerLogin, CustomerSession
from queries.sessions import still_open

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=24)
_own, _survivor = aliased(Customer), aliased(Customer)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A customer with an open session. `customer_id` is the record that speaks for the login today (D-11)."""

    session_id: int
    login_id: int
    customer_id: int
    email: str
    language_code: str
    must_change_password: bool
    last_seen_at: datetime


def find_visitor(token_digest: str, now: datetime) -> Visitor | None:
    """The customer behind the token, or None: unknown, ended, idle for 2 hours, older than a day, deleted, or
    deactivated, from the very moment on (D-12)."""
    query = (
        select(CustomerSession.id, CustomerLogin.id, _survivor.id, CustomerLogin.email, _survivor.language_code,
               CustomerLogin.must_change_password, CustomerSession.last_seen_at)
        .join(CustomerLogin, CustomerLogin.id == CustomerSession.login_id)
        .join(_own, _own.id == CustomerLogin.customer_id)
        .join(_survivor, _survivor.id == _own.survivor_id)
        .where(CustomerSession.token_digest == token_digest, *still_open(CustomerSession, now, IDLE, LONGEST),
               _survivor.status != "deactivated", _survivor.erased_at.is_(None))
    )  # fmt: skip
    row = db.session.execute(query).one_or_none()
    return Visitor(*row) if row else None
