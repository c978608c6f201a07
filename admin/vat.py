"""The settings of VAT: regular or small business, VAT IDs, consumers in the EU, and what OSS has to be told."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import Response, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin import formats
from admin.deeds import attempt
from admin.door import Door, may
from admin.fields import Form, day, select, whole
from admin.lists import day_of
from admin.people import actor
from admin.words import choices
from billing.periods import Interval, Unit, shift
from billing.taxes import Seller
from billing.thresholds import SMALL_BUSINESS_CENTS
from documents import sheets
from models import Company
from queries.vat import Limit, get_ec_sales, get_oss_report, get_taxation
from services import clock, tax_watch, vat_settings
from services.company import get_company

QUARTERS = 8  # offered in the report: the running one and the seven before
_DAY, _QUARTER = timedelta(days=1), Interval(Unit("month"), 3)


class ChecksForm(Form):
    vat_check = select(_l("Check of VAT IDs"), choices("vat_check"))
    vat_check_days = whole(
        _l("Check again after days"), 1, vat_settings.LONGEST, required=True,
        help=_l("An answer counts for the day it was given; a month is usual."),
    )  # fmt: skip
    vat_rely_days = whole(
        _l("Rely on a good answer for days"), 1, vat_settings.LONGEST, required=True,
        help=_l("While VIES does not answer, the last good answer holds so long."),
    )  # fmt: skip
    vat_unconfirmed = select(_l("Without a good answer"), choices("vat_unconfirmed"))

    groups = ((_l("VAT IDs of businesses in other EU countries"),
               ("vat_check", "vat_check_days", "vat_rely_days", "vat_unconfirmed")),)  # fmt: skip


class ModeForm(Form):
    mode = select(_l("Taxation"), choices("tax_mode"))
    valid_from = day(
        _l("In force from"), required=True, help=_l("The day of supply decides, not the day of the invoice.")
    )

    groups = ((_l("Taxation"), ("mode", "valid_from")),)


class OssForm(Form):
    oss_from = day(_l("Rates of the consumer's country from"), help=_l("Empty: below the threshold, our own rates."))

    groups = ((_l("Consumers in the EU"), ("oss_from",)),)


class VatScreen(Door, BaseView):
    """One page; each change is asked for in a dialog, except how VAT IDs are checked, which is a form in place."""

    deeds = {
        "index": "company.read", "save_checks": "company.write", "mode": "company.write", "oss": "company.write",
        "report": "company.read", "report_file": "company.read",
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__(name="vat", endpoint="admin_vat", url="vat")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self._show(ChecksForm(formdata=None, data=_checks_of(get_company())))

    @expose("/checks/", methods=("POST",))
    def save_checks(self) -> ResponseReturnValue:
        form = ChecksForm()
        if form.validate_on_submit() and attempt(lambda: self._save_checks(form), form).done:
            flash(gettext("Saved."), "good")
            return redirect(self.get_url(".index"))
        return self._show(form)

    def _save_checks(self, form: ChecksForm) -> None:
        vat_settings.change_vat_checks(actor(), {name: form[name].data for name in form.groups[0][1]})

    @expose("/mode/", methods=("GET", "POST"))
    def mode(self) -> ResponseReturnValue:
        """Change the taxation from a day on."""
        form = ModeForm(data={"mode": "regular", "valid_from": clock.today()})
        if form.validate_on_submit():
            kind, since = form.mode.data, form.valid_from.data
            if attempt(lambda: vat_settings.add_tax_mode(actor(), since, kind), form).done:
                flash(gettext("Saved. Invoices that were issued stay as they are."), "good")
                return redirect(self.get_url(".index"))
        return self._ask(form, "mode", gettext("Change the taxation"))

    @expose("/oss/", methods=("GET", "POST"))
    def oss(self) -> ResponseReturnValue:
        """From when on consumers in the EU bear their country's rates."""
        form = OssForm(data={"oss_from": get_company().oss_from})
        if form.validate_on_submit():
            since = form.oss_from.data
            if attempt(lambda: vat_settings.change_oss(actor(), since), form).done:
                flash(gettext("Saved. Invoices that were issued stay as they are."), "good")
                return redirect(self.get_url(".index"))
        return self._ask(form, "oss", gettext("Rates for consumers in the EU"))

    @expose("/report/")
    def report(self) -> ResponseReturnValue:
        first = _quarter(request.args.get("from"))
        return self.render(
            "admin/vat_report.html", oss=get_oss_report(first, _last(first)), sales=get_ec_sales(first, _last(first)),
            first=first, last=_last(first), title=gettext("Reports of VAT"),
            quarters=[(each, _quarter_words(each)) for each in _quarters()],
        )  # fmt: skip

    @expose("/report/file/")
    def report_file(self) -> ResponseReturnValue:
        """One of the two as CSV."""
        first = _quarter(request.args.get("from"))
        of = "ec-sales" if request.args.get("of") == "ec-sales" else "oss"
        rows = _sales_file(first) if of == "ec-sales" else _oss_file(first)
        answer = Response(sheets.head("csv", rows[0]) + sheets.rows("csv", rows[1:], 0),
                          mimetype=sheets.MEDIA_TYPES["csv"])  # fmt: skip
        name = f"{of}-{first.year}-q{(first.month + 2) // 3}.csv"
        answer.headers.set("Content-Disposition", "attachment", filename=name)
        return answer

    def _show(self, form: ChecksForm) -> ResponseReturnValue:
        today = clock.today()
        issued = {year: tax_watch.small_business_turnover(year) for year in (today.year - 1, today.year)}
        found = get_taxation(today, issued, tax_watch.union_turnover())
        return self.render(
            "admin/vat.html", found=found, form=form, may_save=may("company.write"), title=gettext("VAT"), row=None,
        )  # fmt: skip

    def _ask(self, form: Form, what: str, title: str) -> ResponseReturnValue:
        return self.render(
            "admin/vat_ask.html", form=form, what=what, title=title, action=self.get_url(f".{what}"),
            back_to=self.get_url(".index"), verb=gettext("Save"),
        )  # fmt: skip


