"""Usage: what was used in a contract beside its plan, summed onto the next invoice, each record once (X-20)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from billing.contracts import Terms, Usage
from billing.periods import index_of, nth, shift

# A contract that is switched off bills no usage; one that pauses or has ended still bills what was used.
SILENT_FOR_USAGE = frozenset({"deactivated"})
KIND = "usage:"  # a claim's kind is this and the record's id, so that each record is billed once

_DAY = timedelta(days=1)
_WORDS = {
    "de": ("{count} Nutzungen vom {first} bis {last}", "{count} Nutzung vom {first}", "%d.%m.%Y"),
    "en": ("{count} uses from {first} to {last}", "{count} use on {first}", "%Y-%m-%d"),
}


def claim_kind(usage_id: int) -> str:
    """The kind of the claim that bills the record."""
    return f"{KIND}{usage_id}"


def service_end(terms: Terms, anchor: date) -> date | None:
    """The first day without service: the contract's end, or the end of its last event; None while it goes on."""
    last = nth(anchor, terms.interval, terms.number_events - 1).end if terms.number_events else None
    ends = [day for day in (terms.ends_on, last) if day is not None]
    return min(ends, default=None)


def due_day(terms: Terms, anchor: date, used_on: date, recorded_on: date) -> date:
    """The billing day of one record: the contract's first one after both the use and its recording.

    Strictly after, so that a run on the day of the recording bills the same before and after it. What is known only
    when the contract has ended is due at once.
    """
    known_on, end = max(used_on, recorded_on), service_end(terms, anchor)
    if end is not None and known_on >= end:
        return max(end, recorded_on)
    boundary = max(anchor, shift(anchor, terms.interval, index_of(anchor, terms.interval, known_on) + 1))
    boundary = _moved(terms, anchor, boundary, known_on)
    return boundary if end is None else min(boundary, end)


def _moved(terms: Terms, anchor: date, boundary: date, known_on: date) -> date:
    """Usage stays with the collection of its billing day where that was moved (D-6), unless it is known too late."""
    for start, due_on in terms.moved:
        period = nth(anchor, terms.interval, index_of(anchor, terms.interval, start))
        regular = period.end if terms.in_arrears else period.start
        if regular == boundary and due_on > known_on:
            return due_on
    return boundary


def due_days(terms: Terms, anchor: date) -> Iterable[date]:
    """The billing days of what is recorded and not billed; none while the contract is switched off."""
    if terms.status in SILENT_FOR_USAGE:
        return ()
    return (due_day(terms, anchor, record.used_on, record.recorded_on) for record in terms.usage)


def told(records: Iterable[Usage], language: str) -> str:
    """What a line says of the records in it: how many, from when to when, and their words where all have the same."""
    found = list(records)
    first, last = min(r.used_on for r in found), max(r.used_on for r in found)
    many, one, pattern = _WORDS.get(language, _WORDS["en"])
    sentence = (one if len(found) == 1 else many).format(
        count=len(found), first=first.strftime(pattern), last=last.strftime(pattern)
    )
    own = {record.description for record in found}
    return f"{own.pop()}\n{sentence}".strip() if len(own) == 1 else sentence
