"""`.venv` is made once, by one caller at a time, and made again where it was left half finished."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import click
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bootstrap.environment import MARK, STAMP, Environment, ensure, pip_install
from commands.__main__ import main, module_names
from config import ROOT


class Installer:
    """Stands in for pip: puts one file into the environment and counts its calls."""

    def __init__(self, seconds: float = 0.0, fails: bool = False) -> None:
        self.calls = 0
        self.seconds = seconds
        self.fails = fails

    def __call__(self, environment: Environment, lock: int) -> None:
        self.calls += 1
        time.sleep(self.seconds)
        if self.fails:
            raise KeyboardInterrupt
        (environment.folder / "installed").write_text(environment.requirements.read_text())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "requirements.txt").write_text("flask==1\n")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\npytest==1\n")
    return tmp_path


def test_the_first_call_makes_it_and_the_second_does_nothing(root: Path) -> None:
    pip = Installer()
    ensure(Environment(root), pip)
    ensure(Environment(root), pip)
    assert pip.calls == 1
    assert subprocess.check_output([root / ".venv/bin/python", "-c", "print(6 * 7)"], text=True) == "42\n"


def test_changed_pins_are_installed(root: Path) -> None:
    pip = Installer()
    ensure(Environment(root), pip)
    (root / "requirements.txt").write_text("flask==2\n")
    ensure(Environment(root), pip)
    assert pip.calls == 2
    assert (root / ".venv/installed").read_text() == "flask==2\n"


def test_the_tests_packages_come_with_the_first_test_and_stay(root: Path) -> None:
    pip = Installer()
    ensure(Environment(root), pip)
    ensure(Environment(root, dev=True), pip)
    assert pip.calls == 2
    ensure(Environment(root), pip)
    ensure(Environment(root, dev=True), pip)
    assert pip.calls == 2


def test_a_new_pin_does_not_make_it_forget_the_tests_packages(root: Path) -> None:
    pip = Installer()
    ensure(Environment(root, dev=True), pip)
    (root / "requirements.txt").write_text("flask==2\n")
    ensure(Environment(root), pip)
    assert Environment(root, dev=True).is_ready()


def test_an_environment_killed_in_the_making_is_made_again_from_nothing(root: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        ensure(Environment(root), Installer(fails=True))
    (root / ".venv/half-a-package").touch()
    assert not Environment(root).is_ready()
    ensure(Environment(root), Installer())
    assert not (root / ".venv/half-a-package").exists()
    assert Environment(root).is_ready()


def test_a_folder_killed_before_its_interpreter_was_there_is_made_again(root: Path) -> None:
    (root / ".venv").mkdir()
    ensure(Environment(root), Installer())
    assert Environment(root).is_ready()


@pytest.mark.parametrize("content", ["", "{", "[]", '"x"', "{}"])
def test_a_damaged_stamp_counts_as_none(root: Path, content: str) -> None:
    pip = Installer()
    ensure(Environment(root), pip)
    (root / ".venv" / STAMP).write_text(content)
    ensure(Environment(root), pip)
    assert pip.calls == 2


def test_an_environment_whose_python_has_gone_is_made_again(root: Path) -> None:
    ensure(Environment(root), Installer())
    python = root / ".venv/bin/python"
    python.unlink()
    python.symlink_to(root / "a-python-that-was-removed")
    ensure(Environment(root), Installer())
    assert python.resolve() == Path(sys.executable).resolve()


def test_of_two_first_calls_at_once_one_installs_and_the_other_waits(root: Path) -> None:
    pip = Installer(seconds=0.5)
    callers = [threading.Thread(target=ensure, args=(Environment(root), pip)) for _ in range(2)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert pip.calls == 1
    assert json.loads((root / ".venv" / STAMP).read_text()).keys() == {"interpreter", "runtime"}
    assert not (root / ".venv" / MARK).exists()


def test_the_bundled_pip_installs_without_a_pip_of_the_machine(root: Path) -> None:
    """A wheel of our own, so that no registry is asked."""
    (root / "bootstrap").symlink_to(ROOT / "bootstrap")
    wheel = _make_wheel(root, "kontor_probe")
    (root / "requirements.txt").write_text(f"kontor-probe @ {wheel.as_uri()}\n")
    ensure(Environment(root), pip_install)
    said = subprocess.check_output([root / ".venv/bin/python", "-c", "import kontor_probe as p; print(p.WORD)"])
    assert said == b"present\n"
    assert not list((root / ".venv").rglob("site-packages/pip"))


def test_packages_that_cannot_be_had_end_in_a_sentence_and_a_fresh_try(root: Path) -> None:
    (root / "bootstrap").symlink_to(ROOT / "bootstrap")
    (root / "requirements.txt").write_text("./not-there-1.0-py3-none-any.whl\n")
    with pytest.raises(SystemExit, match="could not be installed"):
        ensure(Environment(root), pip_install)
    assert not Environment(root).is_ready()


def test_the_command_works_from_any_folder_and_ignores_modules_that_lie_there(tmp_path: Path) -> None:
    (tmp_path / "commands.py").write_text("raise SystemExit('a stranger')")
    (tmp_path / "click.py").write_text("raise SystemExit('a stranger')")
    done = subprocess.run([ROOT / "kontor", "--help"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0
    assert "start" in done.stdout and "api-key" in done.stdout


def test_help_is_quick_because_the_house_is_not_imported() -> None:
    probe = "import sys; from commands.__main__ import main as m; m(['-h'], standalone_mode=False); print(*sys.modules)"
    loaded = set(subprocess.check_output([sys.executable, "-c", probe], cwd=ROOT, text=True).split())
    assert not loaded & {"flask", "sqlalchemy", "redis", "rq", "waitress", "app", "models", "services"}


def test_every_command_explains_itself() -> None:

    for name in module_names():
        command = main.get_command(click.Context(main), name)
        assert command is not None and command.get_short_help_str(), name


def test_no_registry_is_named_in_what_is_installed_from() -> None:
    """pip asks where the machine's own configuration says; a pin is a name and a version, nothing else."""
    for file in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / file).read_text().splitlines():
            pin = line.partition("#")[0].strip()
            assert not pin or pin == "-r requirements.txt" or pin.count("==") == 1, line
            assert os.sep not in pin and ":" not in pin, line


def test_what_the_pins_need_is_pinned_too() -> None:
    """Otherwise an environment made tomorrow would not be the one that was tested today."""
    pinned = {canonicalize_name(line.partition("==")[0]) for line in _pins("requirements.txt")}
    for name in pinned:
        for needed in map(Requirement, distribution(name).requires or []):
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                assert canonicalize_name(needed.name) in pinned, f"{name} needs {needed}"


def test_what_is_installed_is_what_is_pinned() -> None:
    for line in _pins("requirements.txt") + _pins("requirements-dev.txt"):
        name, _, version = line.partition("==")
        assert distribution(name).version == version


def _pins(file: str) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in (ROOT / file).read_text().splitlines())
    return [line for line in lines if "==" in line]


def _make_wheel(folder: Path, name: str) -> Path:
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", "WORD = 'present'\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path
