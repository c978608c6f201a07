"""Trying again, issuing open, releasing: what people and the timetable do with documents that are charged first."""

from __future__ import annotations

from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing import states
from billing.collecting import chosen
from billing.errors import AlreadyDone, NotAllowed, NotFound
from billing.money import Money
from extensions import db
from models import Collection, Customer, Invoice, InvoiceLine, PaymentAttempt, PaymentMethod, Subscription
from services import activities, claims, clock, collecting, discount_uses, due_marks, payment_letters, usage
from services.actor import SYSTEM, Actor
from services.attempt_rows import UNDER_WAY, new_attempt
from services.customers import lock_survivor
from services.frozen_issue import bill_claims, order_of
from services.kept_methods import kept_methods
from services.payment_rows import lock
from services.unit import write


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
        collection = _take(session, invoice_id)
        if collection.state not in ("open", "given_up" if early else "open") or _is_tried(session, invoice_id):
            return None
        if not early and (collection.next_try_on is None or collection.next_try_on > clock.today()):
            return None
        asked = _asked(session, invoice_id)
        if asked.cents <= 0:
            collecting.issue_settled(session, actor, collection)
            return None
        method = _usable(session, invoice_id)
        if method is None:
            if not early:
                _without_method(session, collection)
            return None
        if collection.state == "given_up":
            _begin_anew(session, collection)
        collection.tries, collection.next_try_on, collection.reason = collection.tries + 1, None, ""
        attempt = new_attempt(session, "issue", collection.customer_id, invoice_id, method, asked)
        activities.record(actor, "payment.tried_again", "invoice", invoice_id, customer_id=collection.customer_id)
        return attempt.id


def try_now(actor: Actor, invoice_id: int, after: int | None = None) -> int | None:
    """A person does not wait for the day; gives the attempt's id, or None where paid credit settled it meanwhile.

    `after`: the number of the newest attempt that the person saw; a newer one means that the button was pressed twice.
    Raises NotFound, AlreadyDone("tried_meanwhile"), NotAllowed("attempt_under_way"), NotAllowed("wrong_state") for what
    is not collected any more, and NotAllowed("no_method") where nothing can be charged.
    """
    with write() as session:
        collection = _take(session, invoice_id)
        _refuse_while_tried(session, invoice_id)
        _refuse_twice(session, invoice_id, after)
        if collection.state not in ("open", "given_up"):
            raise NotAllowed("wrong_state", machine="collection", state=collection.state, action="try_again")
        made = try_again(invoice_id, actor, early=True)
        if made is None and collection.state != "done":
            raise NotAllowed("no_method")
        return made


def can_collect(invoice_id: int) -> bool:
    """Whether what is open of an issued invoice could be tried now: a kept method, and nobody tries. For screens."""
    session = cast(Session, db.session())
    return not _is_tried(session, invoice_id) and _usable(session, invoice_id) is not None


def try_all_of(customer_id: int) -> list[int]:
    """A method was just kept: whatever of this customer waits for one is tried at once, also what was given up and
    nobody has decided about: the mail about it promised so. Gives the attempts' ids."""
    query = select(Collection.invoice_id).join(Customer, Customer.id == Collection.customer_id)
    waiting = query.where(Customer.survivor_id == customer_id, Collection.state.in_(("open", "given_up")))
    found = [try_again(invoice_id, early=True) for invoice_id in list(db.session.scalars(waiting))]
    return [each for each in found if each is not None]


def issue_open(actor: Actor, invoice_id: int) -> str:
    """Issue a document that was given up, unpaid: from there on it is reminded of. Gives its number (D-2).

    Raises NotFound, NotAllowed("wrong_state") and NotAllowed("attempt_under_way").
    """
    with write() as session:
        collection = _take(session, invoice_id)
        _refuse_while_tried(session, invoice_id)
        return collecting.issue_open(session, actor, collection)


