"""A reminder (Zahlungserinnerung, Mahnung) as a letter: what is open, what was added, until when, and how to pay."""

from __future__ import annotations

from typing import Any

from documents import figures
from documents.epc import code_image, transfer_code
from documents.invoice import SANDBOX_MARK
from documents.letter import environment, full_name, letter_view, stylesheet_text
from documents.pages import Imprint
from documents.reminder_paper import ReminderItem, ReminderPaper
from documents.sheet import draw_sheet, drawing
from documents.text import one_line
from documents.words import words


def draw_reminder(paper: ReminderPaper) -> bytes:
    """The PDF, A4, in the letter of the invoice; the same paper gives the same bytes.

    Raises PaperError as `documents.invoice.draw_invoice`.
    """
    with drawing():
        markup = environment().get_template("reminder.html").render(_view(paper))
    return draw_sheet(markup, stylesheet_text(paper.letterhead.accent), _imprint(paper))


def _imprint(paper: ReminderPaper) -> Imprint:
    return Imprint(
        title=f"{one_line(paper.name)} {paper.number}", author=full_name(paper.letterhead), language=paper.language,
        issued_on=paper.reminded_on, page_words=words(paper.language)["page"],
        watermark=SANDBOX_MARK if paper.sandbox else "",
    )  # fmt: skip


def _view(paper: ReminderPaper) -> dict[str, Any]:
    word, code = words(paper.language), _code(paper)
    return letter_view(paper.letterhead, paper.buyer, paper.language) | {
        "heading": one_line(paper.name),
        "subtitle": f"{word['invoice']} {paper.number}",
        "issued": figures.day(paper.reminded_on, paper.language),
        "facts": [
            (word["date"], figures.day(paper.reminded_on, paper.language)),
            (word["customer_number"], paper.customer_number),
            (word["number"], paper.number),
            (word["pay_until"], figures.day(paper.pay_until, paper.language)),
        ],
        "paper": paper,
        "rows": [_row(item, paper) for item in paper.items],
        "total": figures.money(paper.total_cents, paper.currency, paper.language),
        "code": code_image(code) if code else None,
        "bank": _bank(paper),
    }  # fmt: skip


def _row(item: ReminderItem, paper: ReminderPaper) -> dict[str, str]:
    due = figures.day(item.due_on, paper.language) if item.due_on else ""
    return {
        "what": one_line(item.what),
        "due": due,
        "amount": figures.money(item.cents, paper.currency, paper.language),
    }


def _code(paper: ReminderPaper) -> str | None:
    return transfer_code(paper.letterhead, paper.total_cents, paper.currency, paper.number)


def _bank(paper: ReminderPaper) -> list[tuple[str, str]]:
    """Where to transfer to, for people who type (M2-13)."""
    word, head = words(paper.language), paper.letterhead
    if not head.iban.strip():
        return []
    lines = [
        (word["payee"], head.bank_owner or full_name(head)), ("IBAN", figures.grouped(head.iban)), ("BIC", head.bic),
        (word["amount"], figures.money(paper.total_cents, paper.currency, paper.language)),
        (word["reference"], paper.number), (word["pay_until"], figures.day(paper.pay_until, paper.language)),
    ]  # fmt: skip
    return [(name, one_line(value)) for name, value in lines if value]
