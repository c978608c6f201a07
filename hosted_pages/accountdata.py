"""`/accountdata/ACCOUNT-HASH/CUSTOMER-HASH`: customers complete and change their own data, without login (M1-25, D-11).

The address is the key. Wrong, renewed and deleted ones answer alike. It must not get into strange hands by us: nothing
is kept by a cache, no search engine keeps it, and no other house is told it (safety.py: Referrer-Policy same-origin;
`no-referrer` would take from the check against forged forms what it looks at over https).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from billing.errors import Conflict, Invalid, KontorError, NotAllowed, NotFound
from config import LANGUAGES
from extensions import db, limiter
from hosted_pages import accountdata_form as forms
from hosted_pages.wording import in_words
from models import Customer
from queries.accountdata import Record, find_record
from queries.hosted import get_brand
from services import accountdata, customer_codes
from services.accountdata_wishes import DEBIT, payment_choices
from services.company import get_company
from services.mail_texts import imprint
from services.method_setups import ways
from services.payment_methods import methods_of

blueprint = Blueprint("accountdata", __name__, url_prefix="/accountdata/<account>/<customer>")
OPENED = "120 per minute"  # from one address
SENT = "60 per hour"
TRIED = "30 per hour"  # codes; each of them falls after five tries anyway (S3)

View = Callable[[Record], ResponseReturnValue]


def opened(view: View) -> Callable[..., ResponseReturnValue]:
    """Hand the view the record behind the address, in the customer's language."""

    @wraps(view)
    def answer(account: str, customer: str, **_more: Any) -> ResponseReturnValue:
        record = find_record(account, customer)
        if record is None:
            abort(404)
        with force_locale(language_of(record)):
            if record.status == "deactivated":
                return draw("closed", record, 403)
            return view(record)

    return answer


@blueprint.get("")
@limiter.limit(OPENED)
@opened
def show(record: Record) -> ResponseReturnValue:
    if record.is_merged:
        return draw("merged", record, sent_to=_sent_to(record))
    return _form(record, {**record.values, "bank_iban": ""})


@blueprint.post("")
@limiter.limit(SENT)
@opened
def save(record: Record) -> ResponseReturnValue:
    """Empty fields count at once, the rest goes on to the code."""
    if record.is_merged:
        return _to("show")
    values, agreed = forms.sent_values(request), "mandate" in request.form
    try:
        outcome = accountdata.change(record.customer_id, values, seen=_seen(), mandate=agreed)
    except (Conflict, NotAllowed) as refusal:
        return _again(record, values, refusal)
    if outcome.problems:
        return _form(record, {**record.values, **values}, outcome.problems, status=422)
    if outcome.saved:
        flash(gettext("Thank you. Your data are saved."), "good")
    elif not outcome.waiting:
        flash(gettext("Nothing was changed."), "info")
    return _to("code" if outcome.waiting else "show")


@blueprint.get("/code")
@limiter.limit(OPENED)
@opened
def code(record: Record) -> ResponseReturnValue:
    return _code_page(record)


@blueprint.post("/code")
@limiter.limit(TRIED)
@opened
def confirm(record: Record) -> ResponseReturnValue:
    typed = request.form.get("code", "")[:40]
    if record.is_merged:
        survivor = accountdata.lead_on(record.customer_id, typed)
        if survivor is None:
            return _code_page(record, gettext("This code is not right, or no longer valid."))
        return redirect(url_for(".show", **where() | {"customer": survivor}))
    confirmed = accountdata.confirm(record.customer_id, typed)
    if confirmed.state == "done":
        names = ", ".join(str(forms.LABELS[name]) for name in confirmed.fields if name in forms.LABELS)
        flash(gettext("Thank you. Changed: %(fields)s.", fields=names), "good")
        return _to("show")
    if confirmed.state == "over":
        return _code_page(record, gettext("This code is no longer valid. Please have a new one sent."))
    return _code_page(record, gettext("This code is not right. Please look at the newest mail."))


