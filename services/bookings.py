"""What is booked becomes items of a contract: the plan, its add-ons and their set-up fees, as agreed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.errors import Invalid, KontorError
from billing.notice import Notice, unlawful_part
from billing.periods import Interval, Unit
from billing.pricing import line_cents
from models import Customer, Product, ProductAddon, Subscription, SubscriptionItem
from services import values as check
from services import vat_settings
from services.company import get_company
from services.products import BIGGEST_PRICE, find_product, price_in

BIGGEST_QUANTITY = Decimal(1_000_000)
SETUP_WORDS = {"de": "Einrichtung", "en": "Set-up"}


@dataclass(frozen=True, slots=True)
class Booking:
    """One product in a contract. What is given replaces the product's own data in this contract only."""

    article_number: str
    quantity: Decimal = Decimal(1)
    title: str | None = None
    description: str | None = None
    unit_price: Decimal | None = None
    vat_percent: Decimal | None = None


def find_plan(session: Session, number: str) -> Product:
    """The active product of that number, which has to be a plan."""
    product = find_product(session, number)
    if product.kind != "plan":
        raise Invalid("article_number", "not_a_plan")
    return product


def require_lawful(customer: Customer, product: Product) -> None:
    """CON-4: a consumer is not bound by terms that section 309 Nr. 9 BGB forbids, whomever the plan was meant for."""
    if customer.customer_type == "consumer" and unlawful_part(notice_rules(product)):
        raise Invalid("article_number", "not_for_consumers")


def notice_rules(terms: Product | Subscription) -> Notice:
    """Minimum term, renewal and notice of a product or a contract."""
    return Notice(*(_interval(terms, name) for name in ("term", "renewal", "notice")))


def booked_items(
    session: Session, row: Subscription, product: Product, plan: Booking, addons: Iterable[Booking]
) -> list[SubscriptionItem]:
    """The plan, its set-up fee, and the add-ons with theirs, all from the contract's first day on."""
    found = [plan_item(session, plan, product, row, row.started_on)]
    if fee := setup_item(session, product, row, plan, row.started_on):
        found.append(fee)
    for line, booking in enumerate(addons, 1):
        found += addon_items(session, booking, product, row, row.started_on, line)
    return found


def plan_item(
    session: Session, booking: Booking, product: Product, row: Subscription, starts_on: date
) -> SubscriptionItem:
    """The plan as agreed in this contract."""
    return _item(session, booking, product, row, "plan", starts_on)


def addon_items(
    session: Session, booking: Booking, plan: Product, row: Subscription, starts_on: date, line: int
) -> list[SubscriptionItem]:
    """An add-on and its set-up fee; whatever is wrong with them is told of `addons`, its line and its `part`."""
    try:
        addon = find_product(session, booking.article_number)
        check_fits(session, addon, plan, row)
        items = [
            _item(session, booking, addon, row, "addon", starts_on),
            setup_item(session, addon, row, booking, starts_on),
        ]
    except KontorError as error:
        facts = error.facts | {"line": line, "part": error.facts.get("field", ""), "addon": booking.article_number}
        raise Invalid("addons", error.code, **{name: facts[name] for name in facts if name != "field"}) from None
    return [item for item in items if item is not None]


def check_fits(session: Session, addon: Product, plan: Product, row: Subscription) -> None:
    """Raises Invalid("article_number") where the add-on cannot stand in the contract beside the plan."""
    if addon.kind != "addon":
        raise Invalid("article_number", "not_an_addon")
    if addon.is_gross != row.is_gross:
        raise Invalid("article_number", "net_and_gross_in_one_contract")
    plans = set(session.scalars(select(ProductAddon.plan_id).where(ProductAddon.addon_id == addon.id)))
    if plans and plan.id not in plans:
        raise Invalid("article_number", "addon_of_other_plans")


def _item(
    session: Session, booking: Booking, product: Product, row: Subscription, kind: str, starts_on: date
) -> SubscriptionItem:
    columns = SubscriptionItem.__table__.columns
    price = booking.unit_price if booking.unit_price is not None else price_in(session, product, row.currency_code)[0]
    quantity = check.exact("quantity", booking.quantity, Decimal("0.0001"), BIGGEST_QUANTITY, 4)
    agreed = check.exact("unit_price", price, Decimal(0), BIGGEST_PRICE, 8)
    line_cents(quantity, agreed)  # Invalid("unit_price") here: a run could not bill it, and no check sum it up
    return SubscriptionItem(
        subscription_id=row.id, product_id=product.id, kind=kind, article_number=product.number,
        title=check.text_of(columns["title"], booking.title or product.title),
        description=check.text_of(
            columns["description"], product.description if booking.description is None else booking.description
        ),
        quantity=quantity, unit_price=agreed,
        vat_category=_vat_category(booking, product),
        supply_kind=product.supply_kind, is_section_13b=product.is_section_13b,
        starts_on=starts_on,
    )  # fmt: skip


def _vat_category(booking: Booking, product: Product) -> str:
    """The product's. A rate that is sent along has to be its own: VAT shown wrongly is owed (§ 14c UStG, INV-6)."""
    if booking.vat_percent is not None:
        given = vat_settings.category_of("vat_percent", booking.vat_percent, get_company().country_code)
        if given != product.vat_category:
            raise Invalid("vat_percent", "unknown_vat_rate")
    return product.vat_category


def setup_item(
    session: Session, product: Product, row: Subscription, booking: Booking, starts_on: date
) -> SubscriptionItem | None:
    """The set-up fee as an item of its own, once; None where there is none or the price list has none."""
    if not product.setup_fee:
        return None
    other_currency = booking.unit_price is not None and product.currency_code != row.currency_code
    fee = Decimal(0) if other_currency else price_in(session, product, row.currency_code)[1]
    if not fee:
        return None
    return SubscriptionItem(
        subscription_id=row.id, product_id=product.id, kind="setup", article_number=product.number,
        title=_setup_title(session, product, row), quantity=Decimal(1), unit_price=fee,
        vat_category=product.vat_category, supply_kind=product.supply_kind, is_section_13b=product.is_section_13b,
        starts_on=starts_on,
    )  # fmt: skip


def _setup_title(session: Session, product: Product, row: Subscription) -> str:
    """The invoice must name what was supplied (§ 14(4) Nr. 5 UStG), and setting up is not the plan itself."""
    language = session.scalar(select(Customer.language_code).where(Customer.id == row.customer_id))
    return f"{SETUP_WORDS.get(language or '', SETUP_WORDS['en'])}: {product.title}"[:200]


def _interval(terms: Product | Subscription, name: str) -> Interval | None:
    unit, count = getattr(terms, f"{name}_unit"), getattr(terms, f"{name}_count")
    return Interval(Unit(unit), count) if unit and count else None
