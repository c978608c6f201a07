"""camt.053 as banks send it: read whole, proved by its balances, and refused with words where it cannot be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing.bank_lines import Movement
from billing.errors import Invalid
from documents.camt import read_camt
from documents.camt_xml import told
from tests.documents.statements import OWN, VERSIONS, Entry, Part, camt, document, paid_in, statement

PAYER = "DE02120300000000202051"


def lines(content: bytes) -> tuple[Movement, ...]:
    (one,) = read_camt(content).statements
    return one.movements


def refused(content: bytes) -> dict[str, object]:
    with pytest.raises(Invalid) as caught:
        read_camt(content)
    assert caught.value.field == "file"
    return {"code": caught.value.code, **{k: v for k, v in caught.value.facts.items() if k != "field"}}


@pytest.mark.feature("SEP-8")
@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_says_the_same(version: str) -> None:
    entry = Entry("119.00", reference="B-77", parts=[
        Part(["Rechnung RE-2026-", "00012 danke"], "Vogel & Söhne", PAYER, end_to_end="NOTPROVIDED")])  # fmt: skip
    (found,) = read_camt(camt([entry], version)).statements
    assert (found.iban, found.source, found.currency) == (OWN, "camt", "EUR")
    assert (found.opening_cents, found.closing_cents) == (100_000, 111_900)
    assert (found.opened_on, found.closed_on) == (date(2026, 11, 10), date(2026, 11, 10))
    assert found.movements == (
        Movement(date(2026, 11, 10), 11_900, "EUR", "B-77", other_name="Vogel & Söhne", other_iban=PAYER,
                 purpose="Rechnung RE-2026- 00012 danke"),
    )  # fmt: skip


@pytest.mark.feature("SEP-8")
def test_a_batch_is_as_many_lines_as_it_has_payments() -> None:
    parts = [Part(["A"], amount="30.00", end_to_end="E1"), Part(["B"], amount="70.00", end_to_end="E2")]
    found = lines(camt([Entry("100.00", reference="SAMMLER", parts=parts)]))
    assert [(each.amount_cents, each.end_to_end_id, each.reference) for each in found] == [
        (3_000, "E1", "SAMMLER"), (7_000, "E2", "SAMMLER")]  # fmt: skip


@pytest.mark.feature("SEP-8")
@pytest.mark.parametrize("amounts", [("30.00", "60.00"), ("30.00", "")])
def test_a_batch_whose_parts_do_not_come_to_it_is_one_line_with_all_words(amounts: tuple[str, str]) -> None:
    parts = [Part(["A"], amount=amounts[0]), Part(["B"], amount=amounts[1])]
    (found,) = lines(camt([Entry("100.00", parts=parts)]))
    assert (found.amount_cents, found.purpose) == (10_000, "A B")


@pytest.mark.feature("SEP-8")
@pytest.mark.parametrize("version", ["02", "08"])
def test_a_returned_debit_tells_its_reason_its_charges_and_who_it_came_back_from(version: str) -> None:
    part = Part(["Ruecklastschrift"], "Jana Vogel", PAYER, "D-17", "MD-4", code="AC04", charges="3.00")
    (found,) = lines(camt([Entry("-52.50", parts=[part])], version))
    assert (found.amount_cents, found.return_code, found.charges_cents) == (-5_250, "AC04", 300)
    assert (found.end_to_end_id, found.mandate_reference, found.other_name) == ("D-17", "MD-4", "Jana Vogel")


@pytest.mark.feature("SEP-8")
def test_a_reversal_without_a_reason_is_a_return_in_the_direction_that_it_states() -> None:
    (found,) = lines(camt([Entry("-52.50", reversal=True, parts=[Part(end_to_end="D-17")])]))
    assert (found.amount_cents, found.return_code, found.end_to_end_id) == (-5_250, "RETURN", "D-17")


@pytest.mark.feature("SEP-8")
def test_what_is_only_announced_is_passed_over() -> None:
    assert lines(camt([Entry("10.00"), Entry("99.00", status="PDNG"), Entry("-5.00")])) == (
        Movement(date(2026, 11, 10), 1_000, "EUR"), Movement(date(2026, 11, 10), -500, "EUR"))  # fmt: skip


@pytest.mark.feature("SEP-8")
def test_a_statement_that_does_not_add_up_is_refused_with_the_difference() -> None:
    said = refused(camt([Entry("10.00")], closing="1010.01"))
    assert said == {"code": "statement_does_not_add_up", "on": "2026-11-10", "missing": Decimal("0.01")}


def test_a_day_without_movements_and_an_overdrawn_account_are_statements_too() -> None:
    (found,) = read_camt(camt([], opening="-12.34")).statements
    assert (found.movements, found.opening_cents, found.closing_cents) == ((), -1_234, -1_234)


def test_one_file_holds_many_statements_each_with_a_key_of_its_own() -> None:
    content = document([statement([paid_in("1.00", "A")], key="1"), statement([paid_in("2.00", "B")], key="1")])
    first, second = read_camt(content).statements
    assert first.key != second.key and first.key == read_camt(content).statements[0].key


@pytest.mark.feature("S14")
@pytest.mark.parametrize("head", [
    '<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
])  # fmt: skip
def test_entities_and_outside_documents_are_refused(head: str) -> None:
    assert refused(camt([], head=head)) == {"code": "file_with_entities"}


@pytest.mark.feature("S14")
def test_what_nests_without_end_is_refused() -> None:
    assert refused(b"<a>" * 5_000) == {"code": "file_too_deep"}


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"<Document>", b"\xff\xfe\x00", b'<?xml version="1.0" encoding="zz"?><a/>']
)
def test_what_is_no_xml_is_refused(content: bytes) -> None:
    assert refused(content) == {"code": "file_no_xml"}


def test_xml_of_another_kind_is_refused() -> None:
    assert refused(b"<Document><BkToCstmrAcctRpt/></Document>") == {"code": "file_no_camt"}


@pytest.mark.parametrize(("old", "new", "told"), [
    (b'<Amt Ccy="EUR">7.00</Amt>', b"", {"code": "field_missing", "name": "Amt", "entry": 2}),
    (b">7.00<", b">7.001<", {"code": "field_unreadable", "name": "Amt", "entry": 2}),
    (b">7.00<", b">NaN<", {"code": "field_unreadable", "name": "Amt", "entry": 2}),
    (b">7.00<", b">-7.00<", {"code": "field_unreadable", "name": "Amt", "entry": 2}),
    (b">7.00<", b">1e90<", {"code": "field_unreadable", "name": "Amt", "entry": 2}),
    (f"<IBAN>{OWN}</IBAN>".encode(), b"", {"code": "field_missing", "name": "Acct/Id/IBAN", "entry": 0}),
    (b"2026-11-10", b"2026-13-10", {"code": "field_unreadable", "name": "BookgDt", "entry": 0}),
])  # fmt: skip
def test_what_is_missing_or_unreadable_is_named(old: bytes, new: bytes, told: dict[str, object]) -> None:
    assert refused(camt([Entry("5.00"), Entry("7.00")]).replace(old, new)) == told


def test_hostile_text_stays_text_on_one_line_and_within_its_column() -> None:
    words = "<svg onload=alert(1)> \u202eFEHCAB =cmd|'/c calc'!A1 " + "x" * 700
    (found,) = lines(camt([Entry("1.00", parts=[Part([words], name="\U0001f600" * 300)])]))
    assert found.purpose.startswith("<svg onload=alert(1)> FEHCAB =cmd|") and len(found.purpose) == 600
    assert found.other_name == "\U0001f600" * 140


@pytest.mark.feature("S14")
def test_an_entry_is_given_out_and_forgotten_so_a_long_statement_takes_the_memory_of_a_short_one() -> None:
    seen = [(name, len(node)) for name, node in told(camt([paid_in("1.00", str(n)) for n in range(50)]))]
    assert [name for name, _ in seen] == ["GrpHdr"] + ["Stmt/Ntry"] * 50 + ["Stmt"]
    assert seen[-1][1] == 4  # name, account, two balances


@pytest.mark.feature("S14")
def test_a_declaration_far_behind_a_long_comment_is_refused_too() -> None:
    head = f"<!--{'x' * 200_000}--><!DOCTYPE x [<!ENTITY a 'b'>]>"
    assert refused(camt([], head=head)) == {"code": "file_with_entities"}


def test_a_statement_that_breaks_off_is_no_xml() -> None:
    assert refused(camt([paid_in("1.00", "A")])[:-20]) == {"code": "file_no_xml"}
