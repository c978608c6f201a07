"""The words about payment providers: what each needs, where it is found, and why one is not offered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

import gateways
from config import Settings
from services import providers

PROBLEMS: Mapping[str, Any] = {
    "missing_key": _l("%(variable)s is not set."),
    "live_key": _l("%(variable)s is a live key, and this is a sandbox. Please take the test key."),
    "test_key": _l("%(variable)s is a test key, and this is a live installation. Please take the live key."),
}
# Adyen's keys look alike: which of its platforms is meant is told by another setting.
ADYENS: Mapping[str, Any] = {
    "live_key": _l("ADYEN_LIVE_PREFIX is set, and this is a sandbox. Please remove it, and take the keys of the test "
                   "platform."),
    "test_key": _l("ADYEN_LIVE_PREFIX is not set, so the keys are taken for those of the test platform, and this is a "
                   "live installation."),
}  # fmt: skip
WHERE: Mapping[str, Any] = {
    "STRIPE_SECRET_KEY": _l("In Stripe's dashboard: Developers → API keys, the secret key"),
    "STRIPE_WEBHOOK_SECRET": _l("In Stripe's dashboard: Developers → Webhooks, the signing secret of the endpoint"),
    "ADYEN_API_KEY": _l("In Adyen's Customer Area: Developers → API credentials"),
    "ADYEN_MERCHANT_ACCOUNT": _l("The name of your merchant account, in Adyen's Customer Area"),
    "ADYEN_HMAC_KEY": _l("In Adyen's Customer Area: Developers → Webhooks, one for each of both webhooks"),
    "UNZER_PRIVATE_KEY": _l("In Unzer Insights, or from Unzer's support: the private key"),
    "UNZER_PUBLIC_KEY": _l("In Unzer Insights, or from Unzer's support: the public key"),
}


@dataclass(frozen=True, slots=True)
class Need:
    """A variable of the environment. Never its value."""

    variable: str
    where: Any
    is_set: bool


@dataclass(frozen=True, slots=True)
class Row:
    """`state` is offered, wrong (begun, with problems) or unset; `events` is where the provider sends its events."""

    name: str
    word: str
    state: str
    problems: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    events: str = ""


def provider_rows(settings: Settings, mode: gateways.Mode) -> list[Row]:
    """Every provider, offered or not: with what it lacks and where that is found."""
    offered, found = providers.offered(), gateways.problems(settings, mode)
    rows = [_row(each, settings, each.name in offered, found) for each in gateways.PROVIDERS]
    return [Row("sandbox", gateways.title_of("sandbox"), "offered"), *rows] if "sandbox" in offered else rows


def _row(
    provider: gateways.Provider, settings: Settings, is_offered: bool, problems: list[gateways.Problem]
) -> Row:  # fmt: skip
    told = tuple(_told(each) for each in problems if each.provider == provider.name)
    needs = tuple(Need(name, WHERE[name], name in settings.provider_keys) for name in provider.needs)
    state = "offered" if is_offered else "wrong" if told else "unset"
    events = f"{settings.base_url.rstrip('/')}/events/{provider.name}"
    return Row(provider.name, provider.title, state, told, needs, events)


def _told(problem: gateways.Problem) -> str:
    words = ADYENS if problem.provider == "adyen" and problem.code in ADYENS else PROBLEMS
    return str(words[problem.code]) % {"variable": problem.variable}
