"""Keys of machines that use the call API."""

from __future__ import annotations

import click

from commands._house import command_actor, opened_house


@click.group()
def command() -> None:
    """Keys of machines that use the call API."""


@command.command()
@click.argument("email")
@click.option("--name", default="", help="What the key is for.")
@click.option("--scope", default="full", show_default=True, type=click.Choice(["full", "read"]))
def add(email: str, name: str, scope: str) -> None:
    """Make a key and print it, this once. HTTP Basic: the user is EMAIL, the password is the key."""
    with opened_house():
        from services import api_keys

        click.echo(api_keys.add_api_key(command_actor(), email, name=name, scope=scope))
