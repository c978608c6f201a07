"""The normalised words that a search compares. The index holds the spellings, the query is only folded.

"Müller" and "Mueller" are both indexed as muller and mueller, so that whichever of müller, mueller or muller
is typed finds them; a search means: each typed word begins a word of the index.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import product

MAX_WORD = 60
MAX_WORDS = 200
_MAX_PLACES = 3  # 2 ** 3 spellings of one word; a longer chain of umlauts is spelled one way or the other throughout

_TOKEN = re.compile(r"[^\W_]+")
_EMAIL = re.compile(r"[^\s@<>(),;]+@[^\s@<>(),;]+")
# An umlaut, or the two letters that stand for one; not in "Bauer", "Quelle", "neu-er".
_UMLAUT = re.compile(r"[äöü]|(?<![aeoqäöü])[aou]e")
_SHORT = {"ä": "a", "ö": "o", "ü": "u", "ae": "a", "oe": "o", "ue": "u"}
_LONG = {"ä": "ae", "ö": "oe", "ü": "ue", "ae": "ae", "oe": "oe", "ue": "ue"}
_NO_DECOMPOSITION = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})


def index_words(*texts: str | None) -> frozenset[str]:
    """The words under which a record is found: at most 200, of at most 60 characters; earlier texts come first."""
    found: dict[str, None] = {}
    for text in texts:
        for token in _index_tokens(_composed(text or "")):
            found.update(dict.fromkeys(spelling[:MAX_WORD] for spelling in _spellings(token)))
    return frozenset(list(found)[:MAX_WORDS])


def query_words(text: str) -> list[str]:
    """The typed words in order, each once; an e-mail address is one word."""
    composed = _composed(text)
    emails = _EMAIL.findall(composed)
    tokens = emails + _TOKEN.findall(_EMAIL.sub(" ", composed))
    return list(dict.fromkeys(_folded(token)[:MAX_WORD] for token in tokens))[:MAX_WORDS]


def sort_key(text: str) -> str:
    """A name as lists sort it: case, accents and signs do not count; at most 80 characters."""
    return " ".join(_folded(token) for token in _TOKEN.findall(_composed(text)))[:80]


def _index_tokens(composed: str) -> Iterator[str]:
    yield from _EMAIL.findall(composed)
    yield from _TOKEN.findall(composed)


def _composed(text: str) -> str:
    """Compatibility forms unified, case folded (ß = ss), accents attached to their letters, loose ones dropped."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(char for char in folded if not unicodedata.combining(char))


def _folded(token: str) -> str:
    decomposed = unicodedata.normalize("NFKD", token.translate(_NO_DECOMPOSITION))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _spellings(token: str) -> Iterator[str]:
    places = _UMLAUT.findall(token)
    between = [_folded(piece) for piece in _UMLAUT.split(token)]
    for choice in _choices(len(places)):
        chosen = [table[place] for table, place in zip(choice, places, strict=True)]
        yield "".join(piece + vowel for piece, vowel in zip(between, [*chosen, ""], strict=True))


def _choices(places: int) -> Iterator[tuple[dict[str, str], ...]]:
    if places <= _MAX_PLACES:
        return product((_SHORT, _LONG), repeat=places)
    return iter(((_SHORT,) * places, (_LONG,) * places))
