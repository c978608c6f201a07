"""The payment code for banking apps (EPC069-12, in Germany "GiroCode"): a QR code that fills in a SEPA transfer."""

from __future__ import annotations

import io
from base64 import b64encode
from decimal import Decimal
from typing import Final

import segno

from documents.paper import InvoicePaper, Letterhead
from documents.text import one_line

TRANSFERS: Final = frozenset({1, 5})  # transfer and prepayment: the customer sends the money
_MOST_CENTS: Final = 99_999_999_999
_MOST_BYTES: Final = 331  # what version 13 holds at error correction M
_NAME_LIMIT: Final = 70
_TEXT_LIMIT: Final = 140
# Choosing the best of eight masks takes most of the time; any of them is valid.
_MASK: Final = 3


def payment_code(paper: InvoicePaper) -> str | None:
    """The content of the code, or None where it would not be a transfer in euros that a bank accepts."""
    if paper.payment_type not in TRANSFERS or paper.kind != "invoice":
        return None
    return transfer_code(paper.letterhead, paper.due_cents, paper.currency, paper.number)


def transfer_code(head: Letterhead, cents: int, currency: str, reference: str) -> str | None:
    """A transfer of these cents to the house's account; None where a bank would not accept it."""
    if currency != "EUR" or not 1 <= cents <= _MOST_CENTS or not head.iban.strip():
        return None
    name = one_line(head.bank_owner or head.name)[:_NAME_LIMIT]
    amount = f"EUR{Decimal(cents).scaleb(-2):.2f}"
    text = one_line(reference)[:_TEXT_LIMIT]
    parts = ["BCD", "002", "1", "SCT", _compact(head.bic), name, _compact(head.iban), amount, "", "", text]
    content = "\n".join(parts)
    return content if len(content.encode("utf-8")) <= _MOST_BYTES else None


def code_image(content: str) -> str:
    """The code as the `data:` address of a PNG, with error correction M as the standard asks."""
    code = segno.make_qr(content, error="m", boost_error=False, mask=_MASK, encoding="utf-8")
    picture = io.BytesIO()
    code.save(picture, kind="png", scale=4, border=0)
    return "data:image/png;base64," + b64encode(picture.getvalue()).decode("ascii")


def _compact(value: str) -> str:
    return "".join(value.split()).upper()
