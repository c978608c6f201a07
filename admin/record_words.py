"""What a customer's record holds, in the plural: for the figures of two records, and for what moved between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

HOLDINGS: Mapping[str, Any] = {
    "subscriptions": _l("Subscriptions"), "invoices": _l("Invoices"), "drafts": _l("Drafts"),
    "payments": _l("Payments"), "messages": _l("Messages"), "files": _l("Files"), "customer_logins": _l("Logins"),
    "customer_tags": _l("Tags"), "coupons": _l("Coupons"), "credit_grants": _l("Granted credit"),
    "activities": _l("Activities"), "open": _l("Open"), "credit": _l("Credit"),
}  # fmt: skip
CHOICES: Mapping[str, Any] = {
    "this": _l("of this record"), "other": _l("of the merged record"), "both": _l("of both"),
}  # fmt: skip
