"""Pages of lists: every row once, forward and back, whatever the order, and no table read from end to end for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text

from app import create_app
from benchmarks.lists import scans_in_full
from extensions import db
from models import Customer, Invoice, Tag
from queries.lists import house, position
from queries.lists.books import LEDGER
from queries.lists.customers import TAGS, customers
from queries.lists.invoices import invoices
from queries.lists.listing import page
from queries.lists.papers import PAPERS
from queries.lists.payments import PAYMENTS
from queries.lists.receivables import receivables
from queries.lists.shape import Listing, Wish
from queries.lists.shipments import SHIPMENTS
from queries.lists.subscriptions import CLAIMS, SUBSCRIPTIONS
from services import billing_run, load
from services.actor import SYSTEM
from services.unit import write
from tests.conftest import fresh_database, settings_for

TODAY = date(2026, 12, 31)
MANY = 1_500  # customers: more than are collected and sorted


@pytest.fixture(scope="module")
def town(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A town of customers with words, tags, contracts, invoices and drafts; nothing in it changes."""
    folder = tmp_path_factory.mktemp("town")
    with fresh_database(template, folder) as url:
        app = create_app(settings_for(folder, url))
        with app.app_context():
            load.seed_load(SYSTEM, MANY, date(2026, 11, 1))
            load.seed_lists(SYSTEM, MANY)
            billing_run.bill(date(2026, 11, 1), SYSTEM)
            _settle_most()
            _add_drafts()
            _analyze()
            db.session.remove()
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def _settle_most() -> None:
    """Two of three invoices are paid; the books do not know, for nobody reads them here."""
    with write() as session:
        session.execute(text("UPDATE receivables SET open_cents = 0 WHERE kind = 'invoice' AND id % 3 <> 0"))


def _add_drafts() -> None:
    """Documents without number and day, which stand last in either order."""
    with write() as session:
        first = session.query(Customer).first()
        assert first
        session.add_all(Invoice(customer_id=first.id, currency_code="EUR") for _ in range(7))


def _analyze() -> None:
    """PostgreSQL's planner goes by statistics; SQLite's by rules."""
    if db.engine.dialect.name == "postgresql":
        options: Any = {"isolation_level": "AUTOCOMMIT", "door": "write"}
        with db.engine.connect().execution_options(**options) as connection:
            connection.execute(text("VACUUM ANALYZE"))


@pytest.fixture
def walking(town: Flask) -> Iterator[Flask]:
    with town.app_context():
        yield town
        db.session.remove()


def walk(listing: Listing, wish: Wish, size: int, pages: int = 10_000) -> list[int]:
    """All ids by going forward, after going back from each page led to the one before it."""
    found: list[int] = []
    after, before_that = "", None
    for _ in range(pages):
        shown = page(listing, wish, size, after=after)
        ids = [row.id for row in shown.rows]
        if before_that is not None:
            assert [row.id for row in page(listing, wish, size, before=shown.before or "").rows] == before_that
        found, before_that = found + ids, ids
        if shown.after is None:
            return found
        after = shown.after
    return found


@pytest.mark.parametrize("sort", ["", "number", "-number", "issued_on", "-issued_on", "newest"])
def test_every_invoice_is_met_once_forward_and_back_with_or_without_a_number(walking: Flask, sort: str) -> None:
    ids = walk(invoices(TODAY), Wish(sort=sort), 250)
    assert len(ids) == len(set(ids)) == MANY + 7
    drafts = {row.id for row in db.session.query(Invoice).filter(Invoice.number.is_(None))}
    if sort.removeprefix("-") in ("number", "issued_on"):
        assert set(ids[-7:]) == drafts, "what has no value stands last, whichever way"
    last = page(invoices(TODAY), Wish(sort=sort), 100, before=position.END)
    assert [row.id for row in last.rows] == ids[-100:] and last.after is None and last.number is None


