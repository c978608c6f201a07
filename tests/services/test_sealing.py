"""Nobody changes the audit trail unnoticed: the row is named, the chain shows what was taken out (GOB-2)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from extensions import db
from models import Activity, ActivityDetail, ActivityMember, ActivitySeal, guards
from services import activities, clock, sealing
from services.actor import SYSTEM, Actor
from services.findings import Finding
from services.unit import end_reading, write

pytestmark = pytest.mark.feature("GOB-2")


def act(count: int) -> list[int]:
    actor = Actor("staff", 1, "Anke Beispiel")
    return [
        activities.record(actor, "customer.changed", "customer", n, customer_id=n, changes={"city": ("Bonn", "Köln")})
        for n in range(1, count + 1)
    ]


def findings() -> list[Finding]:
    end_reading()
    with db.engine.connect() as connection:
        return list(sealing.verify(connection))


def tamper(statement: str) -> None:
    """Somebody with the database's password goes past the application: the guards are dropped first."""
    end_reading()
    with db.engine.connect().execution_options(door="write") as connection:
        guards.remove(connection)
        connection.exec_driver_sql(statement)
        connection.commit()


def unsealed() -> int:
    end_reading()
    sealed = select(ActivityMember.activity_id)
    return db.session.scalar(select(func.count()).where(Activity.id.not_in(sealed))) or 0


def test_everything_is_sealed_once_and_the_trail_verifies(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 7)
    act(20)
    before = unsealed()
    assert sealing.seal() == before >= 20
    assert sealing.seal() == 0
    act(3)
    assert sealing.seal() == 3
    assert unsealed() == 0 and findings() == []
    last = sealing.last_seal()
    assert last is not None and last.activities == before + 3


def test_a_trail_without_activities_verifies(context: Flask) -> None:
    assert findings() == []


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE activities SET actor_id = 2 WHERE id = {id}", "activity_changed"),
        ("UPDATE activities SET code = 'customer.read' WHERE id = {id}", "activity_changed"),
        ("UPDATE activities SET object_id = 99 WHERE id = {id}", "activity_changed"),
        ("UPDATE activity_details SET details = '{{}}' WHERE activity_id = {id}", "details_changed"),
    ],
)
def test_a_changed_row_is_named(context: Flask, statement: str, code: str) -> None:
    chosen = act(5)[2]
    sealing.seal()
    tamper(statement.format(id=chosen))
    assert [(f.table, f.id, f.code) for f in findings()] == [("activities", chosen, code)]


def test_a_new_digest_for_new_details_does_not_hide_the_change(context: Flask) -> None:
    chosen = act(3)[1]
    sealing.seal()
    salt, details, digest = activities.seal_details({"actor": "Niemand"})
    tamper(f"UPDATE activity_details SET salt = '{salt}', details = '{details}' WHERE activity_id = {chosen}")
    tamper(f"UPDATE activities SET digest = '{digest}' WHERE id = {chosen}")
    assert [(f.id, f.code) for f in findings()] == [(chosen, "activity_changed")]


def test_a_forged_leaf_breaks_its_seal(context: Flask) -> None:
    chosen = act(3)[1]
    sealing.seal()
    tamper(f"UPDATE activities SET code = 'x' WHERE id = {chosen}")
    end_reading()
    row = db.session.execute(select(*sealing._ROW).where(Activity.id == chosen)).one()
    tamper(f"UPDATE activity_members SET leaf = '{sealing.leaf(row)}' WHERE activity_id = {chosen}")
    assert [f.code for f in findings()] == ["members_changed"]


def test_a_row_taken_out_breaks_its_seal(context: Flask) -> None:
    chosen = act(3)[1]
    sealing.seal()
    tamper(f"DELETE FROM activity_members WHERE activity_id = {chosen}")
    tamper(f"DELETE FROM activity_details WHERE activity_id = {chosen}")
    tamper(f"DELETE FROM activities WHERE id = {chosen}")
    assert [f.code for f in findings()] == ["members_changed"]


def test_a_seal_taken_out_breaks_the_chain(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    act(6)
    sealing.seal()
    end_reading()
    middle = db.session.scalars(select(ActivitySeal.id).order_by(ActivitySeal.id)).all()[1]
    tamper(f"DELETE FROM activity_members WHERE seal_id = {middle}")
    tamper(f"DELETE FROM activity_seals WHERE id = {middle}")
    assert ("activity_seals", middle + 1, "seal_broken") in [(f.table, f.id, f.code) for f in findings()]


@pytest.mark.feature("DSG-5")
def test_erased_details_leave_the_trail_whole(context: Flask) -> None:
    chosen = act(3)[1]
    sealing.seal()
    with write() as session:
        session.delete(session.get_one(ActivityDetail, chosen))
    assert findings() == []


def test_activities_that_nobody_seals_for_an_hour_are_a_finding(context: Flask) -> None:
    act(2)
    assert findings() == []
    with clock.stand_at(clock.instant() + timedelta(minutes=61)):
        assert [f.code for f in findings()] == ["unsealed_for_too_long"]
        sealing.seal()
        assert findings() == []


def test_a_run_dated_in_the_past_is_not_late_while_the_sealing_is_prompt(context: Flask) -> None:
    act(1)
    sealing.seal()
    with clock.stand_at(date(2026, 1, 31)):
        act(1)
    assert findings() == []


def test_two_sealers_at_once_make_one_chain(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 3)
    with app.app_context():
        act(40)
    barrier = threading.Barrier(4)
    counts: list[int] = []
    threads = [threading.Thread(target=_seal_at_once, args=(app, barrier, counts.append)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert findings() == [] and unsealed() == 0
        assert sum(counts) == db.session.scalar(select(func.count()).select_from(Activity))


def _seal_at_once(app: Flask, barrier: threading.Barrier, tell: Callable[[int], None]) -> None:
    with app.app_context():
        barrier.wait()
        tell(sealing.seal())


def test_the_system_seals_what_it_did_itself(context: Flask) -> None:
    activities.record(SYSTEM, "run.started", "run", 1)
    assert sealing.seal() >= 1
