"""The company's own data, as they stand on papers; and the number ranges."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin.columns import Column
from admin.deeds import attempt
from admin.door import Door, may
from admin.fields import Form, select, text, whole, yes
from admin.forms import FormScreen, stored
from admin.people import actor
from admin.words import choices, kind_label
from billing import numbering
from billing.errors import KontorError
from models import Company, NumberRange
from queries.lists.house import NUMBER_RANGES
from services import clock, company, number_ranges

_c = Company.__table__.c


class CompanyForm(Form):
    name = text(_l("Name"), _c.name, required=True)
    legal_form = text(_l("Legal form"), _c.legal_form)
    address = text(_l("Street and number"), _c.address)
    address_2 = text(_l("Addition"), _c.address_2)
    zipcode = text(_l("Postcode"), _c.zipcode)
    city = text(_l("City"), _c.city)
    country_code = text(_l("Country"), _c.country_code, required=True, help=_l("Two letters, such as DE."))

    contact_name = text(_l("Contact"), _c.contact_name, help=_l("A person or a desk; e-invoices ask for it."))
    phone = text(_l("Telephone"), _c.phone)
    email = text(_l("E-mail"), _c.email)
    website = text(_l("Website"), _c.website)

    seat = text(_l("Registered seat"), _c.seat)
    register_court = text(_l("Register court"), _c.register_court)
    register_number = text(_l("Register number"), _c.register_number)
    managing_directors = text(_l("Managing directors"), _c.managing_directors)
    tax_number = text(_l("Tax number"), _c.tax_number, help=_l("A tax number or a VAT ID must stand on each invoice."))
    vat_id = text(_l("VAT ID"), longest=30)
    creditor_id = text(_l("SEPA creditor ID"), longest=60)

    bank_name = text(_l("Bank"), _c.bank_name)
    bank_owner = text(_l("Account holder"), _c.bank_owner)
    iban = text("IBAN", longest=42)
    bic = text("BIC", longest=20)

    days_for_payment = whole(_l("Days for payment"), 0, 999, required=True)
    currency_code = text(_l("Currency"), _c.currency_code, required=True, help=_l("Three letters, such as EUR."))
    language_code = select(_l("Language"), choices("language"))
    cash_accounting = yes(_l("VAT when paid (section 20 UStG)"))
    report_email = text(_l("Report of billing runs to"), _c.report_email)
    accent = text(_l("Accent colour"), _c.accent, help=_l("Such as #0b6b62."))

    groups = (
        (_l("Company"), ("name", "legal_form", "address", "address_2", "zipcode", "city", "country_code")),
        (_l("Contact"), ("contact_name", "phone", "email", "website")),
        (_l("Register and taxes"), ("seat", "register_court", "register_number", "managing_directors", "tax_number",
                                    "vat_id", "creditor_id")),
        (_l("Bank account"), ("bank_name", "bank_owner", "iban", "bic")),
        (_l("Billing"), ("days_for_payment", "currency_code", "language_code", "cash_accounting", "report_email",
                         "accent")),
    )  # fmt: skip


class CompanyScreen(Door, BaseView):
    """One form for the one Mandant (D-8)."""

    deeds = {"index": "company.read", "save": "company.write"}

    def __init__(self) -> None:
        super().__init__(name="company", endpoint="admin_company", url="company")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self._show(CompanyForm(formdata=None, data=stored(company.get_company())))

    @expose("/save/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        form = CompanyForm(data=stored(company.get_company()))
        if form.validate_on_submit() and attempt(lambda: company.change_company(actor(), _values(form)), form).done:
            flash(gettext("Saved. From now on papers carry these data; issued ones stay as they are."), "good")
            return redirect(self.get_url(".index"))
        return self._show(form)

    def _show(self, form: Form) -> ResponseReturnValue:
        return self.render(
            "admin/form.html", form=form, title=gettext("Company"), action=self.get_url(".save"), row=None,
            may_save=may("company.write"),
        )  # fmt: skip


def _values(form: Form) -> dict[str, Any]:
    return {name: value for name, value in form.data.items() if name != "csrf_token"}


class NumberRangeForm(Form):
    pattern = text(
        _l("Pattern"),
        NumberRange.__table__.c.pattern,
        required=True,
        help=_l("{YYYY} or {YY} is the year, {N:5} the counter with five digits."),
    )
    yearly = yes(_l("Begins anew each year"))
    first_value = whole(_l("First number"), 1, 999_999_999, required=True)

    groups = ((_l("Number range"), ("pattern", "yearly", "first_value")),)


class NumberRangeScreen(FormScreen):
    title = _l("Number ranges")
    edit_title = _l("Edit number range")
    empty = _l("There is no number range yet.")
    deeds = {"index_view": "company.read", "edit_view": "company.write"}
    listing = NUMBER_RANGES
    columns = (
        Column("code", _l("Range"), "link_kind", of="range", to="admin_number_ranges.edit_view"),
        Column("pattern", _l("Pattern")),
        Column("yearly", _l("Begins anew each year"), "yes_no"),
        Column("next_value", _l("Next counter")),
    )
    form_class = NumberRangeForm

    def __init__(self) -> None:
        super().__init__(NumberRange, "number_ranges")

    def update(self, form: Form, row: NumberRange) -> None:
        number_ranges.change_range(
            actor(), row.id, pattern=form.pattern.data, yearly=form.yearly.data, first_value=form.first_value.data
        )

    def show_form(
        self, form: Form, title: Any, back_to: str, row: Any = None, version: str = ""
    ) -> ResponseReturnValue:
        self._template_args["note"] = gettext(
            "%(range)s look like this: %(examples)s", range=str(kind_label("range", row.code)),
            examples=", ".join(_examples(row)),
        )  # fmt: skip
        return super().show_form(form, title, back_to, row, version)


def _examples(row: NumberRange) -> list[str]:
    try:
        return numbering.preview(row.pattern, clock.today().year, row.first_value)
    except KontorError:
        return []
