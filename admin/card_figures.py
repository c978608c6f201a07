"""The figures on top of the card, currency by currency: what is overdue, open and next (UI: read before click)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from queries.cards.customer_overview import Balance, get_balances
from services.next_payments import NextPayment, next_payments


@dataclass(frozen=True, slots=True)
class Figures:
    """One currency of a customer: what is owed, and what will be asked for next."""

    balance: Balance
    next: NextPayment | None

    @property
    def currency(self) -> str:
        return self.balance.currency


def get_figures(customer_id: int, home_currency: str, today: date) -> tuple[Figures, ...]:
    """By currency, the customer's own first; that one stands there even if there is nothing to tell."""
    owed = {each.currency: each for each in get_balances(customer_id, today)}
    planned = {each.currency: each for each in next_payments(customer_id)}
    codes = sorted(owed.keys() | planned.keys(), key=lambda code: (code != home_currency, code)) or [home_currency]
    return tuple(Figures(owed.get(code) or Balance(code), planned.get(code)) for code in codes)
