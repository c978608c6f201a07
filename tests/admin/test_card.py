"""The customer's card: one head, one row of tabs, each open to who may read its subject."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import update

from admin.card import TABS
from extensions import db
from models import Customer
from services import customers
from services.actor import SYSTEM
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import House

CARD = "/admin/customers"
TAB_NAMES = ("subscriptions", "invoices", "payments", "messages", "vouchers")


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
        db.session.remove()
    owner.get("/admin/")
    for name in ("overview", *TAB_NAMES):
        counts = []
        for number in (house.customer, nobody):
            statements.clear()
            owner.get(address(name, number))
            counts.append(len(statements))
        assert counts[0] == counts[1] <= 34, (name, counts)


def rows(page: str) -> int:
    return page.partition("<tbody>")[2].partition("</tbody>")[0].count("<tr")


def merge(app: Flask, merged: int, survivor: int) -> None:
    """What a merge leaves in the rows that it does not touch: the survivor's id beside the old record."""
    with app.app_context():
        with write() as session:
            session.execute(update(Customer).where(Customer.id == merged).values(survivor_id=survivor))
        db.session.remove()
