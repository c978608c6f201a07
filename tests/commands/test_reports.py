"""What the commands tell of tests and features."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands import features
from commands._passes import Result, Step, close, counted, side_by_side
from commands.test import environment

TABLE = """\
| id | feature |
|---|---|
| M1-07 | a customer is **added** |
| D-13 | dates of old |
| NUM-1 | numbers without gaps |
| S14 | limits | more |
| not an id | x |
"""

MODULE = """\
import pytest
pytestmark = pytest.mark.feature("D-13")

@pytest.mark.feature("M1-07", "NUM-1")
@pytest.mark.parametrize("x", [1])
def test_one(x): ...

class TestMany:
    @pytest.mark.feature("X-99")
    def test_two(self): ...
"""

SUITE = """
<testsuites><testsuite tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}"/></testsuites>
"""


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/features.md").write_text(TABLE)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_many.py").write_text(MODULE)
    monkeypatch.setattr(features, "ROOT", tmp_path)
    return tmp_path


def test_rows_of_the_list_are_found_by_their_ids(house: Path) -> None:
    rows = dict(features.feature_rows(house / "docs/features.md"))
    assert list(rows) == ["M1-07", "D-13", "NUM-1", "S14"]
    assert rows["M1-07"] == "a customer is **added**"


def test_each_row_has_the_tests_that_are_marked_with_it(house: Path) -> None:
    tests = features.tests_by_feature(house / "tests")
    assert tests["M1-07"] == tests["NUM-1"] == ["tests/test_many.py::test_one"]
    assert tests["D-13"] == ["tests/test_many.py::*"]


def test_a_mark_for_a_row_that_is_not_there_is_a_finding(house: Path) -> None:
    done = CliRunner().invoke(features.command)
    assert done.exit_code == 1
    assert "unknown id X-99" in done.output
    assert "3 of 4 rows have a test" in done.output


@pytest.mark.parametrize(
    ("tests", "failures", "errors", "skipped", "code", "passed", "failed"),
    [
        (10, 0, 0, 0, 0, 10, 0),
        (10, 2, 1, 3, 1, 4, 3),
        (10, 0, 0, 0, 3, 10, 1),  # pytest itself broke after its last test
        (0, 0, 0, 0, 5, 0, 1),  # no test was found: never green
    ],
)
def test_the_counts_are_those_of_pytest(
    tmp_path: Path, tests: int, failures: int, errors: int, skipped: int, code: int, passed: int, failed: int
) -> None:
    report = tmp_path / "report.xml"
    report.write_text(SUITE.format(tests=tests, failures=failures, errors=errors, skipped=skipped))
    assert counted("x", code, report) == Result("x", code, passed, failed, skipped)


def test_a_pass_without_a_report_is_a_failure_even_if_it_says_0(tmp_path: Path) -> None:
    assert counted("x", 0, tmp_path / "none.xml") == Result("x", 1, 0, 1)


@pytest.mark.parametrize(("code", "last"), [(0, "12 passed, 0 failed"), (1, "11 passed, 1 failed")])
def test_the_closing_line_adds_up_and_any_failure_is_the_exit_code(
    capsys: pytest.CaptureFixture[str], code: int, last: str
) -> None:
    results = [Result("lint", code, 1 - code, code), Result("SQLite", 0, 11, 0)]
    assert close(results) == code
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_steps_run_beside_one_another_and_each_says_its_words_in_one_piece(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each waits for the other's file, so neither could end alone."""
    wait = (
        "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch()\nprint('I wait')\n"
        "while not pathlib.Path(sys.argv[2]).exists(): time.sleep(0.01)\n"
        "print('for you'); sys.exit(int(sys.argv[3]))"
    )
    here, there = str(tmp_path / "here"), str(tmp_path / "there")
    beside = Step("beside", [sys.executable, "-c", wait, here, there, "1"])
    aloud = Step("aloud", [sys.executable, "-c", wait, there, here, "0"])
    assert side_by_side([beside], [aloud]) == [Result("beside", 1, 0, 1), Result("aloud", 0, 1, 0)]
    assert "--- beside\nI wait\nfor you\n" in capfd.readouterr().out


def test_a_long_run_names_its_slowest_tests(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.xml"
    cases = "".join(f'<testcase classname="tests.test_x" name="test_{n}" time="{n}.5"/>' for n in range(30))
    report.write_text(f'<testsuites><testsuite tests="30">{cases}</testsuite></testsuites>')
    close([counted("x", 0, report, 61.0)], seconds=601.0, cpu=1000.0)
    said = capsys.readouterr().out
    assert "30 passed, 0 failed, 0 skipped in 1:01\n10:01 by the clock, 16:40 of CPU" in said
    assert "29.5 s  tests.test_x.test_29" in said and said.count(" s  tests.test_x") == 10


def test_in_ci_nothing_may_be_left_out_for_lack_of_a_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("DATABASE_URL", "postgresql://production")
    told = environment(full=True)
    assert told["KONTOR_REQUIRE_BROWSER"] == told["KONTOR_REQUIRE_POSTGRES"] == "1"
    assert told["KONTOR_SWEEP"] == "full"
    assert "DATABASE_URL" not in told
