"""Sums and their parts: one key with the statement's line, gathered once, whole or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.bank_batches import Batch, as_data, batch_key, comes_to, gathered, of_data
from billing.bank_lines import Movement, line_keys

DAY = date(2026, 11, 10)
A, B, C = (Movement(DAY, cents, "EUR", "S-1", purpose=name) for cents, name in ((100, "A"), (200, "B"), (100, "C")))
SUM = Batch("DE1", DAY, 300, "EUR", (A, B), "S-1", "N-1")


@pytest.mark.feature("SEP-8")
def test_a_sum_has_the_key_of_the_line_that_books_it_whatever_its_parts_are() -> None:
    line = Movement(DAY, 300, "EUR", "S-1", purpose="Sammler")
    assert batch_key(SUM) == line_keys([line])[0] == batch_key(replace(SUM, parts=(C,), message="N-2"))
    assert batch_key(SUM) != batch_key(replace(SUM, cents=301))


@pytest.mark.feature("SEP-8")
def test_without_a_reference_a_sum_is_known_again_by_what_its_parts_tell() -> None:
    nameless = replace(SUM, reference="")
    assert batch_key(nameless) == batch_key(replace(nameless, parts=(B, A), message="N-2")) != batch_key(SUM)
    assert batch_key(nameless) != batch_key(replace(nameless, parts=(A, C)))


@pytest.mark.feature("SEP-8", "F13")
def test_parts_of_two_notifications_are_gathered_once_and_equal_ones_stay_two() -> None:
    assert gathered((A, B), (B, C)) == (A, B, C) and gathered((A, A), (A,)) == (A, A)
    assert gathered((), (A, A, B)) == (A, A, B)


@pytest.mark.feature("SEP-8")
def test_parts_are_the_sum_only_to_the_cent_and_in_its_currency() -> None:
    assert comes_to((A, B), 300, "EUR") and not comes_to((A,), 300, "EUR") and not comes_to((), 0, "EUR")
    assert not comes_to((A, replace(B, currency="CHF")), 300, "EUR")


@pytest.mark.feature("SEP-8", "F13")
@given(st.lists(st.sampled_from((A, B, C)), max_size=6), st.lists(st.sampled_from((A, B, C)), max_size=6))
def test_what_was_gathered_changes_nothing_when_it_is_told_again(first: list[Movement], more: list[Movement]) -> None:
    once = gathered(first, more)
    assert gathered(once, first) == gathered(once, more) == once
    assert of_data(as_data(once)) == once
