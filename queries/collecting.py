"""What is being collected by providers: documents that wait, that nobody knows of, or that were given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from extensions import db
from models import Collection, Customer, Invoice, Payment, PaymentAttempt, PaymentMethod
from queries.chargebacks import is_owed_again
from queries.invoice_states import UNDER_WAY, collecting_state
from queries.lists.finding import customer_words
from queries.lists.names import customer_name
from queries.provider_events import failed_events
from queries.taken_twice import count_taken_twice

PAGE = 50
STATES = ("given_up", "unclear", "open", "all")


@dataclass(frozen=True, slots=True)
class Collecting:
    """One document. `state` as queries.invoice_states tells it; `attempt_id` is the one that is under way, if any;
    `attempts` is the number of the newest one, 0 before the first; `has_new_data`: the customer has entered payment
    data since it was given up."""

    invoice_id: int
    customer_id: int
    number: str
    name: str
    amount_cents: int
    currency: str
    state: str
    reason: str
    tries: int
    next_try_on: date | None
    since: datetime
    attempt_id: int | None
    attempts: int
    has_new_data: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt of a document. `what` is the method as it is shown: its brand or kind, and the last four."""

    id: int
    number: int
    state: str
    created_at: datetime
    resolved_at: datetime | None
    amount_cents: int
    currency: str
    gateway: str
    provider_id: str
    decline_kind: str
    decline_code: str
    kind: str
    brand: str
    last4: str


@dataclass(frozen=True, slots=True)
class History:
    """All attempts of a document, the newest first; what is decided about it; whether it may be collected again.

    `next_try_on`, `reason`, `state` are of its collection, empty where it was never charged before it was issued.
    """

    tried: tuple[Tried, ...]
    state: str
    reason: str
    next_try_on: date | None

    @property
    def attempts(self) -> int:
        """The number of the newest attempt, 0 before the first."""
        return self.tried[0].number if self.tried else 0

    @property
    def under_way(self) -> Tried | None:
        return next((each for each in self.tried if each.state in UNDER_WAY), None)


def find_collecting(state: str, search: str, before: int | None) -> tuple[tuple[Collecting, ...], int | None]:
    """A page, the newest first, and where the next begins. `state`: one of STATES. One statement."""
    query = _rows().where(_meaning(state)).order_by(Collection.invoice_id.desc()).limit(PAGE + 1)
    if search.strip():
        words = customer_words(Collection.customer_id, Collection.invoice_id, search.strip()[:200])
        query = query.where(*[one.holds for one in words])
    if before:
        query = query.where(Collection.invoice_id < before)
    found = tuple(Collecting(*row) for row in db.session.execute(query))
    return found[:PAGE], found[PAGE - 1].invoice_id if len(found) > PAGE else None


def get_collecting(invoice_id: int) -> Collecting | None:
    """One document that is or was collected before it was issued."""
    row = db.session.execute(_rows().where(Collection.invoice_id == invoice_id)).one_or_none()
    return Collecting(*row) if row else None


def names_of(invoice_ids: Sequence[int]) -> dict[int, str]:
    """Whose documents these are. One statement."""
    query = select(Collection.invoice_id, customer_name(), Customer.number)
    query = query.join(Customer, Customer.id == Collection.customer_id).where(Collection.invoice_id.in_(invoice_ids))
    return {id_: name or number for id_, name, number in db.session.execute(query)}


def newest_attempts(invoice_ids: Sequence[int]) -> dict[int, int]:
    """The number of the newest attempt of each of these documents; one that was never tried is left out. One
    statement."""
    query = select(PaymentAttempt.invoice_id, func.max(PaymentAttempt.number))
    mine = PaymentAttempt.invoice_id.in_(invoice_ids)
    return {
        int(key): int(number)
        for key, number in db.session.execute(query.where(mine).group_by(PaymentAttempt.invoice_id))
    }


