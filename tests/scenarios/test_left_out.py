"""A customer is left out, mended, and billed again; the books hold (the fixture checks them after the story)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from extensions import db
from models import ParkedCustomer
from services import clock, parked
from services.actor import SYSTEM
from services.customers import update_customer
from services.parked import Retried
from tests.scenarios.story import ADDRESS, Story


@pytest.mark.feature("EB-25")
def test_without_an_address_left_out_with_one_billed_once(story: Story) -> None:
    customer = story.on("2027-01-01").customer(address="", zipcode="", city="")
    story.on("2027-01-01").subscribe("300", customer=customer)
    story.on("2027-01-01").subscribe("9.90")
    counts = story.on("2027-01-01").run()
    assert (counts.issued, counts.failed) == (1, 1) and story.invoices(customer) == []

    story.on("2027-01-08")
    with clock.stand_at(story.last or clock.instant()):
        (row,) = db.session.scalars(select(ParkedCustomer.id)).all()
        assert parked.retry(SYSTEM, row) == Retried(0, ("missing_fields",))
        update_customer(SYSTEM, customer, ADDRESS)
        assert parked.retry(SYSTEM, row) == Retried(1, ())
    (bill,) = story.invoices(customer)
    assert (bill.issued_on.isoformat(), bill.lines[0].period) == ("2027-01-08", "2027-01-01 - 2027-01-31")
    assert story.on("2027-01-09").run().issued == 0
