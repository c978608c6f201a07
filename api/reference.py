"""The reference of the call API, made from what validates the calls: what is documented exists (D-7)."""

from __future__ import annotations

from collections.abc import Iterator

from api.fields import Field
from api.registry import MOST_ROWS, ROWS_WITHOUT_FILTER, Service, Source, declared


def markdown() -> str:
    """All services with their fields and answers, as one Markdown text."""
    return "\n".join(line for service in declared() for line in _service(service))


def _service(service: Service) -> Iterator[str]:
    yield f"## {service.name}\n\n{service.says}\n"
    yield f"Fields in `{service.source.value}`:\n\n| field | value | |\n|---|---|---|"
    for field in service.fields:
        yield f"| `{field.name}` | {_escaped(field.kind.says)} | {_escaped(_remarks(field))} |"
    yield f"\nAnswer: {', '.join(f'`{name}`' for name in service.answers)}\n"
    if service.source is not Source.DATA:
        default = MOST_ROWS if service.all_rows else ROWS_WITHOUT_FILTER
        yield f"At most {MOST_ROWS} rows (`LIMIT`, `OFFSET`); {default} without `LIMIT` and without a filter.\n"


def _remarks(field: Field) -> str:
    """Required, what the field means, and the other names under which it is understood."""
    also = [f"also {', '.join(f'`{name}`' for name in field.aliases)}"] if field.aliases else []
    return "; ".join((["**required**"] if field.required else []) + ([field.note] if field.note else []) + also)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
