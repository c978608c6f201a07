"""A subscription is concluded from the customer's card, on one page: chosen, foreseen, looked over, paid (M1-06, M1-15
to M1-17)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext

from admin import card
from admin.booking_form import ACCOUNT, CHOSEN, MORE, compare, form_for, order_of, paying_of, reviewed_of
from admin.contract_telling import rules_told
from admin.deeds import attempt
from admin.people import actor, may
from admin.refusals import in_words, of_code
from billing.errors import KontorError
from queries.cards.customer_head import Head
from services import card_booking
from services.booking_preview import Foreseen, foresee


class Booking:
    """Mixed into the tab of the contracts, before it."""

    @expose("/new/", methods=("GET", "POST"))
    def book(self: Any) -> ResponseReturnValue:
        """The page; "preview" looks again, and the button concludes the contract and leads back to the card."""
        head = card.require_head(reads=True)
        if head.customer.status != "active" or head.is_erased:
            flash(of_code("erased" if head.is_erased else f"customer_{head.customer.status}"), "bad")
            return redirect(_tab(head))
        form = form_for(head.customer)
        if head.merged_number:  # what was looked over was another record: it is looked over once more
            form.seen.data = ""
        if request.form.get("do") == "preview" or not form.validate_on_submit():
            return self.page(head, form)
        if attempt(lambda: _book(form, head.id), form).done:
            flash(gettext("The subscription is concluded."), "good")
            if form.ask.data:
                flash(gettext("The customer is asked by e-mail for the payment data."), "info")
            return redirect(_tab(head))
        fresh = card.seen_head()
        if str(fresh.customer.version) != form.seen.data:
            compare(form, fresh.customer)
        return self.page(fresh, form)

    def page(self: Any, head: Head, form: Any) -> ResponseReturnValue:
        foreseen, refused = _foreseen(form, head)
        return card.show(
            self, self.tab, "admin/card/book.html", head,
            {"form": form, "foreseen": foreseen, "refused": refused, "chosen": CHOSEN, "more": MORE, "account": ACCOUNT,
             "may_edit": may("customers.write"), "back_to": _tab(head),
             "rules": rules_told(foreseen.rules, None) if foreseen else []},
        )  # fmt: skip


def _book(form: Any, customer_id: int) -> int:
    with_record = may("customers.write")
    return card_booking.book(
        actor(), order_of(form, customer_id), reviewed_of(form, with_record=with_record),
        paying_of(form, with_record=with_record),
    )  # fmt: skip


def _foreseen(form: Any, head: Head) -> tuple[Foreseen | None, str]:
    """What it would come to, or why not."""
    if not form.article_number.choices:
        return None, gettext("There is no plan on sale yet. Please make a product first.")
    if form.quantity.data is None or not form.article_number.data:
        return None, gettext("Please choose a plan and a quantity.")
    try:
        return foresee(order_of(form, head.id)), ""
    except KontorError as error:
        return None, in_words(error)


def _tab(head: Head) -> str:
    return url_for("admin_customer_subscriptions.index", id=head.id)
