"""Lists: found by words, narrowed, sorted, paged, in a number of statements that no row adds to."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from sqlalchemy import update

from extensions import db
from models import Customer
from services import customers
from services.actor import SYSTEM
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import House
from tests.admin.test_screens import LISTS


def rows(page: str) -> int:
    return page.partition("<tbody>")[2].count("<tr")


def add_customers(app: Flask, number: int) -> None:
    with app.app_context():
        for index in range(number):
            customers.create_customer(SYSTEM, {"customer_type": "business", "organization": f"Laden {index:03}"})
        db.session.remove()


@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_as_many_statements_for_one_row_as_for_many(
    reader: Desk, house: House, shared_statements: list[str], name: str
) -> None:
    reader.get("/admin/")
    shared_statements.clear()
    reader.get(f"/admin/{name}/")
    offered = {"customers": 1, "invoices": 1, "receivables": 2, "subscriptions": 1}.get(name, 0)
    assert len(shared_statements) == 4 + offered, (
        "the person, the company, the clock, the list; the tags, plans or levels to choose from, what is open by age"
    )
    shared_statements.clear()
    reader.get(f"/admin/{name}/?search=1&status=active&tag=1&owing=open&state=failed&kind=plan&after=W10&sort=-number")
    assert len(shared_statements) <= 5 + offered, "one more looks how many rows the filters leave"


@pytest.mark.feature("P-01")
def test_more_rows_take_no_more_statements(owner: Desk, people: Flask, statements: list[str]) -> None:
    def seen() -> tuple[int, int]:
        statements.clear()
        page = owner.get("/admin/customers/")
        return rows(page), len(statements)

    before, few = seen()
    add_customers(people, 30)
    after, many = seen()
    assert (after - before, many) == (30, few)


def test_the_cards_take_a_fixed_number_of_statements(reader: Desk, house: House, shared_statements: list[str]) -> None:
    paths = {f"/admin/invoices/details/?id={house.invoice}": 29,
             f"/admin/subscriptions/details/?id={house.subscription}": 40, f"/admin/runs/details/?id={house.run}": 10,
             "/admin/": 27}  # fmt: skip
    for path, most in paths.items():
        shared_statements.clear()
        reader.get(path)
        assert len([s for s in shared_statements if s.startswith("SELECT")]) <= most, path


@pytest.mark.parametrize(
    ("typed", "found"),
    [("söhne", 1), ("mueller söhne", 1), ("SÖH", 1), ("soehne", 1), ("10001", 1), ("groß", 1), ("gross", 1),
     ("lübeck", 4), ("luebeck werft", 1), ("öhne", 0), ("söhne lübeck", 0), ("%", 0), ("_", 0), ("'; DROP TABLE x", 0),
     ("post@mueller.example", 6), ("", 6), ("   ", 6), ("x" * 5000, 0)],
)  # fmt: skip
def test_a_customer_is_found_by_the_beginning_of_any_word(reader: Desk, house: House, typed: str, found: int) -> None:
    response = reader.client.get("/admin/customers/", query_string={"search": typed})
    assert response.status_code == 200 and rows(response.text) == found
    assert found or "Nichts gefunden." in response.text


@pytest.mark.parametrize(
    ("typed", "found"), [("RE-2026-00001", 1), ("re-2026-0000", 9), ("RE-2026", 17), ("2026", 0), ("Werft", 3)]
)
def test_an_invoice_is_found_by_the_beginning_of_its_number_or_its_customer(
    reader: Desk, house: House, typed: str, found: int
) -> None:
    assert rows(reader.get(f"/admin/invoices/?search={typed}")) == found


def test_a_list_is_narrowed_by_its_choices(reader: Desk, house: House) -> None:
    assert rows(reader.get("/admin/messages/?state=failed")) == 1
    assert rows(reader.get("/admin/papers/?state=failed")) == 1
    assert rows(reader.get("/admin/receivables/?state=overdue")) == 0
    assert rows(reader.get("/admin/products/?kind=addon")) == 1
    assert "Hier stehen" not in reader.get("/admin/messages/?state=sent"), "an empty search is not an empty house"


@pytest.mark.parametrize("name", ["invoices", "payments", "shipments", "payments/reductions"])
def test_a_period_reads_from_and_until(owner: Desk, house: House, name: str) -> None:
    page = owner.get(f"/admin/{name}/")
    assert re.findall(r'<label class="day"><span>(.*?)</span>', page) == ["Von", "Bis"]


@pytest.mark.feature("S16")
@pytest.mark.parametrize(
    "query",
    ["sort=0", "sort=--number", "sort=-", "sort=id", "sort=number;drop", "sort=email",
     "after=x", "after=%00", "after=W10", "before=end&after=x", "before=", "after=" + "A" * 5000,
     "after=ü", "page_size=100000000", "status=' OR 1=1",
     "flt0_1=x", "tag=1", "tag=x", "tag=" + "9" * 40, "tag_name=%00", "owing=x", "search=%00", "search=%ED%A0%80",
     "id=1", "customer_type=%00"],
)  # fmt: skip
def test_a_strange_address_gets_a_calm_list(reader: Desk, house: House, query: str) -> None:
    assert rows(reader.get(f"/admin/customers/?{query}")) <= 50


@pytest.mark.feature("S26")
def test_the_page_size_is_capped_whatever_is_asked_for(owner: Desk, people: Flask) -> None:
    add_customers(people, 110)
    assert rows(owner.get("/admin/customers/?page_size=100000000")) == 50
    assert rows(owner.post("/admin/page-size/", {"size": 20, "next": "/admin/customers/?sort=number"})) == 20
    for size in ("100000000", "-5", "21", "", "x", "1e9"):
        owner.post("/admin/page-size/", {"size": size, "next": "/admin/customers/"})
        assert rows(owner.get("/admin/customers/")) == 20, size
    assert rows(owner.post("/admin/page-size/", {"size": 100, "next": "/admin/customers/"})) == 100
    assert owner.client.post("/admin/page-size/", data={"size": 50}).status_code == 400, "no token, no change"


def test_the_pager_leads_forward_and_back_and_keeps_the_search(owner: Desk, people: Flask) -> None:
    add_customers(people, 60)
    first = owner.get("/admin/customers/?search=laden&status=active")
    second = owner.get(link(first, "next"))
    assert rows(first) == 50 and rows(second) == 10
    assert "1–50" in first and "51–60 von 60" in second
    assert 'rel="prev"' not in first and 'rel="next"' not in second
    assert table(owner.get(link(second, "prev"))) == table(owner.get(link(second, "first"))) == table(first)
    assert table(owner.get(link(first, "last")))[-10:] == table(second)


def link(page: str, rel: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', page)
    assert found, rel
    return html.unescape(found[1])


def table(page: str) -> list[str]:
    return page.partition("<tbody>")[2].partition("</tbody>")[0].split("<tr")[1:]


def test_a_list_is_sorted_by_the_column_that_was_clicked(reader: Desk, house: House) -> None:
    up, down = reader.get("/admin/customers/?sort=number"), reader.get("/admin/customers/?sort=-number")
    assert up.index(">10001<") < up.index(">10006<") and down.index(">10006<") < down.index(">10001<")


@pytest.mark.feature("P-03")
def test_a_record_opens_by_its_number_and_by_its_email(reader: Desk, house: House) -> None:
    page = reader.get("/admin/customers/?search=10001")
    link = f'<a href="/admin/customers/details/?id={house.customer}">'
    assert f"{link}10001</a>" in page and f"{link}post@mueller.example</a>" in page


@pytest.mark.feature("M1-14")
def test_the_menu_leads_to_a_new_customer(reader: Desk, house: House) -> None:
    page = reader.get("/admin/customers/")
    assert 'class="here" aria-current="page">Kunden</a>' in page
    assert 'href="/admin/customers/new/">Neuen Kunden anlegen</a>' in page


def test_money_and_days_look_german(reader: Desk, house: House) -> None:
    page = reader.get("/admin/invoices/").replace("\xa0", " ")
    assert "106,98 €" in page and "21.11.2026" in page and "05.12.2026" in page
    assert "1.745,02 €" in reader.get(f"/admin/runs/details/?id={house.run}").replace("\xa0", " ")


@pytest.mark.parametrize("number", ["0", "-1", "abc", "1%20OR%201=1", "9" * 40, "", "²"])
@pytest.mark.parametrize("screen", ["customers", "invoices", "subscriptions", "runs", "messages", "activities"])
def test_a_record_that_is_not_there_is_simply_not_there(reader: Desk, house: House, screen: str, number: str) -> None:
    assert "Hier ist nichts" in reader.get(f"/admin/{screen}/details/?id={number}", 404)


@pytest.mark.feature("S16")
@pytest.mark.parametrize(
    "path", ["messages/?template=%00", "parked/?code=a%00b", "activities/?code=%00", "tags/?search=%00"]
)
def test_a_value_that_no_database_takes_is_passed_over(owner: Desk, path: str) -> None:
    """PostgreSQL refuses a NUL even in a comparison."""
    owner.get(f"/admin/{path}")


def test_what_a_customer_owes_stands_in_its_own_currency_whatever_they_pay_in_now(
    owner: Desk, people: Flask, house: House
) -> None:
    before = owner.get("/admin/customers/?owing=open")
    owed = re.findall(r"col-open_sums[^>]*>([^<]+€)<", before)
    assert owed
    with people.app_context():
        with write() as session:
            session.execute(update(Customer).values(currency_code="CHF"))
        db.session.remove()
    assert re.findall(r"col-open_sums[^>]*>([^<]+€)<", owner.get("/admin/customers/?owing=open")) == owed
