"""Payments of a method, however rare it is, are found by an index in the order of their list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, text

from app import create_app
from extensions import db
from models import Customer, JournalEntry, Payment
from queries.lists import conditions
from queries.lists.listing import page
from queries.lists.payments import PAYMENTS
from queries.lists.shape import Wish
from services import load
from services.actor import SYSTEM
from services.unit import write
from tests.conftest import fresh_database, settings_for
from tests.plans import explained

DAY = date(2026, 11, 1)
MANY, RARE = 3_000, 40  # payments by transfer; the first ones of all were by card
INDEX = "ix_payments_method_received_on_id"


@pytest.fixture(scope="module")
def paying(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A house whose rare payments lie behind all others, whichever way they are walked."""
    folder = tmp_path_factory.mktemp("paying")
    with fresh_database(template, folder) as url:
        app = create_app(settings_for(folder, url))
        with app.app_context():
            load.seed_load(SYSTEM, 1, DAY)
            _pay()
            db.session.remove()
            if db.engine.dialect.name == "postgresql":
                options: Any = {"isolation_level": "AUTOCOMMIT", "door": "write"}
                with db.engine.connect().execution_options(**options) as connection:
                    connection.execute(text("VACUUM ANALYZE"))
            yield app
            db.session.remove()
            db.engine.dispose()


def _pay() -> None:
    with write() as session:
        of = {"customer_id": session.scalars(select(Customer.id)).one(), "currency_code": "EUR"}
        keys = range(1_000, 1_000 + RARE + MANY)
        session.execute(insert(JournalEntry), [of | {"id": n, "kind": "payment", "booked_on": DAY} for n in keys])
        session.execute(insert(Payment), [
            of | {"id": n, "entry_id": n, "amount_cents": 100, "received_on": DAY + timedelta(number // 10),
                  "method": "card" if number < RARE else "bank"}
            for number, n in enumerate(keys)
        ])  # fmt: skip


@pytest.mark.feature("M1-03")
@pytest.mark.parametrize("few", [conditions.FEW, 1])
@pytest.mark.parametrize("more", [{}, {"from": "2026-11-01", "to": "2026-11-04"}])
def test_a_rare_method_is_found_by_its_index_on_every_page(
    paying: Flask, monkeypatch: pytest.MonkeyPatch, few: int, more: dict[str, str]
) -> None:
    monkeypatch.setattr(conditions, "FEW", few)
    wish, found, after = Wish(narrow={"method": "card"} | more), list[int](), ""
    for _ in range(RARE // 20):
        with explained() as plans:
            shown = page(PAYMENTS, wish, 20, after=after)
        assert len(plans) == 2 and all(INDEX in plan for _, plan in plans), plans
        found, after = found + [row.id for row in shown.rows], shown.after or ""
    assert found == list(range(1_000 + RARE - 1, 999, -1)) and not after and shown.sort == "received_on"


@pytest.mark.feature("M1-03")
@pytest.mark.parametrize("sort", ["", "received_on", "-received_on"])
def test_a_method_of_most_stands_by_the_day_in_either_direction(paying: Flask, sort: str) -> None:
    shown = page(PAYMENTS, Wish(narrow={"method": "bank"}, sort=sort), 20)
    first = 1_000 + RARE
    ids = range(first, first + 20) if sort == "received_on" else range(first + MANY - 1, first + MANY - 21, -1)
    assert [row.id for row in shown.rows] == list(ids) and not shown.many
    assert page(PAYMENTS, Wish(narrow={"method": "", "kind": "payment"}), 20).sort == "received_on"
