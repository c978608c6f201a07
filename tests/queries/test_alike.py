"""Records that may be of the customer whom somebody is typing in (D-4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event, update

from extensions import db
from models import Customer
from queries.alike import Typed, find_alike
from queries.customers import CustomerFilter, find_customers
from services import customer_erasure, customers
from services.actor import SYSTEM
from services.unit import write

IBAN = "DE02120300000000202051"


@pytest.fixture
def wendt(context: Flask) -> int:
    return customers.create_customer(SYSTEM, {
        "last_name": "Wendt", "first_name": "Åsa", "email": "Asa@Wendt.example", "zipcode": "24105", "city": "Kiel",
        "phone": "0431 123456", "mobile": "+49 170 7654321", "bank_iban": IBAN,
    })  # fmt: skip


@pytest.mark.feature("D-4")
@pytest.mark.parametrize(
    ("typed", "same"),
    [(Typed(email=" asa@WENDT.example"), ("email",)),
     (Typed(last_name="WENDT", first_name="asa", zipcode="24105"), ("name",)),
     (Typed(phones=("+49 (0)431 / 12 34 56",)), ("phone",)), (Typed(phones=("", "0170-7654321")), ("phone",)),
     (Typed(iban="de02 1203 0000 0000 2020 51"), ("iban",)),
     (Typed(email="asa@wendt.example", iban=IBAN), ("email", "iban"))],
)  # fmt: skip
def test_a_record_alike_is_found_and_says_by_what(wendt: int, typed: Typed, same: tuple[str, ...]) -> None:
    (found,) = find_alike(typed)
    assert (found.id, found.name, found.place, found.same) == (wendt, "Åsa Wendt", "24105 Kiel", same)
    assert find_alike(typed, except_id=wendt) == ()


@pytest.mark.parametrize(
    "typed",
    [Typed(), Typed(email="asa@wendt"), Typed(last_name="Wendt", first_name="Åsa"), Typed(zipcode="24105"),
     Typed(last_name="Wendt", zipcode="24105"), Typed(phones=("0431",)), Typed(iban="DE02"),
     Typed(email="=tel:431123456"), Typed(email="%", phones=("%",), iban="%" * 20)],
)  # fmt: skip
def test_half_of_it_is_like_nobody(wendt: int, typed: Typed) -> None:
    assert find_alike(typed) == ()


def test_a_telephone_number_is_no_word_of_a_search(wendt: int) -> None:
    assert find_customers(CustomerFilter(term="tel"), 10) == find_customers(CustomerFilter(term="=tel:431"), 10) == []


def test_a_changed_number_is_found_and_the_old_one_is_not(wendt: int) -> None:
    customers.update_customer(SYSTEM, wendt, {"phone": "0431 999999"})
    assert find_alike(Typed(phones=("0431 123456",))) == ()
    assert find_alike(Typed(phones=("0431 999999",)))[0].id == wendt


@pytest.mark.feature("D-5")
@pytest.mark.feature("D-11")
def test_merged_and_deleted_records_are_like_nobody(wendt: int) -> None:
    other = customers.create_customer(SYSTEM, {"last_name": "Wendt", "email": "asa@wendt.example"})
    with write() as session:
        session.execute(update(Customer).where(Customer.id == wendt).values(survivor_id=other))
    assert [found.id for found in find_alike(Typed(email="asa@wendt.example"))] == [other]
    customer_erasure.delete_customer(SYSTEM, other)
    assert find_alike(Typed(email="asa@wendt.example", iban=IBAN)) == ()


@pytest.fixture
def statements(context: Flask) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def test_a_house_full_of_one_number_takes_one_statement_and_shows_five(statements: list[str]) -> None:
    for number in range(8):
        customers.create_customer(SYSTEM, {"last_name": f"Büro {number}", "phone": "040 5000000"})
    db.session.rollback()
    statements.clear()
    found = find_alike(Typed(email="x@y.example", phones=("040 5000000",), iban=IBAN, last_name="A", zipcode="1"))
    assert len(found) == 5 and found[0].name == "Büro 7"
    assert len([each for each in statements if each.startswith("SELECT")]) == 1
