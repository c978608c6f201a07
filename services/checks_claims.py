"""L2: every period is billed once, and every issued line knows why it is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.orm import Session

from billing.charges import wanted
from models import Claim, Subscription, SubscriptionItem
from services import snapshots
from services.due_marks import first_open_days
from services.findings import BATCH, Finding, stream

Hole = tuple[Row[Any], date]  # a claim, and how far the claims before it reach


def claimed_once(connection: Connection) -> Iterator[Finding]:
    """At most one unreleased claim per (item, kind, period start), even where the index was dropped."""
    query = """
        SELECT min(id) AS id, item_id, kind, count(*) AS claims FROM claims WHERE released_at IS NULL
        GROUP BY item_id, kind, period_start HAVING count(*) > 1"""
    for row in stream(connection, query):
        yield Finding("L2", "claims", row.id, "claimed_twice", {"item_id": row.item_id, "claims": row.claims})


def claims_and_lines_meet(connection: Connection) -> Iterator[Finding]:
    """Every billed claim has its line, and every issued line has a claim or a reason. Usage: see checks_discounts."""
    query = """
        SELECT c.id, c.item_id FROM claims c LEFT JOIN invoice_lines l ON l.claim_id = c.id
        WHERE c.state = 'billed' AND l.id IS NULL AND c.kind NOT LIKE 'usage:%'"""
    for row in stream(connection, query):
        yield Finding("L2", "claims", row.id, "claim_without_line", {"item_id": row.item_id})
    query = """
        SELECT l.id, i.number FROM invoice_lines l JOIN invoices i ON i.id = l.invoice_id
        LEFT JOIN claims c ON c.id = l.claim_id
        WHERE i.issued_at IS NOT NULL AND c.id IS NULL AND l.reason = ''"""
    for row in stream(connection, query):
        yield Finding("L2", "invoice_lines", row.id, "line_without_claim", {"number": row.number})


def periods_tile(connection: Connection) -> Iterator[Finding]:
    """The periods of an item neither overlap nor leave holes. A hole that a release made is on purpose, and so is a
    period whose collection was moved behind that of the next (D-6)."""
    waiting, holes = _waiting(connection), list[Hole]()
    columns = (Claim.id, Claim.item_id, Claim.period_start, Claim.period_end, Claim.released_at)
    query = select(*columns).where(Claim.kind == "period").order_by(Claim.item_id, Claim.period_start, Claim.id)
    item: int | None = None
    standing: date | None = None  # how far unreleased claims reach
    covered: date | None = None  # how far any claim reaches
    for row in stream(connection, query):
        if row.item_id != item:
            item, standing, covered = row.item_id, None, None
        if row.released_at is None:
            if standing is not None and row.period_start < standing:
                yield Finding("L2", "claims", row.id, "periods_overlap", _facts(row))
            if covered is not None and row.period_start > covered and row.item_id not in waiting:
                holes.append((row, covered))
            standing = row.period_end if standing is None else max(standing, row.period_end)
        covered = row.period_end if covered is None else max(covered, row.period_end)
    for first in range(0, len(holes), BATCH):
        yield from _missing(connection, holes[first : first + BATCH])


def _missing(connection: Connection, holes: Sequence[Hole]) -> Iterator[Finding]:
    """The holes that no run will fill. What was due before a contract was switched off is billed by the next run, also
    where what came after it is skipped already (D-12)."""
    still_open = _open_periods(connection, {row.item_id: row.period_start for row, _ in holes})
    for row, covered in holes:
        for begins, ends in sorted(still_open.get(row.item_id, ())):
            covered = max(covered, ends) if begins <= covered else covered
        if row.period_start > covered:
            yield Finding("L2", "claims", row.id, "period_missing", _facts(row))


def _open_periods(connection: Connection, until: Mapping[int, date]) -> Mapping[int, Sequence[tuple[date, date]]]:
    """What these items want to bill until that day each and nobody has claimed."""
    found: defaultdict[int, list[tuple[date, date]]] = defaultdict(list)
    of_items = select(SubscriptionItem.subscription_id).where(SubscriptionItem.id.in_(until))
    with Session(bind=connection) as session:
        contracts, claimed = snapshots.contracts_where(session, Subscription.id.in_(of_items))
    for terms in contracts:
        for charge in wanted(terms, max(until[item.id] for item in terms.items if item.id in until)):
            if charge.key.kind == "period" and charge.key not in claimed:
                found[charge.key.item_id].append((charge.key.period_start, charge.period.end))
    return found


def _waiting(connection: Connection) -> frozenset[int]:
    """The items of contracts with a moved collection."""
    query = select(SubscriptionItem.id).join(Subscription, Subscription.id == SubscriptionItem.subscription_id)
    return frozenset(connection.scalars(query.where(Subscription.moved.is_not(None))))


def marks_are_not_late(connection: Connection) -> Iterator[Finding]:
    """EB-26: no run passes over a contract: its mark is not behind the first period that nobody has claimed."""
    with Session(bind=connection) as session:
        last = session.scalar(select(func.max(Subscription.id))) or 0
        for first in range(1, last + 1, BATCH):
            within = Subscription.id.between(first, min(first + BATCH - 1, last))
            days = first_open_days(*snapshots.contracts_where(session, within))
            marked = select(Subscription.id, Subscription.next_billing_on).where(within)
            for row in session.execute(marked.order_by(Subscription.id)):
                yield from _compare_mark(row.id, days[row.id], row.next_billing_on)


def active_contracts_run(connection: Connection) -> Iterator[Finding]:
    """A contract without an end has a version of its plan that goes on, or pauses until somebody resumes it: else it is
    active and never bills again. Whom an older house left so: cancel it, and book it anew (docs/operations.md)."""
    query = """
        SELECT s.id, s.status FROM subscriptions s
        WHERE s.status IN ('trial', 'active') AND s.ends_on IS NULL
        AND NOT EXISTS (SELECT 1 FROM subscription_items i WHERE i.subscription_id = s.id AND i.kind = 'plan'
                        AND i.ends_on IS NULL)
        AND NOT EXISTS (SELECT 1 FROM subscription_pauses p WHERE p.subscription_id = s.id AND p.ends_on IS NULL)"""
    for row in stream(connection, query):
        yield Finding("L2", "subscriptions", row.id, "nothing_runs", {"status": row.status})


def _compare_mark(contract: int, day: date | None, mark: date | None) -> Iterator[Finding]:
    if day is not None and (mark is None or mark > day):
        facts = {"marked": mark and mark.isoformat(), "open": day.isoformat()}
        yield Finding("L2", "subscriptions", contract, "mark_too_late", facts)


def _facts(row: Row[Any]) -> dict[str, Any]:
    return {"item_id": row.item_id, "period_start": row.period_start.isoformat()}
