"""check-books over what is being collected: each finding is found where somebody broke the rule by hand."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from billing.errors import NotAllowed
from extensions import db
from models import Customer
from services import clock, deletion_reasons, given_up_documents, payment_changes
from services.actor import SYSTEM
from services.checks import check_books
from services.merge_reasons import reasons_against
from services.unit import end_reading, write
from tests.services.charged import Till, open_till


@pytest.fixture
def till(context: Flask) -> Till:
    with clock.stand_at(clock.instant()):
        yield open_till(context)


@pytest.mark.feature("L5")
@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("UPDATE payment_attempts SET provider_id = 'other'", "charge_not_booked"),
        ("UPDATE payment_attempts SET state = 'declined'", "charge_not_accepted"),
        ("UPDATE collections SET state = 'open'", "collection_differs"),
    ],
)
def test_what_does_not_fit_is_found(till: Till, broken: str, code: str) -> None:
    till.keep("succeeds")
    till.bill()
    till.carry_on()
    assert check_books().ok
    with write() as session:
        session.execute(text(broken))
    assert code in {finding["code"] for finding in check_books().findings}


@pytest.mark.feature("L5", "EB-51")
def test_a_charge_is_moved_or_refunded_and_never_only_undone_here(till: Till) -> None:
    till.keep("succeeds")
    till.bill()
    till.carry_on()
    (taken,) = till.payments
    with pytest.raises(NotAllowed, match="taken_by_provider"):
        payment_changes.cancel(SYSTEM, taken.id, "verschrieben")
    payment_changes.move(SYSTEM, taken.id, reason="verwechselt")
    assert check_books().ok
    with write() as session:
        payment_changes.reverse(session, till.payments[-1], None, "so one could before")
    assert [finding["code"] for finding in check_books().findings] == ["charge_undone_here_only"]


@pytest.mark.feature("L5")
@pytest.mark.parametrize("card", ["times_out_before", "declines_hard"])
def test_periods_that_nothing_holds_any_more_are_found(till: Till, card: str) -> None:
    till.keep(card)
    till.bill()
    till.carry_on()
    assert check_books().ok
    with write() as session:
        session.execute(text("UPDATE collections SET state = 'released'"))
    assert [finding["code"] for finding in check_books().findings] == ["reserved_by_nothing"]


@pytest.mark.feature("F17")
def test_while_a_provider_is_asked_nobody_merges_or_deletes_and_afterwards_they_may(till: Till) -> None:
    till.keep("times_out_and_succeeds")
    till.bill()
    till.carry_on()
    assert against(till) == ("unfinished_documents", "unfinished_documents")
    till.carry_on()
    assert against(till) == ("", "")


def test_what_was_given_up_waits_for_a_decision_before_a_record_is_deleted(till: Till) -> None:
    till.keep("declines_hard")
    till.bill()
    till.carry_on()
    assert against(till) == ("", "unfinished_documents")
    given_up_documents.release(SYSTEM, till.invoice.id)
    assert against(till) == ("", "")
    with pytest.raises(NotAllowed):
        given_up_documents.issue_open(SYSTEM, till.invoice.id)


def against(till: Till) -> tuple[str, str]:
    """What stands against a merge, and against a deletion, as far as it is about collecting."""
    end_reading()
    row = db.session.get_one(Customer, till.customer_id)
    merging = reasons_against(db.session(), row, Customer(id=-1))
    deleting = [one.code for one in deletion_reasons.blockers(db.session(), row, [row.id])]
    end_reading()
    name = "unfinished_documents"
    return (name if name in merging else "", name if name in deleting else "")
