"""Products: plans, add-ons and articles sold once. A contract copies what was sold, so changes bind new ones only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from billing.errors import Conflict, Invalid, NotFound
from billing.notice import Notice, unlawful_part
from billing.periods import Interval, Unit
from models import Product, ProductAddon, ProductPrice
from services import activities, clock, vat_settings
from services import values as check
from services.actor import Actor
from services.company import get_company
from services.unit import write

BIGGEST_PRICE = Decimal(99_999_999)
# Given as one Interval (or None), kept as a unit and a count.
INTERVALS = ("interval", "trial", "term", "renewal", "notice")
PRICES = ("unit_price", "setup_fee")
FLAGS = ("is_gross", "allow_multiple", "is_active", "is_for_consumers", "in_arrears", "is_section_13b")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "kind": ("plan", "addon", "article"),
    "vat_category": ("standard", "reduced", "zero"),
    "supply_kind": ("service", "goods", "e_service"),
}
TEXTS = ("number", "title", "description", "unit", "tags", "return_url_success", "return_url_cancel")
_COLUMNS = Product.__table__.columns
_BINDING = ("kind", "is_for_consumers", *(f"{name}_{part}" for name in ("term", "renewal", "notice")
                                          for part in ("unit", "count")))  # fmt: skip


def create_product(actor: Actor, values: Mapping[str, Any]) -> int:
    """Make a product and give its id. `number`, `title` and `unit_price` are needed.

    `interval` makes it a plan; `vat_percent` (a rate in force today) or `vat_category` says the tax. Raises
    Invalid(field), and Conflict("taken", field="number").
    """
    with write() as session:
        clean = _cleaned(values)
        for field in ("number", "title", "unit_price"):
            if clean.get(field) in (None, ""):
                raise Invalid(field, "missing")
        clean.setdefault("currency_code", get_company().currency_code)
        clean["kind"] = _kind(clean, "addon" if clean.get("kind") == "addon" else "article")
        _refuse_taken(session, clean["number"], None)
        _refuse_unlawful(_without_interval_of_addon(clean))
        row = Product(**clean, created_at=clock.instant(), updated_at=clock.instant())
        _store(session, row)
        activities.record(actor, "product.created", "product", row.id, number=row.number, title=row.title)
        return int(row.id)


def update_product(actor: Actor, product_id: int, values: Mapping[str, Any]) -> None:
    """Change the given fields; running contracts keep what they agreed. Raises NotFound, Invalid, Conflict."""
    with write() as session:
        row = session.get(Product, product_id, with_for_update=True)
        if row is None:
            raise NotFound("unknown_product", field="product_id")
        clean = _cleaned(values)
        for field in ("number", "title"):
            if clean.get(field) == "":
                raise Invalid(field, "missing")
        clean["kind"] = _kind({"interval_unit": row.interval_unit} | clean, row.kind)
        _refuse_taken(session, clean.get("number"), row.id)
        changes = activities.changes_between(row, _without_interval_of_addon(clean))
        if not changes:
            return
        _refuse_unlawful({name: getattr(row, name) for name in _BINDING} | clean)
        for field in changes:
            setattr(row, field, clean[field])
        row.updated_at, row.version = clock.instant(), row.version + 1
        _store(session, row)
        activities.record(actor, "product.changed", "product", row.id, changes=changes)


def assign_addon(actor: Actor, addon_id: int, plan_ids: Iterable[int]) -> None:
    """Say with which plans an add-on goes (ASSIGNED_ARTICLES); none at all means with every plan."""
    with write() as session:
        before = set(session.scalars(select(ProductAddon.plan_id).where(ProductAddon.addon_id == addon_id)))
        after = set(plan_ids)
        if before == after:
            return
        session.execute(delete(ProductAddon).where(ProductAddon.addon_id == addon_id))
        session.add_all(ProductAddon(addon_id=addon_id, plan_id=plan_id) for plan_id in sorted(after))
        changes = {"plan_ids": (sorted(before), sorted(after))}
        activities.record(actor, "product.assigned", "product", addon_id, changes=changes)


def find_product(session: Session, number: str) -> Product:
    """The active product of that number. Raises NotFound(field="article_number")."""
    query = select(Product).where(Product.number == number, Product.is_active)
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound("unknown_product", field="article_number")
    return row


def price_in(session: Session, product: Product, currency: str) -> tuple[Decimal, Decimal]:
    """(unit price, set-up fee) in that currency. Raises Invalid where the product has none in it (S24)."""
    if product.currency_code == currency:
        return product.unit_price, product.setup_fee
    query = select(ProductPrice).where(ProductPrice.product_id == product.id, ProductPrice.currency_code == currency)
    found = session.execute(query).scalar_one_or_none()
    if found is None:
        raise Invalid("currency_code", "no_price_in_currency")
    return found.unit_price, found.setup_fee


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    clean: dict[str, Any] = {}
    for field, value in values.items():
        clean |= _clean(field, value)
    return clean


def _clean(field: str, value: Any) -> dict[str, Any]:
    """One given value as the column or columns it is kept in. Raises Invalid(field)."""
    if field in INTERVALS:
        return _interval(field, value)
    if field == "vat_percent":
        percent = check.exact(field, value, Decimal(0), Decimal(100), 2)
        return {"vat_category": vat_settings.category_of(field, percent, get_company().country_code)}
    if field in PRICES:
        return {field: check.exact(field, value, Decimal(0), BIGGEST_PRICE, 8)}
    if field in FLAGS:
        return {field: check.one_of(field, value, (True, False))}
    if field in CHOICES:
        return {field: check.one_of(field, value, CHOICES[field])}
    return {field: _other(field, value)}


def _other(field: str, value: Any) -> Any:
    if field in TEXTS:
        return _text(field, value)
    if field == "currency_code":
        return check.currency(field, value)
    if field == "number_events":
        return check.number_in(field, value, 0, 9_999)
    if field == "translations":
        return dict(value or {})
    if field == "features":
        return list(value or [])
    raise Invalid(field, "unknown_field")


def _text(field: str, value: Any) -> str:
    text = check.text_of(_COLUMNS[field], value)
    if field.startswith("return_url") and text and not text.startswith(("https://", "http://")):
        raise Invalid(field, "not_an_address")  # S17: nothing but the web, never javascript:
    return text


def _interval(field: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {f"{field}_unit": None, f"{field}_count": 1 if field == "interval" else 0}
    if not isinstance(value, Interval):
        raise Invalid(field, "not_an_interval")
    return {f"{field}_unit": value.unit.value, f"{field}_count": value.count}


def _kind(clean: Mapping[str, Any], otherwise: str) -> str:
    """An add-on follows its plan's rhythm; anything else with an interval is a plan."""
    wanted = clean.get("kind", otherwise)
    if wanted == "addon":
        return "addon"
    return "plan" if clean.get("interval_unit") else "article"


