"""Keeps the children alive, says once when the house is ready, and ends all of them in order."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from commands.supervisor.child import Child
from commands.supervisor.logs import Logs

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 6.0  # seconds between SIGTERM and SIGKILL
LOGS_EVERY = 30.0


@dataclass
class House:
    """The children in the order of their start; the last of `ground` (the queue's server) is ended after all others.

    `is_ready` is asked until it says yes, then `announce` is called, once.
    """

    logs: Logs
    is_ready: Callable[[], bool]
    announce: Callable[[], None]
    ground: list[Child] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)
    announced: bool = False
    logs_due_at: float = 0.0

    def run(self) -> None:
        """Supervise until SIGINT, SIGTERM or SIGHUP, then end all. Returns when no child is left."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {*ENDING, signal.SIGCHLD})
        try:
            while not self._is_told_to_end():
                self._look_after(time.monotonic())
        finally:
            self.end()

    def end(self) -> None:
        """SIGTERM, patience, SIGKILL; the ground last, because the others still talk to it while they finish."""
        _end(self.children)
        _end(self.ground)

    def _is_told_to_end(self) -> bool:
        pause = 0.5 if self.announced else 0.05
        heard = signal.sigtimedwait({*ENDING, signal.SIGCHLD}, pause)
        return heard is not None and heard.si_signo in ENDING

    def _look_after(self, now: float) -> None:
        for child in self._dead():
            self._note_death(child, now)
        for child in [*self.ground, *self.children]:
            if child.is_due(now):
                child.start()
        if now >= self.logs_due_at:
            self.logs.bound()
            self.logs_due_at = now + LOGS_EVERY
        if not self.announced and self.is_ready():
            self.announced = True
            self.announce()

    def _dead(self) -> list[Child]:
        return [child for child in [*self.ground, *self.children] if child.pid and _has_ended(child)]

    def _note_death(self, child: Child, now: float) -> None:
        pid = child.pid
        pause = child.has_died(now)
        self.logs.note(f"{child.name} ({pid}) ended" + ("" if child.once else f", starts again in {pause:.1f} s"))


def _end(children: Iterable[Child]) -> None:
    living = [child for child in children if child.pid]
    for child in living:
        _signal(child, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    while living and time.monotonic() < deadline:
        living = [child for child in living if not _has_ended(child)]
        time.sleep(0.02)
    for child in living:
        _signal(child, signal.SIGKILL)
        os.waitpid(child.pid, 0)


def _signal(child: Child, number: signal.Signals) -> None:
    try:
        os.kill(child.pid, number)
    except ProcessLookupError:
        return


def _has_ended(child: Child) -> bool:
    try:
        pid, _status = os.waitpid(child.pid, os.WNOHANG)
    except ChildProcessError:
        return True
    return pid == child.pid
