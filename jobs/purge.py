"""What the law keeps no longer, some records at a time."""

from __future__ import annotations

from extensions import queues
from jobs import job
from services import purge as purging


@job("paper")
def purge() -> None:
    if purging.purge_some():
        queues.ring("paper", "jobs.purge.purge")
