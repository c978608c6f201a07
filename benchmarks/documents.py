"""How fast papers are drawn, beside a bare call of xhtml2pdf with the very same content (aim: at least 1.3 times).

The bare call is what its manual shows: `pisaDocument` with the same markup, the same rules as a style sheet in its
head, the same pages declared by `@page`, the same face loaded from our files, and its own count of pages. Both take
turns within one process, so that whatever else the machine does strikes both alike; only processor time counts.

What makes an e-invoice of it is measured beside: building the XML, checking it by schema and rules, and making the
drawn PDF an archivable one with the XML inside.
"""

from __future__ import annotations

import io
import re
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from billing.money import divide_half_up
from documents import invoice
from documents.archive import About, archived
from documents.einvoice import build_einvoice
from documents.einvoice_check import check_einvoice
from documents.einvoice_data import Contact, EinvoiceData, EinvoiceLine
from documents.fonts import FONTS
from documents.invoice import draw_invoice
from documents.letter import environment, stylesheet_text
from documents.pages import _PAGES
from documents.paper import InvoicePaper, Letterhead, PaperLine, PaperTax, Party

ROUNDS = 15
LINES = (1, 3, 30)
HEAD = Letterhead(
    name="Messwerk GmbH", legal_form="GmbH", address_lines=("Prüfweg 1",), zipcode="20095", city="Hamburg",
    phone="+49 40 1234567", email="post@messwerk.example", vat_id="DE136695976", register_court="Amtsgericht Hamburg",
    register_number="HRB 12345", managing_directors="Anna Größer", seat="Hamburg", bank_name="Sparkasse",
    iban="DE02100500000054540402", bic="BELADEBEXXX",
)  # fmt: skip


def cases(_: str) -> Iterator[dict[str, Any]]:
    """One row of figures for every length of invoice."""
    for lines in LINES:
        paper = _paper(lines)
        markup = _bare_markup(paper)
        ours, bare = _measured(partial(draw_invoice, paper), partial(_bare, markup))
        yield {
            "lines": lines, "ours_per_s": round(1 / ours, 1), "bare_per_s": round(1 / bare, 1),
            "ours_ms": round(ours * 1000, 1), "bare_ms": round(bare * 1000, 1), "ratio": round(bare / ours, 2),
            **_einvoice(paper),
        }  # fmt: skip


def _einvoice(paper: InvoicePaper) -> dict[str, float]:
    """Calls a second of each step from drawn PDF to e-invoice."""
    data = _data(paper)
    about = About("Rechnung", "Messwerk GmbH", "de", paper.issued_on)
    pdf, xml = draw_invoice(paper), build_einvoice(data, "zugferd")
    if not check_einvoice(xml, "zugferd", data).holds:
        raise SystemExit("the e-invoice does not hold")
    steps: dict[str, Callable[[], object]] = {
        "xml_built_per_s": partial(build_einvoice, data, "zugferd"),
        "xml_checked_per_s": partial(check_einvoice, xml, "zugferd", data),
        "archived_per_s": partial(archived, pdf, about, xml),
    }
    return {name: round(1 / _median(step), 1) for name, step in steps.items()}


def _median(step: Callable[[], object]) -> float:
    """Seconds of processor time of one call, the median of rounds; the first warms up."""
    times = []
    for _ in range(ROUNDS + 1):
        began = time.process_time()
        step()
        times.append(time.process_time() - began)
    return max(statistics.median(times[1:]), 1e-9)


def _data(paper: InvoicePaper) -> EinvoiceData:
    lines = tuple(
        EinvoiceLine(line.position, line.article_number, line.title, line.description, "C62", line.quantity,
                     line.unit_price, "S", line.vat_percent, line.amount_cents, (), line.period_start,
                     line.period_last)
        for line in paper.lines
    )  # fmt: skip
    return EinvoiceData(paper, lines, Contact("Anna Größer", "+49 40 1234567", "post@messwerk.example"))


