"""Keeps an eye on the yearly sums while drafts are planned: which supply is the one that goes beyond them.

Sums are read when they are first asked for, which for most houses is never, and counted on with what is planned. In a
run they are read under the company's lock, so that two chunks at once do not both believe to be below.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import func, select

from billing.drafts import Draft, Totals, total
from billing.invoices import Parked
from billing.taxes import OSS, SMALL_BUSINESS, UNION_CONSUMER, Seller
from billing.thresholds import (
    begins_on,
    exceeds_small_business,
    exceeds_union,
    lacks_proof,
    union_supplies,
)
from extensions import db
from models import Company, Invoice, InvoiceLine, ParkedCustomer
from services.debtors import Debtor

LIMIT = "small_business_limit"


class Watch:
    """One planning's view of the sums, for invoices issued on a day; `run_id` where it is a run's, not a look ahead.

    `oss_from` is set when a planned draft crossed the Union's threshold.
    """

    def __init__(self, seller: Seller, on: date, run_id: int | None = None) -> None:
        self.seller = seller
        self.oss_from: date | None = None
        self._on, self._run_id = on, run_id
        self._union: dict[int, int] | None = None
        self._small: int | None = None
        self._is_closed = False  # a small business's limit was met: nothing more is issued as one

    def crosses(self, drafts: Sequence[Draft]) -> bool:
        """Whether one of a customer's drafts, in their order, takes supplies to the Union's consumers beyond the
        threshold; if so, `seller` is from now on one that bears their countries' rates, and they are planned anew."""
        concerned = [draft for draft in drafts if draft.tax_case.code == UNION_CONSUMER.code]
        if not concerned:
            return False
        known, sums = self.seller.oss_from, defaultdict(int, self._union_sums())
        for draft in concerned if self.seller.oss_from is None else ():
            further = union_supplies(draft, total(draft))
            if exceeds_union(sums, further):
                self.oss_from = begins_on(draft)
                self.seller = replace(self.seller, oss_from=self.oss_from)
                break
            _add(sums, further)
        return self.seller.oss_from != known

    def refusal(self, debtor: Debtor, draft: Draft, totals: Totals) -> Parked | None:
        """Why this draft has to wait for a person; counts it otherwise."""
        if draft.tax_case.code == SMALL_BUSINESS.code:
            return self._beyond_small_business(draft, totals)
        if draft.tax_case.code == OSS.code and self._lacks_proof(debtor, draft):
            return Parked(draft.customer_id, None, "missing_fields", {"fields": ["location_evidence"]})
        if draft.tax_case.code == UNION_CONSUMER.code:
            _add(self._union_sums(), union_supplies(draft, totals))
        return None

    def _beyond_small_business(self, draft: Draft, totals: Totals) -> Parked | None:
        if draft.currency != "EUR":
            return None
        if self._small is None:
            self._lock()
            self._small = small_business_turnover(self._on.year)
            self._is_closed = self._run_id is not None and limit_was_met(self._run_id)
        if self._is_closed or exceeds_small_business(self._small, totals.net_cents):
            self._is_closed = True
            facts: dict[str, object] = {"net_cents": self._small, "supplied_on": _supplied(draft).isoformat()}
            return Parked(draft.customer_id, None, LIMIT, facts)
        self._small += totals.net_cents
        return None

    def _lacks_proof(self, debtor: Debtor, draft: Draft) -> bool:
        country = debtor.buyer.country
        if debtor.account_country == country:
            return False
        return lacks_proof(country, debtor.account_country, self._union_sums(), _supplied(draft).year)

    def _union_sums(self) -> dict[int, int]:
        if self._union is None:
            own = self._lock()
            if own is not None and own.oss_from is not None and self.seller.oss_from is None:
                self.oss_from = own.oss_from  # another chunk crossed it meanwhile
                self.seller = replace(self.seller, oss_from=own.oss_from)
            self._union = union_turnover()
        return self._union

    def _lock(self) -> Company | None:
        if self._run_id is None:
            return None
        query = select(Company).where(Company.id == 1).with_for_update().execution_options(populate_existing=True)
        found: Company = db.session.scalars(query).one()
        return found


def union_turnover() -> dict[int, int]:
    """Net cents of EUR by year of supply, of electronic services and goods for consumers of the Union, less what was
    corrected; one statement over the lines issued."""
    last = func.coalesce(InvoiceLine.period_end, Invoice.issued_on)
    query = (
        select(last, InvoiceLine.period_end.is_(None), func.sum(InvoiceLine.net_cents))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.tax_case.in_((UNION_CONSUMER.code, OSS.code)), Invoice.issued_at.is_not(None))
        .where(Invoice.currency_code == "EUR")
        .group_by(last, InvoiceLine.period_end.is_(None))
    )
    found: dict[int, int] = defaultdict(int)
    for day, is_single, cents in db.session.execute(query):
        found[(day if is_single else day - timedelta(1)).year] += int(cents)
    return found


def small_business_turnover(year: int) -> int:
    """Net cents of EUR issued in the calendar year, less what was corrected. The law counts what was received; what
    was issued is never less for long, so the house asks early rather than late."""
    query = select(func.coalesce(func.sum(Invoice.net_cents), 0)).where(
        Invoice.issued_on.between(date(year, 1, 1), date(year, 12, 31)),
        Invoice.issued_at.is_not(None),
        Invoice.currency_code == "EUR",
    )
    return int(db.session.scalar(query) or 0)


def limit_was_met(run_id: int) -> bool:
    """Whether this run left somebody out because of the limit: what comes after is no small business's supply."""
    waiting = select(ParkedCustomer.id).where(
        ParkedCustomer.run_id == run_id, ParkedCustomer.code == LIMIT, ParkedCustomer.resolved_at.is_(None)
    )
    return db.session.scalar(waiting.limit(1)) is not None


def _add(sums: dict[int, int], further: Mapping[int, int]) -> None:
    for year, cents in further.items():
        sums[year] += cents


def _supplied(draft: Draft) -> date:
    """The first day of supply among the draft's positions."""
    return min((position.period.last_day for position in draft.positions if position.period), default=draft.billing_on)
