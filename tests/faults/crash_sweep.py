"""The sweep: a scene is lived once undisturbed, then again and again with a process that is killed at its n-th point.

Afterwards the house lives on in another process: the timetable, the sweeper, the provider's news, and a person who got
no answer and does the same again. What has become of everything then must be what it became without the death.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path

from flask import Flask

from extensions import db
from services import clock, sealing
from services.checks import check_books
from tests.conftest import copy_database, drop_database
from tests.faults import life
from tests.faults.crash_providers import SandboxSide, Side, StripeSide
from tests.faults.crash_scenes import Scene
from tests.faults.lives import Life, living
from tests.faults.outcome import Outcome, left_behind, outcome
from tests.gateways.stripe_world import StripeWorld
from tests.gateways.stripe_world import opened as stripe_world
from tests.services.charged import open_till
from tests.sweeps import FULL, SEED

NEVER = 0
SAMPLE = 2  # points of a scene in the ordinary run


def sweep(stage: Stage, at: Callable[[list[str]], list[int]] | None = None) -> None:
    """Whatever point it dies at, in the end it is as if nobody had died. `at` chooses the points by what they are."""
    stage.begin()  # a first time here, where what is learned stays
    points = stage.passes()
    undisturbed = stage.recovered()
    assert stage.scene.told(undisturbed) == stage.scene.truth
    seen = set[str]()
    for nth, state in stage.deaths(at(points) if at else chosen(points)):
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
        around.callback(stage.forget)
        yield stage


def chosen(points: list[str]) -> list[int]:
    """Every point in a full sweep; else a few, by the run's seed, most of them where something had become final."""
    numbers = range(1, len(points) + 1)
    if FULL:
        return list(numbers)
    final = [nth for nth in numbers if points[nth - 1].startswith(("before ", "after ", "commit"))]
    chance = random.Random(SEED)
    pick = chance.sample(final, min(SAMPLE - 1, len(final))) + chance.sample(numbers, 1)
    return sorted(set(pick))


def differences(found: Outcome, wanted: Outcome) -> Outcome:
    """What became otherwise, with what it should have become."""
    return {name: [found[name], wanted[name]] for name in wanted if found[name] != wanted[name]}


class Stage:
    """One scene's house: its database, its provider's, and how both stood before it began."""

    def __init__(self, app: Flask, scene: Scene, folder: Path, world: StripeWorld | None = None) -> None:
        self.scene = scene
        self.hurt: Callable[[], object] = lambda: None  # what is wrong with the process that dies
        self.halts: list[int] = []  # points passed at each halt of the life that nobody disturbs
        self.was_lived_on = False
        with clock.stand_at(scene.at):
            till = open_till(app, scene.first)
            self.side: Side = StripeSide(till, world) if world else SandboxSide(till)
            with life.bells():
                self.deed = scene.furnish(till, self.side)
        self.kept = Kept(app, self.side, folder, "kept")
        self.here = Kept(app, self.side, folder, "here")
        self.kept.keep()

    def begin(self) -> None:
        life.begin(self.scene.at, self.deed, self.scene.entries, self.side.tell)

    def lay_back(self) -> None:
        """Everything as it was before the scene began, here and at the provider."""
        self.kept.lay_back()

    def forget(self) -> None:
        self.kept.forget()
        self.here.forget()

    def passes(self) -> list[str]:
        """The scene from its beginning, in a process that nobody kills: its points."""
        self.lay_back()
        with living(self._hurt, self.side.gateway) as one:
            self.halts = list(one.halts())
        return one.points

    def deaths(self, points: list[int]) -> Iterator[tuple[int, str]]:
        """Somebody dies at each of these points; what was left behind, which may be lived on with meanwhile."""
        self.lay_back()
        with living(self._hurt, self.side.gateway) as one:
            for place, until in zip(one.halts(), [*self.halts[1:], points[-1]], strict=False):
                ahead = [nth for nth in points if place < nth <= until]
                if ahead:
                    yield from self._deaths_from(place, ahead, one)
                if until >= points[-1]:
                    return

    def _deaths_from(self, place: int, points: list[int], one: Life) -> Iterator[tuple[int, str]]:
        """Of doubles, who leave the house to each other as it stands now."""
        before = self.left_behind()
        self.here.keep()
        for nth in points:
            assert one.dies(nth - place), f"point {nth} was never reached"
            state, self.was_lived_on = self.left_behind(), False
            yield nth, state
            if state != before or self.was_lived_on:
                self.here.lay_back()

    def _hurt(self) -> None:
        self.hurt()
        self.begin()

    def recovered(self) -> Outcome:
        """What becomes of it afterwards, with the books proved."""
        scene, self.was_lived_on = self.scene, True
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
        """Everything that stands in both databases, and the names of what was stored, as one digest."""
        stored = sorted(path.name for path in (self.kept.house / "files").rglob("*"))
        return sha256(f"{left_behind()} {self.side.mind()} {stored}".encode()).hexdigest()


class Kept:
    """A copy of all that the house and its provider have, to begin anew from."""

    def __init__(self, app: Flask, side: Side, folder: Path, name: str) -> None:
        settings = app.config["KONTOR"]
        self.house, self.url, self.side = settings.data_dir, settings.database_url, side
        self.folder, self.name = folder / name, name

    def keep(self) -> None:
        leave_database()
        self.remembered = self.side.remembered()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.house, self.folder)
        copy_database(self.url, self._aside)

    def lay_back(self) -> None:
        leave_database()
        for path in self.house.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(self.folder, self.house, dirs_exist_ok=True)
        copy_database(self._aside, self.url)
        self.side.forget(self.remembered)

    def forget(self) -> None:
        leave_database()
        drop_database(self._aside)

    @property
    def _aside(self) -> str:
        head, mark, query = self.url.partition("?")
        return f"{head}_{self.name}{mark}{query}"


def leave_database() -> None:
    """No connection stays: a file is copied whole, and a fork has none to share."""
    db.session.remove()
    db.engine.dispose()
