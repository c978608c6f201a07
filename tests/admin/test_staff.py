"""Staff and roles at the screen: inviting, choosing, locking out, and the second step of a login."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import func, select, update

from admin import browsers
from extensions import db
from models import Activity, Message, Role, Staff, StaffSession
from services import clock, roles, staff
from services.actor import SYSTEM
from services.permissions import DEFAULT_ROLES, PERMISSIONS
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import PASSWORD, PEOPLE

OWN = "mein eigener langer Satz"


def read(app: Flask, statement: Any) -> list[Any]:
    with app.app_context():
        found = list(db.session.scalars(statement))
        db.session.remove()
        return found


def change(app: Flask, statement: Any) -> None:
    with app.app_context():
        with write() as session:
            session.execute(statement, execution_options={"synchronize_session": False})
        db.session.remove()


def person_id(app: Flask, role: str) -> int:
    (found,) = read(app, select(Staff.id).where(Staff.email == PEOPLE[role]))
    return int(found)


def link_on(page: str) -> str:
    found = re.search(r"<code>http://[^/]+(/admin/choose/[^<]+)</code>", page)
    assert found, page[:600]
    return found[1]


def invite(owner: Desk, email: str = "Neu@Example.com", role: str = "Support") -> str:
    form = {"email": email, "name": "Nora Neu", "role": role, "language_code": "de"}
    return link_on(owner.post("/admin/staff/new/", form))


@pytest.fixture
def stranger(people: Flask) -> Desk:
    return Desk(people.test_client())


def choose(desk: Desk, path: str, password: str = OWN) -> str:
    return desk.post(path, {"password": password, "repeated": password}, seen_on=path)


class Phone:
    """The second factor of a desk's person."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        page = desk.post("/admin/account/second-factor/begin", seen_on="/admin/account/")
        secret = re.search(r'<p class="secret"><code>([A-Z2-7 ]+)</code>', page)
        assert secret and "<svg" in page
        self.totp = pyotp.TOTP(secret[1].replace(" ", ""))

    def code(self) -> str:
        return self.totp.at(clock.instant())

    def confirm(self) -> list[str]:
        values = {"code": self.code()}
        page = self.desk.post("/admin/account/second-factor/confirm", values, "/admin/account/second-factor")
        return re.findall(r"<li><code>([a-z0-9-]+)</code></li>", page)


# Inviting


@pytest.mark.feature("M2-30")
@pytest.mark.feature("M2-31")
@pytest.mark.feature("M2-32")
def test_a_new_colleague_chooses_the_password_by_the_link_and_is_in(owner: Desk, stranger: Desk, people: Flask) -> None:
    path = invite(owner)
    assert "Willkommen, Nora Neu" in stranger.get(path) and "neu@example.com" in stranger.get(path)
    assert "Ihr Passwort ist gewählt." in choose(stranger, path)
    assert stranger.log_in("neu@example.com", OWN) == 302
    assert "Nora Neu" in stranger.get("/admin/")
    (message,) = read(people, select(Message).where(Message.template == "staff_access"))
    assert message.recipient == "neu@example.com"
    assert "Dieser Link gilt nicht mehr" in stranger.get(path, 410)


def test_an_invitation_that_cannot_be_says_why_at_its_field(owner: Desk) -> None:
    form = {"email": PEOPLE["Support"], "name": "X", "role": "Support", "language_code": "de"}
    assert "meldet sich schon jemand an" in owner.post("/admin/staff/new/", form)
    assert "keine gültige E-Mail-Adresse" in owner.post("/admin/staff/new/", form | {"email": "niemand"})


def test_the_state_of_each_access_stands_in_the_list(owner: Desk, people: Flask) -> None:
    invite(owner)
    change(people, update(Staff).where(Staff.email == PEOPLE["Support"]).values(is_active=False))
    page = owner.get("/admin/staff/")
    assert "eingeladen" in page.lower() and "gesperrt" in page.lower()


def test_an_invitation_is_sent_again_and_the_first_link_ends(owner: Desk, stranger: Desk, people: Flask) -> None:
    first = invite(owner)
    (number,) = read(people, select(func.max(Staff.id)))
    second = link_on(owner.post("/admin/staff/link/", {"id": number}))
    stranger.get(first, 410)
    assert "Willkommen" in stranger.get(second)


