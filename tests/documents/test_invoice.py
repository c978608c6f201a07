"""An invoice on paper says everything the law asks for, in the reader's language."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from documents.epc import payment_code
from documents.invoice import draw_invoice
from documents.paper import InvoicePaper, Letterhead, PaperLine, PaperTax, Party
from tests.documents.cases import cases
from tests.documents.conftest import drawn

MakePaper = Callable[..., InvoicePaper]
MakeLine = Callable[..., PaperLine]
Text = Callable[[bytes], str]
Pages = Callable[[bytes], list[str]]

REVERSE_CHARGE = "Steuerschuldnerschaft des Leistungsempfängers"

# §14(4) UStG by its numbers, and what stands on the paper for each.
REQUIRED = [
    ("1 name of the supplier", "Radwerk Kreuzberg GmbH"),
    ("1 address of the supplier", "Oranienstraße 42 10999 Berlin"),
    ("1 name of the recipient", "Müller & Söhne GmbH Frau Dr. Petra Müller-Lüdenscheidt"),
    ("1 address of the recipient", "Hauptstraße 5 Hinterhaus 80331 München"),
    ("2 tax number", "Steuernummer 29/123/45678"),
    ("2 VAT id", "USt-IdNr. DE123456789"),
    ("3 date of issue", "Rechnungsdatum 21.11.2026"),
    ("4 number", "Rechnungsnummer RE-2026-00042"),
    ("5 quantity and kind", "Werkstatt-Abo Komfort ABO-12"),
    ("5 quantity", "2 617,25 €"),
    ("6 period of supply", "Leistungszeitraum 01.11.2026–30.11.2026"),
    ("7 net by rate", "19 % 1.234,50 €"),
    ("8 rate and tax", "1.234,50 € 234,56 € 1.469,06 €"),
    ("8 total tax", "Umsatzsteuer 234,56 €"),
    ("total", "Rechnungsbetrag 1.469,06 €"),
]


@pytest.mark.feature("INV-1")
@pytest.mark.parametrize(("field", "words"), REQUIRED, ids=[field for field, _ in REQUIRED])
def test_the_paper_shows_every_mandatory_field(make_paper: MakePaper, text: Text, field: str, words: str) -> None:
    assert words in text(drawn(make_paper()))


@pytest.mark.feature("INV-12")
@pytest.mark.parametrize(
    "words",
    [
        "Sitz Berlin",
        "Amtsgericht Charlottenburg HRB 123456 B",
        "Geschäftsführung: Anna Größer, Jörg Weiß",
        "IBAN DE02 1005 0000 0054 5404 02",
        "BIC BELADEBEXXX",
        "Telefon +49 30 1234567",
        "post@radwerk.example",
    ],
)
def test_the_foot_holds_what_a_business_letter_must_say(make_paper: MakePaper, text: Text, words: str) -> None:
    assert words in text(drawn(make_paper()))


OTHER: dict[str, Any] = {
    "title": "Mein Fahrradjahr",
    "introtext": "Wie besprochen.",
    "customer_number": "K-77",
    "due_on": date(2027, 1, 4),
    "buyer": {"vat_id": "DE111111111"},
    "payment_text": "Wir buchen ab.",
    "notes": ("Bitte aufbewahren.",),
    "line": {
        "description": "mit Licht", "unit_price": Decimal("0.0125"), "quantity": Decimal("1.5000"),
        "vat_percent": Decimal("8.1"),
    },
    "head": {"name": "Radwerk", "legal_form": "e.K."},
    "delivery": Party(organization="Lager Süd", address="Am Kai 3", zipcode="28195", city="Bremen"),
}  # fmt: skip


@pytest.mark.feature("INV-1")
@pytest.mark.parametrize(
    "words",
    [
        "Mein Fahrradjahr",
        "Wie besprochen.",
        "Kundennummer K-77",
        "Fällig am 04.01.2027",
        "Ihre USt-IdNr. DE111111111",
        "Wir buchen ab.",
        "Bitte aufbewahren.",
        "mit Licht",
        "1,5 0,0125 €",
        "8,1 %",
        "Radwerk e.K.",
        "Lieferanschrift: Lager Süd, Am Kai 3, 28195 Bremen",
    ],
)
def test_each_field_reaches_the_paper(make_paper: MakePaper, text: Text, words: str) -> None:
    assert words in text(drawn(make_paper(**OTHER)))
    assert words not in text(drawn(make_paper()))


@pytest.mark.feature("INV-1")
@pytest.mark.parametrize(
    ("kind", "words"),
    [("cancellation", "Stornorechnung RE-2026-00042"), ("correction", "Rechnungskorrektur RE-2026-00042")],
)
def test_a_paper_is_called_what_it_is(make_paper: MakePaper, text: Text, kind: str, words: str) -> None:
    assert words in text(drawn(make_paper(kind=kind)))
    assert words not in text(drawn(make_paper()))


@pytest.mark.feature("INV-2")
@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 11, 1), date(2026, 11, 30), "Leistungszeitraum 01.11.2026–30.11.2026"),
        (date(2026, 11, 21), date(2026, 11, 21), "Leistungsdatum 21.11.2026"),
        (date(2026, 11, 21), None, "Leistungsdatum 21.11.2026"),
        (None, date(2026, 11, 21), "Leistungsdatum 21.11.2026"),
    ],
)
def test_each_line_names_its_period_of_supply(
    make_paper: MakePaper, text: Text, first: date | None, last: date | None, words: str
) -> None:
    line = {"period_start": first, "period_last": last}
    assert words in text(drawn(make_paper(line=line, service_from=None, service_last=None)))


@pytest.mark.feature("INV-1")
@pytest.mark.feature("RND-3")
def test_two_rates_are_listed_each_with_its_own_sums(make_paper: MakePaper, make_line: MakeLine, text: Text) -> None:
    paper = make_paper(
        lines=(make_line(), make_line(position=2, title="Fachbuch", vat_percent=Decimal(7), amount_cents=1990)),
        taxes=(PaperTax(Decimal(19), "S", 123450, 23456), PaperTax(Decimal(7), "S", 1990, 139)),
        net_cents=125440, tax_cents=23595, gross_cents=149035,
    )  # fmt: skip
    words = text(drawn(paper))
    assert "19 % 1.234,50 € 234,56 € 1.469,06 €" in words
    assert "7 % 19,90 € 1,39 € 21,29 €" in words
    assert "Nettobetrag 1.254,40 €" in words
    assert "Umsatzsteuer 235,95 €" in words
    assert "Rechnungsbetrag 1.490,35 €" in words


@pytest.mark.feature("INV-5")
@pytest.mark.feature("INV-7")
@pytest.mark.parametrize("note", [REVERSE_CHARGE, "Steuerbefreiung für Kleinunternehmer (§ 19 UStG)"])
def test_where_no_tax_is_shown_the_reason_stands_once(make_paper: MakePaper, text: Text, note: str) -> None:
    taxes = (PaperTax(Decimal(0), "AE", 100000, 0, note), PaperTax(Decimal(0), "E", 23450, 0, note))
    words = text(drawn(make_paper(taxes=taxes, tax_cents=0, gross_cents=123450)))
    assert words.count(note) == 1
    assert "0 % 1.000,00 € 0,00 € 1.000,00 €" in words


@pytest.mark.feature("INV-13")
@pytest.mark.parametrize(
    ("is_gross", "language", "price", "amount"),
    [
        (False, "de", "Einzelpreis netto", "Betrag netto"),
        (True, "de", "Einzelpreis brutto", "Betrag brutto"),
        (False, "en", "Unit price (net)", "Amount (net)"),
        (True, "en", "Unit price (gross)", "Amount (gross)"),
    ],
)
def test_the_columns_say_whether_prices_hold_tax(
    make_paper: MakePaper, text: Text, is_gross: bool, language: str, price: str, amount: str
) -> None:
    words = text(drawn(make_paper(is_gross=is_gross, language=language)))
    assert f"{price} " in words
    assert f"{amount} " in words


@pytest.mark.parametrize(
    "words",
    [
        "Invoice RE-2026-00042",
        "Invoice date 21 Nov 2026",
        "Due date 5 Dec 2026",
        "Service period 1 Nov 2026 – 30 Nov 2026",
        "Ms Dr. Petra Müller-Lüdenscheidt",
        "19% €1,234.50 €234.56 €1,469.06",
        "Invoice total €1,469.06",
        "VAT ID DE123456789",
        "Managing directors: Anna Größer, Jörg Weiß",
        "Page 1 of 1",
    ],
)
def test_an_english_reader_gets_an_english_invoice(make_paper: MakePaper, text: Text, words: str) -> None:
    assert words in text(drawn(make_paper(language="en")))


def test_no_german_word_of_ours_stands_on_an_english_invoice(make_paper: MakePaper, text: Text) -> None:
    words = text(drawn(make_paper(language="en", introtext="", payment_text="")))
    german = ("Rechnung", "Leistung", "Umsatzsteuer", "Steuer", "Betrag", "Menge", "Seite", "Kundennummer", "Telefon")
    assert [word for word in german if word in words] == []


@pytest.mark.feature("COR-2")
@pytest.mark.parametrize("kind", ["invoice", "cancellation", "correction", "draft"])
def test_no_kind_of_paper_is_called_gutschrift(make_paper: MakePaper, text: Text, kind: str) -> None:
    words = text(drawn(make_paper(kind=kind)))
    assert "RE-2026-00042" in words
    assert "gutschrift" not in words.lower()


@pytest.mark.parametrize(("country", "home", "shown"), [("AT", "DE", True), ("DE", "DE", False), ("", "DE", False)])
def test_the_country_is_named_only_where_the_letter_crosses_a_border(
    make_paper: MakePaper, text: Text, country: str, home: str, shown: bool
) -> None:
    words = text(drawn(make_paper(buyer={"country_code": country}, head={"country_code": home})))
    assert ("ÖSTERREICH" in words) is shown
    assert ("Deutschland" in words) is shown


@pytest.mark.parametrize(("sandbox", "count"), [(True, 2), (False, 0)])
def test_a_sandbox_paper_says_muster_on_every_page(
    make_paper: MakePaper, make_line: MakeLine, pages: Pages, sandbox: bool, count: int
) -> None:
    lines = tuple(make_line(position=number) for number in range(1, 10))
    found = pages(drawn(make_paper(lines=lines, sandbox=sandbox)))
    assert len(found) == 2
    assert sum("MUSTER" in page for page in found) == count


def test_every_page_repeats_the_head_of_the_table_and_counts(pages: Pages) -> None:
    found = pages(drawn(cases()["sixty-lines"]))
    assert len(found) > 3
    for number, page in enumerate(found, start=1):
        assert "Beschreibung" in page
        assert "Einzelpreis netto" in page
        assert f"Seite {number} von {len(found)}" in page
        assert "Rechnung RE-2026-00042" in page
        assert "Geschäftsführung" in page
    assert [n for n in range(1, 61) if not any(f"Posten {n} " in page for page in found)] == []


@pytest.mark.parametrize(
    ("cents", "currency"),
    [(99, "CHF"), (123_456_789, "CHF"), (12_345_678_901, "EUR"), (-99_999_999_999, "EUR"), (-99_999_999_999, "CHF")],
)
def test_no_figure_is_broken_in_two(make_paper: MakePaper, text: Text, cents: int, currency: str) -> None:
    line = {"amount_cents": cents, "quantity": Decimal("12345.678"), "unit_price": Decimal("1234567.1234")}
    taxes = (PaperTax(Decimal(19), "S", cents, cents),)
    paper = make_paper(
        line=line, taxes=taxes, net_cents=cents, tax_cents=cents, gross_cents=2 * cents, currency=currency, kind="draft"
    )
    words = text(drawn(paper))
    assert words.count(f"{Decimal(cents).scaleb(-2):,.2f}".translate(str.maketrans(",.", ".,"))) >= 5
    assert "12.345,678" in words
    assert "1.234.567,1234" in words


@pytest.mark.feature("EIN-8")
@pytest.mark.feature("F26")
@pytest.mark.parametrize("sandbox", [True, False])
def test_every_font_is_embedded(make_paper: MakePaper, make_line: MakeLine, sandbox: bool, logo: bytes) -> None:
    lines = tuple(make_line(position=n, title="Łódź Ελλάδα Київ ẞ") for n in range(9))
    pdf = drawn(make_paper(lines=lines, sandbox=sandbox, head={"logo": logo}))
    fonts = _fonts(PdfReader(io.BytesIO(pdf)))
    assert len(fonts) >= 2
    for font in fonts:
        assert "IBMPlexSans" in str(font["/BaseFont"])
        assert "/FontFile2" in font["/FontDescriptor"]


@pytest.mark.feature("GOB-3")
def test_the_same_paper_is_the_same_file_to_the_byte(make_paper: MakePaper, make_line: MakeLine, logo: bytes) -> None:
    plain, long = make_paper(), make_paper(lines=(make_line(),) * 9, head={"logo": logo, "accent": "#884400"})
    first = draw_invoice(plain)
    other = draw_invoice(long)
    assert draw_invoice(plain) == first
    assert draw_invoice(long) == other
    assert first != other


def test_the_file_carries_title_author_language_and_the_date_of_issue(make_paper: MakePaper) -> None:
    reader = PdfReader(io.BytesIO(drawn(make_paper())))
    data = reader.metadata
    assert data is not None
    assert (data.title, data.author) == ("Rechnung RE-2026-00042", "Radwerk Kreuzberg GmbH")
    assert data.creation_date is not None
    assert data.creation_date.date() == date(2026, 11, 21)
    assert reader.trailer["/Root"]["/Lang"] == "de"


def test_a_bare_invoice_with_nothing_optional_is_drawn(text: Text) -> None:
    paper = InvoicePaper(
        kind="draft", number="", issued_on=date(2026, 11, 21), due_on=None, service_from=None, service_last=None,
        title="", introtext="", customer_number="", letterhead=Letterhead(name="Eins"), buyer=Party(last_name="Zwei"),
        delivery=None, currency="EUR", is_gross=False, lines=(), taxes=(), net_cents=0, tax_cents=0, gross_cents=0,
    )  # fmt: skip
    words = text(drawn(paper))
    assert "Rechnungsentwurf" in words
    assert "Gesamtbetrag 0,00 €" in words


def _fonts(reader: PdfReader) -> list[Any]:
    found = {}
    for page in reader.pages:
        for holder in [page, *(form.get_object() for form in page["/Resources"].get("/XObject", {}).values())]:
            for font in holder.get("/Resources", {}).get("/Font", {}).values():
                found[font.idnum] = font.get_object()
    return list(found.values())


@pytest.mark.feature("D-9")
def test_credit_that_was_used_is_taken_off_and_only_the_rest_is_asked_for(make_paper: MakePaper) -> None:
    paper = make_paper(prepaid_cents=46906)
    told = " ".join(PdfReader(io.BytesIO(drawn(paper))).pages[0].extract_text().split())
    assert "Abzüglich Guthaben -469,06 € Noch zu zahlen 1.000,00 €" in told
    assert "Betrag 1.000,00 €" in told
    assert "EUR1000.00" in (payment_code(paper) or "")
    assert payment_code(make_paper(prepaid_cents=paper.gross_cents)) is None
