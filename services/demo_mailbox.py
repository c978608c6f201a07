"""A mail server that knows no recipient, for the one mail of the demo company that really came back."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from threading import Thread

from flask import current_app

_ANSWERS = {b"RCPT": b"550 5.1.1 no such mailbox", b"QUIT": b"221 2.0.0 bye"}


@contextmanager
def mailbox_gone() -> Iterator[None]:
    """Whatever is sent inside goes to a server on the loopback that refuses every recipient."""
    settings = current_app.config["KONTOR"]
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        listener.settimeout(10)
        Thread(target=_refuse, args=(listener,), daemon=True).start()
        port = listener.getsockname()[1]
        current_app.config["KONTOR"] = replace(settings, smtp_url=f"smtp://127.0.0.1:{port}")
        try:
            yield
        finally:
            current_app.config["KONTOR"] = settings


def _refuse(listener: socket.socket) -> None:
    """One conversation after RFC 5321 with somebody who sends to nobody known here."""
    try:
        line, _ = listener.accept()
    except OSError:  # nobody called
        return
    with line, line.makefile("rb") as asked:
        line.sendall(b"220 demo\r\n")
        for command in asked:
            line.sendall(_ANSWERS.get(command[:4].upper(), b"250 2.0.0 ok") + b"\r\n")
