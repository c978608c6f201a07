"""What is left of an issued document, and what a correction takes of it (COR-1, EB-41).

A line is a rectangle: its quantity by the days of its own period. A correction takes away from the quantity or from
the end of the days; what is left is worth `value`, and the correction is what that fell by. So several corrections
never take more than there was, the last one takes the remainder, and every figure follows from what is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from billing.discounts import Discount
from billing.drafts import Totals
from billing.errors import AlreadyDone, Invalid
from billing.lines import Line
from billing.money import divide_half_up, split_cents
from billing.periods import Period
from billing.pricing import Part as Days
from billing.taxes import Amounts, Taxable, TaxLine, spread, tax_lines

CORRECTION = "correction"  # the reason of a line that takes quantity
UNSERVED = "unserved"  # the reason of a line that takes days


@dataclass(frozen=True, slots=True)
class Part:
    """What to take of one line: a quantity, the days from `unserved_from` on, or (both None) all that is left."""

    line_id: int
    quantity: Decimal | None = None
    unserved_from: date | None = None


class Left(NamedTuple):
    """What is left of a line: so much of its quantity, for so many of its first days (1 where it has no period)."""

    quantity: Decimal
    days: int

    @property
    def nothing(self) -> bool:
        return not self.quantity or not self.days


@dataclass(frozen=True, slots=True)
class Correction:
    """The lines of a correcting document, all negative, its sums, and which original lines it leaves nothing of."""

    lines: tuple[Line, ...]
    totals: Totals
    emptied: frozenset[int]


def left_of(line: Line, earlier: Iterable[Line]) -> Left:
    """What earlier corrections have left of an original line. Lines that correct other lines are passed over."""
    mine = [one for one in earlier if one.original_line_id == line.id]
    taken = sum((-one.quantity for one in mine if one.reason != UNSERVED), Decimal(0))
    if line.period is None:
        return Left(line.quantity - taken, 1)
    ends = [one.period.start for one in mine if one.reason == UNSERVED and one.period is not None]
    return Left(line.quantity - taken, (min(ends, default=line.period.end) - line.period.start).days)


def value(line: Line, left: Left) -> int:
    """Cents of what is left, in the document's net or gross mode."""
    return _share(line.amount_cents, line, left)


def correct(lines: Sequence[Line], earlier: Sequence[Line], parts: Sequence[Part] | None, is_gross: bool) -> Correction:
    """The document that takes `parts` (None: everything that is left) of an original.

    `lines` are the original's with their ids, `earlier` the lines of its corrections so far. Raises Invalid
    ("line_id", "quantity", "unserved_from") and AlreadyDone when nothing is left to take.
    """
    before = {_id(line): left_of(line, earlier) for line in lines}
    if parts is None:
        parts = [Part(_id(line)) for line in lines if not before[_id(line)].nothing]
    by_id = {_id(line): line for line in lines}
    after, taken = dict(before), list[Line]()
    for part in parts:
        line = _line_of(by_id, part, [one.original_line_id for one in taken])
        after[part.line_id] = _after(line, before[part.line_id], part)
        taken.append(_taken(line, before[part.line_id], after[part.line_id]))
    if not taken:
        raise AlreadyDone("nothing_left")
    emptied = frozenset(part.line_id for part in parts if after[part.line_id].nothing)
    return Correction(tuple(taken), _totals(lines, before, after, taken, is_gross), emptied)


def rates_left(lines: Sequence[Line], earlier: Sequence[Line], is_gross: bool) -> tuple[TaxLine, ...]:
    """The VAT table of what is left of an original: what all its corrections together leave standing."""
    return tax_lines(_worth(lines, {_id(line): left_of(line, earlier) for line in lines}), is_gross)


def _id(line: Line) -> int:
    if line.id is None:
        raise Invalid("line_id", "unknown_line")
    return line.id


def _line_of(lines: Mapping[int, Line], part: Part, named: Iterable[int | None]) -> Line:
    line = lines.get(part.line_id)
    if line is None:
        raise Invalid("line_id", "unknown_line", line_id=part.line_id)
    if part.line_id in named:
        raise Invalid("line_id", "line_named_twice", line_id=part.line_id)
    return line


def _after(line: Line, left: Left, part: Part) -> Left:
    """What the part leaves. AlreadyDone where nothing was left, or those days were taken before."""
    if left.nothing:
        raise AlreadyDone("nothing_left")
    if part.unserved_from is not None:
        return _without_days(line, left, part)
    quantity = left.quantity if part.quantity is None else part.quantity
    if quantity <= 0:
        raise Invalid("quantity", "out_of_range", line_id=part.line_id)
    if quantity > left.quantity:
        raise Invalid("quantity", "more_than_left", line_id=part.line_id, left=f"{left.quantity.normalize():f}")
    return left._replace(quantity=left.quantity - quantity)


