"""Kept payment methods: entered at the provider, chosen, assigned, noticed before they end, removed (M1-17 to -19)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from billing.errors import Invalid, NotAllowed
from models import Activity, Customer, Message, PaymentMethod, Subscription
from services import (
    charging,
    clock,
    contract_switch,
    gateway_events,
    method_days,
    method_removal,
    method_setups,
    payment_methods,
)
from services.actor import Actor
from services.customers import update_customer
from services.method_setups import Way
from tests.services.charged import Till

JULE, ERIKA = Actor("staff", 1, "Jule"), Actor("customer", 1, "Erika")
CARD = Way("card", "sandbox")


def enter(till: Till, card: str = "succeeds", way: Way = CARD) -> int:
    """The customer enters payment data at the provider and comes back; gives the method's id."""
    method_id = open_page(till, way)
    come_back(till, method_id, card)
    return method_id


def open_page(till: Till, way: Way = CARD) -> int:
    """The provider's page stands open; gives the method's id."""
    method_setups.begin_setup(ERIKA, till.customer_id, way, lambda key: f"http://127.0.0.1/back/{key}")
    return int(till.all(PaymentMethod)[-1].id)


def come_back(till: Till, method_id: int, card: str = "succeeds") -> str:
    till.gateway.choose(method(till, method_id).setup_id or "", card)
    return method_setups.finish_setup(method_id)


def method(till: Till, method_id: int) -> PaymentMethod:
    return next(row for row in till.all(PaymentMethod) if row.id == method_id)


def record(till: Till) -> Customer:
    return till.all(Customer)[0]


@pytest.mark.feature("M1-18")
def test_everybody_pays_by_transfer_without_a_row(till: Till) -> None:
    assert record(till).payment_type == 1 and till.all(PaymentMethod) == []


@pytest.mark.feature("M1-19")
def test_a_card_entered_at_the_provider_is_kept_and_paid_by(till: Till) -> None:
    kept = method(till, enter(till))
    assert (kept.state, kept.is_default, kept.brand) == ("active", True, "sandbox") and kept.token and kept.expires_on
    assert (record(till).payment_type, record(till).payment_provider) == (6, "sandbox")
    assert record(till).payment_token == kept.token, "the call API tells what the customer pays by"
    assert {"payment.method_begun", "payment.method_added"} <= {row.code for row in till.all(Activity)}
    assert [mail.template for mail in till.all(Message)] == ["customer_changed"], "who did not do it, notices (D-11)"


def test_a_setup_is_settled_by_event_or_return_once_and_in_any_order(till: Till) -> None:
    url = method_setups.begin_setup(ERIKA, till.customer_id, CARD, lambda key: "http://127.0.0.1/")
    setup_id, row = url.rpartition("/")[2], till.all(PaymentMethod)[-1]
    assert method_setups.hear_setup("sandbox", setup_id) == "pending"
    till.gateway.choose(setup_id, "succeeds")
    assert method_setups.hear_setup("sandbox", "unknown", str(row.id)) == "active"
    assert method_setups.finish_setup(row.id) == "active"
    assert method_setups.hear_setup("sandbox", "nobody's") is None
    assert [each.code for each in till.all(Activity)].count("payment.method_added") == 1


@pytest.mark.feature("D-11")
def test_a_page_opened_before_anything_was_there_does_not_push_out_what_came_first(till: Till) -> None:
    early, first = (open_page(till) for _ in range(2))
    assert come_back(till, first) == "active"
    assert come_back(till, early) == "kept", "it was opened by a link that asked for no code"
    assert (method(till, first).is_default, method(till, early).is_default) == (True, False)
    later = open_page(till)
    assert come_back(till, later) == "active" and method(till, later).is_default


@pytest.mark.feature("EB-58")
def test_the_providers_event_settles_a_setup_whose_customer_closed_the_window(till: Till) -> None:
    url = method_setups.begin_setup(ERIKA, till.customer_id, CARD, lambda key: "http://127.0.0.1/")
    till.gateway.choose(url.rpartition("/")[2], "succeeds")
    sent = till.gateway.pending_events(clock.real())
    events = [each for headers, body in sent for each in gateway_events.take_in("sandbox", headers, body)]
    assert [gateway_events.take(event_id) for event_id in events] == ["done"]
    assert till.all(PaymentMethod)[-1].state == "active" and record(till).payment_type == 6


def test_a_setup_that_nobody_came_back_from_never_came_to_be(till: Till) -> None:
    method_setups.begin_setup(ERIKA, till.customer_id, CARD, lambda key: "http://127.0.0.1/")
    with clock.stand_at(clock.instant() + timedelta(2)):
        assert method_days.follow_all() == 1
        assert method_days.follow_all() == 0
    assert till.all(PaymentMethod)[-1].state == "failed" and record(till).payment_type == 1


