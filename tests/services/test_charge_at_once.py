"""Two workers, two people, a worker and an event, a merge and a charge in the same moment: the money moves once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from extensions import db
from gateways.base import Charge, ChargeWish
from models import Collection, Customer, GatewayEvent, PaymentAttempt, Receivable, Refund
from services import (
    attempts,
    charging,
    clock,
    customer_erasure,
    customer_status,
    gateway_events,
    given_up_documents,
    merge,
    refunds,
    sandbox_post,
)
from services.actor import SYSTEM
from services.checks import check_books
from services.contract_ends import cancel
from services.customers import create_customer
from services.payment_settings import change_payment_settings
from services.unit import end_reading, insistent, write
from tests.at_once import PATIENCE, at_once, one_waits
from tests.services.charged import Till, open_till
from tests.services.refunding import ANNA, JULE, cancelled, paid_by_card


def taken(till: Till) -> list[int]:
    """Cents of each charge as the provider counts them."""
    with till.gateway._store.open() as found:
        rows = found.execute("SELECT cents FROM charges WHERE status = 'succeeded' ORDER BY rowid")
        return [row["cents"] for row in rows]


def planned(till: Till, card: str = "succeeds") -> int:
    """An attempt that nobody has taken in hand yet."""
    till.keep(card)
    till.bill()
    end_reading()
    return int(till.attempt.id)


def unanswered(till: Till) -> int:
    """An attempt that took the money and got no answer."""
    attempt_id = planned(till)
    confirm = till.gateway.confirm

    def lost(wish: ChargeWish, charge_id: str) -> Charge:
        till.gateway.trouble = "lost"
        return confirm(wish, charge_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(till.gateway, "confirm", lost)
        assert attempts.carry_on(attempt_id) == "unknown"
    assert len(taken(till)) == 1
    return attempt_id


def both_ask(till: Till, monkeypatch: pytest.MonkeyPatch, forgetful: bool = False) -> None:
    """Two workers come to the provider at the same time; forgetful ones each with a key of their own."""
    together, create, confirm = threading.Barrier(2), till.gateway.create, till.gateway.confirm

    def named(wish: ChargeWish) -> ChargeWish:
        return replace(wish, key=f"{wish.key}-{threading.get_ident()}") if forgetful else wish

    def create_together(wish: ChargeWish) -> Charge | None:
        together.wait(PATIENCE)
        return create(named(wish))

    monkeypatch.setattr(till.gateway, "create", create_together)
    monkeypatch.setattr(till.gateway, "confirm", lambda wish, charge_id: confirm(named(wish), charge_id))


@pytest.mark.feature("EB-51")
@pytest.mark.feature("F3")
def test_two_workers_with_one_attempt_charge_once(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a worker was so slow that its lease ran out: both stand at the provider, and the key makes it one."""
    attempt_id = planned(till)
    both_ask(till, monkeypatch)
    look = partial(attempts.carry_on, attempt_id, at_once=True)
    assert at_once(till.app, [look, look]) == ["accepted", "accepted"]
    assert taken(till) == [till.invoice.gross_cents]
    assert (len(till.payments), len(till.receivables), till.receivables[0].open_cents) == (1, 1, 0)


