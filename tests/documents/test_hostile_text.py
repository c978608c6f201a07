"""Whatever a person types into a field is printed as what it is: never run, never fetched, never lost (S9, F26)."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PageObject, PdfReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from xhtml2pdf.config.resources import PERMISSIVE_POLICY
from xhtml2pdf.document import pisaDocument

from documents.fonts import BOLD, REGULAR
from documents.invoice import draw_invoice
from documents.paper import InvoicePaper, PaperLine
from documents.text import MISSING
from tests.documents.conftest import LINE, PAPER
from tests.serving import Handler, serving

MakePaper = Callable[..., InvoicePaper]
Text = Callable[[bytes], str]

PAYLOADS = [
    '<img src="{url}/img.png"/>',
    '"><img src="{url}/attr.png">',
    '<link rel="stylesheet" href="{url}/link.css"/>',
    '<style>@import url("{url}/import.css");</style>',
    "<style>@page {{ background-image: url({url}/page.png) }}</style>",
    '<style>@font-face {{ font-family: x; src: url("{url}/font.ttf") }} * {{ font-family: x }}</style>',
    "</style></title></p></td></table></body><img src='{url}/closed.png'>",
    '<pdf:include src="{url}/include.html"/><pdfinclude src="{url}/include2.html"/>',
    '<pdf:template background="{url}/bg.pdf"></pdf:template><pdf:insertpdf src="{url}/insert.pdf"/>',
    '<p style="background-image: url({url}/css.png)">x</p>',
    '<object data="{url}/object"></object><svg onload="x"><image href="{url}/svg.png"/></svg><script src="{url}/s.js">',
    "{{{{ 7*7 }}}} {{% include '{url}/jinja' %}} {{{{ ''.__class__.__mro__ }}}}",
    "<span color=\"[[[getattr(pow,Attacker())('{url}')]]]\">[[[x]]]</span>",
    '<!DOCTYPE x [<!ENTITY e SYSTEM "{url}/entity">]>&e;<![CDATA[{url}/cdata]]>',
]


@dataclass
class Canary:
    """A server on the loopback that writes down every visit."""

    visits: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def canary() -> Iterator[Canary]:
    made = Canary()

    class Visited(Handler):
        def do_GET(self) -> None:
            made.visits.append(self.path)
            self.send_error(404)

    with serving(Visited) as port:
        made.url = f"http://127.0.0.1:{port}"
        yield made


@pytest.mark.feature("S9")
@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_in_any_field_is_fetched_and_all_of_it_is_shown(
    make_paper: MakePaper, canary: Canary, payload: str
) -> None:
    bait = payload.format(url=canary.url)
    pdf = draw_invoice(_everywhere(make_paper(), bait))
    assert canary.visits == []
    shown = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)
    assert shown.count("".join(bait.split())) >= 12


@pytest.mark.feature("S9")
def test_the_canary_would_sing_for_an_open_renderer(canary: Canary) -> None:
    pisaDocument(PAYLOADS[0].format(url=canary.url), io.BytesIO(), resource_policy=PERMISSIVE_POLICY)
    assert set(canary.visits) == {"/img.png"}


@pytest.mark.feature("S9")
def test_no_file_of_the_machine_reaches_the_paper(make_paper: MakePaper, text: Text, tmp_path: Path) -> None:
    secret = tmp_path / "secret.html"
    secret.write_text("<p>the-secret-of-this-machine</p>", encoding="utf-8")
    baits = [f'<pdf:include src="{place}"/><img src="{place}"/><link rel="stylesheet" href="{place}"/>'
             for place in (f"file://{secret}", str(secret))]  # fmt: skip
    for bait in baits:
        assert "the-secret-of-this-machine" not in text(draw_invoice(_everywhere(make_paper(), bait)))


@pytest.mark.feature("S10")
def test_templates_in_fields_are_not_reckoned(make_paper: MakePaper, text: Text) -> None:
    words = text(draw_invoice(make_paper(title="{{ 7*7 }} {% if 1 %}ja{% endif %}", introtext="[[[7*7]]]")))
    assert "{{ 7*7 }} {% if 1 %}ja{% endif %}" in words
    assert "[[[7*7]]]" in words


@pytest.mark.feature("S19")
def test_drawing_writes_no_word_of_the_paper_into_the_log(
    make_paper: MakePaper, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        draw_invoice(_everywhere(make_paper(), "<img src='x'/> Geheimname \u05d0 {{ x }}"))
    assert "Geheimname" not in caplog.text


@pytest.mark.feature("F9")
@pytest.mark.parametrize("blank", ["", " "], ids=["without blanks", "with blanks"])
@pytest.mark.parametrize("field", ["description", "title"])
def test_four_thousand_characters_stay_inside_their_column(
    make_paper: MakePaper, make_line: Callable[..., PaperLine], field: str, blank: str
) -> None:
    flood = (("Wm" * 9 + blank) * 250)[:4000]
    pdf = draw_invoice(make_paper(lines=(make_line(**{field: flood}), make_line(position=2))))
    pieces = [piece for page in PdfReader(io.BytesIO(pdf)).pages for piece in _pieces(page) if "WmW" in piece[2]]
    assert "".join(words for _, _, words in pieces).replace(" ", "") == flood.replace(" ", "")
    column = (_mm(25 + 9), _mm(190 - 28 - 13 - 25 - 17))
    assert [piece for piece in pieces if piece[0] < column[0] or piece[1] > column[1] + 0.5] == []


@pytest.mark.feature("F9")
@pytest.mark.parametrize("name", ["X" * 300, "Donaudampfschifffahrtsgesellschaft " * 9, "Ä" * 299 + "z"])
def test_names_of_three_hundred_characters_stay_in_the_window(make_paper: MakePaper, name: str) -> None:
    pdf = draw_invoice(make_paper(buyer={"organization": name, "last_name": name, "city": name}, head={"name": name}))
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    words = "".join(page.extract_text().split())
    assert words.count("".join(name.split())) >= 5
    assert [piece for piece in _pieces(page) if piece[1] > _mm(190) + 0.5] == []


SCRIPTS = [
    ("Straße STRAẞE Größe", "Straße STRAẞE Größe"),
    ("Mu\u0308sli", "Müsli"),
    ("Łukasz Ñandú Çelik Đorđe", "Łukasz Ñandú Çelik Đorđe"),
    ("Ελλάδα Київ Ђорђе", "Ελλάδα Київ Ђорђе"),
    ("O’Neill & D'Arcy <Söhne>", "O’Neill & D'Arcy <Söhne>"),
    ("Hallo 😀 Welt", "Hallo 😀 Welt"),
    ("Familie 👨\u200d👩\u200d👧!", "Familie 👨👩👧!"),
    ("株式会社", "[U+682A][U+5F0F][U+4F1A][U+793E]"),
    ("שלום Ltd", "שלום Ltd"),
    ("شركة النور", "شركة النور"),
    ("n\u030a q\u0301", "n\u030a q\u0301"),
    ("ไทย", "[U+0E44][U+0E17][U+0E22]"),
    ("\u202eevil", f"{MISSING}evil"),
    ("nul\x00bell\x07", f"nul{MISSING}bell{MISSING}"),
    ("half \ud83d pair", f"half {MISSING} pair"),
]


@pytest.fixture(scope="module")
def scripts() -> str:
    """What is read out of one paper with every script, each in a line of its own."""
    lines = tuple(replace(LINE, position=n, title=typed) for n, (typed, _) in enumerate(SCRIPTS, start=1))
    pages = PdfReader(io.BytesIO(draw_invoice(replace(PAPER, lines=lines)))).pages
    # Without blanks: where the direction turns, who reads the text back guesses them from the distance.
    return "".join("".join(page.extract_text().split()) for page in pages)


@pytest.mark.feature("F26")
@pytest.mark.parametrize(("typed", "shown"), SCRIPTS)
def test_every_script_is_drawn_or_visibly_marked(scripts: str, typed: str, shown: str) -> None:
    assert scripts.count("".join(shown.split())) == 1, typed


@pytest.mark.feature("F26")
@pytest.mark.parametrize(("typed", "shown"), [SCRIPTS[0], SCRIPTS[9]])
def test_every_place_draws_other_scripts(make_paper: MakePaper, text: Text, typed: str, shown: str) -> None:
    words = text(draw_invoice(make_paper(title=typed, line={"title": typed}, buyer={"organization": typed})))
    assert "".join(words.split()).count("".join(shown.split())) == 3


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)


@pytest.mark.feature("F26")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=ANY_TEXT)
def test_no_text_at_all_stops_the_drawing(make_paper: MakePaper, words: str) -> None:
    assert draw_invoice(_everywhere(make_paper(), words)).startswith(b"%PDF")


def _everywhere(paper: InvoicePaper, words: str) -> InvoicePaper:
    """The paper with the words in every field that is text, whoever may write it."""
    head = _filled(paper.letterhead, words, keep=("accent", "country_code", "logo_media_type"))
    buyer = _filled(paper.buyer, words, keep=("country_code",))
    taxes = tuple(_filled(tax, words, keep=("category",)) for tax in paper.taxes)
    lines = tuple(_filled(line, words) for line in paper.lines)
    parts: dict[str, Any] = {"letterhead": head, "buyer": buyer, "delivery": buyer, "taxes": taxes, "lines": lines}
    filled = _filled(paper, words, keep=("kind", "currency", "language"))
    return replace(filled, notes=(words,), **parts)


def _filled(part: Any, words: str, keep: tuple[str, ...] = ()) -> Any:
    names = [f.name for f in fields(part) if isinstance(getattr(part, f.name), str) and f.name not in keep]
    return replace(part, **dict.fromkeys(names, words))


def _pieces(page: PageObject) -> list[tuple[float, float, str]]:
    """Left edge, right edge and words of each run of text on the page, in points."""
    found: list[tuple[float, float, str]] = []

    def visit(words: str, cm: list[float], tm: list[float], font: dict[str, Any] | None, size: float) -> None:
        plain = re.sub(r"\n", "", words)
        if plain.strip() and font:
            face = BOLD if "SmBld" in str(font["/BaseFont"]) else REGULAR
            left = cm[0] * tm[4] + cm[4]
            found.append((left, left + stringWidth(plain.rstrip(), face, size) * cm[0] * tm[0], plain))

    page.extract_text(visitor_text=visit)
    return found


def _mm(length: float) -> float:
    return length * 72 / 25.4
