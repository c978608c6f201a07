"""SHOWS machines: the call API, and where payment providers tell their events."""

from __future__ import annotations

from flask import Flask

from api import (
    contracts,
    coupons,
    credits,
    customers,
    events,
    invoice_deeds,
    invoice_drafts,
    invoices,
    items,
    products,
    shipments,
    subscriptions,
    usage,
)
from api.endpoint import blueprint
from extensions import csrf

# Importing a subject declares its services.
SUBJECTS = (
    customers, credits, products, subscriptions, contracts, usage, coupons, invoices, invoice_drafts, invoice_deeds,
    items, shipments,
)  # fmt: skip


def init_app(app: Flask) -> None:
    """Open the call API and the address of the providers' events. They have no forms and no cookies: HTTP Basic on
    every call, a signature on every event, so no CSRF token (S7)."""
    for machines in (blueprint, events.blueprint):
        app.register_blueprint(machines)
        csrf.exempt(machines)
