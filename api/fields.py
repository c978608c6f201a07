"""One declaration per field: what validates a call also describes it in the reference (D-7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from api.kinds import Kind, Wrong


@dataclass(frozen=True, slots=True)
class Field:
    """A field on the wire (`name`) and the value's name inside the house (`to`).

    `aliases` are misprints and older names that clients send. A field that is not required and not given is left out.
    """

    name: str
    kind: Kind
    to: str
    required: bool = False
    note: str = ""
    aliases: tuple[str, ...] = ()

    def sent_as(self, given: Mapping[str, object]) -> str:
        """The name under which the call holds it: an error names the key that the client knows."""
        return next((name for name in (self.name, *self.aliases) if name in given), self.name)

    def find(self, given: Mapping[str, object]) -> object:
        """The raw value under the name or an alias, None when absent."""
        return given.get(self.sent_as(given))


class FieldErrors(Exception):
    """The names, as sent, of all fields that are missing or wrong, in the order of their declaration."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        super().__init__(", ".join(self.names))


def read_fields(fields: Iterable[Field], given: Mapping[str, object], clearing: bool = False) -> dict[str, object]:
    """The clean values by their inner names. Names that are not declared are passed over (S15).

    An empty text means "not given"; with `clearing` (an update) it means "make it empty".
    Raises FieldErrors with every bad field at once.
    """
    values: dict[str, object] = {}
    wrong = [field.sent_as(given) for field in fields if not _take(field, given, clearing, values)]
    if wrong:
        raise FieldErrors(wrong)
    return values


def _take(field: Field, given: Mapping[str, object], clearing: bool, values: dict[str, object]) -> bool:
    raw = field.find(given)
    if raw is None or _is_empty(raw):
        if raw is not None and clearing:
            values[field.to] = field.kind.empty
        return not field.required
    try:
        values[field.to] = field.kind.read(raw)
    except Wrong:
        return False
    return True


def _is_empty(raw: object) -> bool:
    return raw == [] or raw == {} or (isinstance(raw, str) and not raw.strip())
