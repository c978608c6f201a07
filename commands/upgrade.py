"""Brings the database to the schema of this code."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flask import Flask


@click.command()
def command() -> None:
    """Bring the database up to date; the guards of issued rows are put in place again."""
    from app import create_app

    upgrade(create_app())
    click.echo("The database is up to date.")


def bring_up_to_date(app: Flask) -> None:
    """Run the open migrations, if there are any; a look at the database otherwise."""
    if not is_up_to_date(app):
        upgrade(app)


def upgrade(app: Flask) -> None:
    """Run the open migrations, and install the guards (at the end of migrations/env.py) even where none is open.

    Held by a lock file: of two calls at once on a new database the second finds the work done.
    """
    import flask_migrate

    handle = os.open(app.config["KONTOR"].data_dir / "upgrade.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with app.app_context():
            flask_migrate.upgrade(directory=_folder())
    finally:
        os.close(handle)


def is_up_to_date(app: Flask) -> bool:
    """Whether the database stands at the newest revision of this code."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    from extensions import db

    newest = set(ScriptDirectory(_folder()).get_heads())
    with app.app_context(), db.engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == newest


def _folder() -> str:
    from config import ROOT

    return str(ROOT / "migrations")
