"""What whoever started the house for the first time reads while nothing answers yet."""

from __future__ import annotations

from pathlib import Path

from commands._waiting import FOUNDING, FOUNDING_SLOW_AFTER, SLOW_AFTER, Waiting

LOGS = Path("var/log")


def heard(waiting: Waiting, seconds: range, *, is_founding: bool) -> list[str]:
    return list(filter(None, (waiting.say(float(now), is_founding=is_founding) for now in seconds)))


def test_the_making_of_the_demo_company_is_told_at_once_and_is_no_trouble() -> None:
    assert heard(Waiting(LOGS, 0.0), range(0, int(FOUNDING_SLOW_AFTER)), is_founding=True) == [FOUNDING]
    assert "sixty customers" in FOUNDING and "minute" in FOUNDING and "not answer" not in FOUNDING


def test_one_that_is_really_late_is_told_once_with_the_place_to_look() -> None:
    told = heard(Waiting(LOGS, 0.0), range(0, 3 * int(FOUNDING_SLOW_AFTER)), is_founding=True)
    assert [sentence.partition(";")[0] for sentence in told[1:]] == ["The demo company is still being made"]
    assert told[1].endswith("var/log")


def test_a_house_that_makes_no_demo_and_does_not_answer_says_so_once() -> None:
    waiting = Waiting(LOGS, 0.0)
    assert heard(waiting, range(0, int(SLOW_AFTER) + 1), is_founding=False) == []
    assert heard(waiting, range(int(SLOW_AFTER) + 1, 900), is_founding=False) == [
        "Kontor does not answer yet; the reasons stand in var/log"
    ]


def test_after_the_founding_the_house_has_its_minute_again() -> None:
    waiting = Waiting(LOGS, 0.0)
    heard(waiting, range(0, 300), is_founding=True)
    assert heard(waiting, range(300, 300 + int(SLOW_AFTER)), is_founding=False) == []
    assert len(heard(waiting, range(360, 400), is_founding=False)) == 1
