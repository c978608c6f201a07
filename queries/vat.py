"""VAT as its screens show it: how the house taxes, its dated rates, what OSS is told, and a customer's checked id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select

from billing.taxes import INTRA_EU_GOODS, OSS, REVERSE_CHARGE
from billing.thresholds import SMALL_BUSINESS_BEFORE_CENTS, SMALL_BUSINESS_CENTS, UNION_CENTS
from extensions import db
from models import (
    Company,
    Customer,
    Invoice,
    InvoiceTaxLine,
    LocationEvidence,
    Staff,
    TaxMode,
    VatCheck,
    VatRate,
)

WARN, STOP = 80, 100  # per cent of a limit
MOST_CHECKS = 100


@dataclass(frozen=True, slots=True)
class Limit:
    """A sum of a year against its limit, in cents of EUR. `tone` is that of a badge."""

    year: int
    cents: int
    limit_cents: int

    @property
    def per_cent(self) -> int:
        """Rounded down: 100 is reached, not nearly."""
        return max(self.cents, 0) * 100 // self.limit_cents

    @property
    def tone(self) -> str:
        return "bad" if self.per_cent >= STOP else "warn" if self.per_cent >= WARN else "good"


@dataclass(frozen=True, slots=True)
class Mode:
    """Taxation from a day on; `is_now` holds today."""

    valid_from: date
    mode: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class Taxation:
    """How the house taxes; `proposals` are rates that came along and that nobody has looked over."""

    mode: str
    modes: tuple[Mode, ...]
    small: tuple[Limit, Limit]  # this year by day of issue, and the year before
    oss_from: date | None
    union: tuple[Limit, Limit]  # this year by day of supply, and the year before
    vat_id: str
    proposals: int


def get_taxation(today: date, issued: Mapping[int, int], union: Mapping[int, int]) -> Taxation:
    """The screen of VAT, in three statements. `issued`: net by year of issue; `union`: by year of supply to the
    Union's consumers; both in cents of EUR."""
    own = db.session.get_one(Company, 1)
    rows = db.session.scalars(select(TaxMode).order_by(TaxMode.valid_from)).all()
    now = next((row for row in reversed(rows) if row.valid_from <= today), None)
    proposed = select(func.count()).select_from(VatRate).where(VatRate.origin == "proposal")
    year = today.year
    return Taxation(
        now.mode if now else "regular",
        tuple(Mode(row.valid_from, row.mode, row is now) for row in reversed(rows)),
        (Limit(year, issued.get(year, 0), SMALL_BUSINESS_CENTS),
         Limit(year - 1, issued.get(year - 1, 0), SMALL_BUSINESS_BEFORE_CENTS)),
        own.oss_from,
        (Limit(year, union.get(year, 0), UNION_CENTS), Limit(year - 1, union.get(year - 1, 0), UNION_CENTS)),
        own.vat_id,
        db.session.scalar(proposed) or 0,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RateRow:
    """One dated rate; `valid_to` is exclusive. `state`: now, later or past. `origin`: law, proposal or staff."""

    id: int
    category: str
    percent: Decimal
    valid_from: date
    valid_to: date | None
    state: str
    origin: str


@dataclass(frozen=True, slots=True)
class RatesOf:
    """A country with its rates, the latest first."""

    country_code: str
    rates: tuple[RateRow, ...]


def get_rates(today: date) -> list[RatesOf]:
    """All rates by country. One statement."""
    rows = db.session.scalars(
        select(VatRate).order_by(VatRate.country_code, VatRate.category.desc(), VatRate.valid_from.desc())
    )
    found: dict[str, list[RateRow]] = {}
    for row in rows:
        found.setdefault(row.country_code, []).append(
            RateRow(row.id, row.category, row.percent, row.valid_from, row.valid_to, _state(row, today), row.origin)
        )
    return [RatesOf(country, tuple(rates)) for country, rates in found.items()]


def _state(row: VatRate, today: date) -> str:
    if row.valid_from > today:
        return "later"
    return "now" if row.valid_to is None or row.valid_to > today else "past"


@dataclass(frozen=True, slots=True)
class OssRow:
    """What the return asks for: a country and a rate. Cents of the currency; corrections are taken off."""

    country_code: str
    percent: Decimal
    currency: str
    documents: int
    net_cents: int
    tax_cents: int
    gross_cents: int


def get_oss_report(first: date, last: date) -> list[OssRow]:
    """All documents with a consumer's country's rate that were issued from `first` to `last`, by country, rate and
    currency (INV-11). One statement."""
    sums = [func.sum(getattr(InvoiceTaxLine, name)) for name in ("net_cents", "tax_cents", "gross_cents")]
    by = (LocationEvidence.country_code, InvoiceTaxLine.vat_percent, Invoice.currency_code)
    query = (
        select(*by, func.count(func.distinct(Invoice.id)), *sums)
        .join(Invoice, Invoice.id == InvoiceTaxLine.invoice_id)
        .join(LocationEvidence, LocationEvidence.invoice_id == Invoice.id)
        .where(Invoice.tax_case == OSS.code, Invoice.issued_at.is_not(None), Invoice.issued_on.between(first, last))
        .group_by(*by)
        .order_by(*by)
    )
    return [OssRow(*row[:4], *map(int, row[4:])) for row in db.session.execute(query)]


@dataclass(frozen=True, slots=True)
class EcSalesRow:
    """One line of the recapitulative statement (section 18a UStG): a VAT id, S for services or L for goods, and the
    net in cents; corrections are taken off."""

    vat_id: str
    kind: str
    currency: str
    documents: int
    net_cents: int


def get_ec_sales(first: date, last: date) -> list[EcSalesRow]:
    """What was issued without VAT to businesses of other Union countries from `first` to `last`, by the VAT id that
    the documents carry (INV-7). One statement."""
    kinds = {REVERSE_CHARGE.code: "S", INTRA_EU_GOODS.code: "L"}
    query = select(Invoice.buyer, Invoice.tax_case, Invoice.currency_code, Invoice.net_cents).where(
        Invoice.tax_case.in_(kinds), Invoice.issued_at.is_not(None), Invoice.issued_on.between(first, last)
    )
    found: dict[tuple[str, str, str], list[int]] = {}
    for buyer, case, currency, cents in db.session.execute(query):
        found.setdefault((buyer.get("vat_id", ""), kinds[case], currency), []).append(cents)
    return [EcSalesRow(*key, len(cents), sum(cents)) for key, cents in sorted(found.items())]


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One answer as it was kept; `by` is who asked, empty for the house itself."""

    id: int
    vat_id: str
    result: str
    reason: str
    name_match: str
    address_match: str
    request_id: str
    by: str
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class CheckedId:
    """A customer's VAT id and what was answered about it, the latest first."""

    customer_id: int
    number: str
    name: str
    country_code: str
    customer_type: str
    vat_id: str
    checks: tuple[CheckRow, ...]


def get_checked_id(customer_id: int) -> CheckedId | None:
    """The card of a customer's VAT id, in two statements; None where there is no such record."""
    row = db.session.get(Customer, customer_id)
    if row is None or row.erased_at is not None:
        return None
    query = (
        select(VatCheck, Staff.name)
        .outerjoin(Staff, (Staff.id == VatCheck.actor_id) & (VatCheck.actor_kind == "staff"))
        .where(VatCheck.customer_id.in_(select(Customer.id).where(Customer.survivor_id == customer_id)))
        .order_by(VatCheck.id.desc())
        .limit(MOST_CHECKS)
    )
    checks = tuple(
        CheckRow(
            check.id, check.vat_id, check.result, check.reason, check.name_match, check.address_match,
            check.request_id, by or "", check.checked_at,
        )
        for check, by in db.session.execute(query)
    )  # fmt: skip
    name = row.organization or f"{row.first_name} {row.last_name}".strip()
    return CheckedId(row.id, row.number, name, row.country_code, row.customer_type, row.vat_id, checks)
