"""What the end of a mandate means for the debits under way, in sentences with figures."""

from __future__ import annotations

from flask_babel import gettext, ngettext

from admin import formats
from queries.debits import Concerned, concerned_by


def what_ends(mandate_id: int) -> list[str]:
    """One sentence for what is announced, and one for each file that holds a debit by this mandate."""
    return [_told(each) for each in concerned_by(mandate_id)]


def _told(some: Concerned) -> str:
    sum_ = formats.money(some.cents, "EUR")
    if some.state == "planned":
        return ngettext(
            "%(num)s announced direct debit over %(sum)s will not come: its customer is told by mail how to transfer.",
            "%(num)s announced direct debits, together %(sum)s, will not come: the customer is told by mail how to "
            "transfer.", some.count, sum=sum_,
        )  # fmt: skip
    if some.state == "in_file":
        return gettext(
            "%(sum)s stand in the file %(name)s, which is not noted as handed in. Please throw it away if the bank has "
            "not got it; the others in it wait for the next one.", sum=sum_, name=some.file,
        )  # fmt: skip
    return gettext(
        "%(sum)s are at the bank already in the file %(name)s. Please recall them there: otherwise they are collected "
        "all the same, and may be given back.", sum=sum_, name=some.file,
    )  # fmt: skip
