"""From the bytes of a request to one `Call`, whatever the client says it is sending.

Real clients send JSON as `application/x-www-form-urlencoded`, with no content type at all, in lower-case keys, with
nulls for everything they do not know, and keys with a blank behind them. So the first byte decides the form, keys are
compared in upper case without blanks, and a null is the same as a key that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from api import json_form, xml_form

Value = object  # str | int | Decimal | bool | list[Value] | dict[str, Value]; nulls never get here

MAX_BYTES = 1_048_576
MAX_DEPTH = 16
MAX_NODES = 60_000
PARTS = ("SERVICE", "LIMIT", "OFFSET", "FILTER", "DATA")


class Unreadable(Exception):
    """The body is no call: its text says why, in words fit for the answer."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request: its form (`json` or `xml`) and its parts by upper-case name, without nulls."""

    form: str
    parts: Mapping[str, Value] = field(default_factory=dict)

    @property
    def service(self) -> str:
        """The service's name as it was sent; empty when there was none."""
        return _text(self.parts.get("SERVICE", ""))

    def part(self, name: str) -> Value:
        """FILTER or DATA; PHP and XML write an empty map as an empty list or text."""
        return self.parts.get(name) or {}

    def echo(self) -> dict[str, Value]:
        """What REQUEST repeats: upper-case keys, values as sent, an empty map as `[]` (as PHP prints it)."""
        return {name: _echoed(name, self.parts[name]) for name in PARTS if name in self.parts}


def sniff(body: bytes) -> str:
    """The form by the first byte that is no blank: `<` is XML, everything else is answered in JSON."""
    return "xml" if _trimmed(body)[:1] == b"<" else "json"


def read_call(body: bytes) -> Call:
    """The call in `body`. Raises Unreadable."""
    form = sniff(body)
    tree = _parse(form, _trimmed(body))
    if not isinstance(tree, dict):
        raise Unreadable(f"malformed request: no {form.upper()} object")
    parts = _Normaliser().tidy(tree)
    return Call(form, {name: parts[name] for name in PARTS if name in parts})


def _parse(form: str, body: bytes) -> Value:
    try:
        return xml_form.parse(body, MAX_DEPTH, MAX_NODES) if form == "xml" else json_form.parse(body)
    except ValueError as problem:
        raise Unreadable(f"malformed request: {problem}") from None


def _trimmed(body: bytes) -> bytes:
    return body.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")


def _text(value: Value) -> str:
    return value if isinstance(value, str) else "" if isinstance(value, dict | list) else str(value)


def _echoed(name: str, value: Value) -> Value:
    return [] if name in ("FILTER", "DATA") and not value else value


class _Normaliser:
    """Upper-case keys without blanks, no nulls, and a bound on depth and size (S14, S26)."""

    def __init__(self) -> None:
        self.nodes = 0

    def tidy(self, tree: dict[str, Value], depth: int = 1) -> dict[str, Value]:
        self._count(len(tree), depth)
        return {key.strip().upper(): self._value(value, depth + 1) for key, value in tree.items() if value is not None}

    def _value(self, value: Value, depth: int) -> Value:
        if isinstance(value, dict):
            return self.tidy(value, depth)
        if isinstance(value, list):
            self._count(len(value), depth)
            return [self._value(entry, depth + 1) for entry in value if entry is not None]
        return value if isinstance(value, str | int | Decimal) else str(value)

    def _count(self, more: int, depth: int) -> None:
        self.nodes += more
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise Unreadable("malformed request: too deep or too many values")
