"""What customers do with their own login: in, out, a forgotten password, a new one (D-10, D-12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from billing.errors import AlreadyDone, Invalid, NotAllowed
from extensions import db
from models import Customer, CustomerLogin, LoginToken
from services import activities, clock, customer_login_mails, passwords
from services.accountdata import actor_of
from services.customer_login_keys import LINKS, SESSIONS, locked, require_open
from services.customer_logins import tidy
from services.unit import write

_own, _survivor = aliased(Customer), aliased(Customer)
# Who may come in: the record that speaks for the login today is neither deactivated nor deleted (D-12).
_MAY_ENTER = and_(_survivor.status != "deactivated", _survivor.erased_at.is_(None))


@dataclass(frozen=True, slots=True)
class Entered:
    """Who logged in, the token of the session that the cookie holds, and whether a new password comes first."""

    login_id: int
    token: str
    must_change_password: bool


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whom a link is for, and what for: invitation or reset."""

    login_id: int
    purpose: str
    email: str
    language_code: str


def log_in(email: str, password: str, *, address: str, agent: str) -> Entered:
    """Open a session. NotAllowed("login_failed") alike for whatever does not fit, in the same time (S4).

    NotAllowed("login_stopped") for a deactivated customer, told to nobody but who knows the password.
    """
    found = db.session.execute(_with_record().where(CustomerLogin.email == tidy(email))).one_or_none()
    right = passwords.fits(found.password_hash if found else None, password)
    if found is None or not right or found.erased_at is not None:
        raise NotAllowed("login_failed")
    return _come_in(found, address, agent)


def _come_in(found: Row[int, str | None, datetime | None], address: str, agent: str) -> Entered:
    with write() as session:
        row, customer = locked(session, found.id)
        require_open(customer)
        if row.password_hash != found.password_hash:  # chosen anew in this very moment
            raise NotAllowed("login_failed")
        token = SESSIONS.open(row.id, address, agent)
        row.last_login_at = clock.real()
        activities.record(actor_of(customer), "login.logged_in", "login", row.id, customer_id=customer.id)
        return Entered(int(row.id), token, row.must_change_password)


def log_out(token: str) -> None:
    """End the session on the server, not only in the browser. Raises AlreadyDone("session_ended")."""
    with write() as session:
        login_id = SESSIONS.end(token)
        if login_id is None:
            raise AlreadyDone("session_ended")
        _, customer = locked(session, login_id)
        activities.record(actor_of(customer), "login.logged_out", "login", login_id, customer_id=customer.id)


class _NobodyThere(Exception):
    """Whoever was asked for has no login."""


def forgot(email: str) -> None:
    """Send whoever has this address a link. Says nothing, and does the same work, whether anybody has (D-3, S4).

    For an unknown address the rows are made for somebody else and taken back, so that time tells little.
    """
    found = db.session.execute(_meant(tidy(email))).first()
    if found is None:
        return
    try:
        with write() as session:
            _ask(found.id)
            session.flush()
            if not found.is_meant:
                raise _NobodyThere
    except _NobodyThere:
        return


def look(token: str) -> Ticket:
    """Whose link it is; looking uses nothing up, since mail programs look too.

    NotAllowed("link_void") alike for a guessed, used or expired one, and where the customer may not come in.
    """
    query = (
        select(CustomerLogin.id, LoginToken.purpose, CustomerLogin.email, _survivor.language_code)
        .join(LoginToken, LoginToken.login_id == CustomerLogin.id)
        .join(_own, _own.id == CustomerLogin.customer_id)
        .join(_survivor, _survivor.id == _own.survivor_id)
        .where(*LINKS.is_open(token), _MAY_ENTER)
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotAllowed("link_void")
    return Ticket(*row)


def choose_password(token: str, password: str) -> Ticket:
    """The link's owner has chosen: it is used up, all sessions end, and a reset is told by mail.

    Raises NotAllowed("link_void"), Invalid("password") (the link then still holds).
    """
    password_hash = passwords.hashed(password)
    with write() as session:
        ticket = look(token)
        row, customer = locked(session, ticket.login_id)
        LINKS.use(token)
        _set(row, password_hash)
        activities.record(actor_of(customer), f"login.{ticket.purpose}_used", "login", row.id, customer_id=customer.id)
        if ticket.purpose == "reset":
            customer_login_mails.tell_password(row, customer)
        return ticket


def change_own_password(login_id: int, old: str, new: str, session_id: int) -> str:
    """A customer's own choice, told by mail. Every other session ends; gives this one's new token.

    Raises Invalid for a wrong old or an unfit new password.
    """
    known = db.session.scalar(select(CustomerLogin.password_hash).where(CustomerLogin.id == login_id))
    if not passwords.fits(known, old):
        raise Invalid("old_password", code="wrong_password")
    if old == new:
        raise Invalid("password", code="same_password")
    password_hash = passwords.hashed(new)
    with write() as session:
        row, customer = locked(session, login_id)
        if row.password_hash != known:
            raise Invalid("old_password", code="wrong_password")
        _set(row, password_hash, but=session_id)
        activities.record(actor_of(customer), "login.password_changed", "login", row.id, customer_id=customer.id)
        customer_login_mails.tell_password(row, customer)
        return SESSIONS.renew(session_id)


def _set(row: CustomerLogin, password_hash: str, *, but: int | None = None) -> None:
    """A password of the customer's own; whoever else is inside is out (S6)."""
    row.password_hash, row.must_change_password, row.updated_at = password_hash, False, clock.instant()
    LINKS.void(row.id)
    SESSIONS.end_all(row.id, but=but)


def _with_record() -> Select[int, str | None, datetime | None]:
    """Logins with the record that speaks for each today."""
    return (
        select(CustomerLogin.id, CustomerLogin.password_hash, _survivor.erased_at)
        .join(_own, _own.id == CustomerLogin.customer_id)
        .join(_survivor, _survivor.id == _own.survivor_id)
    )


def _meant(address: str) -> Select[int, int]:
    """Who has this address and may come in, else somebody; the same statement by two indexes."""
    is_meant = case((and_(CustomerLogin.email == address, _MAY_ENTER), 1), else_=0).label("is_meant")
    anybody = select(func.min(CustomerLogin.id)).scalar_subquery()
    query = select(CustomerLogin.id, is_meant).join(_own, _own.id == CustomerLogin.customer_id)
    query = query.join(_survivor, _survivor.id == _own.survivor_id)
    asked = query.where(_survivor.erased_at.is_(None), or_(CustomerLogin.email == address, CustomerLogin.id == anybody))
    return asked.order_by(is_meant.desc(), CustomerLogin.id).limit(1)


def _ask(login_id: int) -> None:
    with write() as session:
        row, customer = locked(session, login_id)
        made = LINKS.make(row.id, "reset")
        customer_login_mails.send_link("reset", row, customer, made)
        activities.record(actor_of(customer), "login.reset_asked", "login", row.id, customer_id=customer.id)
