"""What is long stays readable: smaller type down to a floor, then more lines; addresses break where readers expect."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
from pypdf import PageObject, PdfReader

from documents.colours import READABLE, VISIBLE, contrast
from documents.letter import stylesheet_text
from documents.room import broken_address, sender_class
from tests.documents.cases import cases
from tests.documents.conftest import drawn

FLOOR = 6.0  # points


@pytest.fixture(scope="module")
def longest() -> bytes:
    return drawn(cases()["longest-foot"])


@pytest.mark.feature("INV-12")
def test_the_longest_foot_and_sender_are_complete_and_readable_on_every_page(longest: bytes) -> None:
    pages = PdfReader(io.BytesIO(longest)).pages
    for number, page in enumerate(pages, start=1):
        words = " ".join(page.extract_text().split())
        assert words.count("Anna Größer,") == 40
        assert "Steuernummer 29/123/45678" in words
        assert f"Seite {number} von 2" in words
        assert min(size for size, _ in _sizes(page)) >= FLOOR
    first = " ".join(pages[0].extract_text().split())
    assert first.count("Werkstattwesen GmbH") == 2, "above the window and in the foot"


@pytest.mark.feature("INV-12")
def test_the_text_of_the_page_ends_above_a_taller_foot(longest: bytes) -> None:
    first, last = pypdfium2.PdfDocument(longest)
    for page, lowest in ((first, "Posten 6"), (last, "Verwendungszweck")):
        heights = [_height(page, words) for words in (lowest, "Seite", "Sitz Berlin")]
        assert heights == sorted(heights, reverse=True)


def test_a_foot_of_ordinary_length_keeps_its_type_and_place() -> None:
    (page,) = PdfReader(io.BytesIO(drawn(cases()["one-line"]))).pages
    assert {round(size, 1) for size, words in _sizes(page) if words.startswith("Sitz")} == {6.8}


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("Radwerk · Hafenstraße 84 · 20359 Hamburg", ""),
        ("Radwerk Hafenstraße GmbH · Hafenstraße 84 · 20359 Hamburg", "smaller"),
        ("Gesellschaft für Fahrradpflege und Werkstattwesen · Hafenstraße 84 · 20359 Hamburg", "smallest"),
    ],
)
def test_the_line_above_the_window_takes_the_largest_type_that_fits(sender: str, name: str) -> None:
    assert sender_class(sender) == name


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        ("post@radwerk.example", ["post@radwerk.example"]),
        ("", [""]),
        (
            "rechnungswesen@fahrradwerkstatt-am-landwehrkanal.berlin-kreuzberg.example",
            ["rechnungswesen@", "fahrradwerkstatt-am-landwehrkanal.", "berlin-kreuzberg.example"],
        ),
        (
            "https://www.fahrradwerkstatt-am-landwehrkanal.example/impressum",
            ["https://www.", "fahrradwerkstatt-am-landwehrkanal.", "example/impressum"],
        ),
        ("x" * 80, ["x" * 80]),
    ],
)
def test_a_long_address_breaks_behind_its_signs_only(address: str, lines: list[str]) -> None:
    assert broken_address(address) == lines


@pytest.mark.feature("X-21")
@pytest.mark.parametrize("accent", ["#ffee00", "#ffffff", "#c8f7c5", "#0b6b62", "#000000"])
def test_rules_are_seen_and_words_are_read_whatever_the_accent(accent: str) -> None:
    css = stylesheet_text(accent)
    rule = css.partition("border-top: 1pt solid ")[2][:7]
    words = css.partition("font-weight: bold; color: ")[2][:7]
    assert contrast(rule, "#ffffff") >= VISIBLE
    assert contrast(words, "#ffffff") >= READABLE


def _sizes(page: PageObject) -> list[tuple[float, str]]:
    """Size of type in points, and the words, of each run of text."""
    found: list[tuple[float, str]] = []

    def visit(words: str, cm: list[float], tm: list[float], font: dict[str, Any] | None, size: float) -> None:
        if words.strip() and font:
            found.append((size * cm[0] * tm[0], words.strip()))

    page.extract_text(visitor_text=visit)
    return found


def _height(page: pypdfium2.PdfPage, words: str) -> float:
    """How high above the edge of the paper the words stand, in points."""
    text = page.get_textpage()
    found = text.search(words).get_next()
    assert found is not None, words
    return float(text.get_charbox(found[0])[1])
