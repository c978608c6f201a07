"""A demo house of its own for the pictures, gone afterwards."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = (
    "BASE_URL",
    "DATABASE_URL",
    "REDIS_URL",
    "SMTP_URL",
    "TRUSTED_PROXIES",
    "VIES_URL",
)  # of an installation in use


@dataclass(frozen=True)
class Access:
    """Where a house answers, and who may log in."""

    url: str
    email: str
    password: str


@contextmanager
def demo_house() -> Iterator[Access]:
    """Start a demo company in a temporary folder on a free port; it ends with the block, or when we are told to end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # else the house would live on alone
    with tempfile.TemporaryDirectory(prefix="kontor-shots-", ignore_cleanup_errors=True) as folder:
        environ = {key: value for key, value in os.environ.items() if key not in FOREIGN} | {"KONTOR_DATA": folder}
        command = [sys.executable, str(ROOT / "kontor"), "start", "--port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ)
        try:
            yield _access(process)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


def _access(process: subprocess.Popen[str]) -> Access:
    """What the two lines of `start` say."""
    assert process.stdout is not None
    said = process.stdout.readline() + process.stdout.readline()
    found = re.search(r"answers at (\S+)/admin/\s+Log in (\S+) with (\S+)", said)
    if not found:
        raise click.ClickException("the demo house did not start: " + said.strip())
    return Access(*found.groups())
