"""Usage of a contract: all of it, and the deeds with it (X-20)."""

from __future__ import annotations

from decimal import Decimal

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin import formats
from admin.asking import Asking
from admin.door import Door
from admin.fields import Form, day, decimal, select, text
from admin.lists import row_id
from admin.people import actor
from admin.products import active_products
from extensions import db
from models import Subscription, UsageRecord
from queries.usage import find_usage
from services import clock, usage
from services.usage import Used

PAGE = 100


class UsageForm(Form):
    article_number = select(_l("Article"), ())
    quantity = decimal(_l("Quantity"), required=True, default=Decimal(1), places=0)
    unit_price = decimal(_l("Unit price"), help=_l("Empty: the price of the product."))
    used_on = day(_l("Used on"), help=_l("Empty: today."))
    description = text(_l("Description"), UsageRecord.__table__.c.description)


class UsageScreen(Asking, Door, BaseView):
    deeds = {"index_view": "subscriptions.read", "record": "subscriptions.write", "delete": "subscriptions.write"}

    def __init__(self) -> None:
        super().__init__(name="usage", endpoint="admin_usage", url="/admin/usage")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """All records of a contract, a page at a time, the newest first."""
        contract = self.contract_of_address()
        page = min(row_id(request.args.get("page")) or 0, 10_000)
        rows = find_usage(contract.id, limit=PAGE + 1, offset=page * PAGE, newest_first=True)
        return self.render(
            "admin/usage.html", contract=contract, rows=rows[:PAGE], page=page, more=len(rows) > PAGE,
            title=gettext("Usage"),
        )  # fmt: skip

    @expose("/record/", methods=("GET", "POST"))
    def record(self) -> ResponseReturnValue:
        """Write down what was used; it stands on the next invoice."""
        contract = self.contract_of_address()
        number, form = contract.id, UsageForm(data={"used_on": clock.today(), "quantity": Decimal(1)})
        form.article_number.choices = active_products(contract=contract)
        what = [gettext("It stands summed on the next invoice of this contract; what comes late, on the one after.")]
        return self.asked(
            form, lambda: usage.record_usage(actor(), _used(number, form)), title=gettext("Record usage"), what=what,
            verb=gettext("Record usage"), said=gettext("The usage is recorded."), back=_contract(number),
            extra={"contract": number},
        )  # fmt: skip

    @expose("/delete/", methods=("GET", "POST"))
    def delete(self) -> ResponseReturnValue:
        """Only while nobody has billed it."""
        row = db.session.get(UsageRecord, row_id(request.values.get("id")) or 0) or abort(404)
        number, contract = row.id, row.subscription_id
        told = {"quantity": formats.quantity(row.quantity), "title": row.title, "day": formats.day(row.used_on)}
        what = [gettext("%(quantity)s of “%(title)s”, used on %(day)s, will not be billed.", **told)]
        return self.asked(
            Form(), lambda: usage.delete_usage(actor(), number), title=gettext("Delete usage"), what=what,
            verb=gettext("Delete usage"), said=gettext("The usage is deleted."), back=_contract(contract),
            extra={"id": number}, danger=True,
        )  # fmt: skip

    def contract_of_address(self) -> Subscription:
        found: Subscription = db.session.get(Subscription, row_id(request.values.get("contract")) or 0) or abort(404)
        return found


def _used(contract: int, form: UsageForm) -> Used:
    return Used(
        contract, form.article_number.data, form.quantity.data, form.unit_price.data,
        description=form.description.data or "", used_on=form.used_on.data,
    )  # fmt: skip


def _contract(number: int) -> str:
    return url_for("admin_subscriptions.details_view", id=number)