def _measured(ours: Callable[[], bytes], bare: Callable[[], bytes]) -> tuple[float, float]:
    """Seconds of processor time of one call each, the median of turns; the first turn warms up."""
    turns = [(_seconds(ours), _seconds(bare)) for _ in range(ROUNDS + 1)][1:]
    return statistics.median(turn[0] for turn in turns), statistics.median(turn[1] for turn in turns)


def _seconds(call: Callable[[], bytes]) -> float:
    began = time.process_time()
    if not call().startswith(b"%PDF"):
        raise SystemExit("no PDF was drawn")
    return time.process_time() - began


def _paper(count: int) -> InvoicePaper:
    line = PaperLine(
        1, "ABO-12", "Werkstatt-Abo Komfort", "Durchsicht, Pannenhilfe und Ersatzrad", Decimal(2), Decimal("617.25"),
        Decimal(19), 123450, date(2026, 11, 1), date(2026, 11, 30),
    )  # fmt: skip
    net = 123450 * count
    tax = divide_half_up(net * 19, 100)
    return InvoicePaper(
        kind="invoice", number="RE-2026-00042", issued_on=date(2026, 11, 21), due_on=date(2026, 12, 5),
        service_from=date(2026, 11, 1), service_last=date(2026, 11, 30), title="Werkstatt-Abo November",
        introtext="Vielen Dank für Ihr Vertrauen.", customer_number="K-10042", letterhead=HEAD,
        buyer=Party("Müller & Söhne GmbH", address="Hauptstraße 5", zipcode="80331", city="München"), delivery=None,
        currency="EUR", is_gross=False, lines=tuple(replace(line, position=n) for n in range(1, count + 1)),
        taxes=(PaperTax(Decimal(19), "S", net, tax),), net_cents=net, tax_cents=tax, gross_cents=net + tax,
        payment_text="Bitte überweisen Sie den Betrag bis zum 05.12.2026.",
    )  # fmt: skip


def _bare_markup(paper: InvoicePaper) -> str:
    """Our markup as one would hand it to the library: pages and faces as rules, the count of pages as its tag."""
    body = environment().get_template("invoice.html").render(invoice._view(paper))
    count = '<div id="count"><p class="again">Seite <pdf:pagenumber/> von <pdf:pagecount/></p></div>'
    body = re.sub(r'<pdfnexttemplate name="more"/>', count + '<pdf:nexttemplate name="more"/>', body)
    rules = stylesheet_text(paper.letterhead.accent)
    faces = "".join(
        f'@font-face {{ font-family: plex; src: url("{FONTS / file}"); font-weight: {weight} }}\n'
        for file, weight in (("IBMPlexSans-Regular.ttf", "normal"), ("IBMPlexSans-SemiBold.ttf", "bold"))
    )
    pages = "".join(_page_rule(name, places) for name, places in _PAGES.items())
    return body.replace("<body>", f"<head><style>{faces}{pages}{rules}</style></head><body>", 1)


def _page_rule(name: str, places: dict[str, tuple[float, float, float, float]]) -> str:
    frames = "".join(_frame_rule(frame, place) for frame, place in places.items())
    frames += _frame_rule("count", (160, 258, 30, 5))
    return f"@page {name if name != 'first' else ''} {{ size: a4; margin: 0; {frames} }}\n"


def _frame_rule(name: str, place: tuple[float, float, float, float]) -> str:
    left, top, width, height = place
    content = "" if name == "content" else f"-pdf-frame-content: {name}; "
    return f"@frame f{name} {{ {content}left: {left}mm; top: {top}mm; width: {width}mm; height: {height}mm }} "


def _bare(markup: str) -> bytes:
    from xhtml2pdf.config.resources import ResourceAccessPolicy
    from xhtml2pdf.document import pisaDocument

    out = io.BytesIO()
    policy = ResourceAccessPolicy(allow_remote=False, base_dir=None, extra_roots=(FONTS,))
    result = pisaDocument(markup, out, resource_policy=policy)
    if result.err:
        raise SystemExit("the bare call failed")
    return out.getvalue()
