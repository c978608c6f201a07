"""Dated VAT rates: which holds where from which day, and a new one from a day on (0.7, F20)."""

from __future__ import annotations

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin import formats
from admin.deeds import attempt, done_by_button
from admin.door import Door
from admin.fields import Form, country, day, decimal, select
from admin.lists import row_id
from admin.people import actor
from admin.words import choices
from billing.words import sort_key
from queries.vat import get_rates
from services import clock, vat_settings
from services.company import get_company


class RateForm(Form):
    country_code = country(_l("Country"), required=True)
    category = select(_l("VAT"), choices("vat"))
    percent = decimal(_l("Rate in per cent"), required=True, help=_l("Such as 19 or 25.5."))
    valid_from = day(
        _l("In force from"), required=True, help=_l("It ends the rate before it, and holds until the next one.")
    )

    groups = ((_l("Rate"), ("country_code", "category", "percent", "valid_from")),)


class VatRateScreen(Door, BaseView):
    deeds = {"index_view": "company.read", "create_view": "company.write", "confirm": "company.write"}

    def __init__(self) -> None:
        super().__init__(name="vat_rates", endpoint="admin_vat_rates", url="vat-rates")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        home = get_company().country_code
        found = get_rates(clock.today())
        found.sort(key=lambda each: sort_key(formats.country(each.country_code)))
        return self.render("admin/vat_rates.html", countries=found, home=home, title=gettext("VAT rates"))

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        form = RateForm(data={"country_code": request.args.get("country", get_company().country_code)})
        if form.validate_on_submit() and attempt(lambda: self._add(form), form).done:
            flash(gettext("Saved. Invoices that were issued stay as they are."), "good")
            return redirect(self.get_url(".index_view"))
        return self.render(
            "admin/vat_ask.html", form=form, what="rate", title=gettext("New VAT rate"),
            action=self.get_url(".create_view"), back_to=self.get_url(".index_view"), verb=gettext("Save"),
        )  # fmt: skip

    def _add(self, form: RateForm) -> None:
        vat_settings.add_rate(
            actor(), form.country_code.data, form.category.data, form.percent.data, form.valid_from.data
        )

    @expose("/confirm/", methods=("POST",))
    def confirm(self) -> ResponseReturnValue:
        """A proposed rate has been looked over."""
        number = row_id(request.form.get("id")) or 0
        return done_by_button(
            lambda: vat_settings.confirm_rate(actor(), number), gettext("The rate is confirmed."),
            self.get_url(".index_view"),
        )  # fmt: skip
