"""The letters of reminders: what a reminder promised is drawn once and stored; the reminder stands whatever becomes of
its letter (F9). Who draws twice at the same moment keeps the first bytes: the row decides, under its lock."""

from __future__ import annotations

import logging
from functools import partial

from sqlalchemy import select, update

from billing.errors import AlreadyDone, Conflict, KontorError, NotFound
from documents.errors import PaperError
from extensions import db, queues
from models import Reminder
from services import activities, files
from services.actor import Actor
from services.reminder_letters import reminder_paper
from services.unit import after_commit, end_reading, write

MOST_ATTEMPTS = 5  # then a person looks; "Draw again" starts anew
LOGO_ATTEMPTS = 3  # then the letter is drawn without its broken logo
_LOGO_FAILURES = frozenset({"broken_logo", "file", "file_missing", "file_damaged"})

logger = logging.getLogger("kontor.papers")


def draw(reminder_id: int) -> int:
    """See to it that the letter is drawn; gives its file's id. Safe to repeat.

    Raises NotFound where no letter was promised, PaperError or KontorError when it cannot be drawn (counted; after
    MOST_ATTEMPTS it is "failed").
    """
    end_reading()
    row = db.session.get(Reminder, reminder_id)
    if row is None or row.letter_state == "none":
        raise NotFound("letter", reminder_id=reminder_id)
    if row.letter_file_id is not None:
        return row.letter_file_id
    if row.letter_state == "failed":
        raise Conflict("letter_failed")
    attempts = row.letter_attempts
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
            raise NotFound("letter", reminder_id=reminder_id)
        if row.letter_file_id is not None:
            raise AlreadyDone("paper_drawn")
        row.letter_state, row.letter_attempts = "pending", 0
        activities.record(actor, "reminder.letter_retried", "reminder", reminder_id, customer_id=row.customer_id)
        after_commit(partial(_ring, reminder_id))


def waiting(limit: int) -> list[int]:
    """Reminders whose letter is still to be drawn, the longest waiting first."""
    query = select(Reminder.id).where(Reminder.letter_state == "pending").order_by(Reminder.id)
    return list(db.session.scalars(query.limit(limit)))


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
        row = session.scalars(
            select(Reminder)
            .where(Reminder.id == reminder_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
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
