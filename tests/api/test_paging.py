"""LIMIT and OFFSET: ten without a filter, a hundred at most."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from extensions import db
from models import Customer
from services.unit import write
from tests.api.wire import Wire


@pytest.fixture(scope="module")
def many(shared_app: Flask) -> int:
    """105 customers."""
    rows = [{"number": f"K{n}", "hash": f"{n:032x}", "last_name": f"Name {n}", "city": "Kiel"} for n in range(1, 106)]
    with shared_app.app_context():
        with write() as session:
            session.execute(insert(Customer), rows)
        db.session.remove()
    return len(rows)


@pytest.mark.feature("M1-27")
@pytest.mark.parametrize(
    ("parts", "first", "count"),
    [
        ({}, "K1", 10),
        ({"filter": {}}, "K1", 10),
        ({"filter": {"CITY": "kiel"}}, "K1", 100),
        ({"limit": 3}, "K1", 3),
        ({"limit": "3", "offset": "5"}, "K6", 3),
        ({"limit": 1000}, "K1", 100),
        ({"limit": 10**8}, "K1", 100),
        ({"limit": 100, "offset": 100}, "K101", 5),
        ({"offset": 104}, "K105", 1),
        ({"limit": 0, "offset": ""}, "K1", 10),
    ],
)
def test_a_page_has_as_many_rows_as_allowed(shared: Wire, many: int, parts: Any, first: str, count: int) -> None:
    found = shared.ok("customer.get", **parts)["CUSTOMERS"]
    assert (found[0]["CUSTOMER_NUMBER"], len(found)) == (first, count)


def test_a_page_behind_the_last_is_empty(shared: Wire, many: int) -> None:
    assert shared.ok("customer.get", offset=many) == {"CUSTOMERS": []}


@pytest.mark.feature("S26")
@pytest.mark.parametrize("name", ["LIMIT", "OFFSET"])
@pytest.mark.parametrize("value", [-1, "abc", 10**30, "1e99", [1], {"A": 1}, True, 1.5])
def test_a_page_that_cannot_be_is_refused_by_its_name(shared: Wire, name: str, value: Any) -> None:
    assert shared.errors("customer.get", **{name: value}) == [f"missing / invalid field: {name}"]


def test_calls_that_write_do_not_look_at_a_stale_page_or_filter(wire: Wire) -> None:
    data = {"CUSTOMER_TYPE": "consumer", "LAST_NAME": "Meier"}
    made = wire.ok("customer.create", filter={"CUSTOMER_ID": "x"}, limit=-5, offset="abc", data=data)
    assert made["STATUS"] == "success"
