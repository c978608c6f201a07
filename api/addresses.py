"""Addresses that the answers carry. They come from BASE_URL, never from the request (S18)."""

from __future__ import annotations

from urllib.parse import quote

from flask import current_app


def base() -> str:
    """The address this installation is known by, without a slash at its end."""
    return str(current_app.config["KONTOR"].base_url)


def change_data(account_hash: str, customer_hash: str) -> str:
    """CHANGEDATA_URL: change master and payment data (M1-25)."""
    return f"{base()}/accountdata/{account_hash}/{customer_hash}"


def dashboard(account_hash: str, customer_hash: str) -> str:
    """DASHBOARD_URL: the customer's dashboard."""
    return f"{base()}/dashboard/{account_hash}/{customer_hash}"


def purchase(account_hash: str, article_number: str) -> str:
    """CHECKOUT_URL: the booking form for new customers."""
    return f"{base()}/purchase/{account_hash}/{quote(article_number, safe='')}"


def download(token: str | None) -> str:
    """DOCUMENT_URL: the PDF, without login; nothing where there is no paper."""
    return f"{base()}/download/{token}" if token else ""
