"""A customer that is left out with several invoices for one reason is one line, and the line says so."""

from __future__ import annotations

from billing.invoices import Parked
from services.parking import merge_parked


def test_equal_reasons_of_a_customer_become_one_line_that_counts_its_documents() -> None:
    parked = [
        Parked(7, None, "missing_fields", {"fields": ["zipcode"]}),
        Parked(7, None, "missing_fields", {"fields": ["zipcode", "city"]}),
        Parked(7, 3, "too_many_open_periods", {"periods": 13}),
        Parked(8, None, "missing_fields", {"fields": ["city"]}),
    ]
    merged = merge_parked(parked)
    assert [(one.customer_id, one.subscription_id, one.code) for one in merged] == [
        (7, None, "missing_fields"), (7, 3, "too_many_open_periods"), (8, None, "missing_fields"),
    ]  # fmt: skip
    assert merged[0].facts == {"fields": ["zipcode", "city"], "documents": 2}
    assert sum(int(str(one.facts.get("documents", 1))) for one in merged) == len(parked)
    assert parked[0].facts == {"fields": ["zipcode"]}, "what was planned stays as it was"
