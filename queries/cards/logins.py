"""The logins of a customer with their state, and who is at the portal with them now (R-11)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from extensions import db
from models import CustomerLogin, CustomerSession, LoginToken
from queries.customer_sessions import IDLE, LONGEST
from queries.family import family_of
from queries.sessions import OpenSession, still_open

SHOWN = 50


@dataclass(frozen=True, slots=True)
class LoginRow:
    """`invited_until` is the end of the open invitation, if one is open. `has_password` says whether one was chosen or
    set; a set one (`must_change_password`) is changed when it is first used."""

    id: int
    email: str
    has_password: bool
    must_change_password: bool
    invited_at: datetime | None
    invited_until: datetime | None
    last_login_at: datetime | None
    sessions: tuple[OpenSession, ...] = ()

    def state(self, status: str) -> str:
        """What the badge says; `status` is the customer's, and a deactivated one is locked out of all (D-12)."""
        if status == "deactivated":
            return "locked"
        if not self.has_password:
            return "invited" if self.invited_until else "lapsed"
        return "temporary" if self.must_change_password else "active"


@dataclass(frozen=True, slots=True)
class LoginCount:
    """How many logins of the house have a password, how many wait with an open invitation, how many are inside now."""

    ready: int
    invited: int
    inside: int


def count_logins(now: datetime) -> LoginCount:
    """One statement."""
    ready = select(func.count()).where(CustomerLogin.password_hash.is_not(None))
    waiting = (LoginToken.purpose == "invitation", LoginToken.used_at.is_(None), LoginToken.expires_at > now)
    invited = select(func.count()).select_from(LoginToken).where(*waiting)
    inside = select(func.count(CustomerSession.login_id.distinct()))
    inside = inside.where(*still_open(CustomerSession, now, IDLE, LONGEST))
    counts = [query.scalar_subquery() for query in (ready, invited, inside)]
    return LoginCount(*map(int, db.session.execute(select(*counts)).one()))


def logins_of(customer_id: int, now: datetime) -> list[LoginRow]:
    """The logins by address. Two statements."""
    sessions = _sessions(customer_id, now)
    until = select(func.max(LoginToken.expires_at)).where(
        LoginToken.login_id == CustomerLogin.id, LoginToken.purpose == "invitation", LoginToken.used_at.is_(None),
        LoginToken.expires_at > now,
    )  # fmt: skip
    query = (
        select(CustomerLogin.id, CustomerLogin.email, CustomerLogin.password_hash.is_not(None),
               CustomerLogin.must_change_password, CustomerLogin.invited_at, until.scalar_subquery(),
               CustomerLogin.last_login_at)
        .where(CustomerLogin.customer_id.in_(family_of(customer_id)))
        .order_by(CustomerLogin.email)
        .limit(SHOWN)
    )  # fmt: skip
    return [LoginRow(*row, sessions=tuple(sessions[row[0]])) for row in db.session.execute(query)]


def find_login(login_id: int) -> tuple[int, LoginRow] | None:
    """(customer, login) for the page of one deed, without its sessions. One statement."""
    query = select(CustomerLogin).where(CustomerLogin.id == login_id)
    row = db.session.scalars(query).one_or_none()
    if row is None:
        return None
    told = LoginRow(row.id, row.email, row.password_hash is not None, row.must_change_password, row.invited_at, None,
                    row.last_login_at)  # fmt: skip
    return row.customer_id, told


def _sessions(customer_id: int, now: datetime) -> defaultdict[int, list[OpenSession]]:
    query = (
        select(CustomerSession.login_id, CustomerSession.id, CustomerSession.address, CustomerSession.agent,
               CustomerSession.created_at, CustomerSession.last_seen_at)
        .join(CustomerLogin, CustomerLogin.id == CustomerSession.login_id)
        .where(CustomerLogin.customer_id.in_(family_of(customer_id)),
               *still_open(CustomerSession, now, IDLE, LONGEST))
        .order_by(CustomerSession.last_seen_at.desc(), CustomerSession.id.desc())
        .limit(SHOWN)
    )  # fmt: skip
    found: defaultdict[int, list[OpenSession]] = defaultdict(list)
    for login_id, id_, address, agent, created_at, seen_at in db.session.execute(query):
        found[login_id].append(OpenSession(id_, address, agent, created_at, seen_at))
    return found
