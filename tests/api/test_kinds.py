"""What real clients send for a value, and what is no value at all."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import kinds
from api.fields import Field, FieldErrors, read_fields
from api.kinds import Kind
from api.scalars import Wrong
from billing.periods import Interval, Unit

MONTH = Interval(Unit.MONTH, 1)
at = datetime.fromisoformat

GOOD: list[tuple[Kind, Any, Any]] = [
    (kinds.text(20), "  Müller ", "Müller"),
    (kinds.text(20), 5376, "5376"),
    (kinds.text(10), "Kieler\u202e R\u200bad\u2066 ", "Kieler Rad"),
    (kinds.text(20, lines=True), "a\u202e\nb", "a\nb"),
    (kinds.text(20), Decimal("12.50"), "12.50"),
    (kinds.text(20), False, ""),
    (kinds.text(20, lines=True), "a\nb", "a\nb"),
    (kinds.ID, "5376", 5376),
    (kinds.ID, 5376, 5376),
    (kinds.ID, Decimal("5376.0"), 5376),
    (kinds.IDS, 5376, (5376,)),
    (kinds.IDS, ["5376", 5377], (5376, 5377)),
    (kinds.PRICE, "0.2e3", Decimal(200)),
    (kinds.PRICE, "15.0000", Decimal(15)),
    (kinds.PRICE, 12, Decimal(12)),
    (kinds.PRICE, Decimal("12.5"), Decimal("12.5")),
    (kinds.PRICE, Decimal("16.806722689075631"), Decimal("16.80672269")),
    (kinds.PRICE, "+7", Decimal(7)),
    (kinds.PERCENT, "19.00", Decimal(19)),
    (kinds.QUANTITY, 2, Decimal(2)),
    (kinds.FLAG, 1, True),
    (kinds.FLAG, "0", False),
    (kinds.FLAG, True, True),
    (kinds.FLAG, "TRUE", True),
    (kinds.DAY, "2013-03-05", date(2013, 3, 5)),
    (kinds.DAY, "0000-00-00", None),
    (kinds.MOMENT, "2015-05-01 00:00:00", at("2015-05-01 00:00:00")),
    (kinds.MOMENT, "12:45:40 2013-07-10", at("2013-07-10 12:45:40")),
    (kinds.MOMENT, "2015-05-01T23:30:00Z", at("2015-05-02 01:30:00")),
    (kinds.MOMENT, "2015-05-01T10:00:00+0200", at("2015-05-01 10:00:00")),
    (kinds.MOMENT, "0000-00-00 00:00:00", None),
    (kinds.INTERVAL, "1 month", MONTH),
    (kinds.INTERVAL, "3 Months", Interval(Unit.MONTH, 3)),
    (kinds.INTERVAL, 0, None),
    (kinds.COUNTRY, "de", "DE"),
    (kinds.CURRENCY, "eur", "EUR"),
    (kinds.words("paid", "unpaid"), "PAID", "paid"),
    (kinds.ATTRIBUTES, [{"KEY": "a", "VALUE": 1}], [{"KEY": "a", "VALUE": "1"}]),
    (kinds.ATTRIBUTES, {"X_ATTRIBUTE": [{"KEY": "a"}]}, [{"KEY": "a", "VALUE": ""}]),
    (kinds.ATTRIBUTES, {"X_ATTRIBUTE": {"KEY": "a", "VALUE": "b"}}, [{"KEY": "a", "VALUE": "b"}]),
    (kinds.ATTRIBUTES, {"KEY": "a", "VALUE": "b"}, [{"KEY": "a", "VALUE": "b"}]),
    (kinds.FEATURES, [{"CODE": "gb", "QUANTITY": 5}], [{"CODE": "gb", "QUANTITY": "5"}]),
]

BAD: list[tuple[Kind, Any]] = [
    *((kinds.text(5), value) for value in ("toolong", "a\x00b", "a\nb", "a\tb", "\ud800", "a\x85b", True, ["a"], {})),
    (kinds.text(50, lines=True), "a\x1b[2Jb"),
    *((kinds.ID, value) for value in (0, -1, "1.5", "abc", "", True, 2**63, "٣", "1_000", "0x10", [1], "1 2")),
    (kinds.IDS, []),
    (kinds.IDS, [1, "x"]),
    (kinds.IDS, list(range(1, 1002))),
    *((kinds.PRICE, value) for value in ("-0.01", -1, "12,50", "NaN", "Infinity", "1e99", "1e999", "", True, "1" * 30)),
    (kinds.PRICE, Decimal("-0.000000001")),
    (kinds.PRICE, Decimal("1E+999999")),
    (kinds.PRICE, 100_000_000),
    *((kinds.PERCENT, value) for value in ("100.01", -1)),
    *((kinds.QUANTITY, value) for value in (0, -1, "0.00001", 1_000_001)),
    *((kinds.FLAG, value) for value in (2, "ja", [])),
    *((kinds.MOMENT, v) for v in ("2026-02-30", "05.03.2013", 1, "2013-03-05 25:00:00", "1899-12-31", "9999-01-01")),
    *((kinds.MOMENT, v) for v in ("2013-03-05 10:00 x", "0001-01-01T00:00:00+23:00", "٢٠١٣-٠٣-٠٥")),
    *((kinds.INTERVAL, value) for value in ("month", "0 month", "-1 month", "1000 month", "1 aeon", 1, "1.5 month")),
    *((kinds.COUNTRY, value) for value in ("D", "DEU", "D1", "ÄÖ", 49)),
    (kinds.words("paid"), "bezahlt"),
    *((kinds.ATTRIBUTES, value) for value in ([{"VALUE": "b"}], ["a"], "a", [{"KEY": "a\x00"}], [{}] * 1001)),
    (kinds.FEATURES, [{"QUANTITY": 1}]),
]


@pytest.mark.parametrize(("kind", "raw", "value"), GOOD)
def test_what_clients_send_is_understood(kind: Kind, raw: Any, value: Any) -> None:
    assert kind.read(raw) == value


@pytest.mark.feature("S24")
@pytest.mark.feature("S26")
@pytest.mark.parametrize(("kind", "raw"), BAD)
def test_everything_else_is_wrong(kind: Kind, raw: Any) -> None:
    with pytest.raises(Wrong):
        kind.read(raw)


ALL_KINDS = sorted({id(kind): kind for kind, *_ in [*GOOD, *BAD]}.values(), key=lambda kind: kind.says)
_SCALARS = st.one_of(st.text(), st.integers(), st.decimals(), st.booleans())
_TREES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


@given(st.sampled_from(ALL_KINDS), _TREES)
def test_no_value_breaks_a_reader(kind: Kind, raw: Any) -> None:
    """It is read or it is Wrong; nothing else can happen, so that a call never ends in a trace."""
    try:
        kind.read(raw)
    except Wrong:
        return


@given(st.decimals(0, 99_999_999, places=8))
def test_a_price_comes_out_as_it_went_in(price: Decimal) -> None:
    assert kinds.PRICE.read(str(price)) == kinds.PRICE.read(price) == price


FIELDS = (
    Field("NAME", kinds.text(10), "name", required=True),
    Field("NUMBER", kinds.ID, "number", aliases=("NUMER",)),
)


def test_all_wrong_fields_are_named_at_once_in_their_order() -> None:
    with pytest.raises(FieldErrors) as refusal:
        read_fields(FIELDS, {"NUMBER": "x"})
    assert refusal.value.names == ("NAME", "NUMBER")


def test_a_misprinted_name_is_understood() -> None:
    assert read_fields(FIELDS, {"NAME": "a", "NUMER": 4}) == {"name": "a", "number": 4}


@pytest.mark.feature("S15")
def test_names_that_are_not_declared_are_passed_over() -> None:
    assert read_fields(FIELDS, {"NAME": "a", "ROLE": "admin", "BALANCE": 5}) == {"name": "a"}


@pytest.mark.parametrize("empty", ["", "  ", [], {}])
def test_empty_means_not_given_when_something_is_made_and_cleared_when_it_changes(empty: Any) -> None:
    given_ = {"NAME": "a", "NUMBER": empty}
    assert read_fields(FIELDS, given_) == {"name": "a"}
    assert read_fields(FIELDS, given_, clearing=True) == {"name": "a", "number": None}
