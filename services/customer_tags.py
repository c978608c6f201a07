"""One tag more or less on a record, as it is done for many records at once (M1-41)."""

from __future__ import annotations

from billing.errors import AlreadyDone, Invalid
from services import tags
from services.actor import Actor
from services.customers import lock_survivor
from services.unit import write


def put_on(actor: Actor, customer_id: int, name: str) -> None:
    """Give the record the tag of that name; a new one is made. AlreadyDone where it is worn, Invalid("tag") for a name
    that is none, NotFound, NotAllowed("erased")."""
    if not name.strip() or "," in name:  # a comma separates tags wherever they are typed
        raise Invalid("tag", "comma_in_tag" if name.strip() else "missing")
    with write() as session:
        row = lock_survivor(session, customer_id)
        worn = tags.worn_by(session, row.id)
        if tags.word_of(name) in {tags.word_of(each) for each in worn.values()}:
            raise AlreadyDone("tagged")
        tags.set_tags(actor, row.id, [*worn.values(), name])


def take_off(actor: Actor, customer_id: int, tag_id: int) -> None:
    """Take the tag off the record. AlreadyDone where it is not worn, NotFound, NotAllowed("erased")."""
    with write() as session:
        row = lock_survivor(session, customer_id)
        worn = tags.worn_by(session, row.id)
        if tag_id not in worn:
            raise AlreadyDone("not_tagged")
        tags.set_tags(actor, row.id, [name for number, name in worn.items() if number != tag_id])
