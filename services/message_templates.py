"""Templates that the team keeps for messages to customers: a name, a language, and words with placeholders (R-22)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.errors import Conflict, Invalid, NotFound
from extensions import db
from models import MessageTemplate
from services import activities, clock
from services.actor import Actor
from services.customer_messages import Words, check_words
from services.text_catalogue import LANGUAGES
from services.texts import tidy
from services.unit import write
from services.values import one_of, text_of

MOST = 200


def create_template(actor: Actor, values: Mapping[str, Any]) -> int:
    """Keep it; gives its id. `values`: name, language_code, subject, body.

    Raises Invalid(field) as services.customer_messages has it, "name" (missing), and Conflict("name_taken").
    """
    clean = _cleaned(values)
    with write() as session:
        _refuse_taken(session, clean, None)
        row = MessageTemplate(**clean, created_at=clock.instant(), updated_at=clock.instant(), version=1)
        session.add(row)
        session.flush()
        activities.record(actor, "message_template.created", "message_template", row.id, name=row.name)
        return row.id


def update_template(actor: Actor, template_id: int, values: Mapping[str, Any]) -> None:
    """Word it anew. Raises NotFound, and as create_template."""
    clean = _cleaned(values)
    with write() as session:
        row = _lock(session, template_id)
        _refuse_taken(session, clean, row.id)
        changes = activities.changes_between(row, clean)
        if not changes:
            return
        for name, value in clean.items():
            setattr(row, name, value)
        row.updated_at, row.version = clock.instant(), row.version + 1
        activities.record(
            actor, "message_template.changed", "message_template", row.id, name=row.name, changes=changes
        )  # fmt: skip


def delete_template(actor: Actor, template_id: int) -> None:
    """What was sent with it stays as it is. NotFound."""
    with write() as session:
        row = _lock(session, template_id)
        activities.record(actor, "message_template.deleted", "message_template", row.id, name=row.name)
        session.delete(row)


def offered(language: str) -> list[MessageTemplate]:
    """Those to choose from, of the reader's language first, by name. One statement."""
    query = select(MessageTemplate).order_by(MessageTemplate.name, MessageTemplate.language_code).limit(MOST)
    return sorted(db.session.scalars(query), key=lambda row: row.language_code != language)


def words_of(template_id: int) -> Words:
    """NotFound for one that is not there."""
    row = db.session.get(MessageTemplate, template_id)
    if row is None:
        raise NotFound("message_template", template_id=template_id)
    return Words(row.subject, row.body)


def _cleaned(values: Mapping[str, Any]) -> dict[str, str]:
    name = text_of(MessageTemplate.__table__.c.name, values["name"])
    if not name:
        raise Invalid("name", "missing")
    subject, body = check_words(Words(str(values["subject"]), str(values["body"])))
    language = one_of("language_code", values["language_code"], LANGUAGES)
    return {"name": name, "language_code": language, "subject": tidy(subject), "body": tidy(body)}


def _refuse_taken(session: Session, clean: Mapping[str, str], own_id: int | None) -> None:
    same = (MessageTemplate.name == clean["name"], MessageTemplate.language_code == clean["language_code"])
    taken = session.scalar(select(MessageTemplate.id).where(*same))
    if taken not in (None, own_id):
        raise Conflict("name_taken", field="name")


def _lock(session: Session, template_id: int) -> MessageTemplate:
    query = select(MessageTemplate).where(MessageTemplate.id == template_id).with_for_update()
    row: MessageTemplate | None = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("message_template", template_id=template_id)
    return row
