"""What stands on a draft: positions as a person gives them become lines with tax by rule, never by a free rate (INV-6).

What was chosen (rate, kind of supply, discount in per cent) is kept with the line, so that tax is decided anew by the
day of supply and the recipient of the day of issue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.discounts import Discount
from billing.errors import Invalid
from billing.lines import Line
from billing.money import round_half_up
from billing.periods import Period
from billing.pricing import line_cents
from billing.taxes import Buyer, tax_of
from models import InvoiceLine, Product, ProductPrice
from services import clock
from services import values as check
from services.company import TaxFacts
from services.products import BIGGEST_PRICE, CHOICES, find_product

MOST_LINES = 1000
BIGGEST_QUANTITY = Decimal(1_000_000)
NOTHING, MOST_CASH_DISCOUNT = Decimal(0), Decimal(50)
DISCOUNT_WORDS = {"de": "Rabatt", "en": "Discount"}
ONE_OFF = "one_off"
EARLIEST = date(2007, 1, 1)  # the rates of today's VAT begin here; an older day is a slip of the pen
LATEST = timedelta(days=3653)  # so is one that lies more than ten years ahead
_DAY = timedelta(days=1)
_COLUMNS = InvoiceLine.__table__.columns


@dataclass(frozen=True, slots=True)
class Position:
    """One line as it is wished for: free, or of a product whose data fill what is not given.

    `expected_percent` is the VAT that a caller reckons with: another one is refused, unless the law has none (INV-6).
    `discount_percent` is taken off the line before VAT. `service_last` is inclusive; without days of its own a line
    has those of the whole invoice. `id`: a line of the draft that stays.
    """

    title: str = ""
    unit_price: Decimal | None = None
    quantity: Decimal = Decimal(1)
    article_number: str = ""
    description: str | None = None
    unit: str = ""
    vat_category: str = ""
    supply_kind: str = ""
    discount_percent: Decimal = Decimal(0)
    service_from: date | None = None
    service_last: date | None = None
    expected_percent: Decimal | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Clean:
    """A checked position: the values of its line, and what its tax and discount follow from.

    `line`: its place among the positions of this deed, counted from 1; None for one that was stored before.
    """

    values: Mapping[str, Any]
    chosen: Mapping[str, Any]
    id: int | None
    expected_percent: Decimal | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What all lines of a draft share."""

    currency: str
    is_gross: bool
    buyer: Buyer
    facts: TaxFacts
    today: date
    language: str
    period: Period | None


def cleaned(session: Session, position: Position, currency: str, is_gross: bool) -> Clean:
    """The position checked and filled from its product. Raises Invalid(field), NotFound("article_number")."""
    product = find_product(session, position.article_number) if position.article_number else None
    if product is not None and product.is_gross != is_gross and position.unit_price is None:
        raise Invalid("article_number", "net_and_gross_in_one_invoice")
    title = check.text_of(_COLUMNS["title"], position.title or (product.title if product else ""))
    if not title:
        raise Invalid("title", "missing")
    price = position.unit_price
    if price is None:
        price = _price(session, product, currency)
    description = position.description if position.description is not None else product.description if product else ""
    period = period_of(position.service_from, position.service_last)
    values = {
        "title": title,
        "description": check.text_of(_COLUMNS["description"], description),
        "product_id": product.id if product else None,
        "article_number": product.number if product else "",
        "unit": check.text_of(_COLUMNS["unit"], position.unit or (product.unit if product else "")) or "C62",
        "quantity": check.exact("quantity", position.quantity, Decimal("0.0001"), BIGGEST_QUANTITY, 4),
        "unit_price": check.exact("unit_price", price, Decimal(0), BIGGEST_PRICE, 8),
        "period_start": period.start if period else None,
        "period_end": period.end if period else None,
    }
    chosen = {
        "vat_category": _choice("vat_category", position.vat_category, product, "standard"),
        "supply_kind": _choice("supply_kind", position.supply_kind, product, "service"),
        "is_section_13b": bool(getattr(product, "is_section_13b", False)),
        "discount_percent": str(
            check.exact("discount_percent", position.discount_percent, Decimal(0), Decimal(100), 2)
        ),
    }
    return Clean(values, chosen, position.id, position.expected_percent)


