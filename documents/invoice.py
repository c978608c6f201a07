"""The invoice and its corrections as a PDF: all of §14(4) UStG, drawn from the frozen row alone."""

from __future__ import annotations

from datetime import date
from itertools import zip_longest
from typing import Any, Final

from documents import figures
from documents.epc import code_image, payment_code
from documents.letter import address, environment, full_name, letter_view, stylesheet_text
from documents.pages import Imprint
from documents.paper import InvoicePaper, PaperLine
from documents.sheet import draw_sheet, drawing
from documents.text import one_line
from documents.words import words

SANDBOX_MARK: Final = "MUSTER"


def draw_invoice(paper: InvoicePaper) -> bytes:
    """The PDF of an invoice or correction, A4, every font embedded; the same paper gives the same bytes.

    Raises PaperError with code `broken_logo`, `too_large` or `drawing_failed`; there is never half a PDF.
    """
    with drawing():
        markup = environment().get_template("invoice.html").render(_view(paper))
    return draw_sheet(markup, stylesheet_text(paper.letterhead.accent), _imprint(paper))


def _imprint(paper: InvoicePaper) -> Imprint:
    return Imprint(
        title=heading(paper),
        author=full_name(paper.letterhead),
        language=paper.language,
        issued_on=paper.issued_on,
        page_words=words(paper.language)["page"],
        watermark=_watermark(paper),
    )


def _watermark(paper: InvoicePaper) -> str:
    if paper.kind == "draft":
        return words(paper.language)["draft_mark"]
    return SANDBOX_MARK if paper.sandbox else ""


def _view(paper: InvoicePaper) -> dict[str, Any]:
    mode = "gross" if paper.is_gross else "net"
    word = words(paper.language)
    code = payment_code(paper)
    lines = [_line(line, paper) for line in paper.lines]
    return letter_view(paper.letterhead, paper.buyer, paper.language) | {
        "paper": paper,
        "heading": heading(paper),
        "issued": figures.day(paper.issued_on, paper.language),
        "facts": _facts(paper),
        "delivery": _delivery(paper),
        "price_word": word[f"unit_price_{mode}"],
        "amount_word": word[f"amount_{mode}"],
        "lines": lines,
        "sums": list(zip_longest(_taxes(paper), _totals(paper))),
        "tight": _is_tight(lines, paper),
        "notes": list(dict.fromkeys(note for tax in paper.taxes if (note := tax.note))) + list(paper.notes),
        "code": code_image(code) if code else None,
        "bank": _bank(paper) if code else [],
    }


def heading(paper: InvoicePaper) -> str:
    """The document by its kind and number: Rechnung RE-2026-00042."""
    return f"{words(paper.language)[paper.kind]} {paper.number}".strip()


def _facts(paper: InvoicePaper) -> list[tuple[str, str]]:
    """The block beside the window: number, dates, period of supply (§14(4) Nr. 3, 4, 6 UStG)."""
    word, language = words(paper.language), paper.language
    rows = [
        (word["number"], paper.number),
        (word["issued"], figures.day(paper.issued_on, language)),
        _supply(paper.service_from, paper.service_last, language),
        (word["original"], paper.original),
        (word["due"], figures.day(paper.due_on, language) if paper.due_on else ""),
        (word["customer_number"], paper.customer_number),
        (word["buyer_vat_id"], paper.buyer.vat_id),
    ]
    return [(name, value) for name, value in rows if value]


def _supply(first: date | None, last: date | None, language: str) -> tuple[str, str]:
    """Name and value of a period of supply, both days inclusive; one day is a date; a missing end is the other one."""
    start, end = first or last, last or first
    word = words(language)
    if start is None or end is None:
        return word["service_period"], ""
    return word["service_date" if start == end else "service_period"], figures.period(start, end, language)


def _delivery(paper: InvoicePaper) -> str:
    if paper.delivery is None or paper.delivery == paper.buyer:
        return ""
    return ", ".join(address(paper.delivery, paper.letterhead.country_code, paper.language))


def _line(line: PaperLine, paper: InvoicePaper) -> dict[str, Any]:
    language = paper.language
    name, period = _supply(line.period_start, line.period_last, language)
    return {
        "position": line.position,
        "title": one_line(line.title),
        "description": line.description.strip(),
        "article_number": one_line(line.article_number),
        "period_name": name,
        "period": period,
        "discounts": [(text, figures.money(-cents, paper.currency, language)) for text, cents in line.discounts],
        "quantity": figures.quantity(line.quantity, language),
        "price": figures.price(line.unit_price, paper.currency, language),
        "percent": figures.percent(line.vat_percent, language),
        "amount": figures.money(line.amount_cents, paper.currency, language),
    }


def _is_tight(lines: list[dict[str, Any]], paper: InvoicePaper) -> bool:
    """Whether a figure is too long for its column at full size: smaller type, rather than a number broken in two."""
    sums = (_money(cents, paper) for cents in (paper.net_cents, paper.tax_cents, paper.gross_cents))
    room = {"quantity": 7, "price": 12, "amount": 14}
    return any(len(line[name]) > most for line in lines for name, most in room.items()) or max(map(len, sums)) > 14


def _taxes(paper: InvoicePaper) -> list[tuple[str, ...]]:
    """Net, tax and gross of every rate (§14(4) Nr. 7, 8 UStG), under a row of names."""
    word = words(paper.language)
    rows = [
        (figures.percent(tax.percent, paper.language), *(
            _money(cents, paper) for cents in (tax.net_cents, tax.tax_cents, tax.net_cents + tax.tax_cents)
        ))
        for tax in paper.taxes
    ]  # fmt: skip
    return [(word["vat_rate"], word["net"], word["vat"], word["gross"]), *rows] if rows else []


def _totals(paper: InvoicePaper) -> list[tuple[str, str, str]]:
    """Class, name and value of each sum."""
    word = words(paper.language)
    total = word["total" if paper.kind == "invoice" else "total_other"]
    sums = [
        ("sum", word["net_total"], _money(paper.net_cents, paper)),
        ("sum", word["vat_total"], _money(paper.tax_cents, paper)),
        ("total", total, _money(paper.gross_cents, paper)),
    ]
    if paper.prepaid_cents:
        sums += [
            ("sum", word["prepaid"], _money(-paper.prepaid_cents, paper)),
            ("total", word["payable"], _money(paper.due_cents, paper)),
        ]
    return sums


def _bank(paper: InvoicePaper) -> list[tuple[str, str]]:
    """The same transfer as in the code, for people who type."""
    head, word = paper.letterhead, words(paper.language)
    rows = [
        (word["payee"], head.bank_owner or full_name(head)),
        ("IBAN", figures.grouped(head.iban)),
        ("BIC", head.bic),
        (word["amount"], _money(paper.due_cents, paper)),
        (word["reference"], paper.number),
    ]
    return [(name, value) for name, value in rows if value]


def _money(cents: int, paper: InvoicePaper) -> str:
    return figures.money(cents, paper.currency, paper.language)
