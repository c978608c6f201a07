"""Postings: every movement of money is a list of (account, cents) that sums to zero; debit is positive.

The accounts:
  receivable                  what customers owe (per receivable in the journal)
  revenue:CATEGORY:PERCENT    net turnover by EN 16931 category and rate, e.g. revenue:S:19.00, revenue:AE:0.00
  vat:CATEGORY:PERCENT        VAT owed to the tax office, e.g. vat:S:19.00
  bank                        money on the own bank account
  cash                        money in the till
  clearing:GATEWAY            money at a provider, not yet paid out, e.g. clearing:stripe
  credit                      customers' paid credit (Guthaben), a liability
  refunds_under_way           taken out of the credit and on its way back to the customer, a liability
  writeoff:CATEGORY:PERCENT   receivables given up, net, by the rate whose VAT is corrected (section 17 (2) no. 1 UStG)
  writeoff                    receivables given up that bear no VAT
  fee, interest, lumpsum      damages of dunning: no VAT (MAH-6)
  provider_fee                what providers and banks keep
  deposit                     deposits held for customers
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache

from billing.errors import Invalid
from billing.taxes import TaxLine

Posting = tuple[str, int]

RECEIVABLE = "receivable"
BANK = "bank"
CASH = "cash"
CREDIT = "credit"
REFUNDS_UNDER_WAY = "refunds_under_way"
WRITEOFF = "writeoff"
FEE = "fee"
INTEREST = "interest"
LUMPSUM = "lumpsum"
PROVIDER_FEE = "provider_fee"
DEPOSIT = "deposit"


def clearing(gateway: str) -> str:
    """The account of money that lies at a provider."""
    return f"clearing:{gateway}"


@lru_cache(maxsize=256)
def revenue(category: str, percent: Decimal) -> str:
    return f"revenue:{category}:{percent:.2f}"


@lru_cache(maxsize=256)
def vat(category: str, percent: Decimal) -> str:
    return f"vat:{category}:{percent:.2f}"


@lru_cache(maxsize=256)
def writeoff(category: str, percent: Decimal) -> str:
    return f"{WRITEOFF}:{category}:{percent:.2f}"


def postings_for_invoice(gross_cents: int, tax_lines: Sequence[TaxLine]) -> list[Posting]:
    """The receivable against turnover and VAT. Lines of zero are left out; a correction passes negative cents.

    Raises Invalid("gross_cents") when the tax lines do not come to the gross amount.
    """
    postings = [(RECEIVABLE, gross_cents)]
    for line in tax_lines:
        postings.append((revenue(line.category, line.percent), -line.net_cents))
        postings.append((vat(line.category, line.percent), -line.tax_cents))
    if not balanced(postings):
        raise Invalid("gross_cents", "postings_not_balanced")
    return [posting for posting in postings if posting[1]]


def balanced(postings: Iterable[Posting]) -> bool:
    """Whether an entry sums to zero: no other may be written (L1)."""
    return sum(cents for _, cents in postings) == 0
