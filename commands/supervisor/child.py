"""One process of the house: forked from the supervisor, started again with a growing pause when it dies.

Forked and not executed anew: the supervisor has imported the house once for the migration, and a second import in each
of four processes would be most of the time that a start takes on two cores.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from commands.supervisor.logs import log_to_standard_error

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 30.0
SETTLED_AFTER = 30.0  # seconds of life after which a death counts as the first one again
PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15

logger = logging.getLogger("kontor.start")


@dataclass
class Child:
    """A process by name, with what it runs. `run` returns when the process shall end; `once` is not started again."""

    name: str
    run: Callable[[], object]
    open_log: Callable[[str], int]
    once: bool = False
    pid: int = 0
    deaths: int = 0
    started_at: float = 0.0
    start_at: float = 0.0

    def start(self) -> None:
        """Fork. Only to be called while this process has a single thread."""
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        self.started_at = time.monotonic()
        pid = os.fork()
        if pid == 0:
            self._live(parent)
        self.pid = pid

    def has_died(self, now: float) -> float:
        """Note the death; gives the pause in seconds before the next start. A child that ended after a settled life
        (a worker that has done its share of jobs) is started again nearly at once."""
        self.pid = 0
        self.deaths = 1 if now - self.started_at > SETTLED_AFTER else self.deaths + 1
        pause = min(FIRST_PAUSE * 2 ** (self.deaths - 1), LONGEST_PAUSE)
        self.start_at = now + pause
        return pause

    def is_due(self, now: float) -> bool:
        return not self.pid and not self.once and now >= self.start_at

    def _live(self, parent: int) -> NoReturn:
        status = 1
        try:
            self._settle(parent)
            self.run()
            status = 0
        except SystemExit as ending:
            status = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
        except BaseException:
            logger.exception("%s broke", self.name)  # safety.py keeps the values out of it
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _settle(self, parent: int) -> None:
        """An own session (Ctrl-C reaches the supervisor alone, which ends all in order), clean signals, the log."""
        os.setsid()
        die_with(parent)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        log = self.open_log(self.name)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        call_process(f"kontor-{self.name}")
        log_to_standard_error()


def die_with(parent: int) -> None:
    """Have the kernel send SIGTERM when the parent dies, even by kill -9 (Linux; elsewhere children may outlive it)."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the wish was heard
        os._exit(1)


def call_process(name: str) -> None:
    """What `ps -o comm` and `top` show; the kernel keeps 15 bytes."""
    _prctl(PR_SET_NAME, name.encode())


def _prctl(option: int, value: int | bytes) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
