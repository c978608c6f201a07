"""Customer records: made, changed, deleted, whoever does it (M1-09, M1-11).

Values come as plain Python values by column name; see FIELDS. Each deed is one transaction with one activity.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from billing import words
from billing.errors import Conflict, NotAllowed
from billing.likeness import phone_words
from extensions import db
from models import Customer, SearchWord
from services import activities, clock, mandate_rows, method_rows, numbers, tags, vat_bells
from services.actor import Actor
from services.company import get_company
from services.customer_fields import FIELDS, cleaned
from services.survivors import find_survivor
from services.unit import write

__all__ = ["FIELDS", "create_customer", "find_survivor", "require_bookable", "update_customer"]

# What a search finds a record by (docs/architecture.md; TERM of customer.get adds the address).
SEARCHED = ("number", "organization", "first_name", "last_name", "email", "city", "address", "address_2", "zipcode")

PHONES = ("phone", "phone_2", "mobile")  # by these a record alike is found, and none is searched for


def create_customer(actor: Actor, values: Mapping[str, Any]) -> int:
    """Make a record and give its id. A name is enough (M1-20); the number comes from the range unless given (M1-34).

    Raises Invalid(field), and Conflict("taken", field=...) where number or ext_uid belong to another record (M1-39).
    """
    with write() as session:
        company = get_company()
        given = dict(values)
        tag_names = given.pop("tags", None)
        for field in ("country_code", "currency_code", "language_code"):
            given[field] = given.get(field) or getattr(company, field)
        clean = cleaned(given)
        _refuse_taken(session, clean, None)
        drawn = not clean.get("number")
        if drawn:
            clean["number"] = numbers.draw("customer", clock.today(), _is_taken)
        row = Customer(**clean, hash=secrets.token_hex(16), created_at=clock.instant(), updated_at=clock.instant())
        row.newsletter_at = clock.instant() if row.newsletter_optin else None
        _store(session, row, clean)
        row.survivor_id = row.id  # known only now: until it is merged a record speaks for itself
        _index(session, [row])
        activities.record(actor, "customer.created", "customer", row.id, customer_id=row.id, number=row.number)
        if row.mandate_reference:
            mandate_rows.follow(actor, row)
        if row.payment_token:
            method_rows.follow(actor, row, clean.keys())
        vat_bells.ring_for(row)
        tags.set_tags(actor, row.id, tag_names)
        return int(row.id)


def update_customer(actor: Actor, customer_id: int, values: Mapping[str, Any]) -> int:
    """Change the given fields and give the id of the record that was changed (the survivor of a merged one).

    Raises NotFound, NotAllowed("erased"), Invalid(field), Conflict("taken", field=...). An empty number is kept.
    """
    with write() as session:
        row = lock_survivor(session, customer_id)
        given = dict(values)
        tag_names = given.pop("tags", None)
        clean = _unless_inherited(row, cleaned(given, before=row))
        changes = activities.changes_between(row, clean)
        _refuse_taken(session, {field: clean[field] for field in changes}, row.id)
        if changes:
            _apply(session, row, {field: clean[field] for field in changes})
            activities.record(actor, "customer.changed", "customer", row.id, customer_id=row.id, changes=changes)
        if not changes.keys().isdisjoint(mandate_rows.FOLLOWED):
            mandate_rows.follow(actor, row)
        if not changes.keys().isdisjoint(method_rows.FOLLOWED):
            method_rows.follow(actor, row, changes.keys())
        if not changes.keys().isdisjoint(vat_bells.TELLING):
            vat_bells.ring_for(row)
        tags.set_tags(actor, row.id, tag_names)
        return int(row.id)


def renew_hash(actor: Actor, customer_id: int) -> str:
    """A new CUSTOMER-HASH; links with the old one end (D-11)."""
    with write() as session:
        row = lock_survivor(session, customer_id)
        row.hash = secrets.token_hex(16)
        row.updated_at = clock.instant()
        activities.record(actor, "customer.hash_renewed", "customer", row.id, customer_id=row.id)
        return str(row.hash)


def lock_survivor(session: Session, customer_id: int) -> Customer:
    """The same, locked until the transaction ends. Raises NotAllowed("erased") for a deleted record.

    Whoever had to wait for the lock may have waited for a merge: then the record leads on to another one.
    """
    row = _locked(session, find_survivor(session, customer_id).id)
    while row.survivor_id not in (None, row.id):
        row = _locked(session, int(row.survivor_id or 0))
    if row.erased_at is not None:
        raise NotAllowed("erased", field="customer_id")
    return row


def lock_records(session: Session, ids: Select[Any]) -> None:
    """Lock the records of these ids in id order, as a billing run does; `ids` selects survivors. Whoever waited for
    a merge asks once more, so that the survivor of now is among them."""
    query = select(Customer.id, Customer.survivor_id).where(Customer.id.in_(ids)).order_by(Customer.id)
    rows = session.execute(query.with_for_update()).all()
    while {row.survivor_id or row.id for row in rows} - {row.id for row in rows}:
        rows = session.execute(query.with_for_update()).all()


def _locked(session: Session, customer_id: int) -> Customer:
    query = select(Customer).where(Customer.id == customer_id).with_for_update()
    row: Customer = session.execute(query.execution_options(populate_existing=True)).scalar_one()
    return row


def require_bookable(row: Customer) -> None:
    """A blocked or deactivated customer books nothing new (D-12). Raises NotAllowed."""
    if row.status != "active":
        raise NotAllowed(f"customer_{row.status}", field="customer_id")


def next_number() -> str:
    """The number that the next record will probably get (M1-34): somebody else may be the first."""
    return numbers.peek("customer", clock.today(), _is_taken)


def _is_taken(number: str) -> bool:
    return db.session.scalar(select(Customer.id).where(Customer.number == number)) is not None


def _refuse_taken(session: Session, clean: Mapping[str, Any], own_id: int | None) -> None:
    for field in ("ext_uid", "number"):
        value = clean.get(field)
        if not value:
            continue
        other = session.execute(select(Customer.id, Customer.number).where(getattr(Customer, field) == value)).first()
        if other is not None and other.id != own_id:
            raise Conflict("taken", field=field, other_id=other.id, other_number=other.number)


def _store(session: Session, row: Customer, clean: Mapping[str, Any]) -> None:
    """Insert or update; somebody who took the value in the same moment is met at the unique index."""
    set_sort_name(row)
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        for field in ("ext_uid", "number"):
            if field in clean and field in str(error.orig):
                raise Conflict("taken", field=field) from None
        raise


def set_sort_name(row: Customer) -> None:
    """The name as lists sort it."""
    row.sort_name = words.sort_key(row.organization or f"{row.last_name or ''} {row.first_name or ''}")


def _unless_inherited(row: Customer, clean: dict[str, Any]) -> dict[str, Any]:
    """Clients send the whole record back as they got it: the company's days of payment stay the company's."""
    if row.days_for_payment is None and clean.get("days_for_payment") == get_company().days_for_payment:
        return {field: value for field, value in clean.items() if field != "days_for_payment"}
    return clean


def _apply(session: Session, row: Customer, changed: Mapping[str, Any]) -> None:
    for field, value in changed.items():
        setattr(row, field, value)
    row.updated_at = clock.instant()
    row.version += 1
    if "newsletter_optin" in changed:
        row.newsletter_at = clock.instant()  # section 7 UWG: whoever sends has to show since when
    _store(session, row, changed)
    if not changed.keys().isdisjoint((*SEARCHED, *PHONES)):
        index_family(session, row)


def index_family(session: Session, survivor: Customer) -> None:
    """Write the search words anew, also of the records that were merged into it: each is found by the words of all, so
    that an old number or name finds the survivor, and today's name finds the papers of before (D-11)."""
    merged = select(Customer).where(Customer.survivor_id == survivor.id, Customer.id != survivor.id)
    _index(session, [survivor, *session.scalars(merged)])


def _index(session: Session, rows: Sequence[Customer]) -> None:
    found = {word for row in rows for word in words.index_words(*(getattr(row, field) for field in SEARCHED))}
    found |= phone_words(getattr(row, field) for row in rows for field in PHONES)
    session.execute(delete(SearchWord).where(SearchWord.customer_id.in_([row.id for row in rows])))
    if found:
        listed = [{"customer_id": row.id, "word": word} for row in rows for word in sorted(found)]
        session.execute(insert(SearchWord), listed)
