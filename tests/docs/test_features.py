"""The list of features says of each row how far it is, and says it truly."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

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


# Rows of the customer record outside its own series.
OF_THE_RECORD = {"X-19", "X-22", "D-4", "D-5", "D-6", "D-10", "D-11", "D-12"}


def told_of_rows() -> dict[str, tuple[str, str]]:
    """Of each row its state, and what is said to be missing."""
    known = dict(feature_rows(PAGE))
    told = {cells[0]: cells[2].partition(":") for cells in rows(PAGE.read_text()) if cells[0] in known}
    return {key: (state.strip(), why.strip()) for key, (state, _, why) in told.items()}


@cache
def marked_tests() -> dict[str, list[str]]:
    """Read once: three hundred files."""
    return features.tests_by_feature(ROOT / "tests")


def state_of_rows() -> dict[str, str]:
    return {key: state for key, (state, _) in told_of_rows().items()}


def test_every_id_that_a_test_names_is_a_row() -> None:
    assert unknown(dict(feature_rows(PAGE)), marked_tests()) == []


def test_every_row_that_is_built_has_a_test_behind_it() -> None:
    tests = marked_tests()
    bare = [key for key, state in state_of_rows().items() if state == "built" and not tests.get(key)]
    assert bare == []


def test_every_row_has_a_state() -> None:
    assert set(state_of_rows().values()) <= STATES
    assert state_of_rows().keys() == dict(feature_rows(PAGE)).keys()


def test_what_is_only_begun_of_the_customer_record_has_a_test_and_says_what_is_missing() -> None:
    tests = marked_tests()
    begun = {key: why for key, (state, why) in told_of_rows().items()
             if state == "begun" and (key.startswith(("P-", "R-")) or key in OF_THE_RECORD)}  # fmt: skip
    assert [key for key, why in begun.items() if not why or not tests.get(key)] == []


def test_no_row_stands_twice() -> None:
    twice = [key for key, count in Counter(key for key, _ in feature_rows(PAGE)).items() if count > 1]
    assert twice == []


@pytest.mark.parametrize(("series", "last"), (SERIES | UNHYPHENED).items())
def test_every_series_is_complete(series: str, last: int) -> None:
    hyphen = "" if series in UNHYPHENED else "-"
    known = {key for key, _ in feature_rows(PAGE) if re.fullmatch(rf"{series}{hyphen}\d+", key)}
    digits = "02d" if series in TWO_DIGITS else "d"
    assert known == {f"{series}{hyphen}{n:{digits}}" for n in range(1, last + 1)}
