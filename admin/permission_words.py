"""The words for permissions, subject by subject and deed by deed, as the role form shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from services.permissions import SUBJECTS

_SUBJECTS: Mapping[str, Any] = {
    "customers": _l("Customers"),
    "customer_settings": _l("Settings of customers"),
    "tags": _l("Tags"),
    "products": _l("Products"),
    "subscriptions": _l("Subscriptions and claimed periods"),
    "coupons": _l("Coupons"),
    "invoices": _l("Invoices"),
    "receivables": _l("Receivables and write-offs"),
    "payments": _l("Payments and credit"),
    "bank_statements": _l("Bank statements"),
    "ledger": _l("Ledger"),
    "shipments": _l("Shipments"),
    "runs": _l("Billing runs"),
    "messages": _l("Messages"),
    "documents": _l("Files"),
    "activities": _l("Activities"),
    "papers": _l("Papers"),
    "company": _l("Company and number ranges"),
    "clock": _l("Test clock"),
    "staff": _l("Staff access and roles"),
    "api_keys": _l("API keys"),
}
_DEEDS: Mapping[str, Any] = {
    "read": _l("see"),
    "write": _l("change"),
    "delete": _l("delete"),
    "export": _l("export"),
    "reveal": _l("see masked bank data"),
    "hold": _l("keep from deletion"),
    "merge": _l("merge two records"),
    "start": _l("start"),
    "move": _l("move forward"),
    "refund": _l("refund"),
    "approve": _l("approve refunds of others"),
}
COLUMNS = ("read", "write", "delete", "export")  # every other deed stands in the last column, with its word


@dataclass(frozen=True, slots=True)
class GridRow:
    """A subject: its word, a permission or None for each column, and (permission, word) of its other deeds."""

    subject: Any
    cells: tuple[tuple[str | None, Any], ...]
    others: tuple[tuple[str, Any], ...]


def grid() -> tuple[tuple[Any, ...], list[GridRow]]:
    """The words of the columns, and a row for each subject in the order of the one list."""
    return tuple(_DEEDS[deed] for deed in COLUMNS), [_row(subject, deeds) for subject, deeds in SUBJECTS.items()]


def permission_label(permission: str) -> str:
    """ "Customers: change"."""
    subject, _, deed = permission.partition(".")
    return f"{_SUBJECTS.get(subject, subject)}: {_DEEDS.get(deed, deed)}"


def _row(subject: str, deeds: tuple[str, ...]) -> GridRow:
    cells = tuple((f"{subject}.{deed}" if deed in deeds else None, _DEEDS[deed]) for deed in COLUMNS)
    others = tuple((f"{subject}.{deed}", _DEEDS.get(deed, deed)) for deed in deeds if deed not in COLUMNS)
    return GridRow(_SUBJECTS.get(subject, subject), cells, others)
