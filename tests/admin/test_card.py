"""The customer's card: one head, one row of tabs, each open to who may read its subject."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from admin import formats
from admin.card import TABS
from extensions import db
from models import Customer, Invoice
from services import clock, customers, drafts, subscriptions
from services.actor import SYSTEM
from services.draft_lines import Position
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import House
from tests.admin.test_forms import send

CARD = "/admin/customers"
TAB_NAMES = ("subscriptions", "invoices", "payments", "documents", "settings", "messages", "logins", "vouchers")


def tabs_on(page: str) -> list[str]:
    bar = page.partition('<nav class="tabs"')[2].partition("</nav>")[0]
    return re.findall(r'href="/admin/customers/(\w+)/\?id=', bar)


def address(name: str, customer: int) -> str:
    return f"{CARD}/{'details' if name == 'overview' else name}/?id={customer}"


@pytest.mark.feature("P-03")
def test_every_tab_opens_and_keeps_the_head_and_the_line_of_the_menu(reader: Desk, house: House) -> None:
    for name in ("overview", *TAB_NAMES):
        page = reader.get(address(name, house.customer))
        assert "<h1>Müller &amp; Söhne GmbH</h1>" in page and "Großkunde" in page and ">aktiv</span>" in page
        assert '<a href="/admin/customers/" class="here" aria-current="page">' in page, name


def test_the_tabs_stand_in_the_order_of_the_card(reader: Desk, house: House) -> None:
    order = ["details" if tab.name == "overview" else tab.name for tab in TABS]
    shown = tabs_on(reader.get(address("overview", house.customer)))
    assert shown == [name for name in order if name in shown] and set(TAB_NAMES) < set(shown)


def test_a_tab_that_is_not_open_to_the_person_is_not_drawn(desk_of: Callable[[str], Desk], house: House) -> None:
    page = desk_of("Support").get(address("overview", house.customer))
    assert "subscriptions" in tabs_on(page)
    for tab in tabs_on(page):
        desk_of("Support").get(address(tab, house.customer))


@pytest.mark.parametrize("name", ["overview", *TAB_NAMES])
def test_a_tab_of_nobody_is_not_found(reader: Desk, name: str) -> None:
    for id_ in ("999999", "0", "x", "", "9" * 30):
        reader.get(address(name, 0).replace("=0", f"={id_}"), 404)


@pytest.mark.feature("D-11")
@pytest.mark.parametrize("name", ["overview", *TAB_NAMES])
def test_a_merged_record_leads_to_the_same_tab_of_its_survivor(
    owner: Desk, people: Flask, house: House, name: str
) -> None:
    merge(people, house.hostile, house.customer)
    answer = owner.client.get(address(name, house.hostile))
    assert answer.headers["Location"] == address(name, house.customer)
    assert "wurde mit dieser Akte zusammengeführt" in owner.get(address(name, house.customer))


@pytest.mark.feature("D-11")
@pytest.mark.parametrize("deed", ["edit", "delete/confirm"])
def test_a_merged_record_is_changed_and_deleted_only_as_its_survivor(
    owner: Desk, people: Flask, house: House, deed: str
) -> None:
    merge(people, house.hostile, house.customer)
    answer = owner.client.get(f"/admin/customers/{deed}/?id={house.hostile}")
    assert answer.headers["Location"] == f"/admin/customers/{deed}/?id={house.customer}"


@pytest.mark.feature("D-11")
def test_what_was_born_with_a_merged_record_stands_on_its_survivor_s_card(
    owner: Desk, people: Flask, house: House
) -> None:
    before = {name: rows(owner.get(address(name, house.customer))) for name in ("invoices", "messages")}
    merged = {name: rows(owner.get(address(name, house.hostile))) for name in before}
    merge(people, house.hostile, house.customer)
    after = {name: rows(owner.get(address(name, house.customer))) for name in before}
    assert all(merged.values()) and after == {name: before[name] + merged[name] for name in before}


def test_every_tab_takes_as_many_statements_for_a_history_as_for_none(
    owner: Desk, people: Flask, house: House, statements: list[str]
) -> None:
    with people.app_context():
        nobody = customers.create_customer(SYSTEM, {"last_name": "Neu", "email": "neu@example.com"})
        beginner = customers.create_customer(SYSTEM, {"last_name": "Neu", "email": "neu@example.com"})
        subscriptions.create_subscription(SYSTEM, subscriptions.Order(beginner, subscriptions.Booking("RAD-1")))
        db.session.remove()
    owner.get("/admin/")
    for name in ("overview", *TAB_NAMES):
        counts = []
        for number in (house.customer, beginner if name == "subscriptions" else nobody):
            statements.clear()
            owner.get(address(name, number))
            counts.append(len(statements))
        assert counts[0] == counts[1] <= 34, (name, counts)


def test_a_long_history_comes_a_page_at_a_time(owner: Desk, people: Flask, house: House, statements: list[str]) -> None:
    tab, drafted = address("invoices", house.customer), 0
    owner.post("/admin/page-size/", {"size": 20, "next": tab})
    first = owner.get(tab)
    with people.app_context(), write():
        while drafted + rows(first) < 45:
            drafts.create_draft(SYSTEM, house.customer, {}, [Position("Leistung", Decimal(1))])
            drafted += 1
    seen = []
    page = owner.get(tab)
    assert "1–20 von 45" in page
    while True:
        seen += re.findall(r'<td[^>]* lead"[^>]*><a href="/admin/invoices/details/\?id=(\d+)"', page)
        following = re.search(r'href="([^"]*after=[^"]*)" rel="next"', page)
        if following is None:
            break
        statements.clear()
        page = owner.get(html.unescape(following[1]))
        assert len(statements) <= 34
    assert len(seen) == len(set(seen)) == 45 and seen == sorted(seen, key=int, reverse=True)
    assert "41–45 von 45" in page and rows(owner.get(f"{tab}&after=garbled")) == 20


@pytest.mark.feature("M1-04")
def test_the_invoices_tab_sums_what_was_invoiced_and_leads_to_booking_a_payment(
    owner: Desk, people: Flask, house: House
) -> None:
    with people.app_context():
        mine = Invoice.customer_id == house.customer, Invoice.issued_at.is_not(None)
        total = db.session.scalars(select(func.sum(Invoice.gross_cents)).where(*mine)).one()
        with people.test_request_context():
            told = formats.money(int(total), "EUR")
        db.session.remove()
    page = owner.get(address("invoices", house.customer))
    assert told in html.unescape(page) and "In Rechnung gestellt" in page
    number = re.findall(r'href="(/admin/payments/record/\?invoice=\d+)" data-dialog', page)[0]
    assert "Zahlung buchen" in owner.get(number)


@pytest.mark.feature("M1-03")
def test_the_payments_tab_says_what_the_books_say(owner: Desk, people: Flask, house: House) -> None:
    tab = address("payments", house.customer)
    assert "Es wurde noch nichts bezahlt" in owner.get(tab)
    values = {"customer": house.customer, "amount": "50,00", "currency": "EUR", "method": "bank", "key": "einmal",
              "received_on": clock.today().isoformat()}  # fmt: skip
    page = owner.post("/admin/payments/ahead/", values, seen_on=f"/admin/payments/ahead/?customer={house.customer}")
    assert page.count("50,00\N{NO-BREAK SPACE}€") >= 3, "received, kept as credit, and the row"
    assert f"/admin/payments/pay-out/?customer={house.customer}&amp;currency=EUR" in page


@pytest.mark.feature("D-5")
def test_a_deleted_record_shows_only_what_stays(owner: Desk, people: Flask, house: House) -> None:
    until = date(2034, 12, 31)
    with people.app_context():
        with write() as session:
            erased = {"erased_at": clock.instant(), "retain_until": until, "organization": "", "email": ""}
            session.execute(update(Customer).where(Customer.id == house.customer).values(**erased))
        db.session.remove()
    page = owner.get(address("overview", house.customer))
    assert "gelöscht, Aufbewahrung bis 31.12.2034" in page and "Stammdaten</h2>" not in page
    assert "invoices" in tabs_on(page) and "vouchers" not in tabs_on(page)
    deeds = r'href="/admin/(customers/(edit|many|status|subscriptions/book)|drafts/\?)'
    assert not re.search(deeds, page) and re.search(deeds, owner.get(address("overview", house.hostile)))
    assert rows(owner.get(address("invoices", house.customer))) > 0


@pytest.mark.feature("P-04")
@pytest.mark.feature("P-05")
@pytest.mark.feature("P-06")
@pytest.mark.feature("P-07")
@pytest.mark.feature("P-08")
def test_the_card_opens_on_its_overview_with_who_it_is_the_address_below_and_the_activities_beside(
    reader: Desk, house: House
) -> None:
    listed = reader.get("/admin/customers/?search=10001")
    assert f'href="{address("overview", house.customer)}"' in listed
    page = reader.get(address("overview", house.customer)).partition('id="content"')[2]
    order = ["<h1>Müller &amp; Söhne GmbH</h1>", ">Übersicht</a>", "E-Mail</dt>", "Registrierung</dt>",
             "Rechnungsadresse</dt>", "Offene Zahlungen", 'id="activities"']  # fmt: skip
    places = [page.index(each) for each in order]
    assert places == sorted(places)


@pytest.mark.feature("R-02")
@pytest.mark.feature("R-03")
@pytest.mark.feature("R-25")
@pytest.mark.feature("M1-01")
@pytest.mark.feature("M1-05")
def test_name_and_number_lead_the_card_and_the_button_to_edit_stands_beside(owner: Desk, house: House) -> None:
    page = owner.get(address("overview", house.customer)).partition('class="head"')[2]
    head = page.partition('class="tabs"')[0]
    assert "Müller &amp; Söhne GmbH" in head and "10001" in head
    assert f'class="btn primary" href="/admin/customers/edit/?id={house.customer}"' in head
    assert "Alle Stammdaten" in page and "Holtenauer Straße 12" in page


@pytest.mark.feature("R-01")
def test_a_new_record_is_open_at_once_to_be_corrected_and_completed_with_its_cases(owner: Desk, people: Flask) -> None:
    page = send(owner, "/admin/customers/new/", organization="Werkstatt Nord", email="nord@example.com")
    number = re.findall(r"/admin/customers/edit/\?id=(\d+)", page)[0]
    assert "<h1>Werkstatt Nord</h1>" in page and "noch nicht angegeben" in page
    page = send(owner, f"/admin/customers/edit/?id={number}", address="Kaistraße 4", zipcode="24105", city="Kiel")
    assert "Kaistraße 4, 24105 Kiel" in page
    for name in ("subscriptions", "invoices"):
        assert 'panel empty"' in owner.get(address(name, int(number)))
    assert "/admin/drafts/?customer=" in owner.get(address("invoices", int(number))), "the first step"


@pytest.mark.feature("R-09")
@pytest.mark.feature("M1-02")
def test_all_cases_of_a_customer_are_listed_with_what_happens_next(reader: Desk, house: House) -> None:
    page = reader.get(address("subscriptions", house.customer))
    assert page.count('class="panel contract"') == 3 and "Nächste Zahlung" in page
    assert f'href="/admin/subscriptions/details/?id={house.subscription}"' in page


@pytest.mark.feature("D-4")
def test_records_that_share_an_iban_or_an_address_say_so_on_both_with_the_way_to_merge(
    owner: Desk, desk_of: Callable[[str], Desk], people: Flask
) -> None:
    shared = {"email": "zwei@akten.example", "bank_iban": "DE02500105170137075030"}
    with people.app_context():
        one, two = (customers.create_customer(SYSTEM, {"last_name": name, **shared}) for name in ("Eins", "Zwei"))
        db.session.remove()
    for own, other in ((one, two), (two, one)):
        hint = owner.get(address("overview", own)).partition("alike-hint")[2].partition("</div>")[0]
        assert "Vielleicht derselbe Kunde:" in hint and "gleiche E-Mail-Adresse, gleiche IBAN" in hint
        assert f'href="/admin/merge/compare/?id={own}&amp;other={other}"' in hint and "DE02" not in hint
    seen = desk_of("Buchhaltung").get(address("overview", one))
    assert "gleiche IBAN" in seen and "/admin/merge/compare" not in seen


def rows(page: str) -> int:
    return page.partition("<tbody>")[2].partition("</tbody>")[0].count("<tr")


def merge(app: Flask, merged: int, survivor: int) -> None:
    """What a merge leaves in the rows that it does not touch: the survivor's id beside the old record."""
    with app.app_context():
        with write() as session:
            session.execute(update(Customer).where(Customer.id == merged).values(survivor_id=survivor))
        db.session.remove()


@pytest.mark.feature("R-18")
def test_merging_writing_deleting_and_exporting_are_one_click_away(owner: Desk, house: House) -> None:
    page = owner.get(address("overview", house.customer))
    for deed in ("Zusammenführen mit", "Nachricht", "Löschen", "Kundendaten exportieren"):
        assert re.search(rf'<a[^>]* href="/admin/[^"]*"[^>]*>{deed}</a>', page), deed
