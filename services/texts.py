"""The words of mails and papers: those that Kontor brings along, and what staff made of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.orm import Session

from billing.errors import AlreadyDone, Conflict, Invalid
from billing.unseen import without_unseen
from config import ROOT
from extensions import db
from models import TextTemplate
from services import activities, clock, template_check, values
from services.actor import Actor
from services.paper_words import BUILT_IN
from services.sql import insert
from services.text_catalogue import LANGUAGES, LONGEST_SUBJECT, TextKind, find, reader_of
from services.unit import write

FOLDER = ROOT / "templates" / "mail"

Key = tuple[str, str, str]  # kind, name, language


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as it stands. `changed` says that staff have worded it; `digest` tells whether it still is this one."""

    subject: str
    body: str
    changed: bool = False

    @property
    def digest(self) -> str:
        return sha256(f"{self.subject}\0{self.body}".encode()).hexdigest()


def wording(kind: str, name: str, language: str) -> Wording:
    """The text that holds now, in one statement. NotFound for an unknown one."""
    find(kind, name)
    row = db.session.execute(_of((kind, name, reader_of(language)))).one_or_none()
    return Wording(row.subject, row.body, True) if row else built_in(kind, name, language)


def built_in(kind: str, name: str, language: str) -> Wording:
    """The text that Kontor brings along."""
    text = find(kind, name)
    language = reader_of(language)
    if kind == "paper":
        return Wording("", BUILT_IN[name][LANGUAGES.index(language)])
    return Wording(_file(f"{name}.{language}.subject") if text.has_subject else "", _file(f"{name}.{language}.txt"))


def changed_texts() -> frozenset[tuple[str, str, str]]:
    """(kind, name, language) of every text that staff have worded, in one statement."""
    columns = (TextTemplate.kind, TextTemplate.name, TextTemplate.language_code)
    return frozenset(row.tuple() for row in db.session.execute(select(*columns)))


def check(text: TextKind, subject: str, body: str) -> None:
    """Refuse what cannot be saved. Raises Invalid("subject") or Invalid("body") with the line."""
    if text.has_subject:
        _check_one(text, "subject", subject, LONGEST_SUBJECT)
    _check_one(text, "body", body, text.longest)


def save(actor: Actor, kind: str, name: str, language: str, *, subject: str, body: str, seen: str) -> None:
    """Word a text anew; `seen` is the digest of the wording that the person started from.

    Raises Invalid(field) as `check`, Conflict("text_changed") when somebody else worded it meanwhile, AlreadyDone when
    it says this already.
    """
    text = find(kind, name)
    subject, body = tidy(subject) if text.has_subject else "", tidy(body)
    check(text, subject, body)
    with write() as session:
        before = _locked(kind, name, language, seen)
        if (before.subject, before.body) == (subject, body):
            raise AlreadyDone("text_unchanged")
        if Wording(subject, body).digest == built_in(kind, name, language).digest:
            return _reset(actor, (kind, name, language), before)
        row_id = _store(session, (kind, name, language), before, Wording(subject, body))
        _record(actor, "text.changed", row_id, (kind, name, language), before, Wording(subject, body))


def reset(actor: Actor, kind: str, name: str, language: str, *, seen: str) -> None:
    """Back to the text that Kontor brings along. AlreadyDone where it holds, Conflict("text_changed") as `save`."""
    find(kind, name)
    with write():
        before = _locked(kind, name, language, seen)
        if not before.changed:
            raise AlreadyDone("text_unchanged")
        _reset(actor, (kind, name, language), before)


def tidy(text: str) -> str:
    """As texts are kept: one kind of line end, none at the end, no sign that nobody sees."""
    lines = without_unseen(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _store(session: Session, key: Key, before: Wording, after: Wording) -> int:
    """Write it; gives the row's id. Two first wordings at once meet at the unique key: the second one is told."""
    wanted: dict[str, Any] = {"subject": after.subject, "body": after.body, "updated_at": clock.instant()}
    if before.changed:
        wanted["version"] = TextTemplate.version + 1
        statement = update(TextTemplate).where(*_is(key)).values(**wanted)
    else:
        named = dict(zip(("kind", "name", "language_code"), key, strict=True))
        statement = insert(TextTemplate).values(**named, **wanted, created_at=clock.instant(), version=1)
        statement = statement.on_conflict_do_nothing()
    row_id: int | None = session.scalar(statement.returning(TextTemplate.id))
    if row_id is None:
        raise Conflict("text_changed")
    return row_id


def _reset(actor: Actor, key: Key, before: Wording) -> None:
    with write() as session:
        row_id = session.scalars(delete(TextTemplate).where(*_is(key)).returning(TextTemplate.id)).one()
        _record(actor, "text.reset", row_id, key, before, built_in(*key))


def _record(actor: Actor, code: str, row_id: int, key: Key, old: Wording, new: Wording) -> None:
    pairs = {"subject": (old.subject, new.subject), "body": (old.body, new.body)}
    changes = {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}
    activities.record(actor, code, "text", row_id, changes=changes, text=".".join(key[:2]), language_code=key[2])


def _locked(kind: str, name: str, language: str, seen: str) -> Wording:
    """The wording under its row's lock, if it is still the one that was seen."""
    row = db.session.execute(_of((kind, name, language)).with_for_update()).one_or_none()
    found = Wording(row.subject, row.body, True) if row else built_in(kind, name, language)
    if found.digest != seen:
        raise Conflict("text_changed")
    return found


def _check_one(text: TextKind, field: str, source: str, longest: int) -> None:
    if not source.strip():
        if field == "body" and text.may_be_empty:
            return
        raise Invalid(field, "missing")
    if len(source) > longest:
        raise Invalid(field, "too_long", longest=longest)
    values.text_of(TextTemplate.__table__.c[field], source)
    template_check.check(source, text.placeholders, field=field, longest=longest, largest=text.largest)


def _is(key: Key) -> tuple[ColumnElement[bool], ...]:
    columns = (TextTemplate.kind, TextTemplate.name, TextTemplate.language_code)
    return tuple(column == value for column, value in zip(columns, key, strict=True))


def _of(key: Key) -> Select[str, str]:
    return select(TextTemplate.subject, TextTemplate.body).where(*_is(key))


@cache
def _file(name: str) -> str:
    return tidy((FOLDER / name).read_text())
