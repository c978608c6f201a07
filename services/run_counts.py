"""What a run, a chunk of it or one call of it did, in documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from billing.invoices import Totals
from models import RunChunk


@dataclass(slots=True)
class Counts:
    """Documents due = issued + skipped + failed (EB-26); `totals` maps a currency to [net, gross] in cents."""

    due: int = 0
    issued: int = 0
    skipped: int = 0
    failed: int = 0
    totals: dict[str, list[int]] = field(default_factory=dict)

    def add(self, other: Counts) -> None:
        self.due += other.due
        self.issued += other.issued
        self.skipped += other.skipped
        self.failed += other.failed
        for currency, (net, gross) in other.totals.items():
            mine = self.totals.setdefault(currency, [0, 0])
            mine[0] += net
            mine[1] += gross

    def count(self, currency: str, totals: Totals) -> None:
        """One more issued document."""
        self.issued += 1
        mine = self.totals.setdefault(currency, [0, 0])
        mine[0] += totals.net_cents
        mine[1] += totals.gross_cents

    def facts(self) -> dict[str, Any]:
        return {"due": self.due, "issued": self.issued, "skipped": self.skipped, "failed": self.failed,
                "totals": self.totals}  # fmt: skip


def note(chunk: RunChunk, counts: Counts) -> None:
    """Add to what the chunk has done so far."""
    total_so_far = Counts(chunk.due, chunk.issued, chunk.skipped, chunk.failed, dict(chunk.totals))
    total_so_far.add(counts)
    chunk.due, chunk.issued = total_so_far.due, total_so_far.issued
    chunk.skipped, chunk.failed, chunk.totals = total_so_far.skipped, total_so_far.failed, total_so_far.totals
