"""A customer's money over some months: late, too much, at the wrong invoice, given up and paid after all."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from billing.errors import NotAllowed
from extensions import db
from models import Receivable
from services import payment_rows
from services.unit import end_reading
from tests.scenarios.story import Story


def open_amounts(story: Story, customer: int) -> list[int]:
    end_reading()
    query = select(Receivable.open_cents).where(Receivable.customer_id == customer).order_by(Receivable.id)
    return list(db.session.scalars(query))


def credit(customer: int) -> int:
    end_reading()
    return payment_rows.credit_of(db.session(), customer, "EUR")


@pytest.mark.feature("D-9")
@pytest.mark.feature("X-03")
def test_a_winter_of_payments(story: Story) -> None:
    """Three invoices of 119.00; the books are checked when the diary ends."""
    anna = story.on("2026-10-01").customer("Anna")
    bert = story.on("2026-10-01").customer("Bert")
    story.on("2026-10-01").subscribe("100.00", customer=anna)
    contract = story.on("2026-10-01").subscribe("100.00", customer=bert)
    story.bill_until("2026-12-01")
    october, november, december = (bill.number for bill in story.invoices(anna))
    of_bert = story.invoices(bert)[0].number

    paid = story.on("2026-12-02").pay_too_much(october, "31.00")
    story.on("2026-12-03").use_credit(november)
    assert (open_amounts(story, anna), credit(anna)) == ([0, 8800, 11900], 0)

    mistaken = story.on("2026-12-04").pay(december)
    story.on("2026-12-05").move_payment(mistaken, of_bert)
    lost = story.on("2026-12-06").write_off(december)
    assert (open_amounts(story, anna), open_amounts(story, bert)) == ([0, 8800, 0], [0, 11900, 11900])

    story.on("2026-12-20").cancel_payment(lost, "paid after all")
    story.on("2026-12-20").pay(december)
    story.on("2026-12-21").pay_ahead(anna, "88.00")
    story.on("2026-12-21").use_credit(november)
    story.on("2026-12-22").ship(contract)
    assert (open_amounts(story, anna), credit(anna), paid > 0) == ([0, 0, 0], 0, True)


@pytest.mark.feature("D-9")
def test_what_was_paid_ahead_settles_the_next_invoice_and_cannot_be_cancelled_any_more(story: Story) -> None:
    anna = story.on("2026-10-01").customer("Anna")
    story.on("2026-10-01").subscribe("100.00", customer=anna)
    ahead = story.on("2026-09-30").pay_ahead(anna, "50.00")
    story.bill_until("2026-10-01")
    (bill,) = story.invoices(anna)
    assert (open_amounts(story, anna), credit(anna)) == ([6900], 0)
    with pytest.raises(NotAllowed) as refused:
        story.on("2026-10-02").cancel_payment(ahead)
    assert refused.value.code == "credit_used"
    story.on("2026-10-03").pay(bill.number)
    assert (open_amounts(story, anna), credit(anna)) == ([0], 0)
