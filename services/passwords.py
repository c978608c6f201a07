"""Passwords of staff and of customers: how long they are, how they are kept, whether one fits (S4, S5)."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from billing.errors import Invalid

_hasher = PasswordHasher()
SHORTEST = 10
LONGEST = 200


def hashed(password: str) -> str:
    """What the database keeps. Raises Invalid("password", "password_length")."""
    check(password)
    return _hasher.hash(password)


def check(password: str) -> None:
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid("password", code="password_length", shortest=SHORTEST)


def fits(password_hash: str | None, password: str) -> bool:
    """Whether it is that password; where there is none, the answer takes as long (S4)."""
    try:
        right = _hasher.verify(password_hash or _nobody(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return right and password_hash is not None


@cache
def _nobody() -> str:
    """An unknown address costs the same time as a wrong password (S4)."""
    return _hasher.hash("nobody")
