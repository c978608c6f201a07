"""Two records of one customer become one (X-22, D-11, DSG-4).

Nothing that is frozen is touched: issued documents, postings, payments and activities keep the id they were born with,
and `customers.survivor_id` joins them to the card. What is alive is re-pointed, as each table declares it
(models/fates.py). The merged record stays as it was, so that its number, external id and links lead on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, select, text, update
from sqlalchemy.orm import Session

from billing.errors import Conflict, NotAllowed, NotFound
from billing.states import MACHINES
from extensions import db
from models import Customer, CustomerTag, Invoice, PaymentMethod
from models.fates import FATES, Merge
from services import activities, clock, customers, mandate_rows, method_rows, vat_bells
from services.actor import Actor
from services.customer_fields import FIELDS, cleaned
from services.customer_status import change_status
from services.debtors import debtors_of
from services.merge_fields import settled, taken_over
from services.merge_reasons import reasons_against
from services.sql import dialect
from services.unit import write


@dataclass(frozen=True, slots=True)
class Merged:
    """The survivor, and how many rows of each table came to it."""

    survivor_id: int
    moved: Mapping[str, int]


def merge(
    actor: Actor,
    survivor_id: int,
    other_id: int,
    choices: Mapping[str, str] | None = None,
    seen: Mapping[int, int] | None = None,
) -> Merged:
    """Let `other_id` go into `survivor_id`. It cannot be undone.

    `choices`: unit of services.merge_fields -> "this" (the survivor's value), "other" or "both"; what is not named
    becomes what is proposed. `seen`: the versions of both records that the person looked at. Raises NotFound,
    NotAllowed with the first reason against it (`reasons` has all), Conflict("changed_meanwhile"), Invalid(field).
    """
    with write() as session:
        _one_at_a_time(session)
        survivor, other = lock_both(session, survivor_id, other_id)
        if reasons := reasons_against(session, survivor, other):
            raise NotAllowed(reasons[0], field="other", reasons=reasons)
        if seen is not None and seen != {row.id: row.version for row in (survivor, other)}:
            raise Conflict("changed_meanwhile")
        chosen = settled(survivor, other, choices or {})
        values = taken_over(survivor, other, chosen)
        status = values.pop("status", None)
        changes = _take_over(session, survivor, other, values)
        moved = _move_rows(session, survivor, other)
        customers.index_family(session, survivor)
        mandate_rows.follow(actor, survivor)
        method_rows.follow(actor, survivor)
        activities.record(
            actor, "customer.merged", "customer", survivor.id, customer_id=survivor.id, changes=changes,
            other_number=other.number, choices=dict(chosen), moved=moved,
        )  # fmt: skip
        if not changes.keys().isdisjoint(vat_bells.TELLING):
            vat_bells.ring_for(survivor)
        if status is not None:
            change_status(actor, survivor.id, _way_to(survivor.status, status))
        return Merged(int(survivor.id), moved)


def _one_at_a_time(session: Session) -> None:
    """Merges wait for one another, so that no family grows between its reading and its lock: three merges in a ring
    would stand in each other's way for ever. SQLite's write door lets in one at a time anyway."""
    if dialect() == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('kontor.merge'))"))


def lock_both(session: Session, survivor_id: int, other_id: int) -> tuple[Customer, Customer]:
    """Both rows, and those merged into them before, locked in id order as a billing run locks them: whoever crosses
    waits, and nobody waits in a circle. Raises NotFound("unknown_customer")."""
    both = (survivor_id, other_id)
    query = select(Customer).where(Customer.id.in_(both) | Customer.survivor_id.in_(both)).order_by(Customer.id)
    rows = session.scalars(query.with_for_update().execution_options(populate_existing=True))
    found: dict[int, Customer] = {row.id: row for row in rows}
    if not set(both) <= found.keys():
        raise NotFound("unknown_customer", field="customer_id")
    return found[survivor_id], found[other_id]


def _take_over(
    session: Session, survivor: Customer, other: Customer, values: dict[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """Write the chosen values, checked as any change of a record is; gives field -> (old, new)."""
    if "ext_uid" in values:
        _swap_ext_uids(session, survivor, other)
    checked = cleaned({column: value for column, value in values.items() if column in FIELDS}, before=survivor)
    values |= checked
    changes = activities.changes_between(survivor, values)
    if "ext_uid" in values:
        changes["ext_uid"] = (other.ext_uid, survivor.ext_uid)
    for column, value in values.items():
        setattr(survivor, column, value)
    for row in (survivor, other):
        row.updated_at, row.version = clock.instant(), row.version + 1
    customers.set_sort_name(survivor)
    session.flush()
    return changes


def _swap_ext_uids(session: Session, survivor: Customer, other: Customer) -> None:
    """Each stays unique, and both go on leading to the survivor (D-11)."""
    mine, theirs = survivor.ext_uid, other.ext_uid
    survivor.ext_uid = other.ext_uid = None
    session.flush()
    survivor.ext_uid, other.ext_uid = theirs, mine


def _move_rows(session: Session, survivor: Customer, other: Customer) -> dict[str, int]:
    """Re-point what moves, join what is joined, end what ends; last the family itself, flattened."""
    family = select(Customer.id).where((Customer.survivor_id == other.id) | (Customer.id == other.id))
    theirs_no_more = update(PaymentMethod).where(PaymentMethod.customer_id.in_(family)).values(is_default=False)
    session.execute(theirs_no_more, execution_options={"synchronize_session": False})  # one default a customer
    moved = {name: _re_point(session, name, family, survivor.id) for name in tables(Merge.MOVES)}
    moved["drafts"] = _re_point_drafts(session, family, survivor.id)
    moved["customer_tags"] = _join_tags(session, family, survivor.id)
    for name in tables(Merge.ENDS):
        table = db.metadata.tables[name]
        session.execute(delete(table).where(table.c[FATES[name].key].in_(family)))
    theirs = update(Customer).where((Customer.survivor_id == other.id) | (Customer.id == other.id))
    session.execute(theirs.values(survivor_id=survivor.id), execution_options={"synchronize_session": False})
    session.expire_all()
    return {name: count for name, count in moved.items() if count}


def tables(fate: Merge) -> list[str]:
    """The tables of that fate, without the record itself."""
    return [name for name, each in FATES.items() if each.merge is fate and name != "customers"]


def _re_point(session: Session, name: str, family: Select[Any], survivor_id: int) -> int:
    table = db.metadata.tables[name]
    key = table.c[FATES[name].key]
    return _count(session.execute(update(table).where(key.in_(family)).values({key: survivor_id})))


def _re_point_drafts(session: Session, family: Select[Any], survivor_id: int) -> int:
    """A draft is no document yet: it goes to, and names, whom it will be issued for."""
    drafts = update(Invoice).where(Invoice.customer_id.in_(family), Invoice.status == "draft")
    survivor = debtors_of(session, [survivor_id])[survivor_id]
    values: dict[str, Any] = {"customer_id": survivor_id, "customer_number": survivor.number,
                              "buyer_name": survivor.name, "buyer": survivor.frozen}  # fmt: skip
    return _count(session.execute(drafts.values(values), execution_options={"synchronize_session": False}))


def _join_tags(session: Session, family: Select[Any], survivor_id: int) -> int:
    """The survivor wears the tags of both."""
    worn = select(CustomerTag.tag_id).where(CustomerTag.customer_id == survivor_id)
    new = select(CustomerTag.tag_id).where(CustomerTag.customer_id.in_(family), CustomerTag.tag_id.not_in(worn))
    tag_ids = sorted(set(session.scalars(new)))
    session.add_all(CustomerTag(customer_id=survivor_id, tag_id=tag_id) for tag_id in tag_ids)
    session.flush()
    session.execute(delete(CustomerTag).where(CustomerTag.customer_id.in_(family)))
    return len(tag_ids)


def _count(result: Any) -> int:
    return int(result.rowcount)


def _way_to(before: str, after: str) -> str:
    """The action that leads from one status to the other (D-12)."""
    ways: dict[tuple[str, str], str] = {(state, to): action for (state, action), to in MACHINES["customer"].items()}
    return ways[before, after]
