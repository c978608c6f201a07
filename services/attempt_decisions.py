"""What only a person can resolve: no answer came, the key holds no longer, and no event told of it (EB-51)."""

from __future__ import annotations

from billing.errors import Invalid, NotAllowed
from billing.unseen import as_read
from gateways.base import Charge
from models import PaymentAttempt
from services import activities, attempt_answers, attempts
from services.actor import Actor
from services.attempt_rows import locked
from services.unit import write

NOT_TAKEN = "decided"  # the code of an attempt that a person looked up: no money was taken


def decide(actor: Actor, attempt_id: int, *, went: bool, provider_id: str = "") -> str:
    """A person looked at the provider's own pages: the money was taken, or it was not. Gives the attempt's state.

    `provider_id` names the charge there, where we have no name of it. Raises NotFound, NotAllowed("wrong_state") for an
    attempt that is not unknown, Invalid("provider_id") without a name.
    """
    with write() as session:
        row = locked(session, attempt_id)
        if row.state != "unknown":
            raise NotAllowed("wrong_state", machine="attempt", state=row.state, action="decide")
        charge_id = row.provider_id or as_read(provider_id).strip()[:200]
        if went and not charge_id:
            raise Invalid("provider_id", "missing")
        activities.record(actor, "payment.decided", "invoice", row.invoice_id, customer_id=row.customer_id,
                          amount_cents=row.amount_cents, currency=row.currency_code, went=went)  # fmt: skip
        attempt_answers.settle(attempt_id, _as_told(row, charge_id, went))
    return attempts.state_of(attempt_id)


def _as_told(row: PaymentAttempt, charge_id: str, went: bool) -> Charge:
    """What the person saw, as if the provider had answered it."""
    if went:
        return Charge(charge_id, "succeeded", row.amount_cents, row.currency_code)
    return Charge(row.provider_id or "", "declined", 0, row.currency_code, decline_kind="soft", decline_code=NOT_TAKEN)
