"""The words for permissions, subject by subject, as the role form shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from services.permissions import SUBJECTS

_SUBJECTS: Mapping[str, Any] = {
    "customers": _l("Customers"),
    "tags": _l("Tags"),
    "products": _l("Products"),
    "subscriptions": _l("Subscriptions and claimed periods"),
    "invoices": _l("Invoices"),
    "receivables": _l("Receivables"),
    "ledger": _l("Ledger"),
    "runs": _l("Billing runs"),
    "messages": _l("Messages"),
    "activities": _l("Activities"),
    "papers": _l("Papers"),
    "company": _l("Company and number ranges"),
    "staff": _l("Staff access and roles"),
    "api_keys": _l("API keys"),
}
_DEEDS: Mapping[str, Any] = {
    "read": _l("see"),
    "write": _l("change"),
    "delete": _l("delete"),
    "export": _l("export"),
    "reveal": _l("see masked bank data"),
    "start": _l("start"),
}

# (subject's words, [(permission, deed's words)]) in the order of the one list.
SUBJECT_WORDS = [
    (_SUBJECTS.get(subject, subject), [(f"{subject}.{deed}", _DEEDS.get(deed, deed)) for deed in deeds])
    for subject, deeds in SUBJECTS.items()
]
