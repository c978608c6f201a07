"""Our own orders on a statement: refunds, files in one sum, and returns that name no debit of ours."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest

from billing.errors import AlreadyDone, Conflict, Invalid, NotAllowed
from extensions import db
from models import BankLine, Customer, Debit, Mandate, Payment, PaymentFile, Refund
from queries.debits import get_waiting
from services import (
    bank_answers,
    bank_booking,
    bank_import,
    bank_matching,
    bank_order_facts,
    bank_orders,
    clock,
    corrections,
    payment_changes,
    payment_files,
    refunds,
)
from services import payments as money
from services.unit import end_reading, write
from tests.documents.statements import Entry, Part, camt
from tests.services import shop
from tests.services.desk import YUSUF
from tests.services.test_billing_run import statements_of
from tests.services.test_debits import COLLECTED, HANDED_IN, ISSUED, OTHER, at_bank, balance, debtor, fresh, ground

__all__ = ["ground"]
pytestmark = pytest.mark.usefixtures("ground")
LATER = COLLECTED + timedelta(2)


def bring(cents: int, part: Part | None = None, on: date = LATER) -> BankLine:
    """One movement on the statement, matched; gives its line."""
    entry = Entry(f"{cents / 100:.2f}", on.isoformat(), [part or Part(["Umsatz"])])
    with clock.stand_at(on):
        done = bank_import.bring_in(YUSUF, bank_import.keep(camt([entry], key=f"{cents}{part}"), "x.xml"))
        for each in done.statement_ids:
            bank_matching.match_statement(each)
    return fresh(BankLine)[-1]


def offered(line: BankLine) -> list[str]:
    end_reading()
    return [each.mark for each in bank_order_facts.orders_of([db.session.get_one(BankLine, line.id)])[line.id]]


def accept(line: BankLine, on: date = LATER) -> None:
    with clock.stand_at(on):
        bank_booking.accept(YUSUF, line.id, offered(line)[0])


def undo(line: BankLine) -> None:
    with clock.stand_at(LATER):
        bank_answers.undo(YUSUF, line.id, "verwechselt")


def state(line: BankLine) -> tuple[str, str]:
    row = next(each for each in fresh(BankLine) if each.id == line.id)
    return row.state, row.answer


def in_order() -> bool:
    end_reading()
    return shop.findings() == []


def refund(name: str = "Ilgen") -> Refund:
    """An invoice of a customer with an account was paid, cancelled, and is to be given back by transfer."""
    customer_id = shop.somebody(name, bank_iban=OTHER)
    shop.contract(customer_id, starts_on=ISSUED)
    shop.bill(ISSUED)
    invoice_id = shop.invoices()[-1].id
    money.mark_paid(YUSUF, invoice_id)
    refunds.order(YUSUF, corrections.cancel(YUSUF, invoice_id, reason="Irrtum"), "transfer")
    return fresh(Refund)[-1]


@pytest.mark.feature("X-06", "D-1", "SEP-8")
def test_a_refund_that_went_out_is_sent_by_its_end_to_end_id() -> None:
    row = refund()
    line = bring(-row.amount_cents, Part(end_to_end=f"R-{row.id}"))
    assert state(line) == ("matched", "refund") and fresh(Refund)[-1].state == "succeeded"
    assert fresh(Payment)[-1].received_on == LATER and balance("refunds_under_way") == 0
    undo(line)
    assert state(line) == ("unmatched", "") and fresh(Refund)[-1].state == "ordered"
    assert balance("refunds_under_way") == -row.amount_cents
    accept(line)
    assert state(line) == ("matched", "refund") and in_order()
    with pytest.raises(AlreadyDone):
        bank_orders.book(YUSUF, line.id, bank_orders.Order("refund", row.id, row.amount_cents))


@pytest.mark.feature("X-06")
def test_a_refund_that_was_noted_by_hand_owns_its_line_and_is_not_booked_again() -> None:
    row = refund()
    refunds.note_sent(YUSUF, row.id)
    count = len(fresh(Payment))
    line = bring(-row.amount_cents, Part(end_to_end=f"R-{row.id}"))
    assert state(line) == ("matched", "refund") and len(fresh(Payment)) == count and in_order()
    again = bring(-row.amount_cents, Part(["noch einmal"], end_to_end=f"R-{row.id}"), LATER + timedelta(1))
    assert state(again)[0] == "unmatched" and offered(again) == []


@pytest.mark.feature("X-06")
def test_without_our_name_the_account_and_the_amount_only_offer_it() -> None:
    row = refund()
    line = bring(-row.amount_cents, Part(name="Ilgen", iban=OTHER))
    assert state(line)[0] == "unmatched" and offered(line) == [f"refund:{row.id}:{row.amount_cents}:0"]
    refunds.withdraw(YUSUF, row.id)
    with pytest.raises(Conflict), clock.stand_at(LATER):
        bank_booking.accept(YUSUF, line.id, f"refund:{row.id}:{row.amount_cents}:0")


@pytest.mark.feature("X-06", "SEP-5")
def test_a_refund_that_comes_back_is_credit_again_and_its_first_line_stays() -> None:
    row = refund()
    out = bring(-row.amount_cents, Part(end_to_end=f"R-{row.id}"))
    back = bring(row.amount_cents, Part(end_to_end=f"R-{row.id}", code="AC04"), LATER + timedelta(2))
    assert state(out) == ("matched", "refund") and state(back) == ("matched", "came_back")
    assert fresh(Refund)[-1].state == "failed" and balance("credit") == -row.amount_cents and in_order()
    for line in (out, back):
        with pytest.raises(NotAllowed, match="not_reversible"):
            undo(line)


@pytest.mark.feature("X-06", "SEP-6")
def test_a_file_debited_in_one_sum_sends_each_of_its_refunds() -> None:
    rows = [refund("Ilgen"), refund("Jung")]
    payment_files.make_transfer_file(YUSUF)
    line = bring(-sum(each.amount_cents for each in rows))
    assert state(line)[0] == "unmatched"
    accept(line)
    assert {each.state for each in fresh(Refund)} == {"succeeded"} and state(line) == ("matched", "file")
    assert fresh(PaymentFile)[-1].submitted_at is not None and in_order()


@pytest.mark.feature("SEP-7")
def test_what_stands_in_a_file_that_may_still_be_handed_in_is_not_noted_as_sent_by_hand() -> None:
    row = refund()
    file_id = payment_files.make_transfer_file(YUSUF)
    with pytest.raises(NotAllowed, match="file_not_handed_in"):
        refunds.note_sent(YUSUF, row.id)
    line = bring(-row.amount_cents, Part(end_to_end=f"R-{row.id}"))
    assert state(line) == ("matched", "refund") and fresh(PaymentFile)[-1].submitted_at is not None, file_id


@pytest.mark.feature("SEP-7")
def test_a_refund_without_an_account_stops_nobody_elses() -> None:
    with write() as session:
        session.get_one(Customer, refund("Ilgen").customer_id).bank_iban = ""
    with pytest.raises(Invalid, match="account_missing"):
        payment_files.make_transfer_file(YUSUF)
    paid = refund("Jung")
    seen = get_waiting(LATER)
    assert (seen.refunds, seen.without_account, seen.refund_cents) == (1, 1, paid.amount_cents)
    payment_files.make_transfer_file(YUSUF)
    assert [each.state for each in fresh(Refund)] == ["ordered", "sent"]


@pytest.mark.feature("X-05", "X-06")
def test_a_file_credited_in_one_sum_books_each_of_its_debits() -> None:
    debtor()
    debtor("Schulz")
    at_bank()
    total = sum(each.amount_cents for each in fresh(Debit))
    line = bring(total, Part([f"Sammler {fresh(PaymentFile)[-1].message_id}-1"]))
    assert state(line) == ("matched", "file") and {each.state for each in fresh(Debit)} == {"paid"}
    undo(line)
    assert {each.state for each in fresh(Debit)} == {"submitted"} and state(line)[0] == "unmatched"
    accept(line)
    assert {each.state for each in fresh(Debit)} == {"paid"} and balance("bank") == total and in_order()


@pytest.mark.feature("X-05", "X-06")
def test_what_came_back_before_the_file_was_credited_moved_nothing() -> None:
    debtor()
    debtor("Schulz")
    at_bank()
    first, second = fresh(Debit)
    bring(-first.amount_cents, Part(end_to_end=first.end_to_end_id, code="AC04"), COLLECTED + timedelta(1))
    line = bring(first.amount_cents + second.amount_cents, Part([f"{fresh(PaymentFile)[-1].message_id}"]))
    assert state(line) == ("matched", "file") and balance("bank") == second.amount_cents and in_order()


@pytest.mark.feature("SEP-5", "X-06")
def test_a_return_without_our_name_is_offered_with_its_fee() -> None:
    debtor()
    at_bank()
    debit, mandate = fresh(Debit)[-1], fresh(Mandate)[-1]
    bring(debit.amount_cents, Part(end_to_end=debit.end_to_end_id))
    line = bring(-debit.amount_cents - 300, Part(mandate=mandate.reference, code="AC04"), LATER + timedelta(3))
    assert state(line)[0] == "unmatched" and offered(line) == [f"debit:{debit.id}:{debit.amount_cents}:300"]
    accept(line, LATER + timedelta(3))
    assert fresh(Debit)[-1].state == "returned" and fresh(Mandate)[-1].state == "stopped" and in_order()


@pytest.mark.feature("SEP-5", "X-06")
def test_a_payment_is_taken_back_by_hand_and_won_again_by_undoing_with_its_fee() -> None:
    customer_id = shop.somebody("Ilgen")
    shop.contract(customer_id, starts_on=ISSUED)
    shop.bill(ISSUED)
    invoice = shop.invoices()[-1]
    money.mark_paid(YUSUF, invoice.id)
    before = balance("bank")
    line = bring(-invoice.gross_cents - 450, Part(code="MD06"))
    assert offered(line) == []
    with clock.stand_at(LATER):
        with pytest.raises(NotAllowed, match="no_payment_fits"):
            bank_orders.take_back(YUSUF, line.id, invoice.id)
        bank_orders.take_back(YUSUF, line.id, invoice.id, 450)
    assert state(line) == ("matched", "taken_back") and balance("bank") == before - invoice.gross_cents - 450
    undo(line)
    assert state(line) == ("unmatched", "") and balance("bank") == before and in_order()


@pytest.mark.feature("SEP-5")
def test_a_returned_debit_is_taken_back_where_its_payment_stands_by_now() -> None:
    debtor()
    name = at_bank()
    bring(fresh(Debit)[-1].amount_cents, Part(end_to_end=name))
    with clock.stand_at(LATER):
        payment_changes.move(YUSUF, fresh(Payment)[-1].id, customer_id=fresh(Debit)[-1].customer_id)
    bring(-fresh(Debit)[-1].amount_cents, Part(end_to_end=name, code="MD06"), LATER + timedelta(3))
    assert fresh(Debit)[-1].state == "returned" and balance("bank") == 0 == balance("credit") and in_order()


@pytest.mark.feature("X-05")
def test_a_debit_whose_payment_was_cancelled_is_at_the_bank_again() -> None:
    debtor()
    name = at_bank()
    line = bring(fresh(Debit)[-1].amount_cents, Part(end_to_end=name))
    undo(line)
    assert fresh(Debit)[-1].state == "submitted" and state(line)[0] == "unmatched"
    with clock.stand_at(LATER):
        assert bank_matching.match_all(YUSUF) == 1
    assert fresh(Debit)[-1].state == "paid" and in_order() and HANDED_IN < LATER


def test_what_is_known_takes_the_same_number_of_statements_for_many_lines() -> None:
    for name in ("Ilgen", "Jung"):
        row = refund(name)
        bring(-row.amount_cents - len(name), Part(iban=OTHER))
    counts = []
    for lines in (fresh(BankLine)[:1], fresh(BankLine)):
        counts.append(statements_of(partial(bank_order_facts.orders_of, lines)))
    assert counts[0] == counts[1] and 0 < counts[0].total() <= 5
