"""The first steps of the README, run as they stand there: a real shell, the real commands, a real server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from config import ROOT
from tests.docs.pages import blocks, section

ADDRESS = "http://127.0.0.1:8000"  # as the README writes it
PATIENCE = 120  # seconds until something that hangs is given up; nothing is measured

# What the steps need of curl, for machines that have none.
CURL = """\
#!{python}
import base64, sys, urllib.request
words, options = iter(sys.argv[1:]), {{}}
for word in words:
    options[word if word.startswith("-") else "address"] = word if word in ("-s",) else next(words) if word in (
        "-u", "-d", "-o") else word
request = urllib.request.Request(options["address"], options.get("-d", "").encode() or None)
if "-u" in options:
    request.add_header("Authorization", "Basic " + base64.b64encode(options["-u"].encode()).decode())
answer = urllib.request.urlopen(request).read()
open(options["-o"], "wb").write(answer) if "-o" in options else sys.stdout.buffer.write(answer)
"""


@dataclass(frozen=True, slots=True)
class House:
    """A house that runs, where it answers, and the surroundings in which commands find it."""

    address: str
    environ: dict[str, str]


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    address = f"http://127.0.0.1:{free_port()}"
    environ = surroundings(tmp_path) | {"DATABASE_URL": database_url, "BASE_URL": address}
    command = [str(tmp_path / "kontor"), "web", "--port", address.rpartition(":")[2]]
    process = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        assert address in process.stderr.readline()  # it listens; until it answers, calls wait
        yield House(address, environ)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE)


@pytest.mark.feature("M2-37")
def test_the_first_steps_lead_from_a_key_to_a_pdf(house: House, tmp_path: Path) -> None:
    done = run_steps(house, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (invoice,) = json.loads((tmp_path / "invoice.json").read_text())["RESPONSE"]["INVOICES"]
    assert (invoice["STATUS"], invoice["TYPE"], invoice["LAST_NAME"]) == ("unpaid", "outgoing", "Groß")
    assert (invoice["SUB_TOTAL"], invoice["VAT_TOTAL"], invoice["TOTAL"]) == (29, 5.51, 34.51)
    assert invoice["INVOICE_NUMBER"].startswith("RE-")
    assert (tmp_path / "invoice.pdf").read_bytes().startswith(b"%PDF-")
    assert "The books hold" in done.stdout
    assert '"ERRORS"' not in done.stdout


def run_steps(house: House, folder: Path) -> subprocess.CompletedProcess[str]:
    """The README's lines, at this house's address, by a shell that stops at the first failure."""
    (steps,) = blocks(section((ROOT / "README.md").read_text(), "First steps"), "sh")
    assert ADDRESS in steps
    script = "set -eo pipefail\n" + steps.replace(ADDRESS, house.address)
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=house.environ, capture_output=True, text=True, timeout=PATIENCE
    )


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def surroundings(folder: Path) -> dict[str, str]:
    """No settings but an own data folder; `./kontor` leads to this checkout, and there is a curl."""
    kept = {key: value for key, value in os.environ.items() if key in ("HOME", "LANG", "TZ", "USER")}
    tools = folder / "tools"
    tools.mkdir()
    if shutil.which("curl") is None:
        make_executable(tools / "curl", CURL.format(python=sys.executable))
    make_executable(folder / "kontor", f'#!/bin/sh\nexec "{sys.executable}" "{ROOT / "kontor"}" "$@"\n')
    return kept | {"KONTOR_DATA": str(folder / "data"), "PATH": f"{tools}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}


def make_executable(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
