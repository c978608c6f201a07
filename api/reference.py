"""The reference of the services, made from the declarations that check the calls: what is shown is there (M2-40).

`python -m api.reference` writes it into docs/guides/api.md, between its two marks.
"""

from __future__ import annotations

from collections.abc import Iterator

from api.fields import Field
from api.registry import MOST_ROWS, ROWS_WITHOUT_FILTER, Service, declared
from config import ROOT

GUIDE = ROOT / "docs" / "guides" / "api.md"
BEGIN, END = "<!-- services: begin -->", "<!-- services: end -->"


def services_as_markdown() -> str:
    """All declared services by name, each with its fields."""
    return "\n".join(line for service in declared() for line in _service(service))


def renewed(guide: str) -> str:
    """The guide's text with the part between the marks made anew."""
    head, _, rest = guide.partition(BEGIN)
    tail = rest.partition(END)[2]
    return f"{head}{BEGIN}\n\n{services_as_markdown()}\n{END}{tail}"


def _service(service: Service) -> Iterator[str]:
    yield f"### {service.name}\n"
    yield f"{service.says} Fields in `{service.source.value}`; answers {_names(service.answers)}.{_rows(service)}\n"
    yield "| field | what | |"
    yield "|---|---|---|"
    yield from (_field(field) for field in service.fields)
    yield ""


def _rows(service: Service) -> str:
    if service.writes:
        return ""
    without = MOST_ROWS if service.all_rows else ROWS_WITHOUT_FILTER
    return f" At most {MOST_ROWS} rows, without a filter {without}."


def _field(field: Field) -> str:
    notes = ["**required**"] if field.required else []
    notes += [field.note] if field.note else []
    notes += ["also " + _names(field.aliases)] if field.aliases else []
    return f"| `{field.name}` | {_cell(field.kind.says)} | {_cell('; '.join(notes))} |"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    GUIDE.write_text(renewed(GUIDE.read_text()))
