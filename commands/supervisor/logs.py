"""Logs of the children: one file each in the data folder's log/, bounded in size; the terminal stays quiet."""

from __future__ import annotations

import datetime
import logging
import os
import shutil
from pathlib import Path

MOST_BYTES = 5 * 1024 * 1024


def log_to_standard_error() -> None:
    """What the house logs goes to standard error, warnings of everybody else too; `start` leads it into a file."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("kontor").setLevel(logging.INFO)


class Logs:
    """The folder of logs, readable by its owner alone."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "log"
        self.folder.mkdir(mode=0o700, exist_ok=True)

    def open(self, name: str) -> int:
        """A descriptor that appends to NAME.log; several processes may share it."""
        return os.open(self.folder / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, text: str) -> None:
        """One line of the supervisor's own."""
        moment = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        handle = self.open("start")
        os.write(handle, f"{moment} {text}\n".encode())
        os.close(handle)

    def bound(self, most_bytes: int = MOST_BYTES) -> None:
        """Move what has grown too large to NAME.log.1. Copied and emptied, not renamed: the children hold the file
        open, and appending to an emptied file begins at its start."""
        for path in self.folder.glob("*.log"):
            if path.stat().st_size > most_bytes:
                shutil.copyfile(path, path.with_name(path.name + ".1"))
                os.truncate(path, 0)
