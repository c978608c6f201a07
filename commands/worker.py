"""A worker of the queues as a process of its own."""

from __future__ import annotations

import importlib
import os
import secrets
import socket
from typing import TYPE_CHECKING

import click

from commands.supervisor.logs import log_to_standard_error

if TYPE_CHECKING:
    from flask import Flask

QUEUES = ("now", "money", "paper")
JOBS_PER_LIFE = 1000  # then it ends and is started again: what drawing papers leaves in memory goes with it


@click.command()
@click.option("--queues", default=",".join(QUEUES), show_default=True, help="Which queues, the most urgent first.")
def command(queues: str) -> None:
    """Do the jobs of the queues (RQ)."""
    names = [name.strip() for name in queues.split(",") if name.strip()]
    unknown = sorted(set(names) - set(QUEUES))
    if unknown or not names:
        raise click.BadParameter(f"the queues are {', '.join(QUEUES)}", param_hint="--queues")
    from app import create_app

    log_to_standard_error()
    work(create_app(), names)


def work(app: Flask, names: list[str]) -> None:
    """Take jobs until SIGTERM (the job in hand is finished) or the end of this worker's life.

    Jobs run in this process: forking for each costs 24 ms instead of 2 and would load fonts and styles of papers anew.
    A job that takes the process down with it is brought back by the sweeper, which reads the database. The short
    times let a killed worker's job return within a minute instead of minutes.
    """
    from rq import SimpleWorker
    from rq.serializers import JSONSerializer

    from extensions import queues

    if not queues.url:
        raise click.ClickException("no queue is known: set REDIS_URL, or run ./kontor start on this data folder")
    if "paper" in names:
        importlib.import_module("documents.invoice")  # now, and not while the first customer waits for a paper
    with app.app_context():
        worker = SimpleWorker(
            [queues.get(name) for name in names],
            name=f"{socket.gethostname()}-{'-'.join(names)}-{os.getpid()}-{secrets.token_hex(3)}",
            connection=queues.connection,
            serializer=JSONSerializer,
            worker_ttl=25,
            maintenance_interval=5,
            job_monitoring_interval=5,
            log_job_description=False,  # ids alone, but arguments have no business in a log
        )
        worker.work(logging_level="WARNING", max_jobs=JOBS_PER_LIFE)
