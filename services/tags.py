"""Tags sort customers by criteria of the team's own (M1-41). "VIP" and "vip" are one tag."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from billing import words
from billing.errors import Conflict, Invalid, NotFound
from models import CustomerTag, Tag
from services import activities, clock
from services import values as check
from services.actor import Actor
from services.sql import first_come
from services.unit import write

MOST_TAGS = 50


def set_tags(actor: Actor, customer_id: int, names: str | Iterable[str] | None) -> None:
    """Make these the customer's tags; unknown ones are made. None leaves them as they are.

    `names` is a list, or a text with commas. Raises Invalid("tags").
    """
    if names is None:
        return
    wanted = _clean(names.split(",") if isinstance(names, str) else names)
    with write() as session:
        before = worn_by(session, customer_id)
        after = {tag.id: tag.name for tag in _find_or_make(session, actor, wanted)}
        if before == after:
            return
        session.execute(delete(CustomerTag).where(CustomerTag.customer_id == customer_id))
        session.add_all(CustomerTag(customer_id=customer_id, tag_id=tag_id) for tag_id in after)
        session.flush()
        activities.record(
            actor, "customer.tagged", "customer", customer_id, customer_id=customer_id,
            changes={"tags": (sorted(before.values()), sorted(after.values()))},
        )  # fmt: skip


def _clean(names: Iterable[str]) -> dict[str, str]:
    """The normalised word and the name of each tag, in order."""
    found: dict[str, str] = {}
    for name in names:
        text = _tag_name(name)
        if text:
            found.setdefault(word_of(text), text)
    if len(found) > MOST_TAGS:
        raise Invalid("tags", "too_many")
    return found


def _tag_name(name: str) -> str:
    try:
        return check.text_of(Tag.__table__.columns["name"], name)
    except Invalid as error:
        raise Invalid("tags", error.code) from None


def word_of(name: str) -> str:
    """What makes two names one tag; a name of signs alone is its own word."""
    return " ".join(words.query_words(name))[:80] or name.casefold()


def worn_by(session: Session, customer_id: int) -> dict[int, str]:
    query = select(Tag.id, Tag.name).join(CustomerTag).where(CustomerTag.customer_id == customer_id)
    return {row.id: row.name for row in session.execute(query)}


def _find_or_make(session: Session, actor: Actor, wanted: dict[str, str]) -> list[Tag]:
    found = {tag.word: tag for tag in session.scalars(select(Tag).where(Tag.word.in_(wanted)))}
    for word, name in wanted.items():
        if word not in found:
            found[word] = Tag(name=name, word=word)
            with first_come(session, Conflict("changed_meanwhile")):
                session.add(found[word])
            activities.record(actor, "tag.created", "tag", found[word].id, name=name)
    return list(found.values())


def add_tag(actor: Actor, name: str) -> int:
    """Make a tag that nobody wears yet. Raises Invalid("name") or Conflict("taken", field="name")."""
    with write() as session:
        tag = Tag(**_named(session, name, None))
        with first_come(session, Conflict("taken", field="name")):
            session.add(tag)
        activities.record(actor, "tag.created", "tag", tag.id, name=tag.name)
        return int(tag.id)


def rename_tag(actor: Actor, tag_id: int, name: str) -> None:
    """Call it otherwise, wherever it is worn. Raises NotFound, Invalid("name"), Conflict("taken", field="name")."""
    with write() as session:
        tag = _require(session, tag_id)
        values = _named(session, name, tag_id)
        changes = activities.changes_between(tag, values)
        if changes:
            with first_come(session, Conflict("taken", field="name")):
                tag.name, tag.word = values["name"], values["word"]
                tag.updated_at, tag.version = clock.instant(), tag.version + 1
            activities.record(actor, "tag.changed", "tag", tag_id, changes={"name": changes.get("name", ("", ""))})


def delete_tag(actor: Actor, tag_id: int) -> None:
    """Take the tag off everybody and forget it; the customers stay. Raises NotFound."""
    with write() as session:
        tag = _require(session, tag_id)
        activities.record(actor, "tag.deleted", "tag", tag_id, name=tag.name)
        session.execute(delete(CustomerTag).where(CustomerTag.tag_id == tag_id))
        session.delete(tag)


def _named(session: Session, name: str, own_id: int | None) -> dict[str, str]:
    text = check.text_of(Tag.__table__.columns["name"], name)
    if not text or "," in text:  # a comma separates tags wherever they are typed
        raise Invalid("name", "missing" if not text else "comma_in_tag")
    word = word_of(text)
    other = session.scalar(select(Tag.id).where(Tag.word == word))
    if other is not None and other != own_id:
        raise Conflict("taken", field="name")
    return {"name": text, "word": word}


def _require(session: Session, tag_id: int) -> Tag:
    tag = session.get(Tag, tag_id)
    if tag is None:
        raise NotFound("tag")
    return tag
