"""Files of large lists."""

from __future__ import annotations

from jobs import job
from services import exports


@job("paper")
def write_on(export_id: int) -> None:
    exports.work(export_id)
