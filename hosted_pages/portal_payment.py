"""`/portal/payment`: customers with a login look after their payment methods (M1-46).

Who is logged in proved themselves by their password, so no code is asked for; the address known so far is told of each
change (D-11). Card numbers are entered on the provider's own page, where a page of ours leads (CSP form-action).
"""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from billing.errors import AlreadyDone, GatewayError, KontorError
from extensions import db, limiter
from hosted_pages import visitors
from hosted_pages.accountdata import SENT, keep_private
from hosted_pages.payment_view import listed, page_of, say_done, say_returned, sent_wish
from hosted_pages.portal import draw
from hosted_pages.portal_view import data_link
from hosted_pages.visitors import entered
from hosted_pages.wording import in_words
from models import Customer
from queries.customer_sessions import Visitor
from services import method_setups, payment_wishes
from services.accountdata import actor_of
from services.payment_wishes import ADD, Wish

blueprint = Blueprint("portal_payment", __name__, url_prefix=f"{visitors.DOOR}/payment")
blueprint.after_request(keep_private)


@blueprint.get("")
@entered
def show(found: Visitor) -> ResponseReturnValue:
    return _list(found)


@blueprint.post("")
@limiter.limit(SENT, key_func=visitors.account)
@entered
def change(found: Visitor) -> ResponseReturnValue:
    """Add, choose or remove, at once."""
    wish = sent_wish()
    try:
        payment_wishes.do(found.customer_id, wish)
        if wish.deed == ADD:
            return _lead_on(found, wish)
    except AlreadyDone:
        return redirect(url_for(".show"))
    except KontorError as refusal:
        return _list(found, in_words(refusal), 409)
    say_done(wish)
    return redirect(url_for(".show"))


@blueprint.get("/back/<int:method_id>")
@entered
def back(found: Visitor, method_id: int) -> ResponseReturnValue:
    """The customer comes back from the provider's page, or says so: the provider is asked what became of it."""
    if payment_wishes.is_own(found.customer_id, method_id):
        say_returned(method_setups.finish_setup(method_id))
    return redirect(url_for(".show"))


def _lead_on(found: Visitor, wish: Wish) -> ResponseReturnValue:
    """To the provider's page, by a page of ours."""
    base = str(current_app.config["KONTOR"].base_url).rstrip("/")
    row = db.session.get_one(Customer, found.customer_id)
    try:
        url = method_setups.begin_setup(
            actor_of(row), row.id, wish.way, lambda key: base + url_for(".back", method_id=key)
        )
    except GatewayError:
        sorry = gettext("The payment provider cannot be reached at the moment. Please try again later.")
        return _list(found, sorry, 503)
    return draw("payment_go", url=url, provider=page_of(wish.gateway))


def _list(found: Visitor, problem: str = "", status: int = 200) -> ResponseReturnValue:
    row, language = db.session.get_one(Customer, found.customer_id), str(get_locale())
    more = {"problem": problem, "data_link": data_link(row, language), "where": {}, "sure": True}
    return draw("payment", status, **more, **listed(row, language))
