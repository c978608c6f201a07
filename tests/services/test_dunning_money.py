"""What a reminder adds: fees, the lump sum, interest, each as the law allows it and without VAT."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select, update

from billing.errors import Invalid
from extensions import db
from models import Customer, Invoice, JournalEntry, Message, Posting, Receivable
from services import (
    base_rates,
    billing_run,
    clock,
    dunning_lookups,
    dunning_preview,
    dunning_run,
    dunning_settings,
)
from services.actor import SYSTEM
from services.dunning_levels import LevelWish
from services.load import seed_load
from services.payments import mark_paid
from services.unit import write
from tests.services.reminding import (
    ANKE,
    LEVELS,
    after,
    books_hold,
    damages,
    dun,
    levels_of,
    mails_leave,
    set_levels,
    statements,
)


@pytest.mark.feature("MAH-5")
def test_a_reminder_that_is_only_mailed_costs_a_consumer_nothing(owed: Receivable) -> None:
    set_levels(LevelWish("Erinnerung", 7), LevelWish("1. Mahnung", 14, fee_cents=300, consumer_fee_cents=70))
    assert (levels_of(after(7)), levels_of(after(14)), damages()) == ([1], [2], [])


@pytest.mark.feature("MAH-5")
@pytest.mark.feature("MAH-6")
def test_a_consumers_first_reminder_is_free_and_a_later_fee_is_a_receivable_of_its_own(owed: Receivable) -> None:
    wishes = (LevelWish("Erinnerung", 7, fee_cents=300, consumer_fee_cents=70), *LEVELS[1:],
              LevelWish("2. Mahnung", 21, fee_cents=900, consumer_fee_cents=76))  # fmt: skip
    set_levels(*(replace(each, letter="always") for each in wishes))
    assert (levels_of(after(7)), damages()) == ([1], [])
    assert (levels_of(after(14)), damages()) == ([2], [("fee", 70)])
    assert (levels_of(after(21)), damages()) == ([3], [("fee", 70), ("fee", 6)])  # 76 in all: not cumulative
    fee = db.session.scalars(select(Receivable).where(Receivable.kind == "fee").order_by(Receivable.id)).first()
    assert fee is not None and (fee.parent_id, fee.cause, fee.open_cents, fee.due_on) == (
        owed.id, "reminder", 70, after(20))  # fmt: skip
    query = select(Posting.account, Posting.amount_cents).join(JournalEntry, JournalEntry.id == Posting.entry_id)
    legs = db.session.execute(query.where(JournalEntry.kind == "fee").order_by(Posting.id)).all()
    assert [tuple(leg) for leg in legs[:2]] == [("receivable", 70), ("fee", -70)]  # no VAT
    assert db.session.scalars(select(Invoice.gross_cents)).one() == owed.amount_cents
    assert dun(after(60)).examined == 1  # fees are never dunned by themselves
    assert books_hold(after(60))


@pytest.mark.feature("MAH-4")
@pytest.mark.feature("MAH-1")
def test_a_business_owes_the_lump_sum_once_and_fees_only_beyond_it(context: Flask) -> None:
    seed_load(SYSTEM, 1, date(2026, 11, 1))
    with write() as session:
        session.execute(update(Customer).values(customer_type="business", organization="Radwerk Nord"))
    billing_run.bill(date(2026, 11, 1), SYSTEM)
    set_levels(*LEVELS, LevelWish("2. Mahnung", 21, fee_cents=1000, with_lump_sum=True),
               LevelWish("3. Mahnung", 28, fee_cents=4500, with_lump_sum=True))  # fmt: skip
    taken = [(levels_of(after(n)), damages()) for n in (7, 14, 21, 28)]
    assert taken == [
        ([1], []),  # it brings about the default: nobody pays for it
        ([2], [("fee", 500)]),
        ([3], [("fee", 500), ("lump_sum", 4000)]),  # a fee of 10.00 is covered by the 40.00
        ([4], [("fee", 500), ("lump_sum", 4000)]),  # 45.00 is 5.00 more, which were asked for before
    ]


@pytest.mark.feature("MAH-4")
def test_a_consumer_never_owes_the_lump_sum(owed: Receivable) -> None:
    set_levels(LevelWish("Erinnerung", 7, with_lump_sum=True), LevelWish("Mahnung", 14, with_lump_sum=True))
    assert [levels_of(after(n)) for n in (7, 14)] == [[1], [2]] and damages() == []


@pytest.mark.feature("MAH-3")
def test_a_missing_half_year_in_the_time_of_what_is_open_is_warned_of_by_its_day(owed: Receivable) -> None:
    """Open since 2026; the rate of the run's own half-year is known, and still no interest is charged."""
    set_levels(LEVELS[0], LevelWish("Mahnung", 14, with_interest=True))
    assert levels_of(after(7)) == [1]
    day = date(2028, 8, 1)
    with clock.stand_at(day):
        for on in ("2027-01-01", "2028-07-01"):
            base_rates.enter(ANKE, date.fromisoformat(on), Decimal("1.00"))
        report = dunning_run.dun(day, SYSTEM)
        assert len(report.done.reminded) == 1 and damages() == []
        missing = ["2026-07-01", "2027-07-01", "2028-01-01"]
        assert report.warnings == [("no_base_rate", {"on": day.isoformat(), "half_years": missing})]
        for on in missing:
            base_rates.enter(ANKE, date.fromisoformat(on), Decimal("1.00"))
        assert dunning_run.warnings_of(day) == []
        looked = statements(lambda: dunning_run.warnings_of(day))
        set_levels(LEVELS[0], LevelWish("Mahnung", 14))
        assert looked == statements(lambda: dunning_run.warnings_of(day)) + 1


