"""The list of features says of each row how far it is, and says it truly."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from commands import features
from commands.features import feature_rows, unknown
from config import ROOT
from tests.docs.pages import rows

PAGE = ROOT / "docs" / "features.md"
STATES = {"built", "begun", "later"}
SERIES = {
    "M1": 46, "P": 23, "M2": 43, "B": 36, "R": 36, "D": 13, "X": 22, "INV": 14, "RND": 6, "NUM": 2, "GOB": 6, "COR": 4,
    "RET": 1, "DSG": 6, "EIN": 9, "MAH": 8, "SEP": 9, "CON": 6, "EB": 65,
}  # fmt: skip
UNHYPHENED = {"L": 9, "S": 30, "F": 26}
TWO_DIGITS = frozenset({"M1", "P", "M2", "B", "R", "X"})


def state_of_rows() -> dict[str, str]:
    known = dict(feature_rows(PAGE))
    return {cells[0]: cells[2] for cells in rows(PAGE.read_text()) if cells[0] in known}


def test_every_id_that_a_test_names_is_a_row() -> None:
    assert unknown(dict(feature_rows(PAGE)), features.tests_by_feature(ROOT / "tests")) == []


def test_every_row_that_is_built_has_a_test_behind_it() -> None:
    tests = features.tests_by_feature(ROOT / "tests")
    bare = [key for key, state in state_of_rows().items() if state == "built" and not tests.get(key)]
    assert bare == []


def test_every_row_has_a_state() -> None:
    assert set(state_of_rows().values()) <= STATES
    assert state_of_rows().keys() == dict(feature_rows(PAGE)).keys()


def test_no_row_stands_twice() -> None:
    twice = [key for key, count in Counter(key for key, _ in feature_rows(PAGE)).items() if count > 1]
    assert twice == []


@pytest.mark.parametrize(("series", "last"), (SERIES | UNHYPHENED).items())
def test_every_series_is_complete(series: str, last: int) -> None:
    hyphen = "" if series in UNHYPHENED else "-"
    known = {key for key, _ in feature_rows(PAGE) if re.fullmatch(rf"{series}{hyphen}\d+", key)}
    digits = "02d" if series in TWO_DIGITS else "d"
    assert known == {f"{series}{hyphen}{n:{digits}}" for n in range(1, last + 1)}
