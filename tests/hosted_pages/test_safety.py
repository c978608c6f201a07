"""What every answer says, whom we answer, and what a log may hold (S18, S19, S27)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, abort, request

import safety
from app import create_app
from extensions import db
from tests.conftest import settings_for


def made(folder: Path, database_url: str, **settings: str) -> Flask:
    """An application whose own mistakes are shown as a visitor would see them."""
    app = create_app(settings_for(folder, database_url, **settings))
    app.add_url_rule("/whose", endpoint="whose", view_func=_whose)
    app.add_url_rule("/broken", endpoint="broken", view_func=lambda: {}["geheim-4711"])
    for code in (400, 403, 413, 429, 503):
        app.add_url_rule(f"/error/{code}", endpoint=f"e{code}", view_func=lambda code=code: abort(code))
    app.add_url_rule("/api/broken", endpoint="ab", view_func=lambda: {}["geheim-4711"])
    return app


def _whose() -> str:
    return f"{request.remote_addr} {request.scheme} {request.host}"


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    app = made(tmp_path, database_url)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.feature("S27")
@pytest.mark.parametrize(
    "path", ["/healthz", "/nowhere", "/broken", "/download/x", "/static/css/hosted.css", "/admin/"]
)  # fmt: skip
def test_every_answer_carries_the_safety_headers(house: Flask, path: str) -> None:
    headers = house.test_client().get(path).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "default-src" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    # Not no-referrer: over https the check against forged forms asks for the Referer, and would refuse every form.
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers
    assert ("no-store" in headers["Cache-Control"]) == (not path.startswith("/static"))


@pytest.mark.feature("S27")
def test_over_https_browsers_are_told_to_stay_there(database_url: str, tmp_path: Path) -> None:
    app = made(tmp_path, database_url, BASE_URL="https://kunden.radwerk.example")
    answer = app.test_client().get("/healthz", base_url="https://kunden.radwerk.example")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.feature("S18")
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "127.0.0.2", "kunden.radwerk.example", "[::2]",
             "evil.example:8000", "", "127.0.0.1@evil.example", "a b"],
)  # fmt: skip
def test_an_unknown_host_is_refused(house: Flask, host: str) -> None:
    answer = house.test_client().get("/healthz", headers={"Host": host})
    assert answer.status_code == 400


@pytest.mark.feature("S18")
@pytest.mark.parametrize("host", ["127.0.0.1:8123", "localhost", "localhost:1", "[::1]:8000", "LOCALHOST"])
def test_the_machine_answers_to_its_own_names_on_any_port(house: Flask, host: str) -> None:
    assert house.test_client().get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.feature("S18")
def test_the_configured_host_is_answered(database_url: str, tmp_path: Path) -> None:
    client = made(tmp_path, database_url, BASE_URL="http://Kunden.Radwerk.example:9000").test_client()
    assert client.get("/healthz", headers={"Host": "kunden.radwerk.example"}).status_code == 200
    assert client.get("/healthz", headers={"Host": "radwerk.example"}).status_code == 400


FORWARDED = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}


@pytest.mark.feature("S18")
def test_forwarded_headers_of_strangers_count_for_nothing(house: Flask) -> None:
    assert house.test_client().get("/whose", headers=FORWARDED).text == "127.0.0.1 http localhost"


@pytest.mark.feature("S18")
def test_a_trusted_proxy_may_say_who_asks_but_not_which_host_we_are(database_url: str, tmp_path: Path) -> None:
    client = made(tmp_path, database_url, TRUSTED_PROXIES="1").test_client()
    mine = FORWARDED | {"X-Forwarded-Host": "localhost"}
    assert client.get("/whose", headers=mine).text == "203.0.113.7 https localhost"
    twice = mine | {"X-Forwarded-For": "6.6.6.6, 203.0.113.7"}
    assert client.get("/whose", headers=twice).text.startswith("203.0.113.7 ")
    assert client.get("/whose", headers=FORWARDED).status_code == 400


@pytest.mark.parametrize(
    ("path", "code", "german", "english"),
    [
        ("/error/400", 400, "Das haben wir nicht verstanden", "We did not understand that"),
        ("/error/403", 403, "Das dürfen Sie hier nicht", "You may not do this"),
        ("/nowhere", 404, "Diese Seite gibt es nicht", "This page does not exist"),
        ("/error/413", 413, "Das ist zu groß", "That is too large"),
        ("/error/429", 429, "Das waren zu viele Versuche", "Too many attempts"),
        ("/broken", 500, "Da ist uns ein Fehler passiert", "Something went wrong on our side"),
        ("/error/503", 503, "Da ist uns ein Fehler passiert", "Something went wrong on our side"),
    ],
)
def test_an_error_is_a_calm_page_in_the_readers_language(
    house: Flask, path: str, code: int, german: str, english: str
) -> None:
    client = house.test_client()
    for language, words in (("de-DE,de", german), ("en-GB", english), ("fr", german)):
        answer = client.get(path, headers={"Accept-Language": language, "Accept": "text/html"})
        assert answer.status_code == code and words in answer.text
        assert "Traceback" not in answer.text and "4711" not in answer.text


def test_a_wrong_method_says_which_are_right(house: Flask) -> None:
    answer = house.test_client().put("/healthz")
    assert answer.status_code == 405 and "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/api/broken", "/api/nowhere"])
def test_machines_get_json(house: Flask, path: str) -> None:
    answer = house.test_client().get(path)
    assert answer.status_code in (404, 500) and answer.json is not None
    assert answer.json["ok"] is False and "4711" not in answer.text


def test_a_form_that_was_open_too_long_is_explained(house: Flask) -> None:
    house.add_url_rule("/form", endpoint="form", view_func=lambda: "saved", methods=["POST"])
    answer = house.test_client().post("/form")
    assert answer.status_code == 400 and "Diese Seite war zu lange offen" in answer.text


@pytest.mark.feature("S19")
def test_a_log_tells_where_an_error_happened_and_never_its_values(
    house: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    house.test_client().get("/broken")
    assert "KeyError at" in caplog.text and "test_safety.py" in caplog.text
    assert "geheim-4711" not in caplog.text


@pytest.mark.feature("S27")
def test_a_log_does_not_tell_an_address_that_is_a_key(house: Flask, caplog: pytest.LogCaptureFixture) -> None:
    house.add_url_rule("/open/<key>", endpoint="open", view_func=lambda key: {}["geheim-4711"])
    assert house.test_client().get("/open/0123456789abcdef").status_code == 500
    assert "error on open" in caplog.text and "0123456789abcdef" not in caplog.text


@pytest.mark.feature("S19")
def test_no_logger_tells_the_message_of_an_error(caplog: pytest.LogCaptureFixture) -> None:
    safety.keep_logs_quiet()
    try:
        raise ValueError("DE02120300000000202051")
    except ValueError:
        logging.getLogger("elsewhere").exception("failed")
    assert "ValueError at" in caplog.text and "DE0212" not in caplog.text


def test_settings_decide_the_hosts(house: Flask) -> None:
    settings = replace(house.config["KONTOR"], base_url="https://x.example:1")
    assert safety.allowed_hosts(settings.base_url) == {"x.example", "127.0.0.1", "localhost", "::1"}
