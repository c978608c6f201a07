"""A customer's account statement (Kontoauszug): as a page, and as a letter to print."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import get_locale, gettext

from admin.deeds import attempt
from admin.door import Door
from admin.exports import attachment
from admin.merged import customer_of_address
from queries.lists.names import name_of
from services import account_statement, clock


class StatementScreen(Door, BaseView):
    """The period is chosen in the address: this year up to today unless it says otherwise."""

    deeds = {"index": "receivables.read", "pdf": "receivables.read"}

    def __init__(self) -> None:
        super().__init__(name="statement", endpoint="admin_statement", url="/admin/statement")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        customer, (first, last) = customer_of_address(reads=True), period()
        outcome = attempt(lambda: account_statement.accounts(customer.id, first, last))
        return self.render(
            "admin/statement.html", customer=customer, name=name_of(customer), first=first, last=last,
            accounts=outcome.value or [], is_told=outcome.done, what=_what, title=gettext("Account statement"),
        )  # fmt: skip

    @expose("/pdf/")
    def pdf(self) -> ResponseReturnValue:
        customer, (first, last) = customer_of_address(reads=True), period()
        outcome = attempt(lambda: account_statement.statement_pdf(customer.id, first, last))
        if not outcome.done:
            return redirect(self.get_url(".index", customer=customer.id, first=first, last=last))
        name = gettext("Account statement")
        return attachment(outcome.value, f"{name} {customer.number} {first} {last}.pdf", "application/pdf")


def period() -> tuple[date, date]:
    """Both days of the address; a day that is none is the usual one."""
    today = clock.today()
    return _day("first") or today.replace(month=1, day=1), _day("last") or today


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _what(movement: Any) -> str:
    """What moved, in the reader's language."""
    return account_statement.what(movement, "de" if str(get_locale() or "de").startswith("de") else "en")
