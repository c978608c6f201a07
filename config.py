"""Every setting of the house, read once from the environment.

| variable | meaning | default |
|---|---|---|
| KONTOR_DATA | folder of everything that is kept: database, files, keys, logs | ./var beside this file |
| DATABASE_URL | SQLAlchemy address; `postgresql://` is understood | SQLite inside KONTOR_DATA |
| REDIS_URL | Redis or Valkey | the embedded Valkey's socket inside KONTOR_DATA |
| SMTP_URL | smtp://user:password@host:587?starttls=1&from=Name%20<a@b> or smtps:// | none: mails stay in the outbox |
| BASE_URL | the address that links in mails and on papers carry | where `start` answered last, or 127.0.0.1:8000 |
| SECRET_KEY | signs sessions and links | made once, kept in KONTOR_DATA/secret_key (0600) |
| VIES_URL | the REST interface that confirms VAT ids; `off` asks nobody | VIES; a sandbox answers itself |
| STRIPE_SECRET_KEY | Stripe's secret or restricted key; without it Stripe is not offered | none |
| STRIPE_WEBHOOK_SECRET | the signing secret of Stripe's webhook endpoint; belongs to the key | none |
| STRIPE_URL | another address of Stripe's interface, https or loopback | https://api.stripe.com |
| ADYEN_API_KEY | Adyen's API key; without it, account and HMAC key Adyen is not offered | none |
| ADYEN_MERCHANT_ACCOUNT | the merchant account at Adyen | none |
| ADYEN_HMAC_KEY | the HMAC keys of Adyen's webhooks, hexadecimal, several with commas between | none |
| ADYEN_LIVE_PREFIX | the prefix of the live platform's address; with it Adyen is live | none: Adyen's test platform |
| ADYEN_URL | another address of Adyen's Checkout interface, https or loopback | Adyen's |
| UNZER_PRIVATE_KEY | Unzer's private key; without both keys Unzer is not offered | none |
| UNZER_PUBLIC_KEY | Unzer's public key, by which its messages are known | none |
| UNZER_URL | another address of Unzer's interface, https or loopback | https://api.unzer.com |
| UPLOAD_LIMIT_MB | how large one file may be that somebody uploads | 10 |
| UPLOAD_TOTAL_MB | how much may be uploaded for one customer in all | 500 |
| TRUSTED_PROXIES | how many proxies in front may set X-Forwarded-* | 0 |
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from billing.errors import Invalid, NotAllowed

ROOT = Path(__file__).resolve().parent
LANGUAGES = ("de", "en")
DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql+psycopg")
TIME_ZONE = "Europe/Berlin"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says, complete with defaults."""

    data_dir: Path
    database_url: str
    redis_url: str
    smtp_url: str
    base_url: str
    secret_key: str
    trusted_proxies: int
    vies_url: str = ""
    upload_limit_mb: int = 10
    upload_total_mb: int = 500
    provider_keys: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings; makes the data folder and the secret key on the first call.

        Raises NotAllowed("data_folder") where that cannot be, Invalid for a setting that nobody understands.
        """
        data_dir = Path(environ.get("KONTOR_DATA") or ROOT / "var").absolute()
        try:
            data_dir = data_dir.resolve()
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            return cls._read(environ, data_dir)
        except OSError as problem:
            raise NotAllowed("data_folder", folder=str(data_dir), reason=problem.strerror or "") from None

    @classmethod
    def _read(cls, environ: Mapping[str, str], data_dir: Path) -> Settings:
        return cls(
            data_dir=data_dir,
            database_url=database_url(environ.get("DATABASE_URL", ""), data_dir),
            redis_url=environ.get("REDIS_URL") or kept_text(data_dir / "redis_url"),
            smtp_url=environ.get("SMTP_URL", ""),
            base_url=(environ.get("BASE_URL") or kept_text(data_dir / "base_url") or "http://127.0.0.1:8000").rstrip(
                "/"
            ),
            secret_key=environ.get("SECRET_KEY") or kept_secret(data_dir / "secret_key"),
            trusted_proxies=_count(environ.get("TRUSTED_PROXIES") or "0"),
            vies_url=vies_url(environ.get("VIES_URL", "")),
            upload_limit_mb=_megabytes("UPLOAD_LIMIT_MB", environ.get("UPLOAD_LIMIT_MB") or "10", 100),
            upload_total_mb=_megabytes("UPLOAD_TOTAL_MB", environ.get("UPLOAD_TOTAL_MB") or "500", 100_000),
            provider_keys=provider_keys(environ),
        )

    def flask(self) -> dict[str, Any]:
        """The same as Flask's and the extensions' configuration keys."""
        secure = urlsplit(self.base_url).scheme == "https"
        return {
            "KONTOR": self,
            "SECRET_KEY": self.secret_key,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": engine_options(self.database_url),
            "MAX_CONTENT_LENGTH": max(20, 2 * self.upload_limit_mb) * 1024 * 1024,
            "BABEL_DEFAULT_LOCALE": "de",
            "BABEL_DEFAULT_TIMEZONE": TIME_ZONE,
            "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
            "SESSION_COOKIE_NAME": "kontor",
            "SESSION_COOKIE_SECURE": secure,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "REMEMBER_COOKIE_SECURE": secure,
            "RATELIMIT_STORAGE_URI": limiter_storage(self.redis_url),
            "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
            "RATELIMIT_HEADERS_ENABLED": False,
            "WTF_CSRF_TIME_LIMIT": None,
        }


def database_url(given: str, data_dir: Path) -> str:
    """SQLite in the data folder, or what was given with the psycopg driver named."""
    if not given:
        return f"sqlite:///{data_dir / 'kontor.sqlite3'}"
    for scheme in ("postgresql://", "postgres://"):
        if given.startswith(scheme):
            given = "postgresql+psycopg://" + given[len(scheme) :]
    _check_address(given)
    return given


def _check_address(url: str) -> None:
    """Said here without the address: later errors would quote it, and a password stands in it (S19)."""
    from sqlalchemy.engine import make_url  # here, because `start` has its queue's server up before this is needed
    from sqlalchemy.exc import ArgumentError

    try:
        driver = make_url(url).drivername
    except (ArgumentError, ValueError):
        driver = ""
    if driver not in DRIVERS:
        raise Invalid("DATABASE_URL", "database_address")


def vies_url(given: str) -> str:
    """What was set: an address, `off`, or nothing. Raises Invalid("VIES_URL") for what is none of these."""
    if given in ("", "off") or given.startswith(("https://", "http://")):
        return given
    raise Invalid("VIES_URL", "vies_address")


def provider_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """What payment providers need (gateways/__init__.py), by the variable's name; only what is set.

    Raises Invalid for an address that would carry keys in the open, and for a key that could sign nothing.
    """
    given = {
        "STRIPE_SECRET_KEY": environ.get("STRIPE_SECRET_KEY", ""),
        "STRIPE_WEBHOOK_SECRET": environ.get("STRIPE_WEBHOOK_SECRET", ""),
        "STRIPE_URL": environ.get("STRIPE_URL", ""),
        "ADYEN_API_KEY": environ.get("ADYEN_API_KEY", ""),
        "ADYEN_MERCHANT_ACCOUNT": environ.get("ADYEN_MERCHANT_ACCOUNT", ""),
        "ADYEN_HMAC_KEY": environ.get("ADYEN_HMAC_KEY", ""),
        "ADYEN_LIVE_PREFIX": environ.get("ADYEN_LIVE_PREFIX", ""),
        "ADYEN_URL": environ.get("ADYEN_URL", ""),
        "UNZER_PRIVATE_KEY": environ.get("UNZER_PRIVATE_KEY", ""),
        "UNZER_PUBLIC_KEY": environ.get("UNZER_PUBLIC_KEY", ""),
        "UNZER_URL": environ.get("UNZER_URL", ""),
    }
    found = {name: value.strip() for name, value in given.items() if value.strip()}
    for name, value in found.items():
        if name.endswith("_URL"):
            _check_outside(name, value)
        elif name.endswith("_HMAC_KEY"):
            _check_hexadecimal(name, value)
    return found


def _check_outside(name: str, url: str) -> None:
    """Keys travel with every call: https, or a stand-in on this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise Invalid(name, "provider_address")


