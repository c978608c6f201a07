"""A product's prices in other currencies (X-20): shown and changed on its page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin import formats
from admin.asking import Asking
from admin.door import Door
from admin.fields import Form, decimal, text
from admin.lists import row_id
from admin.people import actor
from extensions import db
from models import Product, ProductPrice
from queries.products import price_of
from services import product_prices

_c = ProductPrice.__table__.c


class PriceForm(Form):
    currency_code = text(_l("Currency"), _c.currency_code, required=True, help=_l("Three letters, such as CHF."))
    unit_price = decimal(_l("Unit price"), required=True)
    setup_fee = decimal(_l("Set-up fee"))


class ProductPriceScreen(Asking, Door, BaseView):
    deeds = {"edit": "products.write", "remove": "products.write"}

    def __init__(self) -> None:
        super().__init__(name="product_prices", endpoint="admin_product_prices", url="/admin/product-prices")

    @expose("/", methods=("GET", "POST"))
    def edit(self) -> ResponseReturnValue:
        """Set the price in one currency; running contracts keep theirs."""
        number, currency = self.product_of_address().id, _currency()
        form = PriceForm(data=_known(number, currency))
        what = [gettext("Contracts that are made from now on in this currency get this price; running ones keep "
                        "theirs.")]  # fmt: skip
        return self.asked(
            form, lambda: product_prices.set_price(actor(), number, form.currency_code.data, form.unit_price.data,
                                             form.setup_fee.data or Decimal(0)),
            title=gettext("Price in another currency"), what=what, verb=gettext("Save"), said=gettext("Saved."),
            back=_product(number), extra={"product": number},
        )  # fmt: skip

    @expose("/remove/", methods=("GET", "POST"))
    def remove(self) -> ResponseReturnValue:
        number, currency = self.product_of_address().id, _currency()
        known = price_of(number, currency) or abort(404)
        what = [gettext("The product is no longer sold in %(currency)s (now %(price)s). Running contracts keep their "
                        "price.", currency=currency, price=formats.price(known.unit_price, currency))]  # fmt: skip
        return self.asked(
            Form(), lambda: product_prices.remove_price(actor(), number, currency), title=gettext("Remove the price"),
            what=what, verb=gettext("Remove the price"), said=gettext("The price is removed."), back=_product(number),
            extra={"product": number, "currency": currency}, danger=True,
        )  # fmt: skip

    def product_of_address(self) -> Product:
        found: Product = db.session.get(Product, row_id(request.values.get("product")) or 0) or abort(404)
        return found


def _currency() -> str:
    return str(request.values.get("currency", ""))[:3].upper()


def _known(number: int, currency: str) -> dict[str, Any]:
    known = price_of(number, currency) if currency.isalpha() else None
    if known is None:
        return {"currency_code": currency}
    return {"currency_code": currency, "unit_price": known.unit_price, "setup_fee": known.setup_fee}


def _product(number: int) -> str:
    return url_for("admin_products.details_view", id=number, _anchor="prices")
