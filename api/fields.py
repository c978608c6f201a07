"""One declaration per field: what validates a call also describes it in the reference (D-7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from api.kinds import Kind, rows
from api.scalars import Fault, Wrong


@dataclass(frozen=True, slots=True)
class Field:
    """A field on the wire (`name`) and the value's name inside the house (`to`).

    `aliases` are misprints and older names that clients send. A field that is not required and not given is left out.
    `entries` are the fields of each entry of a list.
    """

    name: str
    kind: Kind
    to: str
    required: bool = False
    note: str = ""
    aliases: tuple[str, ...] = ()
    entries: tuple[Field, ...] = ()

    def sent_as(self, given: Mapping[str, object]) -> str:
        """The name under which the call holds it: an error names the key that the client knows."""
        return next((name for name in (self.name, *self.aliases) if name in given), self.name)

    def find(self, given: Mapping[str, object]) -> object:
        """The raw value under the name or an alias, None when absent."""
        return given.get(self.sent_as(given))


class FieldErrors(Exception):
    """All fields that are missing or wrong, by their names as sent, in the order of their declaration."""

    def __init__(self, faults: Iterable[Fault | str]) -> None:
        self.faults = tuple(Fault(fault) if isinstance(fault, str) else fault for fault in faults)
        super().__init__(", ".join(self.names))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(fault.path for fault in self.faults)


def read_fields(fields: Iterable[Field], given: Mapping[str, object], clearing: bool = False) -> dict[str, object]:
    """The clean values by their inner names. Names that are not declared are passed over (S15).

    An empty text means "not given"; with `clearing` (an update) it means "make it empty".
    Raises FieldErrors with every bad field at once.
    """
    values: dict[str, object] = {}
    wrong = [fault for field in fields for fault in _take(field, given, clearing, values)]
    if wrong:
        raise FieldErrors(wrong)
    return values


def list_field(
    name: str,
    entry_name: str,
    entries: tuple[Field, ...],
    make: Callable[[dict[str, Any]], object],
    *,
    required: bool = False,
    note: str = "",
) -> Field:
    """A list of maps with these fields, each made into something. What is wrong names entry and field."""

    def read(entry: Mapping[str, object]) -> object:
        try:
            return make(read_fields(entries, entry))
        except FieldErrors as error:
            told = {field.name: field.kind.says for field in entries}
            faults = [Fault(f".{each.path}", each.wanted or told.get(each.path, "")) for each in error.faults]
            raise Wrong(*faults) from None

    says = "list of {" + ", ".join(field.name for field in entries) + "}"
    return Field(name, rows(read, entry_name, says), name.lower(), required, note, entries=entries)


def _take(field: Field, given: Mapping[str, object], clearing: bool, values: dict[str, object]) -> list[Fault]:
    """What is wrong with the field; its clean value goes into `values`."""
    raw, name = field.find(given), field.sent_as(given)
    if raw is None or is_empty(raw):
        if raw is not None and clearing:
            values[field.to] = field.kind.empty
        return [Fault(name)] if field.required else []
    try:
        values[field.to] = field.kind.read(raw)
    except Wrong as wrong:
        return [Fault(name + fault.path, fault.wanted) for fault in wrong.faults] or [Fault(name)]
    return []


def is_empty(raw: object) -> bool:
    """Whether a value as it came means that none was given."""
    return raw == [] or raw == {} or (isinstance(raw, str) and not raw.strip())
