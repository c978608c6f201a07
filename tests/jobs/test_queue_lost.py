"""The queue is emptied in the middle of a run, or its worker is killed: the tables know what is left (F5, F6)."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from flask import Flask, current_app
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from commands.worker import work as work_until_told
from extensions import QUEUE_NAMES, queues
from jobs import schedule
from services import billing_run, clock, dunning_run, sweep
from tests.faults.crash_scenes import SCENES
from tests.faults.crash_sweep import NEVER, Stage, differences, staged
from tests.faults.killing import lives_until
from tests.faults.outcome import Outcome
from tests.faults.power import at_statement
from tests.jobs.conftest import Work
from tests.servers import QueueServer, queue_server
from tests.sweeps import some

RUNS = [SCENES[name] for name in ("charged", "a billing run", "a dunning run")]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a run has several of them."""
    monkeypatch.setattr(billing_run, "CHUNK", 1)
    monkeypatch.setattr(dunning_run, "CHUNK", 2)


@pytest.fixture
def queue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueueServer]:
    """Beside the house's folder, which is laid back while the server goes on."""
    with queue_server(tmp_path_factory.mktemp("queue")) as running:
        yield running


def with_scenes(count: int) -> pytest.MarkDecorator:
    """So many of them in the ordinary run."""
    return pytest.mark.parametrize("stage", some(RUNS, count), indirect=True, ids=lambda scene: scene.name)


@pytest.fixture
def stage(request: pytest.FixtureRequest, house: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(house, request.param, tmp_path_factory.mktemp("kept")) as made:
        yield made


def worker() -> SimpleWorker:
    """Named by its process: chance is the same in all of them here."""
    names = [queues.get(name) for name in QUEUE_NAMES]
    return SimpleWorker(names, name=f"worker-{os.getpid()}", connection=queues.connection, serializer=JSONSerializer)


@contextmanager
def begun(stage: Stage) -> Iterator[None]:
    """The scene's beginning over the real queue: somebody has rung, nobody has heard it yet."""
    with clock.stand_at(stage.scene.at):
        if stage.deed is not None:
            stage.deed()
        schedule.tick(current_app, stage.scene.entries)
        yield


def lives_on(stage: Stage, work: Work) -> Outcome:
    for pause in stage.scene.then:
        with clock.stand_at(stage.scene.at + pause):
            schedule.tick(current_app, stage.scene.entries)
            work()
            stage.side.tell()
            sweep.sweep()
            work()
    return stage.proved()


def nothing_happens(stage: Stage, work: Work) -> Outcome:
    with begun(stage):
        work()
    return lives_on(stage, work)


@pytest.mark.feature("F6", "X-02")
@with_scenes(3)
def test_emptied_in_the_middle_of_a_run_it_loses_nothing(stage: Stage, work: Work) -> None:
    undisturbed = nothing_happens(stage, work)
    assert stage.scene.told(undisturbed) == stage.scene.truth
    for nth in some(range(1, 120, 7), 1):
        stage.lay_back()
        # A worker that finds its own job gone may die; the supervisor starts another.
        with begun(stage), at_statement(nth, queues.connection.flushall), suppress(Exception):
            work()
        queues.connection.flushall()
        assert differences(lives_on(stage, work), undisturbed) == {}, f"emptied at statement {nth}"


@pytest.mark.feature("F5", "EB-26")
@with_scenes(1)
def test_what_a_killed_worker_held_comes_back_from_the_tables(stage: Stage, work: Work) -> None:
    undisturbed = nothing_happens(stage, work)

    def works() -> None:
        worker().work(burst=True, logging_level="WARNING")

    for nth in some(range(5, 60, 6), 1):
        stage.lay_back()
        with begun(stage):
            assert lives_until(nth, works, stage.side.gateway) is None
        assert differences(lives_on(stage, work), undisturbed) == {}, f"killed at point {nth}"


@pytest.mark.feature("F23")
@with_scenes(1)
def test_a_worker_that_is_told_to_stop_finishes_its_job_and_leaves_the_others_to_the_next(
    stage: Stage, work: Work
) -> None:
    undisturbed = nothing_happens(stage, work)

    def is_told_to_stop() -> None:
        """In the middle of its first job; it goes by itself."""
        with at_statement(10, lambda: os.kill(os.getpid(), signal.SIGTERM)):
            work_until_told(current_app._get_current_object(), ["now", "money"])

    stage.lay_back()
    with begun(stage):
        assert lives_until(NEVER, is_told_to_stop, stage.side.gateway) is not None
    assert differences(lives_on(stage, work), undisturbed) == {}
