"""Who gets in, for how long, and what ends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from argon2 import PasswordHasher, Type
from flask import Flask
from sqlalchemy import func, select, update

from admin.session import safe_target
from extensions import db
from models import Activity, Role, Staff, StaffSession
from services import clock, staff
from services.actor import SYSTEM
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import PASSWORD, PEOPLE
from tests.queries.test_statements import statements as sent_statements

OWNER = PEOPLE["Inhaber"]


def change(app: Flask, statement: object) -> None:
    with app.app_context():
        with write() as session:
            session.execute(statement, execution_options={"synchronize_session": False})
        db.session.remove()


def locked_out(desk: Desk) -> bool:
    response = desk.client.get("/admin/")
    return response.status_code == 302 and "/admin/login" in response.headers["Location"]


@pytest.fixture
def desk(people: Flask) -> Desk:
    return Desk(people.test_client())


def test_the_right_password_leads_to_the_overview(desk: Desk) -> None:
    assert desk.log_in(OWNER) == 302
    assert "Übersicht" in desk.get("/admin/")


@pytest.mark.feature("S4")
@pytest.mark.parametrize(("email", "password"), [(OWNER, "ein falsches Passwort"), ("wer@example.com", PASSWORD)])
def test_whatever_does_not_fit_gets_the_same_answer(desk: Desk, email: str, password: str) -> None:
    token = desk.token("/admin/login")
    answer = desk.client.post("/admin/login", data={"csrf_token": token, "email": email, "password": password})
    assert answer.status_code == 200
    assert "E-Mail-Adresse oder Passwort stimmt nicht." in answer.text
    assert locked_out(desk)


@pytest.mark.parametrize("path", ["/admin/", "/admin/customers/", "/admin/password", "/admin/gibt-es-nicht"])
def test_a_stranger_is_led_to_the_login_and_from_there_back(desk: Desk, path: str) -> None:
    answer = desk.client.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/login?next=/admin/")


def test_whose_session_ended_before_a_form_was_sent_is_told_so_and_led_back_to_its_page(desk: Desk) -> None:
    values = {"csrf_token": desk.token("/admin/login")}
    card = "/admin/customers/details/?id=1"
    for page, back in ((f"http://localhost{card}", "next=/admin/customers/details/?id%3D1"),
                       (f"http://boese.example{card}", "")):  # fmt: skip
        answer = desk.client.post("/admin/customers/status/", data=values, headers={"Referer": page})
        assert answer.headers["Location"].endswith(back or "/admin/login"), page
        assert ("was Sie gesendet haben, wurde nicht gespeichert" in desk.get("/admin/login")) is bool(back)


def test_a_login_leads_back_to_the_page_that_was_asked_for(desk: Desk) -> None:
    token = desk.token("/admin/login")
    values = {"csrf_token": token, "email": OWNER, "password": PASSWORD, "next": "/admin/runs/?sort=1"}
    assert desk.client.post("/admin/login", data=values).headers["Location"] == "/admin/runs/?sort=1"


@pytest.mark.feature("S17")
@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "https://evil.example", "evil",
     "javascript:alert(1)", "/\t/evil.example", "/admin\r\nSet-Cookie: a=b", "///evil.example", "", None, "/" * 3000],
)  # fmt: skip
def test_nobody_is_led_out_of_the_house(target: str | None) -> None:
    assert safe_target(target) is None


@pytest.mark.feature("S5")
def test_the_eleventh_wrong_password_within_a_minute_is_not_even_looked_at(desk: Desk, people: Flask) -> None:
    assert [desk.log_in(OWNER, "falsch falsch") for _ in range(10)] == [200] * 10
    assert desk.log_in(OWNER) == 429
    elsewhere = people.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    assert Desk(elsewhere).log_in(OWNER) == 429, "the account is throttled from every address"
    assert Desk(elsewhere).log_in(PEOPLE["Support"]) == 302, "and only the account"
    values = {"csrf_token": desk.token("/admin/login"), "email": OWNER, "password": PASSWORD}
    refused = desk.client.post("/admin/login", data=values)
    # A minute, told in whole seconds from the whole second in which it began.
    assert 1 <= int(refused.headers["Retry-After"]) <= 61, "and the answer says when to come again"


@pytest.mark.feature("S5")
def test_an_address_that_tries_many_accounts_is_throttled_too(desk: Desk) -> None:
    for number in range(10):
        assert desk.log_in(f"wer{number}@example.com") == 200
    assert desk.log_in(OWNER) == 429
    assert "Zu viele Versuche" in desk.client.post("/admin/login", data={"csrf_token": desk.token("/admin/login")}).text


def test_logins_that_succeed_do_not_use_up_the_tries_of_an_office(people: Flask) -> None:
    assert all(Desk(people.test_client()).log_in(OWNER) == 302 for _ in range(12))


@pytest.mark.feature("S6")
def test_every_login_is_a_new_session_and_forgets_the_old_cookie(desk: Desk, people: Flask) -> None:
    desk.get("/admin/login")
    before = desk.client.get_cookie("kontor")
    assert desk.log_in(OWNER) == 302
    first = desk.client.get_cookie("kontor")
    desk.post("/admin/logout")
    assert desk.log_in(OWNER) == 302
    second = desk.client.get_cookie("kontor")
    assert before and first and second and len({before.value, first.value, second.value}) == 3


@pytest.mark.feature("S6")
def test_the_session_cookie_is_kept_from_scripts_and_other_sites(desk: Desk) -> None:
    cookie = desk.client.get("/admin/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


@pytest.mark.feature("S6")
def test_logging_out_ends_the_session_on_the_server(desk: Desk) -> None:
    desk.log_in(OWNER)
    stolen = desk.client.get_cookie("kontor")
    desk.post("/admin/logout")
    assert stolen
    desk.client.set_cookie("kontor", stolen.value)
    assert locked_out(desk)


@pytest.mark.feature("S6")
@pytest.mark.parametrize(("away", "open_"), [(timedelta(hours=11, minutes=59), True), (timedelta(hours=12), False)])
def test_a_session_ends_after_twelve_hours_without_a_click(desk: Desk, away: timedelta, open_: bool) -> None:
    desk.log_in(OWNER)
    with clock.stand_at(clock.instant() + away):
        assert locked_out(desk) is not open_


@pytest.mark.feature("S6")
def test_a_session_ends_after_seven_days_however_busy_it_is(desk: Desk) -> None:
    start = clock.instant()
    desk.log_in(OWNER)
    for hour in range(10, 7 * 24, 10):
        with clock.stand_at(start + timedelta(hours=hour)):
            assert not locked_out(desk)
    with clock.stand_at(start + timedelta(days=7, minutes=1)):
        assert locked_out(desk)


@pytest.mark.parametrize(
    "statement",
    [update(Staff).where(Staff.email == OWNER).values(is_active=False),
     update(Role).where(Role.name == "Inhaber").values(is_enabled=False)],
    ids=["the person", "the role"],
)  # fmt: skip
def test_who_is_locked_out_is_out_at_the_next_click(desk: Desk, people: Flask, statement: object) -> None:
    desk.log_in(OWNER)
    change(people, statement)
    assert locked_out(desk)


def test_the_person_is_looked_up_in_one_statement(desk: Desk, statements: list[str]) -> None:
    desk.log_in(OWNER)
    desk.get("/admin/")
    statements.clear()
    desk.get("/admin/password")
    assert [s for s in statements if "staff_sessions" in s and s.startswith("SELECT")].__len__() == 1
    assert not [s for s in statements if s.startswith(("UPDATE", "INSERT"))]


def test_the_stamp_of_the_last_visit_is_written_once_a_minute(desk: Desk, people: Flask) -> None:
    desk.log_in(OWNER)
    with people.app_context(), sent_statements() as sent, clock.stand_at(clock.instant() + timedelta(minutes=2)):
        for _ in range(3):
            desk.get("/admin/")
    assert len([s for s in sent if s.startswith("UPDATE staff_sessions")]) == 1


def test_a_made_password_has_to_be_replaced_first(desk: Desk, people: Flask) -> None:
    with people.app_context():
        password = staff.add_staff(SYSTEM, "neu@example.com", role="Support", name="Neu", must_change=True)
        db.session.remove()
    assert desk.log_in("neu@example.com", password) == 302
    assert desk.client.get("/admin/customers/").headers["Location"] == "/admin/password"
    own = "mein eigener langer Satz"
    values = {"old_password": password, "password": own, "repeated": own}
    assert "Ihr Passwort ist geändert." in desk.post("/admin/password", values, seen_on="/admin/password")
    desk.get("/admin/customers/")


@pytest.mark.feature("S6")
def test_a_changed_password_ends_all_other_sessions(desk_of: Callable[[str], Desk]) -> None:
    here, elsewhere = desk_of("Inhaber"), desk_of("Inhaber")
    own = "mein eigener langer Satz"
    here.post("/admin/password", {"old_password": PASSWORD, "password": own, "repeated": own}, "/admin/password")
    assert locked_out(elsewhere) and not locked_out(here)


@pytest.mark.parametrize(
    ("values", "told"),
    [({"old_password": "stimmt nicht"}, "Ihr bisheriges Passwort stimmt nicht."),
     ({"repeated": "etwas anderes ganz"}, "Die beiden Eingaben stimmen nicht überein."),
     ({"password": "kurz", "repeated": "kurz"}, "zwischen 10 und 200 Zeichen"),
     ({"password": PASSWORD, "repeated": PASSWORD}, "Bitte wählen Sie ein anderes Passwort")],
)  # fmt: skip
def test_a_password_that_does_not_fit_is_told_at_its_field(reader: Desk, values: dict[str, str], told: str) -> None:
    own = "mein eigener langer Satz"
    form: dict[str, object] = {"old_password": PASSWORD, "password": own, "repeated": own, **values}
    assert told in reader.post("/admin/password", form, "/admin/password")


def test_a_person_reads_in_their_own_language_and_a_stranger_in_the_browsers(desk: Desk, people: Flask) -> None:
    assert "Anmelden" in desk.get("/admin/login")
    english = desk.client.get("/admin/login", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    assert "Log in" in english and '<html lang="en">' in english
    change(people, update(Staff).where(Staff.email == OWNER).values(language_code="en"))
    desk.log_in(OWNER)
    assert "Overview" in desk.get("/admin/")


def test_logins_leave_an_activity(desk: Desk, people: Flask) -> None:
    desk.log_in(OWNER)
    desk.post("/admin/logout")
    with people.app_context():
        codes = db.session.scalars(select(Activity.code).where(Activity.code.startswith("staff.logged"))).all()
        assert codes == ["staff.logged_in", "staff.logged_out"]
        assert db.session.scalar(select(func.count()).where(StaffSession.ended_at.is_(None))) == 0


@pytest.mark.feature("S5")
def test_guessing_a_password_costs_64_megabytes_and_three_rounds(cheap_passwords: PasswordHasher) -> None:
    """What RFC 9106 recommends where memory is short. The tests themselves use a cheaper one."""
    real = cheap_passwords
    assert (real.type, real.memory_cost, real.time_cost) == (Type.ID, 64 * 1024, 3)


@pytest.mark.feature("S16")
@pytest.mark.parametrize("path", ["/admin/login", "/admin/forgot"])
@pytest.mark.parametrize("email", ["\x00", "a\x00b@example.com"])
def test_a_sign_that_no_database_takes_is_told_at_the_field(people: Flask, path: str, email: str) -> None:
    """PostgreSQL refuses a NUL even in a comparison."""
    page = Desk(people.test_client()).post(path, {"email": email, "password": "x"}, path)
    assert "Zeichen, die sich nicht drucken lassen" in page
