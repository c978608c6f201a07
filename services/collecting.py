"""What a provider's answer does to a document that is charged: paid and issued, tried again later, or given up.

Everything here runs under the customer's lock inside one transaction; providers are asked elsewhere
(services/attempts.py). Accepted issues and books at once; a later failure is a returned payment (DESIGN section 3).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing import collecting, states
from billing.errors import AlreadyDone, Invalid, NotAllowed
from billing.money import Money
from gateways.base import Charge
from models import Collection, Invoice, InvoiceLine, Payment, PaymentAttempt, PaymentMethod, Receivable
from services import activities, clock, contract_ends, contract_pauses, payment_letters, payments
from services.actor import SYSTEM, Actor
from services.frozen_issue import bill_claims, issue_frozen
from services.payment_rows import lock
from services.payment_settings import payment_settings
from services.payments import Receipt

CLOSED = "Einzug aufgegeben"  # the reason that stands at a contract which was closed for it


def accept(session: Session, attempt: PaymentAttempt, charge: Charge) -> None:
    """The money was captured, or a debit taken in: the document is issued where it waited for that, and paid.

    What the provider says it took is what is booked. Told twice it is booked once (L5, EB-55).
    """
    if _booked(session, attempt.gateway, charge.id):
        return
    _issue_awaited(session, attempt.invoice_id)
    payment = _book(session, attempt, charge)
    activities.record(
        SYSTEM, "payment.collected", "payment", payment.id, customer_id=attempt.customer_id,
        amount_cents=charge.cents, currency=payment.currency_code, gateway=attempt.gateway,
        number=number_of(session, attempt.invoice_id), wrong_amount=charge.cents != attempt.amount_cents,
    )  # fmt: skip


def _issue_awaited(session: Session, invoice_id: int) -> None:
    collection = session.get(Collection, invoice_id)
    if collection is not None and collection.state in ("open", "given_up"):
        issue_frozen(session, SYSTEM, invoice_id, clock.today())
        end(collection, "finish", "")


def _book(session: Session, attempt: PaymentAttempt, charge: Charge) -> Payment:
    """At the document; where its periods were released meanwhile, the money is the customer's credit."""
    receipt = Receipt(Money(charge.cents, charge.currency.upper()), clock.today(), _method_kind(session, attempt),
                      surplus=True, gateway=attempt.gateway)  # fmt: skip
    links = {"gateway": attempt.gateway, "provider_id": charge.id}
    owed = _receivable(session, attempt.invoice_id)
    if owed is None:
        return payments.enter_credit(session, attempt.customer_id, receipt, clock.today(), **links)
    payment, _ = payments.settle(session, lock(session, [owed])[owed], receipt, clock.today(), **links)
    return payment


def decline(session: Session, attempt: PaymentAttempt) -> None:
    """Nothing moved: the customer is told with the link to change their payment data, and the next day is set."""
    number = number_of(session, attempt.invoice_id)
    activities.record(
        SYSTEM, "payment.declined", "invoice", attempt.invoice_id, customer_id=attempt.customer_id,
        amount_cents=attempt.amount_cents, currency=attempt.currency_code, gateway=attempt.gateway,
        provider_said=in_words(attempt.decline_code), decline_kind=attempt.decline_kind, number=number,
    )  # fmt: skip
    payment_letters.tell_declined(session, attempt)
    collection = session.get(Collection, attempt.invoice_id)
    if collection is None or collection.state != "open":
        return
    collection.reason = attempt.decline_code or attempt.decline_kind
    look_ahead(session, collection, attempt.decline_kind)


def look_ahead(session: Session, collection: Collection, kind: str) -> None:
    """Set the day of the next try by the kind of the decline, or give up."""
    rules = payment_settings()
    first = clock.berlin(collection.created_at).date()
    collection.next_try_on = collecting.next_try(kind, first, clock.today(), rules.retry_days)
    if collection.next_try_on is None:
        _give_up(session, collection)


def _give_up(session: Session, collection: Collection) -> None:
    """Nobody tries any more: as the house decided, an open invoice for dunning, or none at all (D-2)."""
    rules = payment_settings()
    if rules.on_declined == "issue_open":
        issue_open(session, SYSTEM, collection)
        return
    end(collection, "give_up", collection.reason)
    bill_claims(session, collection.invoice_id, "given_up")
    activities.record(SYSTEM, "collection.given_up", "invoice", collection.invoice_id,
                      customer_id=collection.customer_id, reason=in_words(collection.reason))  # fmt: skip
    for subscription_id in _contracts(session, collection.invoice_id):
        _after_giving_up(session, rules.after_giving_up, subscription_id)


def _after_giving_up(session: Session, what: str, subscription_id: int) -> None:
    """What the house decided for the contract; one that cannot be paused or closed any more stays wholly as it is."""
    try:
        with session.begin_nested():
            if what == "pause":
                contract_pauses.pause(SYSTEM, subscription_id)
            elif what == "close":
                contract_ends.cancel(SYSTEM, subscription_id, clock.today(), CLOSED, extraordinary=True)
    except (NotAllowed, AlreadyDone, Invalid):
        return


def issue_open(session: Session, actor: Actor, collection: Collection) -> str:
    """Issue the frozen document unpaid; gives its number."""
    end(collection, "issue_open", collection.reason)
    issued = issue_frozen(session, actor, collection.invoice_id, clock.today())
    activities.record(actor, "collection.issued_open", "invoice", issued.id, customer_id=collection.customer_id,
                      number=issued.number, reason=in_words(collection.reason))  # fmt: skip
    return str(issued.number)


def issue_settled(session: Session, actor: Actor, collection: Collection) -> None:
    """Issue the frozen document, of which paid credit leaves nothing to charge."""
    end(collection, "finish", "")
    issued = issue_frozen(session, actor, collection.invoice_id, clock.today())
    activities.record(actor, "collection.settled", "invoice", issued.id, customer_id=collection.customer_id,
                      number=issued.number)  # fmt: skip


def end(collection: Collection, action: str, reason: str) -> None:
    """Move it to its end and forget the next try."""
    collection.state = states.move("collection", collection.state, action)
    collection.reason, collection.next_try_on, collection.ended_at = reason, None, clock.instant()


def _booked(session: Session, gateway: str, charge_id: str) -> bool:
    mine = (Payment.gateway == gateway, Payment.provider_id == charge_id)
    return session.scalar(select(Payment.id).where(*mine)) is not None


def _receivable(session: Session, invoice_id: int) -> int | None:
    found: int | None = session.scalar(select(Receivable.id).where(Receivable.invoice_id == invoice_id))
    return found


def _method_kind(session: Session, attempt: PaymentAttempt) -> str:
    return str(session.get_one(PaymentMethod, attempt.method_id).kind)


def number_of(session: Session, invoice_id: int) -> str:
    """The number of a document, empty while it has none."""
    return session.scalar(select(Invoice.number).where(Invoice.id == invoice_id)) or ""


def _contracts(session: Session, invoice_id: int) -> Sequence[int]:
    query = select(InvoiceLine.subscription_id).where(
        InvoiceLine.invoice_id == invoice_id, InvoiceLine.subscription_id.is_not(None)
    )
    return [each for each in session.scalars(query.distinct().order_by(InvoiceLine.subscription_id)) if each]


OWN_REASONS = ("no_method", "expired", "held")  # told by the screens; the others are the provider's own words


def in_words(reason: str) -> str:
    """A reason as activities keep it."""
    return reason if reason in OWN_REASONS else reason.replace("_", " ")
