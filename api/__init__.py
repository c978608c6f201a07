"""SHOWS machines: the call API."""

from __future__ import annotations

from flask import Flask

from api import (
    contracts,
    coupons,
    credits,
    customers,
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
    """Open the call API. It has no forms and no cookies: HTTP Basic on every call, so no CSRF token (S7)."""
    app.register_blueprint(blueprint)
    csrf.exempt(blueprint)
