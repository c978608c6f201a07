"""A letter as its reader sees it: HTML for a frame, under a policy of its own that lets nothing run and nothing load.

The letter carries its style in attributes, as mail programs want it; the pages of the back office allow none.
"""

from __future__ import annotations

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from markupsafe import Markup

from admin.refusals import in_words
from billing.errors import KontorError

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
}


def framed(html: str) -> Response:
    """The letter for the frame of a page of ours."""
    return Response(html, mimetype="text/html", headers=HEADERS)


def told(sentence: object) -> Response:
    """A sentence in the letter's place."""
    return framed(page_of(sentence))


def previewed(subject: str, text: str, html: str) -> ResponseReturnValue:
    """A letter that is being written: for the page's script as JSON, else for the frame."""
    return jsonify(subject=subject, text=text, html=html) if _wants_json() else framed(html)


def refused(error: KontorError) -> ResponseReturnValue:
    """Why it cannot be written, in its place."""
    said = in_words(error)
    return jsonify(refused=said, field=str(error.facts.get("field", ""))) if _wants_json() else told(said)


def page_of(sentence: object) -> str:
    """A page that says one thing; what is no markup is escaped."""
    start = Markup('<!doctype html><html lang="{}"><meta charset="utf-8"><body style="{}"><p>{}</p></body></html>')
    style = "font:15px/1.55 system-ui,sans-serif;padding:24px;color:#1d1f1e;background:#f6f5f2;overflow-wrap:anywhere"
    return str(start.format(str(get_locale() or "de"), style, sentence))


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
