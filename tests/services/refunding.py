"""A house in which money came through its provider and the invoice was cancelled since: what tests of refunds stand
on."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import select

from billing.money import Money
from extensions import db
from gateways.base import Event
from models import Invoice, InvoiceLine, Posting, Receivable, Refund
from services import chargeback_news, corrections, refund_calls, refunds
from services.actor import Actor
from services.payments import Receipt, receive
from services.unit import end_reading
from tests.services.charged import Till

JULE, ANNA = Actor("staff", 1, "Jule"), Actor("staff", 2, "Anna")
MIDDAY = datetime(2026, 11, 22, 11, tzinfo=UTC)


def paid_by_card(till: Till, card: str = "succeeds") -> Invoice:
    """An invoice that the provider took the money for; gives it."""
    till.keep(card)
    till.bill()
    till.carry_on()
    return till.invoice


def paid_by_transfer(till: Till) -> Invoice:
    till.bill()
    owed = till.receivables[0]
    receive(JULE, owed.id, Receipt(Money(owed.open_cents, owed.currency_code)))
    return till.invoice


def cancelled(invoice: Invoice) -> int:
    """The id of its Stornorechnung."""
    return corrections.cancel(JULE, invoice.id, reason="storniert")


def part_of(invoice: Invoice, quantity: str | None = None) -> int:
    """The id of a Rechnungskorrektur of its first line."""
    end_reading()
    line = db.session.scalars(select(InvoiceLine.id).where(InvoiceLine.invoice_id == invoice.id)).first()
    part = corrections.Part(int(line or 0), Decimal(quantity) if quantity else None)
    return corrections.correct(JULE, invoice.id, [part], reason="ein Teil")


def refund(till: Till, correction: int, way: str = "provider") -> Refund:
    """Ordered and carried to where it goes; gives the (last) row."""
    ids = refunds.order(JULE, correction, way)
    for refund_id in ids:
        if way == "provider":
            refund_calls.carry_on(refund_id, at_once=True)
    return cast(Refund, till.all(Refund)[-1])


def charge_id(till: Till) -> str:
    return str(next(row.provider_id for row in till.payments if row.kind == "payment"))


def charged_back(till: Till, cents: int = 0, fee: int = 15_00, case: str = "case-1", currency: str = "") -> int | None:
    """The provider's news of a chargeback."""
    event = Event("evt-1", "chargeback", "dispute", charge_id(till), MIDDAY, cents=cents, currency=currency,
                  fee_cents=fee,                  reason="fraudulent", facts={"case": case})  # fmt: skip
    return chargeback_news.take_event("sandbox", event)


def won(till: Till, case: str = "case-1") -> int | None:
    event = Event("evt-2", "chargeback_reversed", "won", charge_id(till), MIDDAY, facts={"case": case})
    return chargeback_news.take_event("sandbox", event)


def given_back(till: Till) -> list[int]:
    """Cents of each refund as the provider knows them."""
    wire = till.gateway
    with wire._store.open() as found:
        return [row["cents"] for row in found.execute("SELECT cents FROM refunds ORDER BY rowid")]


def balance(account: str) -> int:
    """Debit positive, in cents."""
    end_reading()
    rows = db.session.scalars(select(Posting.amount_cents).where(Posting.account == account))
    return sum(rows)


def lie_still(till: Till) -> Any:
    """Every movement as (kind, cents), in order."""
    return [(row.kind, row.amount_cents) for row in till.payments]


def owed(till: Till) -> dict[str, int]:
    """Open cents by cause; of the invoice under its kind."""
    rows: list[Receivable] = list(till.receivables)
    return {row.cause or row.kind: row.open_cents for row in rows}
