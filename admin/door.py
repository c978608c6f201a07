"""The door of every screen: who you are, and whether your role allows this deed. What nobody named is denied (S22)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin import errors
from admin.people import Person, arriving, may, person, sent_from

ANYONE = ""  # every person of the house, whatever their role


class Door:
    """Mixed into every Flask-Admin view. `deeds` maps each view function that may be called to its permission.

    Flask-Admin gives every model view functions for editing, deleting, bulk actions and Ajax; those that a screen
    does not name in `deeds` do not exist (404), whatever `can_edit` and its like say.
    """

    deeds: Mapping[str, str] = {}

    def is_accessible(self) -> bool:
        """Whether the person may see the screen at all."""
        default = getattr(self, "_default_view", None)
        return default in self.deeds and may(self.deeds[default])

    def _handle_view(self, name: str, **_values: Any) -> ResponseReturnValue | None:
        """Called by Flask-Admin before each view function."""
        if person() is None:
            return to_log_in()
        if name not in self.deeds:
            abort(404)
        first = first_step(person())
        if first is not None:
            return redirect(url_for(first))
        if not may(self.deeds[name]):
            abort(403)
        return None

    def create_blueprint(self, admin: Any) -> Any:
        """Only what `deeds` names becomes an address at all."""
        self._urls = [(url, name, methods) for url, name, methods in self._urls if name in self.deeds]
        blueprint = super().create_blueprint(admin)
        errors.attach(blueprint)
        return blueprint

    def _run_view(self, view: Callable[..., Any], *args: Any, **values: Any) -> Any:
        """Flask-Admin calls again with other arguments on a TypeError and so hides the real one; we do not."""
        return view(self, *args, **values)


def opens(endpoint: str) -> bool:
    """Whether the person may open this view: what a template asks before it draws a link or a button."""
    name, _, function = endpoint.partition(".")
    (back_office,) = current_app.extensions["admin"]
    deeds = next((view.deeds for view in back_office._views if view.endpoint == name), {})
    return function in deeds and may(deeds[function])


def first_step(found: Person) -> str | None:
    """The page that a person has to deal with before anything else, or None."""
    if found.must_change_password:
        return "admin_password.change"
    if found.role_demands_second_factor and not found.has_second_factor:
        return "admin_account.second_factor_view"
    return None


def to_log_in() -> ResponseReturnValue:
    """The log-in page or its second step, which leads back to where the person wanted to go if that was a page, else to
    the page whose form was sent, and says that it was not saved."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else sent_from()
    if wanted and request.method == "POST":
        flash(
            gettext("Your session has ended, and what you sent was not saved. Please log in and do it once more."),
            "info",
        )
    step = "admin_session.second_step" if arriving() else "admin_session.log_in"
    return redirect(url_for(step, next=wanted))
