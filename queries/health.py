"""What `/healthz` tells: database and queue."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import redis
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from extensions import db, queues
from models import Company
from services.unit import end_reading

logger = logging.getLogger("kontor.health")


@dataclass(frozen=True, slots=True)
class Health:
    """Each is `ok` or `down`; the queue is `none` where no server is set."""

    database: str
    queue: str

    @property
    def ok(self) -> bool:
        return self.database == "ok"


def look() -> Health:
    """Ask both; a real table is read, so that a database without its tables counts as down."""
    return Health(_database(), _queue())


def _database() -> str:
    try:
        end_reading()
        db.session.execute(select(Company.id)).all()
        end_reading()
    except SQLAlchemyError as failure:
        logger.error("the database does not answer: %s", type(failure).__name__)
        db.session.remove()
        return "down"
    return "ok"


def _queue() -> str:
    if not queues.url:
        return "none"
    try:
        queues.connection.ping()
    except (redis.RedisError, OSError):
        return "down"
    return "ok"
