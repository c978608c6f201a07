"""What stands at the head of a card is found by indexes, however long the history is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import insert, text

from extensions import db
from models import Activity
from queries.cards.customer_head import get_head
from queries.cards.status import get_status_history
from services import clock, customers
from services.actor import SYSTEM
from services.customer_status import change_status
from services.unit import write
from tests.plans import explained

MANY = 3000  # activities of which none is about the status


@pytest.fixture
def busy(app: Flask) -> Iterator[int]:
    """A customer about whom much was written down, and whose status was never changed."""
    with app.app_context():
        number = customers.create_customer(SYSTEM, {"last_name": "Viel", "email": "viel@example.com"})
        row = {"at": clock.instant(), "actor_kind": "system", "code": "customer.changed", "customer_id": number,
               "object_kind": "customer", "object_id": number, "digest": "0" * 64}  # fmt: skip
        with write() as session:
            session.execute(insert(Activity), [row] * MANY)
            session.execute(text("ANALYZE"))
        yield number
        db.session.remove()


@pytest.mark.feature("P-14")
def test_whether_the_status_was_ever_changed_is_read_from_an_index_of_its_own(busy: int) -> None:
    with explained() as plans:
        head = get_head(busy)
        assert get_status_history(busy) == ()
    assert head is not None and not head.status_changed
    asked = [plan for statement, plan in plans if "customer.blocked" in statement]
    assert len(asked) == 2
    for plan in asked:
        assert "ix_activities_status" in plan and "ix_activities_customer_id_id" not in plan, plan


@pytest.mark.feature("P-14", "P-15")
def test_one_change_among_many_activities_is_found_and_told(busy: int) -> None:
    change_status(SYSTEM, busy, "block", "zahlt nicht")
    head = get_head(busy)
    assert head is not None and head.status_changed
    assert [(each.new, each.reason) for each in get_status_history(busy)] == [("blocked", "zahlt nicht")]
