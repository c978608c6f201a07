"""Export and deletion from the card: what the person reads beforehand, and what nobody finds afterwards."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from extensions import db
from models import Customer, CustomerExport, Deletion, Invoice, Message, Subscription
from services import customer_exports, customers
from services.actor import SYSTEM
from services.merge import merge
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import House

ASK = "/admin/customers/delete/confirm/?id="
DATA = "/admin/customers/data/"


def somebody(people: Flask, **values: str) -> int:
    with people.app_context():
        number = customers.create_customer(SYSTEM, {"last_name": "Vergänglich", "email": "v@example.com", **values})
        db.session.remove()
    return number


@pytest.mark.feature("D-5")
@pytest.mark.feature("R-23")
def test_who_never_got_a_paper_is_erased_for_good_and_the_log_says_so(owner: Desk, people: Flask) -> None:
    gone = somebody(people)
    page = owner.get(f"{ASK}{gone}")
    assert "endgültig gelöscht" in page and "Endgültig löschen</button>" in page
    assert "Wunsch der Person (Art. 17 DSGVO)" in page
    offered = re.findall(r'<option(?: selected)? value="(\w+)"', page)
    assert offered == ["asked", "purpose_over", "consent_withdrawn", "by_mistake"], "none that only a machine gives"
    owner.post("/admin/customers/delete/", {"id": gone, "reason": "asked"}, seen_on=f"{ASK}{gone}")
    with people.app_context():
        assert db.session.get(Customer, gone) is None
    again = owner.post("/admin/customers/delete/", {"id": gone, "reason": "asked"})
    assert "Diese Kundenakte ist schon gelöscht." in again, "sent twice is done"
    log = owner.get("/admin/deletions/")
    assert "endgültig gelöscht" in log and "Wunsch der Person" in log and "Vergänglich" not in log


@pytest.mark.feature("D-5", "D-11")
def test_the_question_names_the_merged_records_that_go_with_it(owner: Desk, people: Flask, house: House) -> None:
    stays, others = somebody(people), [somebody(people, last_name=f"Doppelt {each}") for each in range(2)]
    assert "zusammengeführt" not in owner.get(f"{ASK}{stays}").partition("<h1>")[2]
    numbers = []
    for other in others:
        with people.app_context():
            numbers.append(db.session.get_one(Customer, other).number)
            merge(SYSTEM, stays, other)
            db.session.remove()
        page = owner.get(f"{ASK}{stays}")
        assert f"{', '.join(numbers)} " in page and "damit zusammengeführt und " in page
    owner.post("/admin/customers/delete/", {"id": stays, "reason": "asked"}, seen_on=f"{ASK}{stays}")
    with people.app_context():
        assert [db.session.get(Customer, number) for number in (stays, *others)] == [None] * 3
        merge(SYSTEM, house.customer, house.hostile)
        db.session.remove()
    page = owner.get(f"{ASK}{house.customer}")
    assert "lässt sich noch nicht löschen" in page and "damit zusammengeführt und " in page, (
        "said before it is possible"
    )


@pytest.mark.feature("DSG-3")
def test_each_reason_against_it_has_its_way_out_and_locking_is_offered(owner: Desk, house: House) -> None:
    page = owner.get(f"{ASK}{house.customer}")
    assert "lässt sich noch nicht löschen" in page
    ways = re.findall(r'<li><p>[^<]+<a href="(/admin/customers/\w+/)\?id=', page)
    assert "/admin/customers/subscriptions/" in ways and "/admin/customers/payments/" in ways
    assert "action=deactivate" in page and "Kunde löschen</button>" not in page


def deleted(people: Flask, number: int) -> None:
    """As a deletion with papers leaves it."""
    with people.app_context():
        with write() as session:
            row = session.get(Customer, number)
            assert row is not None
            row.erased_at, row.retain_until = func.now(), date(2034, 12, 31)
            row.last_name = row.email = row.sort_name = ""
        db.session.remove()


@pytest.mark.feature("DSG-2")
def test_a_deleted_record_is_seen_only_by_who_may_delete(
    owner: Desk, desk_of: Callable[[str], Desk], people: Flask
) -> None:
    number = somebody(people)
    deleted(people, number)
    assert "gelöscht, Aufbewahrung bis 31.12.2034" in owner.get(f"/admin/customers/details/?id={number}")
    desk_of("Support").get(f"/admin/customers/details/?id={number}", 404)
    owner.get(f"{DATA}?id={number}", 404)
    with people.app_context():
        name = db.session.scalar(select(Customer.number).where(Customer.id == number))
    assert str(name) not in owner.get("/admin/customers/")


@pytest.mark.feature("DSG-2")
def test_what_belongs_to_a_deleted_record_needs_its_permission_and_its_papers_stay_in_the_books(
    owner: Desk, desk_of: Callable[[str], Desk], people: Flask, house: House
) -> None:
    with people.app_context():
        contract, invoice = (db.session.scalars(select(model.id).where(model.customer_id == house.customer)).first()
                             for model in (Subscription, Invoice))  # fmt: skip
        with write() as session:
            session.add(Message(event="kept:1", template="customer_message", recipient="weg@example.com", state="sent",
                                customer_id=house.customer, invoice_id=invoice, subject="Brief"))  # fmt: skip
        mail = db.session.scalars(select(Message.id).where(Message.event == "kept:1")).one()
        db.session.remove()
    deleted(people, house.customer)
    support = desk_of("Support")
    theirs = (f"/admin/messages/details/?id={mail}", f"/admin/messages/letter/?id={mail}",
              f"/admin/messages/stop/?id={mail}", f"/admin/subscriptions/details/?id={contract}")  # fmt: skip
    for page in theirs:
        support.get(page, 404)
        owner.get(page)
    paper = f"/admin/invoices/details/?id={invoice}"
    assert "weg@example.com" not in support.get(paper) and "weg@example.com" in owner.get(paper)
    for desk in (support, owner):
        assert "weg@example.com" not in desk.get("/admin/messages/")
        assert f'subscriptions/details/?id={contract}"' not in desk.get("/admin/subscriptions/")


@pytest.mark.feature("D-5")
@pytest.mark.parametrize("page", [
    "/admin/credit/?customer=", "/admin/customers/status/?id=", "/admin/customers/messages/write/?id=",
    "/admin/customers/logins/invite/?id=", "/admin/customers/settings/change/?part=money&id=",
    "/admin/customers/edit/?id=", "/admin/customers/delete/confirm/?id=",
])  # fmt: skip
def test_no_dialog_opens_for_a_deleted_record(owner: Desk, people: Flask, page: str) -> None:
    number = somebody(people)
    deleted(people, number)
    answer = owner.client.get(f"{page}{number}")
    assert (answer.status_code, answer.location) == (302, f"/admin/customers/details/?id={number}")
    assert "Diese Kundenakte ist gelöscht" in owner.get(answer.location)


@pytest.mark.feature("R-24")
def test_the_export_is_ordered_made_and_fetched_by_one_person(
    owner: Desk, desk_of: Callable[[str], Desk], people: Flask, house: House
) -> None:
    assert "Kundendaten exportieren" in owner.get(f"/admin/customers/details/?id={house.customer}")
    page = owner.post(f"{DATA}order/", {"id": house.customer}, seen_on=f"{DATA}?id={house.customer}")
    assert "Die Datei wird erstellt" in page and "data-exports" in page
    with people.app_context():
        number = db.session.scalars(select(CustomerExport.id)).one()
        customer_exports.work(number)
        db.session.remove()
    told = json.loads(owner.get(f"{DATA}progress/?id={house.customer}"))
    assert told["working"] is False and "von" in told["exports"][0]["rows"]
    answer = owner.client.get(f"{DATA}download/?id={number}")
    assert (
        answer.headers["Content-Disposition"].startswith("attachment") and answer.headers["Cache-Control"] == "no-store"
    )
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert "Müller & Söhne GmbH" in archive.read("profil.json").decode()
    other = desk_of("Buchhaltung")  # which may export as well
    assert other.client.get(f"{DATA}download/?id={number}").status_code == 404
    assert "Herunterladen" not in other.get(f"{DATA}?id={house.customer}")


def test_the_log_of_a_house_that_deleted_nothing_says_what_will_stand_there(owner: Desk, people: Flask) -> None:
    with people.app_context():
        assert db.session.scalar(select(func.count()).select_from(Deletion)) == 0
    assert "Hier steht jede Kundenakte" in owner.get("/admin/deletions/")
