"""Which bank an IBAN is of: told by the table that comes along, asked of nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from models import Customer


def with_bank(row: Customer, values: Mapping[str, Any]) -> dict[str, Any]:
    """A new IBAN brings the name of its bank along, and its BIC unless one was given: never those of the old one."""
    iban = values.get("bank_iban")
    if not iban or iban == row.bank_iban:
        return dict(values)
    try:
        known = IBAN(iban)
        found = {"bank_name": str(known.bank_name or "")[:100], "bank_bic": str(known.bic or "")}
    except SchwiftyException:
        found = {"bank_name": "", "bank_bic": ""}
    if values.get("bank_bic"):
        found["bank_bic"] = values["bank_bic"]
    return {**values, **found}
