"""`./kontor invoice`: the stored bytes on standard output, or one sentence that says why not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select, update

from commands import invoice
from documents.archive import embedded_xml
from extensions import db
from models import Customer, File, Invoice
from services import billing_run, files
from services.actor import SYSTEM
from services.load import seed_load
from services.unit import end_reading, write

Kontor = Callable[..., Result]
DAY = date(2026, 11, 1)


@pytest.fixture
def kontor(context: Flask, monkeypatch: pytest.MonkeyPatch) -> Kontor:
    """`./kontor invoice ARGS` in the house of the test."""
    monkeypatch.setattr(invoice, "opened_house", nullcontext)
    return lambda *args: CliRunner().invoke(invoice.command, args)


def billed(format: str = "zugferd") -> Invoice:
    seed_load(SYSTEM, 1, DAY)
    with write() as session:
        session.execute(update(Customer).values(einvoice_format=format))
    billing_run.bill(DAY, SYSTEM)
    end_reading()
    return db.session.scalars(select(Invoice)).one()


def stored() -> list[bytes]:
    end_reading()
    return [files.read(number).content for number in db.session.scalars(select(File.id).order_by(File.id))]


@pytest.mark.feature("GOB-3")
@pytest.mark.feature("X-01")
def test_pdf_and_xml_are_the_stored_bytes(kontor: Kontor) -> None:
    number = billed().number or ""
    pdf, xml = kontor("pdf", number), kontor("xml", number)
    assert stored() == [pdf.stdout_bytes]
    assert xml.stdout_bytes == embedded_xml(pdf.stdout_bytes)


@pytest.mark.feature("EIN-3")
def test_an_xrechnung_is_made_once_where_there_is_none(kontor: Kontor) -> None:
    number = billed().number or ""
    first, second = kontor("xml", number, "--format", "xrechnung"), kontor("xml", number, "--format", "xrechnung")
    assert b"xrechnung_3.0" in first.stdout_bytes
    assert stored() == [first.stdout_bytes] == [second.stdout_bytes]


def test_an_unknown_number_and_a_bare_pdf_are_told_in_a_sentence(kontor: Kontor) -> None:
    number = billed("pdf").number or ""
    assert "there is no invoice RE-1" in kontor("xml", "RE-1").output
    bare = kontor("xml", number)
    assert bare.exit_code == 1 and "holds no e-invoice" in bare.output and "--format xrechnung" in bare.output
    assert kontor("xml", number, "--format", "ubl").exit_code == 2
