"""Coupons, with whether they can be redeemed today."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import case, func, literal, or_, select

from models import Coupon, CouponRedemption
from queries.lists.conditions import Condition, Rows, equals
from queries.lists.shape import Listing, Sort

KINDS = frozenset({"percent", "amount", "voucher"})
STATES = frozenset({"open", "early", "over", "used_up", "off"})
_USES = select(func.count()).where(CouponRedemption.coupon_id == Coupon.id).correlate(Coupon).scalar_subquery()


def coupon_list(today: date) -> Listing:
    """Coupons are few, so their orders need no index: what can be redeemed stands first."""
    state = _state(today)

    def rows() -> Rows:
        return select(
            Coupon.id, Coupon.code, Coupon.title, Coupon.kind, Coupon.percent, Coupon.amount_cents,
            Coupon.currency_code, Coupon.valid_to, Coupon.uses_max, _USES.label("uses"), state.label("state"),
        )  # fmt: skip

    def in_state(value: str) -> Condition | None:
        return Condition(state == value) if value in STATES else None

    return Listing(
        statement=rows,
        key=Coupon.id,
        order="-usable",
        sorts={"usable": Sort((case((state == "open", 1), else_=0),)), "code": Sort((Coupon.code,)),
               "title": Sort((Coupon.title,))},
        narrows={"kind": equals(Coupon.kind, KINDS), "state": in_state},
        search=_words,
    )  # fmt: skip


def _state(today: date) -> Any:
    """As billing.discounts.state_of says it."""
    return case(
        (~Coupon.is_active, literal("off")),
        (Coupon.valid_from > today, literal("early")),
        (Coupon.valid_to < today, literal("over")),
        ((Coupon.uses_max > 0) & (Coupon.uses_max <= _USES), literal("used_up")),
        else_=literal("open"),
    )


def _words(text: str) -> list[Condition]:
    """Found by any part of the code, the title or the campaign."""
    columns = (Coupon.code, Coupon.title, Coupon.campaign)
    found = (func.lower(column).contains(text.lower(), autoescape=True) for column in columns)
    return [Condition(or_(*found))]
