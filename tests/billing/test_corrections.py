"""Corrections: by quantity, by days, in full; several never exceed the original, and the last takes the remainder."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.corrections import Correction, Part, correct, left_of, rates_left, value
from billing.discounts import Discount
from billing.errors import AlreadyDone, Invalid
from billing.lines import Line
from billing.periods import Period
from billing.taxes import DOMESTIC, spread, tax_lines
from tests.billing.makers import day

NINETEEN, SEVEN = Decimal("19.00"), Decimal("7.00")
JULY = Period(day("2026-07-01"), day("2026-08-01"))


def line(
    id: int = 1,
    cents: int = 10000,
    quantity: str = "1",
    percent: Decimal = NINETEEN,
    period: Period | None = JULY,
    discount: int = 0,
) -> Line:
    return Line(
        reason="one_off",
        title="Tarif",
        quantity=Decimal(quantity),
        unit_price=Decimal(cents + discount) / 100 / Decimal(quantity),
        amount_cents=cents,
        tax_case=DOMESTIC,
        tax_category="S",
        percent=percent,
        period=period,
        discounts=(Discount("Treue", discount),) if discount else (),
        id=id,
    )


def in_turn(lines: Sequence[Line], *wishes: Sequence[Part] | None, is_gross: bool = False) -> list[Correction]:
    """One correction after the other, each knowing those before it."""
    made: list[Correction] = []
    for parts in wishes:
        made.append(correct(lines, taken(made), parts, is_gross))
    return made


def taken(made: Sequence[Correction]) -> list[Line]:
    return [each for one in made for each in one.lines]


WHOLE = line(cents=9000, quantity="3")
TABLE = [
    # what is taken, one correction after the other: its cents, quantity and days of days
    ("everything", [WHOLE], [None], [(-9000, "-3", None)]),
    ("one of three", [WHOLE], [[Part(1, Decimal(1))]], [(-3000, "-1", None)]),
    (
        "one of three, then the rest",
        [line(cents=10000, quantity="3")],
        [[Part(1, Decimal(1))], [Part(1, Decimal(1))], [Part(1)]],
        [(-3333, "-1", None), (-3334, "-1", None), (-3333, "-1", None)],
    ),
    ("half a unit", [WHOLE], [[Part(1, Decimal("0.5"))]], [(-1500, "-0.5", None)]),
    (
        "the days from the 20th on",
        [line(cents=8000)],
        [[Part(1, unserved_from=day("2026-07-20"))]],
        [(-3097, "-1", (12, 31))],
    ),
    (
        "days, and more days before them",
        [line(cents=8000)],
        [[Part(1, unserved_from=day("2026-07-20"))], [Part(1, unserved_from=day("2026-07-10"))], None],
        [(-3097, "-1", (12, 31)), (-2580, "-1", (10, 31)), (-2323, "-1", (9, 31))],
    ),
    (
        "all days are the whole line",
        [line(cents=8000)],
        [[Part(1, unserved_from=day("2026-07-01"))]],
        [(-8000, "-1", None)],
    ),
    (
        "a seat, and then the days of the others",
        [line(cents=9000, quantity="3")],
        [[Part(1, Decimal(1))], [Part(1, unserved_from=day("2026-07-02"))], [Part(1)]],
        [(-3000, "-1", None), (-5806, "-2", (30, 31)), (-194, "-2", (1, 31))],
    ),
    ("a line of nothing", [line(cents=0)], [None], [(0, "-1", None)]),
]


@pytest.mark.feature("D-1")
@pytest.mark.feature("COR-1")
@pytest.mark.parametrize(("lines", "wishes", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_what_a_correction_takes(
    lines: list[Line], wishes: list[list[Part] | None], expected: list[tuple[int, str, tuple[int, int] | None]]
) -> None:
    found = [(one.amount_cents, str(one.quantity), one.part) for one in taken(in_turn(lines, *wishes))]
    assert found == expected


@pytest.mark.feature("COR-1")
def test_a_full_cancellation_mirrors_its_original_line_by_line() -> None:
    lines = [line(1, 333), line(2, 333), line(3, 334, percent=SEVEN), line(4, 20000, "4")]
    amounts = [(each.tax_category, each.percent, each.amount_cents) for each in lines]
    rows = tax_lines(amounts, True)
    (mirror,) = in_turn(lines, None, is_gross=True)
    assert [tuple(-each for each in row) for row in mirror.totals.line_amounts] == list(spread(amounts, True, rows))
    assert [tuple(-each for each in row[2:5]) for row in mirror.totals.tax_lines] == [row[2:5] for row in rows]
    assert mirror.emptied == {1, 2, 3, 4}


@pytest.mark.feature("EB-41")
def test_four_part_corrections_come_to_the_invoice_and_not_to_a_cent_more() -> None:
    """334.99 gross; four quarters rounded by themselves would be 335.00."""
    lines = [line(cents=33499, quantity="4")]
    made = in_turn(lines, *[[Part(1, Decimal(1))]] * 4, is_gross=True)
    assert [one.totals.gross_cents for one in made] == [-8375, -8374, -8375, -8375]
    assert sum(one.totals.gross_cents for one in made) == -33499
    assert sum(one.totals.tax_cents for one in made) == -tax_lines([("S", NINETEEN, 33499)], True)[0].tax_cents


@pytest.mark.feature("EB-41")
def test_cents_taken_one_by_one_never_take_more_vat_than_there_was() -> None:
    """A hundred lines of 3 cents: 57 cents of VAT; rounded line by line it would be a euro."""
    lines = [line(number, 3) for number in range(1, 101)]
    made = in_turn(lines, *[[Part(number)] for number in range(1, 101)])
    assert sum(one.totals.tax_cents for one in made) == -57
    assert {one.totals.tax_cents for one in made} == {0, -1}


@pytest.mark.feature("D-1")
def test_a_discount_is_taken_in_proportion() -> None:
    lines = [line(cents=9000, quantity="3", discount=1000)]
    first, rest = in_turn(lines, [Part(1, Decimal(1))], None)
    assert (first.lines[0].amount_cents, first.lines[0].discounts) == (-3000, (Discount("Treue", -333),))
    assert (rest.lines[0].amount_cents, rest.lines[0].discounts) == (-6000, (Discount("Treue", -667),))


@pytest.mark.feature("EB-39")
def test_the_days_taken_are_those_of_the_lines_own_period() -> None:
    """A line of twelve days out of a month: five of the twelve."""
    part = line(cents=3097, period=Period(day("2026-08-01"), day("2026-08-13")))
    (one,) = in_turn([part], [Part(1, unserved_from=day("2026-08-08"))])
    assert one.lines[0].part == (5, 12) and one.lines[0].amount_cents == -1290
    assert one.lines[0].period == (day("2026-08-08"), day("2026-08-13"))


REFUSALS = [
    ([Part(2)], Invalid, "unknown_line"),
    ([Part(1), Part(1)], Invalid, "line_named_twice"),
    ([Part(1, Decimal(4))], Invalid, "more_than_left"),
    ([Part(1, Decimal(0))], Invalid, "out_of_range"),
    ([Part(1, Decimal(-1))], Invalid, "out_of_range"),
    ([Part(1, unserved_from=day("2026-08-01"))], Invalid, "part_outside_period"),
    ([Part(1, unserved_from=day("2026-06-30"))], Invalid, "part_outside_period"),
    ([Part(1, Decimal(1), day("2026-07-20"))], Invalid, "quantity_or_days"),
    ([], AlreadyDone, "nothing_left"),
]


@pytest.mark.feature("D-1")
@pytest.mark.parametrize(("parts", "error", "code"), REFUSALS, ids=[f"{row[2]}-{i}" for i, row in enumerate(REFUSALS)])
def test_what_cannot_be_taken_is_refused(parts: list[Part], error: type[Exception], code: str) -> None:
    with pytest.raises(error) as refused:
        correct([WHOLE], [], parts, False)
    assert getattr(refused.value, "code", "") == code


@pytest.mark.feature("COR-1")
@pytest.mark.parametrize(
    "parts", [None, [Part(1)], [Part(1, Decimal(1))], [Part(1, unserved_from=day("2026-07-05"))]], ids=str
)
def test_when_nothing_is_left_nothing_is_taken(parts: list[Part] | None) -> None:
    with pytest.raises(AlreadyDone):
        in_turn([WHOLE], None, parts)


def test_without_a_period_there_are_no_days_to_take() -> None:
    with pytest.raises(Invalid):
        correct([line(period=None)], [], [Part(1, unserved_from=day("2026-07-05"))], False)


@st.composite
def originals(draw: st.DrawFn) -> list[Line]:
    count = draw(st.integers(1, 5))
    quantities = st.decimals("0.25", "7", places=2)
    return [
        line(
            number,
            draw(st.integers(0, 50_000)),
            str(draw(quantities)),
            draw(st.sampled_from([NINETEEN, SEVEN, Decimal("0.00")])),
            draw(st.sampled_from([JULY, None])),
            draw(st.integers(0, 500)),
        )
        for number in range(1, count + 1)
    ]


@pytest.mark.feature("EB-41")
@given(originals(), st.booleans(), st.data())
def test_corrections_never_exceed_their_original_and_the_last_takes_the_remainder(
    lines: list[Line], is_gross: bool, data: st.DataObject
) -> None:
    made: list[Correction] = []
    for _ in range(data.draw(st.integers(0, 6))):
        part = data.draw(parts_of(lines))
        try:
            made.append(correct(lines, taken(made), [part], is_gross))
        except (AlreadyDone, Invalid):
            continue
        assert_mirrors(made[-1], is_gross)
        assert_within(lines, made, is_gross)
    if any(not left_of(each, taken(made)).nothing for each in lines):
        made.append(correct(lines, taken(made), None, is_gross))
    assert all(value(each, left_of(each, taken(made))) == 0 for each in lines)
    for each in lines:
        mine = [one for one in taken(made) if one.original_line_id == each.id]
        assert -sum(one.amount_cents for one in mine) == each.amount_cents
        discounts = sum(discount.cents for one in mine for discount in one.discounts)
        assert -discounts == sum(discount.cents for discount in each.discounts)
    assert_within(lines, made, is_gross)
    assert not any(row.gross_cents for row in rates_left(lines, taken(made), is_gross))


@st.composite
def parts_of(draw: st.DrawFn, lines: list[Line]) -> Part:
    number = draw(st.integers(1, len(lines)))
    wish = draw(st.sampled_from(["all", "quantity", "days"]))
    if wish == "quantity":
        return Part(number, draw(st.decimals("0.01", "7", places=2)))
    if wish == "days":
        return Part(number, unserved_from=draw(st.dates(JULY.start, JULY.last_day)))
    return Part(number)


def assert_mirrors(one: Correction, is_gross: bool) -> None:
    """Nothing is taken that would be a charge; the lines add up to the table, whose VAT is within a cent of its own."""
    totals = one.totals
    assert totals.net_cents <= 0 and totals.tax_cents <= 0 and totals.net_cents + totals.tax_cents == totals.gross_cents
    for column, total in enumerate((totals.net_cents, totals.tax_cents, totals.gross_cents)):
        assert sum(row[column] for row in totals.line_amounts) == total
        assert sum(row[2 + column] for row in totals.tax_lines) == total
    own = tax_lines([(each.tax_category, each.percent, each.amount_cents) for each in one.lines], is_gross)
    assert [row[:2] for row in own] == [row[:2] for row in totals.tax_lines]
    assert all(abs(a.tax_cents - b.tax_cents) <= 1 for a, b in zip(own, totals.tax_lines, strict=True))


def assert_within(lines: list[Line], made: list[Correction], is_gross: bool) -> None:
    """Per rate: what was corrected and what is left are the original, to the cent."""
    left = {row[:2]: row for row in rates_left(lines, taken(made), is_gross)}
    for row in tax_lines([(each.tax_category, each.percent, each.amount_cents) for each in lines], is_gross):
        mine = [each for one in made for each in one.totals.tax_lines if each[:2] == row[:2]]
        for column in (2, 3, 4):
            assert row[column] + sum(each[column] for each in mine) == left[row[:2]][column] >= 0
