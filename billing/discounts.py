"""What reduces a position before VAT: coupons by percent or amount, vouchers, granted credit (X-20, D-9).

The order is fixed: percents, then amounts, then vouchers, each by its redemption; granted credit last, the oldest
first. Each takes from what the one before left, so nothing ever falls below zero. A percent is rounded once a
position; an amount is shared over the positions in proportion to what is left of them, to the cent. Everything is in
the contract's own mode: on a net price list 10.00 are 10.00 net, on a gross one 10.00 gross.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from billing.money import divide_half_up, split_cents

COUPON_WORDS = {"de": "Gutschein {code}", "en": "Coupon {code}"}
GRANT_WORDS = {"de": "Guthaben", "en": "Credit"}


class Discount(NamedTuple):
    """What a line is reduced by, before VAT, in the document's net or gross mode (EN 16931, BG-27). `cents` > 0."""

    text: str
    cents: int
    source: str = ""  # "coupon" | "grant"; empty for a discount by hand
    source_id: int = 0  # the coupon's redemption, the grant


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon as it runs on one contract (its redemption) and what is left of it.

    `cents` is the amount of each event, or with `is_voucher` what the voucher still holds. `used` has the billing
    days that were events already, with the cents taken on them.
    """

    redemption_id: int
    subscription_id: int
    code: str
    starts_on: date
    percent: Decimal | None = None
    cents: int = 0
    currency: str = ""  # of an amount; a percent fits every currency
    is_voucher: bool = False
    product_ids: frozenset[int] = frozenset()  # none: all
    ends_on: date | None = None  # exclusive
    events: int | None = None  # None: no limit
    used: Mapping[date, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grant:
    """Credit that was granted, not paid (D-9): `cents` are left of it."""

    id: int
    currency: str
    cents: int


@dataclass(frozen=True, slots=True)
class Position:
    """One position of a draft as discounts see it. `begins_on` is the first day of what it bills."""

    subscription_id: int | None
    product_id: int | None
    begins_on: date
    cents: int


class Purse:
    """One customer's coupons and grants, emptied draft by draft in the order of their billing days."""

    def __init__(self, coupons: Iterable[Coupon], grants: Iterable[Grant], language: str) -> None:
        self._coupons = sorted(coupons, key=_turn)
        self._grants = sorted(grants, key=lambda grant: grant.id)
        self._left = {grant.id: grant.cents for grant in self._grants}
        self._used = {coupon.redemption_id: dict(coupon.used) for coupon in self._coupons}
        self._held = {coupon.redemption_id: coupon.cents for coupon in self._coupons if coupon.is_voucher}
        self._german = language == "de"
        self._coupon_words = COUPON_WORDS.get(language, COUPON_WORDS["en"])
        self._grant_words = GRANT_WORDS.get(language, GRANT_WORDS["en"])

    def take(self, billing_on: date, currency: str, positions: Sequence[Position]) -> list[tuple[Discount, ...]]:
        """The discounts of each position of a draft; what is taken is gone for the next draft."""
        left = [position.cents for position in positions]
        found: dict[int, list[Discount]] = defaultdict(list)
        for coupon in self._coupons:
            fitting = [n for n, position in enumerate(positions) if left[n] > 0 and fits(coupon, currency, position)]
            if fitting and self._has_event(coupon, billing_on):
                self._take_coupon(coupon, billing_on, fitting, left, found)
        for grant in self._grants:
            self._take_grant(grant, currency, left, found)
        return [tuple(found[n]) for n in range(len(positions))]

    def _has_event(self, coupon: Coupon, billing_on: date) -> bool:
        used = self._used[coupon.redemption_id]
        return coupon.events is None or billing_on in used or len(used) < coupon.events

    def _take_coupon(
        self, coupon: Coupon, on: date, fitting: list[int], left: list[int], found: dict[int, list[Discount]]
    ) -> None:
        used, text = self._used[coupon.redemption_id], self._coupon_words.format(code=coupon.code)
        if coupon.percent is not None:
            parts = [share_of(left[n], coupon.percent) for n in fitting]
            text = f"{text} ({self._percent(coupon.percent)})"
        else:
            most = self._held[coupon.redemption_id] if coupon.is_voucher else coupon.cents - used.get(on, 0)
            parts = shared(most, [left[n] for n in fitting])
        for n, cents in zip(fitting, parts, strict=True):
            _take(n, Discount(text, cents, "coupon", coupon.redemption_id), left, found)
        if any(parts):
            used[on] = used.get(on, 0) + sum(parts)
        if coupon.is_voucher:
            self._held[coupon.redemption_id] -= sum(parts)

    def _percent(self, percent: Decimal) -> str:
        plain = f"{percent.normalize():f}"
        return f"{plain.replace('.', ',')} %" if self._german else f"{plain}%"

    def _take_grant(self, grant: Grant, currency: str, left: list[int], found: dict[int, list[Discount]]) -> None:
        fitting = [n for n, cents in enumerate(left) if cents > 0]
        if grant.currency != currency or not fitting:
            return
        parts = shared(self._left[grant.id], [left[n] for n in fitting])
        self._left[grant.id] -= sum(parts)
        for n, cents in zip(fitting, parts, strict=True):
            _take(n, Discount(self._grant_words, cents, "grant", grant.id), left, found)


def fits(coupon: Coupon, currency: str, position: Position) -> bool:
    """Whether the coupon is for this position: its contract, its product, its days, its currency."""
    return (
        position.subscription_id == coupon.subscription_id
        and (not coupon.product_ids or position.product_id in coupon.product_ids)
        and coupon.starts_on <= position.begins_on
        and (coupon.ends_on is None or position.begins_on < coupon.ends_on)
        and coupon.currency in ("", currency)
    )


def state_of(
    is_active: bool, valid_from: date | None, valid_to: date | None, uses_max: int, uses: int, on: date
) -> str:
    """Whether a coupon can be redeemed on a day: open, early, over, used_up or off."""
    if not is_active:
        return "off"
    if valid_from is not None and on < valid_from:
        return "early"
    if valid_to is not None and on > valid_to:
        return "over"
    return "used_up" if 0 < uses_max <= uses else "open"


def share_of(cents: int, percent: Decimal) -> int:
    """So many percent of what is left of a position, rounded half up once and never more than all of it."""
    top, bottom = percent.as_integer_ratio()
    return min(cents, divide_half_up(cents * top, 100 * bottom))


def shared(most: int, left: Sequence[int]) -> list[int]:
    """At most `most` cents over positions of which `left` cents are left, in proportion, none below zero."""
    return split_cents(max(0, min(most, sum(left))), left)


def _take(n: int, discount: Discount, left: list[int], found: dict[int, list[Discount]]) -> None:
    if discount.cents:
        left[n] -= discount.cents
        found[n].append(discount)


def _turn(coupon: Coupon) -> tuple[int, int]:
    kind = 0 if coupon.percent is not None else 2 if coupon.is_voucher else 1
    return kind, coupon.redemption_id


def discounted(discounts: tuple[Discount, ...]) -> int:
    """The sum of a line's discounts in cents."""
    return sum(discount.cents for discount in discounts)
