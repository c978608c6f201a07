"""The digest of an issued document, over its row, its lines and its tax lines (L6).

Taken when the document is issued and again by `check-books`, over the values as the database holds them. Instants
are left out: the two databases write them differently, and no sum depends on them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

INVOICE_COLUMNS = (
    "id", "kind", "number", "range_id", "number_year", "number_value", "customer_id", "subscription_id",
    "subscription_counter", "original_id", "issued_on", "due_on", "service_from", "service_to", "delivery_text",
    "currency_code", "net_cents", "tax_cents", "gross_cents", "prepaid_cents", "cash_discount_percent",
    "cash_discount_days", "payment_type", "collection", "days_for_payment", "tax_case", "title", "introtext",
    "language_code", "template", "template_version", "letterhead_id", "customer_number", "buyer_name", "buyer",
    "is_gross", "text_set_id",
)  # fmt: skip

LINE_COLUMNS = (
    "id", "invoice_id", "position", "claim_id", "reason", "original_line_id", "subscription_id", "product_id",
    "article_number", "title", "description", "unit", "quantity", "unit_price", "vat_category", "vat_percent",
    "net_cents", "tax_cents", "gross_cents", "period_start", "period_end", "days", "of_days", "discounts",
)  # fmt: skip

TAX_COLUMNS = (
    "id", "invoice_id", "vat_category", "vat_percent", "net_cents", "tax_cents", "gross_cents", "note_key",
)  # fmt: skip

NO_DISCOUNTS = "[]"  # as the database holds it

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


def document_digest(invoice: Sequence[Any], lines: Iterable[Sequence[Any]], taxes: Iterable[Sequence[Any]]) -> str:
    """Hex SHA-256 of a document. All values as the driver takes them, in the column orders above."""
    *values, is_gross, text_set_id = invoice
    head = [*values, int(is_gross)]  # the one boolean: SQLite gives 0 and 1, PostgreSQL false and true
    if text_set_id is not None:  # documents that were issued before texts could be changed keep their digest
        head.append(text_set_id)
    return sha256(_encode([head, [_line(line) for line in lines], list(taxes)]).encode()).hexdigest()


def _line(values: Sequence[Any]) -> Sequence[Any]:
    """Lines of the time before discounts keep their digest, too."""
    return values[:-1] if values[-1] == NO_DISCOUNTS else values
