"""coupon.get, coupon.check (X-20, R-17)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from api import outward
from api.fields import Field
from api.kinds import text
from api.registry import Ask, Service, Source, declare
from queries.coupons import CouponCard, find_coupons
from services.coupons import key_of
from services.redemptions import is_usable

CODE = Field("CODE", text(40), "code")
STATES = {"early": "PREMATURE", "open": "UNUSED"}  # all others are USED


def _get(ask: Ask) -> dict[str, object]:
    code = str(ask.values.get("code", ""))
    cards = find_coupons(key_of(code), ask.page.limit, ask.page.offset)
    return {"COUPONS": [coupon_object(card) for card in cards]}


def _check(ask: Ask) -> dict[str, object]:
    values: dict[str, Any] = dict(ask.values)
    usable = is_usable(values["code"], values.get("article_number", ""))
    return {"STATUS": "valid" if usable else "invalid"}


def coupon_object(card: CouponCard) -> dict[str, object]:
    """The coupon as an answer shows it, in the order of the documentation."""
    row = card.coupon
    count, unit = {"events": (row.events, "event"), "time": (row.period_count, row.period_unit or "")}.get(
        row.lasts, (0, "")
    )
    amount = row.percent if row.percent is not None else Decimal(row.amount_cents or 0).scaleb(-2)
    return {
        "CODE": row.code,
        "TITLE": row.title,
        "DISCOUNT": f"{amount:.2f}".replace(".", ",") + ("%" if row.percent is not None else ""),
        "DISCOUNT_AMOUNT": outward.price(amount),
        "DISCOUNT_TYPE": "percent" if row.percent is not None else "fixed",
        "DISCOUNT_PERIOD": f"{count} {unit}" if unit else "",
        "DISCOUNT_PERIOD_AMOUNT": str(count),
        "DISCOUNT_PERIOD_UNIT": unit,
        "CURRENCY_CODE": row.currency_code or "",
        "CAMPAIGN": row.campaign,
        "VALID_FROM": outward.day(row.valid_from),
        "VALID_TO": outward.day(row.valid_to),
        "ASSIGNED_ARTICLES": ",".join(card.article_numbers),
        "AFFILIATE": "",
        "USAGES": str(card.uses),
        "USAGES_MAX": str(row.uses_max),
        "STATE": STATES.get(card.state, "USED"),
    }


declare(
    Service("coupon.get", "Find coupons.", Source.FILTER, (CODE,), _get, ("COUPONS",), subject="Coupon")
)  # fmt: skip
declare(
    Service(
        "coupon.check", "Ask whether a coupon can be redeemed today, for an article or at all.", Source.DATA,
        (Field("CODE", text(40), "code", required=True), Field("ARTICLE_NUMBER", text(40), "article_number")), _check,
        ("STATUS",), subject="Coupon",
    )
)  # fmt: skip
