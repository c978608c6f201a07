"""When what waits for an answer from outside is looked at again: not while it is in somebody's hands, then after
pauses that grow from look to look, until a person has to decide (F6, EB-51)."""

from __future__ import annotations

from datetime import timedelta

from gateways.base import Gateway, Unanswered
from models import GatewayEvent, PaymentAttempt, Refund
from services import clock

LEASE = timedelta(minutes=2)  # so long nobody else looks at what is in somebody's hands
LONGEST_PAUSE = timedelta(hours=6)
UNRESOLVED = "no_answer"  # only a person can resolve it

Row = PaymentAttempt | Refund | GatewayEvent


def is_due(row: Row) -> bool:
    return row.next_look_at <= clock.real()


def take(row: Row) -> None:
    """It is in our hands for a while."""
    row.next_look_at, row.looks = clock.real() + LEASE, row.looks + 1


def wait(row: Row) -> None:
    """Until its next look: a minute, two, four, up to six hours."""
    pause = timedelta(minutes=2 ** min(row.looks, 10))
    row.next_look_at = clock.real() + min(pause, LONGEST_PAUSE)


def require_same_answer(gateway: Gateway, since_sent: timedelta) -> None:
    """The key may be used again only as long as the provider gives the same answer for it; after that it would move
    money anew. Raises Unanswered(UNRESOLVED)."""
    if since_sent > timedelta(hours=gateway.traits.key_hours):
        raise Unanswered(UNRESOLVED)
