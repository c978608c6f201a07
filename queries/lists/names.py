"""How a customer is called in lists: the organisation, or the person's names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func

from models import Customer


def customer_name() -> Any:
    """As one column; the same rule as `name_of`."""
    person = func.trim(Customer.first_name + " " + Customer.last_name)
    return case((Customer.organization != "", Customer.organization), else_=person)


def name_of(customer: Customer) -> str:
    """The organisation, else first and last name."""
    return customer.organization or f"{customer.first_name} {customer.last_name}".strip()
