"""The payment code holds the very transfer that the invoice asks for, and stands only where one is asked for."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import segno
from pypdf import PdfReader

from documents.epc import code_image, payment_code
from documents.paper import InvoicePaper
from tests.documents.conftest import drawn

MakePaper = Callable[..., InvoicePaper]
Text = Callable[[bytes], str]


@pytest.mark.feature("SEP-9")
def test_the_code_says_who_gets_how_much_for_what(make_paper: MakePaper) -> None:
    assert payment_code(make_paper()) == "\n".join(
        [
            "BCD",
            "002",
            "1",
            "SCT",
            "BELADEBEXXX",
            "Radwerk Kreuzberg GmbH",
            "DE02100500000054540402",
            "EUR1469.06",
            "",
            "",
            "RE-2026-00042",
        ]
    )


@pytest.mark.parametrize(
    ("changes", "line", "value"),
    [
        ({"gross_cents": 1}, 7, "EUR0.01"),
        ({"gross_cents": 5}, 7, "EUR0.05"),
        ({"gross_cents": 100}, 7, "EUR1.00"),
        ({"gross_cents": 99_999_999_999}, 7, "EUR999999999.99"),
        ({"head": {"iban": "de02 1005 0000 0054 5404 02"}}, 6, "DE02100500000054540402"),
        ({"head": {"bic": ""}}, 4, ""),
        ({"head": {"bank_owner": ""}}, 5, "Radwerk Kreuzberg GmbH"),
        ({"head": {"bank_owner": "Ä" * 100}}, 5, "Ä" * 70),
        ({"head": {"bank_owner": "Zwei\nZeilen\r\nEUR1.00"}}, 5, "Zwei Zeilen EUR1.00"),
        ({"number": "RE 1\nx"}, 10, "RE 1 x"),
        ({"payment_type": 5}, 7, "EUR1469.06"),
    ],
)
def test_each_line_of_the_code(make_paper: MakePaper, changes: dict[str, Any], line: int, value: str) -> None:
    content = payment_code(make_paper(**changes))
    assert content is not None
    assert content.split("\n")[line] == value
    assert len(content.split("\n")) == 11


@pytest.mark.parametrize(
    "changes",
    [
        {"payment_type": 2},
        {"payment_type": 3},
        {"payment_type": 4},
        {"payment_type": 6},
        {"currency": "CHF"},
        {"gross_cents": 0},
        {"gross_cents": -100},
        {"gross_cents": 100_000_000_000},
        {"head": {"iban": " "}},
        {"kind": "cancellation"},
        {"kind": "draft"},
        {"head": {"bank_owner": "株" * 100}, "number": "9" * 140},
    ],
)
def test_without_a_transfer_in_euros_there_is_no_code(make_paper: MakePaper, changes: dict[str, Any]) -> None:
    assert payment_code(make_paper(**changes)) is None


def test_a_paper_without_a_code_has_no_empty_place_for_it(make_paper: MakePaper, text: Text) -> None:
    paper = make_paper(payment_type=2)
    pdf = drawn(paper)
    assert len(PdfReader(io.BytesIO(pdf)).pages[0].images) == 0
    assert "Verwendungszweck" not in text(pdf)
    assert "Bitte überweisen" in text(pdf)


@pytest.mark.feature("SEP-9")
def test_the_picture_on_the_paper_is_the_code_of_its_own_sums(make_paper: MakePaper) -> None:
    paper = make_paper()
    content = payment_code(paper)
    assert content is not None
    (picture,) = PdfReader(io.BytesIO(drawn(paper))).pages[0].images
    expected = [list(row) for row in segno.make_qr(content, error="m", boost_error=False, mask=3).matrix]
    assert _modules(picture.image.convert("L"), len(expected)) == expected


def test_the_people_who_type_read_the_same_transfer(make_paper: MakePaper, text: Text) -> None:
    words = text(drawn(make_paper()))
    wanted = (
        "Empfänger Radwerk Kreuzberg GmbH IBAN DE02 1005 0000 0054 5404 02 BIC BELADEBEXXX "
        "Betrag 1.469,06 € Verwendungszweck RE-2026-00042"
    )
    assert wanted in words


def test_the_longest_content_still_fits_the_largest_version_the_standard_allows() -> None:
    assert code_image("x" * 331).startswith("data:image/png;base64,")
    assert int(segno.make_qr("x" * 331, error="m", boost_error=False, mask=3, encoding="utf-8").version) <= 13


def _modules(picture: Any, count: int) -> list[list[int]]:
    """The dark (1) and light (0) fields of a drawn code."""
    step = picture.width / count
    middle = [int((field + 0.5) * step) for field in range(count)]
    return [[int(picture.getpixel((x, y)) < 128) for x in middle] for y in middle]
