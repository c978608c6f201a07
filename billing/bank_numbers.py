"""Invoice numbers in what payers write: with blanks, dashes and line breaks wherever a bank or a hand put them.

Every candidate is looked up among the issued invoices, so too many do no harm; one too few is looked for by a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

MOST = 40  # numbers that are looked for in one text
_PARTS = re.compile(r"\{(YYYY|YY|N)(?::(\d{1,2}))?\}|([^{}]+)")
_GAP = r"[\s\-\u2010-\u2015._/#+:]{0,3}"
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/#+-]{1,28}[A-Za-z0-9]")
_LONGER = 3  # digits that a counter may have beyond its width


@dataclass(frozen=True, slots=True)
class Mention:
    """One place in the text and the numbers that it may mean. `weak`: digits alone, which may be anything."""

    numbers: tuple[str, ...]
    weak: bool = False


def mentions(text: str, patterns: Iterable[str]) -> tuple[Mention, ...]:
    """What may be invoice numbers in a text, those with letters first; `patterns` are those of the number ranges."""
    found: dict[tuple[str, ...], Mention] = {}
    for pattern in patterns:
        for mention in _by_pattern(text, pattern):
            found.setdefault(mention.numbers, mention)
    for token in _TOKEN.findall(text):
        if any(sign.isdigit() for sign in token):
            found.setdefault((token,), Mention((token,), token.isdigit()))
    return tuple(sorted(found.values(), key=lambda each: each.weak)[:MOST])


def _by_pattern(text: str, pattern: str) -> Iterator[Mention]:
    parts = [(match[1] or "", int(match[2] or 1), match[3] or "") for match in _PARTS.finditer(pattern)]
    yield from _found(text, tuple(parts), weak=_is_bare(parts))
    bare = tuple(parts[1:]) if parts and parts[0][2] and len(parts) > 2 else ()
    if bare and not _is_bare(parts):  # payers leave the letters out: 2026-00012 for RE-2026-00012
        for mention in _found(text, bare, weak=True):
            yield Mention(tuple(parts[0][2] + number for number in mention.numbers), weak=True)


def _found(text: str, parts: tuple[tuple[str, int, str], ...], *, weak: bool) -> Iterator[Mention]:
    for match in _expression(parts, weak).finditer(text):
        yield Mention(tuple(_numbers(parts, match)), weak)


def _numbers(parts: tuple[tuple[str, int, str], ...], match: re.Match[str]) -> Iterator[str]:
    """The number as the house writes it; once more for each digit that may belong to what follows it instead."""
    digits = re.sub(r"\D", "", match["N"])
    width = next(width for name, width, _ in parts if name == "N")
    for length in range(max(width, 1), len(digits) + 1):
        values = {"N": digits[:length]} | {name: match[name] for name in ("YYYY", "YY") if _has(parts, name)}
        yield "".join(values[name] if name else literal for name, _, literal in parts)


def _has(parts: tuple[tuple[str, int, str], ...], wanted: str) -> bool:
    return any(name == wanted for name, _, _ in parts)


def _is_bare(parts: Iterable[tuple[str, int, str]]) -> bool:
    """No letter in it: only a year, a counter and signs."""
    return not any(sign.isalpha() for _, _, literal in parts for sign in literal)


@lru_cache(maxsize=64)
def _expression(parts: tuple[tuple[str, int, str], ...], weak: bool) -> re.Pattern[str]:
    """Bounded everywhere, so no text can make it take long."""
    pieces = [_piece(name, width, literal) for name, width, literal in parts]
    edge = r"(?<![A-Za-z0-9])" if weak else r"(?<![0-9])"
    return re.compile(edge + _GAP.join(piece for piece in pieces if piece), re.IGNORECASE)


def _piece(name: str, width: int, literal: str) -> str:
    if name == "N":
        more = rf"(?:{_GAP}\d){{{max(width, 1) - 1},{max(width, 1) - 1 + _LONGER}}}" if width > 1 else r"\d{0,11}"
        return rf"(?P<N>\d{more})"
    if name:
        return rf"(?P<{name}>\d{{{len(name)}}})"
    return _GAP.join(re.escape(sign) for sign in literal if sign.isalnum())
