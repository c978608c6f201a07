"""The groups of activities on a customer's card (P-18): each code belongs to one of them, or to the house alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from admin.deed_words import DEEDS

# In the order of the card.
GROUPS: Mapping[str, Any] = {
    "record": _l("Master data"),
    "contracts": _l("Contracts"),
    "invoices": _l("Invoices"),
    "payments": _l("Payments"),
    "messages": _l("Messages"),
    "documents": _l("Files"),
    "logins": _l("Logins"),
}
HOUSE = "house"  # never about one customer, so no chip

# A code is subject.deed; its subject says the group unless the code itself is named below.
SUBJECTS: Mapping[str, str] = {
    "customer": "record", "subscription": "contracts", "coupon": "contracts", "usage": "contracts",
    "shipment": "contracts", "invoice": "invoices", "cancellation": "invoices", "correction": "invoices",
    "draft": "invoices", "paper": "invoices", "run": "invoices", "payment": "payments", "credit": "payments",
    "mandate": "payments", "debit": "payments", "payment_file": HOUSE,
    "receivable": "payments", "refund": "payments",
    "collection": "payments",
    "reminder": "invoices", "message": "messages", "note": "messages", "document": "documents", "login": "logins",
    "bank_batch": HOUSE, "bank_line": HOUSE, "bank_statement": HOUSE, "csv_layout": HOUSE,
    "api_key": HOUSE, "clock": HOUSE, "company": HOUSE, "export": HOUSE, "load": HOUSE, "number_range": HOUSE,
    "product": HOUSE, "role": HOUSE, "staff": HOUSE, "tag": HOUSE, "text": HOUSE,
    "message_template": HOUSE, "settings": HOUSE, "dunning": HOUSE,
}  # fmt: skip
CODES: Mapping[str, str] = {
    "customer.payment_data_asked": "messages",
    "customer.code_guessed": "logins", "customer.code_sent": "logins", "customer.hash_renewed": "logins",
    "customer.message_ordered": "messages",
    "invoice.sent": "messages", "message.tested": HOUSE, "run.started": HOUSE, "run.finished": HOUSE,
    "run.report_sent_again": HOUSE, "coupon.created": HOUSE, "coupon.changed": HOUSE,
}  # fmt: skip


def group_of(code: str) -> str:
    """One of GROUPS, or HOUSE."""
    return CODES.get(code) or SUBJECTS[code.partition(".")[0]]


def codes_of() -> dict[str, list[str]]:
    """The codes of each group."""
    return {group: [code for code in DEEDS if group_of(code) == group] for group in GROUPS}
