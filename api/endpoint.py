"""`POST /api/1.0/api.php`: the whole call API behind one address."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, current_app, g, request
from flask_limiter.errors import RateLimitExceeded
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from api import json_form, refusals, throttle, xml_form
from api.fields import FieldErrors
from api.reading import MAX_BYTES, Call, Unreadable, read_call, sniff
from api.registry import Service, find
from billing.errors import KontorError
from extensions import db
from services import api_keys
from services.actor import Actor

blueprint = Blueprint("api", __name__)
ADDRESS = "/api/1.0/api.php"
OTHER_METHODS = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
REALM = 'Basic realm="Kontor API", charset="UTF-8"'


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """The call ends here, with this status and these texts."""

    status: int
    errors: list[str]


@blueprint.post(ADDRESS, provide_automatic_options=False)
def call_api() -> Response:
    """One call: the body is read before anything touches the form, whatever its content type says."""
    try:
        body = _body()
    except RequestEntityTooLarge:
        form = sniff(request.environ["wsgi.input"].read(64))
        return _respond(Call(form), 413, {"ERRORS": [refusals.TOO_LARGE]})
    call, problem = _read(body)
    try:
        return _respond(call, 200, _answer(call, problem))
    except Refused as refusal:
        return _respond(call, refusal.status, {"ERRORS": refusal.errors})


@blueprint.route(ADDRESS, methods=OTHER_METHODS, provide_automatic_options=False)
def refuse_method() -> Response:
    """A client that asks in another way gets the contract's envelope, as every answer of this address has it."""
    response = _respond(Call("json"), 405, {"ERRORS": [refusals.ONLY_POST]})
    response.headers["Allow"] = "POST"
    return response


def _answer(call: Call, problem: str) -> dict[str, object]:
    actor = _authenticated()
    if problem:
        raise Refused(400, [problem])
    service = find(call.service)
    if service is None:
        raise Refused(400, refusals.unknown_service(call.service))
    if service.writes and not api_keys.may_write(actor):
        raise Refused(401, [refusals.READ_ONLY_KEY])
    return _done(service, actor, call)


def _done(service: Service, actor: Actor, call: Call) -> dict[str, object]:
    """The service's answer; what it refuses is told with status 200, as clients expect it."""
    try:
        return service.answer(actor, call)
    except (FieldErrors, KontorError) as error:
        raise Refused(200, refusals.errors_of(service, error, call)) from None
    except OperationalError as error:
        current_app.logger.error("call %s: %s", service.name, type(error.orig).__name__)
        raise Refused(503, [refusals.BUSY]) from None
    except Exception as error:  # the last wall: the trace goes to the log without values, the client gets a sentence
        current_app.logger.error("call %s failed: %s", service.name, _trace(error))
        raise Refused(500, [refusals.INTERNAL]) from None
    finally:
        db.session.rollback()


def _authenticated() -> Actor:
    """Who calls, by HTTP Basic `email:api-key`. Any other header that names a user is passed over."""
    given = request.authorization
    user = ((given.username if given and given.type == "basic" else "") or "").strip().lower()[:200]
    try:
        throttle.refuse_guessers(user)
        actor = api_keys.authenticate(user, given.password or "") if given and user else None
        if actor is None:
            throttle.count_wrong_key(user)
            raise Refused(401, [refusals.WRONG_KEY])
        g.api_user = user
        throttle.count_call()
    except RateLimitExceeded:
        raise Refused(429, [refusals.TOO_MANY_CALLS]) from None
    return actor


def _body() -> bytes:
    request.max_content_length = MAX_BYTES
    try:
        return request.get_data(cache=True)
    except ClientDisconnected:
        return b""


def _read(body: bytes) -> tuple[Call, str]:
    try:
        return read_call(body), ""
    except Unreadable as problem:
        return Call(sniff(body)), str(problem)


def _respond(call: Call, status: int, answer: dict[str, object]) -> Response:
    form = xml_form if call.form == "xml" else json_form
    response = Response(form.write({"REQUEST": call.echo(), "RESPONSE": answer}), status)
    response.headers["Content-Type"] = form.CONTENT_TYPE
    response.headers["Cache-Control"] = "no-store"
    if status == 429:
        response.headers["Retry-After"] = str(throttle.RETRY_AFTER)
    if status == 401:
        response.headers["WWW-Authenticate"] = REALM
    return response


def _trace(error: BaseException) -> str:
    """Where it happened, without any value: messages of errors may hold personal data (S19)."""
    places, step = [], error.__traceback__
    while step:
        places.append(f"{step.tb_frame.f_code.co_filename}:{step.tb_lineno}")
        step = step.tb_next
    return f"{type(error).__name__} at {' > '.join(places[-6:])}"
