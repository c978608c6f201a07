"""What a person decides about a document whose payment was given up: issued open, or freed to be billed again (D-2)."""

from __future__ import annotations

from sqlalchemy import select

from models import InvoiceLine
from services import activities, claims, collecting, discount_uses, due_marks, usage
from services.actor import Actor
from services.collection_rows import refuse_while_tried, take
from services.unit import write


def issue_open(actor: Actor, invoice_id: int) -> str:
    """Issue a document that was given up, unpaid: from there on it is reminded of. Gives its number (D-2).

    Raises NotFound, NotAllowed("wrong_state") and NotAllowed("attempt_under_way").
    """
    with write() as session:
        collection = take(session, invoice_id)
        refuse_while_tried(session, invoice_id)
        return collecting.issue_open(session, actor, collection)


def release(actor: Actor, invoice_id: int) -> None:
    """Free the periods of a document that was given up, so that the next run bills them again. Raises as
    `issue_open`."""
    with write() as session:
        collection = take(session, invoice_id)
        refuse_while_tried(session, invoice_id)
        collecting.end(collection, "release", collection.reason)
        lines = session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id)).all()
        claims.release(session, [line.claim_id for line in lines if line.claim_id is not None])
        used = usage.release(session, [line.id for line in lines])
        discount_uses.give_back(session, invoice_id)
        for subscription_id in sorted(used | {line.subscription_id for line in lines if line.subscription_id}):
            due_marks.renew_mark(subscription_id)
        activities.record(actor, "collection.released", "invoice", invoice_id, customer_id=collection.customer_id)
