"""Reading and writing are two doors (docs/architecture.md): what reads cannot write, and no update is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError

from extensions import db
from models import Company, Setting
from services import activities, company
from services.actor import SYSTEM
from services.unit import after_commit, insistent, write
from tests.transactions import unlocked_transaction


def test_a_transaction_outside_the_write_door_is_read_only(context: Flask) -> None:
    with pytest.raises(DBAPIError, match="read-?only"):
        db.session.execute(text("UPDATE company SET name = 'x'"))
    db.session.rollback()
    assert company.get_company().name == "Radwerk Musterstadt GmbH"


def test_what_the_write_door_did_is_committed_and_the_next_transaction_reads_only(context: Flask) -> None:
    with write() as session:
        session.add(Setting(name="a", value=1))
    assert db.session.get(Setting, "a").value == 1
    with pytest.raises(DBAPIError):
        db.session.execute(text("DELETE FROM settings"))
    db.session.rollback()


def test_an_inner_deed_joins_and_an_error_outside_takes_it_back(context: Flask) -> None:
    def outer() -> None:
        with write():
            with write() as inner:
                inner.add(Setting(name="a", value=1))
            raise KeyError

    with pytest.raises(KeyError):
        outer()
    assert db.session.get(Setting, "a") is None


def test_doorbells_ring_after_the_commit_and_never_after_a_rollback(context: Flask) -> None:
    heard: list[object] = []

    def ring() -> None:
        heard.append(db.session.scalar(select(Setting.value).where(Setting.name == "a")))

    def failing() -> None:
        with write():
            after_commit(ring)
            raise KeyError

    with write() as session:
        session.add(Setting(name="a", value=1))
        after_commit(ring)
        assert heard == []
    with pytest.raises(KeyError):
        failing()
    assert heard == [1]


def test_rows_changed_outside_the_write_door_are_refused(context: Flask) -> None:
    company.get_company().name = "Nebenbei"
    with pytest.raises(RuntimeError, match="outside the write door"), write():
        pass
    db.session.rollback()


def count_up(app: Flask, step: Callable[[], None], workers: int = 4, times: int = 15) -> list[BaseException]:
    """Workers that each read a number, add one and write it back, many times at once."""
    failures: list[BaseException] = []

    def work() -> None:
        with app.app_context():
            for _ in range(times):
                try:
                    step()
                except BaseException as error:
                    failures.append(error)
                    db.session.rollback()
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def add_one() -> None:
    with write() as session:
        value = session.scalar(select(Company.days_for_payment).with_for_update())
        session.execute(update(Company).values(days_for_payment=value + 1))


def test_sixty_read_modify_writes_at_once_lose_nothing(app: Flask) -> None:
    assert count_up(app, add_one) == []
    with app.app_context():
        assert company.get_company().days_for_payment == 14 + 60


def test_without_the_write_door_updates_are_lost_or_fail(app: Flask) -> None:
    """The negative control of the test above: both have read before either writes, as SQLAlchemy's default allows."""
    both_have_read = threading.Barrier(2)

    def add_one_without_the_door() -> None:
        with unlocked_transaction() as raw:
            value = raw.execute("SELECT days_for_payment FROM company").fetchone()[0]
            both_have_read.wait(timeout=10)
            raw.execute(f"UPDATE company SET days_for_payment = {value + 1}")

    failures = count_up(app, add_one_without_the_door, workers=2, times=1)
    with app.app_context():
        assert failures or company.get_company().days_for_payment == 14 + 1


@pytest.mark.feature("GOB-2")
def test_a_change_of_the_company_keeps_old_and_new_and_masks_the_account(context: Flask) -> None:
    company.change_company(SYSTEM, {"name": "Radwerk Nord GmbH", "iban": "DE75512108001245126199"})
    query = text("SELECT details FROM activity_details ORDER BY activity_id DESC LIMIT 1")
    details = str(db.session.scalar(query))
    assert '"name":["Radwerk Musterstadt GmbH","Radwerk Nord GmbH"]' in details
    assert "DE75512108001245126199" not in details
    assert activities.plain(None) is None


@pytest.mark.parametrize(("deadlocks", "outcome"), [(0, "done"), (2, "done"), (9, "given up")])
def test_a_deed_that_was_the_victim_of_a_deadlock_is_done_again(deadlocks: int, outcome: str) -> None:
    left = [OperationalError("", {}, Exception("deadlock detected"))] * deadlocks

    def deed() -> str:
        if left:
            raise left.pop()
        return "done"

    try:
        assert insistent(deed) == outcome
    except OperationalError:
        assert outcome == "given up" and len(left) == 4
