"""SEPA direct debit by ourselves: which day, which sequence, what a return means (SEP-1 to SEP-5).

    announced (pre-notification) --collect_on--> bank day --earliest_for--> the day a file can still reach

Nothing here asks the time or knows a row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from billing.bank_days import add_bank_days, next_bank_day
from billing.periods import add_months

CORE, B2B = "CORE", "B2B"
FIRST, RECURRING, ONCE = "FRST", "RCUR", "OOFF"

PRENOTICE_DAYS = 14  # the SEPA rulebook's own, unless the customer agreed to fewer
LEAD_BANK_DAYS = 1  # CORE since 11/2016, B2B always: the bank has the file a bank day before
LAPSES_AFTER = 36  # months without a debit, counted from the last one, or from the day of entry
REFUND_WEEKS = 8  # CORE: without a reason (section 675x (4) BGB)
REFUND_MONTHS = 13  # whoever never agreed (section 676b (2) BGB)
LONGEST_REFERENCE = 35

_FIT = re.compile(r"[A-Za-z0-9+?/:().,'-]+")


@dataclass(frozen=True, slots=True)
class Return:
    """What a code of the bank means for us.

    `stops`: nobody debits by this mandate any more. `review`: a person looks at it, for perhaps there never was a
    mandate. `retry`: the same debit once more, once. `fault`: whether the bank's fee is the customer's to bear; what we
    did wrong is not (section 280 (1) BGB).
    """

    stops: bool = False
    review: bool = False
    retry: bool = False
    fault: bool = True


FILE_REFUSED = "FILE"  # our own code: the bank refused the whole file, nothing was carried out

RETURNS: Mapping[str, Return] = {
    "AC01": Return(stops=True),  # IBAN does not exist
    "AC04": Return(stops=True),  # account closed
    "AC06": Return(stops=True),  # account blocked
    "AC13": Return(stops=True, fault=False),  # a consumer's account, debited by B2B
    "AG01": Return(stops=True),  # debits are not allowed on this account
    "AM04": Return(retry=True),  # no funds
    "AM05": Return(fault=False),  # ours: collected twice
    "DT01": Return(fault=False),  # ours: impossible day
    "FF01": Return(fault=False),  # ours: file format
    "MD01": Return(stops=True, review=True, fault=False),  # no mandate, also within 13 months
    "MD06": Return(),  # given back on the customer's wish, within eight weeks
    "MD07": Return(stops=True, fault=False),  # the account holder died
    "MS02": Return(),  # refused by the customer before
    "MS03": Return(),  # the bank tells no reason
    FILE_REFUSED: Return(fault=False),
    "RC01": Return(fault=False),  # BIC
    "RR01": Return(fault=False),  # regulatory
    "SL01": Return(stops=True),  # the bank blocks us for this account, by the customer's wish
    "TM01": Return(fault=False),  # ours: too late at the bank
}
UNKNOWN = Return(review=True, fault=False)


def meaning(code: str) -> Return:
    """What a return code asks for; one that nobody knows is looked at by a person and costs the customer nothing."""
    return RETURNS.get(code.strip().upper(), UNKNOWN)


def collect_on(announced_on: date, due_on: date, prenotice_days: int = PRENOTICE_DAYS) -> date:
    """The day that is announced: never before the invoice is due, never before the notice is over, always a bank day.

    `prenotice_days` are calendar days (SEP-2).
    """
    return next_bank_day(max(due_on, announced_on + timedelta(prenotice_days)))


def earliest_for(today: date) -> date:
    """The first day on which a file that is handed in today can collect (SEP-3)."""
    return add_bank_days(today, LEAD_BANK_DAYS)


def execution_day(announced_for: date, today: date) -> date:
    """The day that goes into the file: the announced one, or the first that still can be: never an earlier one."""
    return next_bank_day(max(announced_for, earliest_for(today)))


def sequence(*, used: bool, once: bool = False, always_recurring: bool = True) -> str:
    """FRST, RCUR or OOFF (SEP-4). Never FNAL: no rulebook asks for it, the last one may go as RCUR, and which was the
    last is known only afterwards: a fee or a second try may follow the end of a contract.

    `used`: a debit by this mandate was collected and stood; one that came back leaves it unused. `always_recurring`:
    also the first goes as RCUR, which every bank takes since 11/2016.
    """
    if once:
        return ONCE
    return RECURRING if used or always_recurring else FIRST


def lapses_on(entered_on: date, last_used_on: date | None) -> date:
    """The first day on which the mandate no longer holds (SEP-1).

    Whoever enters a mandate says that it holds: what was collected by it elsewhere, before, is not known here. So until
    it is used the months count from the day of its entry, not from an old signature."""
    return add_months(last_used_on or entered_on, LAPSES_AFTER)


def is_lapsed(entered_on: date, last_used_on: date | None, on: date) -> bool:
    """Whether a debit on that day would be by a mandate that lapsed."""
    return on >= lapses_on(entered_on, last_used_on)


def returnable_until(collected_on: date, *, scheme: str = CORE) -> date | None:
    """The last day on which it may be given back without a reason; None where it may not: B2B knows no refund of what
    was agreed to (SEP-5)."""
    return None if scheme == B2B else collected_on + timedelta(weeks=REFUND_WEEKS)


def unauthorised_until(collected_on: date) -> date:
    """The last day on which it may be given back because there was no mandate for it, in both schemes (SEP-5)."""
    return add_months(collected_on, REFUND_MONTHS)


def plain_reference(typed: str) -> str:
    """A mandate's reference as banks compare it: without blanks, in capitals."""
    return "".join(typed.split()).upper()


def is_reference(reference: str) -> bool:
    """Whether a file may carry it: 35 of the characters that SEPA knows, no slash at its ends, none doubled."""
    return (
        0 < len(reference) <= LONGEST_REFERENCE
        and _FIT.fullmatch(reference) is not None
        and not reference.startswith("/")
        and not reference.endswith("/")
        and "//" not in reference
    )
