"""The deeds of a contract: asked in a dialog or on a page, told with figures, done by one service call."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin.asking import asked_from, back_again
from admin.contract_deeds import DEEDS, Deed, offered
from admin.contract_telling import Told, arithmetic
from admin.deeds import Outcome, attempt
from admin.deleted import refuse_deleted
from admin.door import Door
from admin.fields import Form
from admin.lists import row_id
from admin.people import actor
from admin.refusals import of_code
from extensions import db
from models import Customer, Subscription
from services.contract_view import ContractDays, get_contract_days

_CARRIED = ("csrf_token", "id", "sure")


class ContractScreen(Door, BaseView):
    deeds = {"ask": "subscriptions.write"}

    def __init__(self) -> None:
        super().__init__(name="contracts", endpoint="admin_contracts", url="contracts")

    @expose("/", methods=("GET", "POST"))
    def ask(self) -> ResponseReturnValue:
        """The question (GET), what it will come to (POST), and the deed (POST with "sure" where it was told first)."""
        name = request.args.get("deed", "")
        deed = next((each for each in DEEDS if each.name == name), None) or abort(404)
        row = db.session.get(Subscription, row_id(request.values.get("id")) or 0) or abort(404)
        whose = db.session.get_one(Customer, row.customer_id)
        refuse_deleted(whose)
        status = whose.status if deed.books else "active"
        if status != "active":  # D-12
            flash(of_code(f"customer_{status}"), "bad")
            return redirect(_back(row.id))
        number, days = row.id, get_contract_days(row.id)
        if deed not in offered(row, days):
            flash(of_code("wrong_state"), "bad")
            return redirect(_back(number))
        form = deed.form(days)
        if not form.validate_on_submit():
            return self._ask(deed, row, days, form)
        if deed.two_steps and "sure" not in request.form:
            outcome = attempt(lambda: deed.tell(row, days, form), form)
            return self._confirm(deed, number, outcome.value) if outcome.done else self._ask(deed, row, days, form)
        outcome = attempt(lambda: deed.run(actor(), number, form), form)
        if outcome.done:
            _tell(deed, outcome)
            return redirect(_back(number))
        fresh = db.session.get(Subscription, number) or abort(404)
        return self._ask(deed, fresh, get_contract_days(number), form)

    def _ask(self, deed: Deed, row: Subscription, days: ContractDays, form: Form) -> ResponseReturnValue:
        told = Told() if deed.two_steps else deed.tell(row, days, form)
        verb = _l("Next") if deed.two_steps else deed.label
        danger, extra = not deed.two_steps and deed.danger, back_again()
        return self._page(deed, row.id, told, verb, danger, form=form, days=days, extra=extra)

    def _confirm(self, deed: Deed, number: int, told: Told | None) -> ResponseReturnValue:
        """AlreadyDone tells nothing: there is nothing to change."""
        if told is None:
            flash(_unchanged(), "info")
            return redirect(_back(number))
        extra = {name: value for name, value in request.form.items() if name not in _CARRIED} | {"sure": "1"}
        return self._page(deed, number, told, deed.label, deed.danger, extra=extra)

    def _page(
        self, deed: Deed, number: int, told: Told, verb: object, danger: bool, **values: object
    ) -> ResponseReturnValue:
        return self.render(
            "admin/contract_deed.html", title=deed.label, deed=deed, told=told, verb=verb, danger=danger, id=number,
            action=self.get_url(".ask", deed=deed.name), back_to=_back(number), arithmetic=arithmetic, **values,
        )  # fmt: skip


def _tell(deed: Deed, outcome: Outcome) -> None:
    if outcome.already:
        flash(_unchanged(), "info")
    else:
        flash(str(deed.said), "good")


def _unchanged() -> str:
    return gettext("This is how it is already; nothing would change.")


def _back(number: int) -> str:
    """To where it was asked: the customer's card, or the contract's page."""
    return asked_from() or url_for("admin_subscriptions.details_view", id=number)
