"""Evidence for the tax that was shown or left out: checked VAT ids, and where a consumer lives."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Id, Instant, JsonText, Model, UtcDateTime, now


class VatCheck(Model):
    """One answer to "is this VAT id valid", as it came; never changed (INV-9, section 18e UStG).

    `decided`: a person of the house relies on the id all the same, and says why (EB-46).
    """

    __tablename__ = "vat_checks"
    __table_args__ = (
        CheckConstraint("result IN ('valid', 'invalid', 'unavailable', 'timeout', 'decided')", name="result"),
        Index("ix_vat_checks_customer_id_id", "customer_id", "id"),
        AUTO,
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    vat_id: Mapped[str] = mapped_column(String(20))
    requester: Mapped[str] = mapped_column(String(20), default="")  # our own VAT id, without which nothing is confirmed
    result: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(200), default="")  # the service's code, or the person's words
    name_match: Mapped[str] = mapped_column(String(10), default="")  # match, mismatch, or nothing was said
    address_match: Mapped[str] = mapped_column(String(10), default="")
    request_id: Mapped[str] = mapped_column(String(60), default="")
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int | None] = mapped_column(Integer)
    checked_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)


class LocationEvidence(Model):
    """Why a consumer was taken to live in that country, for each invoice that depends on it (INV-11)."""

    __tablename__ = "location_evidence"

    invoice_id: Mapped[int] = mapped_column(
        ForeignKey("invoices.id", deferrable=True, initially="DEFERRED"), primary_key=True, autoincrement=False
    )
    country_code: Mapped[str] = mapped_column(String(2))
    proofs: Mapped[Any] = mapped_column(JsonText)  # {"billing": "FR", "iban": "FR"}
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
