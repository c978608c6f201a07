"""The letters of reminders: what a reminder promised is drawn once and stored; the reminder stands whatever becomes of
its letter (F9). Who draws twice at the same moment keeps the first bytes: the row decides, under its lock.

Who has paid before it was drawn gets none, as their mail is stopped (MAH-7). What is owed again later is reminded of
from the first level on, with letters of its own (EB-54).
"""

from __future__ import annotations

import logging
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from billing.errors import AlreadyDone, Conflict, KontorError, NotAllowed, NotFound
from documents.errors import PaperError
from extensions import db, queues
from models import Reminder
from services import activities, clock, files
from services.actor import SYSTEM, Actor
from services.payment_rows import lock, number_of
from services.reminder_letters import is_settled, reminder_paper
from services.unit import after_commit, end_reading, write

MOST_ATTEMPTS = 5  # then a person looks; "Draw again" starts anew
LOGO_ATTEMPTS = 3  # then the letter is drawn without its broken logo
_LOGO_FAILURES = frozenset({"broken_logo", "file", "file_missing", "file_damaged"})

logger = logging.getLogger("kontor.papers")


def draw(reminder_id: int) -> int:
    """See to it that the letter is drawn; gives its file's id. Safe to repeat.

    Raises NotFound where no letter was promised, NotAllowed("paid_meanwhile") where it is paid by now, PaperError or
    KontorError when it cannot be drawn (counted; after MOST_ATTEMPTS it is "failed").
    """
    end_reading()
    row = db.session.get(Reminder, reminder_id)
    if row is None or row.letter_state == "none":
        raise _missing(row, reminder_id)
    if row.letter_file_id is not None:
        return row.letter_file_id
    if row.letter_state == "failed":
        raise Conflict("letter_failed")
    attempts = row.letter_attempts
    if is_settled(row.receivable_id) and _stop(reminder_id, row.receivable_id):
        raise NotAllowed("paid_meanwhile", field="reminder_id")
    try:
        content, name = _drawn(reminder_id, attempts)
    except (PaperError, KontorError) as error:
        _note_failure(reminder_id, error.code)
        raise
    except Exception as error:
        _note_failure(reminder_id, type(error).__name__)
        raise PaperError("drawing_failed", kind=type(error).__name__) from None
    return _keep(reminder_id, content, name)


def retry(actor: Actor, reminder_id: int) -> None:
    """Draw a failed letter again. Raises NotFound, AlreadyDone where it is drawn."""
    with write() as session:
        row = session.scalars(select(Reminder).where(Reminder.id == reminder_id).with_for_update()).one_or_none()
        if row is None or row.letter_state == "none":
            raise _missing(row, reminder_id)
        if row.letter_file_id is not None:
            raise AlreadyDone("paper_drawn")
        row.letter_state, row.letter_attempts = "pending", 0
        activities.record(actor, "reminder.letter_retried", "reminder", reminder_id, customer_id=row.customer_id)
        after_commit(partial(_ring, reminder_id))


def waiting(limit: int) -> list[int]:
    """Reminders whose letter is still to be drawn, the longest waiting first."""
    query = select(Reminder.id).where(Reminder.letter_state == "pending").order_by(Reminder.id)
    return list(db.session.scalars(query.limit(limit)))


def _missing(row: Reminder | None, reminder_id: int) -> KontorError:
    """None was promised, or it was stopped."""
    if row is not None and row.letter_stopped_on is not None:
        return NotAllowed("paid_meanwhile", field="reminder_id")
    return NotFound("letter", reminder_id=reminder_id)


def _stop(reminder_id: int, receivable_id: int) -> bool:
    """Whether nobody draws it any more: under the locks the money is still there, and nobody has drawn it meanwhile."""
    with write() as session:
        owed = lock(session, [receivable_id])[receivable_id]
        row = _locked(session, reminder_id)
        if owed.open_cents > 0 or row.letter_state != "pending":
            return False
        row.letter_state, row.letter_stopped_on = "none", clock.today()
        activities.record(SYSTEM, "reminder.letter_stopped", "invoice", owed.invoice_id or 0,
                          customer_id=row.customer_id, number=number_of(session, owed), level=row.level,
                          level_name=row.name)  # fmt: skip
        return True


def _locked(session: Session, reminder_id: int) -> Reminder:
    query = select(Reminder).where(Reminder.id == reminder_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _ring(reminder_id: int) -> None:
    queues.ring("paper", "jobs.documents.draw_reminder", reminder_id)


def _drawn(reminder_id: int, attempts: int) -> tuple[bytes, str]:
    """Drawn outside any transaction."""
    from documents.archive import About, archived  # half a second of imports, which only who draws has to pay
    from documents.letter import full_name
    from documents.reminder import draw_reminder

    try:
        paper = reminder_paper(reminder_id)
        pdf = draw_reminder(paper)
    except KontorError as error:
        if error.code not in _LOGO_FAILURES or attempts + 1 < LOGO_ATTEMPTS:
            raise
        paper = reminder_paper(reminder_id, with_logo=False)
        pdf = draw_reminder(paper)
    end_reading()
    title = f"{paper.name} {paper.number}"
    about = About(title, full_name(paper.letterhead), paper.language, paper.reminded_on)
    return archived(pdf, about, None), f"{title}.pdf"


def _keep(reminder_id: int, content: bytes, name: str) -> int:
    with write() as session:
        row = _locked(session, reminder_id)
        if row.letter_file_id is None:
            row.letter_file_id = files.store(content, name, "application/pdf", "paper", row.customer_id)
            row.letter_state = "drawn"
        return row.letter_file_id


def _note_failure(reminder_id: int, code: str) -> None:
    logger.warning("letter of reminder %s: not drawn (%s)", reminder_id, code)
    with write() as session:
        mine = (Reminder.id == reminder_id, Reminder.letter_file_id.is_(None))
        counted = update(Reminder).where(*mine).values(letter_attempts=Reminder.letter_attempts + 1)
        session.execute(counted.execution_options(synchronize_session=False))
        over = (*mine, Reminder.letter_attempts >= MOST_ATTEMPTS)
        session.execute(update(Reminder).where(*over).values(letter_state="failed")
                        .execution_options(synchronize_session=False))  # fmt: skip
