"""What a bank statement says: movements, the key by which each is known again, and whether the sums agree.

Pure facts as the bank told them; documents/camt.py and documents/bank_csv.py make them from bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from billing.unseen import without_unseen

NOT_PROVIDED = frozenset({"NOTPROVIDED", "NICHTANGEGEBEN", "NONREF", "KEINEREF"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement on the own account. Positive cents came in.

    `reference` is the bank's own for it, empty where it has none. `return_code` says that it takes a debit or a
    transfer back, and why (AC04, MD06, ...; `RETURN` where the bank gives no reason). `charges_cents` is what banks
    took for that and is part of the amount. `notice_id` names the notification (camt.054) that tells its parts.
    """

    booked_on: date
    amount_cents: int
    currency: str
    reference: str = ""
    end_to_end_id: str = ""
    mandate_reference: str = ""
    return_code: str = ""
    charges_cents: int = 0
    other_name: str = ""
    other_iban: str = ""
    purpose: str = ""
    notice_id: str = field(default="", repr=False)  # a statement's key is made of what else it says, since long ago


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of one account. `key` makes it one; the balances are None where the file tells none (CSV)."""

    iban: str
    source: str
    key: str
    currency: str
    closed_on: date
    movements: tuple[Movement, ...]
    opened_on: date | None = None
    opening_cents: int | None = None
    closing_cents: int | None = None


def line_keys(movements: Sequence[Movement]) -> list[str]:
    """The key of each movement, the same in every statement that tells of it (F13).

    A digest of the day, the amount and the bank's reference, or without one of all that is told of it; equal movements
    of a day are counted, so two equal payments stay two. The amount is in it because banks give all parts of a batch,
    and some give all movements, the same reference.
    """
    seen: Counter[str] = Counter()
    keys = []
    for each in movements:
        digest = sha256("\x1f".join(_identity(each)).encode()).hexdigest()
        seen[digest] += 1
        keys.append(f"{digest}-{seen[digest]}")
    return keys


def mixes_currencies(statement: Statement) -> bool:
    """Whether a movement is not in the statement's own currency, so that nothing can be added up."""
    return any(each.currency != statement.currency for each in statement.movements)


def missing_cents(statement: Statement) -> int:
    """What the closing balance tells beyond the opening balance and all movements (SEP-8); 0 where it agrees, and where
    the file tells no balances."""
    if statement.opening_cents is None or statement.closing_cents is None:
        return 0
    return statement.closing_cents - statement.opening_cents - sum(each.amount_cents for each in statement.movements)


def plain(text: str, longest: int) -> str:
    """Text from a bank's file as it may be kept and shown: one line, nothing unseen, no longer than its column."""
    if text.isascii() and text.isprintable() and "  " not in text:  # nearly all of it, at a tenth of the time
        return text.strip()[:longest].rstrip()
    return _BLANKS.sub(" ", without_unseen(_CONTROL.sub(" ", text))).strip()[:longest].rstrip()


def given(reference: str) -> str:
    """A reference, or nothing where the bank only says that there is none."""
    if not reference:
        return ""
    bare = re.sub(r"[^A-Za-z]", "", reference).upper()
    return "" if bare in NOT_PROVIDED else reference


def _identity(each: Movement) -> tuple[str, ...]:
    fixed = (each.booked_on.isoformat(), str(each.amount_cents), each.currency)
    if each.reference:
        return (*fixed, "ref", each.reference)
    words = (each.end_to_end_id, each.other_iban, each.other_name, each.purpose)
    return (*fixed, *(_BLANKS.sub("", word).upper() for word in words))
