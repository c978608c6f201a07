"""Error pages of the back office: what happened and what to do next; never a traceback, never a name."""

from __future__ import annotations

import logging
import math
import time

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from admin.people import person, sent_from
from admin.refusals import in_words
from billing.errors import KontorError, NotFound
from extensions import limiter

logger = logging.getLogger("kontor.admin")


def attach(blueprint: Blueprint) -> None:
    """Answer for the pages of this blueprint; the other rooms answer for theirs."""
    blueprint.register_error_handler(HTTPException, show_http)
    blueprint.register_error_handler(KontorError, show_refusal)
    blueprint.register_error_handler(Exception, show_crash)


def show_http(error: HTTPException) -> ResponseReturnValue:
    if error.code is not None and error.code < 400:
        return error
    code = error.code or 500
    headers = {"Retry-After": str(_seconds_to_wait())} if code == 429 else {}
    if isinstance(error, CSRFError) and person() is None:
        return _logged_out()
    return *page(code, *_words(error, code)), headers


def show_refusal(error: KontorError) -> ResponseReturnValue:
    """A service said no where no form could show it."""
    code = 404 if isinstance(error, NotFound) else 409
    return page(code, gettext("That did not work"), in_words(error))


def show_crash(error: Exception) -> ResponseReturnValue:
    """The log gets the traceback, the person a sentence."""
    logger.exception("error on %s", request.endpoint)
    return show_http(InternalServerError())


def _logged_out() -> tuple[str, int]:
    """A form came from somebody whose session is over, in another tab for instance: where to log in, and what was
    typed, to be copied. Only what a page of this house sent is shown again."""
    came_from = sent_from()
    words = {name: text for name, text in request.form.items() if " " in text.strip() and "password" not in name}
    typed = list(words.values()) if came_from else []
    return render_template(
        "admin/logged_out.html", code=400, typed=typed, log_in=url_for("admin_session.log_in", next=came_from),
        title=gettext("You are logged out"),
        text=gettext("What you sent was not saved. Please log in again; the page you were on opens then."),
    ), 400  # fmt: skip


def page(code: int, title: str, text: str) -> tuple[str, int]:
    return render_template("admin/error.html", title=title, text=text, code=code), code


def _seconds_to_wait() -> int:
    """Until the limit that was hit begins anew; what counts tries goes by the machine's clock, not by ours."""
    limit = limiter.current_limit
    return max(1, math.ceil(limit.reset_at - time.time())) if limit else 60


# fmt: off
def _words(error: HTTPException, code: int) -> tuple[str, str]:
    if isinstance(error, CSRFError):
        return (gettext("This page was open too long"),
                gettext("For your safety the form was not taken. Please go back, reload the page and send it again."))
    known = {
        403: (gettext("This is not part of your role"),
              gettext("Your role does not allow this page. Somebody who administers roles can change that.")),
        404: (gettext("There is nothing here"), gettext("The page or the record does not exist (any more).")),
        405: (gettext("This address only takes forms"), gettext("Please use the button on the page.")),
        413: (gettext("That was too large"), gettext("Please send less at once.")),
        429: (gettext("Too many attempts"), gettext("Please wait a while, then try again.")),
    }
    unknown = (gettext("Something went wrong"),
               gettext("It is not your fault, and it has been noted. Please try again in a moment."))
    return known.get(code, unknown)
