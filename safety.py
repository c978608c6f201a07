"""Safe from the first start: whose Host and proxy headers count, what every answer says, what a log may hold.

Joined to the app before any room, so that no room can be reached around it.
"""

from __future__ import annotations

import logging
import traceback
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings

# A machine may always be asked under its own names: health checks and `start` do.
OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})

HEADERS = {
    # Nothing from elsewhere, nothing inline, no frame around us (S13, S27).
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: over https the check against forged forms wants to see that the form was ours.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS = "max-age=31536000"

# How often somebody may try a password or have a mail sent, for each address and each account (S5).
TRIES = "10 per minute; 60 per hour"
ASKS = "5 per minute; 20 per hour"


def init_app(app: Flask) -> None:
    """Join proxies, hosts, headers and quiet logs to the app."""
    settings: Settings = app.config["KONTOR"]
    _trust_proxies(app, settings.trusted_proxies)
    hosts = allowed_hosts(settings.base_url)
    app.before_request(lambda: _check_host(hosts))
    app.after_request(lambda response: _add_headers(response, settings.base_url.startswith("https://")))
    keep_logs_quiet()


def failed(response: object) -> bool:
    """Whether a try counts: only what did not lead on does, for an office behind one address may log in at will."""
    return getattr(response, "status_code", 500) != 302


def account_key(room: str, email: str) -> str:
    """Under what the tries of one account are counted: the counters are written to a disk, the address need not be."""
    return f"{room}:{sha256(email.strip().casefold()[:200].encode()).hexdigest()}"


def allowed_hosts(base_url: str) -> frozenset[str]:
    """The names we answer to, without ports."""
    return OWN_NAMES | {(urlsplit(base_url).hostname or "").lower()} - {""}


def keep_logs_quiet() -> None:
    """From now on a log tells of an error where it happened and its kind, never its message (S19).

    Messages of databases and libraries quote values: addresses, names, tokens. The formatter takes `exc_text` as it is.
    """
    before = logging.getLogRecordFactory()
    if getattr(before, "quiet", False):
        return

    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = before(*args, **kwargs)
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = trace_of(record.exc_info[1])
        return record

    make.quiet = True
    logging.setLogRecordFactory(make)


def trace_of(error: BaseException) -> str:
    """Kind and places of an error, the innermost last, without any value."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " > ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:])
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    because = f" (after {type(cause).__name__})" if cause else ""
    return f"{type(error).__name__}{because} at {places}" if places else type(error).__name__


def _trust_proxies(app: Flask, count: int) -> None:
    """Only headers that so many of our own proxies set; a stranger's X-Forwarded-* counts for nothing (S18)."""
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)


def _check_host(hosts: frozenset[str]) -> None:
    """Unknown Host: 400. Links never follow it anyway, but caches and forms might (S18)."""
    name = urlsplit(f"//{request.host}").hostname
    if (name or "").lower() not in hosts:
        abort(400, description="unknown host")


def _add_headers(response: Response, secure: bool) -> Response:
    """What a view has set itself stays."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    if not (request.endpoint or "").endswith("static"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
