"""Which levels a house may have: in order, each later than the one before, with fees that the law allows (MAH-5)."""

from __future__ import annotations

from collections.abc import Sequence

from billing.dunning import Level, Rules
from billing.errors import Invalid

LONGEST_NAME = 60
LATEST_DAY = 999


def check_levels(levels: Sequence[Level], rules: Rules) -> None:
    """Refuse levels that make no sense: raises Invalid for the field, with the level's position."""
    for number, level in enumerate(levels, start=1):
        if level.position != number:
            raise Invalid("position", "not_in_order", position=level.position)
        _check_level(level, rules)
    for before, level in zip(levels, levels[1:], strict=False):
        if level.days_after_due <= before.days_after_due:
            raise Invalid("days_after_due", "not_later_than_before", position=level.position)


def _check_level(level: Level, rules: Rules) -> None:
    if not level.name.strip() or len(level.name) > LONGEST_NAME:
        raise Invalid("name", "missing" if not level.name.strip() else "too_long", position=level.position)
    if not 1 <= level.days_after_due <= LATEST_DAY:
        raise Invalid("days_after_due", "out_of_range", position=level.position, most=LATEST_DAY)
    if level.fee_cents < 0 or level.consumer_fee_cents < 0:
        raise Invalid("fee_cents" if level.fee_cents < 0 else "consumer_fee_cents", "negative", position=level.position)
    if level.consumer_fee_cents > rules.consumer_fee_cap_cents:
        raise Invalid("consumer_fee_cents", "above_cap", position=level.position, cap=rules.consumer_fee_cap_cents)
