"""What a browser asks for without having been told: the bare address, and the icon of its tab."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, url_for
from flask.typing import ResponseReturnValue

blueprint = Blueprint("front", __name__)
A_DAY = 24 * 3600


@blueprint.get("/")
def front() -> ResponseReturnValue:
    """Customers come by links of their own: whoever types the bare address works here."""
    return redirect(url_for("admin.index"))


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Browsers ask for it on every page that names no icon."""
    response = current_app.send_static_file("icons/favicon.ico")
    response.headers["Cache-Control"] = f"public, max-age={A_DAY}"
    return response
