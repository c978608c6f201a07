"""The sweep: a scene is lived once undisturbed, then again and again with a process that is killed at its n-th point.

Afterwards the house lives on in another process: the timetable, the sweeper, the provider's news, and a person who got
no answer and does the same again. What has become of everything then must be what it became without the death.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from flask import Flask

from extensions import db
from services import clock, sealing
from services.checks import check_books
from tests.conftest import POSTGRES, copy_database, drop_database
from tests.faults import life
from tests.faults.crash_providers import SandboxSide, Side, StripeSide
from tests.faults.crash_scenes import Scene
from tests.faults.killing import lives_until
from tests.faults.outcome import Outcome, left_behind, outcome
from tests.gateways.stripe_world import StripeWorld
from tests.gateways.stripe_world import opened as stripe_world
from tests.services.charged import open_till
from tests.sweeps import FULL, SEED

NEVER = 0
SAMPLE = 2  # points of a scene in the ordinary run
MANY = 12  # in a full sweep, on PostgreSQL


def sweep(stage: Stage, at: Callable[[list[str]], list[int]] | None = None) -> None:
    """Whatever point it dies at, in the end it is as if nobody had died. `at` chooses the points by what they are."""
    stage.begin()  # a first time here, where what is learned stays
    points = stage.dies_at(NEVER)
    assert points is not None
    undisturbed = stage.recovered()
    assert stage.scene.told(undisturbed) == stage.scene.truth
    seen = set[str]()
    for nth in at(points) if at else chosen(points, coarse=stage.scene.is_coarse):
        assert stage.dies_at(nth) is None, f"point {nth} was never reached"
        state = stage.left_behind()
        if state not in seen:  # else its recovery was watched already
            seen.add(state)
            told = f"killed at point {nth} of {len(points)} ({points[nth - 1]}), seed {SEED}"
            assert differences(stage.recovered(), undisturbed) == {}, told


@contextmanager
def staged(app: Flask, scene: Scene, folder: Path) -> Iterator[Stage]:
    """The scene on its stage, cleared away afterwards. Papers stay empty."""
    with ExitStack() as around:
        around.enter_context(life.empty_papers())
        world = around.enter_context(stripe_world(folder)) if scene.by_stripe else None
        stage = Stage(app, scene, folder, world)
        around.callback(stage.kept.forget)
        yield stage


def chosen(points: list[str], *, coarse: bool = False) -> list[int]:
    """Every point in a full sweep, `coarse` those between which something became final; else a few, by the run's seed.

    PostgreSQL takes a tenth of a second to be laid back, so there it is always a sample.
    """
    numbers = range(1, len(points) + 1)
    final = [nth for nth in numbers if points[nth - 1].startswith(("before ", "after ", "commit"))]
    if FULL and not POSTGRES:
        return final if coarse else list(numbers)
    few = MANY if FULL else SAMPLE
    chance = random.Random(SEED)
    pick = chance.sample(final, min(few - 1, len(final))) + chance.sample(numbers, 1)
    return sorted(set(pick))


def differences(found: Outcome, wanted: Outcome) -> Outcome:
    """What became otherwise, with what it should have become."""
    return {name: [found[name], wanted[name]] for name in wanted if found[name] != wanted[name]}


class Stage:
    """One scene's house: its database, its provider's, and how both stood before it began."""

    def __init__(self, app: Flask, scene: Scene, folder: Path, world: StripeWorld | None = None) -> None:
        self.scene = scene
        self.hurt: Callable[[], object] = lambda: None  # what is wrong with the process that dies
        self.kept = Kept(app, folder / "kept")
        with clock.stand_at(scene.at):
            till = open_till(app, scene.first)
            self.side: Side = StripeSide(till, world) if world else SandboxSide(till)
            with life.bells():
                self.deed = scene.furnish(till, self.side)
        self.side.remember()
        self.kept.keep()

    def begin(self) -> None:
        life.begin(self.scene.at, self.deed, self.scene.entries, self.side.tell)

    def dies_at(self, nth: int) -> list[str] | None:
        """The scene, from its beginning, in a process that is killed at that point; its points where it was not."""
        self.lay_back()
        return lives_until(nth, self._hurt, self.side.gateway)

    def lay_back(self) -> None:
        """Everything as it was before the scene began, here and at the provider."""
        self.kept.lay_back()
        self.side.forget()

    def _hurt(self) -> None:
        self.hurt()
        self.begin()

    def recovered(self) -> Outcome:
        """What becomes of it afterwards, with the books proved."""
        scene = self.scene
        for number, pause in enumerate(scene.then):
            with clock.stand_at(scene.at + pause), life.bells():
                if self.deed is not None and not number and scene.is_asked_twice:
                    self.deed()
            life.live_on(scene.at + pause, scene.entries, self.side.tell)
        return self.proved()

    def proved(self) -> Outcome:
        """What has become of everything, once the books are proved."""
        with clock.stand_at(self.scene.at + self.scene.then[-1]):
            sealing.seal()
            found = check_books()
        assert found.ok, found.findings
        return outcome() | self.side.found()

    def left_behind(self) -> str:
        """Everything that stands in both databases, as one digest."""
        return left_behind() + repr(self.side.found())


class Kept:
    """A copy of all that the house has, to begin anew from."""

    def __init__(self, app: Flask, folder: Path) -> None:
        settings = app.config["KONTOR"]
        self.house, self.folder, self.url = settings.data_dir, folder, settings.database_url

    def keep(self) -> None:
        leave_database()
        shutil.copytree(self.house, self.folder)
        copy_database(self.url, self._aside)

    def lay_back(self) -> None:
        leave_database()
        for path in self.house.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(self.folder, self.house, dirs_exist_ok=True)
        copy_database(self._aside, self.url)

    def forget(self) -> None:
        leave_database()
        drop_database(self._aside)

    @property
    def _aside(self) -> str:
        head, mark, query = self.url.partition("?")
        return f"{head}_kept{mark}{query}"


def leave_database() -> None:
    """No connection stays: a file is copied whole, and a fork has none to share."""
    db.session.remove()
    db.engine.dispose()
