"""The account statement (Kontoauszug) of a customer as a letter: what stood before, what moved, what is open."""

from __future__ import annotations

from typing import Any

from documents import figures
from documents.invoice import SANDBOX_MARK
from documents.letter import environment, full_name, letter_view, stylesheet_text
from documents.pages import Imprint
from documents.sheet import draw_sheet, drawing
from documents.statement_paper import StatementAccount, StatementPaper, StatementRow
from documents.text import one_line
from documents.words import words


def draw_statement(paper: StatementPaper) -> bytes:
    """The PDF, A4, in the letter of the invoice; the same paper gives the same bytes.

    Raises PaperError as `documents.invoice.draw_invoice`.
    """
    with drawing():
        markup = environment().get_template("statement.html").render(_view(paper))
    return draw_sheet(markup, stylesheet_text(paper.letterhead.accent), _imprint(paper))


def _imprint(paper: StatementPaper) -> Imprint:
    word = words(paper.language)
    return Imprint(
        title=f"{word['statement']} {_period(paper)}", author=full_name(paper.letterhead), language=paper.language,
        issued_on=paper.drawn_on, page_words=word["page"], watermark=SANDBOX_MARK if paper.sandbox else "",
    )  # fmt: skip


def _view(paper: StatementPaper) -> dict[str, Any]:
    word = words(paper.language)
    return letter_view(paper.letterhead, paper.buyer, paper.language) | {
        "heading": word["statement"],
        "issued": figures.day(paper.drawn_on, paper.language),
        "facts": [
            (word["period"], _period(paper)),
            (word["drawn_on"], figures.day(paper.drawn_on, paper.language)),
            (word["customer_number"], paper.customer_number),
        ],
        "last": figures.day(paper.last, paper.language),
        "accounts": [_account(account, paper) for account in paper.accounts],
    }


def _account(account: StatementAccount, paper: StatementPaper) -> dict[str, Any]:
    def money(cents: int) -> str:
        return figures.money(cents, account.currency, paper.language)

    opening, closing = money(account.opening_cents), money(account.closing_cents)
    rows = [_row(row, money, paper.language) for row in account.rows]
    widest = max(map(len, [opening, closing, *(row["amount"] for row in rows), *(row["balance"] for row in rows)]))
    return {
        "currency": account.currency if len(paper.accounts) > 1 else "",
        "opening": opening,
        "closing": closing,
        "rows": rows,
        "items": [
            {"what": one_line(item.what), "due": figures.day(item.due_on, paper.language),
             "amount": money(item.amount_cents), "open": money(item.open_cents)}
            for item in account.items
        ],
        "credit": money(-account.credit_cents) if account.credit_cents else "",
        "tight": widest > 14,
    }  # fmt: skip


def _row(row: StatementRow, money: Any, language: str) -> dict[str, str]:
    return {"on": figures.day(row.on, language), "what": one_line(row.what), "note": one_line(row.note),
            "amount": money(row.cents), "balance": money(row.balance_cents)}  # fmt: skip


def _period(paper: StatementPaper) -> str:
    return figures.period(paper.first, paper.last, paper.language)
