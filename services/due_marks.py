"""When to look at a contract again: the one owner of `subscriptions.next_billing_on` (EB-28).

The mark only finds work; what is owed is "wanted minus claimed". A mark that is too early costs a look, one that is
too late would lose a period: whoever changes a contract calls `renew_mark`, and `check-books` compares.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import or_, text, update
from sqlalchemy.orm import Session

from billing.charges import next_due_on, wanted
from billing.contracts import ClaimKey, Terms, billing_anchor
from billing.usage import due_days
from models import Subscription
from services import snapshots
from services.sql import dialect
from services.unit import write

_BEFORE_ALL = date(1900, 1, 1)

_UPDATE = {
    "sqlite": """
        UPDATE subscriptions SET next_billing_on = marks.day{also}
        FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS day FROM json_each(:marks)) marks
        WHERE subscriptions.id = marks.id""",
    "postgresql": """
        UPDATE subscriptions SET next_billing_on = marks.day{also}
        FROM (SELECT (value ->> 0)::bigint AS id, (value ->> 1)::date AS day
              FROM jsonb_array_elements(CAST(:marks AS jsonb)) AS listed(value)) marks
        WHERE subscriptions.id = marks.id""",
}


def first_open_day(terms: Terms, claimed: set[ClaimKey]) -> date | None:
    """The first billing day of anything the contract wants and nobody has claimed, or None; usage included."""
    usage = min(due_days(terms, billing_anchor(terms)), default=None) if terms.usage else None
    periods = _first_open_period(replace(terms, usage=()) if terms.usage else terms, claimed)
    return min((day for day in (usage, periods) if day is not None), default=None)


def first_open_days(contracts: Iterable[Terms], claimed: Iterable[ClaimKey]) -> dict[int, date | None]:
    """The same for many contracts, by their ids; `claimed` are the claims on all of them."""
    by_item: defaultdict[int, set[ClaimKey]] = defaultdict(set)
    for key in claimed:
        by_item[key.item_id].add(key)
    none: set[ClaimKey] = set()
    return {
        terms.subscription_id: first_open_day(terms, none.union(*(by_item.get(item.id, none) for item in terms.items)))
        for terms in contracts
    }


def _first_open_period(terms: Terms, claimed: set[ClaimKey]) -> date | None:
    """The search begins with the last claim: whatever was due before it and is open (a version that began late, a
    period that was released), then day by day, so a long history is walked through once.
    """
    last = max((key.period_start for key in claimed), default=_BEFORE_ALL)
    open_days = [charge.due_on for charge in wanted(terms, last) if charge.key not in claimed]
    if open_days:
        return min(open_days)
    day = next_due_on(terms, last)
    while day is not None:
        open_days = [charge.due_on for charge in wanted(terms, day) if charge.key not in claimed]
        if open_days:
            return min(open_days)
        day = next_due_on(terms, day)
    return None


def renew_mark(subscription_id: int) -> date | None:
    """Work the mark of one contract out anew, after anything of it has changed; gives the new mark."""
    with write() as session:
        session.flush()
        terms = snapshots.terms_of(session, subscription_id)
        day = first_open_day(terms, snapshots.claims_of(session, subscription_id))
        session.execute(update(Subscription).where(Subscription.id == subscription_id).values(next_billing_on=day))
        return day


def renew_marks(session: Session, ids: Sequence[int]) -> None:
    """The same for many contracts, in five statements."""
    _write_marks(session, first_open_days(*snapshots.contracts_where(session, Subscription.id.in_(ids))))


def bring_forward(session: Session, subscription_id: int, day: date) -> None:
    """Look at the contract on that day at the latest."""
    later = or_(Subscription.next_billing_on.is_(None), Subscription.next_billing_on > day)
    chosen = update(Subscription).where(Subscription.id == subscription_id, later)
    session.execute(chosen.values(next_billing_on=day))


def set_marks(session: Session, marks: Mapping[int, date | None]) -> None:
    """Write many marks in one statement. What a person confirmed (D-13) was for the periods billed now."""
    _write_marks(session, marks, also=", periods_confirmed = false")


def _write_marks(session: Session, marks: Mapping[int, date | None], also: str = "") -> None:
    if marks:
        rows = json.dumps([[key, day.isoformat() if day else None] for key, day in marks.items()])
        session.execute(text(_UPDATE[dialect()].format(also=also)), {"marks": rows})
