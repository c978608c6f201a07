"""Contracts that a reminder switched off go on when all is paid: the table of cases (M2-17), and many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from billing.instalments import monthly
from billing.money import Money
from extensions import db
from models import Activity, ActivityDetail, Customer, Receivable, Subscription, SubscriptionPause
from services import (
    billing_run,
    clock,
    contract_switch,
    corrections,
    dunning_holds,
    dunning_run,
    dunning_stops,
    instalments,
    write_offs,
)
from services.actor import SYSTEM
from services.contracts_off import deactivate_all
from services.dunning_levels import LevelWish
from services.load import seed_load
from services.payments import record_payment
from services.unit import end_reading, write
from tests.services.reminding import ANKE, books_hold, set_levels

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)  # due on the 15th
STOPPED, SOON, LATE = date(2026, 11, 5), date(2026, 11, 10), date(2026, 11, 20)
LEVELS = (
    LevelWish("Zahlungserinnerung", 7, letter="always"),
    LevelWish("Letzte Mahnung", 21, consumer_fee_cents=70, letter="always", deactivate_after=True),
)


@dataclass(frozen=True)
class One:
    """A customer whose contract was switched off for October; November is billed as well."""

    customer: int
    contract: int
    october: Receivable
    fee: Receivable
    november: Receivable

    def pays(self, *owed: Receivable) -> None:
        for row in owed:
            record_payment(ANKE, row.id, Money(row.open_cents, row.currency_code))

    def pays_october(self) -> None:
        self.pays(self.october, self.fee)


Deed = Callable[[One], object]


def both(*deeds: Deed) -> Deed:
    return lambda one: [deed(one) for deed in deeds]


def in_parts(one: One) -> None:
    instalments.agree(ANKE, one.november.id, monthly(one.november.open_cents, 2, date(2026, 12, 1)))


def broken(one: One) -> None:
    parts = monthly(one.november.open_cents, 2, SOON)
    with clock.stand_at(SOON):
        instalments.agree(ANKE, one.november.id, parts, grace_days=0)


def cancelled(one: One) -> None:
    corrections.cancel(ANKE, one.october.invoice_id or 0, reason="Irrtum")


def off_by_hand(one: One) -> None:
    contract_switch.activate(ANKE, one.contract)
    contract_switch.deactivate(ANKE, one.contract, "Auf Wunsch")


PAYS = One.pays_october
# On which day, what is done, and whether the contract goes on.
CASES: tuple[tuple[str, date, Deed, bool], ...] = (
    ("nothing is paid", SOON, lambda one: None, False),
    ("October in part", SOON, lambda one: record_payment(ANKE, one.october.id, Money(100, "EUR")), False),
    ("October without its fee", SOON, lambda one: one.pays(one.october), False),
    ("the fee without October", SOON, lambda one: one.pays(one.fee), False),
    ("October with its fee, November is not due yet", SOON, PAYS, True),
    ("October, and its fee is waived", SOON,
     both(lambda one: one.pays(one.october), lambda one: write_offs.write_off(ANKE, one.fee.id, "Kulanz")), True),
    ("October is cancelled, and its fee falls with it", SOON, cancelled, True),
    ("October is written off, its fee as well", SOON,
     lambda one: [write_offs.write_off(ANKE, row.id, "Insolvenz") for row in (one.october, one.fee)], False),
    ("October is on hold, and not paid", SOON,
     lambda one: dunning_holds.hold_invoice(ANKE, one.october.id, "Kulanz"), False),
    ("October is disputed, and not paid", SOON,
     lambda one: dunning_holds.dispute(ANKE, one.october.id, "Nie bestellt"), False),
    ("a person switched it on, and off for a reason of their own", SOON, both(off_by_hand, PAYS), False),
    ("a person switched it on", SOON, lambda one: contract_switch.activate(ANKE, one.contract), True),
    ("November is overdue by now", LATE, PAYS, False),
    ("November as well", LATE, both(PAYS, lambda one: one.pays(one.november)), True),
    ("November is on hold", LATE,
     both(PAYS, lambda one: dunning_holds.hold_invoice(ANKE, one.november.id, "Kulanz")), True),
    ("the hold of November is over", LATE,
     both(PAYS, lambda one: _held_until_yesterday(one.november)), False),
    ("the customer is on hold", LATE,
     both(PAYS, lambda one: dunning_holds.hold_customer(ANKE, one.customer, "Anwalt")), True),
    ("November is disputed", LATE,
     both(PAYS, lambda one: dunning_holds.dispute(ANKE, one.november.id, "Nie bestellt")), True),
    ("November is paid in instalments", LATE, both(PAYS, in_parts), True),
    ("the instalments of November are not kept", LATE, both(PAYS, broken), False),
    ("November is written off", LATE,
     both(PAYS, lambda one: write_offs.write_off(ANKE, one.november.id, "Kulanz")), True),
)  # fmt: skip


def _held_until_yesterday(row: Receivable) -> None:
    with clock.stand_at(LATE - timedelta(1)):
        dunning_holds.hold_invoice(ANKE, row.id, "Kulanz", LATE - timedelta(1))


@pytest.fixture
def stopped(context: Flask) -> Iterator[list[One]]:
    """As many as there are cases, each switched off by the last level of October."""
    seed_load(SYSTEM, len(CASES), OCTOBER)
    set_levels(*LEVELS)
    for day in (OCTOBER, NOVEMBER):
        with clock.stand_at(day):
            billing_run.bill(day, SYSTEM)
    for day in (date(2026, 10, 22), STOPPED):
        with clock.stand_at(day):
            dunning_run.dun(day, SYSTEM)
    yield _everyone()


def _everyone() -> list[One]:
    end_reading()
    rows = db.session.scalars(select(Receivable).order_by(Receivable.id)).all()
    contracts = dict(db.session.execute(select(Subscription.customer_id, Subscription.id)).tuples().all())
    found: dict[int, list[Receivable]] = {}
    for row in rows:
        found.setdefault(row.customer_id, []).append(row)
        db.session.expunge(row)
    order = {"fee": 1}
    return [
        One(customer, contracts[customer], mine[0], *sorted(mine[1:], key=lambda row: order.get(row.kind, 2)))
        for customer, mine in sorted(found.items())
    ]


def _states() -> dict[int, str]:
    end_reading()
    return dict(db.session.execute(select(Subscription.id, Subscription.status)).tuples().all())


@pytest.mark.feature("M2-17")
def test_a_contract_goes_on_when_all_that_is_overdue_on_it_is_paid(stopped: list[One]) -> None:
    assert set(_states().values()) == {"deactivated"}
    for day in (SOON, LATE):
        with clock.stand_at(day):
            for one, (_, on, deed, _) in zip(stopped, CASES, strict=True):
                if on == day:
                    deed(one)
            dunning_stops.resume_all()
            assert dunning_stops.waiting(100) == [] and dunning_stops.resume_all() == 0
    states = _states()
    goes_on = {case[0]: states[one.contract] == "active" for one, case in zip(stopped, CASES, strict=True)}
    assert goes_on == {case[0]: case[3] for case in CASES}


@pytest.mark.feature("M2-17")
def test_the_last_fee_wakes_the_contract_from_the_next_period_on(stopped: list[One]) -> None:
    """By the doorbell of the fee itself, and by the sweeper where nobody heard it."""
    first, second = stopped[:2]
    with clock.stand_at(SOON):
        first.pays(first.october)
        assert dunning_stops.resume(first.october.id) == 0 and dunning_stops.waiting(9) == []
        first.pays(first.fee)
        assert dunning_stops.waiting(9) == [first.october.id]
        assert dunning_stops.resume(first.fee.id) == 1 and dunning_stops.resume(first.fee.id) == 0
        assert _states()[first.contract] == "active"
        second.pays_october()
        assert dunning_stops.waiting(9) == [second.october.id]
        assert dunning_stops.resume(second.november.id) == 1, "by any invoice with a line of it"
    day = date(2026, 12, 1)
    with clock.stand_at(day):
        assert billing_run.bill(day, SYSTEM).counts.issued == 2, "December, for both"
    assert books_hold(day)


TODAY = date(2026, 11, 10)


def _trial_is_over(row: Subscription) -> None:
    row.status, row.trial_ends_on = "trial", TODAY


def _ended(row: Subscription) -> None:
    row.status, row.ends_on = "cancelled", TODAY


def _cancelled(row: Subscription) -> None:
    row.status, row.ends_on = "cancelled", date(2027, 3, 1)


def _moved(row: Subscription) -> None:
    row.moved = [["2026-12-01", "2026-11-20"]]


def _confirmed(row: Subscription) -> None:
    row.periods_confirmed = True


KINDS: tuple[Callable[[Subscription], None] | None, ...] = (
    None, _trial_is_over, _ended, _cancelled, _moved, _confirmed,
)  # fmt: skip


def _told(contract: int) -> tuple[Any, ...]:
    """What stands in the row and in the trail of a contract, without its own ids and times."""
    end_reading()
    row = db.session.get_one(Subscription, contract, populate_existing=True)
    columns = ("status", "deactivated_on", "version", "next_billing_on", "moved", "periods_confirmed", "ends_on")
    query = select(Activity.code, Activity.actor_id, ActivityDetail.details)
    query = query.join(ActivityDetail, ActivityDetail.activity_id == Activity.id)
    trail = db.session.execute(query.where(Activity.object_kind == "subscription", Activity.object_id == contract))
    return *(getattr(row, name) for name in columns), *(tuple(each) for each in trail)


@pytest.mark.feature("M2-17")
@pytest.mark.feature("EB-65")
def test_many_at_once_are_switched_off_as_one_alone_is(context: Flask) -> None:
    """Pairs of contracts in the same state: the one with all others, the other by the single deed."""
    seed_load(SYSTEM, 2 * len(KINDS) + 2, OCTOBER)
    with clock.stand_at(OCTOBER):
        billing_run.bill(OCTOBER, SYSTEM)
    with write() as session:
        rows = session.scalars(select(Subscription).order_by(Subscription.id)).all()
        pairs = list(zip(rows[::2], rows[1::2], strict=True))
        for pair, change in zip(pairs, (*KINDS, None), strict=True):
            for row in pair if change else ():
                change(row)
        for row in pairs[-1]:
            row.status = "paused"
            session.add(SubscriptionPause(subscription_id=row.id, starts_on=OCTOBER))
        ids = [(one.id, other.id) for one, other in pairs]
    with clock.stand_at(TODAY):
        with write() as session:
            assert deactivate_all(ANKE, session, {one: "Mahnung" for one, _ in ids}) == {one for one, _ in ids}
        for _, other in ids:
            contract_switch.deactivate(ANKE, other, "Mahnung")
    assert [_told(one) for one, _ in ids] == [_told(other) for _, other in ids]


@pytest.mark.feature("M2-17")
def test_what_is_closed_or_of_a_deleted_customer_is_left_alone(context: Flask) -> None:
    seed_load(SYSTEM, 3, OCTOBER)
    with write() as session:
        first, second, third = session.scalars(select(Subscription).order_by(Subscription.id)).all()
        first.status = "closed"
        gone = update(Customer).where(Customer.id == second.customer_id).values(erased_at=clock.instant())
        session.execute(gone)
        wanted = {row.id: "Mahnung" for row in (first, second, third)}
        assert deactivate_all(ANKE, session, wanted) == {third.id}
        assert deactivate_all(ANKE, session, {third.id: "Noch einmal"}) == {third.id}
        assert deactivate_all(ANKE, session, {}) == set()


@pytest.mark.feature("M2-17", "MAH-7")
def test_a_contract_whose_end_has_come_follows_it_before_anybody_is_reminded(context: Flask) -> None:
    """Else the reminder would switch it off, and its end take back in the same moment what was reminded of."""
    seed_load(SYSTEM, 2, OCTOBER)
    set_levels(*LEVELS)
    with clock.stand_at(OCTOBER):
        billing_run.bill(OCTOBER, SYSTEM)
    with clock.stand_at(date(2026, 10, 22)):
        assert len(dunning_run.dun(clock.today(), SYSTEM).done.reminded) == 2
    with write() as session:
        _, ended = session.scalars(select(Subscription).order_by(Subscription.id)).all()
        ended.status, ended.ends_on = "cancelled", OCTOBER
    with clock.stand_at(STOPPED):
        assert len(dunning_run.dun(STOPPED, SYSTEM).done.reminded) == 1
    assert sorted(_states().values()) == ["closed", "deactivated"]
    assert books_hold(STOPPED)
