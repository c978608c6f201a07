"""What the hosted pages show of the company, and example addresses for the settings (M1-24)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from extensions import db
from models import Company, Customer, File, Paper


@dataclass(frozen=True, slots=True)
class Brand:
    """The company at the head of a customer's page. `logo` is the digest in the logo's address, empty without one."""

    name: str
    accent: str
    account_hash: str
    mode: str
    email: str
    phone: str
    creditor_id: str
    logo: str


@dataclass(frozen=True, slots=True)
class Examples:
    """Real keys for example links; empty where there is nothing yet."""

    account_hash: str
    customer_hash: str
    customer_number: str
    paper_token: str


def get_brand() -> Brand | None:
    """Name, colour and logo of the company, in one statement; None before it was founded."""
    columns = (
        Company.name, Company.accent, Company.account_hash, Company.mode, Company.email, Company.phone,
        Company.creditor_id,
    )  # fmt: skip
    query = select(*columns, File.sha256).outerjoin(File, File.id == Company.logo_file_id)
    row = db.session.execute(query).one_or_none()
    return Brand(*row[:7], row[7] or "") if row else None


def get_examples() -> Examples:
    """The account's hash, the first customer that is still there, the newest paper with a link. Three statements."""
    account = db.session.scalar(select(Company.account_hash)) or ""
    living = Customer.erased_at.is_(None) & (Customer.survivor_id == Customer.id)
    first = select(Customer.hash, Customer.number).where(living).order_by(Customer.id).limit(1)
    customer = db.session.execute(first).one_or_none()
    linked = Paper.token_revoked_at.is_(None) & (Paper.state == "drawn")
    token = db.session.scalar(select(Paper.token).where(linked).order_by(Paper.id.desc()).limit(1))
    return Examples(account, customer.hash if customer else "", customer.number if customer else "", token or "")
