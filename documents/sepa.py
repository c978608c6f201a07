"""Files for the bank: debits (pain.008.001.08) and transfers (pain.001.001.09), from plain data to bytes (SEP-6).

sepaxml builds them and brings the XSD they are held to; what it does not look at is looked at here: check digits of
IBANs, days, doubles, the sums as they stand in the file, and the characters that SEPA knows. The same data give the
same bytes.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException
from sepaxml import SepaDD, SepaTransfer
from text_unidecode import unidecode

from billing.bank_days import is_bank_day
from billing.debits import is_reference
from billing.errors import Invalid

DEBIT_SCHEMA, TRANSFER_SCHEMA = "pain.008.001.08", "pain.001.001.09"
LONGEST_NAME, LONGEST_TEXT, LONGEST_ID = 70, 140, 35
MOST_CENTS = 99_999_999_999

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "&": "+"})
_UNFIT = re.compile(r"[^A-Za-z0-9+?/:().,' -]")
_FIT = re.compile(r"[A-Za-z0-9+?/:().,' -]*")
_TEXTS = ("Nm", "Ustrd", "MndtId", "OrgnlMndtId", "EndToEndId", "MsgId", "PmtInfId")


@dataclass(frozen=True, slots=True)
class House:
    """Whose account it is."""

    name: str
    iban: str
    bic: str = ""
    creditor_id: str = ""


@dataclass(frozen=True, slots=True)
class DebitOrder:
    """One debit. `amended_reference` and `amended_iban` are what an amended mandate said before."""

    end_to_end_id: str
    cents: int
    name: str
    iban: str
    bic: str
    text: str
    mandate: str
    signed_on: date
    sequence: str
    amended_reference: str = ""
    amended_iban: str = ""


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """One transfer. `name` is the account holder's: banks compare it with the account's (SEP-7)."""

    end_to_end_id: str
    cents: int
    name: str
    iban: str
    bic: str
    text: str


def debit_file(
    message_id: str, made_at: datetime, house: House, scheme: str, collect_on: date, orders: Sequence[DebitOrder]
) -> bytes:
    """One day's debits of one scheme. Raises Invalid with the field and, where it is one order's, its `order`."""
    _check(message_id, house, collect_on, orders)
    if not house.creditor_id:
        raise Invalid("creditor_id", "missing")
    for order in orders:
        if not is_reference(order.mandate) or order.signed_on > made_at.date():
            raise Invalid("mandate", "not_a_reference", order=order.end_to_end_id)
    made = SepaDD({**_config(house), "creditor_id": house.creditor_id, "instrument": scheme}, DEBIT_SCHEMA, clean=False)
    for order in orders:
        made.add_payment({
            **_payment(order), "type": order.sequence, "collection_date": collect_on, "mandate_id": order.mandate,
            "mandate_date": order.signed_on,
        })  # fmt: skip
    return _finished(made, message_id, made_at, orders, DEBIT_SCHEMA)


def transfer_file(
    message_id: str, made_at: datetime, house: House, execute_on: date, orders: Sequence[TransferOrder]
) -> bytes:
    """One day's transfers. Raises as `debit_file`."""
    _check(message_id, house, execute_on, orders)
    made = SepaTransfer(_config(house), TRANSFER_SCHEMA, clean=False)
    for order in orders:
        made.add_payment({**_payment(order), "execution_date": execute_on})
    return _finished(made, message_id, made_at, orders, TRANSFER_SCHEMA)


def fit(text: str, longest: int) -> str:
    """The same in the characters that SEPA knows: ä becomes ae, what has no likeness a full stop."""
    plain = _UNFIT.sub(".", unidecode(" ".join(text.translate(_GERMAN).split())))
    return plain.strip("/ ")[:longest].strip() or "."


def _check(message_id: str, house: House, on: date, orders: Sequence[DebitOrder] | Sequence[TransferOrder]) -> None:
    if not message_id or len(message_id) > LONGEST_ID:
        raise Invalid("message_id", "out_of_range")
    if not is_bank_day(on):
        raise Invalid("execute_on", "no_bank_day")
    _check_iban(house.iban, "iban", "")
    if not orders:
        raise Invalid("orders", "missing")
    seen: set[str] = set()
    for order in orders:
        _check_iban(order.iban, "bank_iban", order.end_to_end_id)
        if not 0 < order.cents <= MOST_CENTS:
            raise Invalid("amount", "out_of_range", order=order.end_to_end_id)
        if order.end_to_end_id in seen or not is_reference(order.end_to_end_id):
            raise Invalid("end_to_end_id", "taken", order=order.end_to_end_id)
        seen.add(order.end_to_end_id)


