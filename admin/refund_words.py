"""What is said before money goes back, and why a button is not for use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

import gateways
from admin import formats, words
from billing.refunds import Plan
from services.cancel_with_refund import Promise
from services.payment_settings import payment_settings
from services.refund_offers import Offer

# Why nothing, or not all, can go back by the provider; also what a service refuses with.
REASONS: Mapping[str, Any] = {
    "nothing_cancelled": _l("A refund follows a cancellation. Please cancel or correct the invoice first."),
    "nothing_was_paid": _l("Nothing of this had been paid."),
    "all_refunded": _l("All of it was paid back already, or is on its way."),
    "credit_spent": _l("The customer's credit from this was used or paid out since."),
    "charged_back": _l("The customer's bank has taken the money back already."),
    "not_by_provider": _l("This was not paid through a payment provider. It can be transferred back by hand."),
    "provider_gone": _l("The payment provider that took this money is not set up any more. It can be transferred back "
                        "by hand."),
}  # fmt: skip


def reason(code: str) -> Any:
    return REASONS.get(code, code)


def promising(promise: Promise, currency: str) -> list[str]:
    """What goes back with a cancellation at once, by whom, and what happens then."""
    plan, names = promise.plan, ", ".join(gateways.title_of(name) for name in promise.gateways)
    said = [gettext("%(sum)s go back by %(provider)s.", sum=formats.money(plan.cents, currency), provider=names)]
    if plan.rest_cents:
        rest = formats.money(plan.rest_cents, currency)
        said.append(gettext("%(rest)s of it stay: %(reason)s", rest=rest, reason=REASONS.get(plan.reason, "")))
    if promise.waits:
        limit = formats.money(payment_settings().four_eyes_cents, currency)
        said.append(gettext("This is more than %(limit)s, so another person has to approve it.", limit=limit))
    return said


def ordering(offer: Offer, plan: Plan, way: str) -> list[str]:
    """The question, with figures, and what happens then."""
    if not plan.shares:
        return [str(REASONS.get(plan.reason, plan.reason))]
    facts = {"sum": formats.money(plan.cents, offer.currency), "number": offer.number,
             "kind": words.kind_label("invoice", offer.kind)}  # fmt: skip
    if way == "transfer":
        said = [gettext("%(sum)s for %(kind)s %(number)s are taken out of the customer's credit. You make the transfer "
                        "at your bank and note it here afterwards.", **facts)]  # fmt: skip
    else:
        said = [gettext("%(sum)s for %(kind)s %(number)s go back the way they came.", **facts)]
    if plan.rest_cents:
        rest = formats.money(plan.rest_cents, offer.currency)
        said.append(gettext("%(rest)s of it stay: %(reason)s", rest=rest, reason=REASONS.get(plan.reason, "")))
    if waits(offer, plan):
        said.append(gettext("This is more than %(limit)s, so another person has to approve it.",
                            limit=formats.money(payment_settings().four_eyes_cents, offer.currency)))  # fmt: skip
    return said


def waits(offer: Offer, plan: Plan) -> bool:
    """Another person has to approve it, as `services.refunds` counts it."""
    limit = payment_settings().four_eyes_cents
    return bool(limit) and offer.standing_cents + plan.cents > limit


def ordered(by_hand: bool, is_waiting: bool) -> str:
    """What is said after it was ordered."""
    if is_waiting:
        return gettext("The refund is ordered. It waits for a second person, who has to approve it.")
    if by_hand:
        return gettext("The transfer back is noted. Please note here when it is sent.")
    return gettext("The refund is ordered.")