@pytest.mark.feature("EB-51")
def test_without_the_key_two_workers_would_charge_twice(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: what came twice is the customer's credit, so the books hold even then."""
    attempt_id = planned(till)
    both_ask(till, monkeypatch, forgetful=True)
    look = partial(attempts.carry_on, attempt_id, at_once=True)
    assert at_once(till.app, [look, look]) == ["accepted", "accepted"]
    assert taken(till) == [till.invoice.gross_cents] * 2


@pytest.mark.feature("F3")
def test_while_one_worker_has_an_attempt_the_other_does_not_ask(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt_id, confirm, asked = planned(till), till.gateway.confirm, list[str]()

    def counted(wish: ChargeWish, charge_id: str) -> Charge:
        asked.append(charge_id)
        return confirm(wish, charge_id)

    monkeypatch.setattr(till.gateway, "confirm", counted)
    at_once(till.app, [partial(attempts.carry_on, attempt_id)] * 4)
    assert len(asked) == 1 and till.attempt.state == "accepted"


@pytest.mark.feature("EB-55")
@pytest.mark.feature("EB-58")
def test_the_worker_and_the_providers_news_settle_one_attempt_once(till: Till) -> None:
    attempt_id = unanswered(till)
    sandbox_post.deliver()
    events = [row.id for row in till.all(GatewayEvent) if row.kind == "charge"]
    deeds = [partial(gateway_events.take, event_id, at_once=True) for event_id in events * 2]
    outcomes = at_once(till.app, [*deeds, *[partial(attempts.carry_on, attempt_id, at_once=True)] * 2])
    assert set(outcomes) == {"accepted", "done"}
    assert (till.attempt.state, len(till.payments), len(till.receivables)) == ("accepted", 1, 1)


@pytest.mark.feature("EB-58")
@pytest.mark.parametrize("first", ["worker", "event"])
def test_whoever_comes_second_with_the_answer_finds_it_booked(till: Till, first: str) -> None:
    attempt_id = unanswered(till)
    sandbox_post.deliver()
    (event_id,) = [row.id for row in till.all(GatewayEvent) if row.kind == "charge"]
    worker = partial(attempts.carry_on, attempt_id, at_once=True)
    event = partial(gateway_events.take, event_id, at_once=True)
    deeds = (worker, event) if first == "worker" else (event, worker)
    assert one_waits(till.app, *deeds) == ("done" if first == "worker" else "accepted")
    assert (till.attempt.state, len(till.payments)) == ("accepted", 1)


def deed_with(till: Till, name: str) -> Callable[[], object]:
    """What a person does to the record whose payment is under way."""
    other = create_customer(SYSTEM, {"last_name": "Bleibt"})
    end_reading()
    return {
        "merge": lambda: merge.merge(JULE, other, till.customer_id),
        "delete": lambda: customer_erasure.delete_customer(JULE, till.customer_id),
        "block": lambda: customer_status.change_status(JULE, till.customer_id, "block"),
    }[name]


@pytest.mark.feature("F17")
@pytest.mark.parametrize(("name", "outcome"), [("merge", "unfinished_documents"), ("delete", "unfinished_documents"),
                                               ("block", "blocked")])  # fmt: skip
def test_a_record_whose_payment_is_under_way_keeps_its_debtor(till: Till, name: str, outcome: str) -> None:
    """Merging and deleting are refused with the reason; a blocked customer goes on paying (D-12)."""
    attempt_id = unanswered(till)
    cancel(JULE, 1, clock.today(), "gekündigt", extraordinary=True)
    assert at_once(till.app, [deed_with(till, name)]) == [outcome]
    assert attempts.carry_on(attempt_id, at_once=True) == "accepted"
    assert till.receivables[0].open_cents == 0


@pytest.mark.feature("F17")
@pytest.mark.parametrize(("name", "outcome"), [("merge", "done"), ("delete", "done"), ("block", "blocked")])
def test_who_comes_while_the_answer_is_booked_waits_and_finds_it_paid(till: Till, name: str, outcome: str) -> None:
    attempt_id = unanswered(till)
    cancel(JULE, 1, clock.today(), "gekündigt", extraordinary=True)
    deed = deed_with(till, name)
    assert one_waits(till.app, partial(attempts.carry_on, attempt_id, at_once=True), deed) == outcome
    assert (till.attempt.state, till.receivables[0].open_cents, len(till.payments)) == ("accepted", 0, 1)


@pytest.fixture
def open_invoice(till: Till) -> int:
    """The receivable of an invoice that stands open, whose customer has kept a card since."""
    till.bill()
    till.keep("succeeds")
    end_reading()
    return int(till.receivables[0].id)


@pytest.mark.feature("F17")
@pytest.mark.parametrize("name", ["merge", "block"])
def test_a_charge_that_begins_during_a_persons_deed_waits_and_takes_the_money(
    till: Till, open_invoice: int, name: str
) -> None:
    deed = deed_with(till, name)
    assert one_waits(till.app, deed, lambda: charging.collect_again(SYSTEM, open_invoice) and None) == "done"
    assert till.carry_on() == ["accepted"]
    assert till.receivables[0].open_cents == 0


@pytest.mark.feature("F17")
def test_a_merge_that_begins_while_a_charge_is_ordered_is_refused(till: Till, open_invoice: int) -> None:
    deed = deed_with(till, "merge")
    order = partial(charging.collect_again, SYSTEM, open_invoice)
    assert one_waits(till.app, order, deed) == "unfinished_documents"
    assert till.carry_on() == ["accepted"]


@pytest.mark.feature("F17")
def test_decided_before_the_locks_a_record_would_be_merged_under_its_charge(
    till: Till, open_invoice: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: nothing stood against the merge when it looked, and then it did."""
    deed = deed_with(till, "merge")
    seen = merge.reasons_against(db.session(), *(db.session.get_one(Customer, each) for each in (2, 1)))
    monkeypatch.setattr(merge, "reasons_against", lambda *_: seen)
    assert one_waits(till.app, partial(charging.collect_again, SYSTEM, open_invoice), deed) == "done"
    moved = db.session.scalar(select(Customer.survivor_id).where(Customer.id == till.customer_id))
    assert (till.attempt.state, moved) == ("planned", 2)


@pytest.mark.feature("F1")
def test_two_people_who_collect_one_invoice_at_once_begin_one_attempt(till: Till, open_invoice: int) -> None:
    clicks = [lambda who=who: charging.collect_again(who, open_invoice) and None for who in (JULE, ANNA, JULE)]
    assert at_once(till.app, clicks) == ["attempt_under_way", "attempt_under_way", "done"]
    assert len(till.all(PaymentAttempt)) == 1 and till.carry_on() == ["accepted"]


@pytest.mark.feature("EB-33")
def test_a_key_that_is_made_anew_cannot_ask_for_the_same_try_again(till: Till) -> None:
    planned(till)
    assert till.carry_on() == ["accepted"]
    own = ("id", "key", "provider_id")
    columns = ", ".join(each.name for each in PaymentAttempt.__table__.columns if each.name not in own)
    again = f"INSERT INTO payment_attempts (key, {columns}) SELECT 'anew', {columns} FROM payment_attempts"
    with pytest.raises(IntegrityError, match="number"), write() as session:
        session.execute(text(again))


@pytest.mark.feature("M2-22")
@pytest.mark.feature("F1")
def test_of_two_decisions_about_what_was_given_up_one_counts(till: Till) -> None:
    change_payment_settings(SYSTEM, {"on_declined": "no_invoice"})
    planned(till, "declines_hard")
    assert till.carry_on() == ["declined"] and till.collection.state == "given_up"
    invoice_id = int(till.collection.invoice_id)
    open_, free = (
        lambda: given_up_documents.issue_open(JULE, invoice_id) and None,
        lambda: given_up_documents.release(ANNA, invoice_id),
    )
    assert at_once(till.app, [open_, free, open_, free]) == ["done", *["wrong_state"] * 3]
    assert [row.state for row in till.all(Collection)] in (["issued_open"], ["released"])
    assert len(till.all(Receivable)) == (till.collection.state == "issued_open")


def decided_before(monkeypatch: pytest.MonkeyPatch, correction: int) -> None:
    """Each of two people looked at what can be given back before either has ordered it."""
    together, real, seen = threading.Barrier(2), refunds.refundable, threading.local()

    def naively(actor: object, correction_id: int) -> None:
        seen.found = real(db.session(), correction_id)
        db.session.expunge_all()
        end_reading()
        together.wait(PATIENCE)
        insistent(lambda: order(actor, correction_id))

    order = refunds.order
    monkeypatch.setattr(refunds, "refundable", lambda *_: seen.found)
    monkeypatch.setattr(refunds, "order", naively)


@pytest.mark.feature("EB-53")
@pytest.mark.feature("F1")
def test_decided_before_the_locks_two_people_would_give_the_money_back_twice(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of one refund by many clicks: without looking under the locks, and without the index."""
    with clock.stand_at(clock.instant()):
        till = open_till(context)
        storno = cancelled(paid_by_card(till))
        with write() as session:
            session.execute(text("DROP INDEX uq_refunds_standing"))
        decided_before(monkeypatch, storno)
        at_once(context, [lambda who=who: refunds.order(who, storno) for who in (JULE, ANNA)])
        assert len(till.all(Refund)) == 2
        assert "credit" in " ".join(str(each) for each in check_books().findings)
