"""`/healthz`: whether the house stands, for supervisors and load balancers. Tells nothing else."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from queries.health import look

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> tuple[Response, int]:
    """200 while the database answers; a queue that is away is told, but the house stands without it (F6)."""
    health = look()
    return jsonify(ok=health.ok, database=health.database, queue=health.queue), 200 if health.ok else 503
