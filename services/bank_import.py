"""Bank statements are brought in: looked at first, then each statement whole or not at all, each line once (F13).

The same file again brings nothing; a statement that overlaps an earlier one brings what is new in it; after a crash the
same file brings the rest. What the lines pay is booked afterwards (services/bank_matching.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from sqlalchemy import exists, func, or_, select

from billing.bank_batches import Batch
from billing.bank_lines import Movement, Statement, line_keys
from billing.errors import Invalid, NotFound
from documents.bank_csv import Layout, read_csv
from documents.bank_kinds import refusal_of
from documents.camt import Told, read_camt
from extensions import db
from models import BankBatch, BankLine, BankStatement, File
from services import activities, bank_notices, clock, files, uploads
from services.actor import Actor
from services.bank_rows import chunks, insert_lines
from services.company import get_company
from services.sql import insert
from services.unit import insistent, write

KIND = "statement"  # of files: an upload, and the source of what was brought in
SHOWN = 10  # lines that a preview shows of a statement
KEPT = timedelta(days=1)  # a file that was looked at and never brought in


@dataclass(frozen=True, slots=True)
class News:
    """What a file tells of one account before it is brought in. `known` lines are in the house already."""

    iban: str
    currency: str
    opened_on: date | None
    closed_on: date
    opening_cents: int | None
    closing_cents: int | None
    count: int
    known: int
    in_cents: int
    out_cents: int
    first: tuple[Movement, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file tells: statements, and sums in their parts."""

    news: tuple[News, ...]
    batches: tuple[Batch, ...]


@dataclass(frozen=True, slots=True)
class Brought:
    """What bringing in a file did: the statements that are in the house now, how many lines were new, and known;
    and the same of sums that a notification told in parts."""

    statement_ids: tuple[int, ...]
    new: int
    known: int
    sums: int = 0
    known_sums: int = 0


