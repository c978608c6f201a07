"""Every entry sums to zero, or it is not written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import Invalid
from billing.ledger import balanced, clearing, postings_for_invoice
from billing.taxes import tax_lines

D19, D7, D0 = Decimal("19.00"), Decimal(7), Decimal("0")


@pytest.mark.feature("X-03")
def test_an_invoice_is_owed_by_the_customer_earned_and_owed_to_the_tax_office() -> None:
    lines = tax_lines([("S", D19, 10000), ("S", D7, 1000)], is_gross=False)
    assert postings_for_invoice(12970, lines) == [
        ("receivable", 12970),
        ("revenue:S:19.00", -10000),
        ("vat:S:19.00", -1900),
        ("revenue:S:7.00", -1000),
        ("vat:S:7.00", -70),
    ]


def test_what_carries_no_tax_posts_none() -> None:
    lines = tax_lines([("AE", D0, 10000)], is_gross=False)
    assert postings_for_invoice(10000, lines) == [("receivable", 10000), ("revenue:AE:0.00", -10000)]
    assert postings_for_invoice(0, tax_lines([("S", D19, 0)], is_gross=True)) == []


@pytest.mark.feature("X-03")
@pytest.mark.parametrize("gross", [11899, 11901, 0, -11900])
def test_an_entry_out_of_balance_is_refused(gross: int) -> None:
    with pytest.raises(Invalid, match="postings_not_balanced"):
        postings_for_invoice(gross, tax_lines([("S", D19, 10000)], is_gross=False))


@pytest.mark.feature("X-03")
@given(
    st.lists(st.tuples(st.sampled_from(["S", "Z", "AE"]), st.sampled_from([D19, D7, D0]), st.integers(-9999, 9999))),
    st.booleans(),
)
def test_any_invoice_posts_in_balance_and_its_correction_undoes_it(
    amounts: list[tuple[str, Decimal, int]], is_gross: bool
) -> None:
    lines = tax_lines(amounts, is_gross)
    gross = sum(line.gross_cents for line in lines)
    mirror = tax_lines([(category, percent, -cents) for category, percent, cents in amounts], is_gross)
    postings, undone = postings_for_invoice(gross, lines), postings_for_invoice(-gross, mirror)
    assert balanced(postings)
    assert undone == [(account, -cents) for account, cents in postings]


def test_each_provider_has_its_clearing_account() -> None:
    assert (clearing("stripe"), balanced([("bank", 5), ("receivable", -4)])) == ("clearing:stripe", False)
