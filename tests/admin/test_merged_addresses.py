"""No address of the card stays on a record that was merged: pages lead on, and what is sent goes on with the survivor
or is refused (D-11).

The addresses are taken from the list that equals the URL map (test_permissions.py), so that a new one is in here.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, url_for
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app import create_app
from extensions import db
from models import Customer, Deletion, Note, Subscription
from services import customer_holds, customers, documents
from services.actor import SYSTEM
from services.documents import Labels
from services.merge import merge
from tests.admin.conftest import Desk
from tests.admin.furniture import PEOPLE, House
from tests.admin.test_permissions import WANTED
from tests.conftest import fresh_database, settings_for
from tests.services.test_documents import picture

pytestmark = pytest.mark.feature("D-11")

CARD = ("admin_customers.", "admin_customer_", "admin_merging.", "admin_vat_checks.")
# What of these speaks of something else than a customer.
OTHERWISE = {
    "admin_customers.index_view": "the list", "admin_customers.create_view": "a new record",
    "admin_customers.export": "the list as a file", "admin_customers.alike": "what is being typed",
    "admin_merging.suggest": "what is being typed", "admin_customer_data.download": "a file of an order",
    "admin_customer_logins.link": "a login", "admin_customer_logins.password": "a login",
    "admin_customer_logins.end_sessions": "a login", "admin_customer_logins.remove": "a login",
    "admin_customer_activities.correct": "a note", "admin_customer_activities.strike": "a note",
    "admin_customer_activities.attachment": "a note",
}  # fmt: skip
# What is no page of its own: a frame, a picture, an answer to a script. It answers as the survivor.
NO_PAGE = {
    "admin_customer_documents.picture", "admin_customer_documents.page", "admin_customer_documents.download",
    "admin_customer_messages.preview", "admin_customer_data.progress",
}  # fmt: skip
BY_ID = sorted(end for end in WANTED if end.startswith(CARD) and end not in OTHERWISE)
BY_CUSTOMER = ["admin_statement.index", "admin_statement.pdf", "admin_credit.grant", "admin_payments.prepay",
               "admin_payments.pay_out"]  # fmt: skip
BY_NUMBER = ["admin_drafts.create_view", "admin_coupons.create_view", "admin_subscriptions.create_view"]
# Where a deed that was meant for another record is asked once more.
ASKED_AGAIN = {
    "admin_customers.delete_view": "admin_customers.confirm_delete",
    "admin_customers.renew_link": "admin_customers.ask_renew_link",
    "admin_merging.merge": "admin_merging.compare",
}


@dataclass
class World:
    """A house in which one record went into another; `gone` and `stays` are their ids."""

    app: Flask
    desk: Desk
    gone: int
    stays: int
    numbers: dict[int, str]
    other: int
    document: int

    def address(self, endpoint: str, **more: object) -> str:
        with self.app.test_request_context():
            also = {"action": "tag"} if endpoint == "admin_customers.many" else {}
            return url_for(endpoint, **also, **more)

    def needs(self, endpoint: str) -> dict[str, object]:
        """What the address wants besides the customer."""
        view = endpoint.partition(".")[2]
        if endpoint.startswith("admin_customer_documents.") and view not in ("index", "upload"):
            return {"document": self.document}
        if endpoint.startswith("admin_merging.") and view != "index":
            return {"other": self.other}
        return {"part": "books"} if endpoint == "admin_customer_settings.change" else {}

    def methods(self, endpoint: str) -> set[str]:
        return {method for rule in self.app.url_map.iter_rules(endpoint) for method in rule.methods or ()}

    def send(self, endpoint: str, **values: object) -> TestResponse:
        """The form of a page that was opened before the merge, and where it leads."""
        sent = {"csrf_token": self.desk.own_token(), **self.needs(endpoint), **values}
        return self.desk.client.post(self.address(endpoint, id=self.gone), data=sent, follow_redirects=True)

    def row(self, number: int) -> Customer:
        with self.app.app_context():
            found = db.session.get_one(Customer, number)
            db.session.expunge(found)
            db.session.remove()
        return found

    @property
    def notice(self) -> str:
        return f"{self.numbers[self.gone]} wurde mit dieser Akte zusammengeführt"


@pytest.fixture(scope="module")
def world(furnished: tuple[str, House], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all; what a test sends must leave the two records as they are."""
    folder, house = tmp_path_factory.mktemp("merged"), furnished[1]
    with fresh_database(furnished[0], folder) as url:
        app = create_app(settings_for(folder, url))
        app.config["TESTING"] = True
        with app.app_context():
            other = customers.create_customer(SYSTEM, {"last_name": "Dritte", "email": "dritte@example.com"})
            document = documents.keep_document(SYSTEM, house.hostile, "Rad.jpg", picture((60, 40)), Labels("", ""))
            merge(SYSTEM, house.customer, house.hostile, {"organization": "this", "email": "this"})
            numbers = dict(db.session.execute(select(Customer.id, Customer.number)).tuples().all())
            db.session.remove()
        desk = Desk(app.test_client())
        assert desk.log_in(PEOPLE["Inhaber"]) == 302
        yield World(app, desk, house.hostile, house.customer, numbers, other, document)
        with app.app_context():
            db.engine.dispose()