def _without_days(line: Line, left: Left, part: Part) -> Left:
    since = part.unserved_from
    if part.quantity is not None:
        raise Invalid("quantity", "quantity_or_days", line_id=part.line_id)
    if line.period is None or since is None or not line.period.start <= since < line.period.end:
        raise Invalid("unserved_from", "part_outside_period", line_id=part.line_id)
    served = (since - line.period.start).days
    if served >= left.days:
        raise AlreadyDone("nothing_left")
    return left._replace(days=served)


def _taken(line: Line, before: Left, after: Left) -> Line:
    """The line of the correction: the original's, with what was taken as negative figures."""
    by_days = after.days != before.days
    return replace(
        line,
        id=None,
        key=None,
        original_line_id=line.id,
        reason=UNSERVED if by_days else CORRECTION,
        quantity=-before.quantity if by_days else after.quantity - before.quantity,
        amount_cents=value(line, after) - value(line, before),
        period=_period(line, after.days if by_days else 0, before.days),
        part=_part(line, before, after),
        discounts=tuple(
            Discount(one.text, _share(one.cents, line, after) - _share(one.cents, line, before))
            for one in line.discounts
        ),
        records=(),
    )


def _period(line: Line, first: int, last: int) -> Period | None:
    """From so many days after the line's start up to so many."""
    if line.period is None:
        return None
    start = line.period.start.toordinal()
    return Period(date.fromordinal(start + first), date.fromordinal(start + last))


def _part(line: Line, before: Left, after: Left) -> Days | None:
    """Days taken of the line's own days, where that is not all of them; else as the original has it."""
    if line.period is None:
        return line.part
    days = before.days - after.days if after.days != before.days else before.days
    return line.part if days == line.period.days else Days(days, line.period.days)


def _share(cents: int, line: Line, left: Left) -> int:
    """The share of an amount that falls on what is left, rounded once: nothing of nothing, all of all."""
    days = line.period.days if line.period is not None else 1
    if not line.quantity:
        return 0
    top, bottom = _ratio(left.quantity, line.quantity)
    return divide_half_up(cents * top * left.days, bottom * days)


def _ratio(left: Decimal, whole: Decimal) -> tuple[int, int]:
    """left / whole as a fraction of integers: no rounding before the one that counts."""
    left_top, left_bottom = left.as_integer_ratio()
    top, bottom = whole.as_integer_ratio()
    return left_top * bottom, left_bottom * top


def _worth(lines: Sequence[Line], left: Mapping[int, Left]) -> list[Taxable]:
    return [(line.tax_category, line.percent, value(line, left[_id(line)])) for line in lines]


def _totals(
    lines: Sequence[Line], before: Mapping[int, Left], after: Mapping[int, Left], taken: Sequence[Line], is_gross: bool
) -> Totals:
    """VAT once per rate, as the difference of what was and what is left: within a cent of the correction's own, and
    all corrections together come to the original's, exactly."""
    standing = {row[:2]: row for row in tax_lines(_worth(lines, after), is_gross)}
    touched = {(line.tax_category, line.percent) for line in taken}
    rows = tuple(
        _less(row, standing[row[:2]]) for row in tax_lines(_worth(lines, before), is_gross) if row[:2] in touched
    )
    net, tax = sum(row.net_cents for row in rows), sum(row.tax_cents for row in rows)
    return Totals(net, tax, net + tax, rows, _line_amounts(taken, rows, is_gross))


def _less(before: TaxLine, after: TaxLine) -> TaxLine:
    net, tax = after.net_cents - before.net_cents, after.tax_cents - before.tax_cents
    return before._replace(net_cents=net, tax_cents=tax, gross_cents=net + tax)


def _line_amounts(taken: Sequence[Line], rows: Sequence[TaxLine], is_gross: bool) -> tuple[Amounts, ...]:
    amounts = [(line.tax_category, line.percent, line.amount_cents) for line in taken]
    if tax_lines(amounts, is_gross) == tuple(rows):
        return spread(amounts, is_gross, rows)  # as an invoice does it: a full mirror is one line by line
    taxes: dict[int, int] = {}
    for row in rows:
        members = [i for i, (category, percent, _) in enumerate(amounts) if row[:2] == (category, percent)]
        shares = split_cents(-row.tax_cents, [-amounts[i][2] for i in members])
        taxes.update(zip(members, (-share for share in shares), strict=True))
    return tuple(_with_tax(amounts[i][2], taxes[i], is_gross) for i in range(len(amounts)))


def _with_tax(cents: int, tax: int, is_gross: bool) -> Amounts:
    return Amounts(cents - tax, tax, cents) if is_gross else Amounts(cents, tax, cents + tax)
