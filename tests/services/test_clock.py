"""The two times of the house: its own, which a sandbox's test clock moves, and the world's (ADR 0022)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date, timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import event, select, update

from billing.errors import NotAllowed
from config import ROOT
from extensions import db
from models import ClockMove, Company, Customer, Message, StaffSession
from queries.sessions import IDLE, find_session
from services import clock, customer_codes, messages, second_factor, staff, staff_tokens
from services.actor import SYSTEM
from services.load import seed_load
from services.staff_sessions import digest
from services.unit import end_reading, write

TODAY = date(2026, 11, 22)
YEARS = timedelta(days=500)


def moved(days: int) -> None:
    """As if the clock had been moved that far."""
    with write() as session:
        here = clock.real()
        session.add(ClockMove(from_at=here, to_at=here + timedelta(days), position_at=here + timedelta(days),
                              offset_seconds=days * 86400, state="done", actor_kind="system"))  # fmt: skip


@pytest.mark.feature("X-13")
def test_the_house_lives_in_the_moved_day_and_the_world_in_its_own(context: Flask) -> None:
    with clock.stand_at(TODAY):
        moved(40)
        assert clock.today() == TODAY, "who did not ask knows nothing of it"
        with clock.adopted():
            assert clock.today() == TODAY + timedelta(40)
            assert clock.instant() - clock.real() == timedelta(40)
            assert clock.berlin(clock.real()).date() == TODAY
        assert clock.today() == TODAY


def statements_of(ask: int) -> int:
    """How many statements it costs to ask so often for the day, in as many requests."""
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    for _ in range(ask):
        with clock.adopted():
            for _ in range(5):
                clock.today()
    event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


@pytest.mark.feature("X-13")
def test_a_sandbox_asks_once_a_request_and_a_live_house_once_in_its_life(context: Flask) -> None:
    assert statements_of(1) == 1
    assert statements_of(3) == 3
    with write() as session:
        session.execute(update(Company).values(mode="live"))
    assert statements_of(1) == 1
    assert statements_of(3) == 0


def test_looking_at_the_clock_writes_nothing_half_made(context: Flask) -> None:
    with write() as session, clock.adopted():
        session.add(Message(event="half", template="mail_test"))  # its recipient is still to come
        assert clock.today()
        session.expunge_all()


@pytest.mark.feature("X-13")
@pytest.mark.feature("S6")
def test_a_login_grows_no_older_by_the_test_clock(context: Flask) -> None:
    password = staff.add_staff(SYSTEM, "anke@example.com", role="Inhaber", name="Anke")
    token = staff.log_in("anke@example.com", password, address="", agent="").token
    moved(500)
    with clock.adopted():
        later = staff.log_in("anke@example.com", password, address="", agent="").token
        assert find_session(digest(token), clock.real()) and find_session(digest(later), clock.real())
        created = db.session.scalars(select(StaffSession.created_at)).all()
        assert all(abs(at - clock.real()) < timedelta(hours=1) for at in created), "nor does one begun then live longer"
        with clock.stand_at(clock.real() + IDLE):
            assert find_session(digest(token), clock.real()) is None


@pytest.mark.feature("X-13")
@pytest.mark.feature("S5")
def test_a_link_for_a_new_password_ends_by_the_real_time(context: Flask) -> None:
    staff.add_staff(SYSTEM, "anke@example.com", role="Inhaber", name="Anke")
    ticket = staff_tokens.make(1, "reset")
    moved(500)
    with clock.adopted():
        assert staff_tokens.look(ticket.token).email == "anke@example.com"
        assert abs(staff_tokens.make(1, "reset").expires_at - clock.real()) < timedelta(hours=1)


@pytest.mark.feature("X-13")
@pytest.mark.feature("D-11")
def test_a_code_lives_ten_real_minutes_and_five_an_hour_are_five_in_a_real_hour(context: Flask) -> None:
    seed_load(SYSTEM, 1, TODAY)
    with write() as session:
        customer = session.get_one(Customer, 1)
        for _ in range(customer_codes.PER_HOUR):
            code_id = customer_codes.send_code(SYSTEM, customer, "accountdata", {"city": "Kiel"}, ["city"])
    moved(500)
    with clock.adopted():
        assert customer_codes.is_valid(code_id)
        with write() as session, pytest.raises(NotAllowed, match="too_many_codes"):
            customer = session.get_one(Customer, 1)
            customer_codes.send_code(SYSTEM, customer, "accountdata", {"city": "Kiel"}, ["city"])


@pytest.mark.feature("X-13")
def test_a_phones_codes_are_those_of_the_real_time(context: Flask) -> None:
    password = staff.add_staff(SYSTEM, "anke@example.com", role="Inhaber", name="Anke")
    token = staff.log_in("anke@example.com", password, address="", agent="").token
    moved(500)
    with clock.adopted():
        found = find_session(digest(token), clock.real())
        assert found is not None
        second_factor.begin(SYSTEM, 1)
        setup = second_factor.setup(1)
        assert setup is not None
        present = pyotp.TOTP(setup.secret).at(clock.real())
        assert second_factor.confirm(SYSTEM, 1, found.session_id, present).codes


@pytest.mark.feature("X-13")
def test_mails_and_papers_in_hand_stay_in_hand_when_the_clock_jumps(context: Flask) -> None:
    """A lease is of real time: a jump of the clock must not let two workers send the same mail."""
    order = messages.order("news", "mail_test", "anke@example.com")
    assert order and messages._claim(order) is not None
    moved(500)
    with clock.adopted():
        assert messages._claim(order) is None and order not in messages.waiting(10)
        with clock.stand_at(clock.real() + messages.LEASE):
            assert order in messages.waiting(10)


@pytest.mark.feature("X-13")
def test_what_is_ordered_in_a_moved_house_is_due_at_once(context: Flask) -> None:
    moved(500)
    with clock.adopted():
        order = messages.order("news", "mail_test", "anke@example.com")
        assert messages.waiting(10) == [order]
        end_reading()
        row = db.session.get_one(Message, order)
        assert row.created_at - row.next_attempt_at > YEARS - timedelta(1), "it is dated in the house's time"


@pytest.mark.feature("X-13")
@pytest.mark.parametrize(
    ("days", "kind", "stays"),
    [(0, "invoice", False), (1, "invoice", True), (1, "customer_code", True), (1, "staff_reset", False),
     (1, "staff_access", False), (1, "mail_test", False), (1, "run_report", True)],
)  # fmt: skip
def test_of_a_house_ahead_only_mails_to_its_own_people_leave(context: Flask, days: int, kind: str, stays: bool) -> None:
    moved(days) if days else None
    with clock.adopted():
        assert messages.stays_here(kind) is stays


# What protects an access or is shared with machines; whoever reads or writes it asks for the real time.
OF_THE_WORLD = frozenset({
    "next_attempt_at", "lease_until", "expires_at", "last_seen_at", "second_factor_at", "last_used_at", "last_login_at",
    "taken_at", "used_at",
})  # fmt: skip


def house_time_in(source: str) -> Iterator[str]:
    """Places where one of them meets the house's time."""
    for node in ast.walk(ast.parse(source)):
        pairs: list[tuple[str, ast.AST]] = []
        if isinstance(node, ast.keyword):
            pairs = [(node.arg or "", node.value)]
        elif isinstance(node, ast.Dict):
            pairs = [(key.value, value) for key, value in zip(node.keys, node.values, strict=True)
                     if isinstance(key, ast.Constant)]  # fmt: skip
        elif isinstance(node, ast.Assign):
            pairs = [(target.attr, node.value) for target in node.targets if isinstance(target, ast.Attribute)]
        elif isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute):
            pairs = [(node.left.attr, other) for other in node.comparators]
        for name, value in pairs:
            if name in OF_THE_WORLD and "clock.instant" in ast.unparse(value):
                yield f"{name}: {ast.unparse(value)}"


@pytest.mark.feature("X-13")
def test_nothing_that_protects_an_access_or_a_machines_work_asks_for_the_time_of_the_house() -> None:
    files = [path for room in ("services", "queries", "admin", "api", "jobs") for path in (ROOT / room).rglob("*.py")]
    assert [(path.name, found) for path in files for found in house_time_in(path.read_text())] == []


@pytest.mark.parametrize(
    "source",
    ["row.expires_at = clock.instant() + LIVES", "insert(T).values(next_attempt_at=clock.instant())",
     "x = {'lease_until': clock.instant()}", "row.next_attempt_at <= clock.instant()"],
)  # fmt: skip
def test_a_wrong_question_would_be_found(source: str) -> None:
    assert list(house_time_in(source))
