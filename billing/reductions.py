"""Drafts with their discounts: what billing.discounts takes off, put on the charges and lines that it reduces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from billing.charges import Charge
from billing.contracts import Terms
from billing.discounts import Discount, Position, Purse, discounted
from billing.drafts import Draft, Payer
from billing.lines import Line


def reduced(payer: Payer, contracts: Sequence[Terms], drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts, oldest first, with what coupons and granted credit take off; amounts fall by as much."""
    coupons = [coupon for terms in contracts for coupon in terms.coupons]
    purse = Purse(coupons, payer.grants, payer.language)
    return [_reduced(purse, draft) for draft in drafts]


def _reduced(purse: Purse, draft: Draft) -> Draft:
    positions = [_position(position) for position in draft.positions]
    taken = purse.take(draft.billing_on, draft.currency, positions)
    if not any(taken):
        return draft
    count = len(draft.charges)
    charges = [_less_charge(*pair) for pair in zip(draft.charges, taken[:count], strict=True)]
    lines = [_less_line(*pair) for pair in zip(draft.lines, taken[count:], strict=True)]
    return replace(draft, charges=tuple(charges), lines=tuple(lines))


def _position(position: Charge | Line) -> Position:
    """A charge's service begins with its period; usage with its first day."""
    if isinstance(position, Charge):
        return Position(
            position.subscription_id, position.item.product_id, position.period.start, position.amount_cents
        )
    assert position.period is not None, "what is planned has a time of supply"
    return Position(position.subscription_id, position.product_id, position.period.start, position.amount_cents)


def _less_charge(charge: Charge, discounts: tuple[Discount, ...]) -> Charge:
    if not discounts:
        return charge
    return replace(charge, amount_cents=charge.amount_cents - discounted(discounts), discounts=discounts)


def _less_line(line: Line, discounts: tuple[Discount, ...]) -> Line:
    if not discounts:
        return line
    return replace(line, amount_cents=line.amount_cents - discounted(discounts), discounts=discounts)
