"""A life that halts wherever something has become final, and sends doubles of itself from there into death.

Whoever dies at the n-th point has lived through all points before it. Lived anew for each death that is half a life a
death; the double of a process that has come so far lives only what is left of its way, and it is killed by -9 as any
other. At a halt no connection is open, so both databases, this process and its doubles can part there, and the house
can be laid back as it stood while the process keeps what it has in mind.
"""

from __future__ import annotations

import json
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from extensions import db
from tests.faults.killing import Deed, Fuse, draw_alike, hang

FINAL = ("commit", "after ")  # whatever went before it stays, whoever dies


class Halting(Fuse):
    """In the process itself: counts on, and halts at the first connection that is asked for after something final."""

    def __init__(self, orders: int, answers: int) -> None:
        super().__init__(0)
        self._orders, self._answers = os.fdopen(orders), os.fdopen(answers, "w")
        self.is_double = False
        self._is_due = False

    def burn(self, point: str) -> None:
        super().burn(point)
        self._is_due = self._is_due or point.startswith(FINAL)

    def connect(self, plain: Callable[[], Any]) -> Any:
        """In place of the engine's own."""
        if self._is_due and not self.is_double and not db.engine.pool.checkedout():
            db.engine.dispose()
            self.halt()
        return plain()

    def halt(self) -> None:
        """Do as one is told: send a double so many points ahead into death, or go on."""
        self._is_due = False
        self.say(at=len(self.points))
        while ahead := int(self._orders.readline()):
            process = os.fork()
            if not process:
                self.is_double, self.nth = True, len(self.points) + ahead
                return
            status = os.waitpid(process, 0)[1]
            self.say(killed=os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL)

    def say(self, **words: Any) -> None:
        self._answers.write(json.dumps(words) + "\n")
        self._answers.flush()


class Life:
    """From outside: where it halts, who dies ahead of there, and the points that it passed."""

    def __init__(self, orders: int, answers: int) -> None:
        self._orders, self._answers = os.fdopen(orders, "w"), os.fdopen(answers)
        self.points: list[str] = []

    def halts(self) -> Iterator[int]:
        """How many points lie behind it, at each halt; it goes on when the next one is asked for."""
        while (place := self._hear()["at"]) is not None:
            yield place
            self._order(0)

    def dies(self, ahead: int) -> bool:
        """Whether a double was killed at that point from here, and did not come through unhurt."""
        self._order(ahead)
        return bool(self._hear()["killed"])

    def _order(self, word: int) -> None:
        self._orders.write(f"{word}\n")
        self._orders.flush()

    def _hear(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self._answers.readline() or '{"wrong": "it is gone"}')
        assert "wrong" not in told, told["wrong"]
        self.points = told.pop("points", self.points)
        return told


@contextmanager
def living(deed: Deed, gateway: object) -> Iterator[Life]:
    """The deed, in a process of its own."""
    db.session.remove()
    db.engine.dispose()  # a connection belongs to one process
    (to_read, orders), (answers, to_write) = os.pipe(), os.pipe()
    process = os.fork()
    if not process:
        os.close(orders)
        os.close(answers)
        _live(Halting(to_read, to_write), deed, gateway)
    os.close(to_read)
    os.close(to_write)
    try:
        yield Life(orders, answers)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _live(fuse: Halting, deed: Deed, gateway: object) -> NoReturn:
    """The other process, from its first to its last breath; never comes back into the tests."""
    try:
        draw_alike()
        hang(fuse, gateway)
        plain = db.engine.raw_connection
        db.engine.raw_connection = lambda: fuse.connect(plain)
        fuse.halt()
        deed()
        if not fuse.is_double:
            fuse.say(at=None, points=fuse.points)
    except BaseException:
        if not fuse.is_double:
            fuse.say(wrong=traceback.format_exc())
        traceback.print_exc()
    finally:
        os._exit(1)