def _check_hexadecimal(name: str, keys: str) -> None:
    """With a key that is mistyped every event would be refused, and nobody would know why."""
    try:
        whole = all(bytes.fromhex(key) for key in keys.split(","))
    except ValueError:
        whole = False
    if not whole:
        raise Invalid(name, "hexadecimal_key")


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Invalid("TRUSTED_PROXIES", "trusted_proxies")
    return int(text)


def _megabytes(name: str, text: str, most: int) -> int:
    """Raises Invalid for what is no whole number from 1 to `most`."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise Invalid(name, "megabytes", most=most)
    return int(text)


def engine_options(url: str) -> dict[str, Any]:
    """Pool sizes that fit one process; a PostgreSQL connection is checked before it is used again.

    Parameters stay out of error messages: they are personal data, and messages end in logs (S19).
    """
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 30, "check_same_thread": False}, "hide_parameters": True}
    return {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True, "hide_parameters": True}


def limiter_storage(redis_url: str) -> str:
    """Flask-Limiter counts in the same server; without one it counts in memory."""
    if redis_url.startswith("unix://"):
        return "redis+" + redis_url
    return redis_url or "memory://"


def kept_secret(path: Path) -> str:
    """A secret of 256 bits, made once and readable by its owner alone."""
    if not path.exists():
        # Written aside and then named: of two first calls at once neither reads half a secret.
        aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
        aside.unlink()
    return kept_text(path)


def kept_text(path: Path) -> str:
    """The file's text, or nothing where it is not (yet) there."""
    return path.read_text().strip() if path.exists() else ""
