"""CSV that no table program calculates, streamed beside those who write."""

from __future__ import annotations

import csv
import io
import threading

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from admin.exports import FORMULA, harmless
from extensions import db
from models import Customer
from services import customers
from services.actor import SYSTEM
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import LONG, House


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


@pytest.mark.feature("S11")
@given(st.sampled_from([*FORMULA, " ", "\u00a0", "A", "1"]), st.text(max_size=20))
def test_no_text_begins_like_a_formula(first: str, rest: str) -> None:
    assert not harmless(first + rest).lstrip(" \u00a0").startswith(FORMULA)


@pytest.mark.feature("S11")
def test_names_are_escaped_and_figures_stay_figures(reader: Desk, house: House) -> None:
    found = {row["Name"]: row for row in table(reader.get("/admin/customers/export/csv/"))}
    assert {"'=cmd|calc", "Müller & Söhne GmbH", LONG} <= set(found)
    assert found["Müller & Söhne GmbH"] == {
        "Nummer": "10001", "Name": "Müller & Söhne GmbH", "E-Mail": "post@mueller.example", "Ort": "Kiel",
        "Status": "aktiv", "offen": "449,36",
    }  # fmt: skip
    ledger = table(reader.get("/admin/ledger/export/csv/"))
    assert {row["Betrag"] for row in ledger} >= {"-89,90", "106,98"}
    assert len(ledger) > 50, "an export is not a page"


def test_an_export_holds_what_the_list_was_narrowed_to(reader: Desk, house: House) -> None:
    assert len(table(reader.get("/admin/invoices/export/csv/?search=Werft"))) == 3
    first = table(reader.get("/admin/customers/export/csv/?search=l%C3%BCbeck&sort=0"))
    assert [row["Nummer"] for row in first] == ["10003", "10004", "10005", "10006"]


def test_an_export_takes_one_statement_and_says_what_it_is(owner: Desk, house: House, statements: list[str]) -> None:
    owner.get("/admin/")
    statements.clear()
    answer = owner.client.get("/admin/invoices/export/csv/")
    assert len(table(answer.text)) == 17
    assert len([s for s in statements if s.startswith("SELECT")]) == 2, "the person and the rows"
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=invoices-")


@pytest.mark.parametrize("kind", ["xlsx", "json", "../csv", "csv%00"])
def test_there_are_no_other_kinds_of_export(reader: Desk, house: House, kind: str) -> None:
    reader.get(f"/admin/customers/export/{kind}/", 404)


def test_fifty_writes_succeed_while_an_export_is_being_sent(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        with write() as session:  # more than the export fetches at a time
            session.add_all(Customer(number=f"L-{n}", hash=f"{n:032}", organization=f"Laden {n}") for n in range(700))
        db.session.remove()
    answer = owner.client.get("/admin/customers/export/csv/", buffered=False)
    chunks = iter(answer.response)
    sent = [next(chunks), next(chunks)]  # the head and the first rows: the reading transaction is open now
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            with people.app_context():
                for step in range(5):
                    _make(number * 10 + step)
        except BaseException as error:
            failures.append(error)

    writers = [threading.Thread(target=work, args=(number,)) for number in range(10)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    sent += list(chunks)
    answer.close()
    assert failures == []
    text = b"".join(part if isinstance(part, bytes) else part.encode() for part in sent).decode()
    names = [row["Name"] for row in table(text)]
    assert len(names) == 706, "the export shows one moment: that of its beginning"
    with people.app_context():
        assert db.session.query(Customer).count() == 756
        db.session.remove()


def _make(index: int) -> int:
    return customers.create_customer(SYSTEM, {"customer_type": "business", "organization": f"Neuer Laden {index}"})
