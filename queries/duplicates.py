"""Records that may be of the same customer, and those that were merged into one (D-4)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select

from billing.words import query_words
from extensions import db
from models import Customer, SearchWord
from queries.lists.names import name_of

MOST = 3


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another record, and what it has in common: email, or address (with the name)."""

    id: int
    number: str
    name: str
    email: str
    city: str
    has: str


@dataclass(frozen=True, slots=True)
class Kin:
    """What may be the same customer, and the numbers of the records that went into this one."""

    duplicates: tuple[Duplicate, ...]
    merged_numbers: tuple[str, ...]


def get_kin(customer: Customer) -> Kin:
    """Two statements at most; the newest duplicates first, at most three."""
    merged = select(Customer.number).where(Customer.survivor_id == customer.id, Customer.id != customer.id)
    return Kin(find_duplicates(customer), tuple(db.session.scalars(merged.order_by(Customer.id))))


def find_duplicates(customer: Customer) -> tuple[Duplicate, ...]:
    """Living records with the same e-mail address, however it is written, or the same name at the same address."""
    alike = [*_same_email(customer), *_same_address(customer)]
    if customer.erased_at is not None or not alike:
        return ()
    living = (Customer.survivor_id == Customer.id, Customer.erased_at.is_(None), Customer.id != customer.id)
    query = select(Customer).where(*living, or_(*alike)).order_by(Customer.id.desc()).limit(MOST)
    return tuple(_duplicate(customer, row) for row in db.session.scalars(query))


def _same_email(customer: Customer) -> list[ColumnElement[bool]]:
    """By the search word: an index finds it in whatever case it was typed."""
    words = query_words(customer.email)[:1]
    return [Customer.id.in_(select(SearchWord.customer_id).where(SearchWord.word == word)) for word in words]


def _same_address(customer: Customer) -> list[ColumnElement[bool]]:
    if not (customer.sort_name and customer.zipcode and customer.address):
        return []
    same_place = (Customer.zipcode == customer.zipcode, Customer.address == customer.address)
    return [and_(Customer.sort_name == customer.sort_name, *same_place)]


def _duplicate(customer: Customer, row: Customer) -> Duplicate:
    has = "email" if row.email and row.email.casefold() == customer.email.casefold() else "address"
    return Duplicate(row.id, row.number, name_of(row), row.email, row.city, has)
