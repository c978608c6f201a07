"""customer.addcredits (M2-41, D-9): credit that is granted and reduces the next invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from api.customer_fields import THE_ID
from api.fields import Field
from api.kinds import decimal
from api.registry import Ask, Service, Source, declare
from billing.errors import NotFound
from billing.money import Money
from queries.customers import get_customer
from services.credit import grant_credit

BIGGEST = Decimal("999999.99")
AMOUNT = decimal(Decimal("0.01"), BIGGEST, 2, "amount above 0 with two decimals, in the customer's currency")


def _add(ask: Ask) -> dict[str, object]:
    values: dict[str, Any] = dict(ask.values)
    card = get_customer(values["customer_id"])
    if card is None:
        raise NotFound("unknown_customer", field="customer_id")
    grant_credit(ask.actor, card.id, Money(int(values["amount"].scaleb(2)), card.currency_code))
    return {"STATUS": "success"}


declare(
    Service(
        "customer.addcredits", "Grant a customer credit, which reduces the next invoices before VAT.", Source.DATA,
        (THE_ID, Field("AMOUNT", AMOUNT, "amount", required=True)), _add, ("STATUS",), writes=True, subject="Customer",
    )
)  # fmt: skip
