"""The sentences of papers, frozen when something is issued: a paper drawn later says what was issued (GOB-1).

As with letterheads, one row holds a state of all sentences of a language and is found again by its digest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import literal, null, select, union_all
from sqlalchemy.orm import Session

from extensions import db
from models import TextSet, TextTemplate
from models.base import canonical_json
from services import clock
from services.paper_words import BUILT_IN, FIRST_RELEASE
from services.sql import insert
from services.text_catalogue import LANGUAGES, reader_of
from services.unit import write

Sentences = Mapping[str, str]  # name of the text -> its template


def freeze() -> dict[str, int]:
    """Language -> id of the set that says what the texts say now; made if they were never frozen so.

    One statement where nothing was changed since the last time, however many invoices are to be issued.
    """
    with write() as session:
        changed, frozen = _read(session)
        found = {}
        for language in LANGUAGES:
            data = {name: changed.get((name, language), BUILT_IN[name][LANGUAGES.index(language)]) for name in BUILT_IN}
            digest = digest_of(language, data)
            found[language] = frozen.get(digest) or _make(session, language, data, digest)
        return found


def sentences(text_set_id: int | None, language: str) -> Sentences:
    """The sentences of a paper: the frozen ones, or of an older paper those of the first release."""
    row = db.session.get(TextSet, text_set_id) if text_set_id else None
    of_first = {name: pair[LANGUAGES.index(reader_of(language))] for name, pair in FIRST_RELEASE.items()}
    return {**of_first, **row.data} if row is not None else of_first


def current(language: str) -> Sentences:
    """The sentences that a paper issued now would freeze; for previews."""
    changed, _ = _read(db.session())
    language = reader_of(language)
    return {name: changed.get((name, language), pair[LANGUAGES.index(language)]) for name, pair in BUILT_IN.items()}


def digest_of(language: str, data: Any) -> str:
    """Hex SHA-256 of a set."""
    return sha256(canonical_json([language, data]).encode()).hexdigest()


def _read(session: Session) -> tuple[dict[tuple[str, str], str], dict[str, int]]:
    """The changed sentences by name and language, and the sets by digest; one statement for both."""
    changed = select(TextTemplate.name, TextTemplate.language_code, TextTemplate.body, null().label("id"))
    sets = select(literal(""), TextSet.language_code, TextSet.digest, TextSet.id)
    rows: Sequence[Any] = session.execute(union_all(changed.where(TextTemplate.kind == "paper"), sets)).all()
    texts = {(name, language): text for name, language, text, set_id in rows if set_id is None}
    return texts, {digest: set_id for _, _, digest, set_id in rows if set_id is not None}


def _make(session: Session, language: str, data: Sentences, digest: str) -> int:
    """Another run may freeze the same state at the same moment; both get one row."""
    values = {"language_code": language, "data": data, "digest": digest, "created_at": clock.instant()}
    made = insert(TextSet).values(**values).on_conflict_do_nothing().returning(TextSet.id)
    return session.scalar(made) or session.scalars(select(TextSet.id).where(TextSet.digest == digest)).one()
