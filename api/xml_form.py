"""XML in and out. In: no DTD, no entities, nothing fetched, bounded depth and size (S14).

An element with children becomes a map, one without becomes its text; a name that occurs twice becomes a list.
Attributes, comments and namespaces carry nothing in this contract and are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

CONTENT_TYPE = "application/xml; charset=utf-8"
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
ROOT = "FBAPI"

# The names of the single entries inside a list.
ENTRY_NAMES = {
    "CUSTOMERS": "CUSTOMER",
    "INVOICES": "INVOICE",
    "SUBSCRIPTIONS": "SUBSCRIPTION",
    "ITEMS": "ITEM",
    "VAT_ITEMS": "VAT_ITEM",
    "ARTICLES": "ARTICLE",
    "COUPONS": "COUPON",
    "TEMPLATES": "TEMPLATE",
    "ADDONS": "ADDON",
    "SHIPMENTS": "SHIPMENT",
    "USAGEDATA": "USAGE",
    "X_ATTRIBUTES": "X_ATTRIBUTE",
    "FEATURES": "FEATURE",
    "TRANSLATIONS": "TRANSLATION",
    "ERRORS": "ERROR",
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SLICE = 65_536


def parse(body: bytes, max_depth: int, max_nodes: int) -> object:
    """The map inside the root element. Raises ValueError with words fit for the answer."""
    parser = DefusedXMLParser(target=_Builder(max_depth, max_nodes), forbid_dtd=True)
    try:
        for start in range(0, len(body), _SLICE):
            parser.feed(body[start : start + _SLICE])
        root: object = parser.close()
    except DefusedXmlException:
        raise ValueError("a document type or an entity is not allowed") from None
    except ParseError as problem:
        raise ValueError(f"no valid XML at line {problem.position[0]}") from None
    except LookupError:
        raise ValueError("unknown encoding") from None
    return {} if root == "" else root


class _Builder:
    """The parser's target: builds the tree as it comes, and stops at the first level or element too many."""

    def __init__(self, max_depth: int, max_nodes: int) -> None:
        self.max_depth = max_depth
        self.left = max_nodes
        self.levels: list[dict[str, object]] = [{}]
        self.texts: list[list[str]] = [[]]

    def start(self, tag: str, attributes: object) -> None:
        self.left -= 1
        if self.left < 0 or len(self.levels) > self.max_depth:
            raise ValueError("too deep or too many elements")
        self.levels.append({})
        self.texts.append([])

    def data(self, text: str) -> None:
        self.texts[-1].append(text)

    def end(self, tag: str) -> None:
        children, text = self.levels.pop(), "".join(self.texts.pop())
        _add(self.levels[-1], tag.rpartition("}")[2], children or text.strip())

    def close(self) -> object:
        name, root = next(iter(self.levels[0].items()), ("", ""))
        if name.upper() != ROOT:
            raise ValueError(f"the root element is not {ROOT}")
        return root


def _add(parent: dict[str, object], name: str, value: object) -> None:
    """A second element of one name turns the first into a list."""
    if name not in parent:
        parent[name] = value
        return
    before = parent[name]
    if isinstance(before, list):
        before.append(value)
    else:
        parent[name] = [before, value]


def write(envelope: dict[str, object]) -> bytes:
    """The envelope inside the root element, in UTF-8. Characters that XML cannot carry are left out."""
    return (HEAD + f"<{ROOT}>" + "".join(_elements(envelope)) + f"</{ROOT}>").encode("utf-8", "replace")


def _elements(values: dict[str, object]) -> Iterator[str]:
    for name, value in values.items():
        if not _NAME.fullmatch(name):
            continue
        if not isinstance(value, list | tuple):
            yield _element(name, value)
        elif not value or name in ENTRY_NAMES:
            yield f"<{name}>" + "".join(_element(ENTRY_NAMES.get(name, ""), entry) for entry in value) + f"</{name}>"
        else:
            yield from (_element(name, entry) for entry in value)


def _element(name: str, value: object) -> str:
    if isinstance(value, dict):
        return f"<{name}>" + "".join(_elements(value)) + f"</{name}>"
    return f"<{name}>{_text(value)}</{name}>"


def _text(value: object) -> str:
    """PHP's way of printing: true is 1, false and null are nothing."""
    if value is None or value is False:
        return ""
    return "1" if value is True else escape(_ILLEGAL.sub("", str(value)))
