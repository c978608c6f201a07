"""The payment providers of this house: one place that hands out gateways, by the settings and the house's mode."""

from __future__ import annotations

from flask import current_app

import gateways
from billing.errors import NotFound
from gateways import Mode
from gateways.base import Gateway
from services import clock
from services.company import get_company

_MADE = "kontor-gateways"


def offered() -> dict[str, Gateway]:
    """Every gateway that this house may use, by name; made once an application."""
    made: dict[tuple[Mode, object], dict[str, Gateway]] = current_app.extensions.setdefault(_MADE, {})
    settings = current_app.config["KONTOR"]
    mode: Mode = "live" if get_company().mode == "live" else "sandbox"
    key = (mode, settings)
    if key not in made:
        made[key] = gateways.offered(settings, mode, clock.instant)
    return made[key]


def gateway_of(name: str) -> Gateway:
    """Raises NotFound("unknown_provider") for one that is not offered (any more)."""
    found = offered().get(name)
    if found is None:
        raise NotFound("unknown_provider", field="gateway")
    return found


def can_charge() -> bool:
    """Whether anybody could charge a card here: then no payment means no invoice (M2-20)."""
    return bool(offered())
