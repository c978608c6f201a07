"""Makes and keeps `.venv`: the pinned packages of requirements.txt, and of requirements-dev.txt for `test`.

A finished environment carries a stamp (digest of the pins, interpreter). While pip works there is a mark instead, so
that an environment whose making was killed is noticed and made again. A lock lets one caller work at a time.
Standard library only. Asks no registry by name: pip reads the machine's own configuration.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

STAMP = "kontor-stamp.json"
MARK = "kontor-unfinished"
# pip compiles what it installs: where PYTHONDONTWRITEBYTECODE is set nobody else would, at two seconds a start.
PIP_OPTIONS = (
    "--disable-pip-version-check",
    "--no-input",
    "-qq",
    "--prefer-binary",
    "--no-warn-script-location",
)

Installer = Callable[["Environment", int], None]


class Environment:
    """The folder `.venv` of one checkout, with or without the packages of the tests."""

    def __init__(self, root: str | os.PathLike[str], dev: bool = False) -> None:
        self.root = Path(root)
        self.folder = self.root / ".venv"
        self.python = self.folder / "bin" / "python"
        self.dev = dev

    @property
    def requirements(self) -> Path:
        """The file pip is given; the one for tests includes the other."""
        return self.root / ("requirements-dev.txt" if self.dev else "requirements.txt")

    def is_ready(self) -> bool:
        """Finished, with the pins of today, and with an interpreter that is still the one it was made for."""
        stamp = self._stamp()
        wanted = self.wanted()
        return not self._is_unfinished() and all(stamp.get(key) == value for key, value in wanted.items())

    def wanted(self) -> dict[str, str]:
        """What the stamp has to say. A stamp with the tests' packages serves the other commands too."""
        wanted = {"interpreter": self._interpreter(), "runtime": digest(self.root / "requirements.txt")}
        if self.dev:
            wanted["dev"] = digest(self.root / "requirements-dev.txt")
        return wanted

    def make(self, install: Installer, lock: int) -> None:
        """Make, mend or bring up to date. Killed at any point, the next call starts over."""
        if self._is_unfinished() or not self._interpreter():
            shutil.rmtree(self.folder, ignore_errors=True)
        if not self.folder.exists():
            import venv  # here, because every call pays for what the top imports

            venv.EnvBuilder(with_pip=False, symlinks=True).create(self.folder)
        kept = {key: value for key, value in self._stamp().items() if key == "dev"}
        (self.folder / MARK).touch()
        install(self, lock)
        self._write_stamp(kept | self.wanted())
        (self.folder / MARK).unlink()

    def _is_unfinished(self) -> bool:
        # A folder without bin/ was killed before the mark could be set.
        return self.folder.exists() and ((self.folder / MARK).exists() or not self.python.parent.exists())

    def _interpreter(self) -> str:
        """The real file behind .venv/bin/python, empty where it has gone (an upgraded or removed Python)."""
        return str(self.python.resolve()) if self.python.exists() else ""

    def _stamp(self) -> dict[str, str]:
        try:
            stamp = json.loads((self.folder / STAMP).read_text())
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _write_stamp(self, stamp: dict[str, str]) -> None:
        new = self.folder / (STAMP + ".new")
        new.write_text(json.dumps(stamp, indent=1))
        new.replace(self.folder / STAMP)


def run_inside(root: str, arguments: list[str]) -> None:
    """Replace this process by the same call inside the environment. Does not return."""
    environment = Environment(root, dev=arguments[:1] in (["test"], ["bench"], ["shots"]))
    try:
        ensure(environment)
    except OSError as error:
        sys.exit(f"Kontor: the environment could not be made in {root}: {error}")
    python = str(environment.python)
    os.execv(python, [python, os.path.join(root, "kontor"), *arguments])


def ensure(environment: Environment, install: Installer | None = None) -> None:
    """Make the environment unless it is ready; a second caller waits for the first and then finds it ready."""
    if environment.is_ready():
        return
    with locked(environment.root / ".venv.lock") as lock:
        if not environment.is_ready():
            say("Kontor: making the environment (.venv) from pinned packages, once; this takes some seconds ...")
            environment.make(install or pip_install, lock)


def pip_install(environment: Environment, lock: int) -> None:
    """Install the pins with the bundled pip. It inherits the lock: were this process killed, pip would still work on,
    and nobody else may begin before it has ended."""
    wheel = next((environment.root / "bootstrap").glob("pip-*.whl"))
    command = [environment.python, "-I", wheel / "pip", "install", *PIP_OPTIONS, "-r", environment.requirements]
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=sys.stderr, pass_fds=[lock])
    if done.returncode:
        sys.exit("Kontor: the packages could not be installed (see above). Is the package registry reachable?\n"
                 "The same call again starts over.")  # fmt: skip


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold the file's lock, by any number of processes one after the other; gives its descriptor."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Kontor: another call is making the environment; waiting for it ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def say(text: str) -> None:
    """To standard error: standard output belongs to the command and its --json."""
    print(text, file=sys.stderr, flush=True)
