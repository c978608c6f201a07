"""Deeds with what the house sells, says and is set to."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from PIL import Image
from sqlalchemy import select

from billing.periods import Interval, Unit
from extensions import db
from models import Coupon, NumberRange, VatRate
from services import (
    api_keys,
    clock_moves,
    company,
    coupons,
    exports,
    logo,
    number_ranges,
    product_prices,
    products,
    roles,
    texts,
    vat_settings,
)
from tests.services import shop
from tests.services.deeds.world import TODAY, Deed, World

TEXT = ("paper", "payment_transfer", "de")
MONTH = Interval(Unit.MONTH, 1)


def _picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (300, 80), (11, 107, 98)).save(made, "PNG")
    return made.getvalue()


def _digest(_w: World) -> str:
    return texts.wording(*TEXT).digest


def _save_text(w: World) -> None:
    texts.save(w.actor, *TEXT, subject="", body="Zahlen Sie {{ invoice.amount }}.", seen=_digest(w))


def _change_range(w: World) -> None:
    row = db.session.scalars(select(NumberRange).where(NumberRange.code == "customer")).one()
    number_ranges.change_range(w.actor, row.id, pattern="K-{N:6}", yearly=row.yearly, first_value=row.first_value)


DEEDS: Mapping[str, tuple[Deed, ...]] = {
    "products.create_product": (
        Deed(lambda w: products.create_product(
            w.actor, {"number": "neu", "title": "Neu", "unit_price": Decimal(1), "interval": MONTH}),
             "product.created", None),),
    "products.update_product": (
        Deed(lambda w: products.update_product(
            w.actor, shop.product_id("plan"), {"unit_price": Decimal(12), "interval": MONTH}),
             "product.changed", None),),
    "products.assign_addon": (
        Deed(lambda w: products.assign_addon(w.actor, shop.product_id("extra"), [shop.product_id("plan")]),
             "product.assigned", None),),
    "product_prices.set_price": (
        Deed(lambda w: product_prices.set_price(
            w.actor, shop.product_id("plan"), "USD", Decimal(11), Decimal(0)), "product.price_changed", None),),
    "product_prices.remove_price": (
        Deed(lambda w: product_prices.remove_price(w.actor, shop.product_id("plan"), "CHF"),
             "product.price_removed", None),),
    "coupons.create_coupon": (
        Deed(lambda w: coupons.create_coupon(w.actor, {"code": "X", "kind": "percent", "percent": Decimal(5)}),
             "coupon.created", None),),
    "coupons.update_coupon": (
        Deed(lambda w: coupons.update_coupon(w.actor, w.last(Coupon.id), {"title": "Herbst"}),
             "coupon.changed", None),),
    "coupons.switch_coupon": (
        Deed(lambda w: coupons.switch_coupon(w.actor, w.last(Coupon.id), active=False), "coupon.changed", None),),
    "company.change_company": (
        Deed(lambda w: company.change_company(w.actor, {"phone": "040 2"}), "company.changed", None),),
    "logo.set_logo": (Deed(lambda w: logo.set_logo(w.actor, _picture(), "a.png"), "company.logo_changed", None),),
    "logo.remove_logo": (
        Deed(lambda w: (logo.set_logo(w.actor, _picture(), "a.png"), logo.remove_logo(w.actor)),
             "company.logo_changed", None),),
    "number_ranges.change_range": (Deed(_change_range, "number_range.changed", None),),
    "texts.save": (Deed(_save_text, "text.changed", None),),
    "texts.reset": (
        Deed(lambda w: (_save_text(w), texts.reset(w.actor, *TEXT, seen=_digest(w))), "text.reset", None),),
    "vat_settings.change_vat_checks": (
        Deed(lambda w: vat_settings.change_vat_checks(w.actor, {
            "vat_check": "off", "vat_check_days": 30, "vat_rely_days": 60, "vat_unconfirmed": "charge"}),
             "company.changed", None),),
    "vat_settings.change_oss": (
        Deed(lambda w: vat_settings.change_oss(w.actor, TODAY), "company.changed", None),),
    "vat_settings.note_crossing": (
        Deed(lambda w: vat_settings.note_crossing(TODAY), "company.changed", None, by="system"),),
    "vat_settings.add_tax_mode": (
        Deed(lambda w: vat_settings.add_tax_mode(w.actor, date(2027, 1, 1), "small_business"),
             "company.tax_mode_added", None),),
    "vat_settings.add_rate": (
        Deed(lambda w: vat_settings.add_rate(w.actor, "AT", "standard", Decimal(21), date(2027, 1, 1)),
             "company.rate_added", None),),
    "vat_settings.confirm_rate": (
        Deed(lambda w: vat_settings.confirm_rate(w.actor, w.first(VatRate.id, VatRate.origin == "proposal")),
             "company.rate_confirmed", None),),
    "clock_moves.start": (
        Deed(lambda w: clock_moves.start(w.actor, TODAY + timedelta(days=3)), "clock.forwarded", None),),
    "exports.order": (Deed(lambda w: exports.order(w.actor, "customers", "csv", {}), "export.made", None),),
    "exports.note_taken": (
        Deed(lambda w: exports.note_taken(w.actor, "customers", "csv", 3), "export.made", None),),
    "api_keys.add_api_key": (
        Deed(lambda w: api_keys.add_api_key(w.actor, "jule@example.com", name="Kasse"), "api_key.created", None),),
    "api_keys.revoke_api_key": (Deed(lambda w: api_keys.revoke_api_key(w.actor, 1), "api_key.revoked", None),),
    "roles.save_role": (
        Deed(lambda w: roles.save_role(w.actor, None, name="Neu", description="", is_enabled=True,
                                       permissions={"customers.read"}), "role.saved", None),),
    "roles.delete_role": (Deed(lambda w: roles.delete_role(w.actor, w.more["role"]), "role.deleted", None),),
}  # fmt: skip
