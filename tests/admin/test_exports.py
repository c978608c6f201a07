"""Lists as files: no table program calculates them, nobody else fetches them, and a long one is made by a job."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from documents.sheets import FORMULA, harmless
from extensions import db
from models import Activity, Customer, Export, Role, RolePermission, SearchWord
from services import clock, customers, exports, files
from services.actor import SYSTEM
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import LONG, House

HOSTILE = ("<svg onload=alert(1)>", "=cmd|'/c calc'!A1", "@SUM(A1)", "+49 40", "-1+1", "x" * 200,
           "🚲 Rad 👩🏽‍🔧", "مرحبا שלום",
           "＝1+1")  # fmt: skip
XML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def fetch(desk: Desk, path: str) -> Any:
    answer = desk.client.post(path, data={"csrf_token": desk.own_token()})
    assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
    return answer


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode().removeprefix("\ufeff")), delimiter=";"))


def sheet(content: bytes) -> list[list[tuple[str, str]]]:
    """(kind, text) of each cell: `inlineStr` for a string, `n` for a number; no cell may hold a formula."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    root = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    assert not list(root.iter(f"{XML}f"))
    styles = ElementTree.fromstring(archive.read("xl/styles.xml"))
    (formats,) = styles.iter(f"{XML}cellXfs")
    assert {int(cell.get("s", "0")) for cell in root.iter(f"{XML}c")} <= set(range(len(formats)))
    return [
        [(cell.get("t", "n"), "".join(cell.itertext())) for cell in row.iter(f"{XML}c")]
        for row in root.iter(f"{XML}row")
    ]


@pytest.mark.feature("S11")
@given(st.sampled_from([*FORMULA, " ", "\u00a0", "A", "1"]), st.text(max_size=20))
def test_no_text_begins_like_a_formula(first: str, rest: str) -> None:
    assert not harmless(first + rest).lstrip(" \u00a0").startswith(FORMULA)


@pytest.mark.feature("S11")
def test_hostile_names_are_text_in_the_list_and_in_all_three_files(owner: Desk, people: Flask) -> None:
    with people.app_context():
        for name in HOSTILE:
            customers.create_customer(SYSTEM, {"customer_type": "business", "organization": name, "city": "Probe"})
        db.session.remove()
    page = owner.get("/admin/customers/?search=probe")
    assert "&lt;svg onload=alert(1)&gt;" in page and "<svg" not in page
    rows = table(fetch(owner, "/admin/customers/export/csv/?search=probe&sort=number").data)
    assert [row["Firma"].removeprefix("'") for row in rows] == list(HOSTILE)
    assert [row["Firma"][0] == "'" for row in rows] == [name.startswith(FORMULA) for name in HOSTILE]
    excel = sheet(fetch(owner, "/admin/customers/export/xlsx/?search=probe&sort=number").data)
    assert [row[2] for row in excel[1:]] == [("inlineStr", name) for name in HOSTILE]
    records = json.loads(fetch(owner, "/admin/customers/export/json/?search=probe&sort=number").data)
    assert [record["organization"] for record in records] == list(HOSTILE)


@pytest.mark.feature("S11")
def test_figures_stay_figures_and_days_days(owner: Desk, house: House) -> None:
    found = {row["Name"]: row for row in table(fetch(owner, "/admin/customers/export/csv/").data)}
    assert {"'=cmd|calc", "Müller & Söhne GmbH", LONG} <= set(found)
    mueller = found["Müller & Söhne GmbH"]
    assert (mueller["Offen"], mueller["Währung"], mueller["Status"]) == ("449,36", "EUR", "aktiv")
    ledger = table(fetch(owner, "/admin/ledger/export/csv/").data)
    assert {row["Betrag"] for row in ledger} >= {"-89,90", "106,98"}
    assert len(ledger) > 50, "a file is not a page"
    invoices = sheet(fetch(owner, "/admin/invoices/export/xlsx/?search=RE-2026-00001").data)
    heads = [text for _kind, text in invoices[0]]
    row = dict(zip(heads, invoices[1], strict=True))
    assert row["Nummer"] == ("inlineStr", "RE-2026-00001")
    assert row["Betrag"] == ("n", "112.34") and row["Datum"] == ("n", "46347"), "21.11.2026 in days since 1900"
    assert row["Währung"] == ("inlineStr", "EUR")
    (record,) = json.loads(fetch(owner, "/admin/invoices/export/json/?search=RE-2026-00001").data)
    assert (record["gross_cents"], record["currency_code"], record["issued_on"]) == (11234, "EUR", "2026-11-21")
    assert record["kind"] == "invoice" and isinstance(record["id"], int)


