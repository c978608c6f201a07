"""Debits: announced with the invoice, in one file, handed in once, credited, given back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from billing.errors import AlreadyDone, Invalid, NotAllowed, NotFound
from extensions import db
from models import Customer, Debit, File, Invoice, Mandate, Payment, PaymentFile, Posting, Receivable, Refund
from queries.debits import get_debit, get_file, get_waiting
from services import (
    clock,
    company,
    corrections,
    customers,
    debit_returns,
    debits,
    mandates,
    paid_credit,
    paper_data,
    payment_changes,
    payment_files,
    payments,
)
from services.actor import SYSTEM
from services.mandates import Grant
from services.payment_settings import change_payment_settings, payment_settings
from services.unit import end_reading, write
from tests.services import shop

ISSUED, COLLECTED, HANDED_IN = date(2026, 11, 23), date(2026, 12, 7), date(2026, 12, 3)
IBAN, OTHER = "DE89370400440532013000", "DE02120300000000202051"


@pytest.fixture(autouse=True)
def ground(context: Flask) -> Iterator[None]:
    with clock.stand_at(ISSUED):
        company.change_company(SYSTEM, {
            "name": "Beispiel GmbH", "creditor_id": "DE98ZZZ09999999999", "iban": IBAN, "days_for_payment": 7,
        })  # fmt: skip
        shop.stock()
        yield


def debtor(name: str = "Meier", **given: Any) -> int:
    customer_id = shop.somebody(name, first_name="Anna")
    mandates.grant(SYSTEM, customer_id, Grant(**{"iban": OTHER, **given}))
    shop.contract(customer_id, starts_on=ISSUED)
    return customer_id


def fresh(model: Any) -> list[Any]:
    end_reading()
    return list(db.session.scalars(select(model).order_by(model.id).execution_options(populate_existing=True)))


def the_debit() -> Debit:
    return fresh(Debit)[-1]


def owed() -> list[tuple[str, str, int]]:
    return [(row.kind, row.cause, row.open_cents) for row in fresh(Receivable)]


def at_bank(on: date = HANDED_IN) -> str:
    """Issue, make the file, hand it in; gives the end-to-end id."""
    shop.bill(ISSUED)
    with clock.stand_at(on):
        for file_id in payment_files.make_debit_files(SYSTEM, COLLECTED).file_ids:
            payment_files.submit(SYSTEM, file_id)
    return the_debit().end_to_end_id


def balance(account: str) -> int:
    end_reading()
    return db.session.scalar(select(func.coalesce(func.sum(Posting.amount_cents), 0)).where(Posting.account == account))


@pytest.mark.feature("SEP-2", "X-05")
def test_an_invoice_announces_its_debit_with_amount_day_creditor_and_mandate() -> None:
    debtor()
    shop.bill(ISSUED)
    row = the_debit()
    assert (row.state, row.amount_cents, row.announced_on, row.collect_on) == ("planned", 1190, ISSUED, COLLECTED)
    said = paper_data.invoice_paper(fresh(Invoice)[0].id).payment_text
    for part in ("11,90", "07.12.2026", "DE98ZZZ09999999999", "M-000001", "DE…2051"):
        assert part in said.replace("\xa0", " ")


@pytest.mark.feature("SEP-2")
def test_a_shorter_notice_that_the_customer_agreed_to_counts() -> None:
    debtor(prenotice_days=5)
    change_payment_settings(SYSTEM, {"prenotice_days": 20})
    debtor("Schulz", prenotice_days=None)
    shop.bill(ISSUED)
    assert [row.collect_on for row in fresh(Debit)] == [date(2026, 11, 30), date(2026, 12, 14)]
    assert payment_settings().prenotice_days == 20
    with pytest.raises(Invalid, match="prenotice_days"):
        change_payment_settings(SYSTEM, {"prenotice_days": 0})


@pytest.mark.feature("SEP-1", "X-05")
def test_without_a_mandate_nobody_collects_and_the_invoice_asks_for_a_transfer() -> None:
    customer_id = debtor()
    mandates.revoke(SYSTEM, fresh(Mandate)[0].id)
    customers.update_customer(SYSTEM, customer_id, {"payment_type": 2})
    shop.bill(ISSUED)
    paper = paper_data.invoice_paper(fresh(Invoice)[0].id)
    assert fresh(Debit) == [] and "überweisen" in paper.payment_text and paper.payment_type == 1


@pytest.mark.feature("SEP-1")
def test_a_mandate_that_would_have_lapsed_by_then_is_not_debited() -> None:
    with clock.stand_at(date(2023, 12, 1)):
        debtor()
    shop.bill(ISSUED)
    assert fresh(Debit) == []


@pytest.mark.feature("SEP-6", "EB-59")
def test_a_debit_is_in_one_file_whose_bytes_stay_the_same() -> None:
    debtor()
    shop.bill(ISSUED)
    with clock.stand_at(HANDED_IN):
        (file_id,) = payment_files.make_debit_files(SYSTEM, COLLECTED).file_ids
        assert payment_files.make_debit_files(SYSTEM, COLLECTED).file_ids == ()
    first, second = payment_files.download(file_id), payment_files.download(file_id)
    assert first.content == second.content and b"pain.008.001.08" in first.content
    assert first.filename == "KONTOR-D-000001-2026-12-07.xml"
    file = fresh(PaymentFile)[0]
    assert (file.count, file.total_cents, file.execute_on) == (1, 1190, COLLECTED)
    assert (the_debit().state, the_debit().sequence) == ("in_file", "RCUR")
    assert fresh(File)[-1].kind == "bank"


@pytest.mark.feature("SEP-6")
def test_each_day_and_each_scheme_has_a_file_of_its_own() -> None:
    debtor()
    debtor("Schulz", prenotice_days=5)
    firm = shop.somebody(organization="Bau GmbH")
    mandates.grant(SYSTEM, firm, Grant(iban=OTHER, scheme="B2B"))
    shop.contract(firm, starts_on=ISSUED)
    shop.bill(ISSUED)
    payment_files.make_debit_files(SYSTEM, COLLECTED)
    assert [(row.execute_on, row.count) for row in fresh(PaymentFile)] == [
        (date(2026, 11, 30), 1), (COLLECTED, 1), (COLLECTED, 1),
    ]  # fmt: skip


@pytest.mark.feature("SEP-6")
def test_a_file_is_handed_in_once_and_uses_its_mandates() -> None:
    debtor()
    at_bank()
    file, mandate = fresh(PaymentFile)[0], fresh(Mandate)[0]
    assert file.submitted_at is not None and the_debit().state == "submitted"
    assert (mandate.first_used_on, mandate.last_used_on) == (COLLECTED, COLLECTED)
    with pytest.raises(AlreadyDone, match="submitted"):
        payment_files.submit(SYSTEM, file.id)
    with pytest.raises(NotAllowed, match="submitted"):
        payment_files.discard(SYSTEM, file.id)


@pytest.mark.feature("SEP-6")
def test_a_file_that_was_thrown_away_gives_its_debits_back() -> None:
    debtor()
    shop.bill(ISSUED)
    (file_id,) = payment_files.make_debit_files(SYSTEM, COLLECTED).file_ids
    payment_files.discard(SYSTEM, file_id)
    assert (the_debit().state, the_debit().file_id) == ("planned", None)
    with pytest.raises(NotFound):
        payment_files.download(file_id)
    with pytest.raises(NotAllowed, match="discarded"):
        payment_files.submit(SYSTEM, file_id)
    (again,) = payment_files.make_debit_files(SYSTEM, COLLECTED).file_ids
    assert again != file_id and the_debit().file_id == again
    payment_files.submit(SYSTEM, again)
    with pytest.raises(NotAllowed, match="submitted"):
        payment_files.discard(SYSTEM, again)


def test_a_file_tells_what_was_paid_otherwise_before_it_is_handed_in_and_is_not_credited_early() -> None:
    debtor()
    shop.bill(ISSUED)
    (file_id,) = payment_files.make_debit_files(SYSTEM, COLLECTED).file_ids
    payments.mark_paid(SYSTEM, fresh(Invoice)[0].id)
    card = get_file(file_id)
    assert card is not None and card.too_high == 1
    payment_files.submit(SYSTEM, file_id)
    with pytest.raises(Invalid, match="before_collection"):
        debits.mark_file_paid(SYSTEM, file_id, card.execute_on - timedelta(1))


@pytest.mark.feature("SEP-2", "SEP-6")
def test_a_debit_follows_what_is_open_with_each_file_and_never_beyond_what_was_announced() -> None:
    debtor()
    shop.bill(ISSUED)
    owed = fresh(Receivable)[0]
    payments.record_payment(SYSTEM, owed.id, payments.Money(500, "EUR"))
    part = fresh(Payment)[-1].id
    (first,) = payment_files.make_debit_files(SYSTEM, COLLECTED).file_ids
    assert (the_debit().amount_cents, the_debit().announced_cents, too_high(first)) == (690, 1190, 0)
    payments.record_payment(SYSTEM, owed.id, payments.Money(200, "EUR"))
    assert (the_debit().amount_cents, too_high(first)) == (690, 1)
    payment_changes.cancel(SYSTEM, part, "verwechselt")
    assert (the_debit().amount_cents, too_high(first)) == (690, 0)
    payment_files.discard(SYSTEM, first)
    assert get_waiting(COLLECTED).days == ((COLLECTED, 1, 990),)
    (second,) = payment_files.make_debit_files(SYSTEM, COLLECTED).file_ids
    assert (the_debit().amount_cents, fresh(PaymentFile)[-1].total_cents, too_high(second)) == (990, 990, 0)


def too_high(file_id: int) -> int:
    card = get_file(file_id)
    assert card is not None
    return card.too_high


@pytest.mark.feature("SEP-3", "SEP-4")
def test_late_is_later_and_the_first_may_be_called_first() -> None:
    debtor()
    change_payment_settings(SYSTEM, {"always_recurring": False})
    shop.bill(ISSUED)
    with clock.stand_at(date(2026, 12, 24)):
        payment_files.make_debit_files(SYSTEM, date(2026, 12, 24))
    assert fresh(PaymentFile)[0].execute_on == date(2026, 12, 28) and the_debit().sequence == "FRST"


@pytest.mark.feature("X-05")
def test_what_was_paid_otherwise_is_not_collected() -> None:
    debtor()
    debtor("Schulz")
    shop.bill(ISSUED)
    first, second = fresh(Receivable)
    payments.mark_paid(SYSTEM, first.invoice_id)
    payments.record_payment(SYSTEM, second.id, payments.Money(190, "EUR"))
    made = payment_files.make_debit_files(SYSTEM, COLLECTED)
    assert made.withdrawn == 1
    assert [(row.state, row.amount_cents) for row in fresh(Debit)] == [("withdrawn", 1190), ("in_file", 1000)]


@pytest.mark.feature("X-05")
def test_the_timetable_takes_back_what_was_paid_otherwise() -> None:
    debtor()
    shop.bill(ISSUED)
    payments.mark_paid(SYSTEM, fresh(Receivable)[0].invoice_id)
    assert debits.withdraw_settled() == 1 and debits.withdraw_settled() == 0
    assert the_debit().state == "withdrawn"


@pytest.mark.feature("SEP-1")
def test_a_debit_goes_by_the_mandate_that_took_the_place_of_its_own() -> None:
    customer_id = debtor()
    shop.bill(ISSUED)
    mandates.grant(SYSTEM, customer_id, Grant(iban=IBAN))
    payment_files.make_debit_files(SYSTEM, COLLECTED)
    assert the_debit().mandate_id == fresh(Mandate)[1].id
    assert b"M-000002" in payment_files.download(the_debit().file_id or 0).content


@pytest.mark.feature("SEP-1")
def test_nobody_is_debited_after_revoking() -> None:
    debtor()
    shop.bill(ISSUED)
    mandates.revoke(SYSTEM, fresh(Mandate)[0].id)
    assert the_debit().state == "withdrawn"
    assert payment_files.make_debit_files(SYSTEM, COLLECTED) == payment_files.Made()


@pytest.mark.feature("X-05")
def test_without_creditor_id_or_account_there_is_no_file() -> None:
    company.change_company(SYSTEM, {"creditor_id": ""})
    with pytest.raises(NotAllowed, match="no_creditor_id"):
        payment_files.make_debit_files(SYSTEM, COLLECTED)
    company.change_company(SYSTEM, {"iban": ""})
    with pytest.raises(NotAllowed, match="no_bank_account"):
        payment_files.make_debit_files(SYSTEM, COLLECTED)
    company.change_company(SYSTEM, {"iban": IBAN, "creditor_id": "DE98ZZZ09999999999"})
    with pytest.raises(Invalid, match="until"):
        payment_files.make_debit_files(SYSTEM, date(2027, 11, 1))


@pytest.mark.feature("X-05")
def test_a_debit_is_paid_when_the_bank_says_so_and_once() -> None:
    debtor()
    name = at_bank()
    with clock.stand_at(COLLECTED):
        payment_id = debits.mark_paid(SYSTEM, name, COLLECTED)
        with pytest.raises(AlreadyDone):
            debits.mark_paid(SYSTEM, name, COLLECTED)
    assert (the_debit().state, the_debit().payment_id) == ("paid", payment_id)
    assert owed() == [("invoice", "", 0)] and balance("bank") == 1190
    assert shop.findings() == []


@pytest.mark.feature("X-05")
def test_a_whole_file_is_credited_in_one_sum() -> None:
    debtor()
    debtor("Schulz")
    at_bank()
    with clock.stand_at(COLLECTED):
        assert debits.mark_file_paid(SYSTEM, fresh(PaymentFile)[0].id, COLLECTED) == 2
        assert debits.mark_file_paid(SYSTEM, fresh(PaymentFile)[0].id, COLLECTED) == 0
    assert [row.state for row in fresh(Debit)] == ["paid", "paid"] and len(fresh(Payment)) == 2


@pytest.mark.feature("X-05")
def test_what_never_went_to_the_bank_is_neither_paid_nor_given_back() -> None:
    debtor()
    shop.bill(ISSUED)
    with pytest.raises(NotAllowed, match="wrong_state"):
        debits.mark_paid(SYSTEM, the_debit().end_to_end_id, ISSUED)
    with pytest.raises(NotAllowed, match="wrong_state"):
        debit_returns.returned(SYSTEM, the_debit().end_to_end_id, "MS03", ISSUED)
    with pytest.raises(NotFound):
        debits.mark_paid(SYSTEM, "D-99-1", ISSUED)


@pytest.mark.feature("SEP-5")
@pytest.mark.parametrize("credited", [True, False])
def test_a_debit_that_comes_back_is_owed_again_with_the_banks_fee(credited: bool) -> None:
    debtor()
    name = at_bank()
    with clock.stand_at(date(2027, 1, 25)):
        if credited:
            debits.mark_paid(SYSTEM, name, COLLECTED)
        debit_returns.returned(SYSTEM, name, "md06", date(2027, 1, 25), 350)
        with pytest.raises(AlreadyDone):
            debit_returns.returned(SYSTEM, name, "MD06", date(2027, 1, 25), 350)
    assert owed() == [("invoice", "", 1190), ("fee", "returned_debit", 350)]
    shown = get_debit(the_debit().id)
    assert shown is not None and (shown.fee_cents, shown.given_back_on) == (350, date(2027, 1, 25))
    assert (the_debit().state, the_debit().return_code) == ("returned", "MD06")
    assert (balance("bank"), balance("provider_fee")) == (-350, 350)
    assert fresh(Mandate)[0].state == "active" and fresh(Mandate)[0].first_used_on is None  # the next one is the first
    assert shop.findings() == []


@pytest.mark.feature("SEP-5")
@pytest.mark.parametrize(
    ("code", "state", "fee"), [("AC04", "stopped", 1), ("MD01", "stopped", 0), ("XX01", "active", 0)]
)
def test_the_code_decides_about_mandate_and_fee(code: str, state: str, fee: int) -> None:
    customer_id = debtor()
    name = at_bank()
    with clock.stand_at(COLLECTED):
        debit_returns.returned(SYSTEM, name, code, COLLECTED, 300)
    mandate = fresh(Mandate)[0]
    assert mandate.state == state and mandate.stop_code == (code if state == "stopped" else "")
    assert len(fresh(Receivable)) == 1 + fee
    end_reading()
    row = db.session.get_one(Customer, customer_id, populate_existing=True)
    assert (row.payment_type, bool(row.mandate_reference)) == ((1, False) if state == "stopped" else (2, True))
    assert shop.findings() == []


@pytest.mark.feature("SEP-5")
def test_without_funds_it_is_tried_once_more_and_never_a_third_time() -> None:
    debtor()
    name = at_bank()
    with clock.stand_at(COLLECTED):
        debit_returns.returned(SYSTEM, name, "AM04", COLLECTED)
        again = the_debit()
        assert (again.state, again.announced_on, again.collect_on) == ("planned", COLLECTED, date(2026, 12, 21))
        assert again.end_to_end_id != name
    with clock.stand_at(date(2026, 12, 18)):
        (file_id,) = payment_files.make_debit_files(SYSTEM, date(2026, 12, 21)).file_ids
        payment_files.submit(SYSTEM, file_id)
    with clock.stand_at(date(2026, 12, 22)):
        debit_returns.returned(SYSTEM, again.end_to_end_id, "AM04", date(2026, 12, 22))
    assert [row.state for row in fresh(Debit)] == ["returned", "returned"]


@pytest.mark.feature("SEP-5")
def test_what_was_paid_before_we_collected_stays_paid_when_the_debit_comes_back() -> None:
    debtor()
    name = at_bank()
    with clock.stand_at(COLLECTED):
        payments.mark_paid(SYSTEM, fresh(Invoice)[0].id)
        debits.mark_paid(SYSTEM, name, COLLECTED)
        assert balance("credit") == -1190
        debit_returns.returned(SYSTEM, name, "AM04", COLLECTED, 300)
    assert owed() == [("invoice", "", 0)] and balance("credit") == 0
    assert [row.state for row in fresh(Debit)] == ["returned"], "what is paid is not collected again"
    assert shop.findings() == []


@pytest.mark.feature("SEP-5")
def test_what_was_corrected_since_and_spent_is_owed_by_itself() -> None:
    customer_id = debtor()
    name = at_bank()
    with clock.stand_at(date(2026, 12, 8)):
        debits.mark_paid(SYSTEM, name, COLLECTED)
        corrections.cancel(SYSTEM, fresh(Invoice)[0].id, reason="wrong")  # 11.90 of paid credit
        paid_credit.pay_out(SYSTEM, customer_id, payments.Money(1190, "EUR"))
        debit_returns.returned(SYSTEM, name, "MD06", date(2026, 12, 8))
    assert owed()[-1] == ("fee", "double_payout", 1190)
    assert shop.findings() == []


@pytest.mark.feature("SEP-5")
@pytest.mark.parametrize(
    ("code", "on", "fee", "field"),
    [("MD06", date(2027, 1, 1), 0, "on"), ("MD06", COLLECTED, 20_000, "fee_cents"), ("!", COLLECTED, 0, "code"),
     ("", COLLECTED, 0, "code")],
)  # fmt: skip
def test_a_return_that_cannot_be_is_refused(code: str, on: date, fee: int, field: str) -> None:
    debtor()
    name = at_bank()
    with clock.stand_at(COLLECTED), pytest.raises(Invalid) as refused:
        debit_returns.returned(SYSTEM, name, code, on, fee)
    assert refused.value.field == field and the_debit().state == "submitted"


@pytest.mark.feature("SEP-7", "SEP-6")
def test_refunds_by_transfer_go_into_a_file_to_the_holder_of_the_account() -> None:
    customer_id = debtor(holder="Anna Kontoinhaberin")
    shop.bill(ISSUED)
    invoice = fresh(Invoice)[0]
    payments.mark_paid(SYSTEM, invoice.id)
    storno = corrections.cancel(SYSTEM, invoice.id, reason="wrong")
    assert storno
    with pytest.raises(NotAllowed, match="nothing_to_transfer"):
        payment_files.make_transfer_file(SYSTEM)
    with write() as session:
        correction = session.scalars(select(Invoice).where(Invoice.kind == "cancellation")).one()
        session.add(Refund(key="k", customer_id=customer_id, correction_id=correction.id,
                           payment_id=session.scalars(select(Payment.id)).first(), way="transfer", amount_cents=1190,
                           currency_code="EUR", state="ordered", ordered_by="staff:1"))  # fmt: skip
    file_id = payment_files.make_transfer_file(SYSTEM)
    content = payment_files.download(file_id).content.decode()
    assert "pain.001.001.09" in content and "Anna Kontoinhaberin" in content and OTHER in content
    assert (fresh(Refund)[0].state, fresh(Refund)[0].file_id) == ("sent", file_id)
    payment_files.discard(SYSTEM, file_id)
    assert (fresh(Refund)[0].state, fresh(Refund)[0].file_id) == ("ordered", None)
