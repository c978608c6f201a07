"""One application a process, which each test finds as if it were new, on a database of its own.

Making the house takes ten times as long as asking it for a page: some 1200 addresses and 60 screens. What an
application keeps of its installation is little: the settings, the engine, the queue, what was counted against guessers
and what was noted in `extensions`. All of it is laid anew here; the rest is the same code in every installation.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask

import extensions
import jobs
from app import create_app
from config import Settings
from extensions import db, limiter, queues


class StandingHouse:
    """Made when the first test asks for it; one test at a time lives in it."""

    def __init__(self) -> None:
        self._made: Flask | None = None
        self._config: dict[str, Any] = {}
        self._extensions: dict[str, Any] = {}

    @contextmanager
    def lived_in(self, settings: Settings) -> Iterator[Flask]:
        """The application on these settings, which differ from others by folder and database alone."""
        app = self._made or self._build(settings)
        app.config.clear()
        app.config.update(self._config)
        app.config.from_mapping(settings.flask(), TESTING=True)
        app.extensions = dict(self._extensions)
        for join in (_open_database, queues.init_app, limiter.init_app, jobs.init_app):
            join(app)
        try:
            yield app
        finally:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()

    def _build(self, settings: Settings) -> Flask:
        self._made = create_app(settings)
        self._config = dict(self._made.config)
        self._extensions = dict(self._made.extensions)
        with self._made.app_context():
            db.engine.dispose()
        return self._made


def _open_database(app: Flask) -> None:
    """What Flask-SQLAlchemy does in its `init_app`, which refuses to be called twice."""
    options = {"url": app.config["SQLALCHEMY_DATABASE_URI"], **app.config["SQLALCHEMY_ENGINE_OPTIONS"]}
    db._apply_driver_defaults(options, app)
    engine = db._make_engine(None, options, app)
    db._app_engines[app] = {None: engine}
    extensions.hang_doors(engine)
