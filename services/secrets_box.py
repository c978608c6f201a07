"""Secrets that have to be read again, sealed with a key derived from the installation's SECRET_KEY.

The database alone opens nothing: neither a second factor nor the link of a mail that still waits.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

from billing.errors import NotAllowed


def seal(purpose: str, secret: str) -> str:
    """The secret as it may lie in the database; another purpose has another key."""
    return _box(purpose).encrypt(secret.encode()).decode()


def unseal(purpose: str, sealed: str) -> str:
    """The secret again. NotAllowed("key_changed") where SECRET_KEY is no longer that of the sealing."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise NotAllowed("key_changed") from None


def _box(purpose: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"kontor {purpose}".encode())
    return Fernet(urlsafe_b64encode(derived.derive(str(current_app.config["SECRET_KEY"]).encode())))
