"""SHOWS customers: small pages reached by link. And what everybody sees when something is not there."""

from __future__ import annotations

from flask import Flask

from hosted_pages import (
    accountdata,
    brand,
    download,
    errors,
    front,
    health,
    payment,
    portal,
    portal_payment,
    sandbox_provider,
)


def init_app(app: Flask) -> None:
    """Joined by app.py."""
    app.register_blueprint(front.blueprint)
    app.register_blueprint(brand.blueprint)
    app.register_blueprint(accountdata.blueprint)
    app.register_blueprint(payment.blueprint)
    app.register_blueprint(sandbox_provider.blueprint)
    app.register_blueprint(download.blueprint)
    app.register_blueprint(portal.blueprint)
    app.register_blueprint(portal_payment.blueprint)
    app.register_blueprint(health.blueprint)
    errors.init_app(app)
