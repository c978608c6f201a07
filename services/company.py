"""The Mandant: made once, changed by staff, frozen as a letterhead when something is issued."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from billing.errors import AlreadyDone, Conflict
from billing.taxes import Rate, RateTable, Seller
from extensions import db
from models import Company, Letterhead, NumberRange, TaxMode, VatRate
from models.base import canonical_json
from services import activities, clock, company_fields
from services.actor import Actor
from services.numbers import DEFAULT_RANGES
from services.roles import make_default_roles
from services.unit import write

# § 12 UStG; 16 and 5 per cent in the second half of 2020 (Zweites Corona-Steuerhilfegesetz). Ends are exclusive.
GERMAN_RATES = (
    ("standard", "19", date(2007, 1, 1), date(2020, 7, 1)),
    ("standard", "16", date(2020, 7, 1), date(2021, 1, 1)),
    ("standard", "19", date(2021, 1, 1), None),
    ("reduced", "7", date(1983, 7, 1), date(2020, 7, 1)),
    ("reduced", "5", date(2020, 7, 1), date(2021, 1, 1)),
    ("reduced", "7", date(2021, 1, 1), None),
    ("zero", "0", date(1968, 1, 1), None),
)

# What of the company is printed on a paper, and therefore frozen with it.
PRINTED = (
    "name", "legal_form", "address", "address_2", "zipcode", "city", "country_code", "phone", "email", "website",
    "contact_name", "seat", "register_court", "register_number", "managing_directors", "tax_number", "vat_id",
    "small_business_id", "creditor_id", "bank_name", "bank_owner", "iban", "bic", "accent", "logo_file_id", "mode",
)  # fmt: skip


def found_company(actor: Actor, *, mode: str = "sandbox", is_demo: bool = False, **values: Any) -> None:
    """Make the one company with its number ranges, rates and default roles.

    Raises AlreadyDone if it is there, Invalid(field) for a value that cannot be.
    """
    with write() as session:
        if session.get(Company, 1) is not None:
            raise AlreadyDone("company_exists")
        values.setdefault("name", "Meine Firma")
        clean = company_fields.cleaned(values)
        session.add(Company(id=1, account_hash=secrets.token_hex(16), mode=mode, is_demo=is_demo, **clean))
        session.add(TaxMode(valid_from=date(2000, 1, 1), mode="regular"))
        for code, (pattern, yearly, first) in DEFAULT_RANGES.items():
            session.add(NumberRange(code=code, pattern=pattern, yearly=yearly, first_value=first))
        for category, percent, since, until in GERMAN_RATES:
            session.add(VatRate(country_code="DE", category=category, percent=Decimal(percent), valid_from=since,
                                valid_to=until))  # fmt: skip
        make_default_roles()
        session.flush()
        activities.record(actor, "company.created", "company", 1, mode=mode)


def get_company() -> Company:
    """The company's row. Conflict before it was founded."""
    company = _company()
    if company is None:
        raise Conflict("no_company")
    return company


def exists() -> bool:
    return _company() is not None


def lock_company() -> Company:
    """The company's row, locked until the open transaction ends."""
    with write() as session:
        query = select(Company).where(Company.id == 1).with_for_update().execution_options(populate_existing=True)
        company: Company | None = session.scalars(query).one_or_none()
        if company is None:
            raise Conflict("no_company")
        return company


def change_company(actor: Actor, values: dict[str, Any], *, seen: int | None = None) -> None:
    """Change the company's own data; old and new stand in the activity (GOB-2).

    `seen` is the version that the person looked at: Conflict("changed_meanwhile") where it has moved on. Raises
    Invalid(field).
    """
    with write():
        company = lock_company()
        if seen is not None and seen != company.version:
            raise Conflict("changed_meanwhile")
        clean = company_fields.cleaned(values, company)
        changes = activities.changes_between(company, clean)
        if not changes:
            return
        for field in changes:
            setattr(company, field, clean[field])
        company.updated_at, company.version = clock.instant(), company.version + 1
        activities.record(actor, "company.changed", "company", 1, changes=changes)


@dataclass(frozen=True, slots=True)
class TaxFacts:
    """What the planner has to know of the seller: how it taxes on the day, and all dated rates."""

    seller: Seller
    rates: RateTable


def tax_facts(on: date) -> TaxFacts:
    """Seller and rates as pure data, in three statements whatever there is to bill."""
    company = get_company()
    modes = db.session.scalars(select(TaxMode).order_by(TaxMode.valid_from)).all()
    mode = next((m.mode for m in reversed(modes) if m.valid_from <= on), "regular")
    rows = db.session.scalars(select(VatRate)).all()
    rates = RateTable([Rate(r.country_code, r.category, r.percent, r.valid_from, r.valid_to) for r in rows])
    return TaxFacts(Seller(company.country_code, mode == "small_business"), rates)


def freeze_letterhead() -> int:
    """The id of a letterhead that says what the company's data say now; made if they were never frozen so."""
    with write() as session:
        company = get_company()
        data = {field: getattr(company, field) for field in PRINTED}
        digest = sha256(canonical_json(data).encode()).hexdigest()
        found = session.scalar(select(Letterhead.id).where(Letterhead.digest == digest))
        if found is not None:
            return found
        letterhead = Letterhead(digest=digest, data=data, logo_file_id=company.logo_file_id)
        session.add(letterhead)
        session.flush()
        return int(letterhead.id)


def _company() -> Company | None:
    found: Company | None = db.session.get(Company, 1)
    return found
