"""A file for the bank beside a merge of its debtor: the bank's answer finds the debtor whom the debit was drawn on."""

from __future__ import annotations

from functools import partial

import pytest
from flask import Flask

from extensions import db
from models import Customer, Debit, PaymentFile
from services import clock, merge, payment_files
from services.actor import SYSTEM
from tests.at_once import at_once, one_waits
from tests.services import shop
from tests.services.test_debits import COLLECTED, HANDED_IN, ISSUED, debtor, fresh, ground

__all__ = ["ground"]
pytestmark = pytest.mark.usefixtures("ground")


@pytest.fixture
def announced() -> tuple[int, int]:
    """A debtor whose debit is announced, and the record that they are to become."""
    found = debtor(), shop.somebody("Dublette")
    shop.bill(ISSUED)
    return found


def survivor_of(customer_id: int) -> int | None:
    return {row.id: row.survivor_id for row in fresh(Customer)}[customer_id]


def make_files() -> list[int]:
    return list(payment_files.make_debit_files(SYSTEM, COLLECTED).file_ids)


@pytest.mark.feature("SEP-6", "F17")
def test_a_merge_that_begins_while_a_file_is_made_waits_and_is_refused(
    context: Flask, announced: tuple[int, int]
) -> None:
    other, survivor = announced
    with clock.stand_at(HANDED_IN):
        assert one_waits(context, make_files, partial(merge.merge, SYSTEM, survivor, other)) == "debit_at_bank"
    (debit,) = fresh(Debit)
    assert (debit.state, debit.customer_id) == ("in_file", other)


@pytest.mark.feature("SEP-6", "F17")
def test_decided_before_the_locks_a_debtor_would_be_merged_under_their_debit(
    context: Flask, announced: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: nothing stood against the merge when it looked, and then it did."""
    other, survivor = announced
    seen = merge.reasons_against(db.session(), *(db.session.get_one(Customer, each) for each in (survivor, other)))
    monkeypatch.setattr(merge, "reasons_against", lambda *_: seen)
    with clock.stand_at(HANDED_IN):
        assert one_waits(context, make_files, partial(merge.merge, SYSTEM, survivor, other)) == "done"
    (debit,) = fresh(Debit)
    assert (debit.state, survivor_of(other)) == ("in_file", survivor)


@pytest.mark.feature("SEP-6", "F17")
def test_a_file_that_is_made_while_the_debtor_is_merged_waits_and_is_drawn_on_who_they_are_then(
    context: Flask, announced: tuple[int, int]
) -> None:
    other, survivor = announced
    with clock.stand_at(HANDED_IN):
        assert one_waits(context, partial(merge.merge, SYSTEM, survivor, other), make_files) == "done"
    (debit,), files = fresh(Debit), fresh(PaymentFile)
    assert (debit.state, [debit.file_id], survivor_of(other)) == ("in_file", [file.id for file in files], survivor)
    assert shop.findings() == []


@pytest.mark.feature("SEP-6", "F17")
def test_a_file_is_handed_in_beside_a_merge_which_is_refused(context: Flask, announced: tuple[int, int]) -> None:
    other, survivor = announced
    with clock.stand_at(HANDED_IN):
        (file_id,) = make_files()
        deeds = [partial(payment_files.submit, SYSTEM, file_id), partial(merge.merge, SYSTEM, survivor, other)]
        assert at_once(context, deeds) == ["debit_at_bank", "done"]
    assert [row.state for row in fresh(Debit)] == ["submitted"]
