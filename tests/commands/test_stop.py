"""A stop is graceful: what was accepted is answered before the process goes (F23)."""

from __future__ import annotations

import os
import signal
import socket
from typing import Any

import pytest
import requests
from flask import Flask

from commands.web import listen, serve


@pytest.mark.feature("F23")
@pytest.mark.parametrize("size", [10, 3_000_000])
def test_who_is_being_answered_when_the_web_process_is_told_to_stop_gets_the_answer(app: Flask, size: int) -> None:
    listener = listen("127.0.0.1", 0)
    process = os.fork()
    if not process:
        _serve(app, listener, size)
    port = listener.getsockname()[1]
    listener.close()
    with requests.Session() as session:
        answer = session.get(f"http://127.0.0.1:{port}/", timeout=20)
    assert (answer.status_code, len(answer.content)) == (200, size)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0


def _serve(app: Flask, listener: socket.socket, size: int) -> None:
    """A process of its own, told to stop by itself in the middle of an answer."""
    code = 1

    def slow(_environ: Any, start_response: Any) -> list[bytes]:
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(200_000):  # some work yet, while the main thread is on its way out
            pass
        start_response("200 OK", [("Content-Length", str(size))])
        return [b"x" * size]

    vars(app)["wsgi_app"] = slow  # in place of the house's own
    try:
        serve(app, listener)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        os._exit(code)
