"""What a run, a chunk of it or one call of it did, in documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from billing.drafts import Draft, Totals
from models import RunChunk


def is_charged(draft: Draft, totals: Totals, prepaid_cents: int) -> bool:
    """Whether its payment comes before the invoice: not where paid credit, or a sum of nothing, leaves none to ask."""
    return draft.collection == "charge_first" and totals.gross_cents > prepaid_cents


@dataclass(slots=True)
class Counts:
    """Documents due = issued + charging + skipped + failed (EB-26); `totals` maps a currency to [net, gross] in cents,
    of what was issued. `charging` are documents whose payment is attempted before they are issued (M2-20)."""

    due: int = 0
    issued: int = 0
    skipped: int = 0
    failed: int = 0
    totals: dict[str, list[int]] = field(default_factory=dict)
    charging: int = 0

    def add(self, other: Counts) -> None:
        self.due += other.due
        self.issued += other.issued
        self.skipped += other.skipped
        self.failed += other.failed
        self.charging += other.charging
        for currency, (net, gross) in other.totals.items():
            mine = self.totals.setdefault(currency, [0, 0])
            mine[0] += net
            mine[1] += gross

    def note(self, draft: Draft, totals: Totals, prepaid_cents: int) -> None:
        """One more document that is issued, or charged first."""
        if is_charged(draft, totals, prepaid_cents):
            self.charging += 1
        else:
            self.count(draft.currency, totals)

    def add_up(self) -> None:
        self.due = self.issued + self.charging + self.skipped + self.failed

    def count(self, currency: str, totals: Totals) -> None:
        """One more issued document."""
        self.issued += 1
        mine = self.totals.setdefault(currency, [0, 0])
        mine[0] += totals.net_cents
        mine[1] += totals.gross_cents

    def facts(self) -> dict[str, Any]:
        return {"due": self.due, "issued": self.issued, "skipped": self.skipped, "failed": self.failed,
                "totals": self.totals, "charging": self.charging}  # fmt: skip


def note(chunk: RunChunk, counts: Counts) -> None:
    """Add to what the chunk has done so far."""
    total_so_far = Counts(chunk.due, chunk.issued, chunk.skipped, chunk.failed, dict(chunk.totals), chunk.charging)
    total_so_far.add(counts)
    chunk.due, chunk.issued = total_so_far.due, total_so_far.issued
    chunk.skipped, chunk.failed, chunk.totals = total_so_far.skipped, total_so_far.failed, total_so_far.totals
    chunk.charging = total_so_far.charging
