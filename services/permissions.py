"""What a role may be allowed: subject.deed. The one list; screens, routes and tests read it."""

from __future__ import annotations

from collections.abc import Iterable

SUBJECTS: dict[str, tuple[str, ...]] = {
    "customers": ("read", "write", "delete", "export", "reveal", "merge"),
    "customer_settings": ("read", "write", "hold"),
    "tags": ("read", "write", "delete"),
    "products": ("read", "write", "delete"),
    "subscriptions": ("read", "write"),
    "coupons": ("read", "write"),
    "invoices": ("read", "write", "export"),
    "receivables": ("read", "write", "export"),
    "payments": ("read", "write", "export", "refund", "approve"),
    "bank_statements": ("read", "write"),
    "ledger": ("read", "export"),
    "shipments": ("read", "write"),
    "runs": ("read", "start"),
    "messages": ("read", "write"),
    "documents": ("read", "write", "delete"),
    "activities": ("read",),
    "papers": ("read", "write"),
    "company": ("read", "write"),
    "clock": ("read", "move"),
    "staff": ("read", "write"),
    "api_keys": ("read", "write"),
}

PERMISSIONS: frozenset[str] = frozenset(f"{subject}.{deed}" for subject, deeds in SUBJECTS.items() for deed in deeds)


# The owner's role holds every permission, also those that later releases add: a rule, not a list that goes stale.
OWNER = "Inhaber"


def held(stored: Iterable[str], *, is_builtin: bool, name: str) -> frozenset[str]:
    """What a role allows, from its stored permissions; one that no release knows any more allows nothing."""
    return PERMISSIONS if is_builtin and name == OWNER else PERMISSIONS & frozenset(stored)


def with_reading(permissions: Iterable[str]) -> set[str]:
    """The same, and reading wherever something more is allowed: who may change a subject has to see it."""
    asked = set(permissions)
    return asked | {f"{name.partition('.')[0]}.read" for name in asked if name in PERMISSIONS}


def all_of(*subjects: str) -> set[str]:
    """Every deed of these subjects."""
    return {f"{subject}.{deed}" for subject in subjects for deed in SUBJECTS[subject]}


def reading(*subjects: str) -> set[str]:
    return {f"{subject}.read" for subject in subjects}


# M2-25: the example roles of the seeds, and the owner who may do everything.
DEFAULT_ROLES: dict[str, tuple[str, set[str]]] = {
    OWNER: ("Darf alles.", set(PERMISSIONS)),
    "Support": (
        "Kunden, Abonnements und Nachrichten; sieht Rechnungen.",
        (
            all_of("customers", "customer_settings", "tags", "subscriptions", "messages", "documents", "shipments")
            - {"customers.delete", "customers.reveal", "customer_settings.hold"}
        )
        | reading("products", "coupons", "invoices", "receivables", "payments", "activities", "papers"),
    ),
    "Buchhaltung": (
        "Rechnungen, Zahlungen, Läufe und Bücher; sieht Kunden.",
        all_of(
            "customer_settings", "invoices", "receivables", "payments", "bank_statements", "ledger", "runs", "papers"
        )
        | reading(
            "customers",
            "tags",
            "products",
            "coupons",
            "subscriptions",
            "shipments",
            "messages",
            "documents",
            "activities",
            "company",
        )
        | {"customers.reveal", "customers.export"},
    ),
}

# What a machine's key opens: whoever makes one must hold as much (S22, S23).
_BY_CALL = ("customers", "products", "subscriptions", "invoices", "shipments")
KEY_SCOPES: dict[str, set[str]] = {
    "read": reading(*_BY_CALL),
    "full": reading(*_BY_CALL)
    | {
        "customers.write",
        "customers.delete",
        "products.write",
        "subscriptions.write",
        "shipments.write",
        "invoices.write",
        "payments.write",
    },  # fmt: skip
}
