"""What somebody sees when something is not there, not allowed or broken: a calm page, or JSON for machines.

The words stand here, and the pages need no database and no catalogue: they must work when nothing else does.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import Flask, Response, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from config import LANGUAGES

_GERMAN, _ENGLISH = range(2)
logger = logging.getLogger("kontor.pages")


@dataclass(frozen=True, slots=True)
class Words:
    """A title and what to do next, German and English."""

    title: tuple[str, str]
    text: tuple[str, str]


UNREADABLE = Words(
    ("Das haben wir nicht verstanden", "We did not understand that"),
    (
        "Die Adresse oder die Eingaben sind unvollständig. Bitte gehen Sie zurück und versuchen Sie es noch einmal.",
        "The address or the data sent are incomplete. Please go back and try again.",
    ),
)
EXPIRED_FORM = Words(
    ("Diese Seite war zu lange offen", "This page was open for too long"),
    (
        "Zu Ihrem Schutz ist nichts gespeichert. Bitte laden Sie die Seite neu und füllen Sie sie erneut aus.",
        "For your protection nothing was saved. Please reload the page and submit the form again.",
    ),
)
BROKEN = Words(
    ("Da ist uns ein Fehler passiert", "Something went wrong on our side"),
    (
        "Das liegt nicht an Ihnen. Bitte versuchen Sie es in ein paar Minuten noch einmal.",
        "It is not your fault. Please try again in a few minutes.",
    ),
)
NOT_YET = Words(
    ("Ihr Dokument wird gerade erstellt", "Your document is being prepared"),
    (
        "Das dauert gerade länger als sonst. Bitte öffnen Sie den Link in ein paar Minuten noch einmal.",
        "This is taking longer than usual. Please open the link again in a few minutes.",
    ),
)
WORDS: dict[int, Words] = {
    400: UNREADABLE,
    401: Words(
        ("Bitte melden Sie sich an", "Please log in"),
        ("Diese Seite ist nur nach der Anmeldung sichtbar.", "This page is only visible after logging in."),
    ),
    403: Words(
        ("Das dürfen Sie hier nicht", "You may not do this"),
        (
            "Ihr Zugang reicht dafür nicht aus. Wenn Sie ihn brauchen, wenden Sie sich bitte an die Inhaberin oder den "
            "Inhaber des Systems.",
            "Your access does not allow this. If you need it, please ask the owner of this system.",
        ),
    ),
    404: Words(
        ("Diese Seite gibt es nicht", "This page does not exist"),
        (
            "Vielleicht ist der Link unvollständig kopiert oder nicht mehr gültig. Bitte prüfen Sie ihn, oder fragen "
            "Sie bei uns nach.",
            "The link may have been copied incompletely, or it is no longer valid. Please check it, or ask us.",
        ),
    ),
    405: Words(
        ("So lässt sich diese Seite nicht aufrufen", "This page cannot be opened that way"),
        ("Bitte gehen Sie zurück und nutzen Sie den Knopf oder Link.", "Please go back and use the button or link."),
    ),
    413: Words(
        ("Das ist zu groß", "That is too large"),
        ("Bitte wählen Sie eine kleinere Datei.", "Please choose a smaller file."),
    ),
    429: Words(
        ("Das waren zu viele Versuche", "Too many attempts"),
        ("Bitte warten Sie ein paar Minuten und versuchen Sie es dann noch einmal.",
         "Please wait a few minutes and then try again."),
    ),
    500: BROKEN,
    503: BROKEN,
}  # fmt: skip


def init_app(app: Flask) -> None:
    """Every HTTP error of every room that has no page of its own."""
    app.register_error_handler(HTTPException, _show)
    app.register_error_handler(Exception, _show_crash)


def not_yet() -> Response:
    """503 with a time to come back: the document exists, its drawing does not."""
    response = _page(NOT_YET, 503)
    response.headers["Retry-After"] = "120"
    return response


def _show_crash(error: Exception) -> Response:
    """The log gets the traceback and the page's name. Flask writes the address: a customer's key (S27)."""
    logger.exception("error on %s", request.endpoint)
    return _page(BROKEN, 500)


def _show(error: HTTPException) -> Response:
    if error.response is not None:  # somebody's ready-made answer
        return error.response
    code = error.code or 500
    if code < 400:
        return error.get_response()
    words = EXPIRED_FORM if isinstance(error, CSRFError) else WORDS.get(code, BROKEN if code >= 500 else UNREADABLE)
    response = _page(words, code)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            response.headers[name] = value
    return response


def _page(words: Words, code: int) -> Response:
    """JSON where a machine asks: under /api, or when it does not take HTML."""
    language = request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])
    index = _ENGLISH if language == "en" else _GERMAN
    title, text = words.title[index], words.text[index]
    if _wants_json():
        response = jsonify(ok=False, status=code, error=title)
    else:
        page = render_template("hosted/error.html", title=title, text=text, code=code, lang=language)
        response = Response(page, mimetype="text/html")
    response.status_code = code
    response.headers["Cache-Control"] = "no-store"
    return response


def _wants_json() -> bool:
    accepted = request.accept_mimetypes
    return request.path.startswith("/api/") or ("application/json" in accepted.values() and not accepted.accept_html)
