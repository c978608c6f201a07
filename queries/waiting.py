"""What waits for a person: whom runs left out, what failed, what runs, what the night found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, func, select

from extensions import db
from models import Message, Paper, ParkedCustomer, Refund, Run, RunChunk, TimetableSlot
from models.files import UNDRAWN
from models.messages import FAILED
from queries.bank import count_waiting
from queries.collecting import count_for_people

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sight:
    """What the reader may see, by subject: the permissions `SUBJECT.read`."""

    runs: bool = False
    papers: bool = False
    messages: bool = False
    invoices: bool = False
    receivables: bool = False
    payments: bool = False
    subscriptions: bool = False
    activities: bool = False
    customers: bool = False
    bank_statements: bool = False

    @property
    def months(self) -> bool:
        """The pictures show turnover and payments together."""
        return self.invoices and self.receivables


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run that is under way."""

    id: int
    on_date: date
    started_at: datetime
    chunks: int
    chunks_done: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a person should look at. `parked` counts customers, whatever the number of reasons each waits for;
    `bank_lines` are payments on the account that nobody has matched; `given_up` payments wait for a decision, of
    `unclear` ones nobody knows the outcome; `failed_events` of providers could not be worked on; of what was
    `charged_back` something is still open; `taken_twice` are invoices whose excess is credit; `night_error` is why
    the timetable's run could not start; `findings` is of the last nightly check of the books.
    `refunds_to_see_to`: no answer that could be read any more, or a transfer that is to be sent."""

    parked: int = 0
    failed_papers: int = 0
    failed_messages: int = 0
    bank_lines: int = 0
    running: tuple[RunLine, ...] = ()
    night_error: str = ""
    given_up: int = 0
    unclear: int = 0
    failed_events: int = 0
    charged_back: int = 0
    taken_twice: int = 0
    refunds_to_approve: int = 0
    refunds_to_see_to: int = 0
    findings: int = 0
    findings_mail: int | None = None


def get_waiting(today: date, sight: Sight) -> Waiting:
    """What the reader may see of it, each by one statement."""
    count = select(func.count())
    parked = select(func.count(ParkedCustomer.customer_id.distinct())).where(ParkedCustomer.resolved_at.is_(None))
    failed_papers = count.select_from(Paper).where(Paper.state == "failed", UNDRAWN)
    given_up, unclear, failed_events, charged_back, twice = count_for_people() if sight.payments else (0,) * 5
    findings, mail = _findings(today) if sight.messages else (0, None)
    return Waiting(
        parked=_number(parked) if sight.runs else 0,
        failed_papers=_number(failed_papers) if sight.papers else 0,
        failed_messages=_number(count.select_from(Message).where(FAILED)) if sight.messages else 0,
        bank_lines=count_waiting() if sight.bank_statements else 0,
        refunds_to_approve=_number(_refunds(Refund.state == "waiting")) if sight.payments else 0,
        refunds_to_see_to=_number(_refunds(_needs_a_hand())) if sight.payments else 0,
        running=_running() if sight.runs else (),
        night_error=_night_error() if sight.runs else "",
        given_up=given_up,
        unclear=unclear,
        failed_events=failed_events,
        charged_back=charged_back,
        taken_twice=twice,
        findings=findings,
        findings_mail=mail,
    )


def _refunds(wanted: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).select_from(Refund).where(wanted)


def _needs_a_hand() -> ColumnElement[bool]:
    to_send = (Refund.way == "transfer") & Refund.state.in_(("ordered", "approved"))
    return to_send | ((Refund.state == "unknown") & (Refund.error == "no_answer"))


def _number(query: Executable) -> int:
    return int(db.session.scalar(query) or 0)


def _running() -> tuple[RunLine, ...]:
    done = func.count().filter(RunChunk.state == "done")
    query = (
        select(Run.id, Run.on_date, Run.started_at, func.count(RunChunk.id), done)
        .outerjoin(RunChunk, RunChunk.run_id == Run.id)
        .where(Run.kind == "billing", Run.finished_at.is_(None))
        .group_by(Run.id)
        .order_by(Run.id)
    )
    return tuple(RunLine(*row) for row in db.session.execute(query))


def _night_error() -> str:
    """Why the timetable could not start its last billing run; empty where it could."""
    query = select(TimetableSlot.error).where(TimetableSlot.entry == "billing_run")
    return db.session.scalar(query.order_by(TimetableSlot.slot_at.desc()).limit(1)) or ""


def _findings(today: date) -> tuple[int, int | None]:
    """(findings, the mail about them) of the last two nights' check of the books, where its report is mailed."""
    nights = [f"books:{day.isoformat()}" for day in (today, today - _DAY)]
    query = select(Message.id, Message.facts).where(Message.event.in_(nights)).order_by(Message.event.desc())
    row = db.session.execute(query.limit(1)).first()
    return (int(row.facts.get("count", 0)), row.id) if row else (0, None)
