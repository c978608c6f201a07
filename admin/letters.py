"""A letter as its reader sees it: HTML for a frame, under a policy of its own that lets nothing run and nothing load.

The letter carries its style in attributes, as mail programs want it; the pages of the back office allow none.
"""

from __future__ import annotations

from flask import Response
from flask_babel import get_locale
from markupsafe import Markup

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


def page_of(sentence: object) -> str:
    """A page that says one thing; what is no markup is escaped."""
    start = Markup('<!doctype html><html lang="{}"><meta charset="utf-8"><body style="{}"><p>{}</p></body></html>')
    style = "font:15px/1.55 system-ui,sans-serif;padding:24px;color:#1d1f1e;background:#f6f5f2;overflow-wrap:anywhere"
    return str(start.format(str(get_locale() or "de"), style, sentence))
