"""The benchmark of papers compares what can be compared: the same words, drawn by us and by a bare call."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks import documents
from documents.invoice import draw_invoice


def test_it_reports_both_speeds_and_their_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "ROUNDS", 1)
    monkeypatch.setattr(documents, "LINES", (1,))
    (row,) = documents.cases("")
    assert row["lines"] == 1
    assert row["ratio"] == pytest.approx(row["bare_ms"] / row["ours_ms"], abs=0.02)
    assert min(row[name] for name in ("xml_built_per_s", "xml_checked_per_s", "archived_per_s")) > 0
    assert row["ours_per_s"] == pytest.approx(1000 / row["ours_ms"], rel=0.02)


def test_both_draw_the_same_paper(pages: Callable[[bytes], list[str]]) -> None:
    paper = documents._paper(3)
    ours, bare = pages(draw_invoice(paper)), pages(documents._bare(documents._bare_markup(paper)))
    assert len(ours) == len(bare) == 1
    assert sorted(ours[0].split()) == sorted(bare[0].split())
