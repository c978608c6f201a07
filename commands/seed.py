"""Data to look at, and data to load with."""

from __future__ import annotations

import click

from commands._house import opened_house


@click.command()
@click.option("--customers", default=0, type=click.IntRange(min=0), help="So many customers for load.")
def command(customers: int) -> None:
    """Make the demo company where there is none yet, and with --customers many customers for load.

    Prints each e-mail address with its password, this once. Never changes a live installation.
    """
    with opened_house():
        from billing.errors import AlreadyDone
        from services import demo

        try:
            for login in demo.seed_demo():
                click.echo(f"{login.email} {login.password}")
        except AlreadyDone:
            if not customers:
                click.echo("There is a company already; nothing was changed.", err=True)
        if customers:
            demo.seed_customers(customers)
            click.echo(f"{customers} customers with running subscriptions were made.")