def _without_interval_of_addon(clean: dict[str, Any]) -> dict[str, Any]:
    if clean["kind"] == "addon":
        clean |= _interval("interval", None)
    return clean


def _refuse_unlawful(values: Mapping[str, Any]) -> None:
    """CON-4: a plan that is sold to consumers binds them no longer than section 309 Nr. 9 BGB allows."""
    if values.get("kind") != "plan" or not values.get("is_for_consumers", True):
        return
    part = unlawful_part(Notice(*(_span(values, name) for name in ("term", "renewal", "notice"))))
    if part:
        field = "term" if part == "minimum" else part
        raise Invalid(field, f"consumers_{field}")


def _span(values: Mapping[str, Any], name: str) -> Interval | None:
    unit, count = values.get(f"{name}_unit"), values.get(f"{name}_count")
    return Interval(Unit(unit), count) if unit and count else None


def _refuse_taken(session: Session, number: str | None, own_id: int | None) -> None:
    if not number:
        return
    other = session.scalar(select(Product.id).where(Product.number == number))
    if other is not None and other != own_id:
        raise Conflict("taken", field="number")


def _store(session: Session, row: Product) -> None:
    """Insert or update; somebody who took the number in the same moment is met at the unique index."""
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        if "number" in str(error.orig):
            raise Conflict("taken", field="number") from None
        raise
