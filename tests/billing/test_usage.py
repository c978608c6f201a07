"""Usage stands summed on the next invoice, late usage on the one after, each record once (X-20)."""

from __future__ import annotations

from typing import Any

import pytest

from billing.contracts import billing_anchor
from billing.usage import due_day
from tests.billing.makers import day, terms

CASES = {
    # what, used on, recorded on, due on, changes of the contract
    "within a month": ("2026-01-10", "2026-01-10", "2026-02-01", {}),
    "on a billing day: the next one": ("2026-02-01", "2026-02-01", "2026-03-01", {}),
    "on the last day": ("2026-01-31", "2026-01-31", "2026-02-01", {}),
    "late: the one after its recording": ("2026-01-31", "2026-02-03", "2026-03-01", {}),
    "recorded on the billing day: the one after": ("2026-01-31", "2026-02-01", "2026-03-01", {}),
    "recorded ahead": ("2026-05-10", "2026-01-10", "2026-06-01", {}),
    "anchor on the 31st": ("2026-02-27", "2026-02-27", "2026-02-28", {"anchor": "2026-01-31"}),
    "in the trial: the first day that is paid for": ("2026-01-05", "2026-01-05", "2026-01-15",
                                                     {"trial_ends": "2026-01-15"}),
    "in arrears as well": ("2026-01-10", "2026-01-10", "2026-02-01", {"in_arrears": True}),
    "the contract ends before the next billing day": ("2026-01-10", "2026-01-10", "2026-01-20",
                                                      {"ends": "2026-01-20"}),
    "recorded after the end: at once": ("2026-01-10", "2026-01-25", "2026-01-25", {"ends": "2026-01-20"}),
    "recorded on the day of the end": ("2026-01-10", "2026-01-20", "2026-01-20", {"ends": "2026-01-20"}),
    "the last of two events": ("2026-02-10", "2026-02-10", "2026-03-01", {"events": 2}),
    "after the last event": ("2026-02-10", "2026-03-04", "2026-03-04", {"events": 2}),
    "with a collection that was put off": ("2026-01-10", "2026-01-10", "2026-02-15",
                                           {"moved": [("2026-02-01", "2026-02-15")]}),
    "with one that was brought forward": ("2026-01-10", "2026-01-10", "2026-01-20",
                                          {"moved": [("2026-02-01", "2026-01-20")]}),
    "too late for one that was brought forward": ("2026-01-25", "2026-01-25", "2026-02-01",
                                                  {"moved": [("2026-02-01", "2026-01-20")]}),
    "put off in arrears": ("2026-01-10", "2026-01-10", "2026-02-15",
                           {"in_arrears": True, "moved": [("2026-01-01", "2026-02-15")]}),
    "a yearly contract": ("2026-03-03", "2026-03-03", "2027-01-01", {"every": "1 year"}),
}  # fmt: skip


@pytest.mark.feature("X-20")
@pytest.mark.parametrize(("used_on", "recorded_on", "due_on", "contract"), CASES.values(), ids=CASES.keys())
def test_usage_is_due_on_the_first_billing_day_after_use_and_recording(
    used_on: str, recorded_on: str, due_on: str, contract: dict[str, Any]
) -> None:
    agreed = terms(**contract)  # the table mixes days, flags and counts
    assert due_day(agreed, billing_anchor(agreed), day(used_on), day(recorded_on)) == day(due_on)
