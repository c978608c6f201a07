"""Mandates: whoever writes the record, the mandate follows; what was used never changes; it lapses, ends, is merged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from billing.errors import AlreadyDone, Conflict, Invalid, NotAllowed
from extensions import db
from models import Customer, Mandate, PaymentMethod
from services import clock, company, customers, mandates, merge
from services.actor import SYSTEM
from services.mandates import Grant
from services.unit import end_reading, write
from tests.services import shop

TODAY = date(2026, 11, 23)
IBAN, OTHER = "DE89370400440532013000", "DE02120300000000202051"


@pytest.fixture(autouse=True)
def ground(context: Flask) -> Iterator[None]:
    with clock.stand_at(TODAY):
        company.change_company(SYSTEM, {"creditor_id": "DE98ZZZ09999999999"})
        yield


def rows() -> list[Mandate]:
    end_reading()
    return list(db.session.scalars(select(Mandate).order_by(Mandate.id).execution_options(populate_existing=True)))


def states() -> list[tuple[str, str]]:
    return [(row.reference, row.state) for row in rows()]


def record(customer_id: int) -> Customer:
    end_reading()
    return db.session.get_one(Customer, customer_id, populate_existing=True)


def methods() -> list[tuple[str, bool, str]]:
    end_reading()
    query = select(PaymentMethod).order_by(PaymentMethod.id).execution_options(populate_existing=True)
    return [(row.state, row.is_default, row.last4) for row in db.session.scalars(query)]


def used(customer_id: int, on: date = TODAY) -> None:
    with write() as session:
        for row in session.scalars(select(Mandate).where(Mandate.customer_id == customer_id)):
            row.first_used_on = row.last_used_on = on


def debited(**more: Any) -> int:
    values = {"bank_iban": IBAN, "mandate_reference": "K-1", "mandate_signed_on": TODAY, "payment_type": 2}
    return shop.somebody(**{**values, **more})


@pytest.mark.feature("SEP-1", "X-05")
def test_a_mandate_that_is_granted_stands_in_the_record_and_is_how_the_customer_pays() -> None:
    somebody = shop.somebody(first_name="Anna")
    mandates.grant(SYSTEM, somebody, Grant(iban=IBAN, holder="Anna Meier", prenotice_days=5))
    (row,) = rows()
    assert (row.reference, row.state, row.scheme, row.signed_on) == ("M-000001", "active", "CORE", TODAY)
    assert (row.holder, row.iban, row.prenotice_days) == ("Anna Meier", IBAN, 5)
    told = record(somebody)
    assert (told.mandate_reference, told.mandate_signed_on, told.payment_type) == ("M-000001", TODAY, 2)
    assert told.bank_name == "Commerzbank"
    assert methods() == [("active", True, "3000")]


@pytest.mark.feature("SEP-1")
def test_whatever_writes_the_record_makes_the_mandate() -> None:
    somebody = debited(mandate_reference=" k-1 ")
    assert states() == [("K-1", "active")]
    customers.update_customer(SYSTEM, somebody, {"bank_account_owner": "Petra Meier"})
    assert rows()[0].holder == "Petra Meier"  # never used: what was signed is put right
    customers.update_customer(SYSTEM, somebody, {"city": "Kiel"})
    assert states() == [("K-1", "active")]


@pytest.mark.feature("SEP-1")
@pytest.mark.parametrize("missing", ["bank_iban", "mandate_reference", "mandate_signed_on"])
def test_without_account_reference_or_signature_there_is_no_mandate(missing: str) -> None:
    debited(**{missing: None if missing == "mandate_signed_on" else ""})
    assert states() == [] and methods() == []


@pytest.mark.feature("SEP-1")
def test_a_mandate_that_was_used_goes_on_in_a_row_of_its_own_for_another_account() -> None:
    somebody = debited()
    used(somebody)
    customers.update_customer(SYSTEM, somebody, {"bank_iban": OTHER})
    old, new = rows()
    assert (old.iban, old.state, new.iban, new.state) == (IBAN, "replaced", OTHER, "active")
    assert (new.amends_id, new.signed_on) == (old.id, old.signed_on)
    assert record(somebody).mandate_reference == new.reference == "M-000001"
    assert methods() == [("removed", False, "3000"), ("active", True, "2051")]


@pytest.mark.feature("SEP-1")
def test_a_new_mandate_replaces_the_one_before_it() -> None:
    somebody = debited()
    mandates.grant(SYSTEM, somebody, Grant(iban=OTHER))
    assert states() == [("K-1", "replaced"), ("M-000001", "active")]
    assert rows()[1].amends_id is None


@pytest.mark.feature("SEP-1")
def test_an_emptied_reference_is_a_mandate_revoked_and_a_slip_can_be_taken_back() -> None:
    somebody = debited()
    customers.update_customer(SYSTEM, somebody, {"mandate_reference": ""})
    assert states() == [("K-1", "revoked")] and methods() == [("removed", False, "3000")]
    customers.update_customer(SYSTEM, somebody, {"mandate_reference": "K-1"})
    assert states() == [("K-1", "active")]


@pytest.mark.feature("SEP-1")
def test_a_used_mandate_that_is_over_stays_over() -> None:
    somebody = debited()
    used(somebody)
    mandates.revoke(SYSTEM, rows()[0].id)
    told = record(somebody)
    assert (told.mandate_reference, told.mandate_signed_on, told.payment_type) == ("", None, 1)
    with pytest.raises(Invalid, match="mandate_ended"):
        customers.update_customer(SYSTEM, somebody, {"mandate_reference": "K-1", "mandate_signed_on": TODAY})
    with pytest.raises(AlreadyDone):
        mandates.revoke(SYSTEM, rows()[0].id)
    assert states() == [("K-1", "revoked")]


@pytest.mark.feature("SEP-1")
def test_a_reference_is_one_customers_whatever_its_case_and_blanks() -> None:
    debited()
    with pytest.raises(Conflict, match="taken"):
        debited(name="Schulz", mandate_reference="k- 1")
    assert len(rows()) == 1


@pytest.mark.feature("SEP-1")
@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Grant(iban=IBAN, signed_on=TODAY + timedelta(1)), "signed_on"),
        (Grant(iban=IBAN, scheme="B2B"), "scheme"),
        (Grant(iban=IBAN, scheme="COR1"), "scheme"),
        (Grant(iban=IBAN, prenotice_days=0), "prenotice_days"),
        (Grant(iban=IBAN, reference="Ümlaut"), "mandate_reference"),
        (Grant(iban="DE89370400440532013001"), "bank_iban"),
        (Grant(), "bank_iban"),
    ],
)
def test_what_can_be_no_mandate_is_refused_by_its_field(given: Grant, field: str) -> None:
    somebody = shop.somebody()
    with pytest.raises(Invalid) as refused:
        mandates.grant(SYSTEM, somebody, given)
    assert refused.value.field == field and states() == []


@pytest.mark.feature("SEP-1")
def test_firms_may_agree_to_b2b() -> None:
    firm = shop.somebody(organization="Meier GmbH")
    mandates.grant(SYSTEM, firm, Grant(iban=IBAN, scheme="B2B"))
    assert (rows()[0].scheme, rows()[0].holder) == ("B2B", "Meier GmbH")


@pytest.mark.feature("SEP-1")
def test_without_a_creditor_id_nobody_grants_anything() -> None:
    somebody = shop.somebody()
    company.change_company(SYSTEM, {"creditor_id": ""})
    with pytest.raises(NotAllowed, match="no_creditor_id"):
        mandates.grant(SYSTEM, somebody, Grant(iban=IBAN))


@pytest.mark.feature("SEP-1")
def test_after_36_months_without_a_debit_a_mandate_lapses() -> None:
    with clock.stand_at(date(2023, 11, 23)):
        idle = debited(mandate_signed_on=date(2023, 11, 23))
        in_use = debited(name="Schulz", mandate_reference="K-2", mandate_signed_on=date(2020, 1, 1))
    debited(name="Neu", mandate_reference="K-3", mandate_signed_on=date(2015, 3, 1))  # used in another house till now
    with write() as session:
        session.scalars(select(Mandate).where(Mandate.customer_id == in_use)).one().last_used_on = date(2023, 11, 24)
    assert mandates.lapse() == 1 and mandates.lapse() == 0
    assert states() == [("K-1", "lapsed"), ("K-2", "active"), ("K-3", "active")]
    assert (record(idle).mandate_reference, record(idle).payment_type) == ("", 1)


@pytest.mark.feature("SEP-1")
def test_after_a_merge_one_mandate_holds_and_it_is_the_one_that_was_chosen() -> None:
    one = debited()
    other = debited(name="Meyer", mandate_reference="K-2", bank_iban=OTHER)
    merge.merge(SYSTEM, one, other, {"bank": "other"})
    assert states() == [("K-1", "replaced"), ("K-2", "active")]
    assert record(one).mandate_reference == "K-2"
    mandates.revoke(SYSTEM, rows()[1].id)
    assert record(one).mandate_reference == ""
