"""Entries of a bank's statement or notification as movements: one for each part of a batch where the parts tell amounts
that come to the entry's, else one for all (SEP-8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element

from billing.bank_lines import Movement, given, plain
from billing.errors import Invalid
from documents.camt_xml import at, every, every_at, text

_LARGEST = 10**15  # cents: more than any bank can hold


def is_booked(entry: Element) -> bool:
    """Entries that are only announced (PDNG, INFO) move nothing. The status is plain in 001.02, a code later."""
    return (text(entry, "Sts/Cd") or text(entry, "Sts") or "BOOK") == "BOOK"


def movements_of(entry: Element, number: int) -> Iterator[Movement]:
    """One line for each part of a batch, where the parts tell amounts that come to the entry's; else one for all."""
    whole, parts = _whole(entry, number), _details(entry)
    if len(parts) == 1:
        yield _filled(whole, parts[0], number, whole.amount_cents)
        return
    lines = [_part(whole, each, number) for each in parts]
    if lines and None not in lines and sum(line.amount_cents for line in lines if line) == whole.amount_cents:
        yield from (line for line in lines if line)
        return
    purpose = " ".join(filter(None, [whole.purpose, *(_purpose(each) for each in parts)]))
    yield replace(whole, purpose=plain(purpose, 600))


def sum_of(entry: Element, number: int) -> tuple[Movement, tuple[Movement, ...]]:
    """An entry of a notification and its parts; none where one of several tells no amount. They may be some of more."""
    whole, parts = _whole(entry, number), _details(entry)
    lines = [_part(whole, each, number) for each in parts]
    if lines == [None]:
        return whole, (_filled(whole, parts[0], number, whole.amount_cents),)
    return whole, () if None in lines else tuple(line for line in lines if line and line.amount_cents)


def _details(entry: Element) -> list[Element]:
    return [each for details in every(entry, "NtryDtls") for each in every(details, "TxDtls")]


def _whole(entry: Element, number: int) -> Movement:
    booked_on = day_at(entry, "BookgDt") or day_at(entry, "ValDt")
    if booked_on is None:
        raise Invalid("file", "field_missing", name="BookgDt", entry=number)
    reversal = text(entry, "RvslInd") in ("true", "1")
    return Movement(
        booked_on, _signed(entry, number), currency_of(entry) or "", reference=given(plain(_reference(entry), 80)),
        charges_cents=_charges(entry, number), purpose=plain(text(entry, "AddtlNtryInf"), 600),
        return_code="RETURN" if reversal else "", notice_id=plain(text(entry, "AddtlInfInd/MsgId"), 35),
    )  # fmt: skip


def _part(whole: Movement, part: Element, number: int) -> Movement | None:
    """A part of a batch; None where it tells no amount of its own in the entry's currency."""
    amount = at(part, "Amt")
    if amount is None:
        amount = at(part, "AmtDtls/TxAmt/Amt")
    if amount is None or amount.get("Ccy", whole.currency) != whole.currency:
        return None
    cents = _parsed(amount, number)
    sign = _sign(part, number) if text(part, "CdtDbtInd") else (1 if whole.amount_cents >= 0 else -1)
    return _filled(whole, part, number, sign * cents)


def _filled(whole: Movement, part: Element, number: int, cents: int) -> Movement:
    """The line with all that one part of the entry tells of it."""
    came_in = (text(part, "CdtDbtInd") or ("CRDT" if whole.amount_cents >= 0 else "DBIT")) == "CRDT"
    code = text(part, "RtrInf/Rsn/Cd") or text(part, "RtrInf/Rsn/Prtry")
    # Who a returned debit came back from stands as debtor, though the money goes out.
    side = "Dbtr" if came_in or code or whole.return_code else "Cdtr"
    return replace(
        whole,
        amount_cents=cents,
        reference=given(plain(_reference(part), 80)) or whole.reference,
        end_to_end_id=given(plain(text(part, "Refs/EndToEndId"), 35)),
        mandate_reference=given(plain(text(part, "Refs/MndtId"), 35)),
        return_code=plain(code, 10).upper() or ("RETURN" if at(part, "RtrInf") is not None else whole.return_code),
        charges_cents=_charges(part, number) or whole.charges_cents,
        other_name=plain(_name(part, side), 140),
        other_iban=plain(text(part, f"RltdPties/{side}Acct/Id/IBAN"), 40).replace(" ", "").upper()[:34],
        purpose=plain(_purpose(part), 600) or whole.purpose,
    )


def _name(part: Element, side: str) -> str:
    return text(part, f"RltdPties/{side}/Pty/Nm") or text(part, f"RltdPties/{side}/Nm")


def _purpose(part: Element) -> str:
    """What the payer wrote, in the lines that the bank broke it into, and a structured reference."""
    free = [each.text or "" for each in every_at(part, "RmtInf", "Ustrd")]
    structured = [text(each, "CdtrRefInf/Ref") for each in every_at(part, "RmtInf", "Strd")]
    return " ".join(filter(None, [*free, *structured])) or text(part, "AddtlTxInf")


def _reference(node: Element) -> str:
    return text(node, "Refs/AcctSvcrRef") or text(node, "AcctSvcrRef")


def _charges(node: Element, number: int) -> int:
    """What banks took, in cents: as a sum, or record by record, or in the older form one beside another."""
    if node.find("Chrgs") is None:
        return 0
    total = at(node, "Chrgs/TtlChrgsAndTaxAmt")
    if total is not None:
        return _parsed(total, number)
    records = [at(each, "Amt") for each in every_at(node, "Chrgs", "Rcrd")] or [
        at(each, "Amt") for each in every(node, "Chrgs")
    ]
    return sum(_parsed(each, number) for each in records if each is not None)


def _signed(node: Element, number: int) -> int:
    amount = at(node, "Amt")
    if amount is None:
        raise Invalid("file", "field_missing", name="Amt", entry=number)
    return _sign(node, number) * _parsed(amount, number)


def _sign(node: Element, number: int) -> int:
    """A reversal states its own direction; RvslInd says only that it is one."""
    said = text(node, "CdtDbtInd")
    if said not in ("CRDT", "DBIT"):
        raise Invalid("file", "field_unreadable" if said else "field_missing", name="CdtDbtInd", entry=number)
    return 1 if said == "CRDT" else -1


def cents_of(balance: Element | None) -> int | None:
    return None if balance is None else _signed(balance, 0)


def _parsed(amount: Element, number: int) -> int:
    """Exact cents; a third decimal that says something is refused, not rounded."""
    try:
        cents = Decimal((amount.text or "").strip()) * 100
        if cents.is_finite() and cents == cents.to_integral_value() and 0 <= cents < _LARGEST:
            return int(cents)
    except InvalidOperation:
        pass
    raise Invalid("file", "field_unreadable", name=amount.tag, entry=number)


def currency_of(node: Element | None) -> str:
    amount = None if node is None else at(node, "Amt")
    return "" if amount is None else amount.get("Ccy", "")


def day_at(node: Element | None, path: str) -> date | None:
    found = None if node is None else at(node, path)
    if found is None:
        return None
    said = (found.text or "").strip() or "".join((each.text or "").strip() for each in found)
    try:
        return date.fromisoformat(said[:10])
    except ValueError:
        raise Invalid("file", "field_unreadable", name=path, entry=0) from None
