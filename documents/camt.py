"""Bank statements as camt.053 (001.02 to 001.08 and later): bytes in, frozen facts out (SEP-8).

Read here and not by a library: those at hand take a declared entity for text, read the first amount at any depth and
check no balance. Nothing is fetched, no entity is resolved, depth and number of elements are bounded (S14).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from billing.bank_lines import Movement, Statement, given, missing_cents, mixes_currencies, plain
from billing.errors import Invalid

MOST_ELEMENTS = 4_000_000
DEEPEST = 40
_SLICE = 65_536
_LARGEST = 10**15  # cents: more than any bank can hold
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)


def read_camt(content: bytes) -> tuple[Statement, ...]:
    """The statements of a file, in its order, each with its balance proved.

    Raises Invalid("file"): file_no_xml, file_with_entities, file_too_deep, file_no_camt, field_missing and
    field_unreadable (`name`, `entry`: which field of which entry), statement_does_not_add_up.
    """
    root = _parse(content)
    found = [each for each in root.iter() if _tag(each) == "Stmt"]
    if not found or "camt.053" not in root.tag and _tag(root) != "Document":
        raise Invalid("file", "file_no_camt")
    return tuple(_proved(_statement(each)) for each in found)


def _proved(statement: Statement) -> Statement:
    day = statement.closed_on.isoformat()
    if mixes_currencies(statement):
        raise Invalid("file", "statement_mixes_currencies", on=day)
    if cents := missing_cents(statement):
        raise Invalid("file", "statement_does_not_add_up", on=day, missing=Decimal(cents).scaleb(-2))
    return statement


class _Bounded(TreeBuilder):
    """Stops what is built to wear the reader out."""

    depth = elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self.depth += 1
        self.elements += 1
        if self.depth > DEEPEST or self.elements > MOST_ELEMENTS:
            raise Invalid("file", "file_too_deep")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self.depth -= 1
        return super().end(tag)


def _parse(content: bytes) -> Element:
    parser = DefusedXMLParser(target=_Bounded(), forbid_dtd=True)
    try:
        for start in range(0, len(content), _SLICE):
            parser.feed(content[start : start + _SLICE])
        root: Element = parser.close()
    except DefusedXmlException:
        raise Invalid("file", "file_with_entities") from None
    except (ParseError, ValueError, LookupError):
        raise Invalid("file", "file_no_xml") from None
    return root


def _statement(node: Element) -> Statement:
    account = _text(node, "Acct/Id/IBAN") or _text(node, "Acct/Id/Othr/Id")
    if not account:
        raise Invalid("file", "field_missing", name="Acct/Id/IBAN", entry=0)
    opening, closing = _balance(node, _OPENING), _balance(node, _CLOSING)
    entries = [each for each in _all(node, "Ntry") if _is_booked(each)]
    movements = tuple(line for number, each in enumerate(entries, 1) for line in _movements(each, number))
    days = [each.booked_on for each in movements]
    closed_on = _day_at(closing, "Dt") or _day_at(node, "FrToDt/ToDtTm") or (max(days) if days else None)
    if closed_on is None:
        raise Invalid("file", "field_missing", name="Bal/Dt", entry=0)
    currency = _currency(closing) or _text(node, "Acct/Ccy") or next((each.currency for each in movements), "EUR")
    return Statement(
        iban=plain(account, 40).replace(" ", "").upper()[:34], source="camt", key=_key(node, movements),
        currency=currency[:3], closed_on=closed_on, movements=movements, opened_on=_day_at(opening, "Dt"),
        opening_cents=_cents_of(opening), closing_cents=_cents_of(closing),
    )  # fmt: skip


def _key(node: Element, movements: tuple[Movement, ...]) -> str:
    """The bank's name for the statement with a digest of what it says: some give the same name anew."""
    said = "\x1f".join(repr(each) for each in movements)
    balances = "\x1f".join(str(_cents_of(each)) for each in _all(node, "Bal"))
    return f"{plain(_text(node, 'Id'), 40)}:{sha256(f'{said}|{balances}'.encode()).hexdigest()[:32]}"


def _balance(node: Element, kinds: tuple[str, ...]) -> Element | None:
    """The first balance of the first of these kinds that there is."""
    for kind in kinds:
        for each in _all(node, "Bal"):
            if _text(each, "Tp/CdOrPrtry/Cd") == kind:
                return each
    return None


def _is_booked(entry: Element) -> bool:
    """Entries that are only announced (PDNG, INFO) move nothing. The status is plain in 001.02, a code later."""
    return (_text(entry, "Sts/Cd") or _text(entry, "Sts") or "BOOK") == "BOOK"


def _movements(entry: Element, number: int) -> Iterator[Movement]:
    """One line for each part of a batch, where the parts tell amounts that come to the entry's; else one for all."""
    whole = _whole(entry, number)
    parts = [each for details in _all(entry, "NtryDtls") for each in _all(details, "TxDtls")]
    if len(parts) == 1:
        yield replace(_filled(whole, parts[0], number), amount_cents=whole.amount_cents)
        return
    lines = [_part(whole, each, number) for each in parts]
    if lines and None not in lines and sum(line.amount_cents for line in lines if line) == whole.amount_cents:
        yield from (line for line in lines if line)
        return
    purpose = " ".join(filter(None, [whole.purpose, *(_purpose(each) for each in parts)]))
    yield replace(whole, purpose=plain(purpose, 600))


def _whole(entry: Element, number: int) -> Movement:
    booked_on = _day_at(entry, "BookgDt") or _day_at(entry, "ValDt")
    if booked_on is None:
        raise Invalid("file", "field_missing", name="BookgDt", entry=number)
    reversal = _text(entry, "RvslInd") in ("true", "1")
    return Movement(
        booked_on, _signed(entry, number), _currency(entry) or "", reference=given(plain(_reference(entry), 80)),
        charges_cents=_charges(entry, number), purpose=plain(_text(entry, "AddtlNtryInf"), 600),
        return_code="RETURN" if reversal else "",
    )  # fmt: skip


