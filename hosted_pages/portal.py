"""`/portal/`: customers with a login see their own data, contracts and invoices (D-10, M1-43).

Strangers learn nothing here: a forgotten password is answered alike for everybody, and so is whatever does not fit.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, get_locale, gettext
from flask_limiter.util import get_remote_address

from billing.errors import AlreadyDone, Invalid, KontorError, NotAllowed
from extensions import limiter
from hosted_pages import portal_view, visitors
from hosted_pages.accountdata import keep_private
from hosted_pages.accountdata_form import LANGUAGE_NAMES
from hosted_pages.visitors import entered, spoken, visitor
from hosted_pages.wording import in_words
from queries.customer_sessions import Visitor
from queries.hosted import get_brand
from safety import ASKS, TRIES, failed
from services import customer_access, passwords
from services.company import get_company
from services.customer_login_mails import arrives
from services.mail_texts import imprint

blueprint = Blueprint("portal", __name__, url_prefix=visitors.DOOR)
blueprint.after_request(keep_private)


@blueprint.get("/")
@entered
def show(found: Visitor) -> ResponseReturnValue:
    """The customer's own data on one page."""
    return draw("show", own=portal_view.get_page(found.customer_id, str(get_locale())))


@blueprint.route("/login", methods=("GET", "POST"))
@limiter.limit(TRIES, key_func=visitors.address, methods=["POST"], deduct_when=failed)
@limiter.limit(TRIES, key_func=visitors.account, methods=["POST"], deduct_when=failed)
@spoken
def log_in() -> ResponseReturnValue:
    """One answer to whatever does not fit (S4)."""
    if visitor() is not None:
        return redirect(url_for(".show"))
    if request.method == "GET":
        return draw("login")
    email, password = _sent("email"), _sent("password")
    try:
        opened = customer_access.log_in(email, password, address=get_remote_address(),
                                        agent=request.user_agent.string or "")  # fmt: skip
    except NotAllowed as refusal:
        return draw("login", 422, problem=in_words(refusal), email=email)
    to = ".change" if opened.must_change_password else ".show"
    return visitors.let_in(_to(to), opened.token)


@blueprint.post("/logout")
@spoken
def log_out() -> ResponseReturnValue:
    """End the session on the server; a cookie kept by somebody opens nothing any more (S6)."""
    with suppress(AlreadyDone):
        customer_access.log_out(visitors.token())
    flash(gettext("You are logged out."), "good")
    return visitors.let_out(_to(".log_in"))


@blueprint.route("/forgot", methods=("GET", "POST"))
@limiter.limit(ASKS, key_func=visitors.address, methods=["POST"])
@limiter.limit(ASKS, key_func=visitors.account, methods=["POST"])
@spoken
def forgot() -> ResponseReturnValue:
    """Ask for a link; the answer is the same for everybody, known or not (D-3, S4)."""
    email = _sent("email")
    if request.method == "POST" and email:
        customer_access.forgot(email)
        return draw("forgot", sent=True, sends_mails=arrives("reset"))
    problem = in_words(KontorError("missing")) if request.method == "POST" else ""
    return draw("forgot", 422 if problem else 200, problem=problem)


@blueprint.route("/choose/<token>", methods=("GET", "POST"))
@limiter.limit(TRIES, key_func=visitors.address, methods=["POST"], deduct_when=failed)
def choose(token: str) -> ResponseReturnValue:
    """Behind the link of an invitation or of a forgotten password. Opening the page uses nothing up."""
    try:
        ticket = customer_access.look(token)
    except NotAllowed:
        ticket = None
    with force_locale(visitors.language(ticket.language_code if ticket else "")):
        return _choose(token, ticket) if ticket else draw("link_void", 410)


@blueprint.route("/password", methods=("GET", "POST"))
@limiter.limit(TRIES, key_func=visitors.account, methods=["POST"], deduct_when=failed)
@entered
def change(found: Visitor) -> ResponseReturnValue:
    """A customer's own password. All other sessions end, and this one gets a new id (S6)."""
    if request.method == "GET":
        return draw("password", must=found.must_change_password, email=found.email)
    errors = _differing()
    if not errors:
        old, new = _sent("old_password"), _sent("password")
        try:
            token = customer_access.change_own_password(found.login_id, old, new, found.session_id)
        except KontorError as refusal:
            errors = {str(refusal.facts.get("field", "password")): in_words(refusal)}
        else:
            flash(gettext("Your password has been changed."), "good")
            return visitors.let_in(_to(".show"), token)
    return draw("password", 422, must=found.must_change_password, email=found.email, errors=errors)


def _choose(token: str, ticket: customer_access.Ticket) -> ResponseReturnValue:
    errors = _differing() if request.method == "POST" else {}
    if request.method == "POST" and not errors:
        try:
            customer_access.choose_password(token, _sent("password"))
        except Invalid as refusal:
            errors = {refusal.field: in_words(refusal)}
        except NotAllowed:  # somebody else was quicker with the same link
            return draw("link_void", 410)
        else:
            flash(gettext("Your password is chosen. Please log in with it."), "good")
            return visitors.let_out(_to(".log_in"))
    return draw("choose", 422 if errors else 200, ticket=ticket, errors=errors)


def _differing() -> dict[str, str]:
    """What is wrong with two entries that do not agree."""
    return {} if _sent("password") == _sent("repeated") else {"repeated": gettext("The two entries differ.")}


def _sent(name: str) -> str:
    """Longer ones are no password and no address of anybody."""
    return request.form.get(name, "")[:300]


def draw(name: str, status: int = 200, **more: Any) -> Response:
    """A page of the portal, `hosted/portal/NAME.html`, in the language that is spoken."""
    lang, found = str(get_locale()), visitor()
    page = render_template(
        f"hosted/portal/{name}.html", brand=get_brand(), lang=lang, languages=LANGUAGE_NAMES, signed_in=found,
        imprint=imprint(get_company(), lang).splitlines(), shortest=passwords.SHORTEST,
        **{"errors": {}, "problem": "", **more},
    )  # fmt: skip
    return Response(page, status, mimetype="text/html")


def _to(view: str) -> Response:
    return cast("Response", redirect(url_for(view)))
