"""What becomes one document: who pays, what stands on it, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from billing.charges import Charge
from billing.discounts import Grant
from billing.lines import Line
from billing.taxes import Amounts, Buyer, TaxCase, TaxLine, spread, tax_lines


@dataclass(frozen=True, slots=True)
class Payer:
    """The (surviving) customer who is billed."""

    customer_id: int
    currency: str
    buyer: Buyer
    status: str = "active"
    language: str = "de"
    grants: tuple[Grant, ...] = ()  # granted credit that is left (D-9)


@dataclass(frozen=True, slots=True)
class Draft:
    """What becomes one document. Its charges and lines share everything a document can say only once.

    `charges` are planned periods, `lines` all other positions; they stand on the paper in this order.
    """

    customer_id: int
    currency: str
    is_gross: bool
    payment_type: int
    collection: str
    tax_case: TaxCase
    billing_on: date
    days_for_payment: int
    charges: tuple[Charge, ...]
    lines: tuple[Line, ...] = ()
    method_id: int = 0  # the kept method that is charged first; 0: none

    @property
    def positions(self) -> tuple[Charge | Line, ...]:
        """All that is printed and counted, in its order."""
        return (*self.charges, *self.lines) if self.lines else self.charges


class Totals(NamedTuple):
    """A draft's sums in cents; `line_amounts` has (net, tax, gross) per position and adds up to the sums."""

    net_cents: int
    tax_cents: int
    gross_cents: int
    tax_lines: tuple[TaxLine, ...]
    line_amounts: tuple[Amounts, ...]


def total(draft: Draft) -> Totals:
    """The draft's tax table and sums: VAT once per category and rate on the document's sum (RND-3, RND-5)."""
    amounts = [(c.tax_category, c.percent, c.amount_cents) for c in draft.positions]
    lines = tax_lines(amounts, draft.is_gross)
    spread_out = spread(amounts, draft.is_gross, lines)
    if len(lines) == 1:
        return Totals(lines[0].net_cents, lines[0].tax_cents, lines[0].gross_cents, lines, spread_out)
    net, tax = sum(line.net_cents for line in lines), sum(line.tax_cents for line in lines)
    return Totals(net, tax, net + tax, lines, spread_out)
