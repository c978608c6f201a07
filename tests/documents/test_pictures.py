"""Papers look as they looked when a person last looked at them; draw the pictures anew after a wanted change."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.documents.cases import cases
from tests.documents.conftest import LINE, drawn
from tests.documents.pictures import FOLDER, TOLERANCE, difference, kept, pictures


@pytest.mark.parametrize("name", cases())
def test_each_paper_looks_like_its_kept_picture(name: str) -> None:
    found, wanted = pictures(drawn(cases()[name])), kept(name)
    assert len(found) == len(wanted)
    assert [difference(*pair) <= TOLERANCE for pair in zip(found, wanted, strict=True)] == [True] * len(found)


def test_a_shifted_total_and_another_figure_are_noticed() -> None:
    paper = cases()["one-line"]
    (wanted,) = kept("one-line")
    shifted = replace(paper, lines=(replace(LINE, description="Durchsicht\nPannenhilfe"),))
    for other in (shifted, replace(paper, gross_cents=146907 + 50000), replace(paper, taxes=())):
        assert difference(pictures(drawn(other))[0], wanted) > TOLERANCE


def test_every_kept_picture_belongs_to_a_case() -> None:
    assert {path.name.partition(".")[0] for path in FOLDER.glob("*.png")} == set(cases())
    assert Decimal(sum(path.stat().st_size for path in FOLDER.glob("*.png"))) < 400_000
