"""The person at the screen: Flask-Login's user, read anew from the session's row on each request (S6)."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, request
from flask_login import UserMixin, current_user

from extensions import login
from queries.sessions import SignedIn, find_session
from services import clock, staff_sessions
from services.actor import Actor
from services.permissions import held

STAMP_EVERY = timedelta(minutes=1)  # a stamp per click would make every read a write


class Person(UserMixin):
    """A signed-in member of staff. The cookie holds the session's token; nothing in it is believed."""

    def __init__(self, token: str, signed_in: SignedIn) -> None:
        self.token = token
        self.session_id = signed_in.session_id
        self.id = signed_in.staff_id
        self.name = signed_in.name
        self.email = signed_in.email
        self.role = signed_in.role
        self.language_code = signed_in.language_code
        self.page_size = signed_in.page_size
        self.theme = signed_in.theme
        self.must_change_password = signed_in.must_change_password
        self.has_second_factor = signed_in.has_second_factor
        self.waits_for_code = signed_in.has_second_factor and not signed_in.second_factor_shown
        self.role_demands_second_factor = signed_in.role_demands_second_factor
        self.permissions = held(signed_in.permissions, is_builtin=signed_in.role_is_builtin, name=signed_in.role)

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie."""
        return self.token

    @property
    def actor(self) -> Actor:
        return Actor("staff", self.id, self.name)


def init_app(app: Flask) -> None:
    """Let Flask-Login find people by their session's token."""
    login.user_loader(find_person)
    app.jinja_env.globals["may"] = may
    app.jinja_env.globals["person"] = person


def find_person(token: str) -> Person | None:
    """The person behind a token, or None. One statement, and a stamp at most once a minute."""
    now = clock.real()
    found = find_session(staff_sessions.digest(token), now)
    if found is None:
        return None
    if now - found.last_seen_at > STAMP_EVERY:
        staff_sessions.stamp(found.session_id)
    return Person(token, found)


def person() -> Person | None:
    """Who is signed in, or None; also None for whoever still has to show their second factor."""
    found = _at_the_door()
    return None if found is None or found.waits_for_code else found


def arriving() -> Person | None:
    """Who has given the password and still has to show the second factor, or None."""
    found = _at_the_door()
    return found if found is not None and found.waits_for_code else None


def _at_the_door() -> Person | None:
    found = current_user._get_current_object()  # itself: a page asks it a hundred times
    return found if isinstance(found, Person) else None


def may(permission: str) -> bool:
    """Whether the person's role allows it; the empty permission is everybody's who is signed in."""
    found = person()
    return found is not None and (not permission or permission in found.permissions)


def actor() -> Actor:
    """The person as the services know them. Only behind the door."""
    found = person()
    if found is None:
        raise RuntimeError("nobody is signed in")
    return found.actor


def sent_from() -> str | None:
    """The page of this house that a form was sent from."""
    page = urlsplit(request.referrer or "")
    if page.netloc != request.host:
        return None
    return f"{page.path}?{page.query}" if page.query else page.path
