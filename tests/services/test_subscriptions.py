"""Concluding a contract, new or brought along from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.errors import Invalid, KontorError, NotAllowed, NotFound
from billing.periods import Interval, Unit
from extensions import db
from models import Activity, Claim, Customer, InvoiceLine, ProductPrice, Subscription, SubscriptionItem
from queries.subscriptions import SubscriptionCard, get_subscription
from services import billing_run, clock, customers, due_marks, products
from services.actor import SYSTEM
from services.subscriptions import Booking, Order, create_subscription
from services.unit import write

TODAY = date(2026, 11, 21)
MONTH, YEAR, TWO_WEEKS = Interval(Unit.MONTH, 1), Interval(Unit.YEAR, 1), Interval(Unit.DAY, 14)
P = Booking("plan")


@pytest.fixture(autouse=True)
def today(context: Any) -> Iterator[None]:
    with clock.stand_at(TODAY):
        yield


@pytest.fixture
def customer_id() -> int:
    return customers.create_customer(SYSTEM, {"last_name": "Meier"})


def product(number: str = "plan", **values: Any) -> int:
    values = {"number": number, "title": f"Paket {number}", "unit_price": Decimal(10), "interval": MONTH} | values
    return products.create_product(SYSTEM, values)


def book(order: Order) -> Subscription:
    row = db.session.get(Subscription, create_subscription(SYSTEM, order))
    assert row is not None
    return row


def items(row: Subscription) -> list[SubscriptionItem]:
    return db.session.query(SubscriptionItem).filter_by(subscription_id=row.id).order_by(SubscriptionItem.id).all()


def claims(row: Subscription) -> list[tuple[str, date, date, str]]:
    query = db.session.query(Claim).join(SubscriptionItem).filter(SubscriptionItem.subscription_id == row.id)
    return [(claim.kind, claim.period_start, claim.period_end, claim.state) for claim in query.order_by(Claim.id)]


def card(row: Subscription) -> SubscriptionCard:
    found = get_subscription(row.id)
    assert found is not None
    return found


def test_without_dates_a_contract_starts_today_and_is_due_today(customer_id: int) -> None:
    product()
    row = book(Order(customer_id, P))
    assert (row.started_on, row.anchor_on, row.next_billing_on, row.status) == (TODAY, TODAY, TODAY, "active")
    assert len(row.hash) == 32


def test_overrides_hold_in_this_contract_only(customer_id: int) -> None:
    product()
    plan = Booking("plan", Decimal(3), "Sonderpaket", "für Meier", Decimal("7.5"), Decimal(19))
    one, two = book(Order(customer_id, plan)), book(Order(customer_id, P))
    item = items(one)[0]
    assert (item.title, item.description, item.quantity) == ("Sonderpaket", "für Meier", Decimal(3))
    assert (item.unit_price, item.vat_category) == (Decimal("7.5"), "standard")
    assert (items(two)[0].title, items(two)[0].unit_price) == ("Paket plan", Decimal(10))


def test_a_later_change_of_the_product_leaves_the_contract_alone(customer_id: int) -> None:
    product_id = product()
    row = book(Order(customer_id, P))
    products.update_product(SYSTEM, product_id, {"unit_price": Decimal(99), "interval": YEAR})
    assert (items(row)[0].unit_price, row.interval_unit) == (Decimal(10), "month")


def test_add_ons_and_set_up_fees_are_items_of_their_own(customer_id: int) -> None:
    product(setup_fee=Decimal(49))
    product("extra", kind="addon", unit_price=Decimal(2), setup_fee=Decimal(5))
    row = book(Order(customer_id, P, (Booking("extra", Decimal(2)),)))
    found = [(item.kind, item.article_number, item.quantity, item.unit_price) for item in items(row)]
    assert found == [
        ("plan", "plan", 1, 10), ("setup", "plan", 1, 49), ("addon", "extra", 2, 2), ("setup", "extra", 1, 5)
    ]  # fmt: skip
    assert [addon.article_number for addon in card(row).addons] == ["extra"]


def test_a_trial_moves_the_anchor_to_its_end(customer_id: int) -> None:
    product(trial=TWO_WEEKS)
    row = book(Order(customer_id, P))
    end = date(2026, 12, 5)
    assert (row.status, row.trial_ends_on, row.anchor_on, row.next_billing_on) == ("trial", end, end, end)
    with clock.stand_at(end):
        assert card(row).status == "active"


@pytest.mark.feature("EB-1")
def test_a_contract_of_the_31st_is_counted_from_the_31st(customer_id: int) -> None:
    product()
    row = book(Order(customer_id, P, starts_on=date(2026, 1, 31)))
    assert (row.anchor_on, row.next_billing_on) == (date(2026, 1, 31), date(2026, 1, 31))


@pytest.mark.feature("M1-12")
@pytest.mark.feature("D-13")
def test_an_old_contract_is_billed_here_from_its_next_event_on(customer_id: int) -> None:
    product(setup_fee=Decimal(49))
    row = book(Order(customer_id, P, starts_on=date(2026, 8, 31), next_event=date(2026, 11, 30)))
    assert claims(row) == [
        ("period", date(2026, 8, 31), date(2026, 9, 30), "elsewhere"),
        ("period", date(2026, 9, 30), date(2026, 10, 31), "elsewhere"),
        ("period", date(2026, 10, 31), date(2026, 11, 30), "elsewhere"),
        ("setup", date(2026, 8, 31), date(2026, 9, 1), "elsewhere"),
    ]
    assert (row.anchor_on, row.next_billing_on) == (date(2026, 8, 31), date(2026, 11, 30))
    billing_run.bill(date(2026, 11, 30), SYSTEM)
    assert [(line.period_start, line.period_end) for line in db.session.query(InvoiceLine)] == [
        (date(2026, 11, 30), date(2026, 12, 31))
    ]


@pytest.mark.feature("D-13")
def test_a_next_event_between_two_boundaries_becomes_the_anchor(customer_id: int) -> None:
    product(setup_fee=Decimal(49))
    row = book(Order(customer_id, P, starts_on=date(2026, 1, 15), next_event=date(2026, 12, 1)))
    assert (row.started_on, row.anchor_on, row.next_billing_on) == (
        date(2026, 1, 15), date(2026, 12, 1), date(2026, 12, 1)
    )  # fmt: skip
    assert claims(row) == [("setup", date(2026, 1, 15), date(2026, 1, 16), "elsewhere")]


@pytest.mark.feature("D-13")
def test_in_arrears_the_next_event_is_the_day_of_the_first_bill(customer_id: int) -> None:
    product(in_arrears=True)
    on_boundary = book(Order(customer_id, P, starts_on=date(2026, 9, 1), next_event=date(2026, 12, 1)))
    between = book(Order(customer_id, P, starts_on=date(2026, 9, 1), next_event=date(2026, 12, 10)))
    assert on_boundary.next_billing_on == date(2026, 12, 1)
    assert [claim[1] for claim in claims(on_boundary)] == [date(2026, 9, 1), date(2026, 10, 1)]
    assert (between.anchor_on, between.next_billing_on) == (date(2026, 11, 10), date(2026, 12, 10))


@pytest.mark.feature("D-13")
def test_without_a_next_event_the_past_is_billed_from_the_start(customer_id: int) -> None:
    product()
    row = book(Order(customer_id, P, starts_on=date(2026, 9, 1)))
    assert (row.next_billing_on, claims(row)) == (date(2026, 9, 1), [])
    report = billing_run.bill(TODAY, SYSTEM)
    assert report.counts.issued == 3


@pytest.mark.feature("D-13")
def test_more_than_twelve_open_periods_are_parked_until_a_person_confirms(customer_id: int) -> None:
    product()
    book(Order(customer_id, P, starts_on=date(2025, 1, 1)))
    assert billing_run.bill(TODAY, SYSTEM).counts.issued == 0


@pytest.mark.feature("D-13")
def test_a_trial_that_ends_with_the_next_event_leaves_its_set_up_fee_to_us(customer_id: int) -> None:
    product(trial=TWO_WEEKS, setup_fee=Decimal(49))
    row = book(Order(customer_id, P, starts_on=date(2026, 11, 10), next_event=date(2026, 11, 24)))
    assert (row.anchor_on, row.next_billing_on, claims(row)) == (date(2026, 11, 24), date(2026, 11, 24), [])


@pytest.mark.feature("D-13")
def test_a_next_event_inside_the_trial_ends_the_trial(customer_id: int) -> None:
    product(trial=TWO_WEEKS)
    row = book(Order(customer_id, P, starts_on=TODAY, next_event=date(2026, 11, 25)))
    assert (row.trial_ends_on, row.next_billing_on) == (date(2026, 11, 25), date(2026, 11, 25))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.dates(date(2023, 1, 1), date(2026, 11, 21)),
    later=st.integers(0, 900),
    count=st.integers(1, 6),
    unit=st.sampled_from(list(Unit)),
    arrears=st.booleans(),
)
@pytest.mark.feature("D-13")
def test_whatever_comes_in_nothing_before_its_next_event_is_wanted(
    start: date, later: int, count: int, unit: Unit, arrears: bool
) -> None:
    """The mark agrees with the one that is worked out from terms and claims, and never lies before NEXT_EVENT."""
    number = f"p{db.session.query(Subscription).count()}"
    product(number, interval=Interval(unit, count), in_arrears=arrears, setup_fee=Decimal(1))
    owner = customers.create_customer(SYSTEM, {"last_name": "Meier"})
    next_event = start + timedelta(later)
    row = book(Order(owner, Booking(number), starts_on=start, next_event=next_event))
    mark = row.next_billing_on
    assert mark is not None and mark >= next_event
    assert due_marks.renew_mark(row.id) == mark


@pytest.mark.parametrize("day", [date(2027, 1, 21), date(2026, 12, 24)])
def test_a_contract_may_come_with_its_end(customer_id: int, day: date) -> None:
    product()
    row = book(Order(customer_id, P, ends_on=day, cancellation_note="zieht um"))
    assert (row.status, row.ends_on, row.cancellation_note) == ("cancelled", day, "zieht um")
    assert row.cancelled_at is not None


@pytest.mark.feature("D-12")
@pytest.mark.parametrize("status", ["blocked", "deactivated"])
def test_a_blocked_or_deactivated_customer_books_nothing(customer_id: int, status: str) -> None:
    product()
    with write() as session:
        session.query(Customer).update({"status": status})
    with pytest.raises(NotAllowed) as refusal:
        book(Order(customer_id, P))
    assert refusal.value.code == f"customer_{status}"
    assert db.session.query(Subscription).count() == 0


@pytest.mark.feature("X-22")
def test_a_merged_customers_contract_is_the_survivors(customer_id: int) -> None:
    product()
    survivor = customers.create_customer(SYSTEM, {"last_name": "Bleibt"})
    with write() as session:
        session.query(Customer).filter_by(id=customer_id).update({"survivor_id": survivor})
    assert book(Order(customer_id, P)).customer_id == survivor


@pytest.mark.feature("X-20")
@pytest.mark.feature("S24")
def test_another_currency_needs_a_price_in_it(customer_id: int) -> None:
    product_id = product(setup_fee=Decimal(49))
    with pytest.raises(Invalid) as refusal:
        book(Order(customer_id, P, currency_code="CHF"))
    assert refusal.value.field == "currency_code"
    agreed = book(Order(customer_id, Booking("plan", unit_price=Decimal(11)), currency_code="CHF"))
    assert [(item.kind, item.unit_price) for item in items(agreed)] == [("plan", Decimal(11))]
    with write() as session:
        session.add(ProductPrice(product_id=product_id, currency_code="CHF", unit_price=12, setup_fee=50))
    listed = book(Order(customer_id, P, currency_code="CHF"))
    assert [(item.kind, item.unit_price) for item in items(listed)] == [("plan", 12), ("setup", 50)]


@pytest.mark.feature("S24")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"plan": Booking("plan", Decimal(0))}, "quantity"),
        ({"plan": Booking("plan", Decimal(-1))}, "quantity"),
        ({"plan": Booking("plan", Decimal("0.00001"))}, "quantity"),
        ({"plan": Booking("plan", unit_price=Decimal("-0.01"))}, "unit_price"),
        ({"plan": Booking("plan", vat_percent=Decimal(16))}, "vat_percent"),
        ({"plan": Booking("plan", vat_percent=Decimal(7))}, "vat_percent"),  # of a product at 19 %
        ({"plan": Booking("once")}, "article_number"),
        ({"plan": Booking("extra")}, "article_number"),
        ({"plan": Booking("nothing")}, "article_number"),
        ({"addons": (Booking("plan"),)}, "addons"),
        ({"addons": (Booking("nothing"),)}, "addons"),
        ({"addons": (Booking("extra", Decimal(-3)),)}, "addons"),
        ({"addons": (Booking("gross"),)}, "addons"),
        ({"addons": (Booking("other"),)}, "addons"),
        ({"ends_on": date(2026, 11, 21)}, "ends_on"),
        ({"next_event": date(2026, 11, 20)}, "next_event"),
        ({"starts_on": date(1950, 1, 1), "plan": Booking("daily"), "next_event": date(2026, 1, 1)}, "next_event"),
        ({"starts_on": date(1900, 1, 1)}, "starts_on"),
        ({"currency_code": "QQQ"}, "currency_code"),
        ({"ext_uid": "x" * 101}, "ext_uid"),
        ({"payment_type": 9}, "payment_type"),
        ({"customer_id": 4711}, "customer_id"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field_and_nothing_is_stored(
    customer_id: int, changes: dict[str, Any], field: str
) -> None:
    product()
    other = product("second")
    product("daily", interval=Interval(Unit.DAY, 1))
    product("once", interval=None)
    product("extra", kind="addon")
    product("gross", kind="addon", is_gross=True)
    products.assign_addon(SYSTEM, product("other", kind="addon"), [other])
    with pytest.raises(KontorError) as refusal:
        create_subscription(SYSTEM, Order(**({"customer_id": customer_id, "plan": P} | changes)))
    error = refusal.value
    assert (error.field if isinstance(error, Invalid) else error.facts["field"]) == field
    assert isinstance(error, Invalid | NotFound)
    assert [db.session.query(table).count() for table in (Subscription, SubscriptionItem, Claim)] == [0, 0, 0]


@pytest.mark.feature("P-10")
def test_booking_is_told_in_the_customers_activities(customer_id: int) -> None:
    product()
    row = book(Order(customer_id, P))
    activity = db.session.query(Activity).filter_by(code="subscription.created").one()
    assert (activity.customer_id, activity.object_kind, activity.object_id) == (customer_id, "subscription", row.id)


def test_the_time_of_start_is_kept_for_its_dates(customer_id: int) -> None:
    product()
    assert book(Order(customer_id, P, start_time=time(12, 20, 22))).start_time == time(12, 20, 22)


@pytest.mark.feature("CON-4")
def test_a_consumer_cannot_be_booked_on_terms_that_may_bind_companies_only() -> None:
    product(is_for_consumers=False, notice=Interval(Unit.MONTH, 3))
    consumer = customers.create_customer(SYSTEM, {"last_name": "Meier", "customer_type": "consumer"})
    company = customers.create_customer(SYSTEM, {"organization": "Meier GmbH", "customer_type": "business"})
    with pytest.raises(Invalid) as refusal:
        create_subscription(SYSTEM, Order(consumer, P))
    assert (refusal.value.field, refusal.value.code) == ("article_number", "not_for_consumers")
    assert book(Order(company, P)).notice_count == 3
