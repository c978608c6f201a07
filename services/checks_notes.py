"""What check-books notes though no rule is broken: money on which a person has to decide (F19, EB-51, SEP-3).

A note leaves the books in order; it says what nobody has seen to for too long. As with findings: figures, no names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from models import Debit, Payment, PaymentAttempt, PaymentFile, Refund
from models.base import UtcDateTime
from queries.taken_twice import taken_twice
from services import clock, providers
from services.findings import Finding, stream
from services.gone_back import STANDING, stands

USUAL_HOURS = 24  # of a provider that is not offered any more

# What a note says in the report by mail, German and English.
WORDS: Mapping[str, tuple[str, str]] = {
    "paid_out_twice": (
        "Zahlung {id} wurde erstattet und zurückgebucht; zusammen ist das mehr, als sie war.",
        "Payment {id} was refunded and charged back; together that is more than it was.",
    ),
    "outcome_unknown": (
        "Zahlungsversuch {id} ist seit langem ohne Antwort; bitte beim Anbieter nachsehen und entscheiden.",
        "Payment attempt {id} has had no answer for long; please look at the provider and decide.",
    ),
    "refund_unknown": (
        "Rückzahlung {id} ist seit langem ohne Antwort; bitte beim Anbieter nachsehen und entscheiden.",
        "Refund {id} has had no answer for long; please look at the provider and decide.",
    ),
    "taken_twice": (
        "Für Rechnung {id} wurde mehr als einmal eingezogen; was zu viel ist, steht als Guthaben beim Kunden.",
        "Invoice {id} was collected more than once; what is too much is the customer's credit.",
    ),
    "not_handed_in": (
        "Lastschrift {id} wurde angekündigt und nie bei der Bank eingereicht; ihr Tag ist vorbei.",
        "Direct debit {id} was announced and never handed in at the bank; its day is over.",
    ),
}


def money_went_out_twice(connection: Connection) -> Iterator[Finding]:
    """F19: a refund and a chargeback of one payment come to more than it was."""
    refunded = select(func.coalesce(func.sum(Refund.amount_cents), 0)).where(Refund.payment_id == Payment.id, STANDING)
    taken = Payment.__table__.alias("taken")
    undone = Payment.__table__.alias("undone")
    kept = ~select(undone.c.id).where(undone.c.reverses_id == taken.c.id).exists()
    back = select(func.coalesce(func.sum(taken.c.amount_cents), 0)).where(
        taken.c.belongs_to_id == Payment.id, taken.c.kind == "chargeback", kept
    )
    refunds, chargebacks = refunded.scalar_subquery(), back.scalar_subquery()
    charged = select(Payment.belongs_to_id).where(Payment.kind == "chargeback")
    query = select(Payment.id, Payment.amount_cents, refunds.label("refunded"), chargebacks.label("taken")).where(
        Payment.id.in_(charged), stands(), refunds > 0, chargebacks > 0, refunds + chargebacks > Payment.amount_cents
    )
    for row in stream(connection, query.order_by(Payment.id)):
        facts = {"amount_cents": row.amount_cents, "refunded_cents": int(row.refunded), "taken_cents": int(row.taken)}
        yield Finding("F19", "payments", row.id, "paid_out_twice", facts)


def invoices_were_collected_twice(connection: Connection) -> Iterator[Finding]:
    """EB-51: two charges of one invoice stand, together they are more than it, and credit of the customer is left."""
    for row in stream(connection, taken_twice()):
        yield Finding("EB-51", "invoices", row.id, "taken_twice", {"amount_cents": int(row.taken_cents)})


def nobody_answered(connection: Connection) -> Iterator[Finding]:
    """EB-51: an outcome that is unknown for longer than the provider gives the same answer for the same key."""
    for model, code in ((PaymentAttempt, "outcome_unknown"), (Refund, "refund_unknown")):
        for row in stream(connection, _unknown(model)):
            yield Finding("EB-51", model.__tablename__, row.id, code, {"gateway": row.gateway})


def debits_missed_their_day(connection: Connection) -> Iterator[Finding]:
    """SEP-3: announced to the customer, and never handed in."""
    query = (
        select(Debit.id, Debit.collect_on)
        .outerjoin(PaymentFile, PaymentFile.id == Debit.file_id)
        .where(Debit.state.in_(("planned", "in_file")), Debit.collect_on < clock.today())
        .where(or_(Debit.file_id.is_(None), PaymentFile.submitted_at.is_(None)))
    )
    for row in stream(connection, query.order_by(Debit.id)):
        yield Finding("SEP-3", "debits", row.id, "not_handed_in", {"collect_on": row.collect_on.isoformat()})


NOTES = (money_went_out_twice, invoices_were_collected_twice, nobody_answered, debits_missed_their_day)


def _unknown(model: Any) -> Select[Any]:
    hours = {name: gateway.traits.key_hours for name, gateway in providers.offered().items()}
    now, since = clock.instant(), func.coalesce(model.sent_at, model.created_at, type_=UtcDateTime)
    late = [model.gateway.in_([name]) & (since < now - timedelta(hours=kept)) for name, kept in hours.items()]
    gone = model.gateway.not_in(list(hours)) & (since < now - timedelta(hours=USUAL_HOURS))
    return select(model.id, model.gateway).where(model.state == "unknown", or_(*late, gone)).order_by(model.id)