@pytest.mark.parametrize("sort", ["", "number", "-number", "name", "-name"])
@pytest.mark.parametrize("narrow", [{}, {"tag": "1"}, {"status": "active"}, {"owing": "open"}, {"owing": "clear"}])
def test_every_customer_is_met_once_in_every_order_and_filter(
    walking: Flask, sort: str, narrow: dict[str, str]
) -> None:
    owing = db.session.scalars(text("SELECT DISTINCT customer_id FROM receivables WHERE open_cents > 0")).all()
    assert 0 < len(owing) < MANY / 2
    counts = {"tag": MANY // 2, "status": MANY, "open": len(owing), "clear": MANY - len(owing)}
    key = narrow.get("owing") or next(iter(narrow), "")
    ids = walk(customers(TODAY), Wish(narrow=narrow, sort=sort), 300)
    assert len(ids) == len(set(ids)) == counts.get(key, MANY)


def test_more_hits_than_can_be_sorted_stand_in_the_order_of_the_list_and_say_so(walking: Flask) -> None:
    everybody = page(customers(TODAY), Wish(search="kunde", sort="name"), 50)
    assert everybody.many and everybody.sort == "newest" and everybody.descending
    few = page(customers(TODAY), Wish(search="kunde mül", sort="name"), 50)
    assert not few.many and few.sort == "name"
    names = [row.name.split()[-1] for row in few.rows]
    assert set(names) == {"Müller"}


LISTS: dict[str, tuple[Listing, Wish]] = {
    "customers": (customers(TODAY), Wish()),
    "by number": (customers(TODAY), Wish(sort="-number")),
    "by name": (customers(TODAY), Wish(sort="name")),
    "beginning of a word with umlaut": (customers(TODAY), Wish(search="mül")),
    "two words": (customers(TODAY), Wish(search="mül kiel", sort="name")),
    "a word of everybody": (customers(TODAY), Wish(search="kunde")),
    "tag of many": (customers(TODAY), Wish(narrow={"tag": "1"})),
    "tag of many by name": (customers(TODAY), Wish(narrow={"tag": "1"}, sort="name")),
    "tag of few": (customers(TODAY), Wish(narrow={"tag": "2"}, sort="name")),
    "tag by its name": (customers(TODAY), Wish(narrow={"tag_name": "viele"})),
    "status": (customers(TODAY), Wish(narrow={"status": "blocked"})),
    "status of most by name": (customers(TODAY), Wish(narrow={"status": "active"}, sort="name")),
    "open amounts": (customers(TODAY), Wish(narrow={"owing": "open"}, sort="name")),
    "overdue": (customers(TODAY), Wish(narrow={"owing": "overdue"})),
    "paid credit": (customers(TODAY), Wish(narrow={"owing": "credit"})),
    "everything at once": (
        customers(TODAY), Wish("kun", {"tag": "1", "status": "active", "owing": "clear", "customer_type": "consumer"}),
    ),
    "tags": (TAGS, Wish(search="v")),
    "subscriptions": (SUBSCRIPTIONS, Wish(narrow={"status": "cancelled"}, sort="started_on")),
    "subscriptions of words": (SUBSCRIPTIONS, Wish(search="mül")),
    "claims": (CLAIMS, Wish(narrow={"state": "skipped"})),
    "claims of one": (CLAIMS, Wish(search="7")),
    "invoices": (invoices(TODAY), Wish(sort="-number")),
    "invoices by day": (invoices(TODAY), Wish(narrow={"from": "2026-11-01", "to": "2026-11-30"})),
    "invoices by number": (invoices(TODAY), Wish(search="RE-2026-0001")),
    "invoices of words": (invoices(TODAY), Wish(search="mül")),
    "corrections": (invoices(TODAY), Wish(narrow={"kind": "correction"})),
    "drafts": (invoices(TODAY), Wish(narrow={"status": "draft"})),
    "open invoices": (invoices(TODAY), Wish(narrow={"owing": "overdue"})),
    "receivables": (receivables(TODAY), Wish()),
    "overdue receivables": (receivables(TODAY), Wish(narrow={"state": "overdue"})),
    "receivables of words": (receivables(TODAY), Wish(search="mül")),
    "receivables by age": (receivables(TODAY), Wish(narrow={"age": "31-60"})),
    "payments": (PAYMENTS, Wish()),
    "write-offs": (PAYMENTS, Wish(narrow={"kind": "write_off"})),
    "returned debits": (PAYMENTS, Wish(narrow={"kind": "returned_debit"})),
    "payments of what was taken twice": (PAYMENTS, Wish(narrow={"state": "taken_twice"})),
    "payments that were undone": (PAYMENTS, Wish(narrow={"state": "undone"})),
    "payments that were moved": (PAYMENTS, Wish(narrow={"state": "moved"})),
    "payments that are owed again": (PAYMENTS, Wish(narrow={"state": "owed_again"})),
    "payments by day": (PAYMENTS, Wish(narrow={"from": "2026-11-01", "to": "2026-11-30"})),
    "payments of words": (PAYMENTS, Wish(search="mül")),
    "shipments": (SHIPMENTS, Wish(narrow={"from": "2026-11-01"})),
    "papers": (PAPERS, Wish(narrow={"state": "failed"})),
    "ledger": (LEDGER, Wish(narrow={"kind": "write_off"})),
    "returned debits in the ledger": (LEDGER, Wish(narrow={"kind": "returned_debit"})),
    "ledger of words": (LEDGER, Wish(search="mül")),
    "messages": (house.MESSAGES, Wish(narrow={"state": "failed"})),
    "messages of words": (house.MESSAGES, Wish(search="mül")),
    "activities": (house.activities(frozenset({"load.seeded"})), Wish(narrow={"code": "load.seeded"})),
    "runs": (house.RUNS, Wish()),
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_no_page_reads_a_table_from_end_to_end(walking: Flask, name: str) -> None:
    """Asked of the database in use, for the first page and for one far behind it."""
    listing, wish = LISTS[name]
    first = page(listing, wish, 20)
    for place in ("", first.after or ""):
        seen = _statements(listing, wish, place)
        assert len(seen) <= 2
        assert [sql for sql, values in seen if scans_in_full(sql, values, avoidable=True)] == []


def _statements(listing: Listing, wish: Wish, after: str) -> list[tuple[str, Any]]:
    seen: list[tuple[str, Any]] = []

    def note(_c: object, _u: object, statement: str, parameters: object, *_rest: object) -> None:
        seen.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    page(listing, wish, 20, after=after)
    event.remove(db.engine, "before_cursor_execute", note)
    return seen


@pytest.mark.feature("S16")
@given(st.one_of(st.text(max_size=60), st.binary(max_size=60).map(lambda raw: raw.hex()), st.just("W10")))
def test_whatever_is_no_place_is_no_place(token: str) -> None:
    assert position.read(token, (Customer.sort_name, Customer.id)) is None


@pytest.mark.feature("S16")
@pytest.mark.parametrize(
    "values",
    [[None, "a"], [0, "a", "b"], [0, 1, 2], [0, "a\x00", 2], [0, "\ud800", 2], [0, "a", 2**70], [0, "a", True],
     [-1, "a", 2], ["x", "a", 2], [0, None, 2], [0, "a", None], [0, ["a"], 2], {"a": 1}, 7],
)  # fmt: skip
def test_a_place_of_other_values_is_none(values: Any) -> None:
    import base64
    import json

    token = base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
    assert position.read(token, (Customer.sort_name, Customer.id)) is None


@given(st.text(max_size=80).filter(lambda name: "\x00" not in name), st.integers(1, 2**62), st.integers(0, 10**9))
def test_a_place_comes_back_as_it_was_written(name: str, number: int, before: int) -> None:
    if not name.isascii() and len(name) > 60:
        return
    written = position.write([name, number], before)
    assert position.read(written, (Customer.sort_name, Customer.id)) == position.Position((name, number), before)


def test_the_tag_of_a_name_is_the_same_however_it_is_written(walking: Flask, tmp_path: Path) -> None:
    assert {tag.name for tag in db.session.query(Tag)} == {"Viele", "Wenige"}
    assert len(page(customers(TODAY), Wish(narrow={"tag_name": "WENIGE"}), 50).rows) == 10
