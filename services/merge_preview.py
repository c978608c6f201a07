"""Two records before they become one: field by field, what would come together, and what stands against it (R-19).

Seven statements, however much there is of either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, select, union_all

from billing.errors import NotFound
from billing.ledger import CREDIT
from extensions import db
from models import CreditGrant, Customer, CustomerTag, Posting, Receivable, Tag
from models.fates import FATES
from services.merge_fields import UNITS, Difference, differences
from services.merge_reasons import reasons_against

# What people count on a record; what it owes and what credit it has is summed besides.
COUNTED = ("subscriptions", "invoices", "payments", "messages", "files", "customer_logins", "coupons", "activities")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. `counts` by table, sums in cents by currency."""

    id: int
    number: str
    name: str
    status: str
    version: int
    email: str
    city: str
    tags: tuple[str, ...]
    counts: Mapping[str, int]
    open_cents: Mapping[str, int]
    credit_cents: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Together:
    """One line of what comes together: of this record, of the other, of both. With a currency, cents."""

    subject: str
    this: int
    other: int
    currency: str = ""

    @property
    def both(self) -> int:
        return self.this + self.other


@dataclass(frozen=True, slots=True)
class MergePreview:
    """`differing` is where a person may choose, `equal` how many units are the same; `reasons` are codes."""

    this: Side
    other: Side
    differing: tuple[Difference, ...]
    equal: int
    together: tuple[Together, ...]
    reasons: tuple[str, ...]


def preview_merge(survivor_id: int, other_id: int) -> MergePreview:
    """What merging the other into the survivor would do; nothing is locked. Raises NotFound for an unknown record."""
    session = db.session()
    rows = {row.id: row for row in session.scalars(select(Customer).where(Customer.id.in_((survivor_id, other_id))))}
    if not {survivor_id, other_id} <= rows.keys():
        raise NotFound("unknown_customer", field="customer_id")
    this, other = _sides([rows[survivor_id], rows[other_id]])
    differing = differences(rows[survivor_id], rows[other_id])
    reasons = reasons_against(session, rows[survivor_id], rows[other_id])
    return MergePreview(this, other, differing, len(UNITS) - len(differing), _together(this, other), reasons)


def _together(this: Side, other: Side) -> tuple[Together, ...]:
    counted = [Together(name, this.counts.get(name, 0), other.counts.get(name, 0)) for name in COUNTED]
    money = [*_sums("open", this.open_cents, other.open_cents), *_sums("credit", this.credit_cents, other.credit_cents)]
    return tuple(line for line in (*counted, *money) if line.this or line.other)


def _sums(subject: str, this: Mapping[str, int], other: Mapping[str, int]) -> list[Together]:
    currencies = sorted({*this, *other})
    return [Together(subject, this.get(code, 0), other.get(code, 0), code) for code in currencies]


def _sides(rows: Sequence[Customer]) -> list[Side]:
    ids = [row.id for row in rows]
    counts, tags = _counts(ids), _tags(ids)
    owed, credit = _cents(_owed(ids)), _cents(_credit(ids))
    return [
        Side(
            row.id, row.number, _name(row), row.status, row.version, row.email, row.city, tuple(tags[row.id]),
            counts[row.id], owed[row.id], credit[row.id],
        )
        for row in rows
    ]  # fmt: skip


def _name(row: Customer) -> str:
    return row.organization or f"{row.first_name} {row.last_name}".strip()


def _counts(ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """By survivor and table, in one statement; tables that this house does not have yet have nothing."""
    parts: list[Any] = []
    for name in COUNTED:
        if name in FATES and name in db.metadata.tables:
            key = db.metadata.tables[name].c[FATES[name].key]
            query = select(literal(name), Customer.survivor_id, func.count()).where(key == Customer.id)
            parts.append(query.where(Customer.survivor_id.in_(ids)).group_by(Customer.survivor_id))
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for name, survivor_id, count in db.session.execute(union_all(*parts)):
        found[survivor_id][name] = count
    return found


def _tags(ids: Sequence[int]) -> dict[int, list[str]]:
    query = select(CustomerTag.customer_id, Tag.name).join(Tag).where(CustomerTag.customer_id.in_(ids))
    found: dict[int, list[str]] = defaultdict(list)
    for customer_id, name in db.session.execute(query.order_by(Tag.word)):
        found[customer_id].append(name)
    return found


def _owed(ids: Sequence[int]) -> Any:
    query = select(Customer.survivor_id, Receivable.currency_code, func.sum(Receivable.open_cents))
    query = query.join(Customer, Customer.id == Receivable.customer_id)
    of_both = query.where(Customer.survivor_id.in_(ids), Receivable.open_cents != 0)
    return of_both.group_by(Customer.survivor_id, Receivable.currency_code)


def _credit(ids: Sequence[int]) -> Any:
    """Paid and granted (D-9); what is paid is a liability in the books, so its sign turns."""
    paid = select(Posting.customer_id, Posting.currency_code, (-Posting.amount_cents).label("cents"))
    granted = select(CreditGrant.customer_id, CreditGrant.currency_code, CreditGrant.remaining_cents)
    family = select(Customer.id).where(Customer.survivor_id.in_(ids))
    held = union_all(
        paid.where(Posting.account == CREDIT, Posting.customer_id.in_(family)),
        granted.where(CreditGrant.remaining_cents > 0, CreditGrant.customer_id.in_(family)),
    ).subquery()
    query = select(Customer.survivor_id, held.c.currency_code, func.sum(held.c.cents))
    query = query.join(held, held.c.customer_id == Customer.id)
    return query.group_by(Customer.survivor_id, held.c.currency_code)


def _cents(query: Any) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for survivor_id, currency, cents in db.session.execute(query):
        if cents:
            found[survivor_id][currency] = int(cents)
    return found
