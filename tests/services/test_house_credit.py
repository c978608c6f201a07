"""Whoever has paid credit that nobody used stands in the list of customers, whatever brought it (D-9)."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from billing.money import Money
from models import Customer
from queries.lists import conditions
from queries.lists.customers import customers as list_of
from queries.lists.listing import page
from queries.lists.shape import Wish
from services import clock, merge, paid_credit
from services.customers import create_customer
from services.payments import Receipt, prepay
from services.unit import end_reading, write
from tests.plans import explained
from tests.services.charged import Till
from tests.services.refunding import cancelled, refund
from tests.services.test_called_off import JULE, LATER, taken_twice

CREDIT = Wish(narrow={"owing": "credit"})


def listed() -> dict[int, str | None]:
    """Customer -> cents by currency."""
    end_reading()
    return {row.id: row.credit_sums for row in page(list_of(clock.today()), CREDIT, 50).rows}


def someone(**more: str) -> int:
    return create_customer(JULE, {"last_name": "Meier"} | more)


def ahead(customer_id: int, cents: int, currency: str = "EUR") -> None:
    prepay(JULE, customer_id, Receipt(Money(cents, currency)))


@pytest.mark.feature("EB-51")
def test_the_second_charge_of_a_cancelled_invoice_is_found_when_the_first_went_back(till: Till) -> None:
    taken_twice(till)
    gross = till.invoice.gross_cents
    with clock.stand_at(clock.instant() + LATER):
        correction = cancelled(till.invoice)
        assert listed() == {till.customer_id: f"EUR:{2 * gross}"}, "the whole Storno made the first credit as well"
        assert refund(till, correction, way="transfer").amount_cents == gross
        assert listed() == {till.customer_id: f"EUR:{gross}"}
        paid_credit.pay_out(JULE, till.customer_id, Money(gross, "EUR"))
        assert listed() == {}


@pytest.mark.feature("D-9")
@pytest.mark.usefixtures("context")
def test_credit_is_told_in_every_currency_and_follows_a_merged_record() -> None:
    first, second, other = someone(), someone(), someone(currency_code="CHF")
    someone()
    ahead(first, 10_00)
    ahead(second, 5_00)
    ahead(other, 7_00, "CHF")
    assert listed() == {first: "EUR:1000", second: "EUR:500", other: "CHF:700"}
    merge.merge(JULE, first, second)
    assert listed() == {first: "EUR:1500", other: "CHF:700"}
    with write() as session:
        session.get_one(Customer, first).currency_code = "CHF"
    ahead(first, 3_00, "CHF")
    sums = listed()[first] or ""
    assert set(sums.split()) == {"EUR:1500", "CHF:300"}, "also what is in none of the currencies they pay in now"
    paid_credit.pay_out(JULE, first, Money(15_00, "EUR"))
    assert listed() == {first: "CHF:300", other: "CHF:700"}, "what the merged record had is used as well"


@pytest.mark.feature("D-9")
def test_the_list_finds_them_as_well_where_they_are_too_many_to_be_sorted(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [someone() for _ in range(4)]
    for customer in found[:3]:
        ahead(customer, 1_00)
    few = listed()
    monkeypatch.setattr(conditions, "FEW", 1)
    assert listed() == few == dict.fromkeys(found[:3], "EUR:100")


@pytest.mark.feature("D-9")
@pytest.mark.parametrize("few", [conditions.FEW, 1])
def test_two_statements_find_them_and_neither_walks_the_books(
    context: Flask, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(conditions, "FEW", few)
    for _ in range(3):
        ahead(someone(), 1_00)
    end_reading()
    with explained() as plans:
        page(list_of(clock.today()), CREDIT, 2)
    assert len(plans) == 2
    for _, plan in plans:
        lines = [line for line in plan.splitlines() if re.search("(?i)scan (on )?postings", line)]
        assert not [line for line in lines if "Bitmap" not in line and "ix_postings_credit" not in line], plan
        assert "ix_postings_c" in plan, "by the index of credit, or by that of one customer"
