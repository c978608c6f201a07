"""The house with a real queue, and a worker that does what was rung for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from app import create_app
from extensions import QUEUE_NAMES, db, queues
from tests.conftest import settings_for
from tests.servers import QueueServer, queue_server

Work = Callable[[], None]


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[QueueServer]:
    with queue_server(tmp_path) as running:
        yield running


@pytest.fixture
def house(database_url: str, tmp_path: Path, queue: QueueServer) -> Iterator[Flask]:
    """The application with its queue, its context pushed."""
    app = create_app(settings_for(tmp_path, database_url, REDIS_URL=queue.url))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
        queues.connection.close()


@pytest.fixture
def work(house: Flask) -> Work:
    """Do every job that waits, in all queues, until none is left."""

    def run() -> None:
        names = [queues.get(name) for name in QUEUE_NAMES]
        worker = SimpleWorker(names, connection=queues.connection, serializer=JSONSerializer)
        worker.work(burst=True, logging_level="WARNING")

    return run