def test_a_file_holds_what_the_list_was_narrowed_to_in_its_order(owner: Desk, house: House) -> None:
    assert len(table(fetch(owner, "/admin/invoices/export/csv/?search=Werft").data)) == 3
    rows = table(fetch(owner, "/admin/customers/export/csv/?search=l%C3%BCbeck&sort=number").data)
    assert [row["Nummer"] for row in rows] == ["10003", "10004", "10005", "10006"]
    rows = table(
        fetch(owner, f"/admin/customers/export/csv/?id={house.customer}&id={house.hostile}&id=99999&id=x").data
    )
    assert [row["Nummer"] for row in rows] == ["10002", "10001"]
    assert table(fetch(owner, "/admin/customers/export/csv/?search=gibtesnicht").data) == []
    assert json.loads(fetch(owner, "/admin/customers/export/json/?search=gibtesnicht").data) == []


def test_a_short_file_takes_a_fixed_number_of_statements_and_says_what_it_is(
    owner: Desk, house: House, statements: list[str]
) -> None:
    owner.get("/admin/")
    statements.clear()
    answer = owner.client.get("/admin/invoices/export/csv/")
    assert len(table(answer.data)) == 17
    asked = [s for s in statements if s.startswith("SELECT")]
    assert len(asked) <= 5, "the person, the clock, the levels to choose from, the rows, the note"
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=invoices-")


@pytest.mark.parametrize("kind", ["pdf", "../csv", "csv%00", "XLSX"])
def test_there_are_no_other_kinds_of_files(reader: Desk, house: House, kind: str) -> None:
    reader.get(f"/admin/customers/export/{kind}/", 404)


