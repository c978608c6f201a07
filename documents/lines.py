"""The table of an invoice's lines: its last line stays with the sums, so that no page holds a total alone."""

from __future__ import annotations

from typing import Any, Final

from reportlab.platypus import Flowable
from xhtml2pdf.xhtml2pdf_reportlab import PmlTable

from documents.pages import SHORTEST_PAGE

_BETWEEN: Final = 12.0  # points: more than the distance between lines and sums


class Lines(PmlTable):
    """Where the lines would fit and the sums behind them would not, the last line goes to the next page with them."""

    sums: Flowable | None = None

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """The size; a height beyond what there is asks the document to split the table."""
        wide, high = super().wrap(width, height)
        return (wide, height + 1) if self._has_to_part(width, height, high) else (wide, high)

    def split(self, width: float, height: float) -> list[Any]:
        high = super().wrap(width, height)[1]
        parting = self._has_to_part(width, height, high)
        if parting and len(self._rowHeights) <= self._heads() + 1:
            return []  # a line alone: as it is to the next page
        parts: list[Any] = super().split(width, high - self._rowHeights[-1] / 2 if parting else height)
        if parts:
            parts[-1].sums = self.sums
        return parts

    def _has_to_part(self, width: float, height: float, high: float) -> bool:
        if self.sums is None or high > height:
            return False
        # What is kept together claims to be endless, so that the document asks it: its content is measured instead.
        content = getattr(self.sums, "_content", [self.sums])
        behind = sum(each.wrapOn(self.canv, width, SHORTEST_PAGE)[1] for each in content) + _BETWEEN
        together = sum(self._rowHeights[: self._heads()]) + self._rowHeights[-1] + behind
        return high + behind > height and together <= SHORTEST_PAGE

    def _heads(self) -> int:
        """Rows that are repeated on every page."""
        return int(self.repeatRows or 0)


def keep_sums_with_lines(story: list[Flowable]) -> None:
    """Let the table with a head in the story, if there is one, mind what stands behind it."""
    for table, behind in zip(story, story[1:], strict=False):
        if type(table) is PmlTable and table.repeatRows:
            table.__class__ = Lines
            table.sums = behind
