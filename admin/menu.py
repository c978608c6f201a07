"""The side navigation: groups of screens in the words of the house; a person sees what their role may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from admin import card, settings
from admin.people import may


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu. `others` are screens that light up the same line."""

    label: Any
    endpoint: str
    permission: str = ""
    others: tuple[str, ...] = ()

    def is_here(self, blueprint: str | None) -> bool:
        return blueprint == self.endpoint.partition(".")[0] or blueprint in self.others


def _list(label: Any, subject: str, permission: str = "", **more: Any) -> Entry:
    return Entry(label, f"admin_{subject}.index_view", permission or f"{subject}.read", **more)


_OF_INVOICES = ("admin_drafts", "admin_corrections", "admin_einvoices", "admin_collecting")
_OF_CUSTOMERS = ("admin_statement", "admin_vat_checks", "admin_merging", *card.BLUEPRINTS)

MENU: tuple[tuple[Any, tuple[Entry, ...]], ...] = (
    ("", (Entry(_l("Overview"), "admin.index"),)),
    (_l("Clientele"), (
        _list(_l("Customers"), "customers", others=_OF_CUSTOMERS),
        _list(_l("Tags"), "tags"),
        _list(_l("Messages"), "messages"),
    )),
    (_l("Contracts"), (
        _list(_l("Subscriptions"), "subscriptions"),
        _list(_l("Products"), "products"),
        _list(_l("Coupons"), "coupons"),
        _list(_l("Shipments"), "shipments"),
        _list(_l("Claimed periods"), "claims", "subscriptions.read"),
    )),
    (_l("Money"), (
        _list(_l("Billing runs"), "runs", others=("admin_parked",)),
        _list(_l("Dunning runs"), "dunning_runs", "runs.read", others=("admin_dunning",)),
        _list(_l("Invoices"), "invoices", others=_OF_INVOICES),
        _list(_l("Receivables"), "receivables"),
        _list(_l("Payments"), "payments", others=("admin_provider_events",)),
        _list(_l("Refunds"), "refunds", "payments.read"),
        _list(_l("Bank statements"), "bank", "bank_statements.read"),
        _list(_l("Direct debits"), "debits", "payments.read", others=("admin_payment_files",)),
        _list(_l("Papers"), "papers"),
        _list(_l("Ledger"), "ledger"),
    )),
    (_l("House"), (
        _list(_l("Activities"), "activities"),
        Entry(_l("Exports"), "admin_exports.index_view"),
        _list(_l("Deletions"), "deletions", "customers.delete"),
        Entry(_l("Settings"), "admin_settings.index", others=settings.SCREENS),
    )),
)  # fmt: skip


def visible() -> list[tuple[Any, list[Entry]]]:
    """The groups with the lines that the person may open; empty groups are left out."""
    groups = ((title, [entry for entry in entries if _is_open(entry)]) for title, entries in MENU)
    return [(title, entries) for title, entries in groups if entries]


def _is_open(entry: Entry) -> bool:
    """The settings are worth a line where one of their screens is."""
    return may(entry.permission) and (entry.endpoint != "admin_settings.index" or bool(settings.visible()))
