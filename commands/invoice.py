"""Stored papers of invoices."""

from __future__ import annotations

import sys

import click

from commands._house import opened_house


@click.group()
def command() -> None:
    """Stored papers of invoices."""


@command.command()
@click.argument("number")
def pdf(number: str) -> None:
    """Write the stored PDF of invoice NUMBER to standard output; it is drawn first where that is still to be done."""
    if sys.stdout.isatty():
        raise click.UsageError("a PDF is nothing for a terminal: ./kontor invoice pdf NUMBER > invoice.pdf")
    with opened_house():
        sys.stdout.buffer.write(_stored_pdf(number))


def _stored_pdf(number: str) -> bytes:
    from sqlalchemy import select

    from extensions import db
    from models import Invoice
    from services import files, papers

    invoice_id = db.session.scalar(select(Invoice.id).where(Invoice.number == number))
    if invoice_id is None:
        raise click.ClickException(f"there is no invoice {number}")
    ordered = papers.paper_for_invoice(invoice_id)
    paper_id = ordered.id if ordered else papers.order(invoice_id)
    return files.read(papers.draw(paper_id)).content
