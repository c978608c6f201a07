"""Deeds for many rows at once: asked first, done row by row, told honestly."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from extensions import db
from models import Activity, Customer, CustomerTag, Message, Tag
from services import clock, customer_erasure, customer_status, customers
from services.actor import SYSTEM
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import House

MANY = "/admin/customers/many"


def many(desk: Desk, path: str, ids: list[object], **values: object) -> str:
    token = desk.own_token()
    answer = desk.client.post(path, data={"csrf_token": token, "id": ids, **values}, follow_redirects=True)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.text


def tagged(app: Flask, name: str) -> set[int]:
    with app.app_context():
        found = set(db.session.scalars(select(CustomerTag.customer_id).join(Tag).where(Tag.name == name)))
        db.session.remove()
        return found


@pytest.mark.feature("P-11")
def test_the_question_counts_only_those_for_whom_it_works_and_twice_is_told(owner: Desk, people: Flask) -> None:
    with people.app_context():
        one, two, gone = (customers.create_customer(SYSTEM, {"last_name": name}) for name in ("Eins", "Zwei", "Weg"))
        customer_status.change_status(SYSTEM, two, "block")
        with write() as session:
            row = session.get_one(Customer, gone)
            row.erased_at, number = clock.instant(), row.number
        db.session.remove()
    page = owner.get(f"{MANY}/block/?id={one}&id={two}&id={gone}")
    assert "1 Kunde wird gesperrt" in page and "Für 2 davon geht es" in page and f"{number} (gelöscht)" in page
    told = many(owner, f"{MANY}/block/", [one, two, gone], reason="doppelt")
    assert "Der Kunde ist gesperrt." in told and "Dieser Kunde ist schon gesperrt." in told
    assert "Diese Kundenakte ist gelöscht." in told and f"{number} (gelöscht)" in told


def statuses(app: Flask) -> dict[int, str]:
    with app.app_context():
        found = {row.id: row.status for row in db.session.scalars(select(Customer))}
        db.session.remove()
        return found


@pytest.mark.feature("M1-34")
def test_a_record_offers_what_its_status_allows_and_leads_back_to_itself(
    owner: Desk, people: Flask, house: House
) -> None:
    card = f"/admin/customers/details/?id={house.customer}"
    assert {"tag", "untag", "block", "deactivate"} == offered(owner.get(card))
    page = many(owner, f"{MANY}/block/", [house.customer], reason="Zahlt nicht", next=card)
    assert {"tag", "untag", "activate", "deactivate"} == offered(page) and "gesperrt</span>" in page


def offered(page: str) -> set[str]:
    of_list = re.findall(r'href="/admin/customers/many/(\w+)/\?', page)
    return {*of_list, *re.findall(r'href="/admin/customers/status/\?[^"]*action=(\w+)"', page)}


@pytest.mark.feature("M1-41")
@pytest.mark.feature("M1-42")
def test_a_tag_is_put_on_many_filters_the_list_and_is_taken_off_again(owner: Desk, people: Flask, house: House) -> None:
    asked = owner.get(f"{MANY}/tag/?id={house.customer}&id={house.hostile}&next=/admin/customers/?sort=name")
    assert "2 Kunden" in asked and "Müller &amp; Söhne GmbH" in asked and "<svg" not in asked
    page = many(owner, f"{MANY}/tag/", [house.customer, house.hostile], tag="Werkstatt", next="/admin/customers/")
    assert "Der Tag „Werkstatt“ wurde an 2 Kunden vergeben." in page
    assert tagged(people, "Werkstatt") == {house.customer, house.hostile}
    assert tagged(people, "Großkunde") == {house.customer}, "other tags stay"
    with people.app_context():
        tag = db.session.scalars(select(Tag.id).where(Tag.name == "Werkstatt")).one()
        db.session.remove()
    listed = owner.get(f"/admin/customers/?tag={tag}")
    assert listed.partition("<tbody>")[2].count("<tr") == 2 and "Werkstatt" in listed
    page = many(owner, f"{MANY}/untag/", [house.customer], tag=tag)
    assert "Der Tag „Werkstatt“ wurde entfernt." in page
    many(owner, f"{MANY}/untag/", [house.hostile], tag=tag)
    assert tagged(people, "Werkstatt") == set()


def test_a_status_with_its_reason_for_many_and_what_did_not_work_is_named(
    owner: Desk, people: Flask, house: House
) -> None:
    others = [number for number in statuses(people) if number not in (house.customer, house.hostile)]
    many(owner, f"{MANY}/block/", [house.customer], reason="Rechnung offen")
    page = many(owner, f"{MANY}/block/", [house.customer, *others, 99999], reason="Inventur")
    assert f"{len(others)} Kunden sind jetzt gesperrt." in page and "2 Zeilen wurden nicht erledigt" in page
    assert "Müller &amp; Söhne GmbH" in page and "Dieser Kunde ist schon gesperrt" in page
    assert {statuses(people)[number] for number in others} == {"blocked"}
    with people.app_context():
        codes = db.session.scalars(select(Activity.code).where(Activity.code == "customer.blocked")).all()
        db.session.remove()
    assert len(codes) == 1 + len(others), "one activity each, none for what did not work"


def test_a_deleted_record_is_refused_and_the_others_are_done(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        gone = customers.create_customer(SYSTEM, {"customer_type": "business", "organization": "Bald weg"})
        customer_erasure.delete_customer(SYSTEM, gone)
        db.session.remove()
    page = many(owner, f"{MANY}/tag/", [house.customer, gone], tag="Neu")
    assert "Der Tag „Neu“ wurde vergeben." in page and "1 Zeile wurde nicht erledigt" in page
    assert tagged(people, "Neu") == {house.customer}


@pytest.mark.parametrize("name", ["", "  ", "a,b", "x" * 100])
def test_a_name_that_is_no_tag_is_told_at_its_field(owner: Desk, people: Flask, house: House, name: str) -> None:
    page = many(owner, f"{MANY}/tag/", [house.customer, house.hostile], tag=name)
    assert 'aria-invalid="true"' in page and "wurde vergeben" not in page
    with people.app_context():
        assert db.session.query(Tag).count() == 3
        db.session.remove()


@pytest.mark.feature("S26")
@pytest.mark.parametrize("ids", [[], ["x", "-1", "9" * 30], list(range(1, 10_001))])
def test_no_rows_strange_rows_and_too_many_rows_are_answered_clearly(
    owner: Desk, people: Flask, house: House, ids: list[object]
) -> None:
    before = statuses(people)
    page = many(owner, f"{MANY}/block/", ids, reason="", next="/admin/customers/")
    assert "Bitte kreuzen Sie" in page or "Höchstens 500" in page
    assert statuses(people) == before


@pytest.mark.feature("S22")
def test_a_deed_that_does_not_exist_or_is_not_allowed_is_refused(
    desk_of: Callable[[str], Desk], people: Flask, house: House
) -> None:
    owner, clerk = desk_of("Inhaber"), desk_of("Buchhaltung")
    owner.get(f"{MANY}/delete/?id=1", 404)
    owner.get(f"{MANY}/__class__/?id=1", 404)
    clerk.get(f"{MANY}/tag/?id=1", 403)
    assert 'name="id"' not in clerk.get("/admin/customers/"), "nothing to tick where nothing may be done"
    token = clerk.own_token()
    answer = clerk.client.post(f"{MANY}/block/", data={"csrf_token": token, "id": [house.customer]})
    assert answer.status_code == 403 and statuses(people)[house.customer] == "active"


def test_messages_are_stopped_and_sent_again_together(owner: Desk, people: Flask, house: House) -> None:
    page = many(owner, "/admin/messages/many/retry/", [house.message, 99999])
    assert "Die Nachricht wird gleich erneut verschickt." in page and "1 Zeile wurde nicht erledigt" in page
    with people.app_context():
        assert db.session.get_one(Message, house.message).state == "pending"
        db.session.remove()
    stopped = many(owner, "/admin/messages/many/stop/", [house.message])
    assert "Die Nachricht wird nicht verschickt." in stopped
    assert "Der Beleg wird gleich neu erzeugt." in many(owner, "/admin/papers/many/retry/", [house.paper])
