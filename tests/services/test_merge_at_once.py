"""Merges in the same moment, with one another and with a billing run: each is wholly before or wholly after (F17)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from billing.money import Money
from extensions import db
from models import Activity, Customer, Invoice, Receivable, Subscription
from services import bank_import, bank_matching, billing_chunk, billing_run, clock, merge, payments, snapshots
from services.actor import SYSTEM
from services.payments import Receipt
from services.unit import end_reading, insistent
from tests.at_once import at_once
from tests.documents.statements import camt, paid_in
from tests.services import shop

PAIRS = 6
FEBRUARY = date(2026, 2, 1)


@pytest.fixture
def pairs(app: Flask) -> Iterator[list[tuple[int, int]]]:
    """Pairs of records of one customer each, billed for January."""
    with app.app_context():
        shop.stock()
        made = [(shop.somebody(f"Bleibt {n}"), shop.somebody(f"Dublette {n}")) for n in range(PAIRS)]
        for each in (who for pair in made for who in pair):
            shop.contract(each)
        shop.bill("2026-01-01")
        db.session.remove()
        yield made


def survivors(*ids: int) -> set[int]:
    end_reading()
    return {int(each or 0) for each in db.session.scalars(select(Customer.survivor_id).where(Customer.id.in_(ids)))}


def owners() -> set[int]:
    end_reading()
    return set(db.session.scalars(select(Subscription.customer_id)))


@pytest.mark.feature("DSG-4")
@pytest.mark.feature("X-22")
def test_of_two_merges_that_cross_exactly_one_wins_and_neither_waits_for_ever(
    app: Flask, pairs: list[tuple[int, int]]
) -> None:
    deeds = [crossing for a, b in pairs for crossing in (lambda a=a, b=b: into(a, b), lambda a=a, b=b: into(b, a))]
    assert at_once(app, deeds) == ["already_merged"] * PAIRS + ["done"] * PAIRS
    kept = [survivors(*pair) for pair in pairs]
    assert all(len(each) == 1 and each <= set(pair) for each, pair in zip(kept, pairs, strict=True))
    assert owners() == {survivor for each in kept for survivor in each}, "no contract is lost on the way"
    assert shop.findings() == []


def into(survivor: int, other: int) -> None:
    merge.merge(SYSTEM, survivor, other)


@pytest.mark.feature("DSG-4")
def test_of_three_in_a_ring_two_are_done_and_one_record_is_left(app: Flask, pairs: list[tuple[int, int]]) -> None:
    (a, b), (c, _), *_ = pairs
    deeds = [lambda: into(a, b), lambda: into(b, c), lambda: into(c, a)]
    assert at_once(app, deeds) == ["already_merged", "done", "done"]
    assert len(survivors(a, b, c)) == 1
    assert shop.findings() == []


@pytest.mark.feature("DSG-4")
def test_without_the_locks_both_that_cross_would_be_done(
    app: Flask, pairs: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: both have looked at the records before either has written."""
    looked, found = threading.Barrier(2), threading.local()
    a, b = pairs[0]

    def unlocked(session: object, survivor: int, other: int) -> tuple[Customer, Customer]:
        return db.session.get_one(Customer, survivor), db.session.get_one(Customer, other)

    def naively(survivor: int, other: int) -> None:
        found.reasons = real(db.session(), *unlocked(None, survivor, other))
        end_reading()
        looked.wait(60)
        insistent(lambda: into(survivor, other))

    real = merge.reasons_against
    monkeypatch.setattr(merge, "lock_both", unlocked)
    monkeypatch.setattr(merge, "reasons_against", lambda *_: found.reasons)
    assert at_once(app, [lambda: naively(a, b), lambda: naively(b, a)]) == ["done", "done"]


@pytest.mark.feature("F17")
def test_a_merge_beside_a_running_billing_run_is_before_or_after_it(app: Flask, pairs: list[tuple[int, int]]) -> None:
    def run() -> None:
        with clock.stand_at(FEBRUARY):
            billing_run.bill(FEBRUARY, SYSTEM)

    deeds: list[Callable[[], object]] = [run, *(lambda a=a, b=b: into(a, b) for a, b in pairs)]
    outcomes = at_once(app, deeds)
    assert len(outcomes) == PAIRS + 1 and set(outcomes) <= {"done", "run_under_way"}
    run()  # what a merge in the same moment took out of the run's hands, the next one bills
    assert billed_too_late() == []
    assert sorted(billed_in_february()) == sorted(contracts())
    assert shop.findings() == []


