"""The months of the overview."""

from __future__ import annotations

from jobs import job
from services import figures


@job("paper")
def refresh() -> None:
    figures.refresh()
