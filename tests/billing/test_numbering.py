"""A number is made of a pattern, a year and a counter; the counter is never cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import Invalid
from billing.numbering import MAX_LENGTH, format_number, preview, validate_pattern


@pytest.mark.feature("NUM-1")
@pytest.mark.parametrize(
    ("pattern", "n", "number"),
    [
        ("RE-{YYYY}-{N:5}", 7, "RE-2026-00007"),
        ("RE-{YYYY}-{N:5}", 123456, "RE-2026-123456"),
        ("{YY}{N:4}", 42, "260042"),
        ("{N}", 1000, "1000"),
        ("K/{N:1}", 12, "K/12"),
        ("pm{N}", 108, "pm108"),
    ],
)
def test_a_number_follows_its_pattern(pattern: str, n: int, number: str) -> None:
    assert format_number(pattern, 2026, n) == number


@pytest.mark.feature("M1-34")
@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("RE-{YYYY}", "pattern_without_counter"),
        ("", "pattern_without_counter"),
        ("{N}-{N}", "pattern_without_counter"),
        ("RE-{MM}-{N}", "pattern_unreadable"),
        ("RE-{N", "pattern_unreadable"),
        ("RE-{n}", "pattern_unreadable"),
        ("100%s{N}", "pattern_unreadable"),
        ("{YYYY:2}{N}", "pattern_unreadable"),
        ("Ü{N}", "pattern_unreadable"),
        ("A\n{N}", "pattern_unreadable"),
        ("<b>{N}", "pattern_unreadable"),
        ("{N:0}", "counter_width_out_of_range"),
        ("{N:13}", "counter_width_out_of_range"),
        ("R" * 28 + "{N}", "pattern_too_long"),
    ],
)
def test_a_pattern_that_makes_no_numbers_is_refused(pattern: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        validate_pattern(pattern)
    assert (refused.value.field, refused.value.code) == ("pattern", code)


@pytest.mark.parametrize(("year", "n"), [(2026, -1), (0, 1), (10000, 1)])
def test_no_number_without_a_counter_and_a_year(year: int, n: int) -> None:
    with pytest.raises(Invalid):
        format_number("{N}", year, n)


def test_a_number_that_has_grown_too_long_is_refused() -> None:
    with pytest.raises(Invalid, match="number_too_long"):
        format_number("R" * 27 + "{N}", 2026, 1000)
    assert len(format_number("R" * 27 + "{N}", 2026, 999)) == MAX_LENGTH


def test_the_settings_page_shows_the_next_three() -> None:
    assert preview("RE-{YYYY}-{N:3}", 2026, 9) == ["RE-2026-009", "RE-2026-010", "RE-2026-011"]


@pytest.mark.feature("NUM-1")
@given(st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from(["RE-{YYYY}-{N:5}", "{N:3}/{YY}", "{YYYY}{N}"]))
def test_two_counters_never_make_one_number(left: int, right: int, pattern: str) -> None:
    assert (format_number(pattern, 2026, left) == format_number(pattern, 2026, right)) == (left == right)
