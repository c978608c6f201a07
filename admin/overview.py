"""The start page: what waits for a person, what comes next, what is owed, and how the year went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext

from admin import pictures, vat
from admin.door import ANYONE, Door, opens
from admin.people import may
from admin.pictures import Picture
from billing.recurring import months_until
from queries.overview import Overview, get_overview
from queries.waiting import Sight
from services import billing_gate, clock, company, timetable


class OverviewScreen(Door, BaseView):
    """Everybody's first page. What a role may not see is not even asked of the database."""

    deeds = {"index": ANYONE}

    def __init__(self) -> None:
        super().__init__(name="overview", endpoint="admin", url="/admin")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        today = clock.today()
        facts = company.tax_facts(today)
        near = vat.small_business_limit(facts.seller, today) if opens("admin_vat.index") else None
        overview = get_overview(today, timetable.next_run_on(), sight(), facts.seller, facts.rates)
        own = company.get_company().currency_code
        currencies = _currencies(overview, own)
        currency = pictures.chosen(request.args.get("currency", ""), currencies)
        return self.render(
            "admin/overview.html", overview=overview, missing=billing_gate.missing_of_seller(), currency=currency,
            currencies=currencies, pictures=_pictures(overview, currency, today), own=own, title=gettext("Overview"),
            owed=sorted(overview.owed or (), key=lambda one: currencies.index(one.currency)),
            limit=near,
        )  # fmt: skip


def sight() -> Sight:
    """What the signed-in person may see."""
    subjects = (
        "runs",
        "papers",
        "messages",
        "invoices",
        "receivables",
        "payments",
        "subscriptions",
        "activities",
        "customers",
        "bank_statements",
    )
    return Sight(**{subject: may(f"{subject}.read") for subject in subjects})


def _currencies(overview: Overview, own: str) -> list[str]:
    """Those that there are figures in, the company's own first."""
    owed = [one.currency for one in overview.owed or ()]
    return pictures.in_order(own, overview.months.by_currency if overview.months else (), owed)


def _pictures(overview: Overview, currency: str, today: date) -> Sequence[Picture]:
    drawn = []
    if overview.months is not None:
        months = overview.months.by_currency.get(currency) or pictures.no_months(months_until(today))
        drawn += [pictures.recurring(months, currency), pictures.issued_and_paid(months, currency)]
    if overview.owed is not None:
        mine = (one for one in overview.owed if one.currency == currency)
        drawn.append(pictures.open_by_age(next(mine, pictures.nothing_owed(currency))))
    return drawn
