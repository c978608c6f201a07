"""`/sandbox-provider/`: what a provider's page and a bank would show, in a sandbox house only. There are no numbers:
test cards are chosen by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from extensions import limiter, queues
from gateways.base import Refused
from gateways.sandbox import SandboxGateway, choices
from hosted_pages.accountdata import OPENED, SENT, keep_private
from queries.hosted import get_brand
from services import attempts, providers
from services.attempt_rows import CHARGE

blueprint = Blueprint("sandbox_provider", __name__, url_prefix="/sandbox-provider")
blueprint.after_request(keep_private)

CARDS: Mapping[str, Any] = {
    "succeeds": _l("Pays always"),
    "declines_hard": _l("Declines for good (stolen)"),
    "declines_soft": _l("Declines each time (no cover)"),
    "declines_first_day": _l("Declines on the first day, pays after that"),
    "expired": _l("Is expired"),
    "needs_action": _l("The bank asks the customer to confirm"),
    "times_out_and_succeeds": _l("Pays, but the answer gets lost"),
    "times_out_before": _l("No answer, and nothing was charged"),
    "charges_back_later": _l("Pays, and takes it back after ten days"),
    "debit": _l("Direct debit that is paid after two days"),
    "debit_returns": _l("Direct debit that comes back after two days"),
    "paypal": _l("PayPal account that pays"),
}


@blueprint.get("/setup/<setup_id>")
@limiter.limit(OPENED)
def setup(setup_id: str) -> ResponseReturnValue:
    kind, _return_url = _gateway().setup_page(setup_id) or abort(404)
    return _page("setup", cards=[(name, CARDS[name]) for name in choices(kind)])


@blueprint.post("/setup/<setup_id>")
@limiter.limit(SENT)
def choose(setup_id: str) -> ResponseReturnValue:
    """The card is taken, and the customer goes back to where they came from."""
    _kind, return_url = _gateway().setup_page(setup_id) or abort(404)
    try:
        _gateway().choose(setup_id, request.form.get("card", ""))
    except Refused:
        abort(404)
    return redirect(return_url)


@blueprint.get("/act/<charge_id>")
@limiter.limit(OPENED)
def act(charge_id: str) -> ResponseReturnValue:
    charge = _gateway().fetch(charge_id) or abort(404)
    return _page("act", asks=charge.status == "needs_action")


@blueprint.post("/act/<charge_id>")
@limiter.limit(SENT)
def answer(charge_id: str) -> ResponseReturnValue:
    """The bank tells us by an event; here the attempt is looked at right away."""
    try:
        _gateway().act(charge_id, request.form.get("answer") == "yes")
    except Refused:
        return _page("act", asks=False)
    attempt_id = attempts.hear("sandbox", charge_id, "")
    if attempt_id is not None:
        queues.ring("money", CHARGE, attempt_id)
    return _page("act", asks=False)


def _gateway() -> SandboxGateway:
    """404 in a live house."""
    found = providers.offered().get("sandbox")
    return found if isinstance(found, SandboxGateway) else abort(404)


def _page(name: str, **more: Any) -> Response:
    page = render_template(f"hosted/sandbox/{name}.html", brand=get_brand(), lang=str(get_locale() or "de"), **more)
    return Response(page, mimetype="text/html")