@pytest.mark.feature("S5")
def test_a_link_for_a_new_password_ends_the_sessions_once_it_is_used(
    owner: Desk, stranger: Desk, people: Flask, desk_of: Callable[[str], Desk]
) -> None:
    support = desk_of("Support")
    path = link_on(owner.post("/admin/staff/link/", {"id": person_id(people, "Support")}))
    support.get("/admin/")
    choose(stranger, path)
    assert support.client.get("/admin/").status_code == 302
    assert stranger.log_in(PEOPLE["Support"], OWN) == 302


# A forgotten password


@pytest.mark.feature("S4")
def test_whoever_forgot_the_password_gets_the_same_answer_known_or_not(people: Flask) -> None:
    people.config["KONTOR"] = replace(people.config["KONTOR"], smtp_url="smtp://127.0.0.1:9")
    answers = []
    for email in (PEOPLE["Support"], "wer@example.com"):
        desk = Desk(people.test_client())
        answer = desk.client.post("/admin/forgot", data={"csrf_token": desk.token("/admin/forgot"), "email": email})
        headers = {name for name, _value in answer.headers}
        answers.append((answer.status_code, answer.text, headers))
    assert answers[0] == answers[1] and "E-Mail mit einem Link unterwegs" in answers[0][1]
    assert read(people, select(Message.recipient).where(Message.template == "staff_reset")) == [PEOPLE["Support"]]


@pytest.mark.feature("M2-32")
def test_without_a_mail_server_the_page_says_who_helps(people: Flask) -> None:
    desk = Desk(people.test_client())
    asked = desk.get("/admin/forgot")
    sent = desk.post("/admin/forgot", {"email": PEOPLE["Support"]}, "/admin/forgot")
    for page in (asked, sent):
        assert "Diese Installation verschickt keine E-Mails" in page and "./kontor user password" in page
    assert "E-Mail mit einem Link unterwegs" not in sent


@pytest.mark.feature("S5")
def test_asking_for_links_is_slowed_down_for_an_account_and_for_an_address(people: Flask) -> None:
    def ask(desk: Desk, email: str) -> int:
        data = {"csrf_token": desk.token("/admin/forgot"), "email": email}
        return desk.client.post("/admin/forgot", data=data).status_code

    here, there = Desk(people.test_client()), Desk(people.test_client())
    there.client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    assert [ask(here, "a@example.com") for _ in range(6)] == [200] * 5 + [429]
    assert ask(there, "a@example.com") == 429 and ask(there, "b@example.com") == 200


# Roles


@pytest.mark.feature("M2-27")
def test_boxes_of_a_whole_group_are_ticked_without_saving_anything(owner: Desk, people: Flask) -> None:
    page = owner.post("/admin/roles/new/", {"name": "Lager", "tick": "reading", "permissions": ["tags.write"]})
    ticked = set(re.findall(r'value="([a-z_]+\.[a-z_]+)"[^>]*checked', page))
    assert ticked == {name for name in PERMISSIONS if name.endswith(".read")} | {"tags.write"}
    assert 'value="Lager"' in page and read(people, select(Role.id).where(Role.name == "Lager")) == []


@pytest.mark.feature("M2-27")
def test_a_role_is_copied_given_other_rights_and_deleted(owner: Desk, people: Flask) -> None:
    (support,) = read(people, select(Role.id).where(Role.name == "Support"))
    assert 'value="Kopie von Support"' in owner.get(f"/admin/roles/new/?like={support}")
    form = {"name": "Lager", "description": "", "is_enabled": "y", "permissions": ["tags.write"]}
    owner.post("/admin/roles/new/", form)
    (made,) = read(people, select(Role).where(Role.name == "Lager"))
    assert sorted(p.permission for p in made.permissions) == ["tags.read", "tags.write"]
    assert "Gelöscht" in owner.post("/admin/roles/delete/", {"id": made.id})
    assert "hat noch jemand" in owner.post("/admin/roles/delete/", {"id": support})


