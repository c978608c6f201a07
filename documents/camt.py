"""Bank statements as camt.053, and what notifications (camt.054) tell of sums in them, from 001.02 to 001.08 and later:
bytes in, frozen facts out (SEP-8).

The shapes are those of ISO 20022 (BankToCustomerStatement, BankToCustomerDebitCreditNotification) as Anlage 3 of the
DFÜ-Abkommen fills them: a sum has its amount, day and the bank's reference at the entry (Ntry), its parts are TxDtls,
and a statement that leaves them out names the notification that tells them (AddtlInfInd/MsgId).

Read here and not by a library: those at hand take a declared entity for text, read the first amount at any depth and
check no balance. How the XML is read stands in documents/camt_xml.py, how its entries are in documents/camt_entries.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from xml.etree.ElementTree import Element

from billing.bank_batches import Batch
from billing.bank_lines import Movement, Statement, missing_cents, mixes_currencies, plain
from billing.errors import Invalid
from documents.camt_entries import cents_of, currency_of, day_at, is_booked, movements_of, sum_of
from documents.camt_xml import ENTRY, HEAD, STATEMENT, every, text, told

_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)


@dataclass(frozen=True, slots=True)
class Told:
    """What a file tells."""

    statements: tuple[Statement, ...]
    batches: tuple[Batch, ...] = ()


def read_camt(content: bytes) -> Told:
    """The statements of a file, in its order, each with its balance proved, and its sums with their parts.

    Raises Invalid("file"): file_no_xml, file_with_entities, file_too_deep, file_no_camt, field_missing and
    field_unreadable (`name`, `entry`: which field of which entry), statement_does_not_add_up.
    """
    reading = _Reading()
    for name, node in told(content):
        reading.take(name, node)
    if not reading.wholes:
        raise Invalid("file", "file_no_camt")
    return Told(tuple(reading.statements), tuple(reading.batches))


class _Reading:
    """What was read so far: whole statements and notifications, and the entries of the one that is being read."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.batches: list[Batch] = []
        self.wholes = self._number = 0
        self._message = ""
        self._lines: list[Movement] = []
        self._sums: list[tuple[Movement, tuple[Movement, ...]]] = []

    def take(self, name: str, node: Element) -> None:
        if name == HEAD:
            self._message = plain(text(node, "MsgId"), 35)
        elif name.endswith(ENTRY):
            if is_booked(node):
                self._entry(name, node)
        else:
            self._whole(name, node)

    def _entry(self, name: str, node: Element) -> None:
        self._number += 1
        if name.startswith(STATEMENT):
            self._lines.extend(movements_of(node, self._number))
        else:
            self._sums.append(sum_of(node, self._number))

    def _whole(self, name: str, node: Element) -> None:
        if name == STATEMENT:
            self.statements.append(_proved(_statement(node, self._lines)))
        else:
            self.batches.extend(_batches(node, self._sums, self._message))
        self.wholes += 1
        self._number, self._lines, self._sums = 0, [], []


def _batches(node: Element, sums: Sequence[tuple[Movement, tuple[Movement, ...]]], message: str) -> Iterator[Batch]:
    account = account_of(node)
    for whole, parts in sums:
        if parts and whole.amount_cents:
            yield Batch(account, whole.booked_on, whole.amount_cents, whole.currency, parts, whole.reference, message)


def _proved(statement: Statement) -> Statement:
    day = statement.closed_on.isoformat()
    if mixes_currencies(statement):
        raise Invalid("file", "statement_mixes_currencies", on=day)
    if cents := missing_cents(statement):
        raise Invalid("file", "statement_does_not_add_up", on=day, missing=Decimal(cents).scaleb(-2))
    return statement


def _statement(node: Element, lines: Sequence[Movement]) -> Statement:
    opening, closing = _balance(node, _OPENING), _balance(node, _CLOSING)
    account = account_of(node)
    days = [each.booked_on for each in lines]
    closed_on = day_at(closing, "Dt") or day_at(node, "FrToDt/ToDtTm") or (max(days) if days else None)
    if closed_on is None:
        raise Invalid("file", "field_missing", name="Bal/Dt", entry=0)
    currency = currency_of(closing) or text(node, "Acct/Ccy") or next((each.currency for each in lines), "EUR")
    return Statement(
        iban=account, source="camt", key=_key(node, lines), currency=currency[:3], closed_on=closed_on,
        movements=tuple(lines), opened_on=day_at(opening, "Dt"), opening_cents=cents_of(opening),
        closing_cents=cents_of(closing),
    )  # fmt: skip


def account_of(node: Element) -> str:
    """The own account. Raises Invalid("file", "field_missing")."""
    account = text(node, "Acct/Id/IBAN") or text(node, "Acct/Id/Othr/Id")
    if not account:
        raise Invalid("file", "field_missing", name="Acct/Id/IBAN", entry=0)
    return plain(account, 40).replace(" ", "").upper()[:34]


def _key(node: Element, lines: Sequence[Movement]) -> str:
    """The bank's name for the statement with a digest of what it says: some give the same name anew."""
    digest = sha256()
    for number, each in enumerate(lines):
        digest.update(("\x1f" * (number > 0) + repr(each)).encode())
    digest.update(("|" + "\x1f".join(str(cents_of(each)) for each in every(node, "Bal"))).encode())
    return f"{plain(text(node, 'Id'), 40)}:{digest.hexdigest()[:32]}"


def _balance(node: Element, kinds: tuple[str, ...]) -> Element | None:
    """The first balance of the first of these kinds that there is."""
    for kind in kinds:
        for each in every(node, "Bal"):
            if text(each, "Tp/CdOrPrtry/Cd") == kind:
                return each
    return None
