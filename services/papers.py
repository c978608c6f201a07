"""Papers: an order to draw becomes stored bytes, once. The invoice stands whatever becomes of its paper (F9).

The row is the lock: who moves its next attempt into the future draws, everybody else waits for the result. Drawing
takes a tenth of a second of pure computing and happens outside any transaction; stored bytes are never drawn again.
"""

from __future__ import annotations

import logging
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from billing.errors import AlreadyDone, Conflict, KontorError, NotFound
from documents.errors import PaperError
from extensions import db, queues
from models import Invoice, Paper
from services import activities, clock, files, paper_drawing
from services.actor import SYSTEM, Actor
from services.einvoice_rows import format_of
from services.files import Damaged
from services.paper_drawing import PDF, XML, Drawn, told
from services.sql import insert
from services.unit import after_commit, end_reading, write

LEASE = timedelta(seconds=60)  # longer than any drawing may take; after a crash somebody else draws
PATIENCE = 15.0  # seconds to wait for somebody else's drawing
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360, 720))  # then every 12 hours, for ever
LONGEST_ERROR = 300
LOGO_ATTEMPTS = 3  # then the paper is drawn without its broken logo
_LOGO_FAILURES = frozenset({"broken_logo", "file", "file_missing", "file_damaged"})

logger = logging.getLogger("kontor.papers")


@dataclass(frozen=True, slots=True)
class PaperRef:
    """A paper as it stands: `kind` pdf or xml; `state` pending, drawn or failed; `error` a code, with broken rules."""

    id: int
    invoice_id: int
    number: str
    kind: str
    state: str
    token: str
    file_id: int | None
    error: str
    attempts: int
    next_attempt_at: datetime
    revoked: bool


def order(invoice_id: int, kind: str = PDF) -> int:
    """Order the PDF or the XRechnung of an issued document; gives the paper's id, also when it was ordered before."""
    with write() as session:
        mine = select(Paper.id).where(Paper.invoice_id == invoice_id, Paper.kind == kind)
        if session.scalar(mine) is None:  # looked for first: SQLite's guard refuses to meet a row that stands
            values = {"invoice_id": invoice_id, "kind": kind, "token": new_token(), "next_attempt_at": clock.real()}
            session.execute(insert(Paper).values(**values).on_conflict_do_nothing())
        paper_id = session.scalars(mine).one()
        after_commit(partial(_ring, paper_id))
        return paper_id