def small_business_limit(seller: Seller, today: date) -> Limit | None:
    """What a small business has invoiced this year, once that is near its limit; None otherwise (INV-5)."""
    if not seller.is_small_business(today):
        return None
    found = Limit(today.year, tax_watch.small_business_turnover(today.year), SMALL_BUSINESS_CENTS)
    return None if found.tone == "good" else found


def _checks_of(own: Company) -> dict[str, Any]:
    return {name: getattr(own, name) for name in ChecksForm.groups[0][1]}


def _quarters() -> list[date]:
    """First days of the quarters offered, the running one first."""
    today = clock.today()
    first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    return [shift(first, _QUARTER, -n) for n in range(QUARTERS)]


def _quarter(asked: str | None) -> date:
    """The quarter that begins on the day asked for, or the last that is over: that is the one to be declared."""
    found = day_of(asked)
    begins = found is not None and found.day == 1 and found.month % 3 == 1
    return found if found is not None and begins else _quarters()[1]


def _last(first: date) -> date:
    return shift(first, _QUARTER, 1) - _DAY


def _quarter_words(first: date) -> str:
    return gettext("Quarter %(number)s of %(year)s", number=(first.month + 2) // 3, year=first.year)


def _oss_file(first: date) -> list[list[Any]]:
    """The heads, then a row for each country and rate."""
    heads = [gettext("Country"), gettext("Name"), gettext("Rate"), gettext("Documents"), gettext("Net"),
             gettext("VAT"), gettext("Gross"), gettext("Currency")]  # fmt: skip
    return [heads, *(
        [row.country_code, formats.country(row.country_code), row.percent, row.documents, _euro(row.net_cents),
         _euro(row.tax_cents), _euro(row.gross_cents), row.currency]
        for row in get_oss_report(first, _last(first))
    )]  # fmt: skip


def _sales_file(first: date) -> list[list[Any]]:
    """The heads, then a row for each VAT ID and kind of supply."""
    heads = [gettext("VAT ID"), gettext("Kind"), gettext("Documents"), gettext("Net"), gettext("Currency")]
    return [heads, *([row.vat_id, row.kind, row.documents, _euro(row.net_cents), row.currency]
                     for row in get_ec_sales(first, _last(first)))]  # fmt: skip


def _euro(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