def keep(content: bytes, filename: str) -> int:
    """Keep an upload so that it can be looked at; gives the file's id.

    Raises Invalid("file"): file_empty, file_too_large, and as `documents.bank_kinds` tells what else it is.
    """
    if not content:
        raise Invalid("file", "file_empty")
    if len(content) > uploads.most_bytes():
        raise Invalid("file", "file_too_large", most=uploads.most_bytes() // 1_000_000)
    if code := refusal_of(content):
        raise Invalid("file", code)
    media_type = "application/xml" if is_xml(content) else "text/csv"
    return files.store(content, filename, media_type, KIND)


def kept(file_id: int) -> files.Stored:
    """A file that was kept here; no other file of the house is looked at this way. Raises NotFound."""
    if db.session.scalar(select(File.kind).where(File.id == file_id)) != KIND:
        raise NotFound("file", file_id=file_id)
    return files.read(file_id)


def preview(file_id: int, layout: Layout | None = None, own_iban: str = "") -> Preview:
    """What the file would bring; nothing is written. Raises as `read`, NotFound."""
    told = read(kept(file_id).content, layout, own_iban)
    return Preview(tuple(_news(each) for each in told.statements), told.batches)


def bring_in(actor: Actor, file_id: int, layout: Layout | None = None, own_iban: str = "") -> Brought:
    """Bring a kept file in, statement by statement, each in a transaction of its own. Raises as `read`, NotFound."""
    told = read(kept(file_id).content, layout, own_iban)
    done = [insistent(partial(_bring_in, actor, file_id, each)) for each in told.statements]
    new, all_lines = sum(count for _, count in done), sum(len(each.movements) for each in told.statements)
    sums = bank_notices.keep(actor, file_id, told.batches) if told.batches else bank_notices.Kept(0, 0, ())
    ids = dict.fromkeys((*(id_ for id_, _ in done), *sums.statement_ids))
    return Brought(tuple(ids), new, all_lines - new, sums.new, sums.known)


def read(content: bytes, layout: Layout | None, own_iban: str = "") -> Told:
    """The statements and notifications in these bytes. Raises Invalid: "layout" for a CSV file without one, and as the
    readers; "statement_of_tomorrow", because a day that is far ahead would silence the warning of an old statement
    (MAH-7)."""
    found = _read(content, layout, own_iban)
    latest = clock.today() + timedelta(1)
    days = [each.closed_on for each in found.statements] + [each.booked_on for each in found.batches]
    if late := max((day for day in days if day > latest), default=None):
        raise Invalid("file", "statement_of_tomorrow", on=late.isoformat())
    return replace(found, statements=tuple(_moved(each) for each in found.statements))


def _moved(statement: Statement) -> Statement:
    """Without lines of nothing, which banks write as remarks: nobody keeps, matches or counts them."""
    return replace(statement, movements=tuple(each for each in statement.movements if each.amount_cents))


def _read(content: bytes, layout: Layout | None, own_iban: str) -> Told:
    if is_xml(content):
        return read_camt(content)
    if layout is None:
        raise Invalid("layout", "missing")
    company = get_company()
    return Told(read_csv(content, layout, own_iban or company.iban, company.currency_code))


def is_xml(content: bytes) -> bool:
    """Whether these bytes are meant as XML: a CSV never begins with an angle bracket."""
    head = content[:200].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")
    return head.startswith(b"<")


def last_statement_on() -> date | None:
    """The last day that any statement tells of: dunning warns when that is long ago (MAH-7)."""
    return db.session.scalar(select(func.max(BankStatement.closed_on)))


def forget_uploads() -> None:
    """Files that were looked at and never brought in are thrown away after a day."""
    used = or_(exists().where(BankStatement.file_id == File.id), exists().where(BankBatch.file_id == File.id))
    left = (File.kind == KIND, File.erased_at.is_(None), File.created_at < clock.instant() - KEPT, ~used)
    for file_id in db.session.scalars(select(File.id).where(*left).limit(1000)).all():
        files.erase(file_id)


def _bring_in(actor: Actor, file_id: int, statement: Statement) -> tuple[int, int]:
    """(id, how many of its lines are new); a statement that is here already brings none."""
    with write() as session:
        made = insert(BankStatement).values(
            iban=statement.iban, source=statement.source, statement_key=statement.key, opened_on=statement.opened_on,
            closed_on=statement.closed_on, opening_cents=statement.opening_cents,
            closing_cents=statement.closing_cents, currency_code=statement.currency, file_id=file_id,
            created_at=clock.instant(),
        )  # fmt: skip
        id_ = session.scalar(made.on_conflict_do_nothing().returning(BankStatement.id))
        if id_ is None:
            mine = (BankStatement.iban == statement.iban, BankStatement.statement_key == statement.key)
            return session.scalars(select(BankStatement.id).where(*mine)).one(), 0
        insert_lines(session, id_, statement.iban, statement.movements)
        made_of_it = select(func.count()).select_from(BankLine).where(BankLine.statement_id == id_)
        new = int(session.scalar(made_of_it) or 0)
        activities.record(actor, "bank_statement.brought_in", "bank_statement", id_, iban=statement.iban, lines=new,
                          known=len(statement.movements) - new, closed_on=statement.closed_on.isoformat())  # fmt: skip
        return id_, new


def _news(statement: Statement) -> News:
    moved = [each.amount_cents for each in statement.movements]
    return News(
        statement.iban, statement.currency, statement.opened_on, statement.closed_on, statement.opening_cents,
        statement.closing_cents, len(moved), _known(statement), sum(cents for cents in moved if cents > 0),
        -sum(cents for cents in moved if cents < 0), statement.movements[:SHOWN],
    )  # fmt: skip


def _known(statement: Statement) -> int:
    mine = BankLine.iban == statement.iban
    counts = (
        db.session.scalar(select(func.count()).select_from(BankLine).where(mine, BankLine.line_key.in_(keys)))
        for keys in chunks(line_keys(statement.movements))
    )
    return sum(int(count or 0) for count in counts)