def _check_iban(iban: str, field: str, order: str) -> None:
    try:
        IBAN(iban, validate_bban=False)
    except SchwiftyException:
        raise Invalid(field, "not_an_iban", **({"order": order} if order else {})) from None


def _config(house: House) -> dict[str, Any]:
    bic = {"BIC": house.bic} if house.bic else {}
    return {"name": fit(house.name, LONGEST_NAME), "IBAN": house.iban, "batch": True, "currency": "EUR", **bic}


def _payment(order: DebitOrder | TransferOrder) -> dict[str, Any]:
    bic = {"BIC": order.bic} if order.bic else {}
    return {
        "name": fit(order.name, LONGEST_NAME), "IBAN": order.iban, "amount": order.cents,
        "description": fit(order.text, LONGEST_TEXT), "endtoend_id": order.end_to_end_id, **bic,
    }  # fmt: skip


def _finished(made: Any, message_id: str, made_at: datetime, orders: Sequence[Any], schema: str) -> bytes:
    """Our own ids and time instead of chance and now, amendments, and everything looked at once more."""
    space = f"{{urn:iso:std:iso:20022:tech:xsd:{schema}}}"
    tree = ET.fromstring(made.export(validate=False))
    _one(tree, f"{space}MsgId").text = message_id
    _one(tree, f"{space}CreDtTm").text = f"{made_at:%Y-%m-%dT%H:%M:%S}"
    for place, node in enumerate(tree.iter(f"{space}PmtInfId"), 1):
        node.text = f"{message_id}-{place}"[:LONGEST_ID]
    if schema == DEBIT_SCHEMA:
        _amend(tree, space, orders)
    _prove(tree, space, orders)
    ET.register_namespace("", space[1:-1])
    content = b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(tree, "utf-8")
    from documents.sepa_schema import hold_to_schema  # libxml2 is loaded by who makes a file, not at every start

    hold_to_schema(content, schema)
    return content


def _amend(tree: ET.Element, space: str, orders: Sequence[DebitOrder]) -> None:
    """What the mandate said before goes along with each debit (AmdmntInfDtls), so that the bank knows it again."""
    amended = {order.end_to_end_id: order for order in orders if order.amended_reference}
    for node in tree.iter(f"{space}DrctDbtTxInf") if amended else ():
        order = amended.get(_one(node, f"{space}EndToEndId").text or "")
        if order is None:
            continue
        mandate = _one(node, f"{space}MndtRltdInf")
        ET.SubElement(mandate, f"{space}AmdmntInd").text = "true"
        details = ET.SubElement(mandate, f"{space}AmdmntInfDtls")
        if order.amended_reference != order.mandate:
            ET.SubElement(details, f"{space}OrgnlMndtId").text = order.amended_reference
        if order.amended_iban and order.amended_iban != order.iban:
            account = ET.SubElement(ET.SubElement(details, f"{space}OrgnlDbtrAcct"), f"{space}Id")
            ET.SubElement(account, f"{space}IBAN").text = order.amended_iban


def _prove(tree: ET.Element, space: str, orders: Sequence[Any]) -> None:
    """What stands in the file is what was ordered: count, sum, each once, and no character that a bank refuses."""
    cents = sum(order.cents for order in orders)
    head = _one(tree, f"{space}GrpHdr")
    said = (_one(head, f"{space}NbOfTxs").text, _one(head, f"{space}CtrlSum").text)
    if said != (str(len(orders)), f"{cents // 100}.{cents % 100:02d}"):
        raise Invalid("orders", "sums_differ")
    amounts = [node.text or "" for node in tree.iter(f"{space}InstdAmt")]
    if sum(int(amount.replace(".", "")) for amount in amounts) != cents or len(amounts) != len(orders):
        raise Invalid("orders", "sums_differ")
    for name in _TEXTS:
        if any(_FIT.fullmatch(node.text or "") is None for node in tree.iter(f"{space}{name}")):
            raise Invalid("orders", "unfit_characters")


def _one(node: ET.Element, name: str) -> ET.Element:
    return next(node.iter(name))
