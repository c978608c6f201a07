"""Open logins: a session's row, the stamp that says when somebody was last here, a new id, and the end (S6).

The same for staff and for customers; each has a table of its own, so that a session of one is none of the other's.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import update

from billing.errors import NotFound
from services import clock
from services.unit import write


def digest(token: str) -> str:
    """What the database keeps of a session's or a link's token."""
    return sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of one kind of people: their table, and the name of the column that says whose a session is."""

    model: Any
    owner: str

    def open(self, owner_id: int, address: str, agent: str) -> str:
        """A new session's token; only the cookie holds it. Joins an open transaction."""
        token, now = secrets.token_urlsafe(32), clock.real()
        whose = {self.owner: owner_id}
        with write() as session:
            session.add(
                self.model(**whose, token_digest=digest(token), address=address[:60], agent=agent[:200],
                           created_at=now, last_seen_at=now)
            )  # fmt: skip
        return token

    def renew(self, session_id: int, **values: Any) -> str:
        """A new token for a session whose rights grow; the old one opens nothing any more (fixation)."""
        token = secrets.token_urlsafe(32)
        mine = (self.model.id == session_id, self.model.ended_at.is_(None))
        with write() as session:
            statement = update(self.model).where(*mine).values(token_digest=digest(token), **values)
            if session.scalar(statement.returning(self.model.id)) is None:
                raise NotFound("session")
        return token

    def stamp(self, session_id: int) -> None:
        """The session is in use. Not an activity: it says nothing of what was done."""
        with write() as session:
            session.execute(update(self.model).where(self.model.id == session_id).values(last_seen_at=clock.real()))

    def end(self, token: str) -> int | None:
        """End the session of this token; gives whose it was, None where it was over. Joins an open transaction."""
        mine = (self.model.token_digest == digest(token), self.model.ended_at.is_(None))
        with write() as session:
            ended = update(self.model).where(*mine).values(ended_at=clock.real())
            owner: int | None = session.scalar(ended.returning(getattr(self.model, self.owner)))
            return owner

    def end_all(self, owner_id: int, *, but: int | None = None) -> int:
        """End a person's open sessions, one perhaps excepted; gives how many. Joins an open transaction."""
        model = self.model
        theirs = (getattr(model, self.owner) == owner_id, model.ended_at.is_(None), model.id != (but or 0))
        with write() as session:
            ended = session.scalars(update(model).where(*theirs).values(ended_at=clock.real()).returning(model.id))
            return len(ended.all())
