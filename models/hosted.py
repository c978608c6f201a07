"""What the hosted pages have to remember: one-time codes, and the change that waits for one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Id, Instant, JsonText, Model, Sha256, UtcDateTime, now


class CustomerCode(Model):
    """A one-time code sent to the address that the customer had before, and the change it confirms (D-11).

    Here lies only the code's digest. `wanted` is emptied when the code was used, ran out or was guessed at too often.
    """

    __tablename__ = "customer_codes"
    __table_args__ = (CheckConstraint("attempts >= 0", name="attempts"), AUTO)

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))  # accountdata
    code_digest: Mapped[Sha256]
    wanted: Mapped[Any] = mapped_column(JsonText, default=dict)
    sent_to: Mapped[str] = mapped_column(String(200))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[Instant] = mapped_column(UtcDateTime)
    used_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
