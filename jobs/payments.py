"""Attempts and refunds on their way to providers, and the tries of the day."""

from __future__ import annotations

from jobs import job
from services import attempts, charging, gateway_events, method_days, method_removal, refund_calls, sandbox_post


@job("money")
def charge(attempt_id: int) -> None:
    attempts.carry_on(attempt_id)


@job("money")
def try_again(invoice_id: int) -> None:
    charging.try_again(invoice_id)


@job("money")
def take_event(event_id: int) -> None:
    gateway_events.take(event_id)


@job("money")
def deliver_sandbox_events() -> None:
    sandbox_post.deliver()


@job("money")
def refund(refund_id: int) -> None:
    refund_calls.carry_on(refund_id)


@job("money")
def forget(method_id: int) -> None:
    method_removal.forget(method_id)


@job("money")
def follow_methods() -> None:
    method_days.follow_all()
