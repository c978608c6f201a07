"""Every issued document becomes an e-invoice that holds, or stays visible and unsent until it does (X-01, EIN-5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from lxml import etree
from sqlalchemy import select, update

from billing.errors import Conflict, KontorError
from documents.archive import embedded_xml
from documents.archive_check import archive_findings
from documents.einvoice import build_einvoice
from documents.einvoice_check import check_einvoice
from documents.einvoice_exact import told_lines, told_sums
from extensions import db
from models import Company, Customer, Invoice, InvoiceLine, Message, Paper, ParkedCustomer, SubscriptionItem
from queries.cards.messages import papers_of
from services import billing_run, clock, company, einvoice_rows, files, mandate_rows, messages, paper_data, papers
from services.actor import SYSTEM
from services.corrections import Part, cancel, correct
from services.customers import create_customer
from services.drafts import Position, create_draft, issue_draft
from services.load import seed_load
from services.unit import end_reading, write
from tests.servers import MailServer

DAY = date(2026, 11, 1)
FIRM = {"customer_type": "business", "organization": "Müller & Söhne GmbH", "vat_id": "DE129273398"}


def billed(**customer: Any) -> Invoice:
    """One issued invoice of 9.90 net for November; `item_*` changes its item, the rest the customer."""
    seed_load(SYSTEM, 1, DAY)
    item = {name[5:]: customer.pop(name) for name in list(customer) if name.startswith("item_")}
    with write() as session:
        session.execute(update(Customer).values(**(FIRM | customer)))
        if customer.get("mandate_reference"):
            mandate_rows.follow(SYSTEM, session.scalars(select(Customer)).one())
        if item:
            session.execute(update(SubscriptionItem).values(**item))
    billing_run.bill(DAY, SYSTEM)
    end_reading()
    return db.session.scalars(select(Invoice)).one()


def paper_of(invoice_id: int, kind: str = "pdf") -> papers.PaperRef:
    end_reading()
    found = papers.paper_for_invoice(invoice_id, kind)
    assert found is not None
    return found


def stored(invoice_id: int, kind: str = "pdf") -> bytes:
    return files.read(papers.draw(paper_of(invoice_id, kind).id)).content


def refused(paper_id: int) -> KontorError:
    with pytest.raises(KontorError) as failure:
        papers.draw(paper_id)
    return failure.value


def without_telephone() -> None:
    with write() as session:
        session.execute(update(Company).values(phone=""))


@pytest.mark.feature("X-01")
@pytest.mark.feature("EIN-8")
def test_every_invoice_is_a_zugferd_file_that_says_what_its_rows_say(context: Flask) -> None:
    invoice = billed()
    pdf = stored(invoice.id)
    xml = embedded_xml(pdf)
    assert xml is not None and archive_findings(pdf, with_xml=True) == ()
    assert check_einvoice(xml, "zugferd").findings == ()
    sums = told_sums(etree.fromstring(xml))
    assert (sums["net"], sums["tax"], sums["gross"]) == (invoice.net_cents, invoice.tax_cents, invoice.gross_cents)
    lines = db.session.scalars(select(InvoiceLine)).all()
    assert [(line[1], line[2], line[4]) for line in told_lines(etree.fromstring(xml))] == [
        (line.quantity, line.unit_price, line.net_cents) for line in lines
    ]


@pytest.mark.feature("EIN-3")
@pytest.mark.feature("X-01")
def test_who_takes_xrechnung_gets_it_beside_the_pdf(context: Flask, server: MailServer) -> None:
    invoice = billed(einvoice_format="xrechnung", buyer_reference="991-03730-19")
    xml = stored(invoice.id, "xml")
    assert check_einvoice(xml, "xrechnung").holds and b"xrechnung_3.0" in xml and b"991-03730-19" in xml
    assert messages.send(db.session.scalars(select(Message.id)).one()) == "sent"
    attached = list(server.accepted[0].iter_attachments())
    assert [each.get_filename() for each in attached] == [f"{invoice.number}.xml", f"{invoice.number}.pdf"]
    assert [each.get_content_type() for each in attached] == ["application/xml", "application/pdf"]
    assert embedded_xml(attached[1].get_content()) is not None


@pytest.mark.feature("EIN-3")
def test_who_wants_a_bare_pdf_gets_one_while_no_law_asks_for_more(context: Flask) -> None:
    invoice = billed(einvoice_format="pdf", item_unit_price=Decimal(1000))
    pdf = stored(invoice.id)
    assert embedded_xml(pdf) is None and archive_findings(pdf, with_xml=False) == ()


@pytest.mark.feature("EIN-1")
@pytest.mark.feature("EIN-5")
@pytest.mark.parametrize(
    ("day", "may_wait", "price", "kind", "has_xml"),
    [
        (date(2027, 1, 1), False, 1000, "business", True), (date(2027, 1, 1), False, 1000, "consumer", False),
        (date(2027, 1, 1), False, 100, "business", False), (date(2027, 1, 1), True, 1000, "business", False),
        (date(2028, 1, 1), True, 1000, "business", True),
    ],
)  # fmt: skip
def test_from_2027_on_a_bare_pdf_between_businesses_holds_an_e_invoice(
    context: Flask, day: date, may_wait: bool, price: int, kind: str, has_xml: bool
) -> None:
    company.change_company(SYSTEM, {"einvoice_from_2028": may_wait})
    seed_load(SYSTEM, 1, day)
    with write() as session:
        session.execute(update(Customer).values(**(FIRM | {"customer_type": kind}), einvoice_format="pdf"))
        session.execute(update(SubscriptionItem).values(unit_price=Decimal(price)))
    with clock.stand_at(day):
        billing_run.bill(day, SYSTEM)
        end_reading()
        invoice = db.session.scalars(select(Invoice)).one()
        assert (embedded_xml(stored(invoice.id)) is not None) is has_xml


@pytest.mark.feature("EIN-3")
@pytest.mark.feature("GOB-3")
def test_an_xrechnung_on_demand_is_drawn_once(context: Flask) -> None:
    invoice = billed()
    assert papers.paper_for_invoice(invoice.id, "xml") is None
    paper_id = papers.order(invoice.id, "xml")
    file_id = papers.draw(paper_id)
    first = files.read(file_id)
    assert papers.order(invoice.id, "xml") == paper_id and papers.draw(paper_id) == file_id
    assert first.sha256 == sha256(first.content).hexdigest()
    assert (first.filename, first.media_type) == (f"{invoice.number}.xml", "application/xml")
    assert [paper.kind for paper in db.session.scalars(select(Paper).order_by(Paper.id))] == ["pdf", "xml"]
    assert papers.to_send(invoice.id) == [paper_of(invoice.id).id], "what was asked for later is sent to nobody"
    message_id = db.session.scalars(select(Message.id)).one()
    messages.send(message_id)
    end_reading()
    assert [each.filename for each in papers_of(message_id)] == [f"{invoice.number}.pdf"]


@pytest.mark.feature("EIN-5")
@pytest.mark.feature("F10")
def test_what_does_not_hold_is_seen_not_sent_and_mended(context: Flask, server: MailServer, standing: None) -> None:
    """The company's telephone is missing, which XRechnung asks for: the invoice stands, the mail waits."""
    without_telephone()
    invoice = billed(einvoice_format="xrechnung")
    message_id = db.session.scalars(select(Message.id)).one()
    assert messages.send(message_id) == "pending"
    paper = paper_of(invoice.id, "xml")
    assert (paper.state, paper.file_id, paper.error) == ("failed", None, "einvoice_invalid: BR-DE-6")
    waiting = db.session.get_one(Message, message_id)
    assert waiting.error == "waiting_for_paper: einvoice_invalid: BR-DE-6" and waiting.attempts == 0
    assert server.accepted == [] and invoice.status == "issued" and invoice.number == "RE-2026-00001"

    company.change_company(SYSTEM, {"phone": "+49 40 123456"})
    with clock.stand_at(clock.instant() + timedelta(hours=1)):
        assert messages.send(message_id) == "sent"
    assert len(list(server.accepted[0].iter_attachments())) == 2