@pytest.mark.feature("MAH-2")
@pytest.mark.feature("MAH-3")
def test_interest_waits_for_the_base_rate_and_is_then_asked_for_in_full(owed: Receivable) -> None:
    """119 or so is owed, in default from the day after the first reminder; at 6.27 and, from January on, 6.00 per
    cent. What was asked for before is taken off."""
    set_levels(LEVELS[0], LevelWish("Mahnung", 14, with_interest=True), LevelWish("2.", 400, with_interest=True),
               LevelWish("3.", 410, with_interest=True))  # fmt: skip
    assert levels_of(after(7)) == [1]
    with clock.stand_at(after(14)):
        report = dunning_run.dun(after(14), SYSTEM)
    mails_leave(after(14))
    assert ([level for _, level in report.done.reminded], damages()) == ([2], [])
    assert ("no_base_rate", {"on": after(14).isoformat(), "half_years": ["2026-07-01"]}) in report.warnings
    with clock.stand_at(after(400)):
        for on, percent in (("2026-07-01", "1.27"), ("2027-01-01", "1.00"), ("2027-07-01", "1.00")):
            base_rates.enter(ANKE, date.fromisoformat(on), Decimal(percent))
    assert levels_of(after(400)) == [3]
    default = after(8)
    old, new = (date(2027, 1, 1) - default).days, (after(400) - date(2027, 1, 1)).days
    exact = owed.open_cents * (old * Decimal("6.27") + new * Decimal("6.00")) / 36500
    assert damages() == [("interest", int(exact + Decimal("0.5")))]
    with clock.stand_at(after(402)):
        mark_paid(ANKE, owed.invoice_id or 0, after(401))
    assert dun(after(410)).examined == 0


@pytest.mark.feature("MAH-1")
def test_a_consumer_whose_invoice_does_not_say_so_is_in_default_by_a_reminder_only(
    owed: Receivable, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_levels(LevelWish("Erinnerung", 50, with_interest=True))
    with clock.stand_at(after(1)):
        base_rates.enter(ANKE, date(2026, 7, 1), Decimal("1.27"))
        base_rates.enter(ANKE, date(2027, 1, 1), Decimal("1.27"))
    with clock.stand_at(date(2026, 11, 1)), write() as session:  # the invoice went out
        session.execute(update(Message).values(state="sent", sent_at=clock.instant()))
    taken = {name: step_interest(owed, name, monkeypatch) for name in ("with", "without")}
    assert taken["without"] == 0 < taken["with"]


def step_interest(owed: Receivable, notice: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Interest that a first reminder on the 50th day would ask for; nothing is written."""
    monkeypatch.setattr(dunning_lookups, "notices", lambda _s, sets: dict.fromkeys(sets, notice == "with"))
    with clock.stand_at(after(50)), db.session.no_autoflush:
        ((_, work),) = list(dunning_preview.works(after(50)))
    return work.remind[0].interest_cents


@pytest.mark.feature("MAH-5")
def test_levels_and_settings_that_cannot_be_are_refused_and_nothing_changes(owed: Receivable) -> None:
    for wishes, field in (
        ((LevelWish("A", 7), LevelWish("B", 7)), "days_after_due"),
        ((LevelWish("A", 7, consumer_fee_cents=77),), "consumer_fee_cents"),
        ((LevelWish("", 7),), "name"),
        ((LevelWish("A", 7, letter="perhaps"),), "letter"),
    ):
        with pytest.raises(Invalid) as refused:
            dunning_settings.save_levels(ANKE, wishes)
        assert refused.value.field == field
    with pytest.raises(Invalid):
        dunning_settings.save_house(ANKE, dunning_settings.House(days_between=0))
    for on, percent in (
        (date(2026, 7, 2), "1"),
        (date(2099, 7, 1), "1"),
        (date(2026, 7, 1), "1.234"),
        (date(2026, 7, 1), "127"),
    ):
        with pytest.raises(Invalid):
            base_rates.enter(ANKE, on, Decimal(percent))
    assert levels_of(after(7)) == [1]
