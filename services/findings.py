"""What `check-books` finds: a rule that does not hold, and the row that breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, text

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule` is the id of docs/features.md (L1 ...); `facts` hold figures and numbers, no personal data."""

    rule: str
    table: str
    id: int | None
    code: str
    facts: dict[str, Any] = field(default_factory=dict)


def stream(connection: Connection, query: Any, **parameters: Any) -> Iterator[Row[Any]]:
    """The rows of a statement, a batch at a time, from a cursor on the server where there is one."""
    statement = text(query) if isinstance(query, str) else query
    result = connection.execution_options(stream_results=True, max_row_buffer=BATCH).execute(statement, parameters)
    for part in result.partitions(BATCH):
        yield from part
