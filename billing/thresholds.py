"""The yearly sums at which a supply is taxed otherwise: 100,000 EUR of a small business, 10,000 EUR of OSS (INV-5, 11).

Sums are cents of EUR by calendar year. They count what was issued; other currencies are not among them, because the law
counts in EUR and the house knows no rates of exchange.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from billing.drafts import Draft, Totals
from billing.taxes import OSS, UNION_CONSUMER

SMALL_BUSINESS_CENTS = 100_000_00  # section 19 (1) UStG, of the running year: the supply that exceeds it is taxed
SMALL_BUSINESS_BEFORE_CENTS = 25_000_00  # of the year before
UNION_CENTS = 10_000_00  # section 3a (5), section 3c (4) UStG: of the year before, or of the running one
ONE_PROOF_CENTS = 100_000_00  # Art. 24b of Regulation 282/2011: up to it one proof of the country suffices
OF_UNION = frozenset({UNION_CONSUMER.code, OSS.code})


def exceeds_small_business(issued_cents: int, further_cents: int) -> bool:
    """Whether a further invoice takes the year beyond what a small business may have."""
    return issued_cents + further_cents > SMALL_BUSINESS_CENTS


def exceeds_union(sums: Mapping[int, int], further: Mapping[int, int]) -> bool:
    """Whether supplies to the Union's consumers are beyond the threshold: last year, or this one with `further`."""
    return any(
        sums.get(year - 1, 0) > UNION_CENTS or sums.get(year, 0) + cents > UNION_CENTS
        for year, cents in further.items()
        if cents > 0
    )


def union_supplies(draft: Draft, totals: Totals) -> dict[int, int]:
    """Net by year of supply of a draft for a consumer of the Union; nothing for others, and in another currency."""
    if draft.tax_case.code not in OF_UNION or draft.currency != "EUR":
        return {}
    found: dict[int, int] = {}
    for position, amounts in zip(draft.positions, totals.line_amounts, strict=True):
        year = (position.period.last_day if position.period else draft.billing_on).year
        found[year] = found.get(year, 0) + amounts.net_cents
    return found


def begins_on(draft: Draft) -> date:
    """From which day of supply the crossing draft brings the consumers' rates: no later than its own billing day, so
    that whatever is billed from now on follows."""
    days = [position.period.last_day for position in draft.positions if position.period]
    return min([draft.billing_on, *days])


def proofs(country_code: str, account_country: str) -> dict[str, str]:
    """What says that a consumer lives in a country: the billing address, and the IBAN where there is one (Art. 24f)."""
    told = {"billing": country_code, "iban": account_country}
    return {kind: country for kind, country in told.items() if country}


def lacks_proof(country_code: str, account_country: str, sums: Mapping[int, int], year: int) -> bool:
    """Whether a second, consistent proof is needed and missing: beyond 100,000 EUR last year or this one."""
    if account_country == country_code:
        return False
    return max(sums.get(year - 1, 0), sums.get(year, 0)) > ONE_PROOF_CENTS
