"""What a dunning run would do: the run's own rule over the facts as they are, locking and writing nothing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import tuple_

from billing.dunning import HELD
from extensions import db
from models import Receivable
from services import dunning_cases
from services.billing_gate import refuse_far
from services.dunning import Done, find_work
from services.dunning_run import Report, warnings_of
from services.dunning_steps import Setting, Work, read_setting
from services.unit import end_reading

CHUNK = 500


def report(on: date) -> Report:
    """The figures of a run of that day; memory does not grow with the number of receivables.

    Raises NotAllowed("run_too_far") for the days for which a run would not start either.
    """
    began, found = time.monotonic(), Report(None, on, warnings=warnings_of(on))
    for examined, work in works(on):
        found.done.add(_done(examined, work))
    found.seconds = time.monotonic() - began
    return found


def works(on: date) -> Iterator[tuple[int, Work]]:
    """(receivables examined, what would be done about those whose step is due), part by part in the run's order."""
    refuse_far(on)
    end_reading()
    setting = read_setting()
    for seen in _parts(on):
        yield len(seen), work_of(seen, setting, on)


def work_of(seen: Sequence[Any], setting: Setting, on: date) -> Work:
    """What would be done about these open receivables, as `dunning_cases.look_at` gives them."""
    levels = setting.levels
    ids = [row.id for row in seen if dunning_cases.may_be_due(row, levels, setting.rules, on)]
    return find_work(db.session(), ids, setting, on, lock=False)


def _parts(on: date) -> Iterator[Sequence[Any]]:
    """The open and overdue, by keyset in the order of the index of what is open."""
    place = tuple_(Receivable.due_on, Receivable.customer_id, Receivable.id)
    beyond: list[Any] = []
    while seen := dunning_cases.look_at(db.session(), beyond, on, most=CHUNK):
        yield seen
        last = seen[-1]
        beyond = [place > tuple_(last.due_on, last.customer_id, last.id)]  # alone: beside it SQLite takes the day only


def _done(examined: int, work: Work) -> Done:
    held = Counter(decision.reason for _, decision in work.wait if decision.reason in HELD)
    return Done(examined, [(s.facts.row.number, s.level.level) for s in work.remind], len(work.collect), held)
