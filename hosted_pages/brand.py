"""The company's logo and colour for the pages of customers, at addresses that change with what they show."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort

from billing.errors import KontorError
from services import colours, files, logo

blueprint = Blueprint("company_brand", __name__, url_prefix="/brand")
FOR_EVER = "public, max-age=31536000, immutable"
_COLOUR = re.compile("[0-9a-f]{6}")


@blueprint.get("/logo/<digest>")
def show_logo(digest: str) -> Response:
    """The logo in use; 404 for any other, so that a removed one is gone."""
    found = logo.current_logo()
    if found is None or found.sha256 != digest:
        abort(404)
    try:
        stored = files.read(found.file_id)
    except KontorError:
        abort(404)
    return _kept(Response(stored.content, mimetype=stored.media_type))


@blueprint.get("/<colour>.css")
def show_colours(colour: str) -> Response:
    """The accent as tokens: shades of it that can be read on the light and on the dark ground (X-21)."""
    if not _COLOUR.fullmatch(colour):
        abort(404)
    light, dark = (
        _tokens(colours.shades(f"#{colour}", ground)) for ground in (colours.LIGHT_GROUND, colours.DARK_GROUND)
    )
    rules = f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    return _kept(Response(rules, mimetype="text/css"))


def _tokens(found: colours.Shades) -> str:
    return f"--accent: {found.accent}; --on-accent: {found.on_accent}"


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = FOR_EVER
    return response
