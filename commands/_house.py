"""What the commands share: the app on a database that is up to date, and who acts on the command line."""

from __future__ import annotations

import getpass
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from services.actor import Actor


@contextmanager
def opened_house() -> Iterator[Flask]:
    """The app with its context pushed; a new or older database is brought up to date first.

    Expected failures end as one sentence and exit code 1.
    """
    from app import create_app
    from billing.errors import KontorError
    from commands.upgrade import bring_up_to_date

    app = create_app()
    bring_up_to_date(app)
    with app.app_context():
        try:
            yield app
        except KontorError as error:
            raise click.ClickException(in_words(error)) from None


def in_words(error: Exception) -> str:
    """An expected failure on one line: its code and facts. The person at this terminal typed them."""
    facts = ", ".join(f"{key}={value}" for key, value in getattr(error, "facts", {}).items())
    return f"{error} ({facts})" if facts else str(error)


def command_actor() -> Actor:
    """The person at the terminal, by the name of their account on this machine."""
    from services.actor import Actor

    return Actor("system", None, f"kontor ({_account()})")


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in containers
        return "?"
