"""The form of a one-off invoice: its head, and rows of lines that are added and taken off, with or without a script."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.i18n import translations
from wtforms import FieldList, FormField, HiddenField
from wtforms import Form as PlainForm

from admin.fields import Form, day, decimal, select, text, whole
from admin.words import choices
from models import Invoice, InvoiceLine
from services.drafts import Position
from services.values import CURRENCIES

MOST_LINES = 200
_c = Invoice.__table__.c
_line = InvoiceLine.__table__.c
MODES = ((False, _l("net")), (True, _l("gross")))


class LineForm(PlainForm):
    """One row. `id` keeps a line's identity; `article_number` says which product it came from."""

    class Meta:
        def get_translations(self, form: PlainForm) -> Any:
            """Refusals in the reader's language, as in the form around the rows."""
            return translations

    id = HiddenField()
    article_number = HiddenField()
    title = text(_l("Title"), _line.title, required=True)
    description = text(_l("Description"), _line.description)
    quantity = decimal(_l("Quantity"), required=True, default=Decimal(1), places=0)
    unit = text(_l("Unit of measure"), _line.unit)
    unit_price = decimal(_l("Unit price"), required=True)
    vat_category = select(_l("VAT"), choices("vat"))
    supply_kind = select(_l("Kind of supply"), choices("supply"))
    discount_percent = decimal(_l("Discount in %"), places=0)
    service_from = day(_l("Supplied from"))
    service_last = day(_l("Supplied until"))


class DraftForm(Form):
    customer = text(_l("Customer"), required=True, help=_l("Number, name or e-mail address."))
    title = text(_l("Title"), _c.title, help=_l("Stands under the heading, such as “Workshop in November”."))
    service_from = day(_l("Supplied from"), help=_l("Day or first day of supply: the law asks for it."))
    service_last = day(_l("Supplied until"), help=_l("Empty: that one day."))
    delivery_text = text(
        _l("Supplied, in words"), _c.delivery_text, help=_l("Instead of days, such as “October 2026”.")
    )
    introtext = text(_l("Words above the lines"), _c.introtext)
    currency_code = select(_l("Currency"), [(code, code) for code in sorted(CURRENCIES)])
    is_gross = select(_l("Prices"), MODES, coerce=lambda value: str(value) == "True")
    payment_type = select(_l("Payment method"), choices("payment"), coerce=int)
    days_for_payment = whole(_l("Days for payment"), 0, 999, required=True)
    cash_discount_percent = decimal(_l("Cash discount in %"), places=0, help=_l("Empty: none."))
    cash_discount_days = whole(_l("Cash discount within days"), 0, 999)
    lines = FieldList(FormField(LineForm), min_entries=0, max_entries=MOST_LINES)

    groups = (
        (_l("Invoice"), ("customer", "title", "service_from", "service_last", "delivery_text", "introtext")),
        (_l("Payment"), ("currency_code", "is_gross", "payment_type", "days_for_payment", "cash_discount_percent",
                         "cash_discount_days")),
    )  # fmt: skip


MAIN = ("title", "quantity", "unit_price", "vat_category", "discount_percent")
MORE = ("description", "unit", "supply_kind", "service_from", "service_last")
_HEAD = ("title", "service_from", "service_last", "delivery_text", "introtext", "currency_code", "is_gross",
         "payment_type", "days_for_payment")  # fmt: skip


def head_of(form: Any) -> dict[str, Any]:
    """The values of the head as the service takes them."""
    values = {name: form[name].data for name in _HEAD}
    values |= {name: values[name] or "" for name in ("title", "delivery_text", "introtext")}
    values["cash_discount_percent"] = form.cash_discount_percent.data or Decimal(0)
    values["cash_discount_days"] = form.cash_discount_days.data or 0
    return values


def positions_of(form: Any) -> list[Position]:
    """The rows as positions. What a row says stands; its product only lends its number."""
    return [_position(entry.form) for entry in form.lines.entries]


def _position(row: Any) -> Position:
    number = str(row.id.data or "")
    return Position(
        title=row.title.data or "", unit_price=row.unit_price.data, quantity=row.quantity.data,
        article_number=(row.article_number.data or "")[:40], description=row.description.data or "",
        unit=row.unit.data or "", vat_category=row.vat_category.data, supply_kind=row.supply_kind.data,
        discount_percent=row.discount_percent.data or Decimal(0), service_from=row.service_from.data,
        service_last=row.service_last.data, id=int(number) if number.isdecimal() and len(number) < 19 else None,
    )  # fmt: skip


def rows_of(lines: Iterable[InvoiceLine]) -> list[dict[str, Any]]:
    """Stored lines as the rows of the form."""
    return [_row(line) for line in lines]


def _row(line: InvoiceLine) -> dict[str, Any]:
    chosen = line.chosen or {}
    percent = Decimal(chosen.get("discount_percent", "0"))
    names = ("id", "article_number", "title", "description", "quantity", "unit", "unit_price")
    own = {name: getattr(line, name) for name in names}
    last = line.period_end and line.period_end.fromordinal(line.period_end.toordinal() - 1)
    return own | {
        "vat_category": chosen.get("vat_category", "standard"), "supply_kind": chosen.get("supply_kind", "service"),
        "discount_percent": percent or None, "service_from": line.period_start, "service_last": last,
    }  # fmt: skip


def of_product(product: Any) -> dict[str, Any]:
    """A row that a product fills."""
    return {
        "article_number": product.number, "title": product.title, "description": product.description,
        "quantity": Decimal(1), "unit": product.unit, "unit_price": product.unit_price,
        "vat_category": product.vat_category, "supply_kind": product.supply_kind,
    }  # fmt: skip


EMPTY: dict[str, Any] = {"quantity": Decimal(1), "vat_category": "standard", "supply_kind": "service"}
