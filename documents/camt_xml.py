"""XML of a bank, read as a stream: each entry is given out as it ends and forgotten, so a year of movements takes the
memory of one (S14). Nothing is fetched, no entity is resolved, depth and number of elements are bounded.

Names of elements come without their namespace: it changes with each version of the format.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element, ParseError, XMLPullParser
from xml.parsers.expat import ExpatError, ParserCreate

from billing.errors import Invalid

MOST_ELEMENTS = 4_000_000
DEEPEST = 40
_SLICE = 65_536
HEAD, STATEMENT, ENTRY = "GrpHdr", "Stmt", "Ntry"
_WHOLES = (STATEMENT, "Ntfctn")  # camt.053, camt.054


def told(content: bytes) -> Iterator[tuple[str, Element]]:
    """Each entry as "Stmt/Ntry" or "Ntfctn/Ntry", and after its entries the "Stmt" or "Ntfctn" that they stood in;
    before them "GrpHdr", the head of the file.

    Raises Invalid("file"): file_no_xml, file_with_entities, file_too_deep.
    """
    above: list[Element] = []
    for event, node in _events(content):
        if event == "start":
            above.append(node)
            continue
        above.pop()
        name = _bare(node.tag)
        if name in _WHOLES or name == HEAD:
            yield name, _stripped(node)
            node.clear()
        elif name == ENTRY and above and _bare(above[-1].tag) in _WHOLES:
            yield f"{_bare(above[-1].tag)}/{name}", _stripped(node)
            above[-1].remove(node)


def every(node: Element, name: str) -> list[Element]:
    """Its children of that name."""
    return node.findall(name)


def every_at(node: Element, path: str, name: str) -> list[Element]:
    return [each for parent in node.findall(path) for each in parent.findall(name)]


def at(node: Element, path: str) -> Element | None:
    """The first element of that path, by the first of each name in it."""
    here = node
    for name in _steps(path):
        found = here.find(name)
        if found is None:
            return None
        here = found
    return here


def text(node: Element, path: str) -> str:
    found = at(node, path)
    return (found.text or "").strip() if found is not None else ""


@lru_cache(1_000)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("/"))


def _events(content: bytes) -> Iterator[tuple[str, Element]]:
    """Starts and ends of elements, within bounds."""
    depth = elements = 0
    for some in _fed(content):
        for event, node in some:
            depth += 1 if event == "start" else -1
            elements += event == "start"
            if depth > DEEPEST or elements > MOST_ELEMENTS:
                raise Invalid("file", "file_too_deep")
            yield event, node


def _fed(content: bytes) -> Iterator[list[tuple[str, Element]]]:
    parser: Any = XMLPullParser(("start", "end"))
    prolog = _Prolog()
    try:
        for start in range(0, len(content), _SLICE):
            some = content[start : start + _SLICE]
            prolog.read(some)
            parser.feed(some)
            yield list(parser.read_events())
        parser.close()
        yield list(parser.read_events())
    except (ParseError, ExpatError, ValueError, LookupError):
        raise Invalid("file", "file_no_xml") from None


class _Prolog:
    """Reads ahead as far as the first element, for a declaration can stand nowhere else: it is refused before the
    parser that would follow it has seen it."""

    def __init__(self) -> None:
        self._parser = ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._done
        self._is_over = False

    def read(self, some: bytes) -> None:
        if not self._is_over:
            self._parser.Parse(some)

    def _refuse(self, *_: object) -> None:
        raise Invalid("file", "file_with_entities")

    def _done(self, *_: object) -> None:
        self._is_over = True
        self._parser.StartElementHandler = None


def _stripped(node: Element) -> Element:
    for each in node.iter():
        each.tag = _bare(each.tag)
    return node


@lru_cache(1_000)
def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]
