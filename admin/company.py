"""The company's own data, as they stand on papers and pages; each field with what it is good for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _l
from wtforms.widgets import ColorInput

from admin.deeds import attempt
from admin.door import Door, may
from admin.fields import Form, country, select, text, whole, yes
from admin.forms import stored
from admin.people import actor
from admin.words import choices
from models import Company
from services import billing_gate, colours, company
from services.letter_foot import preview_foot

_c = Company.__table__.c


class CompanyForm(Form):
    name = text(_l("Name"), _c.name, required=True, help=_l("As it is registered, with its legal form."))
    legal_form = text(_l("Legal form"), _c.legal_form, help=_l("Such as GmbH; put behind the name if missing there."))
    address = text(_l("Street and number"), _c.address, help=_l("No post office box: it must stand on invoices."))
    address_2 = text(_l("Addition"), _c.address_2, help=_l("Such as a building or a department."))
    zipcode = text(_l("Postcode"), _c.zipcode)
    city = text(_l("City"), _c.city)
    country_code = country(_l("Country"), required=True)

    contact_name = text(_l("Contact"), _c.contact_name, help=_l("A person or a desk; e-invoices name it."))
    phone = text(
        _l("Telephone"), _c.phone, help=_l("With country code, such as +49 431 123456. XRechnung asks for it.")
    )
    email = text(
        _l("E-mail"), _c.email, help=_l("Mails come from this address, and answers go there. XRechnung asks for it.")
    )
    website = text(_l("Website"), _c.website, help=_l("Such as www.example.com."))

    seat = text(_l("Registered seat"), _c.seat, help=_l("Section 35a GmbHG asks for it on letters and mails."))
    register_court = text(_l("Register court"), _c.register_court, help=_l("Such as Amtsgericht Kiel."))
    register_number = text(_l("Register number"), _c.register_number, help=_l("Such as HRB 12345 KI."))
    managing_directors = text(
        _l("Managing directors"), _c.managing_directors, help=_l("All of them with first and last name.")
    )
    tax_number = text(_l("Tax number"), _c.tax_number, help=_l("A tax number or a VAT ID must stand on each invoice."))
    vat_id = text(_l("VAT ID"), longest=30, help=_l("Such as DE136695976; its check digit is looked at."))
    small_business_id = text(
        _l("Small business number"), _c.small_business_id, help=_l("Of a small business, such as DE123456789-EX.")
    )
    creditor_id = text(_l("SEPA creditor ID"), longest=60, help=_l("From the Bundesbank; direct debits need it."))

    bank_name = text(_l("Bank"), _c.bank_name)
    bank_owner = text(_l("Account holder"), _c.bank_owner, help=_l("Empty: the company's name."))
    iban = text("IBAN", longest=42, help=_l("Customers pay to this account; blanks do not matter."))
    bic = text("BIC", longest=20, help=_l("Only needed for payments from outside the euro area."))

    days_for_payment = whole(
        _l("Days for payment"), 0, 999, required=True, help=_l("Unless something else is agreed with a customer.")
    )
    currency_code = text(_l("Currency"), _c.currency_code, required=True, help=_l("Three letters, such as EUR."))
    language_code = select(_l("Language"), choices("language"), help=_l("New customers are written to in it."))
    einvoice_from_2028 = yes(
        _l("E-invoices only from 2028 on"),
        help=_l("Only if your turnover of 2026 was 800,000 EUR at most; concerns customers who want a bare PDF."),
    )
    cash_accounting = yes(_l("VAT when paid (section 20 UStG)"), help=_l("Only if the tax office has allowed it."))
    report_email = text(_l("Report of billing runs to"), _c.report_email, help=_l("Empty: no report is mailed."))
    accent = text(_l("Accent colour"), _c.accent, help=_l("For letters, mails and the customers' pages."))

    groups = (
        (_l("Company"), ("name", "legal_form", "address", "address_2", "zipcode", "city", "country_code")),
        (_l("Contact"), ("contact_name", "phone", "email", "website")),
        (_l("Register and taxes"), ("seat", "register_court", "register_number", "managing_directors", "tax_number",
                                    "vat_id", "small_business_id", "creditor_id")),
        (_l("Bank account"), ("bank_name", "bank_owner", "iban", "bic")),
        (_l("Billing"), ("days_for_payment", "currency_code", "language_code", "einvoice_from_2028", "cash_accounting",
                         "report_email")),
        (_l("Look"), ("accent",)),
    )  # fmt: skip


class CompanyScreen(Door, BaseView):
    """One form for the one Mandant (D-8)."""

    deeds = {"index": "company.read", "save": "company.write"}

    def __init__(self) -> None:
        super().__init__(name="company", endpoint="admin_company", url="company")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        row = company.get_company()
        return self._show(CompanyForm(formdata=None, data=stored(row)), str(row.version))

    @expose("/save/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        row = company.get_company()
        form = CompanyForm(data=stored(row))
        seen = request.form.get("version", "")
        if form.validate_on_submit() and attempt(lambda: self._change(form, seen), form).done:
            flash(gettext("Saved. From now on papers carry these data; issued ones stay as they are."), "good")
            return redirect(self.get_url(".index"))
        return self._show(form, str(company.get_company().version))

    def _change(self, form: Form, seen: str) -> None:
        """Two people editing at once: the second one is told, and nothing is overwritten unseen."""
        values = {name: value for name, value in form.data.items() if name != "csrf_token"}
        company.change_company(actor(), values, seen=int(seen) if seen.isascii() and seen.isdecimal() else 0)

    def _show(self, form: CompanyForm, version: str) -> ResponseReturnValue:
        form.accent.widget = ColorInput()
        form.accent.description = f"{form.accent.description} {accent_note(form.data)}".strip()
        language = "de" if str(get_locale()).startswith("de") else "en"
        return self.render(
            "admin/company.html", form=form, title=gettext("Company"), action=self.get_url(".save"), row=None,
            may_save=may("company.write"), version=version, foot=preview_foot(form.data, language),
            missing=billing_gate.missing_of_seller(),
        )  # fmt: skip


def accent_note(values: Mapping[str, Any]) -> str:
    """Whether words in the colour can be read on white, and what is done where they cannot."""
    try:
        ratio = colours.contrast(str(values.get("accent") or ""), "#ffffff")
    except ValueError:
        return ""
    told = f"{ratio:.1f}".replace(".", "," if str(get_locale()).startswith("de") else ".")
    if ratio >= colours.READABLE:
        return gettext("Contrast with white %(ratio)s : 1. Words in this colour are easy to read.", ratio=told)
    return gettext(
        "Contrast with white only %(ratio)s : 1. Words and buttons get a darker shade of it, so that everybody can "
        "read them.", ratio=told,
    )  # fmt: skip
