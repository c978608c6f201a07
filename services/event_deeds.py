"""What each kind of a provider's event sets off. Every deed may be done again and in any order (EB-57, EB-58)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from billing.errors import AlreadyDone, KontorError, NotFound
from gateways.base import Charge, Event, Gateway
from services import attempt_answers, attempts, chargeback_news, method_days, method_setups, providers, refund_calls

Deed = Callable[[str, Event], bool]


class NotYet(KontorError):
    """What the event is about has not been written down here yet, or belongs to nobody here: it waits (EB-58)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)


def done(gateway: str, event: Event) -> bool:
    """Do what the event asks for; False where it is about nothing of ours.

    Raises NotYet, Unanswered where the provider gave no answer, Refused, and KontorError for what cannot be booked.
    """
    deed = _DEEDS.get(event.kind)
    if deed is None:
        return False
    try:
        return deed(gateway, event)
    except AlreadyDone:
        return True
    except NotFound as unknown:
        raise NotYet(unknown.code) from None


def _charge(name: str, event: Event) -> bool:
    """A charge moved: read it, and let its attempt follow."""
    gateway = providers.gateway_of(name)
    charge = gateway.fetch(event.object_id) if gateway.traits.reads else event.charge
    if charge is None:
        return not gateway.traits.reads  # told only that something did not happen; or the provider knows none of it
    attempt_id = attempts.hear(name, charge.id, charge.key or event.key)
    if attempt_id is None:
        if gateway.traits.reads:  # ours is always written down before a provider hears of it
            return False
        raise NotYet("unknown_charge")  # what carries no key of ours may come before the answer that has its id
    _follow(gateway, event, attempt_id, charge)
    return True


def _follow(gateway: Gateway, event: Event, attempt_id: int, charge: Charge) -> None:
    """The attempt first; then what was paid and is taken back: a debit that the bank returned, a chargeback."""
    was, name = attempts.state_of(attempt_id), gateway.traits.name
    attempt_answers.settle(attempt_id, charge)
    if was == "accepted" and charge.status in ("declined", "cancelled"):
        chargeback_news.returned(name, charge, event.fee_cents)
    elif charge.charged_back_cents and not gateway.traits.tells_chargebacks:
        chargeback_news.follow(name, charge)


def _refund(name: str, event: Event) -> bool:
    return refund_calls.take_event(name, event)


def _chargeback(name: str, event: Event) -> bool:
    chargeback_news.take_event(name, event)
    return True


def _setup(name: str, event: Event) -> bool:
    """A customer was on the provider's page: read what became of it. What is still open is looked at again."""
    state = method_setups.hear_setup(name, event.object_id, event.facts.get("reference", ""))
    if state == "pending":
        raise NotYet("setup_open")
    return state is not None


def _method_updated(name: str, event: Event) -> bool:
    method_days.hear_update(name, event.object_id, event.facts)
    return True


_DEEDS: Mapping[str, Deed] = {
    "charge": _charge,
    "refund": _refund,
    "chargeback": _chargeback,
    "chargeback_reversed": _chargeback,
    "setup": _setup,
    "method_updated": _method_updated,
}
