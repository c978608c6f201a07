"""A mandate is over: what was announced by it does not come, and what it was to bring is to be transferred."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from models import Activity, Debit, Mandate, Receivable
from services import clock, customers, mandates, merge, payment_files
from services.actor import SYSTEM
from services.mandates import Grant
from services.unit import write
from tests.services import shop
from tests.services.test_debit_letters import mails, text_of
from tests.services.test_debits import COLLECTED, IBAN, ISSUED, OTHER, debtor, fresh, ground

__all__ = ["ground"]
pytestmark = pytest.mark.usefixtures("ground")


@pytest.fixture
def announced() -> int:
    """Anna, whose two invoices are announced."""
    customer_id = debtor()
    customers.update_customer(SYSTEM, customer_id, {"email": "anna@meier.example"})
    shop.contract(customer_id, starts_on=ISSUED)
    shop.bill(ISSUED)
    return customer_id


def states() -> list[str]:
    return [row.state for row in fresh(Debit)]


def revoked(_customer_id: int) -> None:
    mandates.revoke(SYSTEM, fresh(Mandate)[0].id)


def emptied(customer_id: int) -> None:
    """By whoever writes the record: a form, the call API."""
    customers.update_customer(SYSTEM, customer_id, {"mandate_reference": ""})


def lapsed(_customer_id: int) -> None:
    with write() as session:
        session.get_one(Mandate, fresh(Mandate)[0].id).signed_on = date(2020, 1, 1)
    assert mandates.lapse() == 1


@pytest.mark.feature("SEP-1", "MAH-7")
@pytest.mark.parametrize(
    ("ends", "why"), [(revoked, "widerrufen"), (emptied, "widerrufen"), (lapsed, "gilt nicht mehr")]
)
def test_what_was_announced_is_taken_back_with_its_mandate_and_the_customer_told_once(
    announced: int, ends: Callable[[int], None], why: str
) -> None:
    assert states() and set(states()) == {"planned"}
    ends(announced)
    assert set(states()) == {"withdrawn"} and shop.findings() == []
    (mail,) = mails()
    told, numbers = text_of(mail).replace("\xa0", " "), [f"RE-2026-0000{each}" for each in (1, 2)][: len(states())]
    assert mail.template == "debit_cancelled" and why in told and "07.12.2026" in told
    assert all(number in told for number in numbers) and "DE89 3704 0044 0532 0130 00" in told
    assert "will not collect" in text_of(mail, "en") and "/accountdata/" in told
    outcomes = [row for row in fresh(Activity) if row.code == "debit.withdrawn"]
    assert len(outcomes) == len(states())


@pytest.mark.feature("SEP-1", "MAH-7")
def test_what_has_to_be_transferred_is_not_late_before_the_customer_knew_it(announced: int) -> None:
    with clock.stand_at(COLLECTED - timedelta(1)):
        revoked(announced)
    assert {row.reopened_on for row in fresh(Receivable)} == {COLLECTED - timedelta(1)}


@pytest.mark.feature("SEP-1")
def test_another_mandate_that_holds_takes_its_place(announced: int) -> None:
    mandates.grant(SYSTEM, announced, Grant(iban=IBAN))
    customers.update_customer(SYSTEM, announced, {"bank_iban": OTHER})
    assert set(states()) == {"planned"} and mails() == []
    payment_files.make_debit_files(SYSTEM, COLLECTED)
    assert set(states()) == {"in_file"}


@pytest.mark.feature("SEP-1")
def test_what_is_announced_to_a_merged_record_goes_with_the_mandate_of_the_survivor(announced: int) -> None:
    survivor = shop.somebody("Schulz")
    merge.merge(SYSTEM, survivor, announced, {"bank": "other"})
    mandates.revoke(SYSTEM, fresh(Mandate)[-1].id)
    assert set(states()) == {"withdrawn"} and shop.findings() == []


@pytest.mark.feature("SEP-1")
def test_a_mandate_that_will_have_lapsed_by_the_day_of_the_file_is_told_as_well(announced: int) -> None:
    with write() as session:
        session.get_one(Mandate, fresh(Mandate)[0].id).signed_on = date(2023, 12, 1)
    made = payment_files.make_debit_files(SYSTEM, COLLECTED)
    assert made.file_ids == () and made.withdrawn == len(states())
    assert [each.template for each in mails()] == ["debit_cancelled"]
