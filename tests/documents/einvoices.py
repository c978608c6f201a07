"""E-invoices to build: every VAT case, net and gross prices, parts of periods, discounts, currencies, corrections.

Amounts are made by the house's own rules, so that what is checked is the way from rows to XML.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from billing.money import Money
from billing.tax_amounts import Amounts, spread, tax_lines
from billing.tax_cases import TAX_CASES
from billing.tax_notes import exemption, note
from documents.einvoice_data import Contact, Debit, EinvoiceData, EinvoiceLine
from documents.paper import InvoicePaper, Letterhead, PaperLine, PaperTax, Party
from tests.documents.conftest import BUYER, HEAD

SELLER: Letterhead = replace(HEAD, vat_id="DE136695976")
FIRMS = {
    "DE": replace(BUYER, vat_id="DE129273398"),
    "AT": Party(organization="Alpenrad GmbH", address="Neubaugasse 64", zipcode="1070", city="Wien",
                country_code="AT", vat_id="ATU13585627"),
    "CH": Party(organization="Velo AG", address="Seeweg 1", zipcode="8001", city="Zürich", country_code="CH"),
}  # fmt: skip
WHERE = {"reverse_charge": "AT", "intra_eu_goods": "AT", "oss": "AT", "union_consumer": "AT", "outside_scope": "CH",
         "export": "CH"}  # fmt: skip
RATES = {"oss": ("20", "10"), "domestic": ("19", "7", "0"), "union_consumer": ("19", "7")}
CONTACT = Contact("Anna Größer", "+49 30 1234567", "rechnung@radwerk.example")
DEBIT = Debit("M-2026-0042", "DE89370400440532013000", "DE98ZZZ09999999999")
DAY = date(2026, 11, 21)


def documents(count: int, seed: int = 20261121) -> Iterator[tuple[str, EinvoiceData]]:
    """So many different documents, each with the format it is meant for; the same seed gives the same ones."""
    chance = Random(seed)
    cases = list(TAX_CASES)
    for number in range(count):
        case = cases[number % len(cases)]
        data = document(case, number, chance)
        yield ("xrechnung" if (number + number // len(cases)) % 3 == 2 else "zugferd"), data


def document(case: str, number: int, chance: Random) -> EinvoiceData:
    """One document of a tax case; the number varies price mode, currency, payment, kind and lengths."""
    is_gross = case in ("domestic", "oss", "union_consumer") and number % 2 == 0
    is_correction = number % 7 == 3
    kind = ("correction" if number % 2 else "cancellation") if is_correction else "invoice"
    raw = [_line(place, case, is_gross, is_correction, chance) for place in range(1, chance.choice((1, 2, 3, 9)) + 1)]
    lines, taxes, sums = _summed(raw, case, is_gross)
    printed = tuple(_printed(line, before, is_gross, tax) for (line, before), tax in zip(raw, lines, strict=True))
    paper = _paper(case, number, kind, is_gross, printed, taxes, sums)
    return EinvoiceData(
        paper=paper, lines=tuple(_counted(line, before, is_gross, tax) for (line, before), tax in
                                 zip(raw, lines, strict=True)),
        contact=CONTACT, buyer_email="buchhaltung@kunde.example", debit=DEBIT,
        buyer_reference="991-03730-19" if number % 4 == 0 else "",
        original=("RE-2026-00007", date(2026, 10, 1)) if is_correction else None,
        cash_discount_percent=Decimal(2) if number % 6 == 1 else Decimal(0), cash_discount_days=14,
    )  # fmt: skip


Raw = tuple[EinvoiceLine, int]  # the line, with its amount in the document's mode


def _line(place: int, case: str, is_gross: bool, is_correction: bool, chance: Random) -> Raw:
    """A whole or a part of quantity times price, less up to two discounts, in the document's mode."""
    quantity = chance.choice((Decimal(1), Decimal(3), Decimal("2.5"), Decimal("0.3333"), Decimal("127.0625")))
    price = chance.choice((Decimal("9.99"), Decimal("49"), Decimal("0.01234567"), Decimal("617.25"), Decimal(100)))
    whole = Money(1, "EUR").times(quantity * price * 100).cents
    part = chance.choice((Decimal(1), Decimal(1), Decimal(11) / 30, Decimal(200) / 365))
    amount = Money(whole, "EUR").times(part).cents
    discounts = tuple((f"Rabatt {n}", amount // 10) for n in range(chance.choice((0, 0, 1, 2))) if amount >= 10)
    left, sign = amount - sum(cents for _, cents in discounts), -1 if is_correction else 1
    percent = Decimal(chance.choice(RATES.get(case, ("0",))))
    category = "Z" if case == "domestic" and not percent else TAX_CASES[case].category
    start = DAY.replace(day=1) + timedelta(chance.randrange(5))
    line = EinvoiceLine(
        place, f"A-{place}" if place % 2 else "", f"Posten {place} & mehr <b>", "Zeile 1\nZeile 2", "C62",
        sign * quantity, None if is_gross else price, category, percent, 0,
        tuple((text, sign * cents) for text, cents in discounts), start, start + timedelta(chance.randrange(1, 20)),
    )  # fmt: skip
    return line, sign * left


def _summed(
    raw: list[Raw], case: str, is_gross: bool
) -> tuple[tuple[Amounts, ...], tuple[PaperTax, ...], tuple[int, int, int]]:
    """What each line comes to, the table of rates, and net, tax and gross of all."""
    amounts = [(line.category, line.percent, cents) for line, cents in raw]
    rows = tax_lines(amounts, is_gross)
    taxes = tuple(
        PaperTax(row.percent, row.category, row.net_cents, row.tax_cents, note(exemption(case).note_key, "de"))
        for row in rows
    )
    net, tax = sum(row.net_cents for row in rows), sum(row.tax_cents for row in rows)
    return spread(amounts, is_gross, rows), taxes, (net, tax, net + tax)


def _printed(line: EinvoiceLine, amount: int, is_gross: bool, sums: tuple[int, int, int]) -> PaperLine:
    size = abs(line.quantity)
    price = (
        line.unit_price
        if line.unit_price is not None
        else (Decimal(abs(amount)) / 100 / size).quantize(Decimal("0.01"))
    )
    return PaperLine(
        line.position, line.article_number, line.title, line.description, line.quantity, price, line.percent,
        sums[2] if is_gross else sums[0], line.period_start, line.period_last, line.discounts,
    )  # fmt: skip


def _counted(line: EinvoiceLine, amount: int, is_gross: bool, sums: tuple[int, int, int]) -> EinvoiceLine:
    if not is_gross:
        return replace(line, net_cents=sums[0])
    nets = tuple((text, Money(cents, "EUR").times(100 / (100 + line.percent)).cents) for text, cents in line.discounts)
    return replace(line, net_cents=sums[0], discounts=nets)


def _paper(
    case: str, number: int, kind: str, is_gross: bool, lines: tuple[PaperLine, ...], taxes: tuple[PaperTax, ...],
    sums: tuple[int, int, int],
) -> InvoicePaper:  # fmt: skip
    home = WHERE.get(case, "DE")
    buyer = FIRMS[home] if case not in ("oss", "union_consumer") else replace(FIRMS[home], vat_id="")
    starts, ends = [line.period_start for line in lines], [line.period_last for line in lines]
    return InvoicePaper(
        kind=kind, number=f"RE-2026-{number:05}", issued_on=DAY, due_on=date(2026, 12, 5), service_from=min(starts),
        service_last=max(ends), title="Werkstatt-Abo", introtext="Vielen Dank.\x0b", customer_number="K-10042",
        letterhead=SELLER, buyer=buyer, delivery=replace(buyer, organization="Lager") if number % 8 == 1 else None,
        currency=("EUR", "CHF", "USD")[number % 3], is_gross=is_gross, lines=lines, taxes=taxes, net_cents=sums[0],
        tax_cents=sums[1], gross_cents=sums[2], payment_type=number % 6 + 1,
        prepaid_cents=sums[2] // 3 if number % 5 == 4 and kind == "invoice" else 0,
        payment_text="Bitte überweisen Sie #sofort." if kind == "invoice" else "",
    )  # fmt: skip
