"""The preview: its figures are those of the run, its pages hold everybody once, and neither costs more for more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from billing.instalments import monthly
from extensions import db
from models import Customer, PaymentAttempt, PaymentMethod, Receivable
from services import (
    billing_run,
    clock,
    dunning_holds,
    dunning_lists,
    dunning_preview,
    dunning_settings,
    instalments,
)
from services.dunning_levels import LevelWish
from services.dunning_lists import Preview, preview
from services.load import seed_load
from services.unit import write
from tests.services.reminding import ANKE, SYSTEM, after, dun, set_levels, statements

DAY = date(2026, 11, 1)
LEVELS = (LevelWish("Zahlungserinnerung", 7), LevelWish("1. Mahnung", 14, fee_cents=300, collect_before=True))
CUSTOMERS = 14


@pytest.fixture
def owing(context: Flask) -> list[int]:
    """Open receivables of many customers, in the order of a run."""
    return billed(CUSTOMERS, DAY)


def billed(customers: int, on: date) -> list[int]:
    seed_load(SYSTEM, customers, on)
    billing_run.bill(on, SYSTEM)
    set_levels_once()
    order = (Receivable.due_on, Receivable.customer_id, Receivable.id)
    return list(db.session.scalars(select(Receivable.id).where(Receivable.open_cents > 0).order_by(*order)))


def set_levels_once() -> None:
    if [row.name for row in dunning_settings.levels()] != [wish.name for wish in LEVELS]:
        set_levels(*LEVELS)


def looked(on: date, after_: str = "", waiting_after: str = "") -> Preview:
    with clock.stand_at(on):
        return preview(on, after_, waiting_after)


def pages(on: date) -> Iterator[Preview]:
    found = looked(on)
    yield found
    while found.more or found.more_waiting:
        found = looked(on, found.more or "2999-01-01_1_1", found.more_waiting or "2999-01-01_1_1")
        yield found


def hold_back(ids: list[int]) -> None:
    """Each of them for another reason; the last four are not held, though something is there."""
    with clock.stand_at(after(6)):
        dunning_holds.hold_invoice(ANKE, ids[0], "Kulanz")
        dunning_holds.hold_customer(ANKE, db.session.get_one(Receivable, ids[1]).customer_id, "Anwalt", after(60))
        dunning_holds.hold_invoice(ANKE, ids[1], "Vorher, bis gestern", after(7))
        dunning_holds.dispute(ANKE, ids[2], "Nie bestellt")
        for key in (ids[3], ids[4]):
            cents = db.session.get_one(Receivable, key).open_cents
            first = after(30) if key == ids[3] else after(6)
            instalments.agree(ANKE, key, monthly(cents, 2, first), grace_days=0)
        dunning_holds.hold_invoice(ANKE, ids[5], "Bis gestern", after(7))
    with write() as session:
        rows = [session.get_one(Receivable, key) for key in ids[6:11]]
        cards = [card(row, is_default=number > 2) for number, row in enumerate(rows)]
        session.add_all(cards)
        session.flush()
        holders = [row.customer_id for row, one in zip(rows, cards, strict=True) if one.is_default]
        session.execute(update(Customer).where(Customer.id.in_(holders)).values(payment_type=6))
        for row, one, state in zip(rows, cards, ("unknown", "sent", "accepted", "declined"), strict=False):
            session.add(attempt(row, one.id, state))
        no_mail = session.get_one(Receivable, ids[11]).customer_id
        session.execute(update(Customer).where(Customer.id == no_mail).values(email="", payment_mail_address=""))


def card(row: Receivable, *, is_default: bool) -> PaymentMethod:
    return PaymentMethod(customer_id=row.customer_id, kind="card", gateway="sandbox", token=f"tok_{row.id}",
                         is_default=is_default)  # fmt: skip


def attempt(row: Receivable, method_id: int, state: str) -> PaymentAttempt:
    """One that was made before the second level."""
    return PaymentAttempt(
        key=f"dun-{row.id}-0-2-abc", purpose="collect", number=1, customer_id=row.customer_id,
        invoice_id=row.invoice_id or 0, method_id=method_id, gateway="sandbox", amount_cents=row.open_cents,
        currency_code="EUR", state=state, next_look_at=clock.real(), created_at=clock.instant(),
    )  # fmt: skip


@pytest.mark.feature("X-12")
@pytest.mark.feature("MAH-7")
def test_the_figures_are_those_of_the_run_whatever_holds_somebody_back(owing: list[int]) -> None:
    """The database counts, the run asks the rule of each; both say the same, and so does every row."""
    assert len(dun(after(7)).reminded) == len(owing)
    hold_back(owing)
    for day in (after(8), after(14), after(15), after(40)):
        with clock.stand_at(day):
            said = dunning_preview.report(day).done
        found = looked(day)
        assert (found.examined, found.reminded, found.collected, found.why) == (
            said.examined, len(said.reminded), said.collected, said.why,
        )  # fmt: skip
        assert len(found.reminders) == found.reminded and len(found.waiting) == found.held + found.collected
        assert sum(row.by_mail for row in found.reminders) == found.mails
        assert sum(row.by_letter for row in found.reminders) == found.letters
        assert sum(row.open_cents for row in found.reminders) == sum(found.asked.values())
    why = {"on_hold", "disputed", "instalments", "attempt_unknown", "attempt_under_way", "collected"}
    assert set(looked(after(14)).why) == why and looked(after(14)).collected == 1
    assert looked(after(14)).letters == 1
    stopped = {row.reason: row.until for row in looked(after(14)).waiting if row.code == "on_hold"}
    assert stopped == {"Kulanz": None, "Anwalt": after(60)}, "the hold that stands, and its own end"


@pytest.mark.feature("MAH-6", "X-12")
def test_the_total_is_what_the_letter_will_ask_for_with_what_was_asked_before(context: Flask) -> None:
    """After the run all of it is owed: nothing that the preview did not name, nothing that it named twice."""
    (key,) = billed(1, DAY)
    names = ("Erste", "Zweite", "Dritte")
    set_levels(*(LevelWish(name, 7 * n, consumer_fee_cents=70, letter="always") for n, name in enumerate(names, 1)))
    for day in (after(7), after(16), after(25)):
        (row,) = looked(day).reminders
        assert row.total_cents == row.open_cents + row.before_cents + row.fee_cents + row.interest_cents
        dun(day)
        every = select(func.sum(Receivable.open_cents)).where((Receivable.id == key) | (Receivable.parent_id == key))
        assert db.session.scalar(every) == row.total_cents
    assert (row.before_cents, row.fee_cents) == (70, 0), "what was asked already is not asked twice"


def test_the_minimum_and_the_grace_are_the_rules_own(owing: list[int]) -> None:
    least = min(db.session.scalars(select(Receivable.open_cents).where(Receivable.id.in_(owing))))
    own = dunning_settings.House(minimum_cents=least + 1, grace_bank_days=10, days_between=3)
    dunning_settings.save_house(ANKE, own)
    for day in map(after, (0, 7, 13, 14, 15, 16, 17, 20, 25)):
        with clock.stand_at(day):
            said = dunning_preview.report(day).done
        found = looked(day)
        assert (found.reminded, dict(found.why)) == (len(said.reminded), dict(said.why))


@pytest.mark.feature("X-12")
def test_pages_hold_everybody_once_and_no_list_stops_silently(
    owing: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.stand_at(after(6)):
        for key in owing[::3]:
            dunning_holds.hold_invoice(ANKE, key, "Kulanz")
    monkeypatch.setattr(dunning_lists, "SHOWN", 3)
    found = list(pages(after(7)))
    assert len(found) == 3 and found[0].added is None
    reminded = [row.invoice_id for page in found for row in page.reminders]
    held = [row.invoice_id for page in found for row in page.waiting]
    assert (len(reminded), len(held)) == (9, 5)
    assert len({*reminded, *held}) == len(owing)
    assert looked(after(7), "gestern_1_2", "2026-11-15_x_1").reminders == found[0].reminders


def test_the_preview_takes_as_many_statements_for_many_as_for_few(context: Flask) -> None:
    counted = []
    for customers, on in ((3, DAY), (20, DAY + timedelta(1))):
        ids = billed(customers, on)
        with clock.stand_at(after(6)):
            dunning_holds.hold_invoice(ANKE, ids[-1], "Kulanz")
        counted.append(statements(lambda: looked(after(9))))
    assert counted[0] == counted[1] < 45
