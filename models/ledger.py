"""Every movement of money is a journal entry whose postings sum to zero (X-03). Append only."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Cents, Currency, Id, Instant, Model, UtcDateTime, now

MOVED = text("kind <> 'invoice'")  # money that came or went: what the overview's months are measured by
CREDIT = text("account = 'credit'")  # paid credit (D-9): few rows, found without walking a customer's others
RARE = text("kind <> 'invoice' AND kind <> 'payment'")  # by which lists find the rest; a run pays nothing for it


class JournalEntry(Model):
    """One event in the books. Its postings are written before it and joined at commit."""

    __tablename__ = "journal_entries"
    __table_args__ = (
        Index("ix_journal_entries_moved", "booked_on", sqlite_where=MOVED, postgresql_where=MOVED),
        Index("ix_journal_entries_rare", "kind", "id", sqlite_where=RARE, postgresql_where=RARE),
        AUTO,
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(20))  # invoice, cancellation, payment, refund, chargeback, write_off ...
    booked_on: Mapped[date]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    invoice_id: Mapped[int | None] = mapped_column(
        ForeignKey("invoices.id", deferrable=True, initially="DEFERRED"), index=True
    )
    currency_code: Mapped[Currency]
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)


class Posting(Model):
    """Debit positive, credit negative, in cents. Accounts are named in `billing.ledger`."""

    __tablename__ = "postings"
    __table_args__ = (
        Index("ix_postings_customer_id_account", "customer_id", "account"),
        Index("ix_postings_credit", "customer_id", "currency_code", "amount_cents", sqlite_where=CREDIT,
              postgresql_where=CREDIT),
        AUTO,
    )  # fmt: skip

    id: Mapped[Id]
    entry_id: Mapped[int] = mapped_column(
        ForeignKey("journal_entries.id", deferrable=True, initially="DEFERRED"), index=True
    )
    account: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    receivable_id: Mapped[int | None] = mapped_column(
        ForeignKey("receivables.id", deferrable=True, initially="DEFERRED"), index=True
    )
    amount_cents: Mapped[Cents]
    currency_code: Mapped[Currency]