@pytest.mark.feature("EIN-5")
@pytest.mark.feature("F10")
def test_a_person_may_draw_again_what_failed(context: Flask, standing: None) -> None:
    without_telephone()
    paper = paper_of(billed(einvoice_format="xrechnung").id, "xml")
    assert refused(paper.id).facts["rules"] == ["BR-DE-6"]
    assert isinstance(refused(paper.id), Conflict), "its pause is kept"
    company.change_company(SYSTEM, {"phone": "+49 40 123456"})
    papers.retry(SYSTEM, paper.id)
    assert check_einvoice(files.read(papers.draw(paper.id)).content, "xrechnung").holds


@pytest.mark.feature("F10")
def test_a_vat_id_with_a_wrong_digit_stops_the_file_and_not_the_invoice(context: Flask, standing: None) -> None:
    """Written past every check, as a program's mistake would do it; no official rule looks at the digit."""
    invoice = billed(vat_id="DE129273397")
    assert refused(paper_of(invoice.id).id).code == "einvoice_invalid"
    assert paper_of(invoice.id).error == "einvoice_invalid: KON-5"
    assert db.session.get_one(Invoice, invoice.id).number == "RE-2026-00001"


@pytest.mark.feature("COR-1")
@pytest.mark.feature("EIN-4")
@pytest.mark.parametrize("whole", [True, False])
def test_a_correction_is_an_e_invoice_like_its_original(context: Flask, whole: bool) -> None:
    invoice = billed(einvoice_format="xrechnung", item_quantity=Decimal(3))
    line = db.session.scalars(select(InvoiceLine.id)).one()
    parts = [Part(line, quantity=Decimal(1))]
    made = cancel(SYSTEM, invoice.id, reason="x") if whole else correct(SYSTEM, invoice.id, parts, reason="x")
    end_reading()
    row = db.session.get_one(Invoice, made)
    for xml, kind in ((embedded_xml(stored(made)), "zugferd"), (stored(made, "xml"), "xrechnung")):
        assert xml is not None and check_einvoice(xml, kind).holds
        assert b"<ram:TypeCode>384" in xml and b"RE-2026-00001" in xml
        assert told_sums(etree.fromstring(xml))["gross"] == row.gross_cents < 0


