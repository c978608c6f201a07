"""VAT ids are asked about, every answer is kept, and only a relied-on one leaves VAT out of an invoice (INV-9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError

from billing.errors import Invalid, NotAllowed
from billing.periods import Interval
from extensions import db
from models import Activity, Company, Invoice, ParkedCustomer, VatCheck
from services import billing_run, clock, parked, vat_bells, vat_checks
from services.actor import SYSTEM, Actor
from services.customers import create_customer, update_customer
from services.products import create_product
from services.subscriptions import Booking, Order, create_subscription
from services.unit import end_reading, write
from tests.vies_server import ViesServer, vies_server

ANKE = Actor("staff", 7, "Anke")
VAT_ID = "ATU13585627"
FIRST, NEXT = date(2026, 9, 1), date(2026, 10, 1)
ABROAD = {"organization": "Radhaus Wien", "address": "Neubaugasse 64", "zipcode": "1070", "city": "Wien",
          "country_code": "AT", "vat_id": VAT_ID}  # fmt: skip


@pytest.fixture
def server() -> Iterator[ViesServer]:
    with vies_server() as running:
        yield running


@pytest.fixture
def asking(context: Flask, server: ViesServer) -> ViesServer:
    """The house asks the stand-in."""
    context.config["KONTOR"] = replace(context.config["KONTOR"], vies_url=server.url)
    return server


def customer(**values: str) -> int:
    """An Austrian business with a monthly contract from the first of September."""
    with clock.stand_at(FIRST):
        found = create_customer(SYSTEM, ABROAD | values)
        number = f"M{found}"
        create_product(SYSTEM, {"number": number, "title": "Wartung", "unit_price": Decimal(10),
                                "interval": Interval.parse("1 month")})  # fmt: skip
        create_subscription(SYSTEM, Order(found, Booking(number), starts_on=FIRST))
    return found


def run(day: date) -> tuple[int, int]:
    with clock.stand_at(day):
        counts = billing_run.bill(day, SYSTEM).counts
    return counts.issued, counts.failed


def check(customer_id: int, day: date = FIRST) -> str:
    with clock.stand_at(day):
        return vat_checks.check(ANKE, customer_id).result


def invoices() -> list[tuple[str, int, int]]:
    end_reading()
    rows = db.session.scalars(select(Invoice).order_by(Invoice.id)).all()
    return [(row.tax_case, row.tax_cents, row.gross_cents) for row in rows]


def reasons() -> list[str]:
    end_reading()
    return list(db.session.scalars(select(ParkedCustomer.code).where(ParkedCustomer.resolved_at.is_(None))))


def setting(**values: object) -> None:
    with write() as session:
        session.execute(update(Company).values(**values))


AE, VAT = ("reverse_charge", 0, 1000), ("domestic", 190, 1190)


@pytest.mark.feature("INV-9")
@pytest.mark.feature("INV-7")
@pytest.mark.parametrize(
    ("answer", "result", "held", "charged"),
    [
        ("valid", "valid", [AE], [AE]),
        ("invalid", "invalid", "vat_id_invalid", [VAT]),
        ("MS_UNAVAILABLE", "unavailable", "vat_id_unconfirmed", [VAT]),
        ("TIMEOUT", "timeout", "vat_id_unconfirmed", [VAT]),
    ],
)
@pytest.mark.parametrize("setting_", ["hold", "charge"])
def test_the_four_answers_lead_to_reverse_charge_to_waiting_or_to_vat_as_set(
    asking: ViesServer, answer: str, result: str, held: object, charged: object, setting_: str
) -> None:
    setting(vat_unconfirmed=setting_)
    customer_id = customer()
    asking.answers[VAT_ID] = answer
    assert check(customer_id) == result
    issued, failed = run(FIRST)
    if setting_ == "hold" and isinstance(held, str):
        assert (issued, failed, invoices(), reasons()) == (0, 1, [], [held])
    else:
        assert (issued, failed, reasons()) == (1, 0, [])
        assert invoices() == (held if setting_ == "hold" else charged)


@pytest.mark.feature("INV-9")
@pytest.mark.feature("EB-46")
def test_while_the_service_is_down_the_last_good_answer_is_relied_on_for_so_many_days(asking: ViesServer) -> None:
    customer_id = customer()
    assert check(customer_id) == "valid"
    asking.answers[VAT_ID] = "MS_UNAVAILABLE"
    assert check(customer_id, NEXT) == "unavailable"
    assert run(NEXT) == (2, 0) and invoices() == [AE, AE]
    setting(vat_rely_days=60)
    assert run(date(2026, 11, 1)) == (0, 1) and reasons() == ["vat_id_unconfirmed"]


@pytest.mark.feature("INV-9")
def test_every_reverse_charge_invoice_has_its_evidence_and_a_sandbox_answers_itself(context: Flask) -> None:
    customer_id = customer()
    assert run(FIRST) == (1, 0) and invoices() == [AE]
    row = db.session.scalars(select(VatCheck)).one()
    assert (row.customer_id, row.vat_id, row.result, row.reason) == (customer_id, VAT_ID, "valid", "sandbox")
    assert run(NEXT) == (1, 0) and run(date(2026, 11, 1)) == (1, 0)
    assert len(db.session.scalars(select(VatCheck)).all()) == 3, "asked again when the answer is 30 days old"


def test_an_id_that_fails_its_check_digits_is_not_sent_anywhere(asking: ViesServer) -> None:
    customer_id = customer()
    with write() as session:
        session.execute(text("UPDATE customers SET vat_id = 'ATU13585626' WHERE id = :id"), {"id": customer_id})
    assert check(customer_id) == "invalid"
    assert asking.asked == []


def test_an_answer_counts_for_the_id_that_was_asked_for(asking: ViesServer) -> None:
    customer_id = customer()
    check(customer_id)
    update_customer(SYSTEM, customer_id, {"vat_id": "ATU66889218"})
    assert run(FIRST) == (0, 1) and reasons() == ["vat_id_unconfirmed"]


@pytest.mark.feature("EB-46")
def test_a_person_may_rely_on_an_id_all_the_same_and_says_why(asking: ViesServer) -> None:
    customer_id = customer()
    asking.answers[VAT_ID] = "invalid"
    check(customer_id)
    assert run(FIRST) == (0, 1)
    with clock.stand_at(FIRST):
        with pytest.raises(Invalid):
            vat_checks.decide(ANKE, customer_id, "  ")
        vat_checks.decide(ANKE, customer_id, "Bescheid des Finanzamts Wien liegt vor")
        row = db.session.scalars(select(ParkedCustomer.id)).one()
        assert parked.retry(ANKE, row) == parked.Retried(1, ())
    assert invoices() == [AE]
    told = db.session.scalars(select(VatCheck).order_by(VatCheck.id.desc()).limit(1)).one()
    assert (told.result, told.reason, told.actor_kind, told.actor_id) == (
        "decided", "Bescheid des Finanzamts Wien liegt vor", "staff", 7,
    )  # fmt: skip
    codes = db.session.scalars(select(Activity.code).where(Activity.customer_id == customer_id)).all()
    assert "customer.vat_id_checked" in codes and "customer.vat_id_decided" in codes


@pytest.mark.feature("INV-9")
def test_answers_are_never_changed_by_plain_sql(asking: ViesServer) -> None:
    check(customer())
    for statement in ("UPDATE vat_checks SET result = 'invalid'", "DELETE FROM vat_checks"):
        with pytest.raises(DatabaseError, match="never changed"), write() as session:
            session.execute(text(statement))


@pytest.mark.parametrize(
    "values",
    [{"country_code": "DE", "vat_id": "DE136695976"}, {"vat_id": ""}, {"country_code": "CH", "vat_id": ""},
     {"customer_type": "consumer", "last_name": "Huber", "vat_id": ""}],
)  # fmt: skip
def test_where_nothing_rests_on_an_id_nobody_is_asked(asking: ViesServer, values: dict[str, str]) -> None:
    customer_id = customer(**values)
    with pytest.raises(NotAllowed, match="no_vat_id_to_check"):
        vat_checks.check(ANKE, customer_id)
    assert vat_bells.waiting(10, FIRST) == [] and asking.asked == []


def test_the_timetable_rings_for_ids_that_are_billed_soon_and_asks_again_after_a_pause(asking: ViesServer) -> None:
    customer_id = customer()
    with clock.stand_at(FIRST):
        assert vat_bells.waiting(10) == [customer_id]
        asking.answers[VAT_ID] = "MS_UNAVAILABLE"
        vat_checks.check(SYSTEM, customer_id)
        assert vat_bells.waiting(10) == [], "an hour's pause"
    with clock.stand_at(date(2026, 9, 2)):
        assert vat_bells.waiting(10) == [customer_id]
        asking.answers.clear()
        vat_checks.check(SYSTEM, customer_id)
        assert vat_bells.waiting(10) == []
    with clock.stand_at(date(2026, 10, 3)):
        assert vat_bells.waiting(10) == [customer_id], "older than thirty days"
        setting(vat_check="off")
        assert vat_bells.waiting(10) == []


def test_without_the_check_every_id_is_believed(asking: ViesServer) -> None:
    setting(vat_check="off")
    customer()
    assert run(FIRST) == (1, 0) and invoices() == [AE] and asking.asked == []


@pytest.mark.feature("INV-7")
def test_reverse_charge_without_our_own_vat_id_is_refused_and_names_it(context: Flask) -> None:
    customer()
    setting(vat_id="")
    assert run(FIRST) == (0, 1) and reasons() == ["missing_fields"]
    facts = db.session.scalars(select(ParkedCustomer.facts)).one()
    assert facts == {"fields": ["seller_vat_id"]}
