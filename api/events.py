"""`POST /events/<gateway>`: where payment providers tell what happened. The raw body, no session, no form (S7, S20)."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from flask_limiter.errors import RateLimitExceeded
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from billing.errors import NotFound
from extensions import db, limiter
from gateways.base import BadEvent
from safety import trace_of
from services import gateway_events

blueprint = Blueprint("gateway_events", __name__)
MAX_BYTES = 262_144  # no provider's message is nearly as long
TOLD = "6000/minute"  # of one sender: a provider that catches up after a failure sends many at once
RETRY_AFTER = "60"
ANSWERS = {"adyen": "[accepted]"}  # Adyen reads the body, the others the status


@blueprint.post("/events/<gateway>", provide_automatic_options=False)
def take_event(gateway: str) -> Response:
    """Keep what was told and say so; the work is done afterwards. Whatever is not 200 is sent again by the provider."""
    request.max_content_length = MAX_BYTES
    try:
        _count()
        gateway_events.take_in(gateway, dict(request.headers), request.get_data(cache=False))
    except RateLimitExceeded:
        return _say("slower", 429, **{"Retry-After": RETRY_AFTER})
    except NotFound:
        return _say("unknown", 404)
    except BadEvent as problem:
        current_app.logger.warning("event of %s refused: %s", gateway, problem.code)
        return _say(problem.code, 400)
    except (RequestEntityTooLarge, ClientDisconnected):
        return _say("too large", 413)
    except OperationalError as error:
        current_app.logger.error("event of %s not kept: %s", gateway, trace_of(error))
        return _say("busy", 503)
    finally:
        db.session.rollback()
    return _say(ANSWERS.get(gateway, "ok"), 200)


@limiter.limit(TOLD, key_func=lambda: f"events:{request.remote_addr}", scope="events")
def _count() -> None:
    """Count a message of this sender. Raises RateLimitExceeded."""


def _say(text: str, status: int, **headers: str) -> Response:
    return Response(text, status, headers, content_type="text/plain; charset=utf-8")
