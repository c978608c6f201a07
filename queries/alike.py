"""Records that may be of the customer whom somebody is just typing in (D-4, issue: the duplicate hint)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, literal, select, union_all

from billing.likeness import email_word, iban_key, phone_words
from billing.words import sort_key
from extensions import db
from models import Customer, SearchWord
from queries.lists.names import name_of

MOST = 5  # records that are shown
_LOOKED_AT = 40  # matches; a telephone number of a whole house must not bring up the house


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed so far; empty texts do not count."""

    email: str = ""
    organization: str = ""
    last_name: str = ""
    first_name: str = ""
    zipcode: str = ""
    phones: tuple[str, ...] = ()
    iban: str = ""


@dataclass(frozen=True, slots=True)
class Alike:
    """A living record and what it has in common: email, name (with the postcode), phone, iban."""

    id: int
    number: str
    name: str
    place: str
    same: tuple[str, ...]


def find_alike(typed: Typed, except_id: int = 0) -> tuple[Alike, ...]:
    """The newest first, at most five. One statement over indexes, none where nothing to compare was typed."""
    parts = _matches(typed)
    if not parts:
        return ()
    matches = union_all(*parts).subquery()
    query = (
        select(Customer, matches.c.same)
        .join(matches, matches.c.customer_id == Customer.id)
        .where(Customer.survivor_id == Customer.id, Customer.erased_at.is_(None), Customer.id != except_id)
        .order_by(Customer.id.desc(), matches.c.same)
        .limit(_LOOKED_AT)
    )
    rows, same = dict[int, Customer](), dict[int, dict[str, None]]()
    for row, has in db.session.execute(query):
        rows[row.id] = row
        same.setdefault(row.id, {})[has] = None
    return tuple(_alike(row, tuple(same[number])) for number, row in list(rows.items())[:MOST])


def _matches(typed: Typed) -> list[Select[int, str]]:
    """One select of (customer_id, what is the same) for each thing that was typed."""
    found: list[Select[int, str]] = []
    if email := email_word(typed.email):
        found.append(_by_words("email", [email]))
    if phones := phone_words(typed.phones):
        found.append(_by_words("phone", sorted(phones)))
    name = sort_key(typed.organization or f"{typed.last_name} {typed.first_name}")
    if name and typed.zipcode:
        of_name = select(Customer.id.label("customer_id"), literal("name").label("same"))
        found.append(of_name.where(Customer.sort_name == name, Customer.zipcode == typed.zipcode))
    if len(iban := iban_key(typed.iban)) > 14 and iban.isalnum():  # the shortest IBAN has 15 characters
        of_iban = select(Customer.id.label("customer_id"), literal("iban").label("same"))
        found.append(of_iban.where(Customer.bank_iban == iban))
    return found


def _by_words(same: str, words: list[str]) -> Select[int, str]:
    query = select(SearchWord.customer_id.label("customer_id"), literal(same).label("same"))
    return query.where(SearchWord.word.in_(words))


def _alike(row: Customer, same: tuple[str, ...]) -> Alike:
    return Alike(row.id, row.number, name_of(row), " ".join(filter(None, (row.zipcode, row.city))), same)
