"""The language of texts that staff edit: placeholders out of a list, `if`, one `for` over a list; nothing else (S10).

Jinja2 reads the text, so that it looks the way many know it. What was read is checked against the list of the text
(template_check) and walked (template_walk): no line of it ever becomes code, attributes and methods of objects cannot
be named at all, and values are never read as a text again. Every placeholder has a greatest length and every list a
greatest number of entries, so the greatest size of a text is known when it is saved, whatever data it will meet
(docs/adr/0018-texts-are-walked.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

SHORT, LINE, ADDRESS, LONG = 60, 300, 1000, 4000  # greatest lengths of values, in characters
ENTRIES = 50  # that a list tells; the rest is for the reader of the back office
LARGEST = 200_000  # characters of a rendered text
DEEPEST = 6  # tags within tags

# Only for reading: `parse` makes a tree, and nothing here compiles or runs one.
_reader = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name that a text may use, dotted; `parts` are what each entry of a list has, empty for a plain value."""

    name: str
    longest: int = LINE
    parts: tuple[str, ...] = ()


Known = Mapping[str, Placeholder]


def known(placeholders: Iterable[Placeholder]) -> Known:
    """By name."""
    return {placeholder.name: placeholder for placeholder in placeholders}


@lru_cache(maxsize=256)
def tree(source: str) -> nodes.Template:
    return _reader.parse(source)


def _default(value: str, otherwise: str) -> str:
    return value or otherwise


FILTERS: Final[Mapping[str, Callable[..., str]]] = {"lower": str.lower, "upper": str.upper, "default": _default}


def dotted(part: nodes.Node) -> str | None:
    """`a` or `a.b.c`; None for anything else."""
    names: list[str] = []
    while isinstance(part, nodes.Getattr):
        names.append(part.attr)
        part = part.node
    return ".".join((part.name, *reversed(names))) if isinstance(part, nodes.Name) else None
