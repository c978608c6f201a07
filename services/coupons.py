"""Coupons and vouchers are made, changed and switched off here (X-20)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from billing.errors import Conflict, Invalid, NotAllowed, NotFound
from billing.periods import Interval
from models import Coupon, CouponProduct, CouponRedemption, Customer, Product
from services import activities, clock
from services import values as check
from services.actor import Actor
from services.customers import find_survivor
from services.sql import first_come
from services.unit import write

KINDS = ("percent", "amount", "voucher")
LASTING = ("events", "time", "ever")
MOST_USES = 1_000_000
MOST_CENTS = 99_999_999_00
# What a coupon gives: a promise to those who have redeemed it, so it stays from then on.
PROMISED = ("kind", "percent", "amount_cents", "currency_code", "lasts", "events", "period_unit", "period_count")
_COLUMNS = Coupon.__table__.columns


def key_of(code: str) -> str:
    """How codes are compared: without blanks and without regard to capitals."""
    return "".join(code.split()).casefold()


def create_coupon(actor: Actor, values: Mapping[str, Any]) -> int:
    """Make a coupon and give its id. Needed: `code`, `kind`, and `percent` or `amount_cents` with `currency_code`.

    `period` is an Interval for one that lasts a time; `product_ids` choose products, `customer_id` one customer.
    Raises Invalid(field), NotFound, Conflict("taken", field="code").
    """
    with write() as session:
        clean = _cleaned(session, {"lasts": "ever" if values.get("kind") == "voucher" else "events"} | dict(values))
        product_ids = clean.pop("product_ids", ())
        for field in ("code", "kind"):
            if not clean.get(field):
                raise Invalid(field, "missing")
        row = Coupon(**_consistent(clean), created_at=clock.instant(), updated_at=clock.instant())
        with first_come(session, Conflict("taken", field="code")):
            session.add(row)
        _choose(session, row.id, product_ids)
        activities.record(actor, "coupon.created", "coupon", row.id, coupon=row.code, kind=row.kind)
        return int(row.id)


def update_coupon(actor: Actor, coupon_id: int, values: Mapping[str, Any]) -> None:
    """Change the given fields. Raises NotFound, Invalid, Conflict; NotAllowed("coupon_promised") for what it gives
    once somebody has redeemed it."""
    with write() as session:
        row = lock_coupon(session, coupon_id)
        clean = _cleaned(session, values)
        product_ids = clean.pop("product_ids", None)
        together = {name: getattr(row, name) for name in ("kind", *PROMISED, "valid_from", "valid_to")} | clean
        clean |= {name: value for name, value in _consistent(together).items() if getattr(row, name) != value}
        changes = activities.changes_between(row, clean)
        if uses_of(session, row.id) and (promised := sorted(set(changes) & set(PROMISED))):
            raise NotAllowed("coupon_promised", field=promised[0])
        if product_ids is not None and (pair := _choose(session, row.id, product_ids)):
            changes["product_ids"] = pair
        if not changes:
            return
        with first_come(session, Conflict("taken", field="code")):
            for name, value in clean.items():
                setattr(row, name, value)
            row.updated_at, row.version = clock.instant(), row.version + 1
        activities.record(actor, "coupon.changed", "coupon", row.id, changes=changes, coupon=row.code)


def switch_coupon(actor: Actor, coupon_id: int, *, active: bool) -> None:
    """Let it be redeemed, or no longer. What was redeemed before runs on as promised."""
    update_coupon(actor, coupon_id, {"is_active": active})


def lock_coupon(session: Session, coupon_id: int) -> Coupon:
    """The coupon under its row lock: its uses are counted below it (S25). Raises NotFound."""
    query = select(Coupon).where(Coupon.id == coupon_id).with_for_update().execution_options(populate_existing=True)
    row: Coupon | None = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound("unknown_coupon", field="coupon")
    return row


def uses_of(session: Session, coupon_id: int, customer_id: int | None = None) -> int:
    """How often it was redeemed, in all or by one customer (records merged into it included)."""
    query = select(func.count()).select_from(CouponRedemption).where(CouponRedemption.coupon_id == coupon_id)
    if customer_id is not None:
        theirs = select(Customer.id).where(Customer.survivor_id == customer_id)
        query = query.where(CouponRedemption.customer_id.in_(theirs))
    return session.scalar(query) or 0


def _cleaned(session: Session, values: Mapping[str, Any]) -> dict[str, Any]:
    clean: dict[str, Any] = {}
    for field, value in values.items():
        clean |= _clean(session, field, value)
    return clean


def _clean(session: Session, field: str, value: Any) -> dict[str, Any]:
    """One given value as the columns it is kept in. Raises Invalid(field), NotFound."""
    if field == "code":
        code = check.text_of(_COLUMNS[field], value)
        return {"code": code, "code_key": key_of(code)}
    if field in ("title", "campaign"):
        return {field: check.text_of(_COLUMNS[field], value)}
    if field in ("kind", "lasts"):
        return {field: check.one_of(field, value, KINDS if field == "kind" else LASTING)}
    if field in ("percent", "amount_cents", "currency_code"):
        return {field: None if value in (None, "") else _worth(field, value)}
    if field in ("events", "uses_max", "uses_per_customer"):
        return {field: check.number_in(field, value, 1 if field == "events" else 0, MOST_USES)}
    if field == "period":
        return _period(value)
    if field in ("valid_from", "valid_to"):
        return {field: value}
    if field == "is_active":
        return {field: check.one_of(field, value, (True, False))}
    return _whose(session, field, value)


def _worth(field: str, value: Any) -> Any:
    if field == "percent":
        return check.exact(field, value, Decimal("0.01"), Decimal(100), 2)
    return check.currency(field, value) if field == "currency_code" else check.number_in(field, value, 1, MOST_CENTS)


def _period(value: Any) -> dict[str, Any]:
    if value is None:
        return {"period_unit": None, "period_count": 0}
    if not isinstance(value, Interval):
        raise Invalid("period", "not_an_interval")
    return {"period_unit": value.unit.value, "period_count": value.count}


def _whose(session: Session, field: str, value: Any) -> dict[str, Any]:
    if field == "customer_id":
        return {field: None if value is None else find_survivor(session, value).id}
    if field == "product_ids":
        wanted = set(value)
        found = set(session.scalars(select(Product.id).where(Product.id.in_(wanted))))
        if wanted - found:
            raise NotFound("unknown_product", field="product_ids")
        return {field: tuple(sorted(wanted))}
    raise Invalid(field, "unknown_field")


def _consistent(clean: dict[str, Any]) -> dict[str, Any]:
    """What goes together: a percent has no amount, a voucher lasts until it is empty, a time needs its length."""
    kind, lasts = clean.get("kind"), clean.get("lasts", "events")
    if kind == "percent":
        clean |= {"amount_cents": None, "currency_code": None}
    else:
        clean |= {"percent": None}
    for field in ("percent",) if kind == "percent" else ("amount_cents", "currency_code"):
        if clean.get(field) is None:
            raise Invalid(field, "missing")
    if kind == "voucher":
        clean["lasts"] = lasts = "ever"
    if lasts == "time" and not clean.get("period_unit"):
        raise Invalid("period", "missing")
    if lasts != "time":
        clean |= {"period_unit": None, "period_count": 0}
    if clean.get("valid_from") and clean.get("valid_to") and clean["valid_to"] < clean["valid_from"]:
        raise Invalid("valid_to", "before_start")
    return clean


def _choose(session: Session, coupon_id: int, product_ids: Iterable[int]) -> tuple[list[int], list[int]] | None:
    """Write the chosen products; gives (before, after) where that changes anything."""
    before = sorted(session.scalars(select(CouponProduct.product_id).where(CouponProduct.coupon_id == coupon_id)))
    after = sorted(product_ids)
    if before == after:
        return None
    session.execute(delete(CouponProduct).where(CouponProduct.coupon_id == coupon_id))
    session.add_all(CouponProduct(coupon_id=coupon_id, product_id=product_id) for product_id in after)
    session.flush()
    return before, after