@pytest.mark.feature("EIN-7")
def test_a_debit_names_its_mandate_and_only_then_the_account_is_frozen(context: Flask) -> None:
    with write() as session:
        session.execute(update(Company).values(creditor_id="DE98ZZZ09999999999"))
    debited = {"payment_type": 2, "mandate_reference": "M-42", "bank_iban": "DE89370400440532013000",
               "mandate_signed_on": DAY}  # fmt: skip
    invoice = billed(einvoice_format="xrechnung", **debited)
    xml = stored(invoice.id, "xml")
    assert b">59<" in xml and b">M-42<" in xml and b"DE98ZZZ09999999999" in xml and b"DE89370400440532013000" in xml
    assert invoice.buyer["bank_iban"] == "DE89370400440532013000"


def test_who_transfers_keeps_the_account_out_of_the_invoice(context: Flask) -> None:
    assert "bank_iban" not in billed(payment_type=1, bank_iban="DE89370400440532013000").buyer


@pytest.mark.feature("RND-5")
def test_a_part_of_a_month_is_told_with_a_price_that_fits(context: Flask) -> None:
    invoice = billed(item_ends_on=date(2026, 11, 12), item_quantity=Decimal(7), item_unit_price=Decimal("9.99"))
    (line,) = told_lines(etree.fromstring(embedded_xml(stored(invoice.id)) or b""))
    assert line[4] == invoice.net_cents and round(line[1] * line[2] * 100) == invoice.net_cents


