"""What the commands share: the app on a database that is up to date, and who acts on the command line."""

from __future__ import annotations

import getpass
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from commands._failures import expected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from services.actor import Actor


@contextmanager
def opened_house(as_json: bool = False) -> Iterator[Flask]:
    """The app with its context pushed; a new or older database is brought up to date first.

    Expected failures end as one sentence and exit code 1 (commands/__main__.py); for a machine as one JSON object
    `{"ok": false, "error": code, ...facts}` on standard output.
    """
    try:
        yield from _opened()
    except Exception as error:
        failure = expected(error) if as_json else None
        if failure is None:
            raise
        click.echo(json.dumps(failure.as_json(), default=str))
        raise click.exceptions.Exit(1) from None


def _opened() -> Iterator[Flask]:
    from app import create_app
    from commands.upgrade import bring_up_to_date
    from services import clock

    app = create_app()
    bring_up_to_date(app)
    with app.app_context(), clock.adopted():
        yield app


def command_actor() -> Actor:
    """The person at the terminal, by the name of their account on this machine."""
    from services.actor import Actor

    return Actor("system", None, f"kontor ({_account()})")


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in containers
        return "?"
