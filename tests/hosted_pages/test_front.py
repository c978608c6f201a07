"""The bare address and the icon."""

from __future__ import annotations

from flask import Flask


def test_the_bare_address_leads_to_the_back_office(app: Flask) -> None:
    answer = app.test_client().get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")


def test_the_icon_that_browsers_ask_for_is_there(app: Flask) -> None:
    answer = app.test_client().get("/favicon.ico")
    assert answer.status_code == 200 and answer.data.startswith(b"\x00\x00\x01\x00")
    assert "max-age=86400" in answer.headers["Cache-Control"]