def _part(whole: Movement, part: Element, number: int) -> Movement | None:
    """A part of a batch; None where it tells no amount of its own in the entry's currency."""
    amount = _at(part, "Amt")
    if amount is None:
        amount = _at(part, "AmtDtls/TxAmt/Amt")
    if amount is None or amount.get("Ccy", whole.currency) != whole.currency:
        return None
    cents = _parsed(amount, number)
    sign = _sign(part, number) if _text(part, "CdtDbtInd") else (1 if whole.amount_cents >= 0 else -1)
    return replace(_filled(whole, part, number), amount_cents=sign * cents)


def _filled(whole: Movement, part: Element, number: int) -> Movement:
    """The line with all that one part of the entry tells of it."""
    came_in = (_text(part, "CdtDbtInd") or ("CRDT" if whole.amount_cents >= 0 else "DBIT")) == "CRDT"
    code = _text(part, "RtrInf/Rsn/Cd") or _text(part, "RtrInf/Rsn/Prtry")
    # Who a returned debit came back from stands as debtor, though the money goes out.
    side = "Dbtr" if came_in or code or whole.return_code else "Cdtr"
    return replace(
        whole,
        reference=given(plain(_reference(part), 80)) or whole.reference,
        end_to_end_id=given(plain(_text(part, "Refs/EndToEndId"), 35)),
        mandate_reference=given(plain(_text(part, "Refs/MndtId"), 35)),
        return_code=plain(code, 10).upper() or ("RETURN" if _has(part, "RtrInf") else whole.return_code),
        charges_cents=_charges(part, number) or whole.charges_cents,
        other_name=plain(_name(part, side), 140),
        other_iban=plain(_text(part, f"RltdPties/{side}Acct/Id/IBAN"), 40).replace(" ", "").upper()[:34],
        purpose=plain(_purpose(part), 600) or whole.purpose,
    )


def _name(part: Element, side: str) -> str:
    return _text(part, f"RltdPties/{side}/Pty/Nm") or _text(part, f"RltdPties/{side}/Nm")


def _purpose(part: Element) -> str:
    """What the payer wrote, in the lines that the bank broke it into, and a structured reference."""
    free = [each.text or "" for each in _all_at(part, "RmtInf", "Ustrd")]
    structured = [_text(each, "CdtrRefInf/Ref") for each in _all_at(part, "RmtInf", "Strd")]
    return " ".join(filter(None, [*free, *structured])) or _text(part, "AddtlTxInf")


def _reference(node: Element) -> str:
    return _text(node, "Refs/AcctSvcrRef") or _text(node, "AcctSvcrRef")


def _charges(node: Element, number: int) -> int:
    """What banks took, in cents: as a sum, or record by record, or in the older form one beside another."""
    total = _at(node, "Chrgs/TtlChrgsAndTaxAmt")
    if total is not None:
        return _parsed(total, number)
    records = [_at(each, "Amt") for each in _all_at(node, "Chrgs", "Rcrd")] or [
        _at(each, "Amt") for each in _all(node, "Chrgs")
    ]
    return sum(_parsed(each, number) for each in records if each is not None)


def _signed(node: Element, number: int) -> int:
    amount = _at(node, "Amt")
    if amount is None:
        raise Invalid("file", "field_missing", name="Amt", entry=number)
    return _sign(node, number) * _parsed(amount, number)


def _sign(node: Element, number: int) -> int:
    """A reversal states its own direction; RvslInd says only that it is one."""
    said = _text(node, "CdtDbtInd")
    if said not in ("CRDT", "DBIT"):
        raise Invalid("file", "field_unreadable" if said else "field_missing", name="CdtDbtInd", entry=number)
    return 1 if said == "CRDT" else -1


def _cents_of(balance: Element | None) -> int | None:
    return None if balance is None else _signed(balance, 0)


def _parsed(amount: Element, number: int) -> int:
    """Exact cents; a third decimal that says something is refused, not rounded."""
    try:
        cents = Decimal((amount.text or "").strip()) * 100
        if cents.is_finite() and cents == cents.to_integral_value() and 0 <= cents < _LARGEST:
            return int(cents)
    except InvalidOperation:
        pass
    raise Invalid("file", "field_unreadable", name=_tag(amount), entry=number)


def _currency(node: Element | None) -> str:
    amount = None if node is None else _at(node, "Amt")
    return "" if amount is None else amount.get("Ccy", "")


def _day_at(node: Element | None, path: str) -> date | None:
    found = None if node is None else _at(node, path)
    if found is None:
        return None
    text = (found.text or "").strip() or "".join((each.text or "").strip() for each in found)
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise Invalid("file", "field_unreadable", name=path, entry=0) from None


def _tag(node: Element) -> str:
    """The name without its namespace: it changes with each version of the format."""
    return node.tag.rpartition("}")[2]


def _all(node: Element, name: str) -> list[Element]:
    return [each for each in node if _tag(each) == name]


def _all_at(node: Element, path: str, name: str) -> list[Element]:
    return [each for parent in _all(node, path) for each in _all(parent, name)]


def _at(node: Element, path: str) -> Element | None:
    here: Element | None = node
    for name in path.split("/"):
        here = next(iter(_all(here, name)), None) if here is not None else None
    return here


def _has(node: Element, path: str) -> bool:
    return _at(node, path) is not None


def _text(node: Element, path: str) -> str:
    found = _at(node, path)
    return (found.text or "").strip() if found is not None else ""
