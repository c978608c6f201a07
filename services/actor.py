"""Who does a deed. Every service takes one; every activity keeps it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """`kind` is staff, system, customer or api; `id` the row of that kind; `name` as people know it."""

    kind: str
    id: int | None
    name: str


SYSTEM = Actor("system", None, "System")