@pytest.mark.parametrize("endpoint", [end for end in BY_ID if end not in NO_PAGE])
def test_each_page_leads_to_the_same_page_of_the_survivor_and_says_why(world: World, endpoint: str) -> None:
    if "GET" not in world.methods(endpoint):
        assert world.desk.client.get(world.address(endpoint, id=world.gone)).status_code in (404, 405)
        return
    needs = world.needs(endpoint)
    answer = world.desk.client.get(world.address(endpoint, id=world.gone, **needs))
    assert answer.status_code == 302, endpoint
    assert place(answer.headers["Location"]) == place(world.address(endpoint, id=world.stays, **needs))
    page = world.desk.client.get(answer.headers["Location"], follow_redirects=True).text
    told = "Inzwischen zusammengeführt" if endpoint == "admin_customers.many" else world.notice
    assert page.count(told) == 1


@pytest.mark.parametrize("endpoint", [end for end in BY_ID if end not in NO_PAGE])
def test_what_is_sent_is_told_and_never_touches_the_merged_record(world: World, endpoint: str) -> None:
    before = stored(world.row(world.gone))
    if "POST" not in world.methods(endpoint):
        assert "GET" in world.methods(endpoint)
        return
    answer = world.send(endpoint)
    told = "Inzwischen zusammengeführt" if endpoint == "admin_customers.many" else world.notice
    assert answer.status_code == 200 and answer.text.count(told) == 1, endpoint
    assert stored(world.row(world.gone)) == before
    if endpoint in ASKED_AGAIN:
        assert answer.request.path == urlsplit(world.address(ASKED_AGAIN[endpoint])).path


@pytest.mark.parametrize("endpoint", sorted(NO_PAGE))
def test_what_is_no_page_answers_as_the_survivor_and_keeps_quiet(world: World, endpoint: str) -> None:
    both = [
        world.desk.client.get(world.address(endpoint, id=number, **world.needs(endpoint)))
        for number in (world.gone, world.stays)
    ]
    assert both[0].status_code == both[1].status_code != 302 and both[0].data == both[1].data
    assert "zusammengeführt" not in world.desk.get(world.address("admin_customer_settings.index", id=world.stays))


@pytest.mark.parametrize("endpoint", [*BY_CUSTOMER, *BY_NUMBER])
def test_pages_beside_the_card_lead_on_too(world: World, endpoint: str) -> None:
    gone, stays = world.gone, world.stays
    keys = (world.numbers[gone], world.numbers[stays]) if endpoint in BY_NUMBER else (gone, stays)
    answer = world.desk.client.get(world.address(endpoint, customer=keys[0], next="/admin/customers/"))
    wanted = world.address(endpoint, customer=keys[1], next="/admin/customers/")
    assert answer.status_code == 302 and place(answer.headers["Location"]) == place(wanted)
    if not endpoint.endswith("pdf"):
        assert world.notice in world.desk.get(answer.headers["Location"])


def test_a_note_and_a_file_that_were_being_written_stand_with_the_survivor(world: World) -> None:
    note = {"kind": "call", "happened_on": "2026-11-20", "text": "Hat angerufen."}
    assert "Hat angerufen." in world.send("admin_customer_activities.add", **note).text
    with world.app.app_context():
        assert db.session.scalars(select(Note.customer_id)).all() == [world.stays]
        db.session.remove()
    brought = {"files": (io.BytesIO(picture((30, 30))), "Helm.jpg")}
    answer = world.send("admin_customer_documents.upload", **brought)
    assert "1 Datei ist abgelegt." in answer.text and answer.request.args["id"] == str(world.stays)


def test_a_booking_that_was_looked_over_on_the_merged_record_is_looked_over_once_more(world: World) -> None:
    """Else its address and name would be written over the survivor's, whose version may be the same."""
    before, count = stored(world.row(world.stays)), contracts(world)
    sent = {"article_number": "RAD-1", "quantity": "1", "country_code": "DE", "payment_type": "1",
            "city": "Falschstadt", "key": "once", "seen": str(world.row(world.stays).version)}  # fmt: skip
    page = world.send("admin_customer_subscriptions.book", **sent).text
    assert world.notice in page and "Falschstadt" in page and "Jetzt gespeichert: Kiel" in page
    assert (stored(world.row(world.stays)), contracts(world)) == (before, count)


def test_nobody_deletes_the_survivor_who_was_shown_the_merged_record(world: World) -> None:
    world.send("admin_customers.delete_view", reason="asked")
    assert world.row(world.stays).erased_at is None
    with world.app.app_context():
        assert not db.session.scalar(select(func.count()).select_from(Deletion))
        db.session.remove()


def test_a_hold_is_neither_set_nor_lifted_by_the_page_of_another_record(world: World) -> None:
    """The button lifts or sets, as the record stands: it must be the one that was seen."""
    for held in (False, True):
        with world.app.app_context():
            if held:
                customer_holds.set_hold(SYSTEM, world.stays, "Klage")
            db.session.remove()
        world.send("admin_customer_settings.hold", reason="Klage")
        assert world.row(world.stays).legal_hold is held
    with world.app.app_context():
        customer_holds.lift_hold(SYSTEM, world.stays, "beigelegt")
        db.session.remove()


def test_what_speaks_of_something_else_is_there(world: World) -> None:
    assert set(OTHERWISE) | NO_PAGE | set(ASKED_AGAIN) | set(BY_CUSTOMER) | set(BY_NUMBER) <= set(WANTED)


def place(address: str) -> tuple[str, dict[str, list[str]]]:
    parts = urlsplit(address)
    return parts.path, parse_qs(parts.query)


def stored(row: Customer) -> dict[str, object]:
    return {column.key: getattr(row, column.key) for column in Customer.__table__.columns}


def contracts(world: World) -> int:
    with world.app.app_context():
        found = db.session.scalar(select(func.count()).select_from(Subscription))
        db.session.remove()
    return found or 0
