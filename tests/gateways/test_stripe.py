"""Stripe over HTTP against the stand-in: what goes wrong on the way, its units, its words, and what is sent along."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import pytest
import stripe
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.base import (
    BadEvent,
    Charge,
    Event,
    GatewayError,
    Method,
    Refund,
    Refused,
    Setup,
    SetupState,
    Unanswered,
)  # fmt: skip
from gateways.stripe import StripeGateway, is_live
from gateways.stripe_declines import ACTION, HARD, kind_of
from gateways.stripe_events import KINDS
from gateways.stripe_money import ours, theirs
from tests.gateways.stripe_world import StripeWorld
from tests.gateways.world import charge, method_of, refund_wish, refunded, setup_wish, wish_of
from tests.stripe_server import KEY, WEBHOOK_SECRET, signature, stripe_server


@pytest.fixture
def world() -> Iterator[StripeWorld]:
    with stripe_server() as server:
        yield StripeWorld(server)


@cache
def reader() -> StripeGateway:
    """One that only reads events."""
    return StripeGateway(KEY, WEBHOOK_SECRET)


# --- what goes wrong on the way ---


@pytest.mark.feature("F12", "EB-51")
@pytest.mark.parametrize("trouble", ["lost", "broken_after", "garbage"])
def test_what_was_done_without_an_answer_is_read_and_not_done_again(world: StripeWorld, trouble: str) -> None:
    wish = wish_of(method_of(world))
    made = world.gateway.create(wish)
    assert made is not None
    world.server.trouble = trouble
    with pytest.raises(Unanswered):
        world.gateway.confirm(wish, made.id)
    read = world.gateway.fetch(made.id)
    assert read is not None and read.status == "succeeded"
    assert world.gateway.confirm(wish, made.id).status == "succeeded"
    assert world.captured() == [(made.id, 11_900)]


@pytest.mark.feature("F12")
def test_who_does_not_answer_in_time_has_not_answered(world: StripeWorld) -> None:
    wish = wish_of(method_of(world))
    impatient = StripeGateway(KEY, WEBHOOK_SECRET, world.server.url, (0.3, 0.3))
    made = impatient.create(wish)
    assert made is not None
    world.server.trouble = "silent"
    with pytest.raises(Unanswered):
        impatient.confirm(wish, made.id)
    assert impatient.fetch(made.id) == charge(world.gateway, wish)


def test_where_nobody_listens_nothing_was_sent_and_the_same_may_be_asked_later() -> None:
    nowhere = StripeGateway(KEY, WEBHOOK_SECRET, "http://127.0.0.1:9", (0.3, 0.3))
    with pytest.raises(Refused, match="unreachable") as refusal:
        nowhere.fetch("pi_1")
    assert not refusal.value.permanent


def test_a_redirect_leads_nowhere(world: StripeWorld) -> None:
    wish = wish_of(method_of(world))
    world.server.trouble = "redirect"
    asked = len(world.server.asked)
    with pytest.raises(Unanswered):
        world.gateway.create(wish)
    assert len(world.server.asked) == asked


@pytest.mark.parametrize(
    ("trouble", "error", "permanent"),
    [
        ("busy", Refused, False),
        ("in_use", Refused, False),
        ("forbidden", Refused, True),
        ("elsewhere", Unanswered, False),
    ],
)
def test_what_is_turned_away_says_whether_the_same_may_be_asked_again(
    world: StripeWorld, trouble: str, error: type[GatewayError], permanent: bool
) -> None:
    wish = wish_of(method_of(world))
    world.server.trouble = trouble
    with pytest.raises(error) as raised:
        world.gateway.create(wish)
    assert raised.value.permanent is permanent
    assert world.house.of("payment_intent") == []


@pytest.mark.feature("F12")
@pytest.mark.parametrize("trouble", ["broken_before", "broken_after"])
def test_a_failure_that_stripe_keeps_for_a_key_does_not_stand_in_the_way_for_a_day(
    world: StripeWorld, trouble: str
) -> None:
    wish = wish_of(method_of(world))
    world.server.trouble = trouble
    with pytest.raises(Unanswered):
        world.gateway.create(wish)
    paid = charge(world.gateway, wish)
    assert len(world.house.of("payment_intent")) == 1
    world.server.trouble = trouble
    with pytest.raises(Unanswered):
        refunded(world.gateway, paid, cents=4_000)
    assert refunded(world.gateway, paid, cents=4_000).cents == 4_000
    assert world.given_back() == [(paid.id, 4_000)]


@pytest.mark.feature("F3")
def test_a_day_later_a_charge_that_was_set_off_is_still_not_set_off_again(world: StripeWorld) -> None:
    wish = wish_of(method_of(world))
    paid = charge(world.gateway, wish)
    world.server.forget_keys()
    assert world.gateway.confirm(wish, paid.id) == world.gateway.fetch(paid.id)
    assert world.gateway.find(wish) == world.gateway.fetch(paid.id)
    assert world.captured() == [(paid.id, 11_900)]


def test_an_expired_key_and_a_wrong_one_are_refused_for_good(world: StripeWorld) -> None:
    stranger = StripeGateway("sk_test_stranger", WEBHOOK_SECRET, world.server.url)
    with pytest.raises(Refused, match="api_key"):
        stranger.fetch("pi_1")
    world.server.key_expired = True
    with pytest.raises(Refused, match="api_key_expired") as refusal:
        world.gateway.begin_setup(setup_wish())
    assert refusal.value.permanent


@pytest.mark.feature("S19")
def test_an_error_quotes_nothing_that_was_sent(world: StripeWorld) -> None:
    world.server.key_expired = True
    with pytest.raises(Refused) as refusal:
        world.gateway.begin_setup(setup_wish())
    said = f"{refusal.value} {refusal.value.facts} {refusal.value.args} {refusal.value.__cause__}"
    assert KEY not in said and "ada@example.com" not in said


class Saying(stripe.RequestsClient):
    """A line at whose end anything may stand."""

    status, told = 200, b"{}"

    def request(
        self, method: str, url: str, headers: object, post_data: object = None
    ) -> tuple[bytes, int, dict[str, str]]:
        return Saying.told, Saying.status, {}


@cache
def to_whoever() -> StripeGateway:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stripe, "RequestsClient", Saying)
        return StripeGateway(KEY, WEBHOOK_SECRET)


NAMES = [
    *("id", "object", "status", "currency", "amount", "metadata", "data", "has_more", "setup_intent", "error", "url"),
    *("payment_method", "latest_charge", "disputed", "type", "card", "exp_year", "exp_month", "customer"),
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["succeeded", "list", "eur", "card", "payment_intent"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)


@settings(deadline=None)
@given(
    status=st.sampled_from([200, 200, 200, 302, 400, 402, 404, 409, 500]),
    body=ANYTHING.map(lambda told: json.dumps(told).encode()) | st.binary(max_size=8),
    deed=st.sampled_from(["begin", "read", "forget", "create", "confirm", "fetch", "find", "cancel", "refund", "of"]),
)
def test_whatever_answers_it_is_plain_refused_or_unanswered(status: int, body: bytes, deed: str) -> None:
    gateway, card = to_whoever(), Method("pm_1", "card", "cus_1")
    Saying.status, Saying.told = status, body
    deeds: dict[str, Callable[[], object]] = {
        "begin": lambda: gateway.begin_setup(setup_wish()), "read": lambda: gateway.read_setup("cs_1"),
        "forget": lambda: gateway.forget(card), "create": lambda: gateway.create(wish_of(card)),
        "confirm": lambda: gateway.confirm(wish_of(card), "pi_1"), "fetch": lambda: gateway.fetch("pi_1"),
        "find": lambda: gateway.find(wish_of(card)), "cancel": lambda: gateway.cancel("pi_1", "c"),
        "refund": lambda: gateway.refund(refund_wish("pi_1")), "of": lambda: gateway.find_refund(refund_wish("pi_1")),
    }  # fmt: skip
    try:
        answer = deeds[deed]()
    except (Refused, Unanswered):
        return
    assert answer is None or isinstance(answer, Setup | SetupState | Charge | Refund)


# --- what is sent along ---


@pytest.mark.feature("S19")
def test_nothing_of_this_machine_is_sent_along_and_the_version_is_fixed(world: StripeWorld) -> None:
    charge(world.gateway, wish_of(method_of(world)))
    for _, _, _, headers in world.server.asked:
        assert "x-stripe-client-telemetry" not in headers
        assert set(json.loads(headers["x-stripe-client-user-agent"])) <= {
            "bindings_version", "lang", "httplib", "lang_version", "ai_agent"
        }  # fmt: skip
        assert headers["stripe-version"] == "2026-10-28.endive"


def test_a_charge_carries_our_key_and_what_the_customer_knows(world: StripeWorld) -> None:
    wish = replace(wish_of(method_of(world)), statement="RE-2026-0001 <Rad*werk>")
    charge(world.gateway, wish)
    [intent] = world.house.of("payment_intent")
    assert intent["metadata"] == {"kontor_key": "charge-1", "kontor_reference": "RE-2026-0001"}
    assert intent["statement_descriptor_suffix"] == "RE-2026-00"
    assert (intent["amount"], intent["currency"], intent["description"]) == (11_900, "eur", "RE-2026-0001")


def test_a_statement_without_a_letter_is_left_out(world: StripeWorld) -> None:
    charge(world.gateway, replace(wish_of(method_of(world)), statement="2026-0001"))
    assert "statement_descriptor_suffix" not in world.house.of("payment_intent")[0]


# --- payment data ---


def test_a_card_shows_its_brand_last_digits_and_last_day(world: StripeWorld) -> None:
    card = method_of(world)
    assert (card.brand, card.last4, card.expires_on, card.holder) == ("visa", "4242", date(2028, 2, 29), "Ada Beispiel")
    assert card.customer.startswith("cus_")


def test_a_debit_brings_its_mandate_reference(world: StripeWorld) -> None:
    debit = method_of(world, "debit", "sepa_debit")
    assert (debit.mandate, debit.last4, debit.expires_on) == ("NXDSYREGC9PSMKWY", "3000", None)


def test_a_customer_is_made_once_a_day_and_kept_afterwards(world: StripeWorld) -> None:
    first, again = world.gateway.begin_setup(setup_wish()), world.gateway.begin_setup(setup_wish())
    kept = world.gateway.begin_setup(replace(setup_wish(), customer=first.customer, email="new@example.com"))
    assert first.customer == again.customer == kept.customer
    assert len(world.house.of("customer")) == 1


def test_who_has_no_address_and_a_very_long_name_is_a_customer_too(world: StripeWorld) -> None:
    world.gateway.begin_setup(replace(setup_wish(), email="", name="Ä" * 300, country="", language="fr"))
    [customer] = world.house.of("customer")
    assert (len(customer["name"]), "email" in customer) == (256, False)


def test_a_page_that_nobody_filled_in_expires(world: StripeWorld) -> None:
    setup = world.gateway.begin_setup(setup_wish())
    world.house.objects[setup.id]["status"] = "expired"
    assert world.gateway.read_setup(setup.id).status == "failed"
    assert world.gateway.read_setup("cs_test_unknown").reason == "unknown_setup"


def test_one_among_many_charges_of_a_customer_is_found_by_its_key(world: StripeWorld) -> None:
    method = method_of(world)
    wishes = [wish_of(method, key=f"charge-{number}") for number in range(105)]
    for wish in wishes:
        world.house.create_intent({
            "amount": "11900", "currency": "eur", "customer": method.customer, "payment_method": method.token,
            "metadata": {"kontor_key": wish.key},
        })  # fmt: skip
    found = world.gateway.find(wishes[0])
    assert found is not None and found.key == "charge-0"


# --- money back ---


def test_a_refund_that_the_bank_sends_back_has_failed(world: StripeWorld) -> None:
    paid = charge(world.gateway, wish_of(method_of(world)))
    given_back = refunded(world.gateway, paid)
    world.house.fail_refund(given_back.id)
    read = world.gateway.fetch_refund(given_back.id, paid.id)
    assert read is not None and (read.status, read.reason) == ("failed", "lost_or_stolen_card")
    charged = world.gateway.fetch(paid.id)
    assert charged is not None and charged.refunded_cents == 0
    last = told(world)[-1]
    assert (last.kind, last.object_id, last.facts) == ("refund", given_back.id, {"charge_id": paid.id})


def test_what_the_bank_took_back_is_read_and_not_refunded(world: StripeWorld) -> None:
    paid = charge(world.gateway, wish_of(method_of(world)))
    world.charge_back(paid.id, 11_900)
    read = world.gateway.fetch(paid.id)
    assert read is not None and read.charged_back_cents == 11_900
    with pytest.raises(Refused, match="charge_disputed"):
        refunded(world.gateway, paid)
    world.win(paid.id)
    assert world.gateway.fetch(paid.id) == replace(read, charged_back_cents=0)


def test_no_refund_of_what_nobody_knows_is_found(world: StripeWorld) -> None:
    paid = charge(world.gateway, wish_of(method_of(world)))
    assert world.gateway.find_refund(refund_wish(paid.id)) is None
    assert world.gateway.fetch_refund("re_unknown", paid.id) is None


# --- units ---


@pytest.mark.parametrize(
    ("currency", "our_cents", "their_amount"),
    [
        ("EUR", 11_900, 11_900), ("HUF", 11_900, 11_900), ("JPY", 500, 500), ("CLP", 500, 500), ("ISK", 5, 500),
        ("MGA", 500, 5), ("KWD", 5_120, 5_120), ("TWD", 80_000, 80_000),
    ],
)  # fmt: skip
def test_amounts_are_counted_as_stripe_counts_them(
    world: StripeWorld, currency: str, our_cents: int, their_amount: int
) -> None:
    wish = replace(wish_of(method_of(world)), cents=our_cents, currency=currency)
    paid = charge(world.gateway, wish)
    assert world.captured() == [(paid.id, their_amount)]
    assert (paid.cents, paid.currency) == (our_cents, currency)
    back = world.gateway.refund(replace(refund_wish(paid.id), cents=our_cents, currency=currency))
    assert (back.cents, back.currency) == (our_cents, currency)
    read = world.gateway.fetch(paid.id)
    assert read is not None and read.refunded_cents == our_cents
    assert {(event.cents, event.currency) for event in told(world) if event.kind != "setup"} == {(our_cents, currency)}


@pytest.mark.parametrize(("currency", "cents"), [("UGX", 500), ("MGA", 501), ("KWD", 5_124), ("EUR", 0), ("EUR", -5)])
def test_what_stripe_cannot_count_is_refused_before_it_is_sent(world: StripeWorld, currency: str, cents: int) -> None:
    wish = replace(wish_of(method_of(world)), cents=cents, currency=currency)
    with pytest.raises(Refused):
        world.gateway.create(wish)
    assert world.house.of("payment_intent") == []


@settings(deadline=None)
@given(st.integers(1, 10**9).map(lambda tens: tens * 1_000), st.sampled_from(["EUR", "ISK", "MGA", "JPY", "KWD"]))
def test_an_amount_there_and_back_is_the_same(cents: int, currency: str) -> None:
    assert ours(theirs(cents, currency), currency.lower()) == cents


# --- words ---


@pytest.mark.parametrize(
    ("code", "advice", "kind"),
    [
        ("expired_card", "", "hard"), ("stolen_card", "", "hard"), ("do_not_honor", "", "soft"),
        ("do_not_honor", "do_not_try_again", "hard"), ("insufficient_funds", "", "soft"),
        ("insufficient_funds", "try_again_later", "soft"), ("authentication_required", "", "action"),
        ("generic_decline", "confirm_card_data", "action"), ("stolen_card", "try_again_later", "hard"),
        ("debit_not_authorized", "", "hard"), ("a_word_of_tomorrow", "", "soft"), ("", "", "soft"),
    ],
)  # fmt: skip
def test_a_decline_is_soft_hard_or_waits_for_the_customer(code: str, advice: str, kind: str) -> None:
    assert kind_of(code, advice) == kind


def test_no_word_means_two_things() -> None:
    assert not HARD & ACTION


@pytest.mark.parametrize(("card", "code"), [("expired", "expired_card"), ("do_not_honor", "do_not_honor")])
def test_a_decline_names_the_banks_own_word(world: StripeWorld, card: str, code: str) -> None:
    declined = charge(world.gateway, wish_of(method_of(world, card)))
    assert (declined.status, declined.decline_code) == ("declined", code)
    [event] = [event for event in told(world) if event.type == "payment_intent.payment_failed"]
    assert (event.object_id, event.reason, event.key) == (declined.id, code, "charge-1")


@pytest.mark.parametrize(
    ("key", "live"),
    [("sk_test_1", False), ("rk_test_1", False), ("sk_live_1", True), ("rk_live_1", True), ("whatever", True)],
)
def test_a_key_says_which_world_it_belongs_to(key: str, live: bool) -> None:
    assert is_live(key) is live


# --- events ---


def told(world: StripeWorld) -> list[Event]:
    return [
        event for headers, body in world.events() for event in world.gateway.read_events(headers, body, world.now())
    ]


def read_one(world: StripeWorld, event: dict[str, object], secret: str = WEBHOOK_SECRET) -> Event:
    body = json.dumps(event).encode()
    headers = {"stripe-signature": signature(body, secret, int(world.now().timestamp()))}
    [read] = world.gateway.read_events(headers, body, world.now())
    return read


def test_a_chargeback_has_stripes_fee_and_a_lost_one_stays(world: StripeWorld) -> None:
    paid = charge(world.gateway, wish_of(method_of(world)))
    world.charge_back(paid.id, 11_900)
    world.house.close_dispute(paid.id, "lost")
    cases = [event for event in told(world) if event.kind.startswith("chargeback")]
    assert {(event.kind, event.fee_cents, event.reason) for event in cases} == {("chargeback", 2_000, "fraudulent")}


def test_an_inquiry_moves_no_money(world: StripeWorld) -> None:
    paid = charge(world.gateway, wish_of(method_of(world)))
    world.house.dispute(paid.id, 11_900, "warning_needs_response")
    assert told(world)[-1].kind == "other"
    read = world.gateway.fetch(paid.id)
    assert read is not None and read.charged_back_cents == 0


def test_a_card_that_its_bank_renewed_is_told_with_its_new_day(world: StripeWorld) -> None:
    method = method_of(world)
    kept = world.house.objects[method.token]
    kept["card"] |= {"exp_year": 2031, "last4": "1881"}
    world.house.tell("payment_method.automatically_updated", kept)
    event = told(world)[-1]
    assert (event.kind, event.object_id) == ("method_updated", method.token)
    assert event.facts == {"brand": "visa", "last4": "1881", "expires_on": "2031-02-28"}


def test_what_stripe_tells_beyond_that_is_kept_as_other(world: StripeWorld) -> None:
    world.house.tell("price.created", {"id": "price_1", "object": "price"})
    assert [event.kind for event in told(world)] == ["other"]


@pytest.mark.feature("S20")
def test_an_event_of_the_other_world_is_refused(world: StripeWorld) -> None:
    charge(world.gateway, wish_of(method_of(world)))
    event = world.house.events[-1]
    assert read_one(world, event).kind == "charge"
    with pytest.raises(BadEvent, match="wrong_mode"):
        read_one(world, event | {"livemode": True})


@pytest.mark.feature("S20")
def test_another_accounts_signature_is_refused_and_while_secrets_change_one_is_enough(
    world: StripeWorld,
) -> None:
    charge(world.gateway, wish_of(method_of(world)))
    event = world.house.events[-1]
    with pytest.raises(BadEvent, match="signature"):
        read_one(world, event, "whsec_other")
    body, now = json.dumps(event).encode(), world.now()
    old, new = (signature(body, secret, int(now.timestamp())) for secret in ("whsec_other", WEBHOOK_SECRET))
    headers = {"STRIPE-SIGNATURE": f"{old},{new.split(',')[1]}"}
    assert world.gateway.read_events(headers, body, now)


@pytest.mark.feature("S20")
@settings(deadline=None)
@given(
    header=st.one_of(
        st.text(max_size=40),
        st.builds(
            "t={},v1={}".format, st.sampled_from(["", "1", "-1", "²", "9" * 30, "1e3"]), st.sampled_from(["", "ä", "0"])
        ),
    ),
    body=st.binary(max_size=20),
)
def test_whatever_comes_in_is_read_without_another_error(header: str, body: bytes) -> None:
    with pytest.raises(BadEvent):
        reader().read_events({"Stripe-Signature": header}, body, datetime(2026, 11, 22, tzinfo=UTC))


SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["object", "status", "currency", "amount", "metadata", "type", "card"]), inner
        )
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(type_=st.sampled_from(sorted(KINDS)), about=SHAPES)
def test_a_signed_event_of_any_shape_is_an_event_or_a_bad_one(type_: str, about: object) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    body = json.dumps({"id": "evt_1", "object": "event", "livemode": False, "type": type_,
                       "created": 1_790_000_000, "data": {"object": about}}).encode()  # fmt: skip
    headers = {"Stripe-Signature": signature(body, WEBHOOK_SECRET, int(now.timestamp()))}
    try:
        [event] = reader().read_events(headers, body, now)
    except BadEvent:
        return
    assert isinstance(event, Event) and event.id == "evt_1"
