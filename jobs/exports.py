"""Files of large lists, and of all that there is about one customer."""

from __future__ import annotations

from jobs import job
from services import customer_exports, exports


@job("paper")
def write_on(export_id: int) -> None:
    exports.work(export_id)


@job("paper")
def write_profile(export_id: int) -> None:
    customer_exports.work(export_id)
