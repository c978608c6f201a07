"""Logins of customers (Zugänge, R-11 to R-16), as the people of the house look after them.

What customers do with them themselves stands in services/customer_access.py.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from billing.errors import Conflict, Invalid
from billing.unseen import as_read
from models import Customer, CustomerLogin
from services import activities, clock, customer_login_letters, customer_login_mails, passwords, values
from services.actor import Actor
from services.customer_login_keys import LINKS, SESSIONS, locked, require_open
from services.customers import lock_survivor
from services.sql import first_come
from services.unit import write


@dataclass(frozen=True, slots=True)
class Invitation:
    """`link` only where no mail reaches the customer: somebody has to hand it over."""

    login_id: int
    link: str | None


def invite(actor: Actor, customer_id: int, email: str) -> Invitation:
    """Make a login whose person chooses the password behind a link of seven days (R-13). Joins an open transaction.

    Raises NotFound, NotAllowed("erased"), NotAllowed("login_stopped") for a deactivated customer, Invalid("email"),
    Conflict("login_taken", number=...) where the address opens a portal already (D-4).
    """
    address = tidy(email)
    if not address:
        raise Invalid("email", "missing")
    values.text_of(CustomerLogin.__table__.c.email, values.email("email", address))
    with write() as session:
        customer = lock_survivor(session, customer_id)
        require_open(customer)
        row = _enrolled(session, customer, address)
        activities.record(actor, "login.invited", "login", row.id, customer_id=customer.id, email=address)
        return _send(actor, row, customer, "invitation")


def send_link(actor: Actor, login_id: int) -> Invitation:
    """The invitation again (R-16), or for whoever has a password a link of 30 minutes to choose a new one.

    Links of before open nothing any more. Raises NotFound("login"), NotAllowed("login_stopped").
    """
    with write() as session:
        row, customer = locked(session, login_id)
        require_open(customer)
        purpose = "reset" if row.password_hash else "invitation"
        activities.record(actor, f"login.{purpose}_sent", "login", row.id, customer_id=customer.id, email=row.email)
        return _send(actor, row, customer, purpose)


def set_password(actor: Actor, login_id: int, password: str = "") -> str:
    """Give the login a password, to be changed when it is first used (R-14); gives it in clear, this once.

    A random one where none was given. Sessions and open links end, and the customer is told by mail.
    Raises NotFound("login"), Invalid("password").
    """
    password = password or secrets.token_urlsafe(12)
    password_hash = passwords.hashed(password)
    with write() as session:
        row, customer = locked(session, login_id)
        row.password_hash, row.must_change_password, row.updated_at = password_hash, True, clock.instant()
        LINKS.void(row.id)
        SESSIONS.end_all(row.id)
        activities.record(actor, "login.password_set", "login", row.id, customer_id=customer.id, email=row.email)
        customer_login_mails.tell_password(row, customer, by=actor.name)
    return password


def end_sessions(actor: Actor, login_id: int) -> int:
    """Whoever is at the portal with this login is out; gives how many. Raises NotFound("login")."""
    with write() as session:
        row, customer = locked(session, login_id)
        count = SESSIONS.end_all(row.id)
        if count:
            activities.record(actor, "login.session_ended", "login", row.id, customer_id=customer.id, email=row.email,
                              count=count)  # fmt: skip
        return count


def delete_login(actor: Actor, login_id: int) -> None:
    """The login goes with its links and sessions (R-15); the record stays. Raises NotFound("login")."""
    with write() as session:
        row, customer = locked(session, login_id)
        address = row.email
        session.execute(delete(CustomerLogin).where(CustomerLogin.id == login_id))
        activities.record(actor, "login.deleted", "login", login_id, customer_id=customer.id, email=address)


def tidy(email: str) -> str:
    """An address as logins keep it, without what nobody sees; nor a NUL, which PostgreSQL does not even compare."""
    return as_read(email.replace("\x00", "")).lower()


def _enrolled(session: Session, customer: Customer, address: str) -> CustomerLogin:
    """The new row. Who takes the address in the same moment is met at the unique index."""
    other = select(Customer.number).join(CustomerLogin, CustomerLogin.customer_id == Customer.id)
    number = session.scalar(other.where(CustomerLogin.email == address))
    if number is not None:
        raise Conflict("login_taken", field="email", number=number)
    now = clock.instant()
    row = CustomerLogin(customer_id=customer.id, email=address, created_at=now, updated_at=now)
    with first_come(session, Conflict("email_taken", field="email")):
        session.add(row)
    return row


def _send(actor: Actor, row: CustomerLogin, customer: Customer, purpose: str) -> Invitation:
    made = LINKS.make(row.id, purpose)
    if purpose == "invitation":
        row.invited_at = clock.instant()
    customer_login_mails.send_link(purpose, row, customer, made, by=actor.name if actor.kind == "staff" else "")
    arrives = customer_login_mails.arrives(purpose)
    return Invitation(int(row.id), None if arrives else customer_login_letters.link(made.token))
