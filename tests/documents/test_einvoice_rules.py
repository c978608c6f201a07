"""A check that can fail: a good file is broken once for every rule of EIN-7 and of our own, and refused by its id."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest
from lxml import etree

from documents.einvoice import build_einvoice
from documents.einvoice_check import Report, check_einvoice
from documents.einvoice_data import EinvoiceData
from tests.documents.test_einvoice import one

Break = Callable[[bytes], bytes]
DEBIT, TRANSFER = 2, 1


@cache
def data_of(payment_type: int) -> EinvoiceData:
    data = one()
    address = replace(data.paper.buyer, organization="Lager")
    paper = replace(data.paper, payment_type=payment_type, currency="EUR", delivery=address, prepaid_cents=0)
    return replace(data, paper=paper)


@cache
def good(payment_type: int = TRANSFER) -> bytes:
    return build_einvoice(data_of(payment_type), "xrechnung")


def without(tag: str, within: str = "") -> Break:
    """The file without an element, the first one or the one within another."""
    inside = f"(<ram:{within}>.*?)" if within else "()"
    return changed(rf"{inside}<ram:{tag}[ >].*?</ram:{tag}>", rb"\1")


def changed(pattern: str, by: bytes) -> Break:
    def broken(xml: bytes) -> bytes:
        told, count = re.subn(pattern.encode(), by, xml, count=1, flags=re.DOTALL)
        assert count == 1 and told != xml, f"nothing was broken by {pattern}"
        return told

    return broken


def attached(*names: bytes) -> Break:
    """The file with attachments of these names."""
    told = b"".join(
        b"<ram:AdditionalReferencedDocument><ram:IssuerAssignedID>1</ram:IssuerAssignedID>"
        b"<ram:TypeCode>916</ram:TypeCode><ram:AttachmentBinaryObject mimeCode='text/csv' filename='" + name +
        b"'>eA==</ram:AttachmentBinaryObject></ram:AdditionalReferencedDocument>" for name in names
    )  # fmt: skip
    return changed("</ram:BuyerTradeParty>", b"</ram:BuyerTradeParty>" + told)


def undebited(xml: bytes) -> bytes:
    """A debit of which nothing is told: no account, no mandate, no creditor."""
    for tag in ("PayerPartyDebtorFinancialAccount", "DirectDebitMandateID", "CreditorReferenceID"):
        xml = without(tag)(xml)
    return xml


CARD = b"<ram:ApplicableTradeSettlementFinancialCard><ram:ID>1234</ram:ID></ram:ApplicableTradeSettlementFinancialCard>"
OWED = (
    b"<ram:PayerPartyDebtorFinancialAccount><ram:IBANID>DE89370400440532013000</ram:IBANID>"
    b"</ram:PayerPartyDebtorFinancialAccount>"
)
CODE = r"(PaymentMeans>\s*<ram:TypeCode>)\d+(</ram:TypeCode>)"
SELLER, BUYER, PLACE = "SellerTradeParty", "BuyerTradeParty", "ShipToTradeParty"
CREDITOR = "PayeePartyCreditorFinancialAccount"

# EIN-7: the fatal rules of XRechnung that a document of ours could break, and how a file breaks each.
FATAL: dict[str, tuple[int, Break]] = {
    "BR-DE-1": (TRANSFER, without("SpecifiedTradeSettlementPaymentMeans")),
    "BR-DE-2": (TRANSFER, without("DefinedTradeContact", SELLER)),
    "BR-DE-3": (TRANSFER, without("CityName", SELLER)),
    "BR-DE-4": (TRANSFER, without("PostcodeCode", SELLER)),
    "BR-DE-5": (TRANSFER, without("PersonName", SELLER)),
    "BR-DE-6": (TRANSFER, without("TelephoneUniversalCommunication", SELLER)),
    "BR-DE-7": (TRANSFER, without("EmailURIUniversalCommunication", SELLER)),
    "BR-DE-8": (TRANSFER, without("CityName", BUYER)),
    "BR-DE-9": (TRANSFER, without("PostcodeCode", BUYER)),
    "BR-DE-10": (TRANSFER, without("CityName", PLACE)),
    "BR-DE-11": (TRANSFER, without("PostcodeCode", PLACE)),
    "BR-DE-14": (TRANSFER, without("RateApplicablePercent", "ApplicableHeaderTradeSettlement")),
    "BR-DE-15": (TRANSFER, without("BuyerReference")),
    "BR-DE-16": (TRANSFER, changed(r"(<ram:SpecifiedTaxRegistration>.*?</ram:SpecifiedTaxRegistration>\s*){2}", b"")),
    "BR-DE-22": (TRANSFER, attached(b"hours.csv", b"hours.csv")),
    "BR-DE-23-a": (TRANSFER, without(CREDITOR)),
    "BR-DE-23-b": (TRANSFER, changed(f"<ram:{CREDITOR}>", OWED + f"<ram:{CREDITOR}>".encode())),
    "BR-DE-24-a": (TRANSFER, changed(CODE, rb"\g<1>48\2")),
    "BR-DE-24-b": (TRANSFER, changed(CODE, rb"\g<1>54\2" + CARD)),
    "BR-DE-25-a": (DEBIT, undebited),
    "BR-DE-25-b": (DEBIT, changed("</ram:PayerPartyDebtorFinancialAccount>",
                                  b"</ram:PayerPartyDebtorFinancialAccount><ram:PayeePartyCreditorFinancialAccount>"
                                  b"<ram:IBANID>DE89370400440532013000</ram:IBANID>"
                                  b"</ram:PayeePartyCreditorFinancialAccount>")),
    "BR-DE-30": (DEBIT, without("CreditorReferenceID")),
    "BR-DE-31": (DEBIT, without("PayerPartyDebtorFinancialAccount")),
    "PEPPOL-EN16931-R010": (TRANSFER, without("URIUniversalCommunication", BUYER)),
    "PEPPOL-EN16931-R020": (TRANSFER, without("URIUniversalCommunication", SELLER)),
}  # fmt: skip

# What is told and does not stop a document.
WARNINGS: dict[str, Break] = {
    "BR-DE-17": changed("<ram:TypeCode>380", b"<ram:TypeCode>751"),
    "BR-DE-27": changed("<ram:CompleteNumber>[^<]*", b"<ram:CompleteNumber>ask"),
    "BR-DE-28": changed("(EmailURIUniversalCommunication>.*?<ram:URIID>)[^<]*", rb"\1nobody"),
    "BR-DE-19": changed("<ram:IBANID>[^<]*", b"<ram:IBANID>DE00100500000054540402"),
}

# Our own, where the official rules leave slack.
EXACT: dict[str, Break] = {
    "KON-1": changed(r"(<ram:BilledQuantity[^>]*>)[^<]*", rb"\g<1>77"),
    "KON-2": changed(r"(?<=<ram:LineTotalAmount>)(\d+)", rb"1\1"),
    "KON-3": changed(r"(?<=<ram:CalculatedAmount>)(\d+)", rb"1\1"),
    "KON-4": changed(r"(?<=<ram:DuePayableAmount>)(\d+)", rb"1\1"),
    "KON-5": changed("DE136695976", b"DE136695977"),
    "KON-6": changed("<ram:ID>RE-2026-00001", b"<ram:ID>RE-2026-00002"),
    "KON-0": changed("<ram:GrandTotalAmount>[^<]*", b"<ram:GrandTotalAmount>much"),
    "XML": changed("</rsm:CrossIndustryInvoice>", b""),
    "XSD": changed("<ram:GrandTotalAmount>.*?</ram:GrandTotalAmount>", b""),
    "BR-CO-15": changed(r"(?<=<ram:GrandTotalAmount>)(\d+)", rb"1\1"),
}  # fmt: skip


def report(xml: bytes, payment_type: int = TRANSFER) -> Report:
    return check_einvoice(xml, "xrechnung", data_of(payment_type))


@pytest.mark.parametrize("payment_type", [TRANSFER, DEBIT])
def test_what_is_broken_below_was_whole_before(payment_type: int) -> None:
    assert report(good(payment_type), payment_type).findings == ()


@pytest.mark.feature("X-01")
@pytest.mark.feature("EIN-5")
@pytest.mark.feature("EIN-7")
@pytest.mark.parametrize("rule", FATAL)
def test_a_file_that_breaks_a_rule_of_xrechnung_is_refused_by_its_id(rule: str) -> None:
    payment_type, broken = FATAL[rule]
    found = report(broken(good(payment_type)), payment_type)
    assert not found.holds
    assert rule in found.broken, found.broken


def test_there_is_a_broken_file_for_each_of_24_rules() -> None:
    assert len(FATAL) >= 24


@pytest.mark.feature("EIN-7")
@pytest.mark.parametrize("rule", WARNINGS)
def test_a_warning_is_told_and_stops_nothing(rule: str) -> None:
    found = report(WARNINGS[rule](good()))
    assert rule in found.warnings and found.holds


@pytest.mark.feature("EIN-5")
@pytest.mark.parametrize("rule", EXACT)
def test_what_the_official_rules_let_pass_is_refused_too(rule: str) -> None:
    assert rule in report(EXACT[rule](good())).broken


@pytest.mark.feature("RND-3")
def test_a_cent_of_vat_too_much_is_found_even_where_the_totals_follow_it() -> None:
    """The official rules catch such a slip only by the totals (BR-CO-14)."""
    data = data_of(TRANSFER)
    (tax, *rest), paper = data.paper.taxes, data.paper
    wrong = replace(paper, taxes=(replace(tax, tax_cents=tax.tax_cents + 1), *rest), tax_cents=paper.tax_cents + 1,
                    gross_cents=paper.gross_cents + 1)  # fmt: skip
    found = check_einvoice(build_einvoice(replace(data, paper=wrong), "xrechnung"), "xrechnung")
    assert found.broken == ("KON-3",)


def test_germanys_rules_are_not_asked_of_a_zugferd_file() -> None:
    data = replace(data_of(TRANSFER), contact=type(data_of(TRANSFER).contact)())
    assert check_einvoice(build_einvoice(data, "zugferd"), "zugferd", data).holds
    assert "BR-DE-2" in check_einvoice(build_einvoice(data, "xrechnung"), "xrechnung", data).broken


@pytest.mark.feature("S14")
@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"<",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY b "' + b"b" * 99 + b'"><!ENTITY c "' + b"&b;" * 999 + b'">]><a>&c;</a>',
    ],
)
def test_hostile_xml_is_refused(xml: bytes) -> None:
    assert not check_einvoice(xml, "zugferd").holds


def test_a_quantity_of_nothing_is_told_as_one_of_its_amount() -> None:
    data = data_of(TRANSFER)
    line = replace(data.lines[0], quantity=Decimal(0))
    root = etree.fromstring(build_einvoice(replace(data, lines=(line, *data.lines[1:])), "xrechnung"))
    assert "KON-1" not in check_einvoice(etree.tostring(root), "xrechnung").broken
