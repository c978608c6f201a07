"""Files from and for the bank in the same moment: a statement that is uploaded twice, a batch that is handed in twice,
a batch that is thrown away while the bank's answer is booked. Everything happens once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from flask import Flask

from billing.bank_lines import line_keys
from documents.camt import read_camt
from models import Activity, Debit, Payment, PaymentFile, Refund
from services import bank_import, bank_matching, bank_rows, clock, corrections, debits, payment_files, payments, refunds
from services.actor import SYSTEM
from services.unit import end_reading, write
from tests.at_once import at_once, one_waits
from tests.documents.statements import camt, paid_in
from tests.scenarios.story import Story
from tests.services import shop
from tests.services.desk import DAY, FULL, YUSUF, Desk
from tests.services.test_debits import COLLECTED, HANDED_IN, ISSUED, debtor, fresh, ground

__all__ = ["ground"]


@pytest.fixture
def desk(context: Flask) -> Iterator[Desk]:
    with clock.stand_at(date.fromisoformat(DAY)):
        yield Desk(Story())


def uploaded(desk: Desk) -> int:
    """The id of a file with one payment for each invoice, a third that nobody asked for, and one twice."""
    entries = [*(paid_in("119.00", number, day=DAY) for number in desk.numbers), *[paid_in("1.00", "?", day=DAY)] * 2]
    return bank_import.keep(camt(entries), "auszug.xml")


@pytest.mark.feature("F13")
@pytest.mark.feature("SEP-8")
def test_a_statement_that_is_uploaded_twice_at_once_is_brought_in_and_booked_once(context: Flask, desk: Desk) -> None:
    files = [uploaded(desk) for _ in range(4)]
    end_reading()
    brought = [partial(bank_import.bring_in, YUSUF, file_id) for file_id in files]
    assert at_once(context, brought) == ["done"] * 4
    (statement_id,) = {line.statement_id for line in desk.lines()}
    assert len(desk.lines()) == 4
    assert at_once(context, [partial(bank_matching.match_statement, statement_id)] * 3) == ["done"] * 3
    assert desk.states() == ["matched", "matched", "unmatched", "unmatched"]
    assert desk.open() == [0, 0] and len(payments_of(desk)) == 2
    assert desk.story.check_books() == []


def payments_of(desk: Desk) -> list[int]:
    return [cents for cents in (FULL - open_ for open_ in desk.open()) if cents]


@pytest.mark.feature("F13")
def test_without_the_keys_of_statement_and_line_it_would_be_there_twice(
    context: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: each upload takes its statement for a new one."""
    file_id = uploaded(desk)
    (statement,) = read_camt(bank_import.kept(file_id).content).statements

    def forgetful(movements: object) -> list[str]:
        return [f"{threading.get_ident()}{key[-40:]}" for key in line_keys(movements)]

    def brought_in() -> None:
        bank_import._bring_in(YUSUF, file_id, replace(statement, key=str(threading.get_ident())))

    monkeypatch.setattr(bank_rows, "line_keys", forgetful)
    end_reading()
    assert at_once(context, [brought_in, brought_in]) == ["done", "done"]
    assert len(desk.lines()) == 8


@pytest.fixture
def batch(ground: None) -> int:
    """The id of a file with the debits of two customers that is ready to be handed in."""
    for name in ("Meier", "Schulz"):
        debtor(name)
    shop.bill(ISSUED)
    with clock.stand_at(HANDED_IN):
        (file_id,) = payment_files.make_debit_files(SYSTEM, COLLECTED).file_ids
    return file_id


@pytest.mark.feature("SEP-6")
@pytest.mark.feature("F1")
def test_two_people_who_make_the_file_at_once_make_one(context: Flask, ground: None) -> None:
    for name in ("Meier", "Schulz"):
        debtor(name)
    shop.bill(ISSUED)
    with clock.stand_at(HANDED_IN):
        made = at_once(context, [partial(payment_files.make_debit_files, SYSTEM, COLLECTED)] * 4)
    assert made == ["done"] * 4 and len(fresh(PaymentFile)) == 1
    assert [debit.state for debit in fresh(Debit)] == ["in_file", "in_file"]


def handed_in() -> int:
    """How often the trail says that a file was handed in."""
    return len([row for row in fresh(Activity) if row.code == "payment_file.submitted"])


