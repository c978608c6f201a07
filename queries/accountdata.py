"""What a customer's page shows of the record behind a link: never more than the page needs."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from extensions import db
from models import Company, Customer

# Bank data but the IBAN, which is shown masked.
SHOWN = (
    "customer_type", "organization", "salutation", "title_academic", "first_name", "last_name", "address", "address_2",
    "zipcode", "city", "country_code", "vat_id", "phone", "mobile", "language_code", "delivery_recipient",
    "delivery_address", "delivery_address_2", "delivery_zipcode", "delivery_city", "delivery_country_code", "email",
    "payment_mail_address", "payment_type", "bank_account_owner", "bank_bic", "mandate_reference",
)  # fmt: skip

_own, _survivor = aliased(Customer), aliased(Customer)


@dataclass(frozen=True, slots=True)
class Record:
    """The surviving record of a link. `is_merged` says that the link is that of a record merged into it."""

    customer_id: int
    version: int
    status: str
    is_merged: bool
    number: str
    iban: str  # masked
    values: Mapping[str, Any]


def find_record(account_hash: str, customer_hash: str) -> Record | None:
    """The record, in two statements; None alike for a wrong account, a wrong or renewed hash and a deleted record."""
    if not customer_hash.isprintable():  # PostgreSQL takes no NUL, not even to compare
        return None
    account = db.session.scalar(select(Company.account_hash)) or ""
    query = (
        select(_own.id, _survivor).join(_survivor, _survivor.id == _own.survivor_id).where(_own.hash == customer_hash)
    )
    found = db.session.execute(query).one_or_none()
    right = hmac.compare_digest(account.encode(), account_hash.encode())
    if found is None or not right or found[1].erased_at is not None:
        return None
    own_id, row = found
    return Record(row.id, row.version, row.status, own_id != row.id, row.number, _masked(row.bank_iban),
                  {name: getattr(row, name) for name in SHOWN})  # fmt: skip


def _masked(iban: str) -> str:
    return f"{iban[:4]} •••• {iban[-4:]}" if iban else ""