def get_history(invoice_id: int) -> History:
    """Two statements."""
    tried = tuple(Tried(*row) for row in db.session.execute(_attempts(invoice_id)))
    own = select(Collection.state, Collection.reason, Collection.next_try_on)
    row = db.session.execute(own.where(Collection.invoice_id == invoice_id)).one_or_none()
    return History(tried, *(row or ("", "", None)))


def invoice_of_attempt(attempt_id: int) -> tuple[int, str, str] | None:
    """(document, state, the provider's id) of an attempt."""
    query = select(PaymentAttempt.invoice_id, PaymentAttempt.state, func.coalesce(PaymentAttempt.provider_id, ""))
    row = db.session.execute(query.where(PaymentAttempt.id == attempt_id)).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def count_for_people() -> tuple[int, int, int, int, int]:
    """(given up, without an answer, told but not worked on, charged back and still open, taken twice): what a person
    has to see to. Five counts over small indexes, one statement."""
    given_up = select(func.count()).select_from(Collection).where(Collection.state == "given_up").scalar_subquery()
    unclear = select(func.count()).select_from(PaymentAttempt).where(PaymentAttempt.state == "unknown")
    taken = select(func.count()).select_from(Payment).where(is_owed_again()).scalar_subquery()
    row = db.session.execute(select(given_up, unclear.scalar_subquery(), failed_events(), taken,
                                   count_taken_twice())).one()  # fmt: skip
    return int(row[0]), int(row[1]), int(row[2]), int(row[3]), int(row[4])


def _rows() -> Select[Any]:
    under_way = select(PaymentAttempt.id).where(
        PaymentAttempt.invoice_id == Collection.invoice_id, PaymentAttempt.state.in_(UNDER_WAY)
    )
    newest = select(func.coalesce(func.max(PaymentAttempt.number), 0)).where(
        PaymentAttempt.invoice_id == Collection.invoice_id
    )
    return (
        select(
            Collection.invoice_id, Collection.customer_id, Customer.number, customer_name(), Invoice.gross_cents,
            Invoice.currency_code, collecting_state(), Collection.reason, Collection.tries, Collection.next_try_on,
            Collection.created_at, under_way.correlate(Collection).scalar_subquery(),
            newest.correlate(Collection).scalar_subquery(), _new_data(),
        )
        .join(Invoice, Invoice.id == Collection.invoice_id)
        .join(Customer, Customer.id == Collection.customer_id)
    )  # fmt: skip


def _new_data() -> ColumnElement[bool]:
    return exists().where(
        PaymentMethod.customer_id == func.coalesce(Customer.survivor_id, Customer.id), PaymentMethod.gateway != "",
        PaymentMethod.state == "active", PaymentMethod.created_at > Collection.ended_at,
        Collection.state == "given_up",
    )  # fmt: skip


def _meaning(state: str) -> ColumnElement[bool]:
    unclear = exists().where(
        PaymentAttempt.invoice_id == Collection.invoice_id, PaymentAttempt.state.in_(("unknown", "needs_action"))
    )
    if state == "unclear":
        return unclear
    if state == "open":
        return Collection.state == "open"
    if state == "given_up":
        return Collection.state == "given_up"
    return or_(Collection.state.in_(("open", "given_up")), unclear)


def _attempts(invoice_id: int) -> Select[Any]:
    columns: Sequence[Any] = (
        PaymentAttempt.id, PaymentAttempt.number, PaymentAttempt.state, PaymentAttempt.created_at,
        PaymentAttempt.resolved_at, PaymentAttempt.amount_cents, PaymentAttempt.currency_code, PaymentAttempt.gateway,
        func.coalesce(PaymentAttempt.provider_id, ""), PaymentAttempt.decline_kind, PaymentAttempt.decline_code,
        PaymentMethod.kind, PaymentMethod.brand, PaymentMethod.last4,
    )  # fmt: skip
    query = select(*columns).join(PaymentMethod, PaymentMethod.id == PaymentAttempt.method_id)
    return query.where(PaymentAttempt.invoice_id == invoice_id).order_by(PaymentAttempt.number.desc())
