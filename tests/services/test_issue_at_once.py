"""Fifty who issue at once, a fifth of them rolled back: unique numbers without gaps. The lock is what does it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from extensions import db
from models import Invoice, NumberRange
from services import clock, issue
from services.actor import SYSTEM
from services.checks import check_books
from services.customers import create_customer
from services.drafts import Position, create_draft, issue_draft
from services.numbers import Block
from services.unit import end_reading, insistent, write

FIFTY = 50


class RolledBack(Exception):
    pass


@pytest.fixture
def drafts(context: Flask) -> Iterator[list[int]]:
    """Fifty drafts of ten customers."""
    customers = [create_customer(SYSTEM, {"last_name": f"Muster {n}", "address": "Allee 1", "zipcode": "20095",
                                          "city": "Hamburg"}) for n in range(10)]  # fmt: skip
    supplied = {"service_from": date(2026, 11, 2)}
    yield [create_draft(SYSTEM, customers[n % 10], supplied, [Position("Beratung", Decimal(90))]) for n in range(FIFTY)]


def at_once(app: Flask, work: Callable[[int], object], count: int) -> list[BaseException]:
    """Each in a thread of its own, all of them waiting for the last; gives what failed."""
    together, failed = threading.Barrier(count), list[BaseException]()

    def run(place: int) -> None:
        with app.app_context():
            together.wait(timeout=60)
            try:
                work(place)
            except RolledBack:
                pass
            except Exception as error:
                failed.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


def numbers() -> list[str]:
    end_reading()
    return list(db.session.scalars(select(Invoice.number).where(Invoice.number.is_not(None)).order_by(Invoice.number)))


@pytest.mark.feature("NUM-1")
@pytest.mark.feature("EB-48")
@pytest.mark.feature("EB-49")
@pytest.mark.feature("F16")
def test_fifty_issue_at_once_and_a_fifth_is_rolled_back(context: Flask, drafts: list[int]) -> None:
    end_reading()

    def work(place: int) -> None:
        with write():
            issue_draft(SYSTEM, drafts[place])
            if place % 5 == 0:
                raise RolledBack

    assert at_once(context, lambda place: insistent(lambda: work(place)), FIFTY) == []
    year = clock.today().year
    assert numbers() == [f"RE-{year}-{n:05}" for n in range(1, 41)]
    assert db.session.scalar(select(func.count()).where(Invoice.status == "draft")) == 10
    assert check_books().findings == []


@pytest.mark.feature("EB-47")
def test_without_the_lock_two_draw_one_number_and_one_of_them_fails(
    context: Flask, drafts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: both look for the next number before either has written its own."""
    end_reading()
    looked, seen = threading.Barrier(2), threading.local()

    def unlocked(code: str, on: date, count: int) -> Block:
        row = db.session.scalars(select(NumberRange).where(NumberRange.code == code)).one()
        return Block(row.id, on.year, row.pattern, on, seen.value)

    def work(place: int) -> None:
        seen.value = (db.session.scalar(select(func.max(Invoice.number_value))) or 0) + 1
        end_reading()
        looked.wait(timeout=60)
        issue_draft(SYSTEM, drafts[place])

    monkeypatch.setattr(issue, "draw_documents", unlocked)
    assert len(at_once(context, work, 2)) == 1 and len(numbers()) == 1
