"""Customers as a call or a screen needs them: one page in four statements, whatever its length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select, union_all
from sqlalchemy.orm import aliased

from billing.ledger import CREDIT
from billing.words import query_words
from extensions import db
from models import Company, CreditGrant, Customer, CustomerTag, Posting, SearchWord, Tag


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """What to look for; empty fields do not count. Keys of a merged record find its survivor (D-11)."""

    ids: tuple[int, ...] = ()
    numbers: tuple[str, ...] = ()
    ext_uids: tuple[str, ...] = ()
    hash: str = ""
    country_code: str = ""
    city: str = ""
    comment: str = ""
    term: str = ""


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """One record with everything the call API tells of it; `days_for_payment` is the company's where it has none."""

    id: int
    number: str
    ext_uid: str | None
    hash: str
    status: str
    customer_type: str
    organization: str
    position: str
    title_academic: str
    salutation: str
    first_name: str
    last_name: str
    address: str
    address_2: str
    zipcode: str
    city: str
    state: str
    country_code: str
    delivery_recipient: str
    delivery_address: str
    delivery_address_2: str
    delivery_zipcode: str
    delivery_city: str
    delivery_country_code: str
    phone: str
    phone_2: str
    fax: str
    mobile: str
    email: str
    email_cc: str
    payment_mail_address: str
    birthday: date | None
    language_code: str
    newsletter_optin: bool
    affiliate: str
    comment: str
    x_attributes: Any
    vat_id: str
    tax_id: str
    currency_code: str
    days_for_payment: int
    account_receivable: str
    invoice_delivery_method: str
    show_payment_notice: bool
    payment_type: int
    allowed_payment_types: str
    payment_provider: str
    payment_token: str
    bank_name: str
    bank_account_owner: str
    bank_account_owner_address: str
    bank_account_owner_zipcode: str
    bank_account_owner_city: str
    bank_account_owner_email: str
    bank_iban: str
    bank_bic: str
    bank_account_number: str
    bank_code: str
    mandate_reference: str
    mandate_signed_on: date | None
    created_at: datetime
    updated_at: datetime
    tags: tuple[str, ...]
    credit_cents: int


_COLUMNS = [
    field.name for field in fields(CustomerCard) if field.name not in ("tags", "days_for_payment", "credit_cents")
]


def find_customers(wanted: CustomerFilter, limit: int, offset: int = 0) -> list[CustomerCard]:
    """A page of records in the order they were made. Merged and deleted records are not in it. Four statements."""
    default_days = db.session.scalar(select(Company.days_for_payment)) or 0
    query = select(Customer.days_for_payment, *(getattr(Customer, name) for name in _COLUMNS))
    query = query.where(
        or_(Customer.survivor_id.is_(None), Customer.survivor_id == Customer.id),
        Customer.erased_at.is_(None),
        *_conditions(wanted),
    )
    rows = db.session.execute(query.order_by(Customer.id).limit(limit).offset(offset)).all()
    ids = [row.id for row in rows]
    tags, credit = _tags(ids), _credit(ids)
    return [_card(row, default_days, tags.get(row.id, ()), credit.get((row.id, row.currency_code), 0)) for row in rows]


def get_customer(customer_id: int) -> CustomerCard | None:
    """The record that speaks for this id today, or None."""
    found = find_customers(CustomerFilter(ids=(customer_id,)), 1)
    return found[0] if found else None


def of_customers(
    column: Any, ids: Sequence[int], ext_uids: Sequence[str], numbers: Sequence[str]
) -> list[ColumnElement[bool]]:
    """Whether a row, by its column of the customer's id, belongs to the customer of each kind of key that is given: the
    record that speaks for the key today, or one merged into it. Nobody's are found by a deleted one's (DSG-2)."""
    keys = ((_Old.id, ids), (_Old.ext_uid, ext_uids), (_Old.number, numbers))
    return [column.in_(_family(key.in_(values))) for key, values in keys if values]


def _family(key: ColumnElement[bool]) -> Select[Any]:
    survivors = _survivors(key)
    theirs = or_(Customer.id.in_(survivors), Customer.survivor_id.in_(survivors))
    return select(Customer.id).where(theirs, Customer.erased_at.is_(None))


def _conditions(wanted: CustomerFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Customer.id.in_(_survivors(key)) for key in _keys(wanted)]
    for name in ("country_code", "city"):
        if value := getattr(wanted, name):
            column = getattr(Customer, name)
            found.append(or_(column == value, func.lower(column) == value.lower()))  # SQLite lowers ASCII only
    if wanted.comment:
        found.append(Customer.comment.contains(wanted.comment, autoescape=True))
    if wanted.term:
        found.append(_term(wanted.term))
    return found


def _term(typed: str) -> ColumnElement[bool]:
    """Each typed word begins a word of the record: a range over the B-tree; signs alone find nothing."""
    words = query_words(typed)
    ranges = (
        select(SearchWord.customer_id).where(SearchWord.word >= word, SearchWord.word < word + "\U0010ffff")
        for word in words
    )
    matches = [Customer.id.in_(found) for found in ranges]
    return and_(*matches) if matches else Customer.id.is_(None)


def _keys(wanted: CustomerFilter) -> list[ColumnElement[bool]]:
    """One condition per key that was given, on any record, merged or not."""
    found: list[ColumnElement[bool]] = []
    if wanted.ids:
        found.append(_Old.id.in_(wanted.ids))
    if wanted.numbers:
        found.append(_Old.number.in_(wanted.numbers))
    if wanted.ext_uids:
        found.append(_Old.ext_uid.in_(wanted.ext_uids))
    if wanted.hash:
        found.append(_Old.hash == wanted.hash)
    return found


def _survivors(condition: ColumnElement[bool]) -> Select[Any]:
    return select(func.coalesce(_Old.survivor_id, _Old.id)).where(condition)


def _tags(ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    query = select(CustomerTag.customer_id, Tag.name).join(Tag).where(CustomerTag.customer_id.in_(ids))
    found: dict[int, tuple[str, ...]] = {}
    for customer_id, name in db.session.execute(query.order_by(Tag.name)):
        found[customer_id] = (*found.get(customer_id, ()), name)
    return found


def _credit(ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """(customer, currency) -> credit (Guthaben) in cents, paid and granted, also of records merged in; what is paid is
    a liability in the books, so its sign turns."""
    paid = select(Posting.customer_id, Posting.currency_code, (-Posting.amount_cents).label("cents"))
    granted = select(CreditGrant.customer_id, CreditGrant.currency_code, CreditGrant.remaining_cents)
    held = union_all(
        paid.where(Posting.account == literal_column(f"'{CREDIT}'")),
        granted.where(CreditGrant.remaining_cents > literal_column("0")),
    ).subquery()
    owner = func.coalesce(_Old.survivor_id, _Old.id)
    query = (
        select(owner, held.c.currency_code, func.sum(held.c.cents))
        .join(held, held.c.customer_id == _Old.id)
        .where(or_(_Old.id.in_(ids), _Old.survivor_id.in_(ids)))
        .group_by(owner, held.c.currency_code)
    )
    return {(customer_id, currency): int(cents) for customer_id, currency, cents in db.session.execute(query)}


def _card(row: Any, default_days: int, tags: tuple[str, ...], credit_cents: int) -> CustomerCard:
    days = default_days if row.days_for_payment is None else row.days_for_payment
    values = {name: getattr(row, name) for name in _COLUMNS}
    return CustomerCard(**values, days_for_payment=days, tags=tags, credit_cents=credit_cents)


_Old = aliased(Customer)
