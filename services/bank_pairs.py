"""Which line of a statement and which sum of a notification belong together (SEP-8)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, or_, select

from models import BankBatch, BankLine


def pairs() -> Any:
    """(batch, line, its statement) of equal sums on one account, where the parts are whole and the line waits."""
    same = and_(BankBatch.iban == BankLine.iban, BankBatch.amount_cents == BankLine.amount_cents,
                BankBatch.currency_code == BankLine.currency_code)  # fmt: skip
    whole = (BankBatch.told_cents == BankBatch.amount_cents, BankLine.state == "unmatched")
    return select(BankBatch.id, BankLine.id, BankLine.statement_id).join(BankLine, same).where(*whole)


def is_named() -> Any:
    """By the bank's reference for the sum, or by the notification that the statement refers to."""
    referred = and_(BankBatch.message_id != "", BankBatch.message_id == BankLine.notice_id)
    return or_(BankBatch.batch_key == BankLine.line_key, referred)


def is_bare() -> Any:
    """A line that tells of one payer is no sum of many."""
    return and_(BankLine.end_to_end_id == "", BankLine.other_iban == "")
