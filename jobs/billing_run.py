"""The chunks of a billing run, and its end."""

from __future__ import annotations

from jobs import job
from services import billing_run


@job("money")
def run_chunk(chunk_id: int) -> None:
    billing_run.run_chunk(chunk_id)
    billing_run.finish_run_of(chunk_id)


@job("money")
def finish(run_id: int) -> None:
    billing_run.finish(run_id)