def period_of(first: date | None, last: date | None) -> Period | None:
    """The days of supply, or None where none are given; one day where only one is."""
    if first is None and last is None:
        return None
    start, end = first or last, last or first
    if start is None or end is None or end < start:
        raise Invalid("service_last", "before_start")
    latest = clock.today() + LATEST
    for field, day in (("service_from", start), ("service_last", end)):
        if not EARLIEST <= day <= latest:
            raise Invalid(field, "day_out_of_range", low=EARLIEST.isoformat(), high=latest.isoformat())
    return Period(start, end + _DAY)


def priced(clean: Clean, terms: Terms) -> Line:
    """The line with its amount and its tax, by the last day of its supply (0.7); today's where none is named yet."""
    values, chosen = clean.values, clean.chosen
    own = values["period_start"] and Period(values["period_start"], values["period_end"])
    period = own or terms.period
    supplied_on = period.last_day if period else terms.today
    case, category, percent = tax_of(
        terms.facts.seller, terms.buyer, terms.facts.rates, chosen["supply_kind"], chosen["vat_category"], supplied_on,
        is_section_13b=chosen["is_section_13b"],
    )  # fmt: skip
    if case.taxed and clean.expected_percent not in (None, percent):
        raise Invalid("vat_percent", "unknown_vat_rate")
    whole = line_cents(values["quantity"], values["unit_price"])
    discounts = _discounts(whole, Decimal(chosen["discount_percent"]), terms.language)
    return Line(
        reason=ONE_OFF, tax_case=case, tax_category=category, percent=percent, period=period, discounts=discounts,
        amount_cents=whole - sum(each.cents for each in discounts), id=clean.id,
        **{name: values[name] for name in ("title", "description", "product_id", "article_number", "unit", "quantity",
                                           "unit_price")},
    )  # fmt: skip


def stored(rows: Sequence[InvoiceLine]) -> list[Clean]:
    """The lines of a stored draft as they were chosen."""
    names = ("title", "description", "product_id", "article_number", "unit", "quantity", "unit_price", "period_start",
             "period_end")  # fmt: skip
    return [
        Clean({name: getattr(row, name) for name in names}, row.chosen or _plain_choice(row), row.id) for row in rows
    ]


def _plain_choice(row: InvoiceLine) -> dict[str, Any]:
    return {"vat_category": "standard", "supply_kind": "service", "is_section_13b": False, "discount_percent": "0"}


def _choice(field: str, wished: str, product: Product | None, usual: str) -> str:
    """Among the dated categories and kinds; a product's own stands unless another is chosen."""
    own = getattr(product, field) if product is not None else usual
    return str(check.one_of(field, wished or own, CHOICES[field]))


def _price(session: Session, product: Product | None, currency: str) -> Decimal:
    if product is None:
        raise Invalid("unit_price", "missing")
    if product.currency_code == currency:
        return product.unit_price
    query = select(ProductPrice.unit_price).where(
        ProductPrice.product_id == product.id, ProductPrice.currency_code == currency
    )
    found = session.scalar(query)
    if found is None:
        raise Invalid("currency_code", "no_price_in_currency")
    return Decimal(found)


def _discounts(whole_cents: int, percent: Decimal, language: str) -> tuple[Discount, ...]:
    cents = round_half_up(whole_cents * percent / 100)
    if not cents:
        return ()
    words = DISCOUNT_WORDS.get(language, DISCOUNT_WORDS["en"])
    shown = f"{percent.normalize():f}"
    shown = shown.replace(".", ",") if language == "de" else shown
    return (Discount(f"{words} {shown} %", cents),)