@blueprint.post("/code/new")
@limiter.limit(TRIED)
@opened
def new_code(record: Record) -> ResponseReturnValue:
    try:
        (accountdata.ask_to_lead_on if record.is_merged else accountdata.send_again)(record.customer_id)
    except NotFound:
        return _to("show")
    except NotAllowed as refusal:
        flash(in_words(refusal), "bad")
        return _to("show" if record.is_merged else "code")
    flash(gettext("A new code is on its way."), "good")
    return _to("code")


@blueprint.post("/code/discard")
@limiter.limit(SENT)
@opened
def discard(record: Record) -> ResponseReturnValue:
    accountdata.discard(record.customer_id)
    flash(gettext("The change was discarded; everything is as before."), "info")
    return _to("show")


@blueprint.after_request
def keep_private(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _form(record: Record, values: dict[str, Any], problems: tuple[Invalid, ...] = (), notice: str = "",
          status: int = 200) -> ResponseReturnValue:  # fmt: skip
    row = db.session.get_one(Customer, record.customer_id)
    payments = payment_choices(row)
    return draw(
        "accountdata", record, status, values=values, sections=forms.sections_for(str(record.values["customer_type"])),
        choices=forms.choices(payments), errors={problem.field: in_words(problem) for problem in problems},
        labels=forms.LABELS, notice=notice, offers_debit=DEBIT in payments, waits=_waits(record),
        offers_methods=bool(ways(row)) or bool(methods_of(row.id)),
    )  # fmt: skip


def _again(record: Record, values: dict[str, Any], refusal: KontorError) -> ResponseReturnValue:
    """The form with what was typed, and why it was not taken; it shows the record's newest version."""
    named = request.view_args or {}
    newest = find_record(named["account"], named["customer"]) or record
    return _form(newest, {**newest.values, **values}, notice=in_words(refusal), status=409)


def _code_page(record: Record, problem: str = "") -> ResponseReturnValue:
    purpose = accountdata.MERGED if record.is_merged else accountdata.PURPOSE
    row = customer_codes.open_code(record.customer_id, purpose)
    if row is None:
        return _to("show")
    names = [str(forms.LABELS[name]) for name in accountdata.told(row.wanted) if name in forms.LABELS]
    return draw(
        "code", record, 422 if problem else 200, problem=problem, fields=names, is_over=customer_codes.is_over(row),
        sent_to=customer_codes.masked(row.sent_to), can_resend=record.is_merged or bool(row.wanted),
    )  # fmt: skip


def draw(name: str, record: Record, status: int = 200, **more: Any) -> ResponseReturnValue:
    lang, company = language_of(record), get_company()
    page = render_template(
        f"hosted/{name}.html", record=record, brand=get_brand(), lang=lang, where=where(),
        languages=forms.LANGUAGE_NAMES, imprint=imprint(company, lang).splitlines(), **more,
    )  # fmt: skip
    return Response(page, status, mimetype="text/html")


def _waits(record: Record) -> bool:
    row = customer_codes.open_code(record.customer_id, accountdata.PURPOSE)
    return row is not None and bool(row.wanted) and not customer_codes.is_over(row)


def _sent_to(record: Record) -> str:
    return customer_codes.masked(customer_codes.address_of(db.session.get_one(Customer, record.customer_id)))


def _seen() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def language_of(record: Record) -> str:
    """The one that was asked for, else the customer's own, else the browser's."""
    for wanted in (request.args.get("lang", ""), str(record.values["language_code"])):
        if wanted in LANGUAGES:
            return wanted
    return request.accept_languages.best_match(LANGUAGES, LANGUAGES[0]) or LANGUAGES[0]


def where() -> dict[str, str]:
    """The address's own parts, with the language if one was asked for."""
    lang = request.args.get("lang", "")
    return {**(request.view_args or {}), **({"lang": lang} if lang in LANGUAGES else {})}


def _to(view: str) -> ResponseReturnValue:
    return redirect(url_for(f".{view}", **where()))
