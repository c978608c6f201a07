"""A sentence or two for each code by which a service says no, by subject. Blanks are filled by the error's facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from admin.refusal_words import (
    banking,
    contracts,
    customers,
    dunning,
    entries,
    house,
    invoices,
    payments,
    staff,
    texts,
)

SUBJECTS = (entries, customers, contracts, invoices, payments, banking, dunning, texts, staff, house)
REFUSALS: Mapping[str, Any] = {code: text for subject in SUBJECTS for code, text in subject.REFUSALS.items()}