def release(actor: Actor, invoice_id: int) -> None:
    """Free the periods of a document that was given up, so that the next run bills them again. Raises as
    `issue_open`."""
    with write() as session:
        collection = _take(session, invoice_id)
        _refuse_while_tried(session, invoice_id)
        collecting.end(collection, "release", collection.reason)
        lines = session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id)).all()
        claims.release(session, [line.claim_id for line in lines if line.claim_id is not None])
        used = usage.release(session, [line.id for line in lines])
        discount_uses.give_back(session, invoice_id)
        for subscription_id in sorted(used | {line.subscription_id for line in lines if line.subscription_id}):
            due_marks.renew_mark(subscription_id)
        activities.record(actor, "collection.released", "invoice", invoice_id, customer_id=collection.customer_id)


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
        _refuse_while_tried(session, row.invoice_id)
        _refuse_twice(session, row.invoice_id, after)
        method = _usable(session, row.invoice_id)
        if method is None:
            raise NotAllowed("no_method")
        attempt = new_attempt(session, "collect", row.customer_id, row.invoice_id, method,
                              Money(row.open_cents, row.currency_code))  # fmt: skip
        activities.record(actor, "payment.tried_again", "invoice", row.invoice_id, customer_id=row.customer_id,
                          number=collecting.number_of(session, row.invoice_id))  # fmt: skip
        return attempt.id


def _take(session: Session, invoice_id: int) -> Collection:
    """The customer first, as everybody does, then the document's collection."""
    found = session.scalar(select(Collection.customer_id).where(Collection.invoice_id == invoice_id))
    if found is None:
        raise NotFound("collection", field="invoice_id")
    lock_survivor(session, found)
    return session.get_one(Collection, invoice_id, with_for_update=True, populate_existing=True)


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


def _is_tried(session: Session, invoice_id: int) -> bool:
    under_way = select(PaymentAttempt.id).where(
        PaymentAttempt.invoice_id == invoice_id, PaymentAttempt.state.in_(UNDER_WAY)
    )
    return session.scalar(under_way.limit(1)) is not None


def _refuse_while_tried(session: Session, invoice_id: int) -> None:
    """Unknown blocks: nobody asks for the money in another way while a provider may have taken it (EB-51)."""
    if _is_tried(session, invoice_id):
        raise NotAllowed("attempt_under_way", field="invoice_id")


def _refuse_twice(session: Session, invoice_id: int, after: int | None) -> None:
    """A double click asks a card once: the first press may have been declined before the second arrives (F1)."""
    newest = select(func.coalesce(func.max(PaymentAttempt.number), 0)).where(PaymentAttempt.invoice_id == invoice_id)
    if after is not None and session.scalar(newest) != after:
        raise AlreadyDone("tried_meanwhile")


def _usable(session: Session, invoice_id: int) -> PaymentMethod | None:
    """The method that would be charged today: of the contract, or of the (surviving) customer."""
    invoice = session.get_one(Invoice, invoice_id)
    payer = session.get_one(Customer, session.get_one(Customer, invoice.customer_id).survivor_id or invoice.customer_id)
    contract = invoice.subscription_id and _of_contract(session, invoice.subscription_id)
    own_type, own_method = contract or (None, None)
    kept = kept_methods(session, [payer.id]).get(payer.id, [])
    method = chosen(own_type or payer.payment_type, kept, own_method)
    if method is None or not method.gateway or not method.pays(clock.today()):
        return None
    return session.get_one(PaymentMethod, method.id)


def _of_contract(session: Session, subscription_id: int) -> tuple[int | None, int | None]:
    """Payment type and method that a contract has of its own."""
    query = select(Subscription.payment_type, Subscription.payment_method_id).where(Subscription.id == subscription_id)
    row = session.execute(query).one()
    return row.payment_type, row.payment_method_id


def _asked(session: Session, invoice_id: int) -> Money:
    """What the document asks for, less what paid credit will settle of it when it is issued."""
    order = order_of(session, session.get_one(Invoice, invoice_id))
    return Money(order.totals.gross_cents - order.prepaid_cents, order.draft.currency)
