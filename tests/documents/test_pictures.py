"""Papers look as they looked when a person last looked at them; draw the pictures anew after a wanted change."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from documents.reminder import draw_reminder
from tests.documents.cases import cases
from tests.documents.conftest import LINE, drawn
from tests.documents.pictures import FOLDER, TOLERANCE, difference, kept, pictures
from tests.documents.reminder_cases import FIRST, reminder_cases


@pytest.mark.parametrize("name", cases())
def test_each_paper_looks_like_its_kept_picture(name: str) -> None:
    assert looks_as_kept(drawn(cases()[name]), name)


@pytest.mark.feature("M2-13")
@pytest.mark.parametrize("name", reminder_cases())
def test_each_reminder_looks_like_its_kept_picture(name: str) -> None:
    assert looks_as_kept(draw_reminder(reminder_cases()[name]), name)


def test_another_day_to_pay_on_a_reminder_is_noticed() -> None:
    later = replace(FIRST, pay_until=FIRST.reminded_on, items=(replace(FIRST.items[0], cents=1),))
    assert not looks_as_kept(draw_reminder(later), "reminder-first")


def test_a_shifted_total_and_another_figure_are_noticed() -> None:
    paper = cases()["one-line"]
    (wanted,) = kept("one-line")
    shifted = replace(paper, lines=(replace(LINE, description="Durchsicht\nPannenhilfe"),))
    for other in (shifted, replace(paper, gross_cents=146907 + 50000), replace(paper, taxes=())):
        assert difference(pictures(drawn(other))[0], wanted) > TOLERANCE


def test_every_kept_picture_belongs_to_a_case() -> None:
    assert {path.name.partition(".")[0] for path in FOLDER.glob("*.png")} == {*cases(), *reminder_cases()}
    assert Decimal(sum(path.stat().st_size for path in FOLDER.glob("*.png"))) < 460_000


def looks_as_kept(pdf: bytes, name: str) -> bool:
    found, wanted = pictures(pdf), kept(name)
    return len(found) == len(wanted) and all(difference(*pair) <= TOLERANCE for pair in zip(found, wanted, strict=True))
