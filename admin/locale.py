"""Which language and which time a reader gets: a person's own, else the browser's first that we speak."""

from __future__ import annotations

from flask import Flask, has_request_context, request

from admin.people import arriving, person
from config import LANGUAGES, TIME_ZONE
from extensions import babel


def init_app(app: Flask) -> None:
    babel.init_app(app, locale_selector=choose_language, timezone_selector=lambda: TIME_ZONE)
    app.jinja_env.globals["language"] = choose_language


def choose_language() -> str:
    """`de` or `en`; German first."""
    if not has_request_context():
        return LANGUAGES[0]
    found = person() or arriving()
    if found is not None and found.language_code in LANGUAGES:
        return found.language_code
    return request.accept_languages.best_match(LANGUAGES, LANGUAGES[0]) or LANGUAGES[0]