def draw(paper_id: int) -> int:
    """See to it that the paper is drawn; gives its file's id.

    Raises PaperError or KontorError when it cannot be drawn (recorded, tried again later), Conflict("not_yet") while
    an earlier failure's pause lasts or somebody else draws for too long, NotFound for no such paper.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        end_reading()
        paper = get(paper_id)
        if paper.file_id is not None:
            return paper.file_id
        due = paper.next_attempt_at <= clock.real()
        attempt = _claim(paper_id) if due else 0
        if attempt:
            return _draw_claimed(paper_id, attempt)
        pausing = paper.state == "failed" and not due
        if pausing or time.monotonic() > deadline:
            raise Conflict("not_yet", error=paper.error)
        time.sleep(0.05)


def get(paper_id: int) -> PaperRef:
    """NotFound for an unknown id."""
    found = find(Paper.id == paper_id)
    if found is None:
        raise NotFound("paper", paper_id=paper_id)
    return found


def paper_for_invoice(invoice_id: int, kind: str = PDF) -> PaperRef | None:
    """The order of one kind, or None where none was made."""
    return find(Paper.invoice_id == invoice_id, Paper.kind == kind)


def to_send(invoice_id: int) -> list[int]:
    """The papers that a mail about the document brings: the XRechnung first, where its recipient takes one."""
    kinds = (XML, PDF) if format_of(invoice_id) == "xrechnung" else (PDF,)
    found = [paper_for_invoice(invoice_id, kind) or kind for kind in kinds]
    return [each.id if isinstance(each, PaperRef) else order(invoice_id, each) for each in found]


def new_token() -> str:
    """256 bits, URL-safe."""
    return secrets.token_urlsafe(32)


def retry(actor: Actor, paper_id: int) -> None:
    """Draw a failed paper now instead of after its pause. AlreadyDone when it is drawn."""
    with write() as session:
        paper = get(paper_id)
        if paper.file_id is not None:
            raise AlreadyDone("paper_drawn")
        values = {"state": "pending", "next_attempt_at": clock.real()}
        session.execute(update(Paper).where(Paper.id == paper_id, Paper.state == "failed").values(**values))
        activities.record(actor, "paper.retried", "paper", paper_id, customer_id=customer_of(session, paper_id))
        after_commit(partial(_ring, paper_id))


def waiting(limit: int) -> list[int]:
    """Ids of papers whose turn it is, the longest waiting first."""
    query = select(Paper.id).where(Paper.state != "drawn", Paper.next_attempt_at <= clock.real())
    return list(db.session.scalars(query.order_by(Paper.next_attempt_at).limit(limit)))


def _ring(paper_id: int) -> None:
    queues.ring("paper", "jobs.documents.draw", paper_id)


def _claim(paper_id: int) -> int:
    """Take the paper for LEASE; gives the number of this attempt, 0 where somebody else has it or it is not due."""
    now = clock.real()
    with write() as session:
        taken = session.scalar(
            update(Paper)
            .where(Paper.id == paper_id, Paper.file_id.is_(None), Paper.next_attempt_at <= now)
            .values(attempts=Paper.attempts + 1, next_attempt_at=now + LEASE, state="pending", error="")
            .returning(Paper.attempts)
            .execution_options(synchronize_session=False)
        )
        return taken or 0


def _draw_claimed(paper_id: int, attempt: int) -> int:
    try:
        drawn, without_logo = _drawn(paper_id, attempt)
        return _keep(paper_id, attempt, drawn, without_logo)
    except (PaperError, KontorError) as error:
        _note_failure(paper_id, attempt, told(error))
        raise
    except Exception as error:
        _note_failure(paper_id, attempt, type(error).__name__)
        raise PaperError("drawing_failed", kind=type(error).__name__) from None


def _drawn(paper_id: int, attempt: int) -> tuple[Drawn, str]:
    """The bytes, and why the logo was left out ('' if it was not)."""
    ordered = get(paper_id)
    try:
        return paper_drawing.draw(ordered.invoice_id, ordered.kind), ""
    except (PaperError, Damaged, NotFound) as error:
        # The letterhead is frozen with its broken logo: trying again for ever would keep the customer waiting for ever.
        if error.code not in _LOGO_FAILURES or attempt < LOGO_ATTEMPTS:
            raise
        reason = error.code
    return paper_drawing.draw(ordered.invoice_id, ordered.kind, with_logo=False), reason


def _keep(paper_id: int, attempt: int, drawn: Drawn, without_logo: str) -> int:
    """Store the bytes and mark the paper drawn; if somebody was faster after all, theirs stay."""
    with write() as session:
        winner = session.scalar(select(Paper.file_id).where(Paper.id == paper_id).with_for_update())
        if winner is not None:
            return winner
        customer_id = customer_of(session, paper_id)
        file_id = files.store(drawn.content, drawn.filename, drawn.media_type, "paper", customer_id)
        values = {"state": "drawn", "file_id": file_id, "error": "", "drawn_at": clock.real()}
        session.execute(update(Paper).where(Paper.id == paper_id).values(**values))
        if without_logo:
            activities.record(SYSTEM, "paper.drawn_without_logo", "paper", paper_id, customer_id=customer_id,
                              reason=without_logo, attempt=attempt)  # fmt: skip
        return file_id


def customer_of(session: Session, paper_id: int) -> int:
    whose = select(Invoice.customer_id).join(Paper, Paper.invoice_id == Invoice.id).where(Paper.id == paper_id)
    return session.scalars(whose).one()


def _note_failure(paper_id: int, attempt: int, code: str) -> None:
    """Only who still holds the paper speaks: a later attempt's state is not overwritten."""
    pause = PAUSES[min(attempt, len(PAUSES)) - 1]
    mine = (Paper.id == paper_id, Paper.attempts == attempt, Paper.file_id.is_(None))
    values = {"state": "failed", "error": code[:LONGEST_ERROR], "next_attempt_at": clock.real() + pause}
    logger.warning("paper %s: attempt %s failed (%s)", paper_id, attempt, code[:LONGEST_ERROR])
    with write() as session:
        session.execute(update(Paper).where(*mine).values(**values))


def find(*conditions: ColumnElement[bool]) -> PaperRef | None:
    columns = (
        Paper.id, Paper.invoice_id, Invoice.number, Paper.kind, Paper.state, Paper.token, Paper.file_id, Paper.error,
        Paper.attempts, Paper.next_attempt_at, Paper.token_revoked_at,
    )  # fmt: skip
    query = select(*columns).join(Invoice, Invoice.id == Paper.invoice_id).where(*conditions)
    row = db.session.execute(query).one_or_none()
    if row is None:
        return None
    revoked = row.token_revoked_at is not None
    return PaperRef(
        row.id, row.invoice_id, row.number or "", row.kind, row.state, row.token, row.file_id, row.error, row.attempts,
        row.next_attempt_at, revoked,
    )  # fmt: skip
