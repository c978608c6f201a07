"""The hint on the card that another record may be the same customer, on both of them (D-4)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from extensions import db
from models import Customer
from queries.duplicates import MOST, Duplicate, find_duplicates, get_kin
from services import customer_erasure, customers
from services.actor import SYSTEM
from services.unit import end_reading, write
from tests.queries.test_statements import statements

IBAN = "DE02120300000000202051"
PLACE = {"address": "Kai 1", "zipcode": "24103"}

pytestmark = pytest.mark.usefixtures("context")


def made(**values: Any) -> int:
    return customers.create_customer(SYSTEM, {"last_name": "Wendt", **values})


def hint(customer_id: int) -> tuple[Duplicate, ...]:
    end_reading()
    return find_duplicates(db.session.get_one(Customer, customer_id, populate_existing=True))


@pytest.mark.feature("D-4")
@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"email": "Asa@Wendt.example"}, {"email": "asa@WENDT.example"}, ("email",)),
        ({"bank_iban": "DE02 1203 0000 0000 2020 51"}, {"bank_iban": IBAN}, ("iban",)),
        (PLACE, PLACE, ("address",)),
        ({"email": "a@b.example", "bank_iban": IBAN}, {"email": "a@b.example", "bank_iban": IBAN}, ("email", "iban")),
        ({"email": "a@b.example"}, {"email": "c@d.example"}, ()),
        (PLACE, PLACE | {"address": "Kai 2"}, ()),
        ({}, {}, ()),
    ],
)
def test_what_two_records_share_is_told_on_both(one: Any, other: Any, same: tuple[str, ...]) -> None:
    first, second = made(**one), made(**other)
    for own, twin in ((first, second), (second, first)):
        assert [(each.id, each.same) for each in hint(own)] == ([(twin, same)] if same else [])


@pytest.mark.feature("D-5")
@pytest.mark.feature("D-11")
def test_merged_and_deleted_records_are_nobody_s_twin() -> None:
    first, merged, deleted = (made(bank_iban=IBAN) for _ in range(3))
    customer_erasure.delete_customer(SYSTEM, deleted)
    with write() as session:
        session.execute(update(Customer).where(Customer.id == merged).values(survivor_id=first))
    assert hint(first) == ()


@pytest.mark.feature("D-4")
def test_one_record_or_many_alike_take_the_same_statements() -> None:
    own = made(email="a@b.example", bank_iban=IBAN, **PLACE)
    counts = []
    for _ in range(2):
        end_reading()
        row = db.session.get_one(Customer, own)
        with statements() as seen:
            found = get_kin(row).duplicates
        counts.append(len(seen))
        for _ in range(MOST + 2):
            made(email="a@b.example", bank_iban=IBAN)
    assert counts == [2, 2] and found[0].same == ("email", "iban") and len(found) == MOST
