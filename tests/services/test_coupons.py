"""Coupons and vouchers are redeemed within their limits and reduce what they were promised for (X-20, S24, S25)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from billing.errors import Conflict, Invalid, NotAllowed, NotFound
from extensions import db
from models import Coupon, CouponRedemption, CouponUse
from services import billing_preview, clock, corrections, coupons, redemptions
from services.actor import SYSTEM
from services.contract_changes import Change, change
from services.subscriptions import Booking
from services.unit import end_reading, write
from tests.at_once import at_once
from tests.services.shop import MONTH, bill, contract, findings, invoices, lines, product_id, somebody, stock

TODAY = date(2026, 1, 1)
PERCENT = {"code": "SOMMER", "kind": "percent", "percent": Decimal(20)}
AMOUNT = {"code": "FUENF", "kind": "amount", "amount_cents": 500, "currency_code": "EUR"}
VOUCHER = {"code": "GESCHENK", "kind": "voucher", "amount_cents": 2500, "currency_code": "EUR"}


@pytest.fixture
def customer_id(context: Flask) -> int:
    stock()
    return somebody()


def coupon(values: dict[str, Any], **more: Any) -> int:
    with clock.stand_at(TODAY):
        return coupons.create_coupon(SYSTEM, values | more)


def redeem(contract_id: int, code: str, on: date = TODAY) -> int:
    with clock.stand_at(on):
        return redemptions.redeem(SYSTEM, contract_id, code)


def nets() -> list[int]:
    return [invoice.net_cents for invoice in invoices()]


@pytest.mark.feature("X-20")
@pytest.mark.parametrize(
    ("values", "amounts"),
    [
        (PERCENT | {"events": 2}, [800, 800, 1000]),
        (PERCENT | {"lasts": "time", "period": MONTH}, [800, 1000, 1000]),
        (PERCENT | {"lasts": "ever"}, [800, 800, 800]),
        (AMOUNT, [500, 1000, 1000]),
        (VOUCHER, [0, 0, 500]),
    ],
    ids=["two events", "a month", "for ever", "an amount once", "a voucher over 25.00"],
)
def test_a_coupon_reduces_invoices_as_long_as_it_lasts(
    customer_id: int, values: dict[str, Any], amounts: list[int]
) -> None:
    coupon(values)
    with clock.stand_at(TODAY):
        contract(customer_id, coupon=values["code"])
    for month in (1, 2, 3):
        bill(date(2026, month, 1))
    assert nets() == amounts
    assert findings() == []


@pytest.mark.feature("X-20")
def test_months_made_up_in_one_run_use_a_coupon_as_punctual_runs_do(customer_id: int) -> None:
    coupon(VOUCHER)
    with clock.stand_at(TODAY):
        contract(customer_id, coupon="geschenk")
    bill("2026-04-01")
    assert nets() == [0, 0, 500, 1000]
    assert findings() == []


@pytest.mark.feature("X-20")
def test_the_line_says_what_it_was_reduced_by_and_the_use_is_written_down(customer_id: int) -> None:
    made = coupon(PERCENT)
    redemption = redeem(contract(customer_id), " sommer ")
    bill("2026-01-01")
    (line,) = lines()
    assert line.discounts == [["Gutschein SOMMER (20 %)", 200]] and (line.net_cents, line.unit_price) == (800, 10)
    use = db.session.scalars(select(CouponUse)).one()
    assert (use.redemption_id, use.billing_on, use.cents) == (redemption, TODAY, 200)
    row = db.session.get_one(CouponRedemption, redemption)
    assert row.coupon_id == made and row.ended_at is not None


@pytest.mark.feature("X-20")
def test_only_the_chosen_products_are_reduced(customer_id: int) -> None:
    coupon(PERCENT, product_ids=[product_id("extra")], lasts="ever")
    with clock.stand_at(TODAY):
        contract(customer_id, addons=(Booking("extra"),), coupon="SOMMER")
    bill("2026-01-01")
    assert [line.net_cents for line in lines()] == [1000, 160]


@pytest.mark.feature("X-20")
def test_a_coupon_taken_up_within_a_period_reduces_from_the_next_one_on(customer_id: int) -> None:
    coupon(PERCENT)
    made = contract(customer_id)
    redeem(made, "SOMMER", date(2026, 1, 10))
    bill("2026-01-15")
    bill("2026-02-01")
    assert nets() == [1000, 800]


@pytest.mark.feature("X-20")
def test_a_coupon_that_was_ended_reduces_nothing_that_begins_later(customer_id: int) -> None:
    coupon(PERCENT, lasts="ever")
    redemption = redeem(contract(customer_id), "SOMMER")
    bill("2026-01-01")
    with clock.stand_at(date(2026, 1, 20)):
        redemptions.end_redemption(SYSTEM, redemption)
        redemptions.end_redemption(SYSTEM, redemption)
    bill("2026-02-01")
    assert nets() == [800, 1000]


def taken(world: dict[str, Any]) -> None:
    other = contract(somebody("Andere"))
    redeem(other, "SOMMER")


def own(world: dict[str, Any]) -> None:
    redeem(contract(world["customer_id"]), "SOMMER")


@pytest.mark.feature("X-20")
@pytest.mark.feature("S24")
@pytest.mark.parametrize(
    ("values", "before", "reason"),
    [
        ({"is_active": False}, None, "coupon_inactive"),
        ({"valid_from": TODAY + timedelta(1)}, None, "coupon_not_yet"),
        ({"valid_to": TODAY - timedelta(1)}, None, "coupon_over"),
        ({"uses_max": 1}, taken, "coupon_used_up"),
        ({"uses_max": 2}, taken, None),
        ({}, own, "coupon_already_used"),
        ({"uses_per_customer": 2}, own, None),
        ({"somebody_elses": True}, None, "coupon_other_customer"),
        ({"product_ids": ["minute"]}, None, "coupon_other_products"),
        ({"product_ids": ["minute", "plan"]}, None, None),
        (AMOUNT | {"code": "SOMMER", "currency_code": "CHF", "percent": None}, None, "coupon_other_currency"),
        ({"valid_from": TODAY, "valid_to": TODAY}, None, None),
    ],
)
def test_who_may_redeem_a_coupon(
    customer_id: int, values: dict[str, Any], before: Callable[[dict[str, Any]], None] | None, reason: str | None
) -> None:
    values = dict(values)
    if values.pop("somebody_elses", False):
        values["customer_id"] = somebody("Andere")
    if "product_ids" in values:
        values["product_ids"] = [product_id(number) for number in values["product_ids"]]
    coupon(PERCENT, **values)
    if before:
        before({"customer_id": customer_id})
    made = contract(customer_id)
    if reason is None:
        redeem(made, "SOMMER")
        return
    with pytest.raises(NotAllowed) as refused:
        redeem(made, "SOMMER")
    assert (refused.value.code, refused.value.facts) == (reason, {"field": "coupon"})


@pytest.mark.feature("X-20")
def test_a_coupon_runs_once_on_a_contract(customer_id: int) -> None:
    coupon(PERCENT, uses_per_customer=0)
    made = contract(customer_id)
    redeem(made, "SOMMER")
    with pytest.raises(NotAllowed) as refused:
        redeem(made, "SOMMER")
    assert refused.value.code == "coupon_already_used"


@pytest.mark.feature("X-20")
def test_a_change_may_bring_a_coupon_which_reduces_from_the_change_on(customer_id: int) -> None:
    coupon(PERCENT)
    made = contract(customer_id)
    bill("2026-01-01")
    with clock.stand_at(date(2026, 1, 11)):
        change(SYSTEM, made, Change(Booking("plan", unit_price=Decimal(31)), coupon="SOMMER"))
    bill("2026-01-11")
    bill("2026-02-01")
    kept = [(invoice.kind, invoice.net_cents) for invoice in invoices()]
    # 21 of 31 days credited, the same days at the new price less 20 percent, and a month without the coupon
    assert kept == [("invoice", 1000), ("correction", -677), ("invoice", 1680), ("invoice", 3100)]
    assert findings() == []


@pytest.mark.feature("X-20")
def test_an_unknown_code_concludes_no_contract(customer_id: int) -> None:
    with pytest.raises(NotFound) as refused:
        contract(customer_id, coupon="GIBTSNICHT")
    assert refused.value.facts == {"field": "coupon"} and bill("2026-01-01").issued == 0


@pytest.mark.feature("S24")
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"percent": Decimal("100.01")}, "percent"),
        ({"percent": Decimal(0)}, "percent"),
        ({"percent": None}, "percent"),
        ({"kind": "amount"}, "amount_cents"),
        ({"kind": "amount", "amount_cents": 0, "currency_code": "EUR"}, "amount_cents"),
        ({"kind": "amount", "amount_cents": 500}, "currency_code"),
        ({"kind": "gift"}, "kind"),
        ({"code": " "}, "code"),
        ({"code": "x" * 41}, "code"),
        ({"events": 0}, "events"),
        ({"lasts": "time"}, "period"),
        ({"uses_max": -1}, "uses_max"),
        ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}, "valid_to"),
    ],
)
def test_a_coupon_that_makes_no_sense_is_refused(customer_id: int, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        coupon(PERCENT | values)
    assert refused.value.field == field


@pytest.mark.feature("X-20")
def test_codes_are_compared_without_capitals_and_blanks_and_are_taken_once(customer_id: int) -> None:
    coupon(PERCENT)
    with pytest.raises(Conflict) as refused:
        coupon(PERCENT, code="som mer")
    assert refused.value.facts == {"field": "code"}


@pytest.mark.feature("X-20")
def test_what_was_promised_stays_and_the_rest_may_change(customer_id: int) -> None:
    made = coupon(PERCENT)
    coupons.update_coupon(SYSTEM, made, {"percent": Decimal(25)})
    redeem(contract(customer_id), "SOMMER")
    with pytest.raises(NotAllowed) as refused:
        coupons.update_coupon(SYSTEM, made, {"percent": Decimal(5)})
    assert refused.value.facts == {"field": "percent"}
    coupons.update_coupon(SYSTEM, made, {"title": "Sommer", "uses_max": 9})
    coupons.switch_coupon(SYSTEM, made, active=False)
    end_reading()
    row = db.session.get_one(Coupon, made)
    assert (row.percent, row.title, row.uses_max, row.is_active) == (Decimal(25), "Sommer", 9, False)
    bill("2026-01-01")
    assert nets() == [750]


@pytest.mark.feature("X-20")
def test_a_full_storno_gives_events_and_vouchers_back(customer_id: int) -> None:
    coupon(PERCENT)
    coupon(VOUCHER)
    made = contract(customer_id)
    for code in ("SOMMER", "GESCHENK"):
        redeem(made, code)
    bill("2026-01-01")
    assert nets() == [0]
    with clock.stand_at(date(2026, 1, 2)):
        corrections.cancel(SYSTEM, invoices()[0].id, reason="Irrtum", bill_again=True)
    left = db.session.scalars(select(CouponRedemption.left_cents).where(CouponRedemption.left_cents.is_not(None))).one()
    assert left == 2500 and findings() == []
    bill("2026-01-03")
    bill("2026-02-01")
    bill("2026-03-01")
    assert nets() == [0, 0, 0, 0, 300]  # the Storno among them; 8.00 and 10.00 of the voucher, then its last 7.00
    assert findings() == []


@pytest.mark.feature("X-20")
def test_the_preview_counts_with_coupons_and_uses_none(customer_id: int) -> None:
    coupon(PERCENT)
    redeem(contract(customer_id), "SOMMER")
    (draft,) = billing_preview.preview(TODAY).drafts
    assert draft.net_cents == 800
    assert db.session.scalar(select(func.count()).select_from(CouponUse)) == 0


@pytest.mark.feature("X-20")
def test_a_use_is_neither_deleted_nor_changed(customer_id: int) -> None:
    coupon(PERCENT)
    redeem(contract(customer_id), "SOMMER")
    bill("2026-01-01")
    for statement in ("DELETE FROM coupon_uses", "UPDATE coupon_uses SET cents = 1"):
        with pytest.raises(IntegrityError), write() as session:
            session.execute(text(statement))


@pytest.mark.feature("L1")
def test_more_than_the_limits_allow_is_found(customer_id: int) -> None:
    made = coupon(PERCENT, uses_max=1)
    redeem(contract(customer_id), "SOMMER")
    voucher = coupon(VOUCHER)
    redeem(contract(customer_id), "GESCHENK")
    bill("2026-01-01")
    with write() as session:
        session.add(CouponRedemption(coupon_id=made, subscription_id=1, customer_id=customer_id, starts_on=TODAY))
        session.execute(text("UPDATE coupon_redemptions SET left_cents = 1 WHERE left_cents IS NOT NULL"))
    assert voucher and set(findings()) == {"coupon_overused", "voucher_differs"}


@pytest.fixture
def fifty(app: Flask) -> list[int]:
    """Fifty contracts of fifty customers, and a coupon that one of them may have."""
    with app.app_context():
        stock()
        coupons.create_coupon(SYSTEM, PERCENT | {"uses_max": 1})
        made = [contract(somebody(f"Kunde {n}")) for n in range(50)]
        db.session.remove()
    return made


@pytest.mark.feature("S25")
def test_fifty_at_once_redeem_the_last_use_once(app: Flask, fifty: list[int]) -> None:
    outcomes = at_once(app, [lambda key=key: redemptions.redeem(SYSTEM, key, "SOMMER") for key in fifty])
    assert sorted(outcomes) == ["coupon_used_up"] * 49 + ["done"]


@pytest.mark.feature("S25")
def test_without_the_lock_the_last_use_would_be_redeemed_twice(app: Flask, fifty: list[int]) -> None:
    """The negative control: two that counted the uses before either wrote its own."""
    both_have_counted = threading.Barrier(2)

    def naively(contract_id: int) -> None:
        used = coupons.uses_of(db.session(), 1)
        end_reading()
        both_have_counted.wait(30)
        if not used:
            with write() as session:
                session.add(CouponRedemption(coupon_id=1, subscription_id=contract_id, customer_id=contract_id,
                                             starts_on=TODAY))  # fmt: skip

    assert at_once(app, [lambda key=key: naively(key) for key in fifty[:2]]) == ["done", "done"]
    with app.app_context():
        assert coupons.uses_of(db.session(), 1) == 2
