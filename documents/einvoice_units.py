"""Units of measure as codes of UN/ECE Recommendation 20 (BR-CL-23): people type words, machines want codes."""

from __future__ import annotations

from typing import Final

ONE: Final = "C62"
# The codes that a firm living from services, goods and use needs; any other is told as "one" with its word beside it.
CODES: Final = frozenset((
    "4L", "ANN", "C62", "CMK", "CMQ", "CMT", "DAY", "DZN", "E34", "E35", "E48", "EA", "GRM", "H87",
    "HUR", "INH", "KGM", "KMT", "KWH", "KWT", "LS", "LTR", "MAW", "MGM", "MIN", "MMT", "MON", "MTK",
    "MTQ", "MTR", "MWH", "NAR", "P1", "PR", "QAN", "SEC", "SET", "SMI", "TNE", "WEE", "WTT", "XBX",
    "XPK", "XRO",
))  # fmt: skip
_WORDS: Final = {
    "HUR": ("std", "stunde", "stunden", "h", "hour", "hours"),
    "MIN": ("min", "minute", "minuten", "minutes"),
    "DAY": ("tag", "tage", "day", "days"),
    "WEE": ("woche", "wochen", "week", "weeks"),
    "MON": ("monat", "monate", "month", "months"),
    "ANN": ("jahr", "jahre", "year", "years"),
    "H87": ("stk", "stück", "stueck", "st", "piece", "pieces", "pcs"),
    "LS": ("pauschal", "pauschale", "psch", "lump sum", "flat rate"),
    "KMT": ("km", "kilometer"),
    "MTR": ("m", "meter"),
    "MTK": ("m²", "m2", "qm"),
    "MTQ": ("m³", "m3", "cbm"),
    "KGM": ("kg", "kilogramm"),
    "GRM": ("g", "gramm"),
    "TNE": ("t", "tonne", "tonnen"),
    "LTR": ("l", "liter"),
    "KWH": ("kwh",),
    "4L": ("mb", "megabyte"),
    "E34": ("gb", "gigabyte"),
    "E35": ("tb", "terabyte"),
    "SET": ("set",),
    "PR": ("paar", "pair"),
    "P1": ("%", "prozent", "percent"),
}  # fmt: skip
_CODE_OF: Final = {word: code for code, words in _WORDS.items() for word in words}


def unit_code(unit: str) -> str:
    """The code of a unit as it was typed: `Std.` is HUR, HUR is HUR; what is unknown, and nothing at all, is one."""
    typed = unit.strip()
    if typed.upper() in CODES:
        return typed.upper()
    return _CODE_OF.get(typed.rstrip(".").casefold(), ONE)


def is_known(unit: str) -> bool:
    """Whether the code says all that was typed."""
    return not unit.strip() or unit.strip().upper() == ONE or unit_code(unit) != ONE
