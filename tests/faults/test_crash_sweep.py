"""Killed by -9 anywhere, charge, refund, issue, statement and reminder end as if nobody had died (F3 to F6).

The ordinary run takes a scene of each kind and a few points of it, by its seed; `--all` every point of every scene.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event

from extensions import db
from gateways.base import Charge, ChargeWish, Refund, RefundWish
from gateways.sandbox import SandboxGateway
from services import providers
from tests.conftest import POSTGRES
from tests.faults.crash_scenes import CHARGES, IMPORTS, ISSUES, REFUNDS, REMINDERS, SCENES, Scene
from tests.faults.crash_sweep import staged, sweep
from tests.sweeps import some


def lot(scenes: Sequence[Scene]) -> pytest.MarkDecorator:
    """One of these scenes in the ordinary run, all of them under `--all`."""
    return pytest.mark.parametrize("scene", some(scenes, 1), ids=lambda scene: scene.name)


def holds(app: Flask, scene: Scene, folder: Path) -> None:
    with staged(app, scene, folder) as stage:
        sweep(stage)


@pytest.mark.feature("F3", "F4", "F5", "F6")
@pytest.mark.feature("X-02", "EB-51")
@lot(CHARGES)
def test_a_charge_takes_the_money_once_and_makes_one_invoice(
    context: Flask, tmp_path_factory: pytest.TempPathFactory, scene: Scene
) -> None:
    holds(context, scene, tmp_path_factory.mktemp("sweep"))


@pytest.mark.feature("F3", "F4", "F5", "F6")
@pytest.mark.feature("EB-53")
@lot(REFUNDS)
def test_a_refund_goes_back_once(context: Flask, tmp_path_factory: pytest.TempPathFactory, scene: Scene) -> None:
    holds(context, scene, tmp_path_factory.mktemp("sweep"))


@pytest.mark.feature("F4", "F5", "F6")
@pytest.mark.feature("EB-21")
@lot(ISSUES)
def test_what_is_due_is_issued_once_without_a_gap_and_mailed_once(
    context: Flask, tmp_path_factory: pytest.TempPathFactory, scene: Scene
) -> None:
    holds(context, scene, tmp_path_factory.mktemp("sweep"))


@pytest.mark.feature("F4", "F13")
@lot(IMPORTS)
def test_a_statement_is_brought_in_once_and_each_line_pays_once(
    context: Flask, tmp_path_factory: pytest.TempPathFactory, scene: Scene
) -> None:
    holds(context, scene, tmp_path_factory.mktemp("sweep"))


@pytest.mark.feature("F4", "F5", "F6")
@pytest.mark.feature("MAH-7", "EB-23")
@lot(REMINDERS)
def test_a_reminder_is_sent_once_after_one_try_to_collect(
    context: Flask, tmp_path_factory: pytest.TempPathFactory, scene: Scene
) -> None:
    holds(context, scene, tmp_path_factory.mktemp("sweep"))


@pytest.mark.feature("F4", "EB-22")
def test_the_timetable_opens_the_run_of_a_day_once(context: Flask, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Between opening it and noting its slot: a second run would remind whoever was to wait for tomorrow."""
    with staged(context, SCENES["a dunning run"], tmp_path_factory.mktemp("sweep")) as stage:
        sweep(stage, lambda points: [n for n, point in enumerate(points, 1) if point.startswith("UPDATE timetable")])


# --- negative controls: without what guards it, the sweep fails ---


class Keyless(SandboxGateway):
    """A client that names every call anew, at a provider that makes nothing before it sets off."""

    def create(self, wish: ChargeWish) -> Charge | None:
        return None

    def confirm(self, wish: ChargeWish, charge_id: str) -> Charge:
        return super().confirm(replace(wish, key=uuid.uuid4().hex), "")

    def refund(self, wish: RefundWish) -> Refund:
        return super().refund(replace(wish, key=uuid.uuid4().hex))


@pytest.mark.feature("F3")
@pytest.mark.parametrize(("name", "call"), [("charged", "after confirm"), ("refunded", "after refund")])
def test_without_the_key_the_money_would_move_twice(
    context: Flask, tmp_path_factory: pytest.TempPathFactory, name: str, call: str
) -> None:
    with staged(context, SCENES[name], tmp_path_factory.mktemp("sweep")) as stage:
        whole = stage.side.gateway
        assert isinstance(whole, SandboxGateway)
        stage.side.gateway = providers.offered()["sandbox"] = Keyless(
            whole._store.path, "http://localhost", whole._clock
        )
        with pytest.raises(AssertionError, match="killed at point"):
            sweep(stage, lambda points: [points.index(call) + 1])


def commit_before(statement: str) -> Callable[[], None]:
    """The transaction falls into two at this statement."""

    def cut_in_two(connection: Connection, _cursor: object, text: str, *_: object) -> None:
        raw: Any = connection.connection.dbapi_connection
        if not text.startswith(statement):
            return
        raw.commit()
        if not POSTGRES:
            raw.execute("BEGIN IMMEDIATE")

    return lambda: event.listen(db.engine, "before_cursor_execute", cut_in_two)


@pytest.mark.feature("F4")
@pytest.mark.parametrize(
    ("name", "statement"),
    [("a bank statement", "INSERT INTO bank_matches"), ("a dunning run", "INSERT INTO dunning_stops")],
)
def test_without_the_one_transaction_something_would_be_left_in_halves(
    context: Flask, tmp_path_factory: pytest.TempPathFactory, name: str, statement: str
) -> None:
    with staged(context, SCENES[name], tmp_path_factory.mktemp("sweep")) as stage:
        stage.hurt = commit_before(statement)
        with pytest.raises(AssertionError, match="killed at point|code"):
            sweep(stage, lambda points: [points.index(statement) + 2])
