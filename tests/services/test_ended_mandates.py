"""A mandate is over: what was announced by it does not come, and what it was to bring is to be transferred."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from billing.errors import Invalid, NotAllowed
from models import Activity, BankStatement, Debit, JournalEntry, Mandate, Receivable
from queries.debits import concerned_by, get_file
from services import clock, customers, debit_returns, debits, dunning_run, files, mandates, merge, payment_files
from services.actor import SYSTEM
from services.mandates import Grant
from services.unit import write
from tests.services import shop
from tests.services.test_debit_letters import mails, text_of
from tests.services.test_debits import COLLECTED, IBAN, ISSUED, OTHER, debtor, fresh, ground, the_debit

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
        session.get_one(Mandate, fresh(Mandate)[0].id).last_used_on = date(2020, 1, 1)
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
        session.get_one(Mandate, fresh(Mandate)[0].id).last_used_on = date(2023, 12, 1)
    made = payment_files.make_debit_files(SYSTEM, COLLECTED)
    assert made.file_ids == () and made.withdrawn == len(states())
    assert [each.template for each in mails()] == ["debit_cancelled"]


def in_a_file() -> int:
    """Of both debits."""
    (file_id,) = payment_files.make_debit_files(SYSTEM, COLLECTED).file_ids
    return file_id


@pytest.mark.feature("SEP-1", "SEP-6")
def test_a_file_with_a_debit_whose_mandate_is_over_is_not_handed_in_and_the_others_go_on(announced: int) -> None:
    debtor("Schulz")
    shop.bill(ISSUED)
    file_id = in_a_file()
    mandates.revoke(SYSTEM, fresh(Mandate)[0].id)
    card = get_file(file_id)
    assert card is not None and card.without_mandate == len(states()) - 1 and mails() == []
    with pytest.raises(NotAllowed, match="mandate_over") as refused:
        payment_files.submit(SYSTEM, file_id)
    assert "RE-2026-00001" in str(refused.value.facts["orders"])
    payment_files.discard(SYSTEM, file_id)
    assert sorted(set(states())) == ["planned", "withdrawn"] and states().count("planned") == 1
    assert [each.template for each in mails()] == ["debit_cancelled"] and shop.findings() == []


@pytest.mark.feature("SEP-6", "MAH-6")
@pytest.mark.parametrize(("ended", "asked"), [(COLLECTED - timedelta(1), 0), (COLLECTED, 300)])
def test_what_we_collected_without_a_mandate_and_came_back_costs_the_customer_nothing(
    announced: int, ended: date, asked: int
) -> None:
    file_id = in_a_file()
    with clock.stand_at(ended):
        mandates.revoke(SYSTEM, fresh(Mandate)[0].id)
        payment_files.submit(SYSTEM, file_id, already_there=True)  # the bank had it before
    with clock.stand_at(COLLECTED + timedelta(3)):
        debit_returns.returned(SYSTEM, the_debit().end_to_end_id, "MD06", COLLECTED + timedelta(1), 300)
    fees = sum(row.open_cents for row in fresh(Receivable) if row.cause == "returned_debit")
    assert fees == asked and ("Kosten" in text_of(mails()[-1])) is (asked > 0) and shop.findings() == []


@pytest.mark.feature("SEP-1")
def test_the_end_of_a_mandate_is_asked_with_what_hangs_on_it(announced: int) -> None:
    mandate_id = fresh(Mandate)[0].id
    assert [(each.state, each.count, each.cents) for each in concerned_by(mandate_id)] == [("planned", 1, 2380)]
    file_id = in_a_file()
    (inside,) = concerned_by(mandate_id)
    assert (inside.state, inside.file) == ("in_file", "KONTOR-D-000001")
    payment_files.submit(SYSTEM, file_id)
    assert [each.state for each in concerned_by(mandate_id)] == ["submitted"]


@pytest.mark.feature("SEP-5", "GOB-2")
def test_nothing_happens_to_a_debit_before_the_bank_collects_and_all_is_booked_today(announced: int) -> None:
    file_id = in_a_file()
    payment_files.submit(SYSTEM, file_id)
    name, early = the_debit().end_to_end_id, COLLECTED - timedelta(1)
    with clock.stand_at(date(2027, 1, 11)):
        with pytest.raises(Invalid, match="before_collection"):
            debits.mark_paid(SYSTEM, name, early)
        with pytest.raises(Invalid, match="back_before_collection"):
            debit_returns.returned(SYSTEM, name, "MD06", date(2020, 1, 1))
        with pytest.raises(Invalid, match="in_the_future"):
            debits.mark_paid(SYSTEM, name, date(2027, 1, 12))
        debits.mark_paid(SYSTEM, name, COLLECTED)
        debit_returns.returned(SYSTEM, name, "MD06", date(2026, 12, 30), 300)
    later = {row.booked_on for row in fresh(JournalEntry) if row.kind != "invoice"}
    assert later == {date(2027, 1, 11)} and shop.findings() == []


@pytest.mark.feature("MAH-7")
def test_the_warning_of_an_old_statement_looks_at_our_own_account(announced: int) -> None:
    for iban, closed_on in ((IBAN, ISSUED - timedelta(20)), ("CH9300762011623852957", ISSUED)):
        with write() as session:
            file_id = files.store(iban.encode(), "x.xml", "application/xml", kind="bank")
            session.add(BankStatement(iban=iban, source="camt", statement_key="1", closed_on=closed_on,
                                      currency_code="EUR", file_id=file_id))  # fmt: skip
    told = dict(dunning_run.warnings_of(ISSUED))
    assert told["old_statement"]["closed_on"] == (ISSUED - timedelta(20)).isoformat()
