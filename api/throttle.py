"""How often one may call: 500 calls a minute and user, and few wrong keys (S23).

The limits sit on plain functions that the endpoint calls once it knows who calls: counted before that, a stranger
could use up the calls of any user whose address he knows.
"""

from __future__ import annotations

from flask import g, request

from extensions import limiter

CALLS = "500/minute"
RETRY_AFTER = 60  # seconds: both limits begin anew with each minute
WRONG_KEYS = "30/minute"


@limiter.limit(CALLS, key_func=lambda: f"api:{g.api_user}", scope="calls")
def count_call() -> None:
    """Count a call of `g.api_user`. Raises RateLimitExceeded."""


@limiter.limit(
    WRONG_KEYS, key_func=lambda: f"{request.remote_addr}:{g.api_user}", scope="keys", cost=lambda: int(g.api_cost)
)
def _count_wrong_key() -> None:
    """Count `g.api_cost` wrong keys of this sender for `g.api_user`."""


def refuse_guessers(user: str) -> None:
    """Raises RateLimitExceeded where too many wrong keys came from this address for this user."""
    g.api_user, g.api_cost = user, 0
    _count_wrong_key()


def count_wrong_key(user: str) -> None:
    """Count a wrong key; raises RateLimitExceeded with the first one too many."""
    g.api_user, g.api_cost = user, 1
    _count_wrong_key()
