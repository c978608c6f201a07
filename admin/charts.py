"""Geometry of the pictures: figures in, places in a drawing out; templates/admin/charts.html draws them as SVG.

Across, everything is in per cent of the width and down in pixels, so that a picture fits every screen with letters of
the same size, without a script. Money is cents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from babel.numbers import format_compact_currency
from flask_babel import get_locale

from admin import formats

HEIGHT, TOP = 180, 14  # of the plot; what stands above it
_STEPS = (1, 2, 5, 10)
_LINES = 4  # at most so many lines above zero, about


@dataclass(frozen=True, slots=True)
class Value:
    """One figure: its colour's class, its cents, and the words that tell it."""

    tone: str
    cents: int
    told: str


@dataclass(frozen=True, slots=True)
class Group:
    """What stands at one place of the axis. `short` hides on a phone where the axis is full."""

    label: str
    values: tuple[Value, ...]
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    y: float
    label: str
    is_zero: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar, or a point of a line (`height` 0): x and width in per cent, the rest in pixels."""

    x: str
    width: str
    y: float
    height: float
    tone: str
    told: str


@dataclass(frozen=True, slots=True)
class Stroke:
    x1: str
    y1: float
    x2: str
    y2: float


@dataclass(frozen=True, slots=True)
class Label:
    x: str
    text: str
    minor: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything is placed; `base` is the height of the axis' words."""

    ticks: tuple[Tick, ...]
    bars: tuple[Mark, ...]
    points: tuple[Mark, ...]
    strokes: tuple[Stroke, ...]
    labels: tuple[Label, ...]
    base: int = HEIGHT + TOP + 20
    height: int = HEIGHT + TOP + 28


def bars(groups: Sequence[Group], currency: str) -> Chart:
    """Bars side by side in each group, from zero up, or down where money went the other way."""
    ticks, place = _axis(groups, currency)
    zero = place(0)
    marks = tuple(
        Mark(_percent(x), _percent(width), min(place(value.cents), zero), max(abs(place(value.cents) - zero), 1),
             value.tone, value.told)
        for x, width, value in _side_by_side(groups) if value.cents
    )  # fmt: skip
    return Chart(ticks, marks, (), (), _labels(groups))


def line(groups: Sequence[Group], currency: str) -> Chart:
    """One line through the first value of each group."""
    ticks, place = _axis(groups, currency)
    middles = [(n + 0.5) * 100 / len(groups) for n in range(len(groups))]
    points = tuple(
        Mark(_percent(x), "0%", place(group.values[0].cents), 0, group.values[0].tone, group.values[0].told)
        for x, group in zip(middles, groups, strict=True)
    )
    strokes = tuple(Stroke(a.x, a.y, b.x, b.y) for a, b in pairwise(points))
    return Chart(ticks, (), points, strokes, _labels(groups))


def round_step(largest: int) -> int:
    """The distance of the axis' lines in cents: 1, 2 or 5 times a power of ten, so that some four lines suffice."""
    wanted = max(largest / _LINES, 1)
    power = 10 ** (len(str(int(wanted))) - 1)
    return next(step * power for step in _STEPS if step * power >= wanted)


def _axis(groups: Sequence[Group], currency: str) -> tuple[tuple[Tick, ...], Callable[[int], float]]:
    """The lines of the axis, and where a sum lies."""
    cents = [value.cents for group in groups for value in group.values] or [0]
    high, low = max(*cents, 0), min(*cents, 0)
    step = round_step(max(high, -low))
    top, bottom = max(-(-high // step) * step, step if not low else 0), low // step * step

    def place(value: int) -> float:
        return round(TOP + HEIGHT * (top - value) / (top - bottom), 1)

    ticks = tuple(Tick(place(at), _spelled(at, step, currency), at == 0) for at in range(bottom, top + 1, step))
    return ticks, place


def _side_by_side(groups: Sequence[Group]) -> Iterator[tuple[float, float, Value]]:
    """(x, width, value): a third of each place stays free."""
    room = 100 / len(groups)
    for n, group in enumerate(groups):
        width = room * 0.66 / len(group.values)
        for k, value in enumerate(group.values):
            yield n * room + room * 0.17 + k * width, width * 0.94, value


def _labels(groups: Sequence[Group]) -> tuple[Label, ...]:
    room = 100 / len(groups)
    return tuple(Label(_percent((n + 0.5) * room), group.label, group.minor) for n, group in enumerate(groups))


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _spelled(cents: int, step: int, currency: str) -> str:
    """An amount beside the axis: no more digits than it needs."""
    amount = Decimal(cents).scaleb(-2)
    if step >= 500_000_00:
        return format_compact_currency(amount, currency, locale=get_locale() or "de", fraction_digits=1)
    return formats.with_places(amount, currency, 0 if step % 100 == 0 else 2)
