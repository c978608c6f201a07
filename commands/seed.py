"""Data to look at, and data to load with."""

from __future__ import annotations

import click

from commands._house import opened_house


@click.command()
@click.option("--customers", default=0, type=click.IntRange(min=0), help="So many customers for load.")
def command(customers: int) -> None:
    """Make the demo company, or with --customers many customers for load. Never in a live installation."""
    with opened_house():
        from services import demo

        if customers:
            demo.seed_customers(customers)
            click.echo(f"{customers} customers with running subscriptions were made.")
            return
        for login in demo.seed_demo():
            click.echo(f"{login.email} {login.password}")
