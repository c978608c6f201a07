"""What becomes of every column of the customer record in a merge and an erasure (DSG-4, D-5, X-19).

A test reads the metadata and fails on a column without a fate; the rows of other tables have theirs in models/fates.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ColumnMerge(StrEnum):
    """How the survivor's column comes about."""

    KEPT = "kept"  # the survivor's own, not to be chosen
    CHOSEN = "chosen"  # by the person who merges: this record's or the other's
    JOINED = "joined"  # out of both by a rule (services/merge_fields.py)


class ColumnErase(StrEnum):
    """What erasure leaves of the column."""

    KEPT = "kept"  # a key, a state, or what the column cannot be without
    EMPTIED = "emptied"
    RENEWED = "renewed"  # the link of before leads nowhere


@dataclass(frozen=True, slots=True)
class ColumnFate:
    merge: ColumnMerge
    erase: ColumnErase


def _columns(merge: ColumnMerge, erase: ColumnErase, *names: str) -> dict[str, ColumnFate]:
    return dict.fromkeys(names, ColumnFate(merge, erase))


COLUMNS: Mapping[str, ColumnFate] = {
    # The survivor keeps its number and its link; the other's lead on to it (D-11).
    **_columns(ColumnMerge.KEPT, ColumnErase.KEPT, "id", "number", "survivor_id"),
    **_columns(ColumnMerge.KEPT, ColumnErase.RENEWED, "hash"),
    **_columns(ColumnMerge.KEPT, ColumnErase.KEPT, "created_at", "updated_at", "version", "erased_at"),
    **_columns(ColumnMerge.KEPT, ColumnErase.EMPTIED, "sort_name"),  # follows from the name
    **_columns(ColumnMerge.JOINED, ColumnErase.KEPT, "retain_until", "legal_hold"),  # the longer time, either's hold
    **_columns(ColumnMerge.JOINED, ColumnErase.EMPTIED, "registered_at"),  # the earlier day
    **_columns(ColumnMerge.CHOSEN, ColumnErase.KEPT, "status", "customer_type", "country_code", "language_code"),
    **_columns(ColumnMerge.CHOSEN, ColumnErase.KEPT, "currency_code", "account_receivable", "payment_type"),
    **_columns(ColumnMerge.CHOSEN, ColumnErase.KEPT, "allowed_payment_types", "invoice_delivery_method"),
    **_columns(ColumnMerge.CHOSEN, ColumnErase.KEPT, "einvoice_format"),
    **_columns(
        ColumnMerge.CHOSEN, ColumnErase.EMPTIED,
        "ext_uid", "organization", "position", "title_academic", "salutation", "first_name", "last_name",
        "address", "address_2", "zipcode", "city", "state",
        "delivery_recipient", "delivery_address", "delivery_address_2", "delivery_zipcode", "delivery_city",
        "delivery_country_code",
        "phone", "phone_2", "fax", "mobile", "email", "email_cc", "payment_mail_address",
        "birthday", "newsletter_optin", "newsletter_at", "affiliate", "comment", "x_attributes",
        "vat_id", "tax_id", "owes_vat", "days_for_payment", "costcenter", "buyer_reference", "show_payment_notice",
        "payment_provider", "payment_token",
        "bank_name", "bank_account_owner", "bank_account_owner_address", "bank_account_owner_zipcode",
        "bank_account_owner_city", "bank_account_owner_email", "bank_iban", "bank_bic", "bank_account_number",
        "bank_code", "mandate_reference", "mandate_signed_on", "dunning_hold_until", "dunning_hold_reason",
    ),
}  # fmt: skip
