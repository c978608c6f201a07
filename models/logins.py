"""Logins of customers (Zugänge, D-10): who may enter the portal, the links that choose a password, and the sessions.

A door of its own beside the one of staff (models/staff.py): no key of one fits the other.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Id, Instant, Model, Sha256, Stamped, UtcDateTime, now


class CustomerLogin(Stamped, Model):
    """An e-mail address that opens one customer's portal. Without a password it waits for its person to choose one."""

    __tablename__ = "customer_logins"
    __table_args__ = (AUTO,)

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    email: Mapped[str] = mapped_column(String(200), unique=True)  # kept in lower case; unique among logins (D-4)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=False)  # a person of the house has set it
    invited_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
    last_login_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class LoginToken(Model):
    """A link that lets a customer choose a password, once and for a while (S5). Here lies only its digest."""

    __tablename__ = "login_tokens"
    __table_args__ = (CheckConstraint("purpose IN ('invitation', 'reset')", name="purpose"), AUTO)

    id: Mapped[Id]
    login_id: Mapped[int] = mapped_column(ForeignKey("customer_logins.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(12))
    token_digest: Mapped[Sha256] = mapped_column(String(64), unique=True)
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[Instant] = mapped_column(UtcDateTime)
    used_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class CustomerSession(Model):
    """A customer at the portal, as long as the server says so (S6). Here lies only the digest of the cookie's token."""

    __tablename__ = "customer_sessions"
    __table_args__ = (AUTO,)

    id: Mapped[Id]
    token_digest: Mapped[Sha256] = mapped_column(String(64), unique=True)
    login_id: Mapped[int] = mapped_column(ForeignKey("customer_logins.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(String(60), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    last_seen_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    ended_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
