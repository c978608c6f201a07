"""Records that may be of the same customer, and those that were merged into one (D-4)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, select, union_all

from billing.likeness import email_word
from extensions import db
from models import Customer, SearchWord
from queries.lists.names import name_of

MOST = 3


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another record, and what it has in common: email, iban, address (with the name)."""

    id: int
    number: str
    name: str
    email: str
    city: str
    same: tuple[str, ...]


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
    """Living records with the same e-mail address or IBAN, however it is written, or the same name at the same address.

    One statement over indexes, none where there is nothing to compare.
    """
    alike = [*_same_email(customer), *_same_iban(customer), *_same_address(customer)]
    if customer.erased_at is not None or not alike:
        return ()
    living = (Customer.survivor_id == Customer.id, Customer.erased_at.is_(None), Customer.id != customer.id)
    query = select(Customer).where(*living, Customer.id.in_(union_all(*alike))).order_by(Customer.id.desc()).limit(MOST)
    return tuple(_duplicate(customer, row) for row in db.session.scalars(query))


def _same_email(customer: Customer) -> list[Select[int]]:
    """By the search word: an index finds it in whatever case it was typed."""
    word = email_word(customer.email)
    return [select(SearchWord.customer_id).where(SearchWord.word == word)] if word else []


def _same_iban(customer: Customer) -> list[Select[int]]:
    return [select(Customer.id).where(Customer.bank_iban == customer.bank_iban)] if customer.bank_iban else []


def _same_address(customer: Customer) -> list[Select[int]]:
    place = _place(customer)
    columns = (Customer.sort_name, Customer.zipcode, Customer.address)
    same = [column == value for column, value in zip(columns, place, strict=True)]
    return [select(Customer.id).where(*same)] if all(place) else []


def _place(row: Customer) -> tuple[str, str, str]:
    return row.sort_name, row.zipcode, row.address


def _duplicate(customer: Customer, row: Customer) -> Duplicate:
    """What it shares; one that was found by another of its addresses has that e-mail address in common."""
    shared = {
        "iban": bool(row.bank_iban) and row.bank_iban == customer.bank_iban,
        "address": all(_place(row)) and _place(row) == _place(customer),
    }
    same = tuple(name for name, is_shared in shared.items() if is_shared)
    by_email = not same or email_word(row.email) == email_word(customer.email) != ""
    return Duplicate(row.id, row.number, name_of(row), row.email, row.city, ("email", *same) if by_email else same)