def test_the_owners_role_shows_every_right_and_gives_none_away(owner: Desk, people: Flask) -> None:
    (number,) = read(people, select(Role.id).where(Role.name == "Inhaber"))
    page = owner.get(f"/admin/roles/edit/?id={number}")
    assert "hat alle Rechte" in page and page.count(" checked") >= len(PERMISSIONS)
    form = {"name": "Inhaber", "description": "", "permissions": []}
    assert "bleibt immer" in owner.post(f"/admin/roles/edit/?id={number}", form)


@pytest.mark.feature("S22")
def test_whoever_looks_after_staff_cannot_reach_above_themselves(people: Flask) -> None:
    with people.app_context():
        rights = {"staff.read", "staff.write", "customers.read"}
        roles.save_role(SYSTEM, None, name="Personal", description="", is_enabled=True, permissions=rights)
        staff.add_staff(SYSTEM, "personal@example.com", role="Personal", password=PASSWORD)
        db.session.remove()
    desk = Desk(people.test_client())
    assert desk.log_in("personal@example.com") == 302
    page = desk.get("/admin/staff/new/")
    assert ">Personal<" in page and ">Inhaber<" not in page and ">Support<" not in page
    form = {"name": "Alles", "description": "", "is_enabled": "y", "permissions": ["customers.delete"]}
    assert "über Ihre eigenen Rechte hinaus" in desk.post("/admin/roles/new/", form)
    owner = person_id(people, "Inhaber")
    assert "über Ihre eigenen Rechte hinaus" in desk.post("/admin/staff/link/", {"id": owner})
    (above,) = read(people, select(Role.id).where(Role.name == "Support"))
    assert "mehr Rechte als Ihre" in desk.get(f"/admin/roles/edit/?id={above}")


def test_the_last_owner_cannot_lock_everybody_out(owner: Desk, people: Flask) -> None:
    number = person_id(people, "Inhaber")
    (support,) = read(people, select(Role.id).where(Role.name == "Support"))
    form = {"name": "X", "language_code": "de", "role_id": support, "is_active": "y"}
    assert "Es bliebe niemand" in owner.post(f"/admin/staff/edit/?id={number}", form)
    (own,) = read(people, select(Staff.role_id).where(Staff.id == number))
    assert "Sich selbst können Sie nicht sperren" in owner.post(
        f"/admin/staff/edit/?id={number}", {"name": "X", "language_code": "de", "role_id": own}
    )


@pytest.mark.feature("P-09")
def test_a_change_of_rights_is_told_in_words(owner: Desk, people: Flask) -> None:
    (support,) = read(people, select(Role.id).where(Role.name == "Support"))
    form = {"name": "Support", "description": "", "is_enabled": "y", "permissions": ["customers.read", "tags.write"]}
    owner.post(f"/admin/roles/edit/?id={support}", form)
    (last,) = read(people, select(func.max(Activity.id)))
    page = html.unescape(owner.get(f"/admin/activities/details/?id={last}"))
    assert "Kunden: sehen, Tags: sehen, Tags: ändern" in page and "tags.write" not in page


# Own account and sessions


def test_people_set_their_own_language_look_and_page_size(desk_of: Callable[[str], Desk], people: Flask) -> None:
    desk = desk_of("Support")
    form = {"name": "Petra Neu", "language_code": "en", "theme": "dark", "page_size": "100"}
    assert "My account" in desk.post("/admin/account/", form, "/admin/account/")
    (row,) = read(people, select(Staff).where(Staff.email == PEOPLE["Support"]))
    assert (row.name, row.language_code, row.theme, row.page_size) == ("Petra Neu", "en", "dark", 100)


@pytest.mark.feature("S6")
def test_people_see_and_end_their_other_logins(desk_of: Callable[[str], Desk], people: Flask) -> None:
    here, there, third = desk_of("Support"), desk_of("Support"), desk_of("Support")
    (number,) = read(people, select(func.max(StaffSession.id)))
    page = here.get("/admin/account/")
    assert page.count("Diese Anmeldung") == 1 and "Die 2 anderen Anmeldungen beenden" in page
    here.post("/admin/account/sessions/end", {"id": number}, "/admin/account/")
    assert third.client.get("/admin/").status_code == 302 and there.client.get("/admin/").status_code == 200
    here.post("/admin/account/sessions/end-others", seen_on="/admin/account/")
    assert there.client.get("/admin/").status_code == 302 and here.client.get("/admin/").status_code == 200


