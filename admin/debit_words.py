"""What a direct debit on its way means for a deed that settles its invoice otherwise."""

from __future__ import annotations

from flask_babel import gettext

from admin import formats
from queries.debit_on_its_way import debit_on_its_way


def on_its_way(invoice_id: int) -> list[str]:
    """One sentence, or none; with the way out."""
    found = debit_on_its_way(invoice_id)
    if found is None:
        return []
    sum_ = formats.money(found.cents, found.currency)
    if not found.is_handed_in:
        return [gettext("A direct debit over %(sum)s for it lies in the file %(file)s, which has not been handed in "
                        "yet. Discard the file, or the bank collects that sum as well.", sum=sum_,
                        file=found.file)]  # fmt: skip
    return [gettext("A direct debit over %(sum)s for it is at the bank (collection on %(day)s). Recall it there, or "
                    "the money becomes the customer's credit balance.", sum=sum_,
                    day=formats.day(found.collect_on))]  # fmt: skip
