"""What staff may choose a contract to be paid by: as the customer pays, another kind, or one of the kept methods.

A choice is sent as text: "" or the customer's kind means "as the customer pays", "6" a kind, "method:17" a kept one.
"""

from __future__ import annotations

from flask_babel import get_locale, gettext

from admin import formats
from admin.words import kind_label
from models import Customer, PaymentMethod, Subscription
from services import payment_methods
from services.method_rows import type_of
from services.payment_letter_facts import label

PLAIN = (1, 3, 5)  # transfer, cash, prepayment: nothing is kept for them
_KEPT = "method:"


def name_of(row: PaymentMethod) -> str:
    """As people call it: brand and last four digits, else its kind."""
    return label(row, str(get_locale())) if row.last4 else str(kind_label("payment", type_of(row)))


def kept_choices(customer_id: int) -> list[tuple[str, str]]:
    """The methods that may be charged, the default first."""
    active = [row for row in payment_methods.methods_of(customer_id) if row.state == "active"]
    return [(f"{_KEPT}{row.id}", _in_full(row)) for row in active]


def as_customer(customer: Customer) -> str:
    """How the customer pays, in words."""
    kept = payment_methods.methods_of(customer.id)
    default = next((name_of(row) for row in kept if row.is_default), "")
    kind = str(kind_label("payment", customer.payment_type))
    way = kind if not default or default == kind else f"{kind}, {default}"
    return gettext("As the customer pays: %(way)s", way=way)


def contract_choices(contract: Subscription, customer: Customer) -> list[tuple[str, str]]:
    """What this contract may be paid by, and what it is paid by now."""
    allowed = {int(part) for part in customer.allowed_payment_types.split(",") if part}
    plain = [(str(kind), str(kind_label("payment", kind))) for kind in PLAIN if kind in allowed]
    found = [("", as_customer(customer)), *kept_choices(customer.id), *plain]
    now = chosen_now(contract)
    return found if now in dict(found) else [*found, (now, way_of(contract, customer))]


def chosen_now(contract: Subscription) -> str:
    """The choice that a contract has."""
    if contract.payment_method_id is not None:
        return f"{_KEPT}{contract.payment_method_id}"
    return "" if contract.payment_type is None else str(contract.payment_type)


def way_of(contract: Subscription, customer: Customer) -> str:
    """How a contract is paid, in words."""
    if contract.payment_method_id is not None:
        mine = payment_methods.methods_of(customer.id)
        own = next((row for row in mine if row.id == contract.payment_method_id), None)
        if own is not None:
            return _in_full(own)
    if contract.payment_type is None:
        return as_customer(customer)
    return str(kind_label("payment", contract.payment_type))


def method_id_of(choice: str) -> int | None:
    """The kept method that a choice names."""
    number = choice.removeprefix(_KEPT)
    return int(number) if choice.startswith(_KEPT) and number.isdecimal() else None


def _in_full(row: PaymentMethod) -> str:
    name, kind = name_of(row), str(kind_label("payment", type_of(row)))
    named = name if name == kind else f"{name} ({kind})"
    until = formats.day(row.expires_on) if row.expires_on else ""
    return gettext("%(method)s, valid until %(day)s", method=named, day=until) if until else named
