"""Taking rows, columns and bytes away, as models/fates.py and record_fates.py declare it; who and when is decided
elsewhere."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from sqlalchemy import CursorResult, Table, delete, func, literal, or_, select, update
from sqlalchemy.orm import Session

from extensions import db
from models import (
    Customer,
    File,
    Invoice,
    InvoiceLine,
    InvoiceTaxLine,
    Message,
    NoteVersion,
    Paper,
    Subscription,
)
from models.fates import FATES, Erase
from models.record_fates import COLUMNS, ColumnErase
from services import clock, customer_exports, files, method_erasure, notes
from services.profiles import belongs
from services.retention import is_letter

ON_THEIR_OWN = ("customers", "files")  # emptied by what is written for them below
_EMPTIED = [name for name, fate in COLUMNS.items() if fate.erase is ColumnErase.EMPTIED]


def erase_traces(session: Session, ids: list[int], *, business: bool) -> dict[str, int]:
    """Whatever no law keeps: rows, columns, bytes, links. Gives how much went, by subject.

    Mails that were sent, and letters, are business letters where there was business (section 257 HGB): they stay.
    Mails about access to an account are none (retention.ACCESS_MAILS): they go.
    """
    customer_exports.forget_of(ids)
    gone = {"notes": _notes(session, ids, business), "messages": _messages(session, ids, business)}
    gone["drafts"] = _drafts(session, ids)
    gone |= method_erasure.end(session, ids)
    _mails_about(session, ids)
    _end_links(session, ids)
    gone |= _declared(session, ids)
    gone["files"] = _files(session, ids, business)
    return {subject: count for subject, count in gone.items() if count}


def files_that_go(session: Session, ids: list[int], *, business: bool) -> list[int]:
    """Ids of their files whose bytes no law keeps."""
    theirs = select(File.id).where(File.customer_id.in_(ids), File.erased_at.is_(None))
    kept = _kept_files(session, ids) if business else set()
    return [file_id for file_id in session.scalars(theirs.order_by(File.id)) if file_id not in kept]


def empty(session: Session, ids: list[int], until: Any) -> None:
    """Take everything personal out of the records; the links of before lead nowhere."""
    blank = {field: blank_of(Customer.__table__.columns[field]) for field in _EMPTIED}
    for row in session.scalars(select(Customer).where(Customer.id.in_(ids))):
        for field, value in blank.items():
            setattr(row, field, value)
        row.hash, row.status = secrets.token_hex(16), "deactivated"
        row.erased_at, row.retain_until, row.updated_at = clock.instant(), until, clock.instant()
    for contract in session.scalars(select(Subscription).where(Subscription.customer_id.in_(ids))):
        contract.hash = secrets.token_hex(16)
    session.flush()


def blank_of(column: Any) -> Any:
    """Nothing, as this column says it."""
    if column.nullable:
        return None
    return {"x_attributes": [], "newsletter_optin": False, "show_payment_notice": False, "owes_vat": False}.get(
        column.key, ""
    )


def _notes(session: Session, ids: list[int], business: bool) -> int:
    count = select(func.count()).select_from(NoteVersion).where(belongs("note_versions", ids))
    before = session.scalar(count) or 0
    notes.erase_notes(session, ids, letters_stay=business)
    return before - (session.scalar(count) or 0)


def _messages(session: Session, ids: list[int], business: bool) -> int:
    goes = or_(~is_letter(), literal(not business))
    return _run(session, delete(Message).where(Message.customer_id.in_(ids), goes))


def _drafts(session: Session, ids: list[int]) -> int:
    drafts = select(Invoice.id).where(Invoice.customer_id.in_(ids), Invoice.status == "draft")
    for table in (InvoiceLine, InvoiceTaxLine):
        session.execute(delete(table).where(table.invoice_id.in_(drafts)))
    return _run(session, delete(Invoice).where(Invoice.customer_id.in_(ids), Invoice.status == "draft"))


def _mails_about(session: Session, ids: list[int]) -> None:
    """Reports to the house name whom a run left out: those that name this customer lose their text."""
    names = set()
    for row in session.scalars(select(Customer).where(Customer.id.in_(ids))):
        names |= {row.number, row.email, row.organization, f"{row.first_name} {row.last_name}".strip()}
    for name in sorted(name for name in names if len(name) > 2):
        about = Message.body.contains(name, autoescape=True)
        values: dict[str, Any] = {"body": "", "facts": {}}
        session.execute(update(Message).where(Message.customer_id.is_(None), about).values(**values))


def _end_links(session: Session, ids: list[int]) -> None:
    """The links of papers in mails of before open nothing any more."""
    theirs = select(Invoice.id).where(Invoice.customer_id.in_(ids))
    links = update(Paper).where(Paper.invoice_id.in_(theirs), Paper.token_revoked_at.is_(None))
    session.execute(links.values(token_revoked_at=clock.instant()))


def _declared(session: Session, ids: list[int]) -> dict[str, int]:
    """Children before parents, as the fates say."""
    gone = {}
    for table in reversed(db.metadata.sorted_tables):
        fate = FATES.get(table.name)
        if fate is None or table.name in ON_THEIR_OWN:
            continue
        if fate.erase is Erase.GOES:
            gone[table.name] = _run(session, delete(table).where(belongs(table.name, ids)))
        elif fate.emptied:
            _empty_columns(session, table, fate.emptied, ids)
    return gone


def _empty_columns(session: Session, table: Table, columns: Iterable[str], ids: list[int]) -> None:
    values = {name: blank_of(table.c[name]) for name in columns}
    empties = update(table).where(belongs(table.name, ids)).values(**values)
    if table.name == "payment_methods":  # what a provider is still to be told of goes with its answer
        empties = empties.where(~method_erasure.to_tell())
    session.execute(empties)


def _files(session: Session, ids: list[int], business: bool) -> int:
    going = files_that_go(session, ids, business=business)
    for file_id in going:
        files.erase(file_id)
    session.flush()
    nameless: dict[str, Any] = {name: blank_of(File.__table__.c[name]) for name in FATES["files"].emptied}
    session.execute(update(File).where(File.customer_id.in_(ids), File.erased_at.is_not(None)).values(**nameless))
    return len(going)


def _kept_files(session: Session, ids: list[int]) -> set[int]:
    """Papers of issued documents, and what came or went with a letter."""
    papers = select(Paper.file_id).join(Invoice).where(Invoice.customer_id.in_(ids), Invoice.issued_at.is_not(None))
    letters = select(NoteVersion.file_id).where(NoteVersion.kind == "letter", belongs("note_versions", ids))
    sent = select(Message.attachments).where(Message.customer_id.in_(ids), is_letter())
    attached = (each.get("file_id") for listed in session.scalars(sent) for each in listed if isinstance(each, dict))
    found = (*session.scalars(papers), *session.scalars(letters), *attached)
    return {file_id for file_id in found if file_id is not None}


def _run(session: Session, statement: Any) -> int:
    result: Any = session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, CursorResult)
    return int(result.rowcount)
