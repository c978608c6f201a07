"""Links by which one person chooses a password: random, for a while, once, and only their digest lies here (S5).

The same for staff and for customers; each has a table of its own, so that neither opens the other's door.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, update

from billing.errors import NotAllowed
from services import clock
from services.open_sessions import digest
from services.unit import write

LASTS = {"invitation": timedelta(days=7), "reset": timedelta(minutes=30)}


@dataclass(frozen=True, slots=True)
class Made:
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Links:
    """The links of one kind of people: their table, and the name of the column that says whose a link is."""

    model: Any
    owner: str

    def make(self, owner_id: int, purpose: str) -> Made:
        """A new link; those that the person had before open nothing any more. Joins an open transaction."""
        token, now = secrets.token_urlsafe(32), clock.real()
        with write() as session:
            self.void(owner_id)
            whose = {self.owner: owner_id}
            made = self.model(**whose, purpose=purpose, token_digest=digest(token), created_at=now,
                              expires_at=now + LASTS[purpose])  # fmt: skip
            session.add(made)
            session.flush()
            return Made(token, made.expires_at)

    def void(self, owner_id: int) -> None:
        """No open link of this person opens anything any more."""
        with write() as session:
            theirs = (getattr(self.model, self.owner) == owner_id, self.model.used_at.is_(None))
            session.execute(update(self.model).where(*theirs).values(used_at=clock.real()))

    def is_open(self, token: str) -> tuple[ColumnElement[bool], ...]:
        """Where the row is that of this token, unused and in its time."""
        model = self.model
        return model.token_digest == digest(token), model.used_at.is_(None), model.expires_at > clock.real()

    def use(self, token: str) -> None:
        """Two at once: one of them. Raises NotAllowed("link_void")."""
        with write() as session:
            mine = (self.model.token_digest == digest(token), self.model.used_at.is_(None))
            used = update(self.model).where(*mine).values(used_at=clock.real()).returning(self.model.id)
            if session.scalar(used) is None:
                raise NotAllowed("link_void")
