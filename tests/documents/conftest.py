"""Papers to draw: one complete invoice, and every test changes what it is about."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from PIL import Image, ImageDraw
from pypdf import PdfReader

from documents.invoice import draw_invoice
from documents.paper import InvoicePaper, Letterhead, PaperLine, PaperTax, Party

MakePaper = Callable[..., InvoicePaper]
MakeLine = Callable[..., PaperLine]

HEAD = Letterhead(
    name="Radwerk Kreuzberg GmbH",
    legal_form="GmbH",
    address_lines=("Oranienstraße 42",),
    zipcode="10999",
    city="Berlin",
    phone="+49 30 1234567",
    email="post@radwerk.example",
    website="www.radwerk.example",
    tax_number="29/123/45678",
    vat_id="DE123456789",
    register_court="Amtsgericht Charlottenburg",
    register_number="HRB 123456 B",
    managing_directors="Anna Größer, Jörg Weiß",
    seat="Berlin",
    bank_name="Berliner Sparkasse",
    bank_owner="Radwerk Kreuzberg GmbH",
    iban="DE02100500000054540402",
    bic="BELADEBEXXX",
)
BUYER = Party(
    organization="Müller & Söhne GmbH",
    salutation="mrs",
    title="Dr.",
    first_name="Petra",
    last_name="Müller-Lüdenscheidt",
    address="Hauptstraße 5",
    address_2="Hinterhaus",
    zipcode="80331",
    city="München",
    country_code="DE",
    vat_id="DE987654321",
)
LINE = PaperLine(
    position=1,
    article_number="ABO-12",
    title="Werkstatt-Abo Komfort",
    description="Durchsicht, Pannenhilfe und Ersatzrad",
    quantity=Decimal("2"),
    unit_price=Decimal("617.25"),
    vat_percent=Decimal("19.00"),
    amount_cents=123450,
    period_start=date(2026, 11, 1),
    period_last=date(2026, 11, 30),
)
PAPER = InvoicePaper(
    kind="invoice",
    number="RE-2026-00042",
    issued_on=date(2026, 11, 21),
    due_on=date(2026, 12, 5),
    service_from=date(2026, 11, 1),
    service_last=date(2026, 11, 30),
    title="Werkstatt-Abo November",
    introtext="Vielen Dank für Ihr Vertrauen.",
    customer_number="K-10042",
    letterhead=HEAD,
    buyer=BUYER,
    delivery=None,
    currency="EUR",
    is_gross=False,
    lines=(LINE,),
    taxes=(PaperTax(Decimal("19"), "S", 123450, 23456),),
    net_cents=123450,
    tax_cents=23456,
    gross_cents=146906,
    payment_text="Bitte überweisen Sie den Betrag bis zum 05.12.2026.",
)


# One drawing for all that is asked of a paper: drawing is what takes the time here.
drawn = cache(draw_invoice)


def of_lines(count: int) -> InvoicePaper:
    """The paper with that many lines, `Posten 1` and so on; its sums stay those of one."""
    return replace(PAPER, lines=tuple(replace(LINE, position=n, title=f"Posten {n}") for n in range(1, count + 1)))


@pytest.fixture
def make_paper() -> MakePaper:
    """A paper with the named fields changed; `head`, `buyer` and `line` take changes of their own as dicts."""

    def make(**changes: Any) -> InvoicePaper:
        head, buyer, line = (changes.pop(name, {}) for name in ("head", "buyer", "line"))
        if line:
            changes["lines"] = (replace(LINE, **line),)
        return replace(PAPER, **{"letterhead": replace(HEAD, **head), "buyer": replace(BUYER, **buyer), **changes})

    return make


@pytest.fixture
def make_line() -> MakeLine:
    """A line with the named fields changed."""
    return lambda **changes: replace(LINE, **changes)


@pytest.fixture
def logo() -> bytes:
    """A picture with transparency, as companies have them."""
    picture = Image.new("RGBA", (900, 260), (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((10, 10, 250, 250), fill="#0b6b62")
    packed = io.BytesIO()
    picture.save(packed, "PNG")
    return packed.getvalue()


@pytest.fixture
def pages() -> Callable[[bytes], list[str]]:
    """The text of each page, every run of blanks as one."""
    return _pages


@pytest.fixture
def text() -> Callable[[bytes], str]:
    """The text of the whole paper, every run of blanks as one."""
    return lambda pdf: " ".join(_pages(pdf))


@cache
def _pages(pdf: bytes) -> list[str]:
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]
