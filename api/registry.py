"""The services of the call API, each declared once: name, fields in, deed, answer (D-7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from api.fields import Field, FieldErrors, is_empty, read_fields
from api.kinds import whole
from api.reading import Call
from api.scalars import Fault, Wrong
from services.actor import Actor

MOST_ROWS = 100
ROWS_WITHOUT_FILTER = 10
_LIMIT = whole(0, 10**9)
_OFFSET = whole(0, 10**9)


class Source(Enum):
    """Where a service finds its fields. EITHER: clients disagree, so the part that holds something is taken."""

    FILTER = "FILTER"
    DATA = "DATA"
    EITHER = "FILTER or DATA"


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list are wanted."""

    limit: int
    offset: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A validated call: who asks, the clean values by inner name, and for lists the page."""

    actor: Actor
    values: Mapping[str, object]
    page: Page


Handler = Callable[[Ask], dict[str, object]]


@dataclass(frozen=True, slots=True)
class Service:
    """One service. `answers` names what comes back, for the reference; `error_prefix` begins its refusals.

    `clearing`: an empty text empties the field. `all_rows`: without a filter as many rows as allowed, not ten.
    """

    name: str
    says: str
    source: Source
    fields: tuple[Field, ...]
    handler: Handler
    answers: tuple[str, ...]
    clearing: bool = False
    writes: bool = False
    all_rows: bool = False
    error_text: str = "missing / invalid field: "
    subject: str = ""

    def answer(self, actor: Actor, call: Call) -> dict[str, object]:
        """Validate and do it. Raises FieldErrors, and whatever the deed raises."""
        given = self.given(call)
        values = read_fields(self.fields, given, self.clearing)
        if not (values or self.writes):
            self._refuse_unknown(given)
        return self.handler(Ask(actor, values, self._page(call, bool(values))))

    def given(self, call: Call) -> Mapping[str, object]:
        """The part that holds the fields. Raises FieldErrors with its name where it is no map."""
        names = ("FILTER", "DATA") if self.source is Source.EITHER else (self.source.value,)
        name = next((name for name in names if call.part(name)), names[0])
        given = call.part(name)
        if not isinstance(given, Mapping):
            raise FieldErrors([name])
        return given

    def _refuse_unknown(self, given: Mapping[str, object]) -> None:
        """A filter of which no key is known would list everybody's: it is refused by its names. Beside a known key, a
        client's own are passed over (S15). Raises FieldErrors."""
        unknown = [name for name, raw in given.items() if not is_empty(raw)] if self.fields else []
        if unknown:
            raise FieldErrors(Fault(name, "no filter of this service") for name in unknown)

    def _page(self, call: Call, filtered: bool) -> Page:
        """At most 100 rows whatever is asked for. Writing calls may carry a stale LIMIT: they do not look at it."""
        if self.writes:
            return Page(MOST_ROWS, 0)
        default = MOST_ROWS if filtered or self.all_rows else ROWS_WITHOUT_FILTER
        limit = _number(call, "LIMIT", _LIMIT.read) or default
        return Page(min(limit, MOST_ROWS), _number(call, "OFFSET", _OFFSET.read))


def _number(call: Call, name: str, read: Callable[[object], object]) -> int:
    raw = call.parts.get(name, 0)
    try:
        return int(str(read(raw or 0)))
    except Wrong:
        raise FieldErrors([name]) from None


_services: dict[str, Service] = {}


def declare(service: Service) -> Service:
    """Add a service; its name is taken once."""
    if service.name in _services:
        raise ValueError(f"{service.name} is declared twice")
    _services[service.name] = service
    return service


def find(name: str) -> Service | None:
    """The service of that name, in any case."""
    return _services.get(name.strip().lower())


def declared() -> tuple[Service, ...]:
    """All services, by name."""
    return tuple(_services[name] for name in sorted(_services))
