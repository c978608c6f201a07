"""How the house taxes: regular or small business from a day on, dated rates, OSS, and how VAT ids are checked.

Nothing here changes what was issued: every invoice keeps what it was issued with, and what is set counts by the day of
supply (0.7, F20).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from billing.errors import Conflict, Invalid, NotFound
from extensions import db
from models import TaxMode, VatRate
from services import activities, clock
from services import values as check
from services.actor import SYSTEM, Actor
from services.company import lock_company
from services.unit import write

MODES = ("regular", "small_business")
CATEGORIES = ("standard", "reduced", "zero")
LONGEST = 3650  # days
_DAY = timedelta(days=1)


def change_vat_checks(actor: Actor, values: Mapping[str, Any]) -> None:
    """How VAT ids are checked: vat_check (off, before_issue), vat_check_days, vat_rely_days, vat_unconfirmed (hold,
    charge). Raises Invalid(field); a good answer has to be relied on at least until it is asked for again."""
    with write():
        company = lock_company()
        clean = {
            "vat_check": check.one_of("vat_check", values["vat_check"], ("off", "before_issue")),
            "vat_check_days": check.number_in("vat_check_days", values["vat_check_days"], 1, LONGEST),
            "vat_rely_days": check.number_in("vat_rely_days", values["vat_rely_days"], 1, LONGEST),
            "vat_unconfirmed": check.one_of("vat_unconfirmed", values["vat_unconfirmed"], ("hold", "charge")),
        }
        if clean["vat_rely_days"] < clean["vat_check_days"]:
            raise Invalid("vat_rely_days", "shorter_than_check")
        _set(actor, company, clean)


def change_oss(actor: Actor, oss_from: date | None) -> None:
    """From which day of supply consumers of the Union bear their country's rates; None: below the threshold, and not
    opted in. What was issued stays as it is (INV-11)."""
    with write():
        _set(actor, lock_company(), {"oss_from": oss_from})


def note_crossing(oss_from: date) -> None:
    """A planned supply went beyond the threshold: from its day on the consumers' rates hold. Known for good."""
    with write():
        company = lock_company()
        if company.oss_from is None:
            _set(SYSTEM, company, {"oss_from": oss_from})


def add_tax_mode(actor: Actor, valid_from: date, mode: str) -> None:
    """Regular or small business from that day of supply on. Raises Invalid, and Conflict("same_mode") where nothing
    would change; a mode of the same day is replaced."""
    check.one_of("mode", mode, MODES)
    with write() as session:
        lock_company()
        rows = session.scalars(select(TaxMode).order_by(TaxMode.valid_from)).all()
        before = next((row.mode for row in reversed(rows) if row.valid_from <= valid_from), "regular")
        if before == mode:
            raise Conflict("same_mode")
        row = session.get(TaxMode, valid_from)
        if row is None:
            session.add(TaxMode(valid_from=valid_from, mode=mode))
        else:
            row.mode = mode
        activities.record(actor, "company.tax_mode_added", "company", 1, valid_from=valid_from.isoformat(), mode=mode)


def add_rate(actor: Actor, country_code: str, category: str, percent: Decimal, valid_from: date) -> int:
    """A new rate from a day of supply on; it ends the one before it, and lasts until the next. Gives its id.

    Raises Invalid(field), and Conflict("rate_of_that_day") where one begins on that very day.
    """
    country = check.country("country_code", country_code)
    check.one_of("category", category, CATEGORIES)
    rate = check.exact("percent", percent, Decimal(0), Decimal("99.99"), 2)
    with write() as session:
        lock_company()
        same = (VatRate.country_code == country, VatRate.category == category)
        rows = session.scalars(select(VatRate).where(*same).order_by(VatRate.valid_from)).all()
        if any(row.valid_from == valid_from for row in rows):
            raise Conflict("rate_of_that_day", field="valid_from")
        former = next((row for row in reversed(rows) if row.valid_from < valid_from), None)
        later = next((row.valid_from for row in rows if row.valid_from > valid_from), None)
        if former is not None and (former.valid_to is None or former.valid_to > valid_from):
            former.valid_to = valid_from
        row = VatRate(country_code=country, category=category, percent=rate, valid_from=valid_from, valid_to=later)
        session.add(row)
        session.flush()
        activities.record(actor, "company.rate_added", "company", 1, country_code=country, category=category,
                          percent=str(rate), valid_from=valid_from.isoformat())  # fmt: skip
        return int(row.id)


def confirm_rate(actor: Actor, rate_id: int) -> None:
    """A person has looked a proposed rate over: from now on it is the house's own. Raises NotFound."""
    with write() as session:
        row = session.get(VatRate, rate_id, with_for_update=True)
        if row is None:
            raise NotFound("vat_rate")
        if row.origin == "proposal":
            row.origin = "staff"
            activities.record(actor, "company.rate_confirmed", "company", 1, country_code=row.country_code,
                              category=row.category, percent=str(row.percent))  # fmt: skip


def category_of(field: str, percent: Decimal, country_code: str) -> str:
    """The category whose rate in force today is that per cent: nobody makes a rate up (INV-6).

    Raises Invalid(field, "unknown_vat_rate").
    """
    today = clock.today()
    query = select(VatRate.category).where(
        VatRate.country_code == country_code, VatRate.valid_from <= today, VatRate.percent == percent,
        (VatRate.valid_to.is_(None)) | (VatRate.valid_to > today),
    )  # fmt: skip
    found = set(db.session.scalars(query))
    for category in CATEGORIES:
        if category in found:
            return category
    raise Invalid(field, "unknown_vat_rate")


def _set(actor: Actor, company: Any, clean: dict[str, Any]) -> None:
    changes = activities.changes_between(company, clean)
    if not changes:
        return
    for field in changes:
        setattr(company, field, clean[field])
    company.updated_at, company.version = clock.instant(), company.version + 1
    activities.record(actor, "company.changed", "company", 1, changes=changes)
