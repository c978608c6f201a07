"""Invoice numbers as payers write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.bank_numbers import MOST, Mention, mentions

RE = "RE-{YYYY}-{N:5}"


def strong(text: str, *patterns: str) -> set[str]:
    return {number for each in mentions(text, patterns or (RE,)) if not each.weak for number in each.numbers}


def weak(text: str, *patterns: str) -> set[str]:
    return {number for each in mentions(text, patterns or (RE,)) if each.weak for number in each.numbers}


@pytest.mark.feature("SEP-8")
@pytest.mark.parametrize("text", [
    "RE-2026-00012", "re-2026-00012", "Rechnung RE 2026 00012", "RE202600012", "RE-2026-000 12",
    "RE - 2026 - 00012", "Rg.RE-2026-00012/Nov", "RE\u20132026\u201300012", "RE-2026-\n00012", "DANKERE-2026-00012",
])  # fmt: skip
def test_a_number_is_found_however_it_is_written(text: str) -> None:
    assert "RE-2026-00012" in strong(text)


@pytest.mark.feature("SEP-8")
def test_several_numbers_in_one_payment_are_all_found() -> None:
    assert {"RE-2026-00012", "RE-2026-00013"} <= strong("RE-2026-00012, RE-2026-00013")
    assert {"RE-2026-00012", "RE-2026-00013"} <= strong("RE-2026-00012 RE-2026-00013")


@pytest.mark.feature("SEP-8")
@pytest.mark.parametrize("text", ["RE-2026-00012 01.11.2026", "RE-2026-00012 119,00", "RE-2026-0001201"])
def test_what_follows_a_number_does_not_hide_it(text: str) -> None:
    assert "RE-2026-00012" in strong(text)


@pytest.mark.feature("SEP-8")
def test_digits_alone_are_weak() -> None:
    assert weak("Kunde 10023", "{N:5}") == {"10023"} and not strong("Kunde 10023", "{N:5}")
    assert "RE-2026-00012" in weak("zu 2026-00012") and "RE-2026-00012" not in strong("zu 2026-00012")


@pytest.mark.parametrize(("pattern", "text", "number"), [
    ("{N}", "7", "7"), ("R{YY}{N:4}", "r 26 0007", "R260007"), ("{YYYY}/{N:3}-K", "2026/007-k", "2026/007-K"),
    ("A+B {N:2}", "a+b 07", "A+B 07"),
])  # fmt: skip
def test_every_pattern_of_a_number_range_is_found(pattern: str, text: str, number: str) -> None:
    found = {each for mention in mentions(f"x {text} y", [pattern]) for each in mention.numbers}
    assert number in found or text == "7" and number in {n for m in mentions(text, [pattern]) for n in m.numbers}


def test_a_number_of_no_range_is_looked_for_as_it_stands() -> None:
    assert Mention(("ALT/77",)) in mentions("zu ALT/77 danke", [RE])


@given(st.text(max_size=600))
def test_any_text_gives_a_bounded_number_of_mentions(text: str) -> None:
    found = mentions(text, [RE, "{N}", "{YYYY}{N:12}"])
    assert len(found) <= MOST and all(each.numbers for each in found)
