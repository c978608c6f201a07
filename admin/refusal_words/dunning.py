"""Why a reminder, a hold, a dispute or an instalment plan is not possible so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

REFUSALS: Mapping[str, Any] = {
    "level_in_use": _l("Open invoices stand at this level or a later one (%(count)s). Levels can be added behind them; "
                       "the order before stays until they are paid."),
    "too_many_levels": _l("More than %(most)s levels are not possible."),
    "days_of_another_level": _l("“%(name)s” is due after so many days already. Each level needs days of its own."),
    "name_of_another_level": _l("Another level has this name already. Please give each a name of its own."),
    "level_asks_more": _l("The level “%(name)s” asks consumers for more. Please lower its fee first."),
    "levels_are_there": _l("There are levels already."),
    "instalment_unreadable": _l("Line %(line)s cannot be read. Please write a day and an amount, one "
                                "behind the other."),
    "instalment_no_amount": _l("Line %(line)s: please enter an amount above zero with at most two decimals."),
    "too_many_instalments": _l("More than %(most)s instalments are not possible."),
    "instalments_differ": _l("These instalments come to %(given)s, but %(open)s are open."),
    "no_levels": _l("There are no dunning levels. Please set them up in the settings first."),
    "on_hold": _l("Reminders are already stopped like this."),
    "no_hold": _l("No hold stands any more."),
    "disputed": _l("This is disputed already."),
    "not_disputed": _l("Nothing is disputed any more."),
    "no_invoice": _l("This is only possible for what an invoice asks for."),
    "plan_stands": _l("An instalment plan stands already. Please end it first."),
    "no_plan": _l("There is no instalment plan any more."),
    "not_later_than_before": _l("Each level has to come later than the one before it."),
    "above_cap": _l("A consumer may be asked for real costs only, at most %(cap)s cents here (BGH VIII ZR 95/18)."),
    "not_a_half_year": _l("A base rate holds from 1 January or 1 July."),
    "not_the_open_amount": _l("The instalments have to come to what is open."),
    "not_in_order": _l("The days have to lie ahead, one after the other."),
}  # fmt: skip
