"""Usage as positions: per contract and billing day one line for each article, price, VAT category and rate (X-20)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from billing.charges import Taxing
from billing.contracts import ClaimKey, Item, Terms, Usage, billing_anchor
from billing.lines import Line
from billing.periods import Period
from billing.pricing import line_cents
from billing.taxes import TaxCase
from billing.usage import SILENT_FOR_USAGE, claim_kind, due_day, told

_DAY = timedelta(days=1)
_Group = tuple[date, str, str, Decimal, str, Decimal, TaxCase]


def usage_lines(terms: Terms, on: date, taxing: Taxing, language: str) -> Iterator[tuple[date, Line]]:
    """(billing day, line) for all usage that is due up to and including `on`, in the order of its billing days.

    The rate is that of the day of use. Quantities are summed and multiplied by the price once (RND-2).
    """
    if terms.status in SILENT_FOR_USAGE:
        return
    anchor, groups = billing_anchor(terms), dict[_Group, list[Usage]]()
    for record in terms.usage:
        due_on = due_day(terms, anchor, record.used_on, record.recorded_on)
        if due_on <= on:
            case, category, percent = taxing(_as_item(record), record.used_on)
            key = (due_on, record.article_number, record.unit, record.unit_price, category, percent, case)
            groups.setdefault(key, []).append(record)
    for key in sorted(groups):
        yield key[0], _line(terms.subscription_id, key, sorted(groups[key], key=_turn), language)


def usage_key(record: Usage) -> ClaimKey:
    """What claims one record."""
    return ClaimKey(record.item_id, claim_kind(record.id), record.used_on)


def _line(subscription_id: int, key: _Group, records: list[Usage], language: str) -> Line:
    _, article_number, unit, unit_price, category, percent, case = key
    quantity = sum((record.quantity for record in records), Decimal(0))
    return Line(
        "usage", records[-1].title, quantity, unit_price, line_cents(quantity, unit_price), case, category, percent,
        subscription_id=subscription_id, product_id=records[-1].product_id, article_number=article_number,
        description=told(records, language), unit=unit,
        period=Period(records[0].used_on, records[-1].used_on + _DAY),
        records=tuple(usage_key(record) for record in records),
    )  # fmt: skip


def _turn(record: Usage) -> tuple[date, int]:
    return record.used_on, record.id


def _as_item(record: Usage) -> Item:
    """The record in the terms of taxing: what it is, and in which category."""
    return Item(
        record.item_id, "usage", record.product_id, record.article_number, record.title, record.description,
        record.quantity, record.unit_price, record.vat_category, record.supply_kind, record.used_on, None,
        is_section_13b=record.is_section_13b,
    )  # fmt: skip
