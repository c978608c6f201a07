"""The customer at the portal: read anew from the session's row on each request, by a cookie of its own (S6).

A session of staff means nothing here, and this one nothing in the back office: other cookie, other table.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import cast

from flask import Response, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_limiter.util import get_remote_address

from config import LANGUAGES
from queries.customer_sessions import Visitor, find_visitor
from safety import account_key
from services import clock
from services.customer_login_keys import SESSIONS
from services.open_sessions import digest

COOKIE, DOOR = "kontor_portal", "/portal"
STAMP_EVERY = timedelta(minutes=1)  # a stamp per click would make every read a write
_CHOSEN = "portal_language"

View = Callable[..., ResponseReturnValue]


def token() -> str:
    """What the cookie holds; nothing in it is believed."""
    return request.cookies.get(COOKIE, "")[:200]


def visitor() -> Visitor | None:
    """Who is signed in, or None. One statement a request, and a stamp at most once a minute."""
    if "portal_visitor" not in g:
        g.portal_visitor = _find(token())
    return cast("Visitor | None", g.portal_visitor)


def entered(view: View) -> View:
    """Only for who is signed in, in their language; a password that the house made is changed first."""

    @wraps(view)
    def answer(**values: str) -> ResponseReturnValue:
        found = visitor()
        if found is None:
            return redirect(url_for("portal.log_in"))
        if found.must_change_password and request.endpoint != "portal.change":
            return redirect(url_for("portal.change"))
        with force_locale(language(found.language_code)):
            return view(found, **values)

    return answer


def spoken(view: View) -> View:
    """For everybody, in the language that was chosen, else the browser's."""

    @wraps(view)
    def answer(**values: str) -> ResponseReturnValue:
        with force_locale(language()):
            return view(**values)

    return answer


def language(own: str = "") -> str:
    """The one that was asked for, now or before, else the customer's own, else the browser's; German first."""
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        session[_CHOSEN] = asked
    for wanted in (session.get(_CHOSEN, ""), own):
        if wanted in LANGUAGES:
            return str(wanted)
    return request.accept_languages.best_match(LANGUAGES, LANGUAGES[0]) or LANGUAGES[0]


def let_in(response: Response, new_token: str) -> Response:
    """The cookie holds this session from now on; a token that a form of before carried counts no more (fixation)."""
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)
    response.set_cookie(COOKIE, new_token, path=DOOR, httponly=True, samesite="Lax",
                        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]))  # fmt: skip
    return response


def let_out(response: Response) -> Response:
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)
    response.delete_cookie(COOKIE, path=DOOR)
    return response


def account() -> str:
    """Whose login is tried, for the limits."""
    found = visitor()
    return account_key("portal", found.email if found else request.form.get("email", ""))


def address() -> str:
    return f"portal address:{get_remote_address()}"


def _find(given: str) -> Visitor | None:
    now = clock.real()
    found = find_visitor(digest(given), now) if given else None
    if found is not None and now - found.last_seen_at > STAMP_EVERY:
        SESSIONS.stamp(found.session_id)
    return found
