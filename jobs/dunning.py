"""The chunks of a dunning run, its end, and contracts that go on again when all is paid."""

from __future__ import annotations

from jobs import job
from services import dunning_chunk, dunning_run, dunning_stops


@job("money")
def run_chunk(chunk_id: int) -> None:
    dunning_chunk.run_chunk(chunk_id)
    dunning_run.finish_run_of(chunk_id)


@job("money")
def finish(run_id: int) -> None:
    dunning_run.finish(run_id)


@job("money")
def resume(receivable_id: int) -> None:
    dunning_stops.resume(receivable_id)
