"""One `start` per data folder: an exclusive lock that says who holds it and where to look."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 15.0  # seconds: the children of a killed `start` finish the job in hand, and hold the lock until then


class AlreadyRunning(Exception):
    """Another `start` serves this data folder. `pid` 0 and `address` "" where it has not yet said so."""

    def __init__(self, pid: int, address: str) -> None:
        super().__init__(f"already running at {address or 'an address not yet known'}, pid {pid or 'unknown'}")
        self.pid = pid
        self.address = address


class InstanceLock:
    """The lock file of a data folder. The kernel lets go of it when the last process that inherited it has ended."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "start.lock"
        self.handle = -1

    def take(self, tell_waiting: Callable[[], None]) -> None:
        """Hold the lock until this process and its children have ended; raises AlreadyRunning.

        `tell_waiting` is called once where the remains of a killed start have to end first.
        """
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = 0.0
        while not _locks(handle):
            pid, address = self.holder()
            if is_alive(pid) or (deadline and time.monotonic() > deadline):
                os.close(handle)
                raise AlreadyRunning(pid, address)
            if not deadline:
                tell_waiting()
                deadline = time.monotonic() + PATIENCE
            time.sleep(0.1)
        self.handle = handle
        self.tell("")

    def tell(self, address: str) -> None:
        """Write down for others who holds the lock and where it answers."""
        text = json.dumps({"pid": os.getpid(), "address": address}).encode()
        os.ftruncate(self.handle, 0)
        os.pwrite(self.handle, text, 0)

    def holder(self) -> tuple[int, str]:
        """(pid, address) as last written."""
        try:
            said = json.loads(self.path.read_text())
            return int(said["pid"]), str(said["address"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0, ""


def is_alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _locks(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
