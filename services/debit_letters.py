"""What customers are told of their direct debits: one came back, is collected on another day, or will not be (SEP-2,
SEP-5, SEP-1).

A second try is announced as the first one was on its invoice: amount, day, account, creditor and mandate, in the words
of the house for that.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from models import Debit, Mandate
from services import payer_mails

_DIED = "MD07"  # the account's holder died: nobody writes a mail about money then


def tell_returned(session: Session, debit: Debit, again: Debit | None, fee_cents: int) -> None:
    """Order the mail about a debit that came back, with the announcement of its second try, if there is one."""
    if debit.return_code != _DIED:
        facts = {"debit_id": debit.id, "again_id": again.id if again else None, "fee_cents": fee_cents}
        payer_mails.order(session, f"debit_returned:{debit.id}", "debit_returned", debit.customer_id, facts)


def tell_again(session: Session, debit: Debit) -> None:
    """Order the announcement of a debit that is collected on another day than was announced."""
    facts = {"debit_id": debit.id, "again_id": debit.id}
    payer_mails.order(session, f"debit_again:{debit.id}", "debit_again", debit.customer_id, facts)


def tell_cancelled(session: Session, debits: Sequence[Debit], mandate: Mandate) -> None:
    """Order the mail about announced debits of one customer that will not come, since the mandate is over."""
    if mandate.stop_code != _DIED:
        facts = {"debit_ids": [each.id for each in debits], "why": mandate.state}
        payer_mails.order(session, f"debit_cancelled:{debits[0].id}", "debit_cancelled", debits[0].customer_id, facts)
