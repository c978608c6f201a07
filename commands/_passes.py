"""Steps of `./kontor test`: several at once, each told with its counts and its time."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import click

LONG = 600.0  # seconds; a run that takes longer names its slowest tests
SLOWEST = 10


@dataclass(frozen=True)
class Step:
    """A tool, or one pass of pytest: what is called, and where pytest writes its report (None: a tool, one check)."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str] | None = None
    report: Path | None = None


@dataclass(frozen=True)
class Result:
    """What one step found. `code` is its exit code; the counts of lint and types are one check each."""

    name: str
    code: int
    passed: int
    failed: int
    skipped: int = 0
    seconds: float = field(default=0.0, compare=False)
    slowest: tuple[tuple[float, str], ...] = field(default=(), compare=False)  # (seconds, test)


def side_by_side(quiet: Sequence[Step], aloud: Sequence[Step]) -> list[Result]:
    """Two rows of steps at once, each in its order: where one waits for a browser or a database the other works.

    The steps of one speak to the terminal meanwhile; each of the other says what it has to say in one piece at its end.
    """
    results: list[Result] = []
    running: list[subprocess.Popen[str]] = []
    stopped = threading.Event()

    def work_beside() -> None:
        for step in quiet:
            if not stopped.is_set():
                results.append(_told(step, running, subprocess.PIPE))

    beside = threading.Thread(target=work_beside, daemon=True)
    beside.start()
    try:
        told = [_told(step, running, None) for step in aloud]
        beside.join()
    finally:  # Ctrl-C and SIGTERM end them all
        stopped.set()
        for process in running:
            process.kill()
            process.wait()
    return [*results, *told]


def _told(step: Step, running: list[subprocess.Popen[str]], output: int | None) -> Result:
    begun = time.monotonic()
    if output is None:
        head(step.name)
    process = subprocess.Popen(
        step.command, env=step.environ and dict(step.environ), stdout=output, stderr=output and subprocess.STDOUT,
        text=True,
    )  # fmt: skip
    running.append(process)
    said, _ = process.communicate()
    if said is not None:
        click.echo(f"\n--- {step.name}\n{said}", nl=False)
        sys.stdout.flush()
    return counted(step.name, process.returncode, step.report, time.monotonic() - begun)


def counted(name: str, code: int, report: Path | None, seconds: float = 0.0) -> Result:
    """The counts of pytest's own report; a pass that wrote none is one failure. A tool without one is one check."""
    if report is None:
        return Result(name, code, passed=int(code == 0), failed=int(code != 0), seconds=seconds)
    if not report.exists():
        return Result(name, code or 1, passed=0, failed=1, seconds=seconds)
    root = ElementTree.parse(report).getroot()
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for part in root.iter("testsuite"):
        for key in totals:
            totals[key] += int(part.get(key, 0))
    failed = totals["failures"] + totals["errors"]
    passed = max(totals["tests"] - failed - totals["skipped"], 0)
    return Result(name, code, passed, failed or int(code != 0), totals["skipped"], seconds, _slowest(root))


def _slowest(root: ElementTree.Element) -> tuple[tuple[float, str], ...]:
    """The tests that took longest, with their fixtures."""
    cases = (
        (float(case.get("time", 0)), f"{case.get('classname')}.{case.get('name')}") for case in root.iter("testcase")
    )
    return tuple(sorted(cases, reverse=True)[:SLOWEST])


def close(results: Sequence[Result], seconds: float = 0.0, cpu: float = 0.0) -> int:
    """One line a step with its time, the slowest tests of a long run, the closing line; gives the exit code."""
    head("result")
    for result in results:
        click.echo(f"{'ok    ' if result.code == 0 else 'FAILED'} {result.name}: {result.passed} passed, "
                   f"{result.failed} failed, {result.skipped} skipped in {clock(result.seconds)}")  # fmt: skip
    click.echo(f"{clock(seconds)} by the clock, {clock(cpu)} of CPU")
    if seconds > LONG:
        told = sorted((each for result in results for each in result.slowest), reverse=True)[:SLOWEST]
        click.echo("the slowest:\n" + "\n".join(f"{took:8.1f} s  {name}" for took, name in told))
    passed, failed, skipped = (sum(getattr(r, key) for r in results) for key in ("passed", "failed", "skipped"))
    click.echo(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return int(any(result.code for result in results))


def clock(seconds: float) -> str:
    """As minutes and seconds: 8:05."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def head(text: str) -> None:
    click.echo(f"--- {text}")
    sys.stdout.flush()
