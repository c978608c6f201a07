"""One draft as rows: what an issued invoice consists of, value by value, in the column orders of the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from billing.charges import Charge
from billing.contracts import ClaimKey
from billing.discounts import Discount
from billing.drafts import Draft, Totals
from billing.lines import Line
from billing.taxes import Amounts
from billing.thresholds import proofs
from models.base import canonical_json
from services.actor import Actor
from services.debtors import Debtor
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
EVIDENCE_COLUMNS = ("invoice_id", "country_code", "proofs", "created_at")
TEMPLATE_VERSION = 1
DEBIT = 2  # payment type
PART_WORDS = {"de": "Anteilig: {days} von {of_days} Tagen", "en": "Pro rata: {days} of {of_days} days"}

Row = tuple[Any, ...]
_NO_DISCOUNTS: list[list[object]] = []


@dataclass(frozen=True, slots=True)
class Order:
    """One draft that is to be issued now: to whom, what, and the claims that its positions won.

    `kind` is invoice, cancellation or correction; the latter two have an `original_id`. `invoice_id` is that of a
    stored draft, whose rows the caller has taken away. `title` and `counter` are the first position's unless given.
    """

    debtor: Debtor
    draft: Draft
    totals: Totals
    claims: Mapping[ClaimKey, int]
    kind: str = "invoice"
    original_id: int | None = None
    invoice_id: int | None = None
    title: str = ""
    introtext: str = ""
    delivery_text: str = ""
    cash_discount_percent: Decimal = Decimal(0)
    cash_discount_days: int = 0
    prepaid_cents: int = 0
    ext_uid: str | None = None
    counter: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """What all invoices of one batch share. `now` is the house's time, `real` the world's, for what waits."""

    actor: Actor
    now: datetime
    real: datetime
    issued_on: date
    range_id: int
    number_year: int
    run_id: int | None
    letterhead_id: int
    text_set_ids: Mapping[str, int]  # language -> the frozen sentences


def invoice_row(order: Order, frame: Frame, key: int, number: str, value: int) -> Row:
    """In the order of `digests.INVOICE_COLUMNS`."""
    draft, totals, debtor = order.draft, order.totals, order.debtor
    first = draft.positions[0]
    counter, title = (first.counter, first.item.title) if isinstance(first, Charge) else (order.counter, first.title)
    service_from, service_to = _service(draft)
    return (
        key, order.kind, number, frame.range_id, frame.number_year, value, draft.customer_id, first.subscription_id,
        counter, order.original_id, frame.issued_on, frame.issued_on + timedelta(draft.days_for_payment),
        service_from, service_to, order.delivery_text,
        draft.currency, totals.net_cents, totals.tax_cents, totals.gross_cents, order.prepaid_cents,
        order.cash_discount_percent, order.cash_discount_days, draft.payment_type,
        draft.collection, draft.days_for_payment, draft.tax_case.code, order.title or title, order.introtext,
        debtor.language_code, "standard", TEMPLATE_VERSION, frame.letterhead_id, debtor.number, debtor.name,
        _buyer(order), draft.is_gross, frame.text_set_ids[reader_of(debtor.language_code)],
    )  # fmt: skip


def _buyer(order: Order) -> Mapping[str, Any]:
    """The recipient as frozen, with mandate and account where the money is debited."""
    debited = order.kind == "invoice" and order.draft.payment_type == DEBIT
    return order.debtor.frozen | order.debtor.debit if debited else order.debtor.frozen


def _service(draft: Draft) -> tuple[date | None, date | None]:
    """The time of supply of all positions that have one; the end exclusive."""
    periods = [position.period for position in draft.positions if position.period is not None]
    if not periods:
        return None, None
    return min(period.start for period in periods), max(period.end for period in periods)


def position_row(key: int, invoice_id: int, place: int, position: Charge | Line, amounts: Amounts, order: Order) -> Row:
    """In the order of `digests.LINE_COLUMNS`; `place` counts from 1."""
    if isinstance(position, Charge):
        claim_id, language = order.claims[position.key], order.debtor.language_code
        return _charge_row(key, invoice_id, place, position, amounts, claim_id, language)
    claim = None if position.key is None else order.claims[position.key]
    return _line_row(key, invoice_id, place, position, amounts, claim)


def _charge_row(
    key: int, invoice_id: int, place: int, charge: Charge, amounts: Amounts, claim_id: int, language: str
) -> Row:
    """A part period keeps its arithmetic and says it to the reader (EB-39)."""
    item, part = charge.item, charge.part
    days: int | None = None
    of_days: int | None = None
    description = item.description
    if part.days != part.of_days:
        days, of_days = part
        words = PART_WORDS.get(language, PART_WORDS["en"]).format(days=days, of_days=of_days)
        description = f"{description}\n{words}".strip()
    return (
        key, invoice_id, place, claim_id, "", None, charge.subscription_id, item.product_id, item.article_number,
        item.title, description, "C62", item.quantity, item.unit_price, charge.tax_category, charge.percent,
        amounts.net_cents, amounts.tax_cents, amounts.gross_cents, charge.period.start, charge.period.end, days,
        of_days, _told(charge.discounts),
    )  # fmt: skip


def _line_row(key: int, invoice_id: int, place: int, line: Line, amounts: Amounts, claim_id: int | None) -> Row:
    start, end = line.period if line.period is not None else (None, None)
    days, of_days = line.part if line.part is not None else (None, None)
    return (
        key, invoice_id, place, claim_id, line.reason, line.original_line_id, line.subscription_id, line.product_id,
        line.article_number, line.title, line.description, line.unit, line.quantity, line.unit_price,
        line.tax_category, line.percent, amounts.net_cents, amounts.tax_cents, amounts.gross_cents, start, end, days,
        of_days, _told(line.discounts),
    )  # fmt: skip


def _told(discounts: tuple[Discount, ...]) -> list[list[object]]:
    return [[discount.text, discount.cents] for discount in discounts] if discounts else _NO_DISCOUNTS


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
    row = (
        key,
        frame.now,
        actor.kind,
        actor.id,
        f"{order.kind}.issued",
        draft.customer_id,
        "invoice",
        invoice_id,
        digest,
    )
    return row, (key, salt, text)


def message_row(key: int, order: Order, frame: Frame, invoice_id: int) -> Row:
    """The order for the mail that brings the invoice."""
    debtor = order.debtor
    return (
        key, f"invoice:{invoice_id}", "invoice", debtor.language_code, debtor.mail_to, debtor.copy_to, debtor.id,
        invoice_id, {}, "pending", 0, frame.real, "", "", [], "", frame.now,
    )  # fmt: skip


def paper_kinds(order: Order) -> tuple[str, ...]:
    """What is drawn of it: the PDF, and beside it the XML of those who take XRechnung."""
    return ("pdf", "xml") if order.debtor.frozen.get("einvoice_format") == "xrechnung" else ("pdf",)


def paper_row(key: int, frame: Frame, invoice_id: int, kind: str, token: str) -> Row:
    """The order to draw one paper, with the token that will download it."""
    return key, invoice_id, kind, "pending", token, 0, frame.real, "", frame.real


def evidence_row(order: Order, frame: Frame, invoice_id: int) -> Row:
    """Why the consumer was taken to live in that country (INV-11)."""
    country = str(order.debtor.frozen.get("country_code", ""))  # as frozen: a correction is of where it was
    return invoice_id, country, proofs(country, order.debtor.account_country), frame.now
