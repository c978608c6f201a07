"""Products: plans, add-ons and articles. What is changed here binds new contracts only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, exists, or_
from sqlalchemy import select as sql_select

from admin import formats
from admin.columns import Column, kind_choice, yes_no_choice
from admin.fields import Form, decimal, select, span, text, whole, yes
from admin.forms import FormScreen, stored
from admin.people import actor
from admin.words import choices, rhythm
from billing.periods import Interval, Unit
from extensions import db
from models import Product, ProductAddon, ProductPrice, Subscription
from queries.lists.products import PRODUCTS
from queries.products import prices_of
from services import products
from services.company import get_company

_c = Product.__table__.c


class ProductForm(Form):
    kind = select(_l("Kind"), choices("product"), help=_l("Plans and add-ons are billed in a rhythm, articles once."))
    number = text(_l("Article number"), _c.number, required=True)
    title = text(_l("Title"), _c.title, required=True)
    description = text(_l("Description"), _c.description, help=_l("Stands on the invoice."))
    is_active = yes(_l("On sale"), default=True)

    unit_price = decimal(_l("Unit price"), required=True, help=_l("Such as 12.50; up to eight decimals."))
    is_gross = yes(_l("Price includes VAT"))
    currency_code = text(_l("Currency"), _c.currency_code, help=_l("Three letters, such as EUR."))
    setup_fee = decimal(_l("Set-up fee"), help=_l("Charged once, with the first period."))
    vat_category = select(_l("VAT"), choices("vat"))
    supply_kind = select(_l("Supply"), choices("supply"))
    is_section_13b = yes(
        _l("Supply of section 13b UStG"),
        help=_l("Such as construction work: recipients marked so owe the VAT themselves."),
    )
    unit = text(_l("Unit of measure"), _c.unit, help=_l("UN/ECE code for the e-invoice; C62 is a piece."))

    interval = span(_l("Is billed every"), help=_l("Plans only."))
    in_arrears = yes(_l("Is billed at the end of the period"))
    number_events = whole(_l("Number of periods"), 0, 9999, default=0, help=_l("0: without end."))
    trial = span(_l("Trial"))
    term = span(_l("Minimum term"))
    renewal = span(_l("Renewal"))
    notice = span(_l("Notice period"))
    allow_multiple = yes(_l("May be booked more than once"))
    is_for_consumers = yes(_l("Is offered to consumers"), default=True)

    groups = (
        (_l("Product"), ("kind", "number", "title", "description", "is_active")),
        (
            _l("Price"),
            (
                "unit_price",
                "is_gross",
                "currency_code",
                "setup_fee",
                "vat_category",
                "supply_kind",
                "is_section_13b",
                "unit",
            ),
        ),
        (_l("Rhythm"), ("interval", "in_arrears", "number_events", "trial")),
        (_l("Term"), ("term", "renewal", "notice", "allow_multiple", "is_for_consumers")),
    )


class ProductScreen(FormScreen):
    title = _l("Products")
    new_label = _l("New product")
    edit_title = _l("Edit product")
    hint = _l("Article number or title")
    empty = _l("What you sell will stand here. Begin with a plan: a price and how often it is billed.")
    deeds = {
        "index_view": "products.read", "details_view": "products.read", "create_view": "products.write",
        "edit_view": "products.write",
    }  # fmt: skip
    listing = PRODUCTS
    columns = (
        Column("number", _l("Number"), "link", to="admin_products.details_view"),
        Column("title", _l("Title"), "link", to="admin_products.details_view"),
        Column("kind", _l("Kind"), "kind", of="product"),
        Column("interval_unit", _l("Rhythm"), "rhythm"),
        Column("is_active", _l("On sale"), "yes_no"),
        Column("unit_price", _l("Unit price"), "price"),
    )
    choices = (
        kind_choice("product", "kind", _l("Kind")),
        yes_no_choice("is_active", _l("On sale")),
    )
    form_class = ProductForm
    details_template = "admin/product.html"

    def __init__(self) -> None:
        super().__init__(Product, "products")

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        row = self.require_row()
        self._template_args.update(prices=prices_of(row.id))
        return super().details_view()

    def new_form(self) -> Form:
        month = Interval(Unit("month"), 1)
        return self.form_class(
            data={"kind": "plan", "currency_code": get_company().currency_code, "interval": month, "unit": "C62",
                  "vat_category": "standard", "is_active": True, "is_for_consumers": True, "number_events": 0}
        )  # fmt: skip

    def form_of(self, row: Product) -> Form:
        intervals = {name: _interval(row, name) for name in products.INTERVALS}
        return self.form_class(data=stored(row) | intervals)

    def create(self, form: Form) -> int:
        return products.create_product(actor(), _values(form))

    def update(self, form: Form, row: Product) -> None:
        products.update_product(actor(), row.id, _values(form))


def _interval(row: Product, name: str) -> Interval | None:
    unit, count = getattr(row, f"{name}_unit"), getattr(row, f"{name}_count")
    return Interval(Unit(unit), count) if unit and count else None


def _values(form: Form) -> dict[str, Any]:
    """An article and an add-on have no rhythm of their own."""
    values = {name: value for name, value in form.data.items() if name != "csrf_token"}
    if values["kind"] != "plan":
        values["interval"] = None
    values["setup_fee"] = values["setup_fee"] or 0
    values["number_events"] = values["number_events"] or 0
    return values


def products_on_sale(chosen: Iterable[int] = ()) -> list[tuple[int, str]]:
    """(id, words) of everything on sale and of what is chosen already, for a select; a price list is short."""
    wanted = Product.is_active | Product.id.in_(list(chosen))
    rows = db.session.execute(
        sql_select(Product.id, Product.number, Product.title).where(wanted).order_by(Product.number).limit(500)
    )
    return [(row.id, f"{row.number} · {row.title}") for row in rows]


def active_products(kind: str = "", contract: Subscription | None = None) -> list[tuple[str, str]]:
    """(number, words) of what is on sale, for a select; a price list is short. Of every kind unless one is named.

    For a contract only what fits it: in its mode (net or gross) and with a price in its currency.
    """
    query = sql_select(Product.number, Product.title).where(Product.is_active)
    if kind:
        query = query.where(Product.kind == kind)
    if contract is not None:
        query = query.where(*_fitting(contract))
    rows = db.session.execute(query.order_by(Product.number).limit(500))
    return [(row.number, f"{row.number} · {row.title}") for row in rows]


def plans_on_sale() -> list[tuple[str, str]]:
    """(number, words with price and rhythm) of the plans on sale, for a select; a price list is short."""
    query = sql_select(Product).where(Product.is_active, Product.kind == "plan").order_by(Product.number).limit(500)
    return [(row.number, _priced(row)) for row in db.session.scalars(query)]


def _priced(row: Product) -> str:
    mode = gettext("gross") if row.is_gross else gettext("net")
    price = f"{formats.price(row.unit_price, row.currency_code)} {mode}"
    return " · ".join((row.number, row.title, price, rhythm(row.interval_unit, row.interval_count)))


def addons_beside(plan_id: int | None, contract: Subscription) -> list[tuple[str, str]]:
    """As `active_products` for that contract: the add-ons that go with this plan, or with every plan."""
    other = sql_select(ProductAddon.addon_id).where(ProductAddon.addon_id == Product.id)
    fits = other.where(ProductAddon.plan_id == plan_id).exists() | ~other.exists()
    query = sql_select(Product.number, Product.title).where(
        Product.is_active, Product.kind == "addon", fits, *_fitting(contract)
    )
    rows = db.session.execute(query.order_by(Product.number).limit(500))
    return [(row.number, f"{row.number} · {row.title}") for row in rows]


def _fitting(contract: Subscription) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    priced = exists().where(
        ProductPrice.product_id == Product.id, ProductPrice.currency_code == contract.currency_code
    )  # fmt: skip
    return Product.is_gross == contract.is_gross, or_(Product.currency_code == contract.currency_code, priced)
