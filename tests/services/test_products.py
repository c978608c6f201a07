"""What is sold, and what of it can be changed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from billing.errors import Conflict, Invalid, NotFound
from billing.periods import Interval, Unit
from extensions import db
from models import Activity, ActivityDetail, Product
from queries.products import find_products
from services import products
from services.actor import SYSTEM

pytestmark = pytest.mark.usefixtures("context")
MONTH = Interval(Unit.MONTH, 1)


def make(**values: Any) -> Product:
    values = {"number": "basis", "title": "Basis", "unit_price": Decimal("9.90")} | values
    row = db.session.get(Product, products.create_product(SYSTEM, values))
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("values", "kind"),
    [({}, "article"), ({"interval": MONTH}, "plan"), ({"kind": "addon"}, "addon"),
     ({"kind": "addon", "interval": MONTH}, "addon"), ({"interval": None}, "article")],
)  # fmt: skip
def test_an_interval_makes_a_plan_and_an_add_on_follows_its_plans_rhythm(values: Any, kind: str) -> None:
    row = make(**values)
    assert (row.kind, row.interval_unit is not None) == (kind, kind == "plan")


@pytest.mark.parametrize(("percent", "category"), [("19", "standard"), ("7.00", "reduced"), ("0", "zero")])
def test_a_percentage_becomes_a_dated_category(percent: str, category: str) -> None:
    assert make(vat_percent=Decimal(percent)).vat_category == category


@pytest.mark.feature("S24")
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"unit_price": Decimal("-0.01")}, "unit_price"),
        ({"unit_price": 9.9}, "unit_price"),
        ({"unit_price": Decimal("NaN")}, "unit_price"),
        ({"unit_price": Decimal("1E+20")}, "unit_price"),
        ({"unit_price": Decimal("0.123456789")}, "unit_price"),
        ({"unit_price": None}, "unit_price"),
        ({"setup_fee": Decimal(-5)}, "setup_fee"),
        ({"vat_percent": Decimal(16)}, "vat_percent"),
        ({"vat_percent": Decimal(-19)}, "vat_percent"),
        ({"number": ""}, "number"),
        ({"number": "a\nb"}, "number"),
        ({"title": ""}, "title"),
        ({"currency_code": "XXX"}, "currency_code"),
        ({"interval": "1 month"}, "interval"),
        ({"number_events": -1}, "number_events"),
        ({"return_url_success": "javascript:alert(1)"}, "return_url_success"),
        ({"tax_rate": 0}, "tax_rate"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_its_field(values: Any, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        make(**values)
    assert refusal.value.field == field
    assert db.session.query(Product).count() == 0


def test_an_article_number_belongs_to_one_product() -> None:
    make()
    other = make(number="plus")
    with pytest.raises(Conflict) as on_create:
        make()
    with pytest.raises(Conflict) as on_update:
        products.update_product(SYSTEM, other.id, {"number": "basis"})
    assert on_create.value.facts == on_update.value.facts == {"field": "number"}
    assert [card.number for card in find_products()] == ["basis", "plus"]


def test_a_change_is_told_with_before_and_after() -> None:
    row = make()
    products.update_product(SYSTEM, row.id, {"unit_price": Decimal("12"), "title": "Basis"})
    activity = db.session.query(Activity).filter_by(code="product.changed").one()
    detail = db.session.get(ActivityDetail, activity.id)
    assert detail is not None
    before, after = detail.read()["changes"]["unit_price"]
    assert (Decimal(before), Decimal(after)) == (Decimal("9.90"), Decimal(12))


def test_a_plan_without_its_interval_is_an_article_again() -> None:
    row = make(interval=MONTH)
    products.update_product(SYSTEM, row.id, {"interval": None})
    assert (row.kind, row.interval_unit) == ("article", None)


def test_an_unknown_product_is_not_found() -> None:
    with pytest.raises(NotFound):
        products.update_product(SYSTEM, 4711, {"title": "x"})
    make(is_active=False)
    with pytest.raises(NotFound) as refusal:
        products.find_product(db.session(), "basis")
    assert refusal.value.facts == {"field": "article_number"}


def test_an_add_on_names_the_plans_it_goes_with() -> None:
    plan, addon = make(interval=MONTH), make(number="extra", kind="addon")
    products.assign_addon(SYSTEM, addon.id, [plan.id])
    assert [card.assigned for card in find_products()] == [(), ("basis",)]
    products.assign_addon(SYSTEM, addon.id, [])
    assert [card.assigned for card in find_products()] == [(), ()]


def test_products_are_found_by_number_and_by_tag() -> None:
    make(tags="hosting,neu")
    make(number="plus", tags="alt")
    assert [card.number for card in find_products(("plus",))] == ["plus"]
    assert [card.number for card in find_products(tag="hosting")] == ["basis"]
    assert [card.number for card in find_products(limit=1, offset=1)] == ["plus"]


@pytest.mark.feature("CON-4")
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"term": Interval(Unit.YEAR, 3)}, "term"),
        ({"term": Interval(Unit.YEAR, 1), "renewal": Interval(Unit.YEAR, 1)}, "renewal"),
        ({"notice": Interval(Unit.MONTH, 3)}, "notice"),
        ({"notice": Interval(Unit.WEEK, 6)}, "notice"),
    ],
)
def test_a_plan_for_consumers_that_binds_them_too_long_cannot_be_saved(values: Any, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        make(interval=MONTH, **values)
    assert (refusal.value.field, refusal.value.code) == (field, f"consumers_{field}")
    assert make(interval=MONTH, is_for_consumers=False, **values).kind == "plan"


@pytest.mark.feature("CON-4")
def test_a_plan_for_companies_is_not_offered_to_consumers_by_an_edit() -> None:
    row = make(interval=MONTH, is_for_consumers=False, notice=Interval(Unit.MONTH, 3))
    with pytest.raises(Invalid) as refusal:
        products.update_product(SYSTEM, row.id, {"is_for_consumers": True})
    assert refusal.value.field == "notice"
    products.update_product(SYSTEM, row.id, {"is_for_consumers": True, "notice": MONTH})
    assert row.is_for_consumers
