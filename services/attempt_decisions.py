"""What only a person can resolve: no answer came, the key holds no longer, and no event told of it (EB-51)."""

from __future__ import annotations

from sqlalchemy import select

from billing.errors import Invalid, NotAllowed, NotFound
from billing.unseen import as_read
from gateways.base import Charge
from models import Customer, PaymentAttempt
from services import activities, attempt_answers, attempts
from services.actor import Actor
from services.customers import lock_records
from services.unit import write

NOT_TAKEN = "decided"  # the code of an attempt that a person looked up: no money was taken


def decide(actor: Actor, attempt_id: int, *, went: bool, provider_id: str = "") -> str:
    """A person looked at the provider's own pages: the money was taken, or it was not. Gives the attempt's state.

    `provider_id` names the charge there, where we have no name of it. Raises NotFound, NotAllowed("wrong_state") for an
    attempt that is not unknown, Invalid("provider_id") without a name.
    """
    with write() as session:
        owner = select(PaymentAttempt.customer_id).where(PaymentAttempt.id == attempt_id).scalar_subquery()
        lock_records(session, select(Customer.survivor_id).where(Customer.id == owner))
        row = session.get(PaymentAttempt, attempt_id, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFound("attempt")
        if row.state != "unknown":
            raise NotAllowed("wrong_state", machine="attempt", state=row.state, action="decide")
        charge_id = row.provider_id or as_read(provider_id).strip()[:200]
        if went and not charge_id:
            raise Invalid("provider_id", "missing")
        activities.record(actor, "payment.decided", "invoice", row.invoice_id, customer_id=row.customer_id,
                          amount_cents=row.amount_cents, currency=row.currency_code, went=went)  # fmt: skip
        if went:
            charge = Charge(charge_id, "succeeded", row.amount_cents, row.currency_code)
        else:
            charge = Charge(row.provider_id or "", "declined", 0, row.currency_code, decline_kind="soft",
                            decline_code=NOT_TAKEN)  # fmt: skip
        attempt_answers.settle(attempt_id, charge)
    return attempts.state_of(attempt_id)
