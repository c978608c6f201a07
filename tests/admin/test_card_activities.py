"""The activities of a customer's card: tiles by group, who did it, all of them a page at a time, and notes."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import insert, select

from extensions import db
from models import Activity, ActivityDetail, Customer, Note
from services import activities, api_keys, billing_run, clock, customers, notes
from services.actor import SYSTEM, Actor
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import XSS, House
from tests.hosted_pages.visitor import Visitor

TRAIL = "/admin/customers/activities"
JULE = Actor("staff", 1, "Jule Petersen")
TILE = re.compile(
    r'<li class="(\w+)" data-group="(\w+)"><details( open)?><summary>(.*?)</summary>.*?<small>(.*?)</small>', re.S
)


def overview(customer: int, more: str = "") -> str:
    return f"/admin/customers/details/?id={customer}{more}"


def tiles(page: str) -> list[tuple[str, str, bool, str, str]]:
    """(actor, group, open, headline, by and when) of each tile."""
    return [
        (kind, group, bool(is_open), plain(headline), plain(small))
        for kind, group, is_open, headline, small in TILE.findall(page)
    ]


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.mark.feature("P-08")
@pytest.mark.feature("P-10")
@pytest.mark.feature("P-16")
def test_the_activities_stand_beside_the_overview_as_closed_tiles(reader: Desk, house: House) -> None:
    shown = tiles(reader.get(overview(house.customer)))
    assert len(shown) > 5 and not any(is_open for _, _, is_open, _, _ in shown)
    assert [group for _, group, _, headline, _ in shown if headline == "Abonnement erstellt: Rad im Abo"][
        0
    ] == "contracts"
    assert any(headline.startswith("Rechnung erstellt: RE-2026-") for _, _, _, headline, _ in shown)


@pytest.mark.feature("P-18")
def test_a_group_is_opened_at_once_by_its_address_and_closed_again(reader: Desk, house: House) -> None:
    page = reader.get(overview(house.customer, "&open=contracts"))
    opened = {group for _, group, is_open, _, _ in tiles(page) if is_open}
    closed = {group for _, group, is_open, _, _ in tiles(page) if not is_open}
    assert opened == {"contracts"} and "invoices" in closed
    assert all(is_open for _, _, is_open, _, _ in tiles(reader.get(overview(house.customer, "&open=all"))))
    assert not any(is_open for _, _, is_open, _, _ in tiles(reader.get(overview(house.customer, "&open=nonsense"))))
    bar = page.partition('class="groups"')[2].partition("</div>")[0]
    assert re.findall(r">([^<\n]+)</(?:a|span)>", bar) == [
        "Alle", "Stammdaten", "Verträge", "Rechnungen", "Zahlungen", "Nachrichten", "Dokumente", "Zugänge",
    ]  # fmt: skip
    assert 'data-group="contracts" role="button" aria-pressed="true"' in bar


@pytest.mark.feature("P-17")
@pytest.mark.feature("P-23")
def test_a_change_of_the_delivery_address_is_called_so_and_shows_old_and_new(
    owner: Desk, people: Flask, house: House
) -> None:
    with people.app_context():
        customers.update_customer(JULE, house.customer, {"delivery_address": "Kaistraße 40"})
        customers.update_customer(
            JULE, house.customer, {"delivery_address": "Werft 3", "bank_iban": "DE02120300000000202051"}
        )
        db.session.remove()
    page = owner.get(overview(house.customer))
    assert tiles(page)[0][3] == "Änderung: Bankverbindung, Lieferadresse"
    assert tiles(page)[1][3] == "Änderung: Lieferadresse"
    assert "<del>Kaistraße 40</del> <ins>Werft 3</ins>" in page
    assert "DE02 •••• 2051" in page and "DE02120300000000202051" not in page


@pytest.mark.feature("P-19")
@pytest.mark.feature("P-20")
@pytest.mark.feature("P-21")
def test_every_tile_says_by_whom_and_when(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        customers.update_customer(SYSTEM, house.customer, {"salutation": "mrs"})
        for kind, name in (("staff", "Jule Petersen"), ("customer", "Änne"), ("api", "Shop"), ("system", "System")):
            activities.record(
                Actor(kind, 1, name), "customer.code_sent", "customer", house.customer, customer_id=house.customer
            )
        with clock.stand_at(clock.today() - timedelta(days=1)):
            activities.record(SYSTEM, "customer.code_sent", "customer", house.customer, customer_id=house.customer)
        db.session.remove()
    by = [small for *_, small in tiles(owner.get(overview(house.customer)))][:5]
    assert [each.partition(" · ")[0] for each in by] == [
        "System", "System", "API, Shop", "Kundin, Self Service", "Jule Petersen, Support",
    ]  # fmt: skip
    assert by[0].partition(" · ")[2].startswith("gestern, ") and by[1].partition(" · ")[2].startswith("heute, ")


@pytest.mark.feature("P-22")
def test_what_the_customer_changes_on_the_own_page_stands_on_the_card_as_the_customer_s(
    owner: Desk, people: Flask, house: House
) -> None:
    with people.app_context():
        customers.update_customer(SYSTEM, house.customer, {"salutation": "mrs"})
        db.session.remove()
    assert Visitor(people, house.customer).send(address="Holtenauer Straße 99").status_code == 200
    kind, group, _, headline, small = tiles(owner.get(overview(house.customer)))[0]
    assert (kind, group, headline) == ("customer", "record", "Änderung: Rechnungsadresse")
    assert small.startswith("Kundin, Self Service · heute, ")


@pytest.mark.feature("P-09")
def test_what_a_machine_changes_by_a_call_stands_on_the_card_with_the_name_of_its_key(
    owner: Desk, people: Flask, house: House
) -> None:
    with people.app_context():
        key = api_keys.add_api_key(SYSTEM, "laden@example.com", name="Webshop")
        db.session.remove()
    call = {"SERVICE": "customer.update", "DATA": {"CUSTOMER_ID": house.customer, "PHONE": "0431 5"}}
    answer = people.test_client().post("/api/1.0/api.php", json=call, auth=("laden@example.com", key))
    assert answer.json["RESPONSE"]["STATUS"] == "success"
    kind, group, _, headline, small = tiles(owner.get(overview(house.customer)))[0]
    assert (kind, group, headline) == ("api", "record", "Änderung: Telefon")
    assert small.startswith("API, Webshop · heute, ")


@pytest.mark.feature("P-21")
def test_the_monthly_run_stands_on_the_card_as_the_system_s(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        billing_run.bill(clock.today() + timedelta(days=20), SYSTEM)
        db.session.remove()
    newest = tiles(owner.get(overview(house.customer)))[0]
    assert (
        newest[0] == "system"
        and newest[3].startswith("Rechnung erstellt: RE-")
        and newest[4].startswith("System · heute")
    )


@pytest.mark.feature("R-34")
def test_ausklappen_leads_to_the_whole_list_a_page_at_a_time(owner: Desk, people: Flask, house: House) -> None:
    assert f'href="{TRAIL}/?id={house.hostile}">Ausklappen</a>' in owner.get(overview(house.hostile))
    many(people, house.hostile, 130)
    page, seen = owner.get(f"{TRAIL}/?id={house.hostile}"), 0
    while True:
        seen += len(tiles(page))
        after = re.search(r'href="(/admin/customers/activities/[^"]+)" rel="next"', page)
        if after is None:
            break
        page = owner.get(unescape(after[1]))
    with people.app_context():
        mine = select(db.func.count()).where(Activity.customer_id == house.hostile)
        assert seen == db.session.scalar(mine) > 130
        db.session.remove()


def test_the_whole_list_is_narrowed_by_group_by_actor_and_by_words(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        notes.add_note(JULE, house.customer, notes.Words("call", clock.today(), "Ölwechsel beim Lastenrad besprochen"))
        db.session.remove()
    base = f"{TRAIL}/?id={house.customer}"
    assert {group for _, group, *_ in tiles(owner.get(base + "&group=invoices"))} == {"invoices"}
    assert {kind for kind, *_ in tiles(owner.get(base + "&by=staff"))} == {"staff"}
    for words in ("lastenrad", "ölwechsel LASTENRAD", "Öl"):
        assert [headline for *_, headline, _ in tiles(owner.get(f"{base}&search={words}"))] == [
            "Anruf: Ölwechsel beim Lastenrad besprochen"
        ], words
    assert "Nichts gefunden" in owner.get(base + "&search=Nordpol%25")
    assert tiles(owner.get(base + "&search=Nordpol%25")) == []
    for odd in ("&group=drop", "&by=x", "&after=garbled", "&search=%00"):
        owner.get(base + odd)


def many(app: Flask, customer: int, count: int) -> None:
    """So many activities of a customer, as a long history has them."""
    with app.app_context():
        with write() as session:
            first = (session.scalar(select(db.func.max(Activity.id))) or 0) + 1
            common = {"actor_kind": "system", "code": "customer.tagged", "customer_id": customer,
                      "object_kind": "customer", "object_id": customer, "digest": "0" * 64}  # fmt: skip
            session.execute(insert(Activity), [{"id": first + n, **common} for n in range(count)])
            told = {"salt": "", "details": '{"actor":"System"}'}
            session.execute(insert(ActivityDetail), [{"activity_id": first + n, **told} for n in range(count)])
        db.session.remove()


@pytest.mark.feature("R-34")
def test_five_thousand_activities_cost_the_statements_of_a_few(
    owner: Desk, people: Flask, house: House, statements: list[str]
) -> None:
    addresses = [overview(house.hostile), f"{TRAIL}/?id={house.hostile}", f"{TRAIL}/?id={house.hostile}&by=system"]
    before = [cost(owner, statements, each) for each in addresses]
    many(people, house.hostile, 5000)
    assert [cost(owner, statements, each) for each in addresses] == before


def cost(desk: Desk, statements: list[str], address: str) -> int:
    """How many statements the page takes once the house is warm."""
    desk.get(address)
    statements.clear()
    desk.get(address)
    return len(statements)


@pytest.mark.feature("D-11")
def test_the_activities_of_a_merged_record_stand_with_its_survivor(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        notes.add_note(JULE, house.hostile, notes.Words("note", clock.today(), "War schon vorher da"))
        with write() as session:
            session.get_one(Customer, house.hostile).survivor_id = house.customer
        db.session.remove()
    assert "Notiz: War schon vorher da" in plain(owner.get(overview(house.customer)))
    assert owner.client.get(f"{TRAIL}/?id={house.hostile}").headers["Location"] == f"{TRAIL}/?id={house.customer}"
    (number,) = re.findall(rf'href="{TRAIL}/correct/\?note=(\d+)"', owner.get(overview(house.customer)))
    page = correct(owner, int(number), "War wirklich da")
    assert "Die Notiz ist berichtigt." in page and "Müller &amp; Söhne" in page


def correct(desk: Desk, number: int, text: str) -> str:
    values = {"note": number, "seen": 1, "kind": "call", "happened_on": clock.today().isoformat(), "text": text}
    return desk.post(f"{TRAIL}/correct/", values)


@pytest.mark.feature("R-34")
def test_a_letter_is_added_with_its_scan_which_is_only_ever_saved(owner: Desk, house: House) -> None:
    form = owner.get(f"{TRAIL}/add/?id={house.customer}")
    assert 'enctype="multipart/form-data"' in form and f'value="{clock.today().isoformat()}"' in form
    scan = (io.BytesIO(b"%PDF-1.7 <script>alert(1)</script>"), "<svg onload=alert(1)>.html")
    page = owner.post(f"{TRAIL}/add/", {
        "id": house.customer, "kind": "letter", "happened_on": "2026-11-17", "text": f"Kündigt zum Jahresende.\n{XSS}",
        "attachment": scan,
    })  # fmt: skip
    assert "Der Eintrag steht jetzt bei den Aktivitäten." in page and "<svg" not in page
    assert tiles(page)[0][:2] == ("staff", "messages") and tiles(page)[0][3].startswith(
        "Brief: Kündigt zum Jahresende."
    )
    (link,) = re.findall(rf'href="({TRAIL}/attachment/[^"]+)"', page)
    answer = owner.client.get(unescape(link))
    assert answer.headers["Content-Disposition"].startswith("attachment; ") and answer.mimetype == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.data.startswith(b"%PDF")


def test_what_is_wrong_with_a_note_is_said_at_its_field_and_nothing_typed_is_lost(owner: Desk, house: House) -> None:
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    values = {"id": house.customer, "kind": "call", "happened_on": tomorrow, "text": "Ruft morgen an"}
    page = owner.post(f"{TRAIL}/add/", values)
    assert "Dieser Tag ist noch nicht da" in page or "noch nicht" in page
    assert "Ruft morgen an" in page
    values |= {"happened_on": clock.today().isoformat(), "attachment": (io.BytesIO(b"MZ\x90\x00"), "rechnung.pdf")}
    assert "Diese Art von Datei wird nicht aufbewahrt." in owner.post(f"{TRAIL}/add/", values)


def test_a_note_is_corrected_and_struck_in_the_sight_of_all(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        number = notes.add_note(JULE, house.customer, notes.Words("call", clock.today(), "Zahlt am Montag"))
        db.session.remove()
    page = correct(owner, number, "Zahlt am Dienstag")
    assert "<del>Zahlt am Montag</del> <ins>Zahlt am Dienstag</ins>" in page
    again = correct(owner, number, "Zahlt gar nicht")
    assert "inzwischen" in again and "Zahlt gar nicht" in again
    struck = owner.post(f"{TRAIL}/strike/", {"note": number, "seen": 2, "reason": "Falscher Kunde"})
    assert "Die Notiz ist gestrichen." in struck and '<span class="badge">gestrichen</span>' in struck
    assert f"correct/?note={number}" not in struck
    owner.get(f"{TRAIL}/correct/?note={number}", 404)


def test_who_may_not_change_customers_reads_and_adds_nothing(desk_of: Callable[[str], Desk], house: House) -> None:
    page = desk_of("Buchhaltung").get(overview(house.customer))
    assert "Ausklappen" in page and "Notiz hinzufügen" not in page


def test_nothing_is_written_down_with_a_deleted_record(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        with write() as session:
            session.get_one(Customer, house.hostile).erased_at = clock.instant()
        db.session.remove()
    assert "Notiz hinzufügen" not in owner.get(overview(house.hostile))
    values = {"id": house.hostile, "kind": "note", "happened_on": clock.today().isoformat(), "text": "Noch etwas"}
    assert "gelöscht" in owner.post(f"{TRAIL}/add/", values)
    with people.app_context():
        assert db.session.scalar(select(db.func.count()).select_from(Note)) == 0
        db.session.remove()
