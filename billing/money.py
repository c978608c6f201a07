"""Whole cents and a currency. Two ways make new cents: `times` (rounds half up, the only rounding) and `split`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import lcm

from billing.errors import CurrencyMismatch, Invalid

__all__ = ["CurrencyMismatch", "Money", "divide_half_up", "round_half_up", "share_out", "split_cents", "zero"]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units. Equality holds within one currency only; order and sums across two raise."""

    cents: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.cents) is not int:
            raise Invalid("cents", "not_whole_cents")
        if len(self.currency) != 3 or not (self.currency.isascii() and self.currency.isupper()):
            raise Invalid("currency", "unknown_currency", currency=self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.cents, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.cents < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.cents <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.cents > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.cents >= self._same(other)

    def __bool__(self) -> bool:
        return self.cents != 0

    def times(self, factor: Decimal | int) -> Money:
        """The amount multiplied, rounded half up (away from zero) to whole cents, once (RND-1)."""
        top, bottom = _ratio(factor)
        return Money(divide_half_up(self.cents * top, bottom), self.currency)

    def split(self, weights: Sequence[int | Decimal]) -> list[Money]:
        """Parts in proportion to the weights that add up to the whole, to the cent."""
        return [Money(cents, self.currency) for cents in split_cents(self.cents, weights)]

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.cents


def zero(currency: str) -> Money:
    """Nothing, in a currency."""
    return Money(0, currency)


def round_half_up(value: Decimal) -> int:
    """The nearest integer; a half goes away from zero, so that a correction mirrors its original."""
    if not value.is_finite():
        raise Invalid("amount", "not_a_number")
    return int(value.to_integral_value(rounding=ROUND_HALF_UP))


def divide_half_up(numerator: int, denominator: int) -> int:
    """numerator / denominator (> 0) as the nearest integer, half away from zero. Exact at any size."""
    if numerator < 0:
        return -((2 * -numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def split_cents(total: int, weights: Sequence[int | Decimal]) -> list[int]:
    """Integer parts in proportion to non-negative weights; they add up to `total` (RND-6).

    Largest remainder; equal remainders go to the earlier part. Raises Invalid when no weight can carry the total.
    """
    scaled = _whole_weights(weights)
    whole = sum(scaled)
    if whole == 0:
        if total:
            raise Invalid("weights", "no_weight")
        return [0] * len(scaled)
    return share_out([total * weight for weight in scaled], whole, total)


def share_out(numerators: Sequence[int], denominator: int, total: int) -> list[int]:
    """Round each numerator/denominator down or up so that the parts add up to `total`.

    `total` must be the rounded sum of the parts. Mirrored for negative totals, so that a correction
    carries the same cents per line as its original.
    """
    if total < 0:
        return [-part for part in share_out([-top for top in numerators], denominator, -total)]
    parts = [top // denominator for top in numerators]
    missing = total - sum(parts)
    if missing:
        by_remainder = sorted(range(len(parts)), key=lambda i: (-(numerators[i] % denominator), i))
        for i in by_remainder[:missing]:
            parts[i] += 1
    return parts


def _whole_weights(weights: Sequence[int | Decimal]) -> list[int]:
    ratios = [_ratio(weight) for weight in weights]
    if any(top < 0 for top, _ in ratios):
        raise Invalid("weights", "negative_weight")
    common = lcm(*(bottom for _, bottom in ratios))
    return [top * (common // bottom) for top, bottom in ratios]


def _ratio(value: Decimal | int) -> tuple[int, int]:
    if isinstance(value, float):
        raise Invalid("factor", "float_near_money")
    if isinstance(value, Decimal) and not value.is_finite():
        raise Invalid("factor", "not_a_number")
    return value.as_integer_ratio()
