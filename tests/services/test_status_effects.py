"""What each status stops, deed by deed (D-12): one table, and every line of it is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from billing.errors import KontorError
from billing.money import Money
from extensions import db
from models import Activity, Claim, Receivable, Subscription
from services import (
    billing_chunk,
    billing_run,
    clock,
    contract_changes,
    contract_ends,
    customer_status,
    customers,
    drafts,
    payments,
    snapshots,
    usage,
)
from services.actor import SYSTEM, Actor
from services.contract_changes import Change
from services.payments import Receipt
from services.subscriptions import Booking
from services.unit import end_reading
from services.usage import Used
from tests.at_once import at_once
from tests.services import shop

SUPPORT = Actor("staff", 1, "Frauke Brandt")
TODAY = date(2026, 2, 10)
MARCH = date(2026, 3, 1)
MOVES = {"blocked": "block", "deactivated": "deactivate"}


@dataclass(frozen=True)
class World:
    """A customer with a contract of January on, two invoices and one receivable that is overdue."""

    app: Flask
    customer: int
    contract: int


@pytest.fixture
def world(context: Flask) -> Iterator[World]:
    shop.stock()
    customer = shop.somebody("Wendt", email="wendt@example.com")
    contract = shop.contract(customer)
    shop.bill("2026-01-01")
    shop.bill("2026-02-01")
    with clock.stand_at(TODAY):
        yield World(context, customer, contract)


def book(world: World) -> object:
    return shop.contract(world.customer, starts_on=TODAY)


def change_product(world: World) -> object:
    return contract_changes.change(SYSTEM, world.contract, Change(plan=Booking("plan", unit_price=Decimal("12.00"))))


def take_more(world: World) -> object:
    return contract_changes.change(SYSTEM, world.contract, Change(quantity=Decimal(3)))


def take_addon(world: World) -> object:
    return contract_changes.change(SYSTEM, world.contract, Change(addons=(Booking("extra"),)))


def be_billed(world: World) -> object:
    """(invoices, skipped periods) of the next run."""
    counts = shop.bill(MARCH)
    return counts.issued, counts.skipped


def be_invoiced_once(world: World) -> object:
    """What was given already is invoiced by hand, whatever the status: nothing is booked by it."""
    served = {"service_from": TODAY, "service_last": TODAY}
    draft = drafts.create_draft(SYSTEM, world.customer, served, [drafts.Position("Reparatur", Decimal(1), Decimal(40))])
    return bool(drafts.issue_draft(SYSTEM, draft))


def cancel(world: World) -> object:
    contract_ends.cancel(SYSTEM, world.contract)
    return db.session.get_one(Subscription, world.contract).status


def pay(world: World) -> object:
    open_one = db.session.scalars(select(Receivable.id).where(Receivable.open_cents > 0)).first()
    assert open_one is not None
    return bool(payments.receive(SYSTEM, open_one, Receipt(Money(1190, "EUR"), TODAY)))


def stay_owed(world: World) -> object:
    """Nothing holds the dunning up."""
    rows = db.session.scalars(select(Receivable)).all()
    return sum(row.open_cents for row in rows), {row.hold_until for row in rows}


def be_corrected(world: World) -> object:
    return customers.update_customer(SYSTEM, world.customer, {"city": "Kiel"}) == world.customer


def use(world: World) -> object:
    return usage.record_usage(SYSTEM, Used(world.contract, "minute", Decimal(5), used_on=TODAY)) > 0


# In this order: what becomes of each deed for an active, a blocked and a deactivated customer.
TABLE: dict[Callable[[World], object], tuple[object, object, object]] = {
    stay_owed: ((2380, {None}),) * 3,
    pay: (True, True, True),
    be_corrected: (True, True, True),
    use: (True, True, True),
    book: (int, "customer_blocked", "customer_deactivated"),
    be_invoiced_once: (True, True, True),
    take_addon: (date, "customer_blocked", "customer_deactivated"),
    take_more: (date, "customer_blocked", "customer_deactivated"),
    change_product: (date, "customer_blocked", "customer_deactivated"),
    # active: what was booked and changed in February comes along
    be_billed: ((2, 0), (1, 0), (0, 1)),
    cancel: ("cancelled", "cancelled", "cancelled"),
}


@pytest.mark.feature("D-12")
@pytest.mark.parametrize("status", ["active", "blocked", "deactivated"])
def test_what_a_status_stops_and_what_goes_on(world: World, status: str) -> None:
    place = ("active", "blocked", "deactivated").index(status)
    if status in MOVES:
        customer_status.change_status(SUPPORT, world.customer, MOVES[status], "Test")
    assert {deed.__name__: fits(tried(deed, world), wanted[place]) for deed, wanted in TABLE.items()} == {
        deed.__name__: True for deed in TABLE
    }


def tried(deed: Callable[[World], object], world: World) -> object:
    try:
        return deed(world)
    except KontorError as error:
        return error.code


def fits(outcome: object, wanted: object) -> object:
    """True, or what came instead."""
    right = isinstance(outcome, wanted) if isinstance(wanted, type) else outcome == wanted
    return right or outcome


@pytest.mark.feature("D-12")
def test_active_again_goes_on_with_the_next_period_and_makes_nothing_up(world: World) -> None:
    customer_status.change_status(SUPPORT, world.customer, "deactivate", "Zahlt nicht")
    assert (shop.bill(MARCH).skipped, shop.bill("2026-04-01").skipped) == (1, 1)
    customer_status.change_status(SUPPORT, world.customer, "activate", "Hat bezahlt")
    assert shop.bill("2026-04-02").issued == 0
    assert shop.bill("2026-05-01").issued == 1
    assert {line.period_start for line in shop.lines()} == {
        date(2026, 1, 1), date(2026, 2, 1), date(2026, 5, 1)
    }  # fmt: skip


def deactivate(customer: int) -> None:
    customer_status.change_status(SUPPORT, customer, "deactivate", "Test")


def billed_in_march() -> int:
    end_reading()
    return sum(line.period_start == MARCH for line in shop.lines())


@pytest.mark.feature("F17")
@pytest.mark.feature("D-12")
def test_a_status_beside_a_running_billing_run_is_before_or_after_it(world: World) -> None:
    """Five customers are deactivated while the run bills them: each is billed before or skipped after, none is both."""
    others = [shop.somebody(f"Kunde {n}") for n in range(4)]
    for each in others:
        shop.contract(each, starts_on=MARCH)
    crowd = [world.customer, *others]

    def run() -> None:
        with clock.stand_at(MARCH):
            billing_run.bill(MARCH, SYSTEM)

    assert at_once(world.app, [run, *(lambda who=who: deactivate(who) for who in crowd)]) == ["done"] * 6
    end_reading()
    assert late() == [] and shop.findings() == []
    assert billed_in_march() + skipped_in_march() == len(crowd)


def skipped_in_march() -> int:
    query = select(Claim.id).where(Claim.state == "skipped", Claim.period_start == MARCH)
    return len(db.session.scalars(query).all())


def late() -> list[int]:
    """Invoices whose activity stands behind their customer's deactivation."""
    rows = db.session.scalars(select(Activity).order_by(Activity.id)).all()
    since = {row.customer_id: row.id for row in rows if row.code == "customer.deactivated"}
    return [
        row.object_id for row in rows
        if row.code == "invoice.issued" and row.id > since.get(row.customer_id, row.id)
    ]  # fmt: skip


@pytest.mark.feature("F17")
def test_without_the_lock_a_deactivated_customer_would_be_billed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the run has read its customers, one is deactivated, and the run writes."""
    with clock.stand_at(MARCH):
        run = billing_run.start(MARCH, SYSTEM, ring=False)
        (chunk,) = billing_run.pending_chunks(run)
        read = snapshots.due_cases(db.session(), 1, 10**6, MARCH, 14, lock=False)
        end_reading()
        deactivate(world.customer)
        monkeypatch.setattr(billing_chunk.snapshots, "due_cases", lambda *_, **__: read)
        billing_run.run_chunk(chunk)
    assert len(late()) == 1
