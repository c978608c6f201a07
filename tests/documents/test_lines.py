"""No page holds a total alone: the last line goes with the sums, however many lines there are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.documents.cases import cases
from tests.documents.conftest import drawn, of_lines
from tests.sweeps import FULL


@pytest.mark.parametrize("count", range(1, 41) if FULL else (1, 4, 5, 6, 7, 8, 20, 22))
def test_the_page_with_the_total_holds_a_line(count: int, pages: Callable[[bytes], list[str]]) -> None:
    texts = pages(drawn(of_lines(count)))
    last = next(text for text in texts if "Rechnungsbetrag" in text)
    assert f"Posten {count} " in last
    assert "Beschreibung" in last, "and its table has its head"
    assert [sum(text.count(f"Posten {n} ") for text in texts) for n in (1, count)] == [1, 1], "each line once"
    for first, end in (("Nettobetrag", "Rechnungsbetrag"), ("Bitte überweisen", "Verwendungszweck")):
        assert [first in page for page in texts] == [end in page for page in texts], "and nothing is torn apart"


def test_every_sample_is_right_to_the_cent() -> None:
    for name, paper in cases().items():
        for line in paper.lines:
            assert line.quantity * line.unit_price * 100 == line.amount_cents, (name, line.title)
        assert sum(line.amount_cents for line in paper.lines) == paper.net_cents, name
        assert (sum(tax.net_cents for tax in paper.taxes), sum(tax.tax_cents for tax in paper.taxes)) == (
            paper.net_cents, paper.tax_cents,
        ), name  # fmt: skip
