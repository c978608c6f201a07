"""Shipments find the invoice that they belong to, and never stand without one (M2-35)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from billing.errors import Invalid, KontorError, NotAllowed, NotFound
from extensions import db
from models import Activity, Invoice, Shipment, Subscription
from queries.shipments import ShipmentFilter, find_shipments, get_shipment
from services import corrections
from services.actor import Actor
from services.shipments import Delivery, change_shipment, create_shipment, delete_shipment
from services.unit import end_reading
from tests.conftest import fresh_database, settings_for
from tests.scenarios.story import Story

SERVED = [("S-1", "2"), ("S-2", "1")]
PACKER = Actor("api", 1, "Versand")


@pytest.fixture(scope="module")
def billed(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A contract billed for September to November 2026, one that begins in December, and another customer's."""
    folder = tmp_path_factory.mktemp("billed")
    with fresh_database(template, folder) as url:
        app = create_app(settings_for(folder, url))
        with app.app_context():
            story = Story()
            story.on("2026-09-01").subscribe("10.00", addons=("2.50",), quantity="2")
            story.on("2026-09-01").subscribe("20.00", starts="2026-12-01")
            story.on("2026-11-01").subscribe("30.00")
            story.bill_until("2026-11-01")
            db.session.remove()
            db.engine.dispose()
        yield url


@pytest.fixture
def database_url(billed: str, tmp_path: Path) -> Iterator[str]:
    with fresh_database(billed, tmp_path) as url:
        yield url


@pytest.fixture
def contracts(context: Flask) -> list[int]:
    return list(db.session.scalars(select(Subscription.id).order_by(Subscription.id)))


def invoices_of(contract: int) -> list[int]:
    return list(db.session.scalars(select(Invoice.id).where(Invoice.subscription_id == contract).order_by(Invoice.id)))


def send(**values: Any) -> int:
    if isinstance(values.get("shipped_on"), str):
        values["shipped_on"] = date.fromisoformat(values["shipped_on"])
    return create_shipment(PACKER, Delivery(**values))


@pytest.mark.feature("M2-35")
@pytest.mark.parametrize(
    ("day", "which"),
    [
        ("2026-09-01", 0),  # the first day of a period belongs to it
        ("2026-09-30", 0),
        ("2026-10-01", 1),
        ("2026-11-15", 2),
        ("2026-12-01", 2),  # no invoice covers it yet: the contract's last
        ("2026-08-01", 2),
    ],
)
def test_a_shipment_finds_the_invoice_whose_period_covers_its_day(contracts: list[int], day: str, which: int) -> None:
    card = get_shipment(send(subscription_id=contracts[0], shipped_on=day))
    assert card and card.invoice_id == invoices_of(contracts[0])[which]


@pytest.mark.feature("M2-33")
def test_an_invoice_may_have_several_shipments(contracts: list[int]) -> None:
    made = [
        send(subscription_id=contracts[0], shipped_on=f"2026-09-{day}", tracking_number=f"T-{day}")
        for day in (10, 20, 30)
    ]
    first = invoices_of(contracts[0])[0]
    found = find_shipments(ShipmentFilter(invoice_ids=(first,)), 10)
    assert [(card.id, card.tracking_number) for card in found] == list(zip(made, ["T-10", "T-20", "T-30"], strict=True))


def test_an_invoice_that_was_cancelled_is_the_last_choice(contracts: list[int]) -> None:
    september = invoices_of(contracts[0])[0]
    corrections.cancel(PACKER, september, reason="wrong price")
    card = get_shipment(send(subscription_id=contracts[0], shipped_on="2026-09-10"))
    assert card and card.invoice_id == september, "nothing else bills September"


def test_without_articles_it_is_what_the_contract_serves_on_that_day(contracts: list[int]) -> None:
    card = get_shipment(send(subscription_id=contracts[0], shipped_on="2026-09-10"))
    assert card and [(each["article_number"], each["quantity"]) for each in card.articles] == SERVED
    own = [{"article_number": "X", "title": "Sattel", "quantity": "1"}]
    card = get_shipment(send(subscription_id=contracts[0], shipped_on="2026-09-10", articles=own))
    assert card and card.articles == own