def billed_too_late() -> list[int]:
    """Invoices that were issued for a record after it had been merged."""
    end_reading()
    merged = {row.id: row.survivor_id for row in db.session.scalars(select(Customer)) if row.survivor_id != row.id}
    when = select(Activity.customer_id, Activity.id).where(Activity.code == "customer.merged")
    at: dict[int | None, int] = {row.customer_id: row.id for row in db.session.execute(when)}
    issued = select(Activity.object_id, Activity.customer_id, Activity.id).where(Activity.code == "invoice.issued")
    rows = db.session.execute(issued.where(Activity.customer_id.in_(merged)))
    return [invoice for invoice, customer, activity in rows if activity > at[merged[customer]]]


def billed_in_february() -> list[int]:
    """The contracts of all lines of February, each as often as it was billed."""
    lines = [line for line in shop.lines() if line.period_start == FEBRUARY]
    return [int(line.subscription_id or 0) for line in lines]


def contracts() -> list[int]:
    return list(db.session.scalars(select(Subscription.id)))


@pytest.mark.feature("F17")
def test_without_the_locks_a_merged_record_would_be_billed(
    app: Flask, pairs: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the run has read its customers, the records become one, and the run writes."""
    a, b = pairs[0]
    with clock.stand_at(FEBRUARY):
        run = billing_run.start(FEBRUARY, SYSTEM, ring=False)
        (chunk,) = billing_run.pending_chunks(run)
        read = snapshots.due_cases(db.session(), 1, 10**6, FEBRUARY, 14, lock=False)
        end_reading()
        monkeypatch.setattr(merge, "reasons_against", lambda *_: ())
        into(a, b)
        monkeypatch.setattr(billing_chunk.snapshots, "due_cases", lambda *_, **__: read)
        billing_run.run_chunk(chunk)
    end_reading()
    late = billed_too_late()
    assert [row.customer_id for row in db.session.scalars(select(Invoice).where(Invoice.id.in_(late)))] == [b]


@pytest.mark.feature("DSG-4")
def test_money_and_contracts_beside_a_merge_end_up_with_the_survivor(app: Flask, pairs: list[tuple[int, int]]) -> None:
    """Whoever waits for the record that is merged away goes on to the survivor."""
    with app.app_context():
        owed = {row.customer_id: row.id for row in db.session.scalars(select(Receivable))}
        db.session.remove()
    deeds: list[Callable[[], object]] = []
    for a, b in pairs:
        deeds += [lambda a=a, b=b: into(a, b), lambda b=b: shop.contract(b), lambda b=b: pay(owed[b])]
    assert set(at_once(app, deeds)) == {"done"}
    assert owners() == {a for a, _ in pairs}
    assert shop.findings() == []


@pytest.mark.feature("F17")
def test_a_bank_statement_beside_a_merge_pays_every_invoice_once(app: Flask, pairs: list[tuple[int, int]]) -> None:
    with app.app_context():
        entries = [paid_in(f"{Decimal(row.gross_cents) / 100}", row.number or "") for row in shop.invoices()]
        (statement,) = bank_import.bring_in(SYSTEM, bank_import.keep(camt(entries), "auszug.xml")).statement_ids
        db.session.remove()
    matching = partial(bank_matching.match_statement, statement)
    deeds: list[Callable[[], object]] = [matching, matching, *(lambda a=a, b=b: into(a, b) for a, b in pairs)]
    assert set(at_once(app, deeds)) == {"done"}
    matching()  # whom the merge took out of the first one's hands
    end_reading()
    assert set(db.session.scalars(select(Receivable.open_cents))) == {0}
    assert shop.findings() == []


def pay(receivable_id: int) -> None:
    with clock.stand_at(FEBRUARY):
        payments.receive(SYSTEM, receivable_id, Receipt(Money(500, "EUR")))
