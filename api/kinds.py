"""The kinds of values that come in: each reads what real clients send and says no to everything else.

Clients send numbers as numbers, as text and in scientific notation, flags as booleans or as PHP's 0 and 1, and dates
in several shapes. A reader returns a clean value or raises Wrong; the caller names the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from api import scalars
from api.scalars import Fault, Wrong
from billing.unseen import as_read

BIGGEST_ID = 2**63 - 1
BIGGEST_PRICE = Decimal(99_999_999)
BIGGEST_QUANTITY = Decimal(1_000_000)
MOST_ENTRIES = 1_000

_BAD_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_BREAKS = re.compile("[\t\n\r\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Kind:
    """A reader with the words for the reference. `empty` is what an empty text means: the field is cleared."""

    says: str
    read: Callable[[object], object]
    empty: object = None


def text(longest: int, lines: bool = False) -> Kind:
    """Text as it is read, without control characters; line breaks only where a field has several lines (S28)."""

    def read(value: object) -> str:
        clean = as_read(scalars.plain(value))
        if len(clean) > longest or _BAD_CHARACTERS.search(clean) or (not lines and _LINE_BREAKS.search(clean)):
            raise Wrong
        return clean

    return Kind(f"text, up to {longest} characters" + (", several lines" if lines else ""), read, "")


def whole(low: int, high: int) -> Kind:
    """A whole number, also as text or as 2.0."""

    def read(value: object) -> int:
        number = scalars.number(value)
        if number != number.to_integral_value() or not low <= number <= high:
            raise Wrong
        return int(number)

    return Kind(f"whole number from {low} to {high}", read)


def decimal(low: Decimal, high: Decimal, places: int, says: str) -> Kind:
    """An exact number; digits beyond `places` (a float's tail) are rounded half up, never cents."""

    def read(value: object) -> Decimal:
        number = scalars.number(value)
        if not low <= number <= high:  # before rounding: 1e99 has no room for decimals, -0.000000001 is negative
            raise Wrong
        return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)

    return Kind(says, read)


def one_of(choices: Mapping[str, object], says: str = "") -> Kind:
    """One of a few words or numbers, in any case."""

    def read(value: object) -> object:
        try:
            return choices[scalars.plain(value).lower()]
        except KeyError:
            raise Wrong from None

    return Kind(says or "one of " + ", ".join(key for key in choices if key), read, choices.get(""))


def words(*choices: str) -> Kind:
    """One of these words, kept as it is."""
    return one_of({choice: choice for choice in choices})


def id_list() -> Kind:
    """One id, or several ("ID-array possible"), always read as a tuple."""

    def read(value: object) -> tuple[int, ...]:
        entries = value if isinstance(value, list) else [value]
        if not 1 <= len(entries) <= MOST_ENTRIES:
            raise Wrong
        return tuple(int(str(ID.read(entry))) for entry in entries)

    return Kind("an id or a list of ids", read)


def rows(reader: Callable[[Mapping[str, object]], object], entry_name: str, says: str) -> Kind:
    """A list of maps in both shapes: `[{..}]` and `{"ITEM": [{..}]}`; a single map is a list of one."""

    def read(value: object) -> list[object]:
        if not isinstance(value, list | dict) and value != "":
            raise Wrong
        entries = entries_of(value, entry_name)
        if len(entries) > MOST_ENTRIES:
            raise Wrong(Fault("", f"at most {MOST_ENTRIES} entries"))
        return _all_read(entries, reader)

    return Kind(says, read, ())


def _all_read(entries: list[object], reader: Callable[[Mapping[str, object]], object]) -> list[object]:
    """Every entry read, or Wrong with the faults of all of them; entries are counted from 1, as on the paper."""
    found, faults = list[object](), list[Fault]()
    for place, entry in enumerate(entries, 1):
        try:
            found.append(reader(_map(entry)))
        except Wrong as wrong:
            inside = wrong.faults or (Fault("", "an entry with its fields"),)
            faults += [Fault(f"[{place}]{fault.path}", fault.wanted) for fault in inside]
    if faults:
        raise Wrong(*faults)
    return found


def _map(entry: object) -> Mapping[str, object]:
    if not isinstance(entry, dict):
        raise Wrong
    return entry


def entries_of(value: object, entry_name: str) -> list[object]:
    """The entries of a list in either shape."""
    if isinstance(value, dict) and set(value) == {entry_name}:
        value = value[entry_name]
    if value == "" or value == {}:
        return []
    return value if isinstance(value, list) else [value]


def _attribute(entry: Mapping[str, object]) -> dict[str, str]:
    key, value = (text(longest).read(entry.get(name, "")) for name, longest in (("KEY", 100), ("VALUE", 1000)))
    if not key:
        raise Wrong
    return {"KEY": str(key), "VALUE": str(value)}


def _feature(entry: Mapping[str, object]) -> dict[str, str]:
    names = ("CODE", "TITLE", "QUANTITY", "VALUE")
    found = {name: str(text(200).read(entry[name])) for name in names if name in entry}
    if not found.get("CODE"):
        raise Wrong
    return found


ID = whole(1, BIGGEST_ID)
IDS = id_list()
PRICE = decimal(Decimal(0), BIGGEST_PRICE, 8, "price, not negative, up to 8 decimals")
PERCENT = decimal(Decimal(0), Decimal(100), 2, "percent from 0 to 100")
QUANTITY = decimal(Decimal("0.0001"), BIGGEST_QUANTITY, 4, "quantity above 0, up to 4 decimals")
FLAG = Kind("0 or 1", scalars.flag, False)
DAY = Kind("date YYYY-MM-DD", scalars.day)
MOMENT = Kind("date and time YYYY-MM-DD HH:MM:SS, Europe/Berlin", scalars.moment)
INTERVAL = Kind('a number and day, week, month or year, e.g. "1 month"; 0 for none', scalars.interval)
COUNTRY = Kind("country, two letters (ISO 3166-1)", scalars.letters(2))
CURRENCY = Kind("currency, three letters (ISO 4217)", scalars.letters(3))
ATTRIBUTES = rows(_attribute, "X_ATTRIBUTE", "list of {KEY, VALUE}")
FEATURES = rows(_feature, "FEATURE", "list of {CODE, TITLE, QUANTITY, VALUE}")
