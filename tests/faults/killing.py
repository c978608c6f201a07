"""A process of its own that dies by kill -9 at its n-th point: before a statement, before a commit, before a provider
is called or once it has answered.

It is forked from the warm process of the tests, so a death costs milliseconds. With it goes all that it had in mind
and had not committed; its database and the provider's stay as it left them. What is drawn by chance is drawn alike in
each of them, so that two that died between the same commits leave the same database, byte by byte.
"""

from __future__ import annotations

import json
import os
import random
import signal
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

import requests
from sqlalchemy import event

from extensions import db
from gateways.sandbox import SandboxGateway
from services import bulk

CALLS = ("create", "confirm", "fetch", "find", "cancel", "refund", "fetch_refund", "find_refund")
Deed = Callable[[], object]


class Fuse:
    """Counts the points, and kills at the n-th."""

    def __init__(self, nth: int) -> None:
        self.nth = nth
        self.points: list[str] = []

    def burn(self, point: str) -> None:
        self.points.append(point)
        if len(self.points) == self.nth:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """A call of the outside: one point before it, one when it is done and nobody here knows yet."""

        def burning(*given: Any, **named: Any) -> Any:
            self.burn(f"before {name}")
            answer = call(*given, **named)
            self.burn(f"after {name}")
            return answer

        return burning


def lives_until(nth: int, deed: Deed, gateway: object) -> list[str] | None:
    """Do the deed in a process that is killed at its n-th point; None where it was, else the points that it passed."""
    return begun_until(nth, deed, gateway)()


def begun_until(nth: int, deed: Deed, gateway: object) -> Callable[[], list[str] | None]:
    """The same while one does something else: gives what waits for its end."""
    db.session.remove()
    db.engine.dispose()  # a connection belongs to one process
    reader, writer = os.pipe()
    process = os.fork()
    if not process:
        _live(Fuse(nth), deed, gateway, writer)
    os.close(writer)
    return partial(_ended, process, reader)


def _ended(process: int, reader: int) -> list[str] | None:
    with os.fdopen(reader) as line:
        told = line.read()
    status = os.waitpid(process, 0)[1]
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL, told
        return None
    assert os.waitstatus_to_exitcode(status) == 0, told
    points: list[str] = json.loads(told)
    return points


def _live(fuse: Fuse, deed: Deed, gateway: object, writer: int) -> None:
    """The other process, from its first to its last breath; never comes back into the tests."""
    code = 1
    try:
        draw_alike()
        hang(fuse, gateway)
        deed()
        _tell(writer, json.dumps(fuse.points))
        code = 0
    except BaseException:
        _tell(writer, traceback.format_exc())
    finally:
        os._exit(code)


def _tell(writer: int, text: str) -> None:
    with os.fdopen(writer, "w") as line:
        line.write(text)


def draw_alike() -> None:
    """Keys, hashes and ids come from the system's chance, by `secrets` and `uuid`."""
    chance = random.Random(6)
    for owner, name in ((os, "urandom"), (random, "_urandom")):
        setattr(owner, name, chance.randbytes)


def hang(fuse: Fuse, gateway: object) -> None:
    event.listen(db.engine, "before_cursor_execute", lambda *told: fuse.burn(" ".join(told[2].split()[:3])))
    event.listen(db.engine, "commit", lambda *_: fuse.burn("commit"))
    if db.engine.dialect.name == "postgresql":
        bulk.insert_rows = fuse.around("COPY", bulk.insert_rows)
    calls: list[tuple[object, str, str]] = [(requests.Session, "send", "HTTP")]
    if isinstance(gateway, SandboxGateway):  # its provider is called without a network
        calls += [(gateway, name, name) for name in CALLS]
    for owner, name, told in calls:
        setattr(owner, name, fuse.around(told, getattr(owner, name)))
