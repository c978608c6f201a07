"""One day's collecting, here and now: what a simulated day must not leave to the queue (X-13)."""

from __future__ import annotations

from services import attempts, charging, gateway_events, sandbox_post

MOST = 10_000


def follow_all() -> None:
    """Try whatever is due, carry on every attempt whose next look has come, and work on what the providers told."""
    for invoice_id in charging.due(MOST):
        charging.try_again(invoice_id)
    for attempt_id in attempts.waiting(MOST):
        attempts.carry_on(attempt_id)
    sandbox_post.deliver()
    for event_id in gateway_events.waiting(MOST):
        gateway_events.take(event_id)
