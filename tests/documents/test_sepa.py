"""Files for the bank: what stands in them, what is refused, and that the same data give the same bytes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sepaxml.validation import ValidationError

from billing.errors import Invalid
from documents.sepa import DebitOrder, House, TransferOrder, debit_file, fit, transfer_file

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
DAY = date(2026, 12, 7)
HOUSE = House("Müller & Söhne GmbH", "DE89370400440532013000", "COBADEFFXXX", "DE98ZZZ09999999999")
ONE = DebitOrder("D-1-1", 1190, "Erika Mußtermann", "DE02120300000000202051", "", "RE-2026-00001", "M-000001",
                 date(2026, 11, 1), "RCUR")  # fmt: skip
BACK = TransferOrder("R-1", 500, "Erika Mustermann", "DE02120300000000202051", "", "Erstattung SR-2026-00001")


def debits(*orders: DebitOrder, on: date = DAY, house: House = HOUSE) -> ET.Element:
    return ET.fromstring(debit_file("KONTOR-D-1", NOW, house, "CORE", on, orders or (ONE,)))


def said(tree: ET.Element, name: str) -> list[str]:
    return [node.text or "" for node in tree.iter() if node.tag.endswith(f"}}{name}")]


@pytest.mark.feature("SEP-6", "EB-59")
def test_a_debit_says_who_what_when_and_by_which_mandate() -> None:
    tree = debits(ONE, replace(ONE, end_to_end_id="D-2-1", cents=10, mandate="M-000002", sequence="FRST"))
    assert tree.tag == "{urn:iso:std:iso:20022:tech:xsd:pain.008.001.08}Document"
    assert said(tree, "MsgId") == ["KONTOR-D-1"] and said(tree, "PmtInfId") == ["KONTOR-D-1-1", "KONTOR-D-1-2"]
    assert said(tree, "NbOfTxs") == ["2", "1", "1"] and said(tree, "CtrlSum") == ["12.00", "11.90", "0.10"]
    assert said(tree, "SeqTp") == ["RCUR", "FRST"] and said(tree, "ReqdColltnDt") == ["2026-12-07"] * 2
    assert said(tree, "EndToEndId") == ["D-1-1", "D-2-1"] and said(tree, "MndtId") == ["M-000001", "M-000002"]
    assert "Mueller + Soehne GmbH" in said(tree, "Nm") and "Erika Musstermann" in said(tree, "Nm")
    assert said(tree, "CreDtTm") == ["2026-11-23T09:30:00"]


@pytest.mark.feature("SEP-6")
def test_the_same_debits_are_the_same_bytes() -> None:
    first, second = (debit_file("KONTOR-D-1", NOW, HOUSE, "CORE", DAY, (ONE,)) for _ in range(2))
    assert first == second


@pytest.mark.feature("SEP-6", "S19")
def test_what_the_schema_refuses_is_no_file_and_the_error_names_the_place_and_nobody() -> None:
    with pytest.raises(ValidationError) as told:
        debits(replace(ONE, bic="Erikas Bank"))
    assert "BICFI" in str(told.value) and "Erika" not in str(told.value)


@pytest.mark.feature("SEP-1")
def test_an_amended_mandate_says_what_it_was_before() -> None:
    tree = debits(replace(ONE, amended_reference="K-1", amended_iban="DE89370400440532013000"))
    assert said(tree, "AmdmntInd") == ["true"] and said(tree, "OrgnlMndtId") == ["K-1"]
    assert said(tree, "OrgnlDbtrAcct") and "DE89370400440532013000" in said(tree, "IBAN")
    assert said(debits(), "AmdmntInd") == []


@pytest.mark.feature("SEP-6", "EB-59")
@pytest.mark.parametrize(
    ("order", "field"),
    [
        (replace(ONE, iban="DE02120300000000202052"), "bank_iban"),
        (replace(ONE, iban=""), "bank_iban"),
        (replace(ONE, cents=0), "amount"),
        (replace(ONE, cents=-5), "amount"),
        (replace(ONE, mandate=""), "mandate"),
        (replace(ONE, mandate="Ü"), "mandate"),
        (replace(ONE, signed_on=date(2026, 11, 24)), "mandate"),
        (replace(ONE, end_to_end_id="x" * 36), "end_to_end_id"),
    ],
)
def test_what_a_bank_would_refuse_never_gets_into_a_file(order: DebitOrder, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        debits(order)
    assert refused.value.field == field


@pytest.mark.feature("SEP-6")
def test_a_file_holds_each_debit_once_on_a_bank_day_for_an_account_of_ours() -> None:
    with pytest.raises(Invalid, match="taken"):
        debits(ONE, ONE)
    with pytest.raises(Invalid, match="no_bank_day"):
        debits(on=date(2026, 12, 25))
    with pytest.raises(Invalid, match="not_an_iban"):
        debits(house=replace(HOUSE, iban="DE89370400440532013001"))
    with pytest.raises(Invalid, match="creditor_id"):
        debits(house=replace(HOUSE, creditor_id=""))
    with pytest.raises(Invalid, match="orders"):
        debit_file("KONTOR-D-1", NOW, HOUSE, "CORE", DAY, ())


@pytest.mark.feature("SEP-6", "SEP-7")
def test_a_transfer_back_names_the_holder_of_the_account() -> None:
    tree = ET.fromstring(transfer_file("KONTOR-T-1", NOW, HOUSE, DAY, (BACK,)))
    assert tree.tag == "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}Document"
    assert said(tree, "CtrlSum") == ["5.00", "5.00"] and said(tree, "EndToEndId") == ["R-1"]
    assert "Erika Mustermann" in said(tree, "Nm") and said(tree, "Ustrd") == ["Erstattung SR-2026-00001"]
    assert said(tree, "Dt") == ["2026-12-07"]


@pytest.mark.feature("SEP-6")
@given(st.text(max_size=200), st.integers(1, 140))
def test_whatever_people_are_called_it_fits(text: str, longest: int) -> None:
    made = fit(text, longest)
    assert 0 < len(made) <= longest and made.isascii() and made.isprintable()
    assert set(made) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+?/:().,' -")


@pytest.mark.feature("SEP-6")
def test_hostile_names_are_names() -> None:
    tree = debits(replace(ONE, name="<svg onload=alert(1)>" + "x" * 300, text="=cmd|' /C calc'!A0 😀 \u202e"))
    assert len(said(tree, "Nm")[-1]) <= 70 and "<" not in said(tree, "Nm")[-1]
