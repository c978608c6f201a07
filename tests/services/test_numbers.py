"""Numbers are unique and without gaps, whoever draws them at once and whatever is rolled back (NUM-1, NUM-2)."""

from __future__ import annotations

import random
import threading
import uuid
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from billing.errors import Conflict
from extensions import db
from models import Sequence, Setting
from services import numbers
from services.unit import write
from tests.transactions import unlocked_transaction

DAY = date(2026, 12, 31)


class RolledBack(Exception):
    pass


def draw_in_threads(
    app: Flask, draw: object, threads: int = 8, each: int = 12
) -> tuple[list[str], list[BaseException]]:
    """Each thread draws again and again; a fifth of the drawings is rolled back. Gives what was committed."""
    drawn: list[str] = []
    failed: list[BaseException] = []

    def work(seed: int) -> None:
        chance = random.Random(seed)
        with app.app_context():
            for _ in range(each):
                try:
                    number = draw(chance.random() < 0.2)
                    drawn.append(number)
                except RolledBack:
                    pass
                except Exception as error:
                    failed.append(error)
                    db.session.rollback()
            db.session.remove()

    workers = [threading.Thread(target=work, args=(seed,)) for seed in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return drawn, failed


def draw_one(roll_back: bool) -> str:
    with write():
        number = numbers.draw_documents("invoice", DAY, 1).number(0)
        if roll_back:
            raise RolledBack
        return number


@pytest.mark.feature("NUM-1")
@pytest.mark.feature("EB-48")
def test_many_threads_draw_unique_numbers_without_gaps_though_a_fifth_is_rolled_back(app: Flask) -> None:
    drawn, failed = draw_in_threads(app, draw_one)
    assert failed == []
    assert sorted(drawn) == [f"RE-2026-{n:05}" for n in range(1, len(drawn) + 1)]
    assert 40 < len(drawn) < 96


@pytest.mark.feature("EB-47")
def test_max_plus_one_doubles_a_number_or_fails(app: Flask) -> None:
    """The negative control: two that looked for the highest number before either wrote its own."""
    both_have_looked = threading.Barrier(2)

    def draw_the_naive_way(roll_back: bool) -> str:
        with unlocked_transaction() as raw:
            highest = raw.execute("SELECT coalesce(max(CAST(value AS int)), 0) FROM settings").fetchone()[0]
            both_have_looked.wait(timeout=10)
            raw.execute(f"INSERT INTO settings (name, value, note) VALUES ('{uuid.uuid4()}', '{highest + 1}', '')")
            return str(highest + 1)

    drawn, failed = draw_in_threads(app, draw_the_naive_way, threads=2, each=1)
    assert failed or drawn == ["1", "1"]


@pytest.mark.feature("NUM-2")
def test_the_year_of_a_number_is_the_year_of_its_day_and_each_year_counts_anew(context: Flask) -> None:
    with write():
        old = numbers.draw_documents("invoice", DAY, 2)
        new = numbers.draw_documents("invoice", date(2027, 1, 1), 1)
    assert [old.number(0), old.number(1), new.number(0)] == ["RE-2026-00001", "RE-2026-00002", "RE-2027-00001"]


@pytest.mark.feature("NUM-2")
def test_who_comes_late_is_dated_like_the_last_even_over_the_turn_of_the_year(context: Flask) -> None:
    with write():
        numbers.draw_documents("invoice", date(2027, 1, 1), 1)
        late = numbers.draw_documents("invoice", DAY, 1)
    assert (late.number(0), late.issued_on) == ("RE-2027-00002", date(2027, 1, 1))


@pytest.mark.feature("M1-36")
def test_a_customer_number_goes_up_by_one_and_passes_over_those_taken_by_hand(context: Flask) -> None:
    with write():
        drawn = [numbers.draw("customer", DAY, taken=lambda number: number == "10002") for _ in range(3)]
    assert drawn == ["10001", "10003", "10004"]


def test_an_unknown_range_is_refused_and_nothing_is_drawn(context: Flask) -> None:
    with pytest.raises(Conflict):
        numbers.draw_documents("unknown", DAY, 1)
    assert db.session.scalar(select(func.count()).select_from(Sequence)) == 0
    assert db.session.get(Setting, "unknown") is None
