"""States as a table: (state, action) -> state; what is not in it is not allowed. Overdue is computed, not kept."""

from __future__ import annotations

from collections.abc import Mapping

from billing.errors import Invalid, NotAllowed

Machine = Mapping[tuple[str, str], str]

# A contract's state follows its dates (billing.contracts.state_on); this says what can be done in each. "change" is
# another product, quantity or add-on and the billing day, "postpone" the day of one collection.
SUBSCRIPTION: Machine = {
    ("trial", "start"): "active",  # the trial is over
    ("trial", "change"): "trial",
    ("trial", "postpone"): "trial",
    ("trial", "cancel"): "cancelled",
    ("trial", "close"): "closed",
    ("trial", "deactivate"): "deactivated",
    ("active", "change"): "active",
    ("active", "postpone"): "active",
    ("active", "pause"): "paused",
    ("active", "resume"): "active",  # a pause that has not begun is withdrawn
    ("active", "cancel"): "cancelled",
    ("active", "close"): "closed",  # its number of events is used up
    ("active", "deactivate"): "deactivated",
    ("paused", "resume"): "active",
    ("paused", "cancel"): "cancelled",
    ("paused", "close"): "closed",
    ("paused", "deactivate"): "deactivated",
    ("cancelled", "postpone"): "cancelled",
    ("cancelled", "resume"): "cancelled",
    ("cancelled", "reactivate"): "active",  # the notice is withdrawn before the last day
    ("cancelled", "close"): "closed",  # the last day is over and billed
    ("cancelled", "deactivate"): "deactivated",
    ("deactivated", "activate"): "active",
    ("deactivated", "cancel"): "deactivated",  # cancelling always works (D-12)
    ("deactivated", "reactivate"): "deactivated",
    ("deactivated", "close"): "closed",
}
CUSTOMER: Machine = {
    ("active", "block"): "blocked",
    ("active", "deactivate"): "deactivated",
    ("blocked", "activate"): "active",
    ("blocked", "deactivate"): "deactivated",
    ("deactivated", "activate"): "active",
    ("deactivated", "block"): "blocked",
}
INVOICE: Machine = {
    ("draft", "await_payment"): "awaiting_payment",  # charge first: frozen and claimed, the attempt is under way
    ("draft", "issue"): "issued",
    ("awaiting_payment", "issue"): "issued",  # paid, or issued open after all; what is given up stays (Collection)
}
PAPER: Machine = {
    ("pending", "draw"): "drawn",
    ("pending", "fail"): "failed",
    ("failed", "retry"): "pending",
    ("failed", "draw"): "drawn",
}
MESSAGE: Machine = {
    ("pending", "send"): "sent",
    ("pending", "fail"): "failed",
    ("pending", "stop"): "stopped",
    ("failed", "retry"): "pending",
    ("failed", "stop"): "stopped",
}
# Charge first: the collecting of one document (models/attempts.py).
COLLECTION: Machine = {
    ("open", "finish"): "done",
    ("open", "give_up"): "given_up",  # finally declined: listed with both buttons (D-2)
    ("open", "issue_open"): "issued_open",
    ("given_up", "issue_open"): "issued_open",
    ("given_up", "release"): "released",
    ("given_up", "try_again"): "open",
    ("given_up", "finish"): "done",  # the provider's news came late: it was paid after all
}
ATTEMPT: Machine = {
    ("planned", "prepare"): "prepared",
    ("planned", "send"): "sent",  # a provider that makes nothing beforehand
    ("planned", "decline"): "declined",
    ("planned", "cancel"): "cancelled",
    ("prepared", "send"): "sent",
    ("prepared", "cancel"): "cancelled",
    **{
        (before, action): after
        for before in ("prepared", "sent", "unknown", "needs_action")
        for action, after in (
            ("accept", "accepted"), ("decline", "declined"), ("lose", "unknown"), ("ask", "needs_action"),
            ("cancel", "cancelled"),
        )
    },
    ("declined", "accept"): "accepted",  # news in another order: what the provider says last is true
    ("cancelled", "accept"): "accepted",
}  # fmt: skip
REFUND: Machine = {
    ("waiting", "approve"): "approved",
    ("waiting", "withdraw"): "withdrawn",
    ("ordered", "send"): "sent",
    ("approved", "send"): "sent",
    ("ordered", "withdraw"): "withdrawn",
    ("approved", "withdraw"): "withdrawn",
    **{
        (before, action): after
        for before in ("sent", "unknown", "pending")
        for action, after in (
            ("succeed", "succeeded"), ("fail", "failed"), ("lose", "unknown"), ("wait", "pending"),
        )
    },
    ("ordered", "succeed"): "succeeded",  # a transfer that a person sent
    ("approved", "succeed"): "succeeded",
    ("succeeded", "fail"): "failed",  # it came back from the bank
    ("succeeded", "take_sent_back"): "ordered",  # a transfer that was noted as sent by mistake
}  # fmt: skip
MACHINES: Mapping[str, Machine] = {
    "subscription": SUBSCRIPTION,
    "customer": CUSTOMER,
    "invoice": INVOICE,
    "paper": PAPER,
    "message": MESSAGE,
    "collection": COLLECTION,
    "attempt": ATTEMPT,
    "refund": REFUND,
}


def move(machine: str, state: str, action: str) -> str:
    """The state after the action. Raises NotAllowed with machine, state and action as facts."""
    after = _table(machine).get((state, action))
    if after is None:
        raise NotAllowed("wrong_state", machine=machine, state=state, action=action)
    return after


def states(machine: str) -> frozenset[str]:
    """Every state the machine knows: what a CHECK constraint lists."""
    table = _table(machine)
    return frozenset(state for state, _ in table) | frozenset(table.values())


def actions(machine: str, state: str) -> tuple[str, ...]:
    """What can be done in this state: which buttons a screen shows."""
    return tuple(action for before, action in _table(machine) if before == state)


def _table(machine: str) -> Machine:
    try:
        return MACHINES[machine]
    except KeyError:
        raise Invalid("machine", "unknown_machine", machine=machine) from None