MANY = (
    Position("Beratung", Decimal("9.99"), Decimal(3), unit="Std.", discount_percent=Decimal("12.5")),
    Position("Fachbuch", Decimal("24.90"), Decimal(2), vat_category="reduced", supply_kind="goods"),
    Position("Kleinteil", Decimal("0.01234567"), Decimal("127.0625"), unit="Bündel"),
)
BUYERS: dict[str, dict[str, Any]] = {
    "firm": FIRM,
    "person": {"customer_type": "consumer", "last_name": "Schmidt", "organization": ""},
    "austrian": {"customer_type": "consumer", "last_name": "Huber", "organization": "", "country_code": "AT"},
    "swiss": {"customer_type": "business", "organization": "Velo AG", "country_code": "CH"},
}


@pytest.mark.feature("X-01")
@pytest.mark.feature("EIN-7")
@pytest.mark.parametrize("buyer", BUYERS)
@pytest.mark.parametrize("is_gross", [False, True])
@pytest.mark.parametrize("currency", ["EUR", "CHF"])
def test_one_off_invoices_and_their_parts_taken_back_are_e_invoices(
    context: Flask, buyer: str, is_gross: bool, currency: str
) -> None:
    """Discounts, three rates and prices of eight decimals, net and gross; then each line by a part, and the rest."""
    place = {"address": "Weg 1", "zipcode": "20095", "city": "Hamburg", "email": "a@b.example"}
    customer = create_customer(SYSTEM, {**place, **BUYERS[buyer]})
    values = {"is_gross": is_gross, "currency_code": currency, "service_from": DAY, "service_last": DAY,
              "cash_discount_percent": Decimal(2), "cash_discount_days": 7, "days_for_payment": 14}  # fmt: skip
    positions = MANY if buyer in ("firm", "person") else tuple(replace(each, supply_kind="service") for each in MANY)
    made = create_draft(SYSTEM, customer, values, positions)
    issue_draft(SYSTEM, made)
    end_reading()
    lines = db.session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == made)).all()
    parts = [Part(line.id, quantity=Decimal(1)) for line in lines]
    corrected = correct(SYSTEM, made, parts, reason="x")
    rest = cancel(SYSTEM, made, reason="x")
    end_reading()
    found = {number: _held(number) for number in (made, corrected, rest)}
    assert found == dict.fromkeys(found, ())
    gross = [db.session.get_one(Invoice, number).gross_cents for number in found]
    assert sum(gross) == 0 and gross[0] > 0


def _held(invoice_id: int) -> tuple[str, ...]:
    """Broken rules of the document in both formats."""
    data = einvoice_rows.einvoice_data(invoice_id, paper_data.invoice_paper(invoice_id))
    reports = [check_einvoice(build_einvoice(data, kind), kind, data) for kind in ("zugferd", "xrechnung")]
    return tuple(rule for report in reports for rule in report.broken)


@pytest.mark.feature("EIN-7")
def test_who_takes_xrechnung_and_lacks_what_it_asks_for_is_left_out_with_the_fields(context: Flask) -> None:
    """No number is drawn for an invoice that could never be sent."""
    seed_load(SYSTEM, 1, DAY)
    with write() as session:
        session.execute(update(Customer).values(**FIRM, einvoice_format="xrechnung", city="", email=""))
    billing_run.bill(DAY, SYSTEM)
    end_reading()
    parked = db.session.scalars(select(ParkedCustomer)).one()
    assert (parked.code, parked.facts["fields"]) == ("missing_fields", ["city", "email"])
    assert db.session.scalars(select(Invoice)).all() == []
