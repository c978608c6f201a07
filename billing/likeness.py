"""By what two records may be of one customer, brought into a form in which equal means the same (D-4)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from billing.words import query_words

SHORTEST_PHONE = 6  # digits; a shorter one says nothing
_HOME = ("49", "43", "41")  # whose numbers are mostly written without the country
_TRUNK = re.compile(r"\(\s*0\s*\)")
_NO_DIGIT = re.compile(r"\D")


def email_word(email: str) -> str:
    """The search word of an address, however it is written; empty for none."""
    return next((word for word in query_words(email) if "@" in word), "")


def phone_words(phones: Iterable[str | None]) -> frozenset[str]:
    """Words of telephone numbers for the index of search words. They begin with a sign that no search can contain, so
    that nobody finds a record by them who looks for a name."""
    numbers = {_national(phone or "") for phone in phones}
    return frozenset(f"=tel:{number}"[:60] for number in numbers if len(number) >= SHORTEST_PHONE)


def iban_key(iban: str) -> str:
    """As it is stored: without blanks, in capitals."""
    return "".join(iban.split()).upper()


def _national(phone: str) -> str:
    """Its digits without the country of home and the zero before the town: +49 (0)40 123456 is 040 123456."""
    text = _TRUNK.sub("", phone.strip())
    digits = _NO_DIGIT.sub("", text)
    abroad = text.startswith("+") or digits.startswith("00")
    digits = digits.lstrip("0")
    return next((digits[2:].lstrip("0") for code in _HOME if abroad and digits.startswith(code)), digits)