@pytest.mark.feature("S6")
def test_somebody_elses_login_is_not_mine_to_end(desk_of: Callable[[str], Desk], people: Flask) -> None:
    mine, owner = desk_of("Support"), desk_of("Inhaber")
    (number,) = read(people, select(func.max(StaffSession.id)))
    mine.post("/admin/account/sessions/end", {"id": number}, "/admin/account/")
    assert owner.client.get("/admin/").status_code == 200


def test_whoever_looks_after_staff_ends_the_logins_of_others(
    owner: Desk, people: Flask, desk_of: Callable[[str], Desk]
) -> None:
    support, number = desk_of("Support"), person_id(people, "Support")
    assert "Diese Anmeldung beenden" in owner.get(f"/admin/staff/edit/?id={number}")
    owner.post("/admin/staff/sessions/end/", {"id": number})
    assert support.client.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    ("agent", "words"),
    [("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox auf Windows"),
     ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge auf Windows"),
     ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari auf iPhone"),
     ("Werkzeug/3.1", "Werkzeug"), ("", "Unbekannter Browser")],
)  # fmt: skip
def test_a_browser_is_named_as_people_know_it(people: Flask, agent: str, words: str) -> None:
    with people.test_request_context():
        assert browsers.in_words(agent) == words


# The second factor


@pytest.mark.feature("S5")
def test_a_login_with_a_second_factor_opens_nothing_before_it_is_shown(desk_of: Callable[[str], Desk]) -> None:
    desk = desk_of("Support")
    phone = Phone(desk)
    assert len(phone.confirm()) == 10
    before = desk.client.get_cookie("kontor")
    desk.post("/admin/logout")
    with clock.stand_at(clock.instant() + timedelta(minutes=1)):
        token = desk.token("/admin/login")
        wanted = {"csrf_token": token, "email": PEOPLE["Support"], "password": PASSWORD, "next": "/admin/tags/"}
        assert (
            desk.client.post("/admin/login", data=wanted).headers["Location"] == "/admin/second-step?next=/admin/tags/"
        )
        half = desk.client.get_cookie("kontor")
        assert desk.client.get("/admin/tags/").headers["Location"].startswith("/admin/second-step")
        assert desk.client.get("/admin/account/").headers["Location"].startswith("/admin/second-step")
        values = {"csrf_token": desk.token("/admin/second-step"), "code": phone.code(), "next": "/admin/tags/"}
        assert desk.client.post("/admin/second-step", data=values).headers["Location"] == "/admin/tags/"
        whole = desk.client.get_cookie("kontor")
        assert before and half and whole and len({before.value, half.value, whole.value}) == 3
        desk.get("/admin/tags/")
        desk.client.set_cookie("kontor", half.value)
        assert desk.client.get("/admin/tags/").status_code == 302, "the half-way cookie opens nothing afterwards either"


@pytest.mark.feature("S5")
def test_the_sixth_wrong_code_within_a_minute_is_not_even_looked_at(desk_of: Callable[[str], Desk]) -> None:
    desk = desk_of("Support")
    codes = Phone(desk).confirm()
    desk.post("/admin/logout")
    desk.log_in(PEOPLE["Support"])
    token = desk.token("/admin/second-step")
    answers = [desk.client.post("/admin/second-step", data={"csrf_token": token, "code": "abc"}) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200} and "passt nicht" in answers[0].text
    last = desk.client.post("/admin/second-step", data={"csrf_token": token, "code": codes[0]})
    assert last.status_code == 429


def test_between_password_and_code_there_are_ten_minutes(desk_of: Callable[[str], Desk]) -> None:
    desk = desk_of("Support")
    Phone(desk).confirm()
    desk.post("/admin/logout")
    desk.log_in(PEOPLE["Support"])
    assert "Zweiter Schritt" in desk.get("/admin/second-step")
    with clock.stand_at(clock.instant() + timedelta(minutes=10)):
        assert "/admin/login" in desk.client.get("/admin/second-step").headers["Location"]


