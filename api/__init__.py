"""SHOWS machines: the call API."""

from __future__ import annotations

from flask import Flask

from api import customers, invoice_deeds, invoice_drafts, invoices, items, products, shipments, subscriptions
from api.endpoint import blueprint
from extensions import csrf

# Importing a subject declares its services.
SUBJECTS = (customers, products, subscriptions, invoices, invoice_drafts, invoice_deeds, items, shipments)


def init_app(app: Flask) -> None:
    """Open the call API. It has no forms and no cookies: HTTP Basic on every call, so no CSRF token (S7)."""
    app.register_blueprint(blueprint)
    csrf.exempt(blueprint)
