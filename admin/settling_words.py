"""What stands beside an invoice that is settled otherwise or corrected: a direct debit on its way, a plan."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from admin import formats
from queries.debit_on_its_way import debit_on_its_way
from queries.standing_plan import standing_plan


def on_its_way(invoice_id: int) -> list[str]:
    """Of the debit of an invoice of which nothing is left: one sentence, or none; with the way out."""
    return _of_debit(
        invoice_id,
        _l("A direct debit over %(sum)s for it lies in the file %(file)s, which has not been handed in yet. Discard "
           "the file, or the bank collects that sum as well."),
        _l("A direct debit over %(sum)s for it is at the bank (collection on %(day)s). Recall it there, or the money "
           "becomes the customer's credit balance."),
    )  # fmt: skip


def still_collected(invoice_id: int) -> list[str]:
    """Of the debit of an invoice of which a part stays: what stands in a file is what the bank collects."""
    return _of_debit(
        invoice_id,
        _l("A direct debit over %(sum)s for it lies in the file %(file)s, which has not been handed in yet. Discard "
           "the file, and the next one asks for what is left; or the bank collects all of it."),
        _l("A direct debit over %(sum)s for it is at the bank (collection on %(day)s). What it brings too much "
           "becomes the customer's credit balance."),
    )  # fmt: skip


def _of_debit(invoice_id: int, in_file: Any, at_bank: Any) -> list[str]:
    found = debit_on_its_way(invoice_id)
    if found is None:
        return []
    facts = {
        "sum": formats.money(found.cents, found.currency),
        "file": found.file,
        "day": formats.day(found.collect_on),
    }
    return [str(at_bank if found.is_handed_in else in_file) % facts]


def plan_ends(invoice_id: int) -> list[str]:
    """Nothing is left to be paid in parts."""
    found = standing_plan(invoice_id)
    if found is None:
        return []
    return [ngettext("Its plan, with %(num)s open instalment (until %(day)s), ends with it.",
                     "Its plan, with %(num)s open instalments (until %(day)s), ends with it.", found.left,
                     day=formats.day(found.until))]  # fmt: skip