def test_only_what_the_customer_is_allowed_can_be_added_or_chosen(till: Till) -> None:
    kept = enter(till)
    update_customer(JULE, till.customer_id, {"payment_type": 1, "allowed_payment_types": "1,2"})
    assert CARD not in method_setups.ways(record(till))
    with pytest.raises(Invalid):
        method_setups.begin_setup(ERIKA, till.customer_id, CARD, lambda key: "")
    with pytest.raises(Invalid):
        payment_methods.make_default(JULE, kept)


@pytest.mark.feature("M1-19")
def test_the_record_and_the_default_stay_in_step_whoever_writes(till: Till) -> None:
    first, second = enter(till), enter(till)
    assert [row.is_default for row in till.all(PaymentMethod)] == [False, True]
    update_customer(JULE, till.customer_id, {"payment_type": 1})
    assert not any(row.is_default for row in till.all(PaymentMethod)), "transfer needs no row"
    update_customer(JULE, till.customer_id, {"payment_type": 6})
    assert method(till, second).is_default, "the newest of that kind"
    payment_methods.make_default(JULE, first)
    assert method(till, first).is_default and not method(till, second).is_default
    assert record(till).payment_token == method(till, first).token


def test_a_token_given_with_the_record_is_a_kept_method(till: Till) -> None:
    update_customer(JULE, till.customer_id, {"payment_type": 6, "payment_provider": "stripe", "payment_token": "pm_1"})
    (kept,) = till.all(PaymentMethod)
    assert (kept.gateway, kept.token, kept.kind, kept.is_default) == ("stripe", "pm_1", "card", True)
    update_customer(JULE, till.customer_id, {"payment_type": 6, "payment_provider": "stripe", "payment_token": "pm_1"})
    update_customer(JULE, till.customer_id, {"payment_provider": "wirecard", "payment_token": "x"})
    assert len(till.all(PaymentMethod)) == 1, "the same again is the same, and nobody speaks to wirecard"


def test_a_contract_has_a_method_of_its_own(till: Till) -> None:
    kept, contract = enter(till), till.all(Subscription)[0]
    update_customer(JULE, till.customer_id, {"payment_type": 1})
    payment_methods.assign(JULE, contract.id, kept)
    assert (till.all(Subscription)[0].payment_type, till.all(Subscription)[0].payment_method_id) == (6, kept)
    contract_switch.update_details(JULE, contract.id, {"payment_type": 1})
    assert till.all(Subscription)[0].payment_method_id is None, "another kind, another way"
    payment_methods.assign(JULE, contract.id, kept)
    method_removal.remove(JULE, kept)
    freed = till.all(Subscription)[0]
    assert (freed.payment_type, freed.payment_method_id) == (None, None), "paid as the customer pays"


def test_what_is_removed_is_charged_by_nobody_and_the_provider_is_told(till: Till) -> None:
    kept = enter(till)
    method_removal.remove(ERIKA, kept)
    assert (record(till).payment_type, record(till).payment_token) == (1, "")
    assert method_removal.to_forget(5) == [kept]
    method_removal.forget(kept)
    assert method_removal.to_forget(5) == [] and method(till, kept).token == ""


def test_nothing_is_removed_while_a_payment_by_it_is_on_its_way(till: Till) -> None:
    kept = enter(till)
    till.bill()
    with pytest.raises(NotAllowed, match="attempt_under_way"):
        method_removal.remove(JULE, kept)
    assert till.carry_on() == ["accepted"]
    method_removal.remove(JULE, kept)


def test_the_customer_is_told_once_before_a_card_ends_and_it_expires_the_day_after(till: Till) -> None:
    kept = method(till, enter(till))
    last = kept.expires_on
    assert last is not None

    def on(day: date) -> int:
        with clock.stand_at(clock.instant() + (day - clock.today())):
            return method_days.follow_all()

    assert [on(last - timedelta(31)), on(last - timedelta(30)), on(last - timedelta(29)), on(last)] == [0, 1, 0, 0]
    mails = [mail for mail in till.all(Message) if mail.template == "payment_expiring"]
    assert len(mails) == 1 and method(till, kept.id).state == "active"
    assert on(last + timedelta(1)) == 1 and method(till, kept.id).state == "expired"


def test_a_card_that_the_provider_renews_is_charged_again(till: Till) -> None:
    kept = method(till, enter(till, "expired"))
    assert method_days.follow_all() == 1 and method(till, kept.id).state == "expired"
    news = {"expires_on": "2031-12-31", "last4": "4242", "brand": "visa"}
    for _again in range(2):
        method_days.hear_update("sandbox", kept.token, news)
    method_days.hear_update("sandbox", "", news)
    renewed = method(till, kept.id)
    assert (renewed.state, renewed.last4, renewed.expires_on) == ("active", "4242", date(2031, 12, 31))


@pytest.mark.feature("M2-19")
def test_a_new_method_pays_at_once_what_waits_for_one(till: Till) -> None:
    update_customer(JULE, till.customer_id, {"payment_type": 6})
    till.bill()
    assert till.invoice.status == "awaiting_payment" and till.receivables == []
    charging.try_again(till.invoice.id, JULE, early=True)
    enter(till)
    assert till.carry_on() == ["accepted"]
    assert till.invoice.status == "issued" and till.receivables[0].open_cents == 0
