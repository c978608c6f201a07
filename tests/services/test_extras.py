"""Usage, coupons and credit are loaded and written for a whole chunk at once (EB-65)."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select, update

from billing.money import Money
from extensions import db
from models import CouponUse, Invoice, Subscription, UsageRecord
from services import billing_run, clock, coupons, credit, payments, products, redemptions, usage
from services.actor import SYSTEM
from services.load import seed_load
from services.payments import Receipt
from services.unit import write
from services.usage import Used
from tests.services.shop import findings
from tests.services.test_billing_run import statements_of

FIRST = date(2026, 1, 1)


def furnish(contract_id: int, customer_id: int) -> None:
    """Two records of usage, a coupon, granted and paid credit."""
    for minutes in (5, 7):
        usage.record_usage(SYSTEM, Used(contract_id, "minute", Decimal(minutes), used_on=FIRST))
    redemptions.redeem(SYSTEM, contract_id, "SOMMER", FIRST)
    credit.grant_credit(SYSTEM, customer_id, Money(100, "EUR"))
    payments.prepay(SYSTEM, customer_id, Receipt(Money(200, "EUR"), FIRST))


def chunk_of(count: int, on: date) -> Counter[str]:
    """The statements of a chunk of that many customers, all of whom have everything."""
    with clock.stand_at(FIRST):
        seed_load(SYSTEM, count, FIRST)
        for contract_id, customer_id in db.session.execute(
            select(Subscription.id, Subscription.customer_id).order_by(Subscription.id.desc()).limit(count)
        ).all():
            furnish(contract_id, customer_id)
    with clock.stand_at(on):
        run_id = billing_run.start(on, SYSTEM, ring=False)
        (chunk_id,) = billing_run.pending_chunks(run_id)
        seen = statements_of(lambda: billing_run.run_chunk(chunk_id))
    with write() as session:
        session.execute(update(Subscription).values(next_billing_on=None))
    return seen


@pytest.mark.feature("EB-65")
@pytest.mark.feature("X-20")
def test_the_statements_of_a_chunk_do_not_grow_with_usage_coupons_and_credit(context: Flask) -> None:
    products.create_product(SYSTEM, {"number": "minute", "title": "Minuten", "unit_price": Decimal("0.10")})
    coupons.create_coupon(SYSTEM, {"code": "SOMMER", "kind": "percent", "percent": Decimal(20), "lasts": "ever"})
    chunk_of(1, date(2026, 2, 1))
    assert chunk_of(2, date(2026, 2, 2)) == chunk_of(12, date(2026, 2, 3))
    rows = db.session.execute(select(UsageRecord.id).where(UsageRecord.claim_id.is_not(None))).all()
    uses = db.session.scalars(select(CouponUse.cents)).all()
    prepaid = set(db.session.scalars(select(Invoice.prepaid_cents)))
    assert len(rows) == 30 and len(uses) == 30 and prepaid == {0, 200}
    assert set(findings()) <= {"mark_too_late"}  # the marks were taken away by hand
