"""TALK to the outside. Plain data in, plain data out; a gateway knows no row and no request.

The register of payment providers: each with the settings it needs. One without its keys is not offered, and one whose
keys are of the other world (test keys in a live house, live keys in a sandbox) is refused by name. A library is loaded
only when its provider is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal

from config import Settings
from gateways.base import Gateway

Mode = Literal["sandbox", "live"]
Keys = Mapping[str, str]
Clock = Callable[[], datetime]

SANDBOX_FILE: Final = "sandbox-provider.sqlite3"


@dataclass(frozen=True, slots=True)
class Provider:
    """`title`: as people write it. `needs`: the settings without which it is not offered. `mode_of` tells to which
    world its keys belong; `made` builds its gateway from them and the house's BASE_URL. Both are given settings that
    have all of `needs`."""

    name: str
    title: str
    needs: tuple[str, ...]
    mode_of: Callable[[Keys], Mode]
    made: Callable[[Keys, Mode], Gateway]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a provider with settings is not offered. `code`: missing_key (`variable` is not set), live_key (in a
    sandbox), test_key (in a live house)."""

    provider: str
    variable: str
    code: Literal["missing_key", "live_key", "test_key"]


def offered(settings: Settings, mode: Mode, clock: Clock | None = None) -> dict[str, Gateway]:
    """Every gateway that this house may use, by the provider's name. `mode` is the company's; `clock` is the house's,
    by which days pass at the sandbox's own provider (default: the world's)."""
    keys = {**settings.provider_keys, "BASE_URL": settings.base_url}
    found = {
        provider.name: _made(provider, tuple(sorted(keys.items())), mode)
        for provider in PROVIDERS
        if _wanted(provider, settings.provider_keys) and not _problems(provider, settings.provider_keys, mode)
    }
    return ({"sandbox": _sandbox(settings, clock)} if mode == "sandbox" else {}) | found


def problems(settings: Settings, mode: Mode) -> list[Problem]:
    """What keeps providers that somebody began to set up from being offered; to be said on the settings' screen."""
    keys = settings.provider_keys
    return [problem for provider in PROVIDERS if _wanted(provider, keys) for problem in _problems(provider, keys, mode)]


def title_of(name: str) -> str:
    """A provider as people write it; an unknown one by its name."""
    return _TITLES.get(name, name)


@lru_cache(maxsize=8)
def _made(provider: Provider, keys: tuple[tuple[str, str], ...], mode: Mode) -> Gateway:
    """Kept for the process, and with it the provider's open connections."""
    return provider.made(dict(keys), mode)


def _wanted(provider: Provider, keys: Keys) -> bool:
    return any(name in keys for name in provider.needs)


def _problems(provider: Provider, keys: Keys, mode: Mode) -> list[Problem]:
    missing = [Problem(provider.name, name, "missing_key") for name in provider.needs if name not in keys]
    if missing or provider.mode_of(keys) == mode:
        return missing
    return [Problem(provider.name, provider.needs[0], "live_key" if mode == "sandbox" else "test_key")]


def _sandbox(settings: Settings, clock: Clock | None) -> Gateway:
    from gateways.sandbox import SandboxGateway

    more = {"clock": clock} if clock else {}
    return SandboxGateway(settings.data_dir / SANDBOX_FILE, settings.base_url, **more)


# --- the providers, in the order in which they are offered ---


def _stripe_mode(keys: Keys) -> Mode:
    from gateways.stripe import is_live

    return "live" if is_live(keys["STRIPE_SECRET_KEY"]) else "sandbox"


def _stripe(keys: Keys, mode: Mode) -> Gateway:
    from gateways.stripe import StripeGateway

    return StripeGateway(keys["STRIPE_SECRET_KEY"], keys["STRIPE_WEBHOOK_SECRET"], keys.get("STRIPE_URL", ""))


def _adyen_mode(keys: Keys) -> Mode:
    """Adyen's keys look alike; its live platform has an address with a prefix of the company's own."""
    return "live" if keys.get("ADYEN_LIVE_PREFIX") else "sandbox"


def _adyen(keys: Keys, mode: Mode) -> Gateway:
    from gateways.adyen import AdyenGateway

    signed_by = tuple(key.strip() for key in keys["ADYEN_HMAC_KEY"].split(",") if key.strip())
    return AdyenGateway(
        keys["ADYEN_API_KEY"], keys["ADYEN_MERCHANT_ACCOUNT"], signed_by, keys["BASE_URL"],
        keys.get("ADYEN_LIVE_PREFIX", ""), keys.get("ADYEN_URL", ""),
    )  # fmt: skip


def _unzer_mode(keys: Keys) -> Mode:
    """s-priv-... is a key of Unzer's sandbox, p-priv-... one of production."""
    return "live" if keys["UNZER_PRIVATE_KEY"].startswith("p-") else "sandbox"


def _unzer(keys: Keys, mode: Mode) -> Gateway:
    from gateways.unzer import UnzerGateway

    return UnzerGateway(
        keys["UNZER_PRIVATE_KEY"], keys["UNZER_PUBLIC_KEY"], keys["BASE_URL"], keys.get("UNZER_URL", "")
    )  # fmt: skip


PROVIDERS: Final[tuple[Provider, ...]] = (
    Provider("stripe", "Stripe", ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"), _stripe_mode, _stripe),
    Provider("adyen", "Adyen", ("ADYEN_API_KEY", "ADYEN_MERCHANT_ACCOUNT", "ADYEN_HMAC_KEY"), _adyen_mode, _adyen),
    Provider("unzer", "Unzer", ("UNZER_PRIVATE_KEY", "UNZER_PUBLIC_KEY"), _unzer_mode, _unzer),
)
_TITLES: Final = {"sandbox": "Sandbox", **{provider.name: provider.title for provider in PROVIDERS}}
