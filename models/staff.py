"""Who works here: staff, their roles, their sessions, and the keys of machines."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import AUTO, Id, Instant, Model, Sha256, Stamped, UtcDateTime, now


class Role(Stamped, Model):
    """The access rights of a group of staff (M2-28); only an enabled role lets anybody in."""

    __tablename__ = "roles"
    __table_args__ = (AUTO,)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(60), unique=True)
    description: Mapped[str] = mapped_column(Text, default="")
    is_enabled: Mapped[bool] = mapped_column(default=True)
    is_builtin: Mapped[bool] = mapped_column(default=False)
    requires_totp: Mapped[bool] = mapped_column(default=False)
    permissions: Mapped[list[RolePermission]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class RolePermission(Model):
    """One permission, `subject.deed`, such as `customers.write`."""

    __tablename__ = "role_permissions"

    role_id: Mapped[int] = mapped_column(ForeignKey("roles.id"), primary_key=True)
    permission: Mapped[str] = mapped_column(String(60), primary_key=True)


class Staff(Stamped, Model):
    """One person with a login to the back office."""

    __tablename__ = "staff"
    __table_args__ = (AUTO,)

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(200), unique=True)  # kept in lower case
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    role_id: Mapped[int] = mapped_column(ForeignKey("roles.id"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    language_code: Mapped[str] = mapped_column(String(2), default="de")
    theme: Mapped[str] = mapped_column(String(10), default="auto")
    page_size: Mapped[int] = mapped_column(default=50)
    totp_secret: Mapped[str | None] = mapped_column(String(200))  # sealed with the installation's key
    totp_confirmed_at: Mapped[Instant | None] = mapped_column(UtcDateTime)  # until then it is not asked for
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)  # a code counts once
    last_login_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
    role: Mapped[Role] = relationship(lazy="joined")


class StaffSession(Model):
    """A login that the server can end (S6). The cookie holds the token; here lies only its digest."""

    __tablename__ = "staff_sessions"
    __table_args__ = (AUTO,)

    id: Mapped[Id]
    token_digest: Mapped[Sha256] = mapped_column(String(64), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    address: Mapped[str] = mapped_column(String(60), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    last_seen_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    second_factor_at: Mapped[Instant | None] = mapped_column(UtcDateTime)  # when the second factor was shown
    ended_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class StaffToken(Model):
    """A link that lets one person choose a password, once and for a while (S5). Here lies only its digest."""

    __tablename__ = "staff_tokens"
    __table_args__ = (CheckConstraint("purpose IN ('invitation', 'reset')", name="purpose"), AUTO)

    id: Mapped[Id]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(12))
    token_digest: Mapped[Sha256] = mapped_column(String(64), unique=True)
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[Instant] = mapped_column(UtcDateTime)
    used_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class RecoveryCode(Model):
    """One of the codes that open the door when the second factor is lost; each counts once."""

    __tablename__ = "recovery_codes"
    __table_args__ = (AUTO,)

    id: Mapped[Id]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    code_digest: Mapped[Sha256]
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    used_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class ApiKey(Model):
    """A machine's key: shown once, kept as a digest, scoped and revocable (S23)."""

    __tablename__ = "api_keys"
    __table_args__ = (AUTO,)

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(200), index=True)  # the user of HTTP Basic, in lower case
    name: Mapped[str] = mapped_column(String(100), default="")
    key_digest: Mapped[Sha256] = mapped_column(String(64), unique=True)
    scope: Mapped[str] = mapped_column(String(20), default="full")  # full, read
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    last_used_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
