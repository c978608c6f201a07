"""`./kontor dun` prints what the run did, in the words that other programs read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from commands import dun
from services import billing_run
from services.actor import SYSTEM
from services.load import seed_load


def printed(monkeypatch: pytest.MonkeyPatch, house: Flask, *words: str) -> dict[str, Any]:
    """What the command says in this house, which is open already."""

    @contextmanager
    def opened(_as_json: bool = False) -> Iterator[Flask]:
        yield house

    monkeypatch.setattr(dun, "opened_house", opened)
    done = CliRunner().invoke(dun.command, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    return dict(json.loads(done.output))


@pytest.mark.feature("X-12")
@pytest.mark.feature("M2-12")
def test_it_says_whom_it_reminded_and_on_the_same_day_nobody_again(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed_load(SYSTEM, 2, date(2026, 11, 1))
    billing_run.bill(date(2026, 11, 1), SYSTEM)
    said = printed(monkeypatch, context, "--on", "2026-11-22", "--dry-run")
    assert (said["run"], said["examined"], len(said["reminded"])) == (None, 2, 2)
    first = printed(monkeypatch, context, "--on", "2026-11-22")
    assert {"run", "on", "examined", "reminded", "collected", "held", "failed"} <= set(first)
    assert first["reminded"] == said["reminded"] and first["on"] == "2026-11-22"
    assert [each["level"] for each in first["reminded"]] == [1, 1]
    (warning,) = (each for each in first["warnings"] if each["code"] == "no_base_rate")
    assert warning["half_years"] == ["2026-07-01"] and "from 2026-07-01;" in dun._words(warning)
    assert "has not come yet; only a sandbox" in dun._words({"code": "day_ahead", "on": "2026-11-22"})
    again = printed(monkeypatch, context, "--on", "2026-11-22")
    assert (again["reminded"], again["collected"], again["held"], again["failed"]) == ([], 0, 0, 0)
