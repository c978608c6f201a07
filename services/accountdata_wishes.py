"""What a customer's form asks for: each value checked, what changes, and what of it needs the code (D-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from billing.errors import Invalid
from models import Customer
from services import clock, mandate_rows
from services.company import get_company
from services.customer_fields import cleaned
from services.unit import write

# What the page offers; nothing else that a request holds is looked at (S15).
MASTER = (
    "organization", "salutation", "title_academic", "first_name", "last_name",
    "address", "address_2", "zipcode", "city", "country_code", "vat_id",
    "phone", "mobile", "language_code",
    "delivery_recipient", "delivery_address", "delivery_address_2", "delivery_zipcode", "delivery_city",
    "delivery_country_code",
)  # fmt: skip
MAIL = frozenset(("email", "payment_mail_address"))
WITH_MANDATE = frozenset(("mandate_reference", "mandate_signed_on"))
BANK = ("payment_type", "bank_account_owner", "bank_iban", "bank_bic")
PAYMENT = frozenset((*BANK, *WITH_MANDATE))
FIELDS: tuple[str, ...] = (*MASTER, *sorted(MAIL), *BANK)

TRANSFER, DEBIT = 1, 2
OFFERED = (TRANSFER, DEBIT)  # the others need a provider
_KEPT = frozenset(("address", "zipcode", "city", "email", "bank_account_owner"))  # once there, never emptied here


def wishes_of(row: Customer, given: Mapping[str, Any], mandate: bool) -> tuple[dict[str, Any], list[Invalid]]:
    """What would change, checked field by field, and everything that is wrong with it."""
    wishes: dict[str, Any] = {}
    problems: list[Invalid] = []
    for field in (name for name in FIELDS if name in given):
        if field == "bank_iban" and not given[field]:
            continue  # shown masked: an empty one stays as it is
        try:
            value = _clean(row, field, given)
        except Invalid as problem:
            problems.append(problem)
            continue
        if value != getattr(row, field):
            wishes[field] = value
    problems.extend(_missing_for_debit(row, wishes, mandate))
    if not problems and _needs_mandate(row, wishes):
        wishes |= new_mandate()
    return wishes, problems


def split(row: Customer, wishes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What counts at once and what waits for the code; payment data stay together."""
    waiting = set(wishes) & MAIL if row.email or row.payment_mail_address else set()
    if any(_is_there(row, field) for field in PAYMENT & wishes.keys()):
        waiting |= PAYMENT & wishes.keys()
    at_once = {field: value for field, value in wishes.items() if field not in waiting}
    return at_once, {field: value for field, value in wishes.items() if field in waiting}


def payment_choices(row: Customer) -> tuple[int, ...]:
    """The ways of paying that the page offers: those allowed, and the one in use. A debit needs a creditor ID."""
    allowed = {int(part) for part in row.allowed_payment_types.split(",") if part}
    offered = {kind for kind in OFFERED if kind in allowed and (kind != DEBIT or get_company().creditor_id)}
    return tuple(sorted(offered | {row.payment_type}))


def _clean(row: Customer, field: str, given: Mapping[str, Any]) -> Any:
    """The value in its stored form. A VAT ID is read with the country that comes with it."""
    value = given[field]
    if field == "payment_type" and value not in payment_choices(row):
        raise Invalid(field, "not_a_choice")
    if field in _KEPT and getattr(row, field) and not value:
        raise Invalid(field, "missing")
    told = {field: value}
    if field == "vat_id" and given.get("country_code"):
        try:
            told |= {"country_code": cleaned({"country_code": given["country_code"]}, row)["country_code"]}
        except Invalid:
            return row.vat_id  # told at the country
    return cleaned(told, row).get(field, getattr(row, field))


def _missing_for_debit(row: Customer, wishes: Mapping[str, Any], mandate: bool) -> list[Invalid]:
    """A debit needs an account and, new or on another account, the customer's agreement."""
    if not _pays_by_debit(row, wishes) or not (PAYMENT & wishes.keys()):
        return []
    problems = []
    if not (wishes.get("bank_iban") or row.bank_iban):
        problems.append(Invalid("bank_iban", "missing"))
    if _needs_mandate(row, wishes) and not mandate:
        problems.append(Invalid("mandate", "mandate_missing"))
    return problems


def _needs_mandate(row: Customer, wishes: Mapping[str, Any]) -> bool:
    changes = {"payment_type", "bank_iban"} & wishes.keys()
    return bool(changes) and _pays_by_debit(row, wishes) and bool(get_company().creditor_id)


def _pays_by_debit(row: Customer, wishes: Mapping[str, Any]) -> bool:
    return bool(wishes.get("payment_type", row.payment_type) == DEBIT)


def new_mandate() -> dict[str, Any]:
    """What the customer gives with their agreement: a reference from the range, new for each mandate, and the day."""
    with write() as session:
        return {"mandate_reference": mandate_rows.drawn(session), "mandate_signed_on": clock.today()}


def _is_there(row: Customer, field: str) -> bool:
    """Whether this is a change rather than a completion. Transfer is where everybody begins (M1-18): choosing another
    way completes the record as long as nothing is known of an account."""
    if field == "payment_type":
        known = (row.bank_iban, row.bank_bic, row.bank_account_owner, row.mandate_reference, row.payment_token)
        return row.payment_type != TRANSFER or any(known)
    return bool(getattr(row, field))
