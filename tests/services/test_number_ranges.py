"""Number ranges are set by staff: what was given stays given, documents have no gaps, customers' numbers go upwards."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from billing.errors import Invalid
from billing.numbering import Parts, join_parts, preview, split_parts
from extensions import db
from models import Activity, ActivityDetail, NumberRange, Sequence
from queries.number_ranges import get_range_state
from services import clock, customers, number_ranges, numbers
from services.actor import SYSTEM
from services.unit import end_reading, write

DAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def today(context: Flask) -> object:
    with clock.stand_at(DAY):
        yield


def range_of(code: str) -> NumberRange:
    end_reading()
    return db.session.scalars(select(NumberRange).where(NumberRange.code == code)).one()


def change(code: str, **changes: Any) -> None:
    row = range_of(code)
    values: dict[str, Any] = {"pattern": row.pattern, "yearly": row.yearly, "first_value": row.first_value} | changes
    number_ranges.change_range(SYSTEM, row.id, **values)


@pytest.mark.feature("M1-35")
@pytest.mark.parametrize(
    ("parts", "pattern", "numbers_"),
    [(Parts("RE-", "YYYY", "-", 5, ""), "RE-{YYYY}-{N:5}", ["RE-2026-00007", "RE-2026-00008"]),
     (Parts("", "", "", 5, ""), "{N:5}", ["00007", "00008"]),
     (Parts("K", "YY", "/", 3, " A"), "K{YY}/{N:3} A", ["K26/007 A", "K26/008 A"])],
)  # fmt: skip
def test_prefix_year_digits_and_suffix_make_the_pattern_and_come_back_from_it(
    parts: Parts, pattern: str, numbers_: list[str]
) -> None:
    assert join_parts(parts) == pattern and split_parts(pattern) == parts
    assert preview(pattern, 2026, 7, 2) == numbers_


@pytest.mark.parametrize("pattern", ["{N:5}/{YYYY}", "{YYYY}{YY}{N}", "ohne Zähler"])
def test_a_pattern_of_another_order_is_left_to_experts(pattern: str) -> None:
    assert split_parts(pattern) is None


@pytest.mark.feature("M1-34")
@pytest.mark.feature("M1-36")
def test_customer_numbers_go_on_higher_up_and_never_lower() -> None:
    customers.create_customer(SYSTEM, {"last_name": "Eins"})
    change("customer", next_value=20001)
    second = customers.create_customer(SYSTEM, {"last_name": "Zwei"})
    third = customers.create_customer(SYSTEM, {"last_name": "Drei"})
    end_reading()
    rows = [customers.find_survivor(db.session(), key).number for key in (second, third)]
    assert rows == ["20001", "20002"]
    with pytest.raises(Invalid) as refusal:
        change("customer", next_value=10002)
    assert (refusal.value.field, refusal.value.code) == ("next_value", "number_already_used")


@pytest.mark.feature("NUM-1")
def test_the_counter_of_documents_cannot_jump_once_it_has_begun() -> None:
    with write():
        numbers.draw_documents("invoice", DAY, 1)
    with pytest.raises(Invalid) as refusal:
        change("invoice", next_value=100)
    assert refusal.value.code == "series_without_gaps"
    assert db.session.scalars(select(Sequence.next_value)).one() == 2


@pytest.mark.feature("EB-50")
def test_a_later_year_may_begin_at_another_number() -> None:
    with write():
        numbers.draw_documents("invoice", DAY, 1)
    change("invoice", first_value=5000)
    with write():
        assert numbers.draw_documents("invoice", date(2027, 1, 2), 1).number(0) == "RE-2027-05000"


def test_how_far_a_range_has_come_is_one_statement_away() -> None:
    row = range_of("invoice")
    assert (get_range_state(row, 2026).begun, get_range_state(row, 2026).next_value) == (False, 1)
    with write():
        numbers.draw_documents("invoice", DAY, 3)
    row = range_of("invoice")
    assert (get_range_state(row, 2026).next_value, get_range_state(row, 2027).next_value) == (4, 1)


@pytest.mark.feature("GOB-2")
def test_old_and_new_of_a_range_stand_in_the_activity() -> None:
    customers.create_customer(SYSTEM, {"last_name": "Eins"})
    change("customer", pattern="K-{N:6}", next_value=500000)
    end_reading()
    found = select(ActivityDetail.details).join(Activity).where(Activity.code == "number_range.changed")
    text = db.session.scalars(found).one()
    assert '"pattern":["{N:5}","K-{N:6}"]' in text and '"next_value":[10002,500000]' in text


@pytest.mark.feature("NUM-1")
def test_two_series_of_documents_never_look_alike() -> None:
    with pytest.raises(Invalid) as refusal:
        change("cancellation", pattern=range_of("invoice").pattern)
    assert (refusal.value.field, refusal.value.code) == ("pattern", "pattern_taken")
    assert range_of("cancellation").pattern == "SR-{YYYY}-{N:5}"
