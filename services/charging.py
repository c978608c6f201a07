"""Trying to collect: what the timetable, a person or a method that was just kept sets off for a document.

One attempt at a time; providers are asked elsewhere (services/attempts.py), and what they answer is done by
services/collecting.py. What was given up is decided in services/given_up_documents.py.
"""

from __future__ import annotations

from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing import states
from billing.errors import AlreadyDone, NotAllowed
from billing.money import Money
from extensions import db
from models import Collection, Customer, PaymentAttempt, PaymentMethod
from services import activities, clock, collecting, payment_letters
from services.actor import SYSTEM, Actor
from services.attempt_rows import UNDER_WAY, new_attempt
from services.collection_rows import asked_of, is_tried, refuse_twice, refuse_while_tried, take
from services.frozen_issue import bill_claims
from services.payment_rows import lock
from services.unit import write
from services.usable_methods import usable_method


def due(limit: int) -> list[int]:
    """Documents whose next try has come and that nobody tries at the moment."""
    trying = select(PaymentAttempt.invoice_id).where(PaymentAttempt.state.in_(UNDER_WAY))
    query = select(Collection.invoice_id).where(
        Collection.state == "open", Collection.next_try_on <= clock.today(), Collection.invoice_id.not_in(trying)
    )
    return list(db.session.scalars(query.order_by(Collection.next_try_on, Collection.invoice_id).limit(limit)))


def try_again(invoice_id: int, actor: Actor = SYSTEM, *, early: bool = False) -> int | None:
    """Make the next attempt of a document that awaits its payment; gives its id, or None where nothing can be charged
    now. `early`: a person, or a method that was just kept, does not wait for the day.

    Where paid credit settles all of it meanwhile there is nothing to charge: it is issued. Without a usable method the
    customer was told; the schedule goes on, and ends in giving up.
    """
    with write() as session:
        collection = take(session, invoice_id)
        if not _is_its_time(session, collection, early):
            return None
        asked = asked_of(session, invoice_id)
        if asked.cents <= 0:
            collecting.issue_settled(session, actor, collection)
            return None
        method = usable_method(session, invoice_id, even_held=actor.kind == "staff")
        if method is not None:
            return _attempt(session, actor, collection, method, asked)
        if not early:
            _without_method(session, collection)
        return None


def try_now(actor: Actor, invoice_id: int, after: int | None = None) -> int | None:
    """A person does not wait for the day; gives the attempt's id, or None where paid credit settled it meanwhile.

    `after`: the number of the newest attempt that the person saw; a newer one means that the button was pressed twice.
    Raises NotFound, AlreadyDone("tried_meanwhile"), NotAllowed("attempt_under_way"), NotAllowed("wrong_state") for what
    is not collected any more, and NotAllowed("no_method") where nothing can be charged.
    """
    with write() as session:
        collection = take(session, invoice_id)
        refuse_while_tried(session, invoice_id)
        refuse_twice(session, invoice_id, after)
        if collection.state not in ("open", "given_up"):
            raise NotAllowed("wrong_state", machine="collection", state=collection.state, action="try_again")
        made = try_again(invoice_id, actor, early=True)
        if made is None and collection.state != "done":
            raise NotAllowed("no_method")
        return made


def can_collect(invoice_id: int) -> bool:
    """Whether what is open of an issued invoice could be tried now: a kept method, and nobody tries. For screens."""
    session = cast(Session, db.session())
    return not is_tried(session, invoice_id) and usable_method(session, invoice_id, even_held=True) is not None


def try_all_of(customer_id: int) -> list[int]:
    """A method was just kept: whatever of this customer waits for one is tried at once, also what was given up and
    nobody has decided about: the mail about it promised so. Gives the attempts' ids."""
    query = select(Collection.invoice_id).join(Customer, Customer.id == Collection.customer_id)
    waiting = query.where(Customer.survivor_id == customer_id, Collection.state.in_(("open", "given_up")))
    found = [try_again(invoice_id, early=True) for invoice_id in list(db.session.scalars(waiting))]
    return [each for each in found if each is not None]


def collect_again(actor: Actor, receivable_id: int, after: int | None = None) -> int:
    """Try to collect what is open of an issued invoice by the customer's kept method; gives the attempt's id.

    `after` as in `try_now`. Raises NotFound, AlreadyDone("settled", "tried_meanwhile"),
    NotAllowed("attempt_under_way") and NotAllowed("no_method").
    """
    with write() as session:
        row = lock(session, [receivable_id])[receivable_id]
        if row.open_cents <= 0:
            raise AlreadyDone("settled")
        if row.invoice_id is None:
            raise NotAllowed("no_method")
        refuse_while_tried(session, row.invoice_id)
        refuse_twice(session, row.invoice_id, after)
        method = usable_method(session, row.invoice_id, even_held=actor.kind == "staff")
        if method is None:
            raise NotAllowed("no_method")
        attempt = new_attempt(session, "collect", row.customer_id, row.invoice_id, method,
                              Money(row.open_cents, row.currency_code))  # fmt: skip
        activities.record(actor, "payment.tried_again", "invoice", row.invoice_id, customer_id=row.customer_id,
                          number=collecting.number_of(session, row.invoice_id))  # fmt: skip
        return attempt.id


def _is_its_time(session: Session, collection: Collection, early: bool) -> bool:
    """Whether it may be tried now: by itself on its day, by a person any day and also when it was given up."""
    if is_tried(session, collection.invoice_id):
        return False
    if early:
        return collection.state in ("open", "given_up")
    day = collection.next_try_on
    return collection.state == "open" and day is not None and day <= clock.today()


def _attempt(
    session: Session, actor: Actor, collection: Collection, method: PaymentMethod, asked: Money
) -> int:  # fmt: skip
    if collection.state == "given_up":
        _begin_anew(session, collection)
    collection.tries, collection.next_try_on, collection.reason = collection.tries + 1, None, ""
    attempt = new_attempt(session, "issue", collection.customer_id, collection.invoice_id, method, asked)
    activities.record(actor, "payment.tried_again", "invoice", collection.invoice_id,
                      customer_id=collection.customer_id)  # fmt: skip
    return attempt.id


def _begin_anew(session: Session, collection: Collection) -> None:
    """Given up, and a person tries once more: its periods are reserved again."""
    collection.state = states.move("collection", collection.state, "try_again")
    collection.ended_at = None
    bill_claims(session, collection.invoice_id, "reserved")


def _without_method(session: Session, collection: Collection) -> None:
    payment_letters.tell_no_method(session, collection)
    activities.record(SYSTEM, "payment.method_missing", "invoice", collection.invoice_id,
                      customer_id=collection.customer_id, reason=collecting.in_words(collection.reason))  # fmt: skip
    collection.tries += 1
    collecting.look_ahead(session, collection, "soft")
