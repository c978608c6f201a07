"""One draft as rows: what an issued invoice consists of, value by value, in the column orders of the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from billing.contracts import ClaimKey
from billing.invoices import Charge, Draft, Totals
from billing.taxes import Amounts
from models.base import canonical_json
from services.actor import Actor
from services.snapshots import Debtor
from services.text_catalogue import reader_of

ACTIVITY_COLUMNS = (
    "id", "at", "actor_kind", "actor_id", "code", "customer_id", "object_kind", "object_id", "digest",
)  # fmt: skip
DETAIL_COLUMNS = ("activity_id", "salt", "details")
MESSAGE_COLUMNS = (
    "id", "event", "template", "language_code", "recipient", "copy_to", "customer_id", "invoice_id", "facts", "state",
    "attempts", "next_attempt_at", "error", "sender", "attachments", "delivery", "created_at",
)  # fmt: skip
PAPER_COLUMNS = ("id", "invoice_id", "kind", "state", "token", "attempts", "next_attempt_at", "error", "created_at")
TEMPLATE_VERSION = 1
PART_WORDS = {"de": "Anteilig: {days} von {of_days} Tagen", "en": "Pro rata: {days} of {of_days} days"}

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """One draft that is to be issued now: to whom, what, and the claims that its charges won."""

    debtor: Debtor
    draft: Draft
    totals: Totals
    claims: dict[ClaimKey, int]


@dataclass(frozen=True, slots=True)
class Frame:
    """What all invoices of one batch share."""

    actor: Actor
    now: datetime
    issued_on: date
    range_id: int
    number_year: int
    run_id: int | None
    letterhead_id: int
    text_set_ids: Mapping[str, int]  # language -> the frozen sentences


def invoice_row(order: Order, frame: Frame, key: int, number: str, value: int) -> Row:
    """In the order of `digests.INVOICE_COLUMNS`."""
    draft, totals, debtor = order.draft, order.totals, order.debtor
    first = draft.charges[0]
    return (
        key, "invoice", number, frame.range_id, frame.number_year, value, draft.customer_id, first.subscription_id,
        first.counter, None, frame.issued_on, frame.issued_on + timedelta(draft.days_for_payment),
        min(charge.period.start for charge in draft.charges), max(charge.period.end for charge in draft.charges), "",
        draft.currency, totals.net_cents, totals.tax_cents, totals.gross_cents, 0, 0, 0, draft.payment_type,
        draft.collection, draft.days_for_payment, draft.tax_case.code, first.item.title, "", debtor.language_code,
        "standard", TEMPLATE_VERSION, frame.letterhead_id, debtor.number, debtor.name, debtor.frozen, draft.is_gross,
        frame.text_set_ids[reader_of(debtor.language_code)],
    )  # fmt: skip


def line_row(
    key: int, invoice_id: int, position: int, charge: Charge, amounts: Amounts, claim_id: int, language: str
) -> Row:
    """In the order of `digests.LINE_COLUMNS`. A part period keeps its arithmetic and says it to the reader (EB-39)."""
    item, part = charge.item, charge.part
    days: int | None = None
    of_days: int | None = None
    description = item.description
    if part.days != part.of_days:
        days, of_days = part.days, part.of_days
        words = PART_WORDS.get(language, PART_WORDS["en"]).format(days=days, of_days=of_days)
        description = f"{description}\n{words}".strip()
    return (
        key, invoice_id, position, claim_id, "", None, charge.subscription_id, item.product_id, item.article_number,
        item.title, description, "C62", item.quantity, item.unit_price, charge.tax_category, charge.percent,
        amounts.net_cents, amounts.tax_cents, amounts.gross_cents, charge.period.start, charge.period.end, days,
        of_days,
    )  # fmt: skip


def tax_rows(keys: Iterator[int], invoice_id: int, totals: Totals) -> Iterator[Row]:
    """In the order of `digests.TAX_COLUMNS`."""
    for tax in totals.tax_lines:
        amounts = (tax.net_cents, tax.tax_cents, tax.gross_cents)
        yield next(keys), invoice_id, tax.category, tax.percent, *amounts, tax.note_key


def activity_rows(
    key: int, order: Order, frame: Frame, invoice_id: int, number: str, salt: str
) -> tuple[Row, Row]:  # fmt: skip
    """The activity and its details, which hold figures but no personal data beyond the actor's name."""
    actor, draft = frame.actor, order.draft
    details = {
        "actor": actor.name, "number": number, "gross_cents": order.totals.gross_cents, "currency": draft.currency,
        "due_on": (frame.issued_on + timedelta(draft.days_for_payment)).isoformat(),
    }  # fmt: skip
    text = canonical_json(details)
    digest = sha256((salt + text).encode()).hexdigest()
    row = (key, frame.now, actor.kind, actor.id, "invoice.issued", draft.customer_id, "invoice", invoice_id, digest)
    return row, (key, salt, text)


def message_row(key: int, order: Order, frame: Frame, invoice_id: int) -> Row:
    """The order for the mail that brings the invoice."""
    debtor = order.debtor
    return (
        key, f"invoice:{invoice_id}", "invoice", debtor.language_code, debtor.mail_to, debtor.copy_to, debtor.id,
        invoice_id, {}, "pending", 0, frame.now, "", "", [], "", frame.now,
    )  # fmt: skip


def paper_row(key: int, frame: Frame, invoice_id: int, token: str) -> Row:
    """The order to draw the PDF, with the token that will download it."""
    return key, invoice_id, "pdf", "pending", token, 0, frame.now, "", frame.now