def test_an_invoice_may_be_named_instead_of_the_contract(contracts: list[int]) -> None:
    second = invoices_of(contracts[0])[1]
    card = get_shipment(send(invoice_id=second, shipped_on="2026-11-20"))
    assert card and (card.invoice_id, card.subscription_id) == (second, contracts[0])
    assert [each["article_number"] for each in card.articles] == ["S-1", "S-2"]


REFUSED: dict[str, tuple[dict[str, Any], type[KontorError], str, str]] = {
    "neither contract nor invoice": ({}, Invalid, "missing", "subscription_id"),
    "an unknown contract": ({"subscription_id": 4711}, NotFound, "unknown_subscription", "subscription_id"),
    "an unknown invoice": ({"invoice_id": 4711}, NotFound, "unknown_invoice", "invoice_id"),
    "a contract without an invoice": ({"subscription_id": 2}, NotAllowed, "not_billed_yet", "subscription_id"),
    "another customer's invoice": ({"subscription_id": 2, "invoice_id": 1}, Invalid, "of_another_customer",
                                   "invoice_id"),
    "a state of its own": ({"subscription_id": 1, "status": "lost"}, Invalid, "not_a_choice", "status"),
    "a novel for a number": ({"subscription_id": 1, "tracking_number": "x" * 81}, Invalid, "too_long",
                             "tracking_number"),
    "before the calendar": ({"subscription_id": 1, "shipped_on": "0026-11-01"}, Invalid, "out_of_range", "shipped_on"),
}  # fmt: skip


@pytest.mark.feature("M2-35")
@pytest.mark.parametrize("case", REFUSED)
def test_a_shipment_without_an_invoice_is_refused_with_the_field(contracts: list[int], case: str) -> None:
    values, error, code, field = REFUSED[case]
    with pytest.raises(error) as refused:
        send(**values)
    assert (refused.value.code, refused.value.facts["field"]) == (code, field)
    assert db.session.scalar(select(func.count()).select_from(Shipment)) == 0


def test_a_shipment_is_changed_moved_and_deleted_and_the_record_tells(contracts: list[int]) -> None:
    made = send(subscription_id=contracts[0], shipped_on="2026-09-10")
    october = invoices_of(contracts[0])[1]
    change_shipment(PACKER, made, {"tracking_number": "T-1", "status": "delivered", "invoice_id": october})
    card = get_shipment(made)
    assert card and (card.tracking_number, card.status, card.invoice_id) == ("T-1", "delivered", october)
    change_shipment(PACKER, made, {"tracking_number": "T-1"})  # nothing new
    delete_shipment(PACKER, made)
    end_reading()
    assert get_shipment(made) is None
    codes = db.session.scalars(select(Activity.code).where(Activity.object_kind == "shipment").order_by(Activity.id))
    assert list(codes) == ["shipment.created", "shipment.changed", "shipment.deleted"]
    for deed in (lambda: change_shipment(PACKER, made, {}), lambda: delete_shipment(PACKER, made)):
        with pytest.raises(NotFound):
            deed()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [0, 1, 2]), ({"status": "planned"}, [2]), ({"shipped_from": date(2026, 10, 1)}, [1, 2]),
        ({"shipped_to": date(2026, 10, 1)}, [0, 1]), ({"subscription_ids": (1,)}, [0, 1]), ({"ids": (2, 3)}, [1, 2]),
    ],
)  # fmt: skip
def test_shipments_are_found_by_what_is_known_of_them(
    contracts: list[int], wanted: dict[str, Any], found: list[int]
) -> None:
    send(subscription_id=contracts[0], shipped_on="2026-09-10")
    send(subscription_id=contracts[0], shipped_on="2026-10-01")
    send(subscription_id=contracts[2], shipped_on="2026-11-15", status="planned")
    cards = find_shipments(ShipmentFilter(**wanted), 10)
    assert [card.id - 1 for card in cards] == found
