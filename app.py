"""JOINS. `create_app` makes the app and calls each room's `init_app`; nothing else."""

from __future__ import annotations

from flask import Flask

import admin
import api
import extensions
import hosted_pages
import jobs
import safety
from config import Settings
from services import clock


def create_app(config: Settings | None = None) -> Flask:
    """A ready application for the given settings, or for those of the environment."""
    app = Flask(__name__)
    app.config.from_mapping((config or Settings.from_environment()).flask())
    safety.init_app(app)
    extensions.init_app(app)
    app.before_request(clock.arrive)
    app.teardown_request(lambda _: clock.leave())
    for room in (jobs, hosted_pages, api, admin):
        room.init_app(app)
    return app
