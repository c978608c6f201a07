"""Customers' rows -> whom an invoice is for, for many at once: addresses, tax facts, the mailbox, what is frozen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.discounts import Grant
from billing.drafts import Payer
from billing.lawful import Recipient
from billing.taxes import Buyer
from models import Customer
from services import vat_reliance
from services.company import get_company
from services.sql import row_kind, rows_of

# Both addresses and what else an invoice freezes of its recipient; in the order in which it is written down.
BUYER_FIELDS = tuple(sorted((
    "organization", "salutation", "title_academic", "first_name", "last_name", "address", "address_2", "zipcode",
    "city", "state", "country_code", "vat_id", "tax_id", "email", "customer_type", "buyer_reference", "costcenter",
    "delivery_recipient", "delivery_address", "delivery_address_2", "delivery_zipcode", "delivery_city",
    "delivery_country_code", "einvoice_format",
)))  # fmt: skip
# Of whom pays by direct debit, for the e-invoice (BG-19); nobody else's account stands in an invoice.
DEBIT_FIELDS = ("mandate_reference", "bank_iban")
_FURTHER = (
    "id", "number", "status", "language_code", "payment_mail_address", "email_cc", "invoice_delivery_method",
    "payment_type", "days_for_payment", "owes_vat", *DEBIT_FIELDS,
)  # fmt: skip
COLUMNS = [getattr(Customer, name) for name in (*_FURTHER, *BUYER_FIELDS)]
DebtorRow = row_kind("DebtorRow", (*_FURTHER, *BUYER_FIELDS))


@dataclass(frozen=True, slots=True)
class Debtor:
    """A customer as an invoice needs it; `frozen` is what the invoice keeps of it, with `debit` where it is debited.

    `buyer.vat_id` is there only where it may be relied on; `doubt` says why not, if the invoice has to wait for that.
    `account_country` is that of the IBAN, or ''.
    """

    id: int
    number: str
    status: str
    language_code: str
    name: str
    frozen: dict[str, Any]
    buyer: Buyer
    recipient: Recipient
    mail_to: str
    copy_to: str
    doubt: str = ""
    account_country: str = ""
    debit: dict[str, str] = field(default_factory=dict)

    def payer(self, currency: str, grants: tuple[Grant, ...] = ()) -> Payer:
        return Payer(self.id, currency, self.buyer, self.status, self.language_code, grants)


def debtors_of(session: Session, ids: Iterable[int]) -> dict[int, Debtor]:
    """Customers by id, as invoices need them, in one statement, and one for VAT ids where any count."""
    return drawn_debtors(session, rows_of(session, select(*COLUMNS).where(Customer.id.in_(list(ids))), DebtorRow))


def drawn_debtors(session: Session, rows: Sequence[Any]) -> dict[int, Debtor]:
    """Of rows that somebody has read, and locked perhaps."""
    own = get_company()
    answers = vat_reliance.answers(session, own, rows)
    is_held = vat_reliance.policy(own).is_held
    return {row.id: _debtor(row, vat_reliance.doubt(own, row, answers.get(row.id, ())), is_held) for row in rows}


def _debtor(row: Any, doubt: str, is_held: bool) -> Debtor:
    frozen = dict(zip(BUYER_FIELDS, row[len(_FURTHER) :], strict=True))
    person = " ".join(filter(None, (row.title_academic, row.first_name, row.last_name)))
    name = row.organization or person
    mailed = row.invoice_delivery_method in ("mail", "both")
    return Debtor(
        row.id,
        row.number,
        row.status,
        row.language_code,
        name[:210],
        frozen,
        Buyer(row.country_code, row.customer_type == "business", "" if doubt else row.vat_id, row.owes_vat),
        Recipient(name, row.address, row.zipcode, row.city, row.country_code, row.vat_id),
        (row.payment_mail_address or row.email) if mailed else "",
        row.email_cc if mailed else "",
        doubt if is_held else "",
        row.bank_iban[:2],
        {name: getattr(row, name) for name in DEBIT_FIELDS},
    )
