"""Why a subscription, its plan, its coupons or its shipments are not changed so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

REFUSALS: Mapping[str, Any] = {
    "already_over": _l("The last day is over, so this cannot be taken back any more."),
    "before_earliest_end": _l("The earliest possible last day is %(earliest)s. For an earlier one choose the "
                              "extraordinary cancellation and give the reason."),
    "change_planned": _l("A change is planned. Please withdraw it first."),
    "in_the_past": _l("This day is over. Please choose today or a later day."),
    "in_trial": _l("The trial is free anyway. Please choose a day after it."),
    "not_cancelled": _l("This subscription is not cancelled."),
    "not_paused": _l("This subscription does not pause."),
    "nothing_due": _l("Nothing more is due for this subscription."),
    "nothing_planned": _l("Nothing is planned."),
    "outside_period": _l("Please choose a day from %(first)s to %(last)s."),
    "outside_contract": _l("The contract does not run on this day."),
    "pause_planned": _l("A pause is under way or planned. Please resume the subscription first."),
    "too_far": _l("This day lies too far ahead. The latest possible is %(latest)s."),
    "unknown_addon": _l("This add-on is not booked."),
    "unknown_subscription": _l("There is no such subscription."),
    "addons_of_other_rhythm": _l("The add-ons are priced by the rhythm of the old plan. Please end them with the "
                                 "change, and book them anew afterwards."),
    "before_start": _l("This day is before the start."),
    "addon_of_other_plans": _l("This add-on goes with other plans."),
    "not_a_plan": _l("This product is not a plan with an interval."),
    "not_for_consumers": _l("The terms of this plan may not bind consumers (section 309 no. 9 BGB). Please choose "
                            "another plan, or mark the customer as a company."),
    "not_an_addon": _l("This product is not an add-on."),
    "too_many_periods": _l("This start lies so far back that too many periods would be open."),
    "usage_billed": _l("This usage has been billed already, so it stays."),
    "no_contract": _l("There is no subscription yet that would be paid for."),
    "not_billed_yet": _l("This contract has no invoice yet, and a shipment belongs to one."),
    "not_an_article_line": _l("Each line needs a quantity and an article number, such as “2 COFFEE-1 Coffee”."),
    "consumers_term": _l("Consumers may be bound for two years at most (section 309 no. 9 BGB). Please choose a "
                         "shorter minimum term, or sell this plan to companies only."),
    "consumers_renewal": _l("A consumer's contract may only go on indefinitely after its minimum term (section 309 "
                            "no. 9 BGB). Please leave the renewal empty, or sell this plan to companies only."),
    "consumers_notice": _l("A consumer's notice period may be a month at most (section 309 no. 9 BGB). Please choose a "
                           "shorter one, or sell this plan to companies only."),
    "coupon_already_used": _l("This coupon has been used already, by this customer or for this contract."),
    "coupon_inactive": _l("This coupon is switched off."),
    "coupon_not_yet": _l("This coupon cannot be redeemed yet."),
    "coupon_other_currency": _l("This coupon is in another currency than the contract."),
    "coupon_other_customer": _l("This coupon is for another customer."),
    "coupon_other_products": _l("This coupon is for other products."),
    "coupon_over": _l("This coupon has expired."),
    "coupon_promised": _l("Somebody has redeemed this coupon, so what it gives stays. Make a new one instead."),
    "coupon_used_up": _l("This coupon is used up."),
    "unknown_coupon": _l("There is no coupon with this code."),
    "other_currency_of_contract": _l("The contract is in another currency."),
    "own_currency": _l("This is the product's own currency; its price stands in the product."),
    "no_price_in_currency": _l("The product has no price in this currency."),
    "net_and_gross_in_one_contract": _l("Net and gross prices cannot stand in one contract."),
    "unknown_product": _l("There is no active product with this number."),
}  # fmt: skip