def test_a_role_that_demands_it_leads_to_the_set_up_and_then_on(desk_of: Callable[[str], Desk], people: Flask) -> None:
    desk = desk_of("Support")
    change(people, update(Role).where(Role.name == "Support").values(requires_totp=True))
    assert desk.client.get("/admin/customers/").headers["Location"] == "/admin/account/second-factor"
    assert desk.client.get("/admin/account/").headers["Location"] == "/admin/account/second-factor"
    assert "Ihre Rolle verlangt" in desk.get("/admin/account/second-factor")
    page = desk.client.post(
        "/admin/account/second-factor/begin", data={"csrf_token": desk.token("/admin/account/second-factor")}
    )
    assert page.headers["Location"] == "/admin/account/second-factor"
    secret = re.search(r'<p class="secret"><code>([A-Z2-7 ]+)</code>', desk.get("/admin/account/second-factor"))
    assert secret
    code = pyotp.TOTP(secret[1].replace(" ", "")).at(clock.instant())
    desk.post("/admin/account/second-factor/confirm", {"code": code}, "/admin/account/second-factor")
    desk.get("/admin/customers/")


def test_the_page_with_the_recovery_codes_has_forms_that_work(desk_of: Callable[[str], Desk]) -> None:
    """It answers with a new session, so its forms need that session's token."""
    desk = desk_of("Support")
    phone = Phone(desk)
    token = desk.token("/admin/account/second-factor")
    data = {"csrf_token": token, "code": phone.code()}
    page = desk.client.post("/admin/account/second-factor/confirm", data=data).text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    assert desk.client.post("/admin/logout", data={"csrf_token": found[1]}).status_code == 302


def test_a_lost_phone_is_helped_by_whoever_looks_after_staff(
    owner: Desk, people: Flask, desk_of: Callable[[str], Desk]
) -> None:
    desk, number = desk_of("Support"), person_id(people, "Support")
    Phone(desk).confirm()
    assert "Zweiten Faktor zurücksetzen" in owner.get(f"/admin/staff/edit/?id={number}")
    owner.post("/admin/staff/second-factor/reset/", {"id": number})
    assert desk.log_in(PEOPLE["Support"]) == 302
    desk.get("/admin/customers/")


def test_codes_are_renewed_and_the_factor_is_switched_off_at_the_screen(desk_of: Callable[[str], Desk]) -> None:
    desk = desk_of("Support")
    phone = Phone(desk)
    codes = phone.confirm()
    assert "10 Wiederherstellungscodes sind noch da" in desk.get("/admin/account/second-factor")
    with clock.stand_at(clock.instant() + timedelta(minutes=1)):
        path = "/admin/account/second-factor"
        page = desk.post(f"{path}/codes", {"code": phone.code()}, path)
        new = re.findall(r"<li><code>([a-z0-9-]+)</code></li>", page)
        assert len(new) == 10 and not set(new) & set(codes)
        wrong = desk.post(f"{path}/off", {"password": "falsch falsch", "code": new[0]}, path)
        assert "Passwort stimmt nicht" in wrong
        assert "ausgeschaltet" in desk.post(f"{path}/off", {"password": PASSWORD, "code": new[0]}, path)


def test_a_changed_key_of_the_installation_is_said_in_words(desk_of: Callable[[str], Desk], people: Flask) -> None:
    """Only the sealed secret is touched here: with another SECRET_KEY every cookie would end as well."""
    desk = desk_of("Support")
    codes = Phone(desk).confirm()
    change(people, update(Staff).where(Staff.email == PEOPLE["Support"]).values(totp_secret="gAAAAA-other-key"))
    desk.post("/admin/logout")
    desk.log_in(PEOPLE["Support"])
    page = desk.post("/admin/second-step", {"code": "123456"}, "/admin/second-step")
    assert "SECRET_KEY" in page and "Wiederherstellungscode" in page
    desk.post("/admin/second-step", {"code": codes[0]}, "/admin/second-step")
    desk.get("/admin/customers/")


def test_the_default_roles_may_what_their_names_say() -> None:
    assert "staff.write" not in DEFAULT_ROLES["Support"][1] | DEFAULT_ROLES["Buchhaltung"][1]
