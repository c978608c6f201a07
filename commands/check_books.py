"""The invariants of the whole database."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

import click

from commands._house import opened_house


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
def command(as_json: bool) -> None:
    """Prove the books: ledger, claims, numbers, documents, papers, guards, audit trail. Exit code 1 with findings.

    Notes are no findings: money that somebody has to see to.
    """
    with opened_house(as_json):
        from services.checks import check_books
        from services.company import get_company

        get_company()  # without a company there are no books

        books = check_books()
        if as_json:
            click.echo(json.dumps(asdict(books)))
        else:
            _print(asdict(books))
    sys.exit(0 if books.ok else 1)


def _print(books: dict[str, Any]) -> None:
    for finding in books["findings"]:
        click.echo(f"{finding['rule']} {finding['table']} {finding['id'] or ''}: {finding['code']} {finding['facts']}")
    for note in books["notes"]:
        click.echo(f"note: {note['rule']} {note['table']} {note['id']}: {note['code']} {note['facts']}")
    more = f" and {books['more']} more" if books["more"] else ""
    state = "The books hold" if books["ok"] else f"{len(books['findings'])}{more} findings"
    click.echo(f"{state}: {books['checks']} checks in {books['seconds']} s.")
