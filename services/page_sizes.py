"""How many rows a person likes on a page of a list, remembered. A habit, not a deed: it leaves no activity."""

from __future__ import annotations

from sqlalchemy import update

from billing.errors import Invalid
from models import Staff
from services.actor import Actor
from services.unit import write

PAGE_SIZES = (20, 50, 100)


def choose_page_size(actor: Actor, size: int) -> None:
    """The person's own. Raises Invalid("size", "not_a_choice")."""
    if size not in PAGE_SIZES:
        raise Invalid("size", "not_a_choice")
    with write() as session:
        session.execute(update(Staff).where(Staff.id == actor.id).values(page_size=size))
