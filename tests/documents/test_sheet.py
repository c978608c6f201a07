"""Drawing either gives a whole PDF or says why not, and leaves the process as it found it."""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from documents import sheet
from documents.errors import PaperError
from documents.invoice import draw_invoice
from documents.letter import stylesheet_text
from documents.pages import Imprint
from documents.paper import InvoicePaper, PaperLine
from documents.sheet import draw_sheet

MakePaper = Callable[..., InvoicePaper]
IMPRINT = Imprint("Titel", "Radwerk", "de", date(2026, 11, 21), "Seite {page} von {pages}")
RULES = stylesheet_text("#0b6b62")


@pytest.mark.feature("F9")
def test_a_paper_that_takes_too_long_is_given_up_with_a_reason(
    make_paper: MakePaper, make_line: Callable[..., PaperLine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet, "POLICY", replace(sheet.POLICY, max_render_seconds=0.01))
    with pytest.raises(PaperError) as failure:
        draw_invoice(make_paper(lines=(make_line(),) * 200))
    assert failure.value.code == "too_large"


@pytest.mark.feature("F9")
@pytest.mark.feature("S19")
def test_a_failure_names_its_kind_and_quotes_nothing() -> None:
    with pytest.raises(PaperError) as failure:
        draw_sheet("<html><body><p>Geheimname</body></html>", RULES, IMPRINT)
    assert failure.value.code == "drawing_failed"
    assert failure.value.facts == {"kind": "ExpatError"}
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__


@pytest.mark.feature("F9")
@pytest.mark.parametrize("place", ["brand", "buyer", "content"])
def test_a_picture_that_cannot_be_drawn_is_no_gap_in_the_paper_but_a_failure(place: str) -> None:
    broken = "<img src='data:image/png;base64,AAAA'/>"
    with pytest.raises(PaperError) as failure:
        draw_sheet(f"<html><body><div id='{place}'><p>x {broken}</p></div><p>y</p></body></html>", RULES, IMPRINT)
    assert failure.value.code == "drawing_failed"


@pytest.mark.feature("F9")
def test_a_place_that_cannot_be_painted_is_no_gap_in_the_paper_but_a_failure(
    make_paper: MakePaper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("Geheimname")

    monkeypatch.setattr("documents.pages._Page._storyHeight", fail)
    with pytest.raises(PaperError) as failure:
        draw_invoice(make_paper())
    assert failure.value.facts == {"kind": "RuntimeError"}


@pytest.mark.feature("F9")
def test_a_paper_of_no_known_kind_is_refused(make_paper: MakePaper) -> None:
    with pytest.raises(PaperError) as failure:
        draw_invoice(make_paper(kind="poem"))
    assert failure.value.code == "drawing_failed"


def test_after_a_failure_the_next_paper_is_drawn(make_paper: MakePaper) -> None:
    wanted = draw_invoice(make_paper())
    with pytest.raises(PaperError):
        draw_sheet("no markup", RULES, IMPRINT)
    assert draw_invoice(make_paper()) == wanted


@pytest.mark.parametrize("running", [True, False])
def test_the_collector_of_the_process_is_left_as_it_was(make_paper: MakePaper, running: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if running else gc.disable)()
        draw_invoice(make_paper())
        assert gc.isenabled() is running
    finally:
        (gc.enable if before else gc.disable)()


def test_papers_drawn_at_once_do_not_mix(make_paper: MakePaper) -> None:
    papers = [make_paper(number=f"RE-{n}", head={"accent": f"#0000{n:02d}"}, sandbox=n % 2 == 0) for n in range(4)]
    alone = [draw_invoice(paper) for paper in papers]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(draw_invoice, papers)) == alone


@pytest.mark.parametrize(
    ("accent", "rule", "words"),
    [
        ("#0b6b62", "#0b6b62", "#0b6b62"),
        ("#ffee00", "#9f9500", "#1d1f1e"),
        ("red; } @import url(http://127.0.0.1/x);", "#0b6b62", "#0b6b62"),
        ("#0b6b6", "#0b6b62", "#0b6b62"),
        ("#0b6b62\n", "#0b6b62", "#0b6b62"),
    ],
)
def test_the_accent_is_a_colour_and_words_stay_readable(accent: str, rule: str, words: str) -> None:
    css = stylesheet_text(accent)
    assert f"border-top: 1pt solid {rule};" in css
    assert f"font-weight: bold; color: {words} }}" in css
    assert "ACCENT" not in css.partition("*/")[2]


def test_the_stylesheet_uses_only_what_its_cache_can_know() -> None:
    rules = RULES.partition("*/")[2]
    assert "@" not in rules
    assert "inherit" not in rules


def test_a_line_too_tall_for_any_page_runs_on(make_paper: MakePaper, pages: Callable[[bytes], list[str]]) -> None:
    line: dict[str, Any] = {"description": "\n".join(f"Zeile {n}." for n in range(400))}
    drawn = " ".join(pages(draw_invoice(make_paper(line=line))))
    assert [n for n in range(400) if f"Zeile {n}." not in drawn] == []
