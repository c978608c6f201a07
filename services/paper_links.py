"""The link to a paper: a token that can be found, taken back and given anew."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import update

from billing.errors import AlreadyDone, NotAllowed
from models import Customer, Paper
from services import activities, clock
from services.actor import Actor
from services.papers import PaperRef, customer_of, find, get, new_token
from services.unit import write


def find_by_token(token: str) -> PaperRef | None:
    """Whose link this is; None for an unknown and for a revoked one, so that nobody can tell them apart."""
    found = find(Paper.token == token) if 20 <= len(token) <= 64 else None
    return None if found is None or found.revoked else found


def link(token: str) -> str:
    """The address that opens the paper without login; always of the configured BASE_URL (S18)."""
    return f"{current_app.config['KONTOR'].base_url}/download/{token}"


def revoke_link(actor: Actor, paper_id: int) -> None:
    """From now on the link opens nothing. AlreadyDone when it was revoked before."""
    with write() as session:
        if get(paper_id).revoked:
            raise AlreadyDone("link_revoked")
        session.execute(update(Paper).where(Paper.id == paper_id).values(token_revoked_at=clock.instant()))
        activities.record(actor, "paper.link_revoked", "paper", paper_id, customer_id=customer_of(session, paper_id))


def renew_link(actor: Actor, paper_id: int) -> str:
    """A new link; the old one opens nothing any more. Gives the new token. Raises NotAllowed("erased") where access
    ended with the record (DSG-2)."""
    token = new_token()
    with write() as session:
        get(paper_id)
        if session.get_one(Customer, customer_of(session, paper_id)).erased_at is not None:
            raise NotAllowed("erased", field="customer_id")
        values = {"token": token, "token_revoked_at": None}
        session.execute(update(Paper).where(Paper.id == paper_id).values(**values))
        activities.record(actor, "paper.link_renewed", "paper", paper_id, customer_id=customer_of(session, paper_id))
    return token