@pytest.fixture
def crowded(people: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """More customers than are sent at once; a slice after the other."""
    with people.app_context():
        with write() as session:
            made = [
                Customer(number=f"L-{n:05}", hash=f"{n:032}", organization=f"Laden {n}", sort_name=f"laden {n}")
                for n in range(1100)
            ]
            session.add_all(made)
            session.flush()
            session.add_all(SearchWord(customer_id=row.id, word="laden") for row in made)
        db.session.remove()
    monkeypatch.setattr(exports, "SLICE", 250)
    return people


def order(desk: Desk, path: str) -> str:
    """The button for a long list; gives the page it leads to."""
    answer = desk.client.post(path, data={"csrf_token": desk.own_token()}, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def orders(app: Flask) -> list[Export]:
    with app.app_context():
        found = list(db.session.scalars(select(Export).order_by(Export.id)))
        db.session.remove()
        return found


def work_off(app: Flask) -> None:
    with app.app_context():
        for export_id in exports.waiting(10):
            exports.work(export_id)
        db.session.remove()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_a_long_list_is_ordered_made_in_slices_and_fetched(
    owner: Desk, crowded: Flask, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "WORK", 600.0)  # all of it in one turn, however busy the machine is
    asking = owner.get(f"/admin/customers/export/{kind}/?search=laden")
    assert "im Hintergrund" in asking and orders(crowded) == [], "looking at an address orders nothing"
    page = order(owner, f"/admin/customers/export/{kind}/?customer_type=consumer&sort=name")
    assert "Exporte" in page and "wartet" in page.lower()
    work_off(crowded)
    (row,) = orders(crowded)
    assert (row.state, row.rows_done, row.rows_all) == ("done", 1100, 1100)
    answer = owner.client.get(f"/admin/exports/download/?id={row.id}")
    assert answer.headers["Cache-Control"] == "no-store" and "attachment" in answer.headers["Content-Disposition"]
    names = names_in(kind, answer.data)
    assert names == sorted(f"Laden {n}" for n in range(1100)), "every row once, in the order of the list"
    with crowded.app_context():
        assert not exports.path_of(row.id).exists()


def names_in(kind: str, content: bytes) -> list[str]:
    if kind == "json":
        return [record["name"] for record in json.loads(content)]
    if kind == "csv":
        return [row["Name"] for row in table(content)]
    return [row[1][1] for row in sheet(content)[1:]]


def test_an_interrupted_export_goes_on_where_it_was(
    owner: Desk, crowded: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(owner, "/admin/customers/export/csv/?customer_type=consumer&sort=number")
    monkeypatch.setattr(exports, "WORK", -1.0)  # every job has time for one slice
    work_off(crowded)
    (row,) = orders(crowded)
    assert (row.state, row.rows_done) == ("running", 250)
    with crowded.app_context(), exports.path_of(row.id).open("ab") as file:
        file.write(b"half a line of a slice that nobody noted")
    for _ in range(5):
        work_off(crowded)
    (row,) = orders(crowded)
    content = owner.client.get(f"/admin/exports/download/?id={row.id}").data
    assert [found["Nummer"] for found in table(content)] == [f"L-{n:05}" for n in range(1100)]


def test_an_export_that_fails_is_tried_again_and_then_told(
    owner: Desk, crowded: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(owner, "/admin/customers/export/csv/")

    def broken(*_: Any) -> bytes:
        raise OSError("disk full")

    monkeypatch.setattr("documents.sheets.head", broken)
    for attempt in range(exports.MOST_FAILURES):
        with clock.stand_at(clock.real() + timedelta(days=attempt + 1)):
            work_off(crowded)
    (row,) = orders(crowded)
    assert (row.state, row.error) == ("failed", "OSError")
    assert "fehlgeschlagen" in owner.get("/admin/exports/")


@pytest.mark.feature("S22")
def test_a_file_is_its_orderers_alone_and_only_while_the_role_allows_it(
    desk_of: Callable[[str], Desk], crowded: Flask
) -> None:
    clerk, owner = desk_of("Buchhaltung"), desk_of("Inhaber")
    order(clerk, "/admin/customers/export/csv/?search=laden")
    work_off(crowded)
    (row,) = orders(crowded)
    path = f"/admin/exports/download/?id={row.id}"
    assert owner.client.get(path).status_code == 404, "not even the owner learns that it exists"
    assert "Laden" not in owner.get("/admin/exports/") and f"id={row.id}" not in owner.get("/admin/exports/")
    assert clerk.client.get(path).status_code == 200
    with crowded.app_context():
        with write() as session:
            role = session.scalars(select(Role).where(Role.name == "Buchhaltung")).one()
            session.delete(session.get(RolePermission, (role.id, "customers.export")))
        db.session.remove()
    assert clerk.client.get(path).status_code == 403


def test_after_a_week_file_and_order_are_gone(owner: Desk, crowded: Flask) -> None:
    order(owner, "/admin/customers/export/csv/")
    work_off(crowded)
    (row,) = orders(crowded)
    with crowded.app_context():
        stored = row.file_id or 0
        exports.forget_old()
        assert files.read(stored).filename.startswith("customers-")
        with clock.stand_at(clock.today() + timedelta(days=8)):
            exports.forget_old()
        db.session.remove()
    assert orders(crowded) == []
    assert owner.client.get(f"/admin/exports/download/?id={row.id}").status_code == 404


def test_one_person_cannot_order_without_end(owner: Desk, crowded: Flask) -> None:
    for _ in range(exports.MOST_WAITING):
        order(owner, "/admin/customers/export/csv/")
    assert "Fünf Ihrer Dateien" in order(owner, "/admin/customers/export/csv/")
    assert len(orders(crowded)) == exports.MOST_WAITING


def test_who_took_a_list_along_is_known_afterwards(owner: Desk, people: Flask, house: House) -> None:
    fetch(owner, "/admin/ledger/export/csv/")
    with people.app_context():
        row = db.session.scalars(select(Activity).where(Activity.code == "export.made")).one()
        assert row.actor_kind == "staff"
        db.session.remove()
    assert re.search("Liste exportiert", owner.get("/admin/activities/?code=export.made"))
