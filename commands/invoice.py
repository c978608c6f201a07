"""Stored papers of invoices: the bytes as they were drawn, never drawn again."""

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


@command.command()
@click.argument("number")
@click.option(
    "--format",
    "wanted",
    type=click.Choice(("zugferd", "xrechnung")),
    default="zugferd",
    show_default=True,
    help="zugferd: the XML inside the stored PDF. xrechnung: the stored XRechnung, made once where there is none yet.",
)
def xml(number: str, wanted: str) -> None:
    """Write the stored e-invoice of invoice NUMBER to standard output."""
    with opened_house():
        sys.stdout.buffer.write(_stored_xml(number, wanted))


def _stored_pdf(number: str) -> bytes:
    from services import files, papers

    invoice_id = _id_of(number)
    found = papers.paper_for_invoice(invoice_id)
    return files.read(papers.draw(found.id if found else papers.order(invoice_id))).content


def _stored_xml(number: str, wanted: str) -> bytes:
    from billing.errors import NotFound
    from services import einvoices

    try:
        return einvoices.stored_xml(_id_of(number), wanted).content
    except NotFound as error:
        if error.code != "einvoice":
            raise
        raise click.ClickException(
            f"the PDF of {number} holds no e-invoice, for its customer takes a bare PDF; use --format xrechnung"
        ) from None


def _id_of(number: str) -> int:
    from sqlalchemy import select

    from extensions import db
    from models import Invoice

    invoice_id = db.session.scalar(select(Invoice.id).where(Invoice.number == number))
    if invoice_id is None:
        raise click.ClickException(f"there is no invoice {number}")
    return int(invoice_id)
