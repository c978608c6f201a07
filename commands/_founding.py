"""The demo company of a first start, made beside the running web server, so that it answers early."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

MOST_BYTES = 65536  # what a pipe holds; a dozen log-ins are one


class Founding:
    """Works in a child; its log-ins come back through a pipe and are never written to a file."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.reading, self.writing = os.pipe()
        os.set_blocking(self.reading, False)

    def run(self) -> None:
        """Found the demo company (the child's function); no log-ins where somebody was faster."""
        from billing.errors import AlreadyDone
        from services import demo

        try:
            with self.app.app_context():
                logins = demo.seed_demo()
        except AlreadyDone:
            return
        os.write(self.writing, json.dumps([[login.email, login.password] for login in logins]).encode())

    def logins(self) -> list[tuple[str, str]]:
        """(e-mail, password) of each person made, once the child has ended; empty where it failed."""
        try:
            said = os.read(self.reading, MOST_BYTES)
        except BlockingIOError:
            return []
        return [(email, password) for email, password in json.loads(said)]
