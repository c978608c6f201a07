"""What a person reads before a status is changed: what stands with the customers, and what it stops (D-12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms.validators import ValidationError

from admin import formats
from admin.fields import Form, text
from queries.cards.status import Touched, get_touched


class ReasonForm(Form):
    """Asked wherever a status is changed."""

    reason = text(
        _l("Reason"), longest=200, required=True, help=_l("Stands in the activities and in the history of the status.")
    )

    def validate_reason(self, field: Any) -> None:
        """Blanks are no reason."""
        if not field.data:
            raise ValidationError(gettext("Please fill in this field."))


def figures_told(touched: Touched) -> list[str]:
    """What stands with these customers today."""
    if not touched.contracts:
        found = [gettext("No contract is running.")]
    elif touched.next_on is None:
        found = [ngettext("%(num)s contract is running.", "%(num)s contracts are running.", touched.contracts)]
    else:
        found = [ngettext(
            "%(num)s contract is running, next billed on %(day)s.",
            "%(num)s contracts are running, next billed on %(day)s.", touched.contracts,
            day=formats.day(touched.next_on),
        )]  # fmt: skip
    sums = ", ".join(formats.money(cents, currency) for currency, cents in touched.open)
    found.append(gettext("%(sums)s are open.", sums=sums) if sums else gettext("Nothing is open."))
    if touched.logins:
        found.append(ngettext("%(num)s login to the portal.", "%(num)s logins to the portal.", touched.logins))
    return found


def effects_told(move: str, touched: Touched) -> list[str]:
    """What this status stops and what goes on (D-12)."""
    owed = [gettext("Open invoices stay owed and are dunned on.")] if touched.open else []
    always = gettext("Cancelling, withdrawing and downloading invoices stay possible.")
    if move == "activate":
        return [gettext("Booking, changing and logging in work again. Billing goes on with the next period.")]
    if move == "block":
        return [gettext("Nothing new can be booked and no product changed."), *_billed_on(touched.contracts), *owed,
                gettext("In the portal the customer still sees data and invoices, pays and cancels."),
                always]  # fmt: skip
    return [gettext("Nothing new can be booked and no product changed."), *_not_billed(touched), *owed,
            gettext("The customer cannot log in any more."), always]  # fmt: skip


def bulk_told(move: str, ids: Sequence[int]) -> list[str]:
    """Above the question for many rows."""
    touched = get_touched(ids)
    return [*figures_told(touched), *effects_told(move, touched)]


def said(move: str, count: int = 1) -> str:
    """What a person reads when it is done."""
    return {
        "activate": lambda: ngettext("The customer is active again.", "%(num)s customers are active again.", count),
        "block": lambda: ngettext("The customer is blocked.", "%(num)s customers are blocked now.", count),
        "deactivate": lambda: ngettext("The customer is deactivated.", "%(num)s customers are deactivated now.", count),
    }[move]()  # fmt: skip


def _billed_on(contracts: int) -> list[str]:
    if not contracts:
        return []
    return [ngettext("The running contract is billed on.", "The %(num)s running contracts are billed on.", contracts)]


def _not_billed(touched: Touched) -> list[str]:
    if not touched.contracts:
        return []
    stopped = ngettext(
        "The running contract is not billed any more; periods left out are not made up later.",
        "The %(num)s running contracts are not billed any more; periods left out are not made up later.",
        touched.contracts,
    )
    if touched.next_on is None:
        return [stopped]
    return [stopped, gettext("The first period left out is due on %(day)s.", day=formats.day(touched.next_on))]
