"""`/accountdata/ACCOUNT-HASH/CUSTOMER-HASH/payment`: how a customer pays (M1-17, M1-46, D-11).

Card numbers are entered on the provider's own page, where we lead by a page of ours: the law of the browser that keeps
forms in the house (CSP form-action) lets no form lead to a stranger's.
"""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from billing.errors import AlreadyDone, GatewayError, KontorError, NotFound
from extensions import db, limiter
from hosted_pages.accountdata import OPENED, SENT, TRIED, keep_private, opened
from hosted_pages.accountdata import draw as draw_page
from hosted_pages.accountdata import language_of as _language
from hosted_pages.accountdata import where as _where
from hosted_pages.payment_view import listed, page_of, say_done, say_returned, sent_wish
from hosted_pages.wording import in_words
from models import Customer
from queries.accountdata import Record
from services import accountdata, customer_codes, method_setups, payment_wishes
from services.accountdata import actor_of
from services.payment_wishes import ADD, Wish

blueprint = Blueprint("payment", __name__, url_prefix="/accountdata/<account>/<customer>/payment")
blueprint.after_request(keep_private)


@blueprint.get("")
@limiter.limit(OPENED)
@opened
def show(record: Record) -> ResponseReturnValue:
    if record.is_merged:
        return redirect(url_for("accountdata.show", **_where()))
    return _list(record)


@blueprint.post("")
@limiter.limit(SENT)
@opened
def change(record: Record) -> ResponseReturnValue:
    """Add, choose or remove: at once, or after the code."""
    if record.is_merged:
        return _to("show")
    try:
        wish = sent_wish()
        if payment_wishes.ask(record.customer_id, wish):
            return _lead_on(record, wish)
    except KontorError as refusal:
        return _list(record, in_words(refusal), 409)
    return _to("code")


@blueprint.get("/code")
@limiter.limit(OPENED)
@opened
def code(record: Record) -> ResponseReturnValue:
    return _code_page(record)


@blueprint.post("/code")
@limiter.limit(TRIED)
@opened
def confirm(record: Record) -> ResponseReturnValue:
    try:
        answer = payment_wishes.confirm(record.customer_id, request.form.get("code", "")[:40])
        if answer.state == "over":
            return _code_page(record, gettext("This code is no longer valid. Please have a new one sent."))
        if answer.wish is None:
            return _code_page(record, gettext("This code is not right. Please look at the newest mail."))
        if answer.wish.deed == ADD:
            return _lead_on(record, answer.wish)
    except AlreadyDone:
        return _to("show")
    except KontorError as refusal:
        return _list(record, in_words(refusal), 409)
    say_done(answer.wish)
    return _to("show")


@blueprint.post("/code/new")
@limiter.limit(TRIED)
@opened
def new_code(record: Record) -> ResponseReturnValue:
    try:
        payment_wishes.send_again(record.customer_id)
        flash(gettext("A new code is on its way."), "good")
    except NotFound:
        return _to("show")
    except KontorError as refusal:
        flash(in_words(refusal), "bad")
    return _to("code")


@blueprint.post("/code/discard")
@limiter.limit(SENT)
@opened
def discard(record: Record) -> ResponseReturnValue:
    accountdata.discard(record.customer_id)
    flash(gettext("The change was discarded; everything is as before."), "info")
    return _to("show")


@blueprint.get("/back/<int:method_id>")
@limiter.limit(OPENED)
@opened
def back(record: Record) -> ResponseReturnValue:
    """The customer comes back from the provider's page, or says so: the provider is asked what became of it."""
    method_id = int((request.view_args or {})["method_id"])
    if not payment_wishes.is_own(record.customer_id, method_id):
        return _to("show")
    say_returned(method_setups.finish_setup(method_id))
    return _to("show")


def _lead_on(record: Record, wish: Wish) -> ResponseReturnValue:
    """To the provider's page, by a page of ours."""
    base = str(current_app.config["KONTOR"].base_url).rstrip("/")
    places = _where()
    row = db.session.get_one(Customer, record.customer_id)
    try:
        url = method_setups.begin_setup(
            actor_of(row), row.id, wish.way, lambda key: base + url_for(".back", method_id=key, **places)
        )
    except GatewayError:
        sorry = gettext("The payment provider cannot be reached at the moment. Please try again later.")
        return _list(record, sorry, 503)
    return draw_page("payment_go", record, url=url, provider=page_of(wish.gateway))


def _list(record: Record, problem: str = "", status: int = 200) -> ResponseReturnValue:
    row = db.session.get_one(Customer, record.customer_id)
    return draw_page("payment", record, status, problem=problem, **listed(row, _language(record)))


def _code_page(record: Record, problem: str = "") -> ResponseReturnValue:
    row = customer_codes.open_code(record.customer_id, payment_wishes.PURPOSE)
    if row is None:
        return _to("show")
    return draw_page(
        "code", record, 422 if problem else 200, problem=problem, fields=[gettext("Payment method")],
        is_over=customer_codes.is_over(row), sent_to=customer_codes.masked(row.sent_to), can_resend=bool(row.wanted),
    )  # fmt: skip


def _to(view: str) -> ResponseReturnValue:
    places = {name: value for name, value in _where().items() if name != "method_id"}
    return redirect(url_for(f".{view}", **places))
