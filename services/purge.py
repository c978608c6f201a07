"""Taking away what its time is over for: of deleted records only, never earlier, never of a held one (RET-1, DSG-2).

Frozen rows are emptied, not deleted: number, dates and amounts stay, so no series gets a gap and the books add up, and
nothing of it names a person any more. The guards let exactly that happen (docs/adr/0028). Each record is a transaction
of its own with a row in the log of deletions; whoever is interrupted goes on with the next.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, select, text, union, update
from sqlalchemy.orm import Session, aliased

from extensions import db, shrink
from models import (
    Customer,
    Deletion,
    File,
    Invoice,
    Message,
    Note,
    NoteVersion,
    Paper,
    Payment,
    Purge,
    Subscription,
    SubscriptionItem,
    VatCheck,
)
from models.fates import LETTERS, VOUCHERS
from models.guarded import OPENINGS
from services import activities, clock, files, retention
from services.actor import SYSTEM
from services.customer_erasure import family
from services.unit import after_commit, end_reading, write

BATCH = 50  # records a job
FROZEN: tuple[tuple[str, type[Any], Any], ...] = (
    ("invoices", Invoice, Invoice.issued_on),
    ("payments", Payment, Payment.received_on),
    ("vat_checks", VatCheck, VatCheck.checked_at),
)

_survivor, _born = aliased(Customer), aliased(Customer)


def purge_some(limit: int = BATCH) -> bool:
    """Purge so many records whose time is over; says whether there may be more."""
    end_reading()
    today = clock.today()
    due = list(db.session.scalars(_due(today).limit(limit)))
    for customer_id in due:
        purge_record(customer_id, today)
    return len(due) == limit


def purge_record(customer_id: int, today: date) -> dict[str, int]:
    """Take away what may go of one deleted record; gives how much, by subject. Nothing for any other record."""
    with write() as session:
        row = session.get(Customer, customer_id, with_for_update=True, populate_existing=True)
        if row is None or row.erased_at is None or row.legal_hold or row.survivor_id != row.id:
            return {}
        ids = family(session, row.id)
        gone = {"messages": _mails(session, ids, today), "letters": _letters(session, ids, today)}
        gone["files"] = _papers(session, ids, today)
        gone |= {name: _empty(session, name, model, day, ids, today) for name, model, day in FROZEN}
        gone = {subject: count for subject, count in gone.items() if count}
        if gone:
            _contracts(session, ids, row.retain_until, today)
            _write_down(session, row.id, gone, row.retain_until)
        return gone


def _due(today: date) -> Select[int]:
    """Deleted records of which something may go."""
    parts = [
        select(model.customer_id).where(_over(model, day, name, today)) for name, model, day in FROZEN
    ]  # fmt: skip
    parts.append(select(Message.customer_id).where(_old_mail(today), Message.customer_id.is_not(None)))
    parts.append(select(Note.customer_id).where(_old_letter(today)))
    owners = union(*parts).subquery()
    holds = (_survivor.erased_at.is_not(None), ~_survivor.legal_hold)
    query = select(_survivor.id).join(_born, _born.survivor_id == _survivor.id)
    query = query.where(*holds, _born.id.in_(select(owners.c[0])))
    return query.distinct().order_by(_survivor.id)


def _over(model: type[Any], day: Any, name: str, today: date) -> ColumnElement[bool]:
    gone = exists().where(Purge.subject == name, Purge.row_id == model.id)
    limit: Any = retention.first_kept(VOUCHERS, today)
    if name == "vat_checks":
        limit = clock.berlin(clock.instant()).replace(year=limit.year, month=1, day=1, hour=0, minute=0, second=0)
    over: ColumnElement[bool] = day < limit
    return over & ~gone


def _old_mail(today: date) -> ColumnElement[bool]:
    """Letters whose time is over; mails about access at once: deletions of before left them."""
    first = retention.first_kept(LETTERS, today)
    limit = clock.berlin(clock.instant()).replace(
        year=first.year, month=1, day=1, hour=0, minute=0, second=0, microsecond=0
    )
    return (Message.sent_at < limit) | ((Message.state == "sent") & Message.template.in_(retention.ACCESS_MAILS))


def _old_letter(today: date) -> ColumnElement[bool]:
    """Whose every version is old enough, by the day it happened and the day it was written down."""
    first = retention.first_kept(LETTERS, today)
    younger = exists().where(NoteVersion.note_id == Note.id, NoteVersion.happened_on >= first)
    return exists().where(NoteVersion.note_id == Note.id) & ~younger


def _mails(session: Session, ids: list[int], today: date) -> int:
    found: Any = session.execute(
        delete(Message).where(Message.customer_id.in_(ids), _old_mail(today)),
        execution_options={"synchronize_session": False},
    )
    return int(found.rowcount)


def _letters(session: Session, ids: list[int], today: date) -> int:
    threads = list(session.scalars(select(Note.id).where(Note.customer_id.in_(ids), _old_letter(today))))
    attached = select(NoteVersion.file_id).where(NoteVersion.note_id.in_(threads), NoteVersion.file_id.is_not(None))
    file_ids = [found for found in session.scalars(attached.distinct()) if found is not None]
    session.execute(delete(NoteVersion).where(NoteVersion.note_id.in_(threads)))
    session.execute(delete(Note).where(Note.id.in_(threads)))
    _throw_away(session, file_ids)
    return len(threads)


def _papers(session: Session, ids: list[int], today: date) -> int:
    theirs = select(Paper.file_id).join(Invoice, Invoice.id == Paper.invoice_id)
    theirs = theirs.where(Invoice.customer_id.in_(ids), _over(Invoice, Invoice.issued_on, "invoices", today))
    file_ids = [found for found in session.scalars(theirs) if found is not None]
    _throw_away(session, file_ids)
    return len(file_ids)


def _throw_away(session: Session, file_ids: list[int]) -> None:
    for file_id in file_ids:
        files.erase(file_id)
    session.flush()
    session.execute(update(File).where(File.id.in_(file_ids)).values(filename=""))


def _empty(session: Session, name: str, model: type[Any], day: Any, ids: list[int], today: date) -> int:
    """Write it down first: without that the guard refuses, and it asks itself whether the time is over."""
    due = select(model.id).where(model.customer_id.in_(ids), _over(model, day, name, today))
    rows = list(session.scalars(due.order_by(model.id)))
    if not rows:
        return 0
    session.add_all(Purge(subject=name, row_id=row_id, purged_on=today) for row_id in rows)
    session.flush()
    for table in (name, "invoice_lines") if name == "invoices" else (name,):
        _blank(session, table, rows)
    return len(rows)


def _blank(session: Session, table: str, rows: list[int]) -> None:
    opening = OPENINGS[table]
    columns = db.metadata.tables[table].c
    values = {column: text(value) for column, value in opening.blank}
    key = columns[opening.key]
    session.execute(update(columns[opening.key].table).where(key.in_(rows)).values(**values))


def _contracts(session: Session, ids: list[int], until: date | None, today: date) -> None:
    """What contracts were called goes with the last paper."""
    if until is None or today <= until:
        return
    theirs = select(Subscription.id).where(Subscription.customer_id.in_(ids))
    items = update(SubscriptionItem).where(SubscriptionItem.subscription_id.in_(theirs))
    session.execute(items.values(title="", description=""))
    session.execute(update(Subscription).where(Subscription.customer_id.in_(ids)).values(title="", invoice_title=""))


def _write_down(session: Session, customer_id: int, gone: dict[str, int], until: date | None) -> None:
    session.add(Deletion(at=clock.instant(), customer_id=customer_id, actor_kind=SYSTEM.kind, actor_id=SYSTEM.id,
                         outcome="purged", reason="time_over", gone=gone, kept={}, retain_until=until))  # fmt: skip
    activities.record(SYSTEM, "customer.purged", "customer", customer_id, customer_id=customer_id,
                      count=sum(gone.values()))  # fmt: skip
    after_commit(shrink)
