"""What staff fill in about dunning: a level, what holds for all levels, and a base rate.

Fields are named as the services name them, so that a refusal stands where it belongs; amounts are typed in whole units
of the company's currency.
"""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from admin.fields import Form, day, decimal, select, text, whole, yes
from billing.errors import Invalid
from models import DunningLevel
from services.dunning_levels import LevelWish
from services.dunning_settings import House

_TABLE = DunningLevel.__table__.c
LETTERS = (
    ("no_mail", _l("only without an e-mail address")), ("always", _l("always")), ("never", _l("never")),
)  # fmt: skip
_LEVEL_SUMS = ("fee_cents", "consumer_fee_cents")
_HOUSE_SUMS = ("minimum_cents", "consumer_fee_cap_cents")


class LevelForm(Form):
    seen = HiddenField()
    name = text(_l("Name"), _TABLE.name, required=True, help=_l("As it stands on the reminder, such as 1. Mahnung."))
    days_after_due = whole(
        _l("Days after the due date"), 1, 999, required=True,
        help=_l("Counted from the due date of the invoice, not from the level before. They also give the order."),
    )  # fmt: skip
    days_to_pay = whole(
        _l("Days to pay"),
        0,
        90,
        required=True,
        default=6,
        help=_l("From the reminder on. The next level waits until they have passed."),
    )
    fee_cents = decimal(
        _l("Fee of companies"), default=Decimal(0),
        help=_l("All that is asked for at this level, the levels before included. Costs of paper and postage, neither "
                "staff nor machines."),
    )  # fmt: skip
    consumer_fee_cents = decimal(
        _l("Fee of consumers"), default=Decimal(0),
        help=_l("Their first reminder is always free. At most the cap that holds for all levels."),
    )  # fmt: skip
    with_interest = yes(
        _l("Interest on arrears"),
        _l("5 points above the base rate of consumers, 9 of companies (section 288 BGB). Without a base rate: none."),
    )
    with_lump_sum = yes(_l("Lump sum of 40 EUR"), _l("Once, and only of companies in default (section 288 (5) BGB)."))
    by_mail = yes(_l("E-mail"), _l("To the address for mail about payments."), default=True)
    letter = select(_l("Letter"), LETTERS, help=_l("Whoever has no e-mail address gets a letter in any case."))
    collect_before = yes(
        _l("Try to collect again before"),
        _l("From those with payment data that can be charged. Until the answer is there the level waits; if it works, "
           "nobody is reminded."),
    )  # fmt: skip
    deactivate_after = yes(
        _l("Deactivate the subscriptions afterwards"),
        _l("Those on the invoice. They go on with the next period once the invoice is paid."),
    )
    deactivation_text = text(
        _l("Sentence about the deactivation"), _TABLE.deactivation_text,
        help=_l("Stands on this level's reminder. Empty: the house's own sentence."),
    )  # fmt: skip

    groups = (
        (_l("When"), ("name", "days_after_due", "days_to_pay")),
        (_l("What it asks for beside the invoice"), ("fee_cents", "consumer_fee_cents", "with_interest",
                                                     "with_lump_sum")),
        (_l("How it arrives"), ("by_mail", "letter")),
        (_l("What else happens"), ("collect_before", "deactivate_after", "deactivation_text")),
    )  # fmt: skip

    def wish(self) -> LevelWish:
        """What was typed. Raises Invalid for a sum."""
        values = {field.name: field.data for field in self if field.name in LevelWish.__dataclass_fields__}
        sums = {name: cents_of(name, self[name].data) for name in _LEVEL_SUMS}
        told = {"days": self.days_after_due.data, "deactivation_text": self.deactivation_text.data or ""}
        return LevelWish(**(values | sums | told))


class HouseForm(Form):
    is_automatic = yes(_l("By itself, every morning"), _l("At eight. By hand it goes at any time, with a preview."))
    grace_bank_days = whole(
        _l("Bank days of grace"), 0, 30, required=True,
        help=_l("Nobody is reminded earlier: a transfer of the last day may still be on its way."),
    )  # fmt: skip
    days_between = whole(
        _l("Days between two levels at least"), 1, 90, required=True,
        help=_l("Levels that were missed are made up for, at most one in so many days."),
    )  # fmt: skip
    minimum_cents = decimal(
        _l("Not below"),
        help=_l("Whoever owes less is left alone; in other currencies the same figure counts. Zero: everybody is "
                "reminded."),
    )  # fmt: skip
    consumer_fee_cap_cents = decimal(
        _l("Highest fee of a consumer"),
        help=_l("Real costs of paper and postage (BGH VIII ZR 95/18). For an e-mail there are none."),
    )  # fmt: skip
    statement_days = whole(
        _l("Warn after days without a bank statement"), 0, 90, required=True,
        help=_l("Else somebody who has paid could be reminded. 0: never."),
    )  # fmt: skip

    groups = (
        (_l("For all levels"), ("grace_bank_days", "days_between", "minimum_cents", "consumer_fee_cap_cents",
                                "statement_days", "is_automatic")),
    )  # fmt: skip

    def wish(self) -> House:
        """What was typed. Raises Invalid for a sum."""
        values = {field.name: field.data for field in self if field.name in House.__dataclass_fields__}
        return House(**(values | {name: cents_of(name, self[name].data) for name in _HOUSE_SUMS}))


class BaseRateForm(Form):
    valid_from = day(_l("In force from"), required=True, help=_l("1 January or 1 July."))
    percent = decimal(
        _l("Base rate in per cent"), required=True, help=_l("As the Bundesbank announces it, such as 1.27 or -0.88.")
    )


def shown_level(wish: LevelWish, seen: str) -> dict[str, Any]:
    """A level as its form takes it."""
    values = asdict(wish)
    sums = {name: in_units(values[name]) for name in _LEVEL_SUMS}
    return values | sums | {"days_after_due": wish.days, "seen": seen}


def shown_house(own: House) -> dict[str, Any]:
    values = asdict(own)
    return values | {name: in_units(values[name]) for name in _HOUSE_SUMS}


def with_currency(form: Form, currency: str) -> Form:
    """Say the currency beside each sum."""
    for name in (*_LEVEL_SUMS, *_HOUSE_SUMS):
        if name in form:
            form[name].label.text = f"{form[name].label.text} ({currency})"
    return form


def in_units(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def cents_of(name: str, amount: Decimal | None) -> int:
    """Raises Invalid(name) for parts of a cent and for what no fee can be."""
    cents = (amount or Decimal(0)) * 100
    if cents != cents.to_integral_value():
        raise Invalid(name, "parts_of_a_cent")
    if cents < 0:
        raise Invalid(name, "negative")
    if cents >= 10**9:
        raise Invalid(name, "amount_too_large")
    return int(cents)
