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
from services import activities, clock, company_fields, dunning_levels
from services.actor import Actor
from services.default_roles import make_default_roles
from services.numbers import DEFAULT_RANGES
from services.sql import insert
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

# Standard rates of the Union's other countries as far as known: a proposal, marked so, which the operator looks over
# before selling there by OSS (INV-11). Earlier rates are not of use here.
UNION_RATES = (
    ("AT", "20", date(2016, 1, 1)), ("BE", "21", date(2000, 1, 1)), ("BG", "20", date(2007, 1, 1)),
    ("CY", "19", date(2014, 1, 13)), ("CZ", "21", date(2013, 1, 1)), ("DK", "25", date(2000, 1, 1)),
    ("EE", "24", date(2025, 7, 1)), ("ES", "21", date(2012, 9, 1)), ("FI", "25.5", date(2024, 9, 1)),
    ("FR", "20", date(2014, 1, 1)), ("GR", "24", date(2016, 6, 1)), ("HR", "25", date(2013, 7, 1)),
    ("HU", "27", date(2012, 1, 1)), ("IE", "23", date(2021, 3, 1)), ("IT", "22", date(2013, 10, 1)),
    ("LT", "21", date(2009, 9, 1)), ("LU", "17", date(2024, 1, 1)), ("LV", "21", date(2012, 7, 1)),
    ("MT", "18", date(2004, 5, 1)), ("NL", "21", date(2012, 10, 1)), ("PL", "23", date(2011, 1, 1)),
    ("PT", "23", date(2011, 1, 1)), ("RO", "21", date(2025, 8, 1)), ("SE", "25", date(2000, 1, 1)),
    ("SI", "22", date(2013, 7, 1)), ("SK", "23", date(2025, 1, 1)),
)  # fmt: skip

# What of the company is printed on a paper, and therefore frozen with it.
PRINTED = (
    "name", "legal_form", "address", "address_2", "zipcode", "city", "country_code", "phone", "email", "website",
    "contact_name", "seat", "register_court", "register_number", "managing_directors", "tax_number", "vat_id",
    "small_business_id", "cash_accounting", "creditor_id", "bank_name", "bank_owner", "iban", "bic", "accent",
    "logo_file_id", "mode",
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
                                valid_to=until, origin="law"))  # fmt: skip
        for country, percent, since in UNION_RATES:
            session.add(VatRate(country_code=country, category="standard", percent=Decimal(percent), valid_from=since,
                                origin="proposal"))  # fmt: skip
        make_default_roles()
        dunning_levels.seed(session)
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
    """What the planner has to know of the seller: how it taxes by the day of supply, and all dated rates.

    `on` is the day of issue; `run_id` says that it is for a billing run, which holds the sums of the year (tax_watch).
    """

    seller: Seller
    rates: RateTable
    on: date
    run_id: int | None = None


def tax_facts(on: date, run_id: int | None = None) -> TaxFacts:
    """Seller and rates as pure data, in three statements whatever there is to bill."""
    company = get_company()
    modes = db.session.scalars(select(TaxMode).order_by(TaxMode.valid_from)).all()
    changes = tuple((mode.valid_from, mode.mode == "small_business") for mode in modes)
    rows = db.session.scalars(select(VatRate)).all()
    rates = RateTable([Rate(r.country_code, r.category, r.percent, r.valid_from, r.valid_to) for r in rows])
    return TaxFacts(Seller(company.country_code, False, changes, company.oss_from), rates, on, run_id)


def freeze_letterhead() -> int:
    """The id of a letterhead that says what the company's data say now; made if they were never frozen so."""
    with write() as session:
        company = get_company()
        data = {field: getattr(company, field) for field in PRINTED}
        digest = sha256(canonical_json(data).encode()).hexdigest()
        found = session.scalar(select(Letterhead.id).where(Letterhead.digest == digest))
        if found is not None:
            return found
        # Two who issue for the first time after a change meet at the digest; both get one row.
        values = {"digest": digest, "data": data, "logo_file_id": company.logo_file_id, "created_at": clock.instant()}
        made = session.scalar(insert(Letterhead).values(**values).on_conflict_do_nothing().returning(Letterhead.id))
        return int(made or session.scalars(select(Letterhead.id).where(Letterhead.digest == digest)).one())


def _company() -> Company | None:
    found: Company | None = db.session.get(Company, 1)
    return found
