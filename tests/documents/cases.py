"""The papers that are kept as pictures: one of every kind a customer may receive."""

from __future__ import annotations

import io
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from PIL import Image, ImageDraw

from documents.paper import InvoicePaper, Letterhead, PaperLine, PaperTax, Party
from services.demo_data import COMPANY
from services.demo_logo import draw_logo
from tests.documents.conftest import BUYER, HEAD, LINE, PAPER

NAME = "Gesellschaft für angewandte Fahrradpflege und Werkstattwesen " * 5
RATES = (PaperTax(Decimal(19), "S", 100000, 19000), PaperTax(Decimal(7), "S", 20000, 1400))
EXEMPT = PaperTax(Decimal(0), "AE", 123450, 0, "Reverse charge: the recipient owes the VAT")
CORRECTED = PaperTax(Decimal(19), "S", -123450, -23456)


def cases() -> dict[str, InvoicePaper]:
    """The papers by the names of their pictures."""
    return {
        "demo-company": demo_company(),
        "one-line": PAPER,
        "tall-logo": _paper(head={"logo": _logo(200, 300)}, closing_text="Mit freundlichen Grüßen\nIhr Radwerk"),
        "wide-logo-sandbox": _paper(head={"logo": _logo(1400, 160)}, sandbox=True),
        "sixty-lines": _paper(
            lines=tuple(replace(LINE, position=n, title=f"Posten {n}") for n in range(1, 61)),
            taxes=(PaperTax(Decimal(19), "S", 60 * 123450, 60 * 123450 * 19 // 100),), net_cents=60 * 123450,
            tax_cents=60 * 123450 * 19 // 100, gross_cents=60 * 123450 * 119 // 100,
        ),
        "long-names": _paper(
            line={"title": NAME[:300]}, buyer={"organization": NAME[:300]},
            head={"name": NAME[:200].strip(), "accent": "#ffee00"},
        ),
        "two-rates": _paper(
            lines=(
                replace(LINE, amount_cents=100000, quantity=Decimal(1), unit_price=Decimal(1000)),
                replace(LINE, position=2, title="Buch: Mein Rad", article_number="B-7", description="Pflege und Pannen",
                        quantity=Decimal(8), unit_price=Decimal(25), vat_percent=Decimal(7), amount_cents=20000),
            ),
            taxes=RATES, net_cents=120000, tax_cents=20400, gross_cents=140400,
        ),
        "reverse-charge-english": _paper(
            language="en", taxes=(EXEMPT,), tax_cents=0, gross_cents=123450, title="Fleet service November",
            introtext="Thank you for your trust.", payment_text="Please transfer €1,234.50 by 5 December 2026.",
            line={"vat_percent": Decimal(0), "title": "Fleet service", "description": "Inspection and spare bicycle"},
            buyer={"country_code": "AT", "vat_id": "ATU12345678", "address": "Neubaugasse 64", "address_2": "Stiege 2",
                   "zipcode": "1070", "city": "Wien"},
        ),
        "credit-used": _paper(prepaid_cents=46906, payment_text="Bitte überweisen Sie 1.000,00 € bis zum 05.12.2026."),
        "swiss-francs": _paper(currency="CHF"),
        "correction": _paper(
            kind="correction", number="RK-2026-00003", due_on=None, original="RE-2026-00007, 02.11.2026",
            line={"amount_cents": -123450, "quantity": -LINE.quantity, "discounts": (("Rabatt 10 %", -13717),),
                  "description": f"{LINE.description}\nNicht erbracht: 12 von 31 Tagen"},
            taxes=(CORRECTED,), net_cents=-123450, tax_cents=-23456, gross_cents=-146906, payment_text="",
            notes=("Diese Rechnung korrigiert die Rechnung RE-2026-00007 vom 02.11.2026.",
                   "Davon waren 400,00 € bereits bezahlt. Wir schreiben sie Ihrem Guthaben zu."),
        ),
        "draft": _paper(kind="draft", number="", line={"discounts": (("Rabatt 10 %", 13717),)}),
        "long-foot-no-bank": _paper(head={"iban": "", "bic": "", "managing_directors": "Anna Größer, Jörg Weiß, " * 8}),
        "long-addresses": _paper(
            head={
                "email": "rechnungswesen@fahrradwerkstatt-am-landwehrkanal.berlin-kreuzberg.example",
                "website": "https://www.fahrradwerkstatt-am-landwehrkanal.berlin-kreuzberg.example/impressum",
            },
        ),
        "longest-foot": _paper(
            lines=tuple(replace(LINE, position=n, title=f"Posten {n}") for n in range(1, 8)),
            taxes=(PaperTax(Decimal(19), "S", 7 * 123450, 164189),), net_cents=7 * 123450, tax_cents=164189,
            gross_cents=7 * 123450 + 164189, head={"name": NAME.strip(), "managing_directors": "Anna Größer, " * 40},
        ),
        "other-scripts": _paper(
            line={"title": "شركة النور للتجارة", "description": "חברת האור בע״מ 😀 株式会社"},
            buyer={"organization": "شركة النور 🚲", "last_name": "שלום כהן"}, issued_on=date(2026, 11, 22),
        ),
    }  # fmt: skip


def demo_company() -> InvoicePaper:
    """An invoice of the demo company: the picture in the README's folder and what a first look should please with."""
    month = (date(2026, 11, 1), date(2026, 11, 30))
    lines = (
        PaperLine(1, "RW-200", "Flottenservice", "Wartung vor Ort, Ersatzrad innerhalb eines Werktags", Decimal(8),
                  Decimal(39), Decimal(19), 31200, *month),
        PaperLine(2, "RW-250", "Werkstattstunden", "Umbau der Anhängerkupplungen", Decimal("2.5"), Decimal(64),
                  Decimal(19), 16000, date(2026, 11, 12)),
        PaperLine(3, "RW-160", "Radwerk-Magazin", "Heft 4/2026 mit Touren rund um die Elbe", Decimal(6),
                  Decimal("7.40"), Decimal(7), 4440, date(2026, 11, 16)),
    )  # fmt: skip
    buyer = Party(
        organization="Müller & Söhne GmbH", salutation="mrs", first_name="Änne", last_name="Müller",
        address="Holtenauer Straße 12", zipcode="24105", city="Kiel", country_code="DE", vat_id="DE129273398",
    )  # fmt: skip
    return _paper(
        letterhead=_demo_head(),
        buyer=buyer,
        lines=lines,
        title="Flottenservice November",
        net_cents=51640,
        taxes=(PaperTax(Decimal(19), "S", 47200, 8968), PaperTax(Decimal(7), "S", 4440, 311)),
        tax_cents=9279,
        gross_cents=60919,
        closing_text="Allzeit gute Fahrt!\nIhr Radwerk Hafenstraße",
        introtext="Vielen Dank für Ihr Vertrauen. Für November berechnen wir Ihnen:",
    )


def _demo_head() -> Letterhead:
    known = {field.name for field in fields(Letterhead)}
    told = {name: value for name, value in COMPANY.items() if name in known}
    return Letterhead(**told, address_lines=(COMPANY["address"],), logo=draw_logo())


def _paper(**changes: Any) -> InvoicePaper:
    head, line = changes.pop("head", {}), changes.pop("line", {})
    if line:
        changes["lines"] = (replace(LINE, **line),)
    if isinstance(changes.get("buyer"), dict):
        changes["buyer"] = replace(BUYER, **changes["buyer"])
    return replace(PAPER, **{"letterhead": replace(HEAD, **head), **changes})


def _logo(width: int, height: int) -> bytes:
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rounded_rectangle((0, 0, width - 1, height - 1), 40, fill="#0b6b62")
    packed = io.BytesIO()
    picture.save(packed, "PNG")
    return packed.getvalue()