@pytest.mark.feature("SEP-6")
@pytest.mark.feature("F1")
def test_a_batch_that_is_handed_in_twice_at_once_is_handed_in_once(context: Flask, batch: int) -> None:
    with clock.stand_at(HANDED_IN):
        assert at_once(context, [partial(payment_files.submit, YUSUF, batch)] * 4) == ["done", *["submitted"] * 3]
    assert handed_in() == 1 and [debit.state for debit in fresh(Debit)] == ["submitted", "submitted"]


@pytest.mark.feature("SEP-6")
def test_looked_at_before_the_lock_a_batch_would_be_handed_in_twice(
    context: Flask, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: both have seen that it was not handed in."""
    monkeypatch.setattr(payment_files, "_open_file", lambda session, file_id: session.get_one(PaymentFile, file_id))
    with clock.stand_at(HANDED_IN):
        assert at_once(context, [partial(payment_files.submit, YUSUF, batch)] * 2) == ["done", "done"]
    assert handed_in() == 2


@pytest.mark.feature("SEP-6")
@pytest.mark.feature("F1")
def test_of_handing_in_and_throwing_away_at_once_one_counts(context: Flask, batch: int) -> None:
    deeds = [partial(payment_files.submit, YUSUF, batch), partial(payment_files.discard, YUSUF, batch)]
    with clock.stand_at(HANDED_IN):
        outcomes = at_once(context, deeds)
    assert outcomes in (["discarded", "done"], ["done", "submitted"])
    states = {debit.state for debit in fresh(Debit)}
    assert states == ({"planned"} if outcomes[0] == "discarded" else {"submitted"})


@pytest.mark.feature("SEP-6")
@pytest.mark.feature("X-05")
@pytest.mark.parametrize(
    ("deed", "outcome", "second"),
    [(payment_files.submit, "done", "submitted"), (payment_files.discard, "bank_answered", "in_file")],
    ids=["handed in", "thrown away"],
)
def test_a_debit_that_the_bank_tells_of_in_the_same_moment_stays_paid(
    context: Flask, batch: int, deed: Callable[..., object], outcome: str, second: str
) -> None:
    """A debit that was paid is neither handed in anew nor put into the next file."""
    name = fresh(Debit)[0].end_to_end_id
    with clock.stand_at(COLLECTED):
        credited = partial(debits.mark_paid, SYSTEM, name, COLLECTED)
        assert one_waits(context, credited, partial(deed, YUSUF, batch)) == outcome
        assert [debit.state for debit in fresh(Debit)] == ["paid", second] and wrong() == set()


def wrong() -> set[str]:
    """What check-books finds; nobody draws papers here."""
    return set(shop.findings()) - {"paper_not_drawn"}


@pytest.mark.feature("SEP-6")
@pytest.mark.feature("X-05")
def test_a_batch_and_one_of_its_debits_that_are_credited_at_once_are_paid_once(context: Flask, batch: int) -> None:
    name = fresh(Debit)[0].end_to_end_id
    with clock.stand_at(COLLECTED):
        payment_files.submit(YUSUF, batch)
        outcome = one_waits(context, partial(debits.mark_paid, SYSTEM, name, COLLECTED),
                            partial(debits.mark_file_paid, YUSUF, batch, COLLECTED))  # fmt: skip
        assert outcome == "done" and [debit.state for debit in fresh(Debit)] == ["paid", "paid"]
        assert len(fresh(Payment)) == 2 and wrong() == set()


@pytest.mark.feature("SEP-7")
@pytest.mark.feature("F1")
def test_a_transfer_back_that_is_noted_as_sent_while_its_file_is_thrown_away_is_not_sent_again(
    context: Flask, ground: None
) -> None:
    customer = shop.somebody("Meier", bank_iban="DE02120300000000202051")
    shop.contract(customer, starts_on=ISSUED)
    shop.bill(ISSUED)
    payments.mark_paid(SYSTEM, shop.invoices()[0].id)
    (refund_id,) = refunds.order(YUSUF, corrections.cancel(SYSTEM, shop.invoices()[0].id, reason="falsch"), "transfer")
    file_id = payment_files.make_transfer_file(YUSUF)

    def debited() -> None:
        """What a line of the bank does to a file that nobody has marked as handed in."""
        with write():
            payment_files.submit(YUSUF, file_id)
            refunds.note_sent(YUSUF, refund_id)

    assert one_waits(context, debited, partial(payment_files.discard, YUSUF, file_id)) == "submitted"
    assert [row.state for row in fresh(Refund)] == ["succeeded"] and wrong() == set()
