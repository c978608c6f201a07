"""What issued invoices took from coupons, vouchers and granted credit: written down, and given back.

The caller holds the customers' locks, so what is left of a coupon or a grant is what billing saw of it (S25).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from billing.discounts import Coupon
from billing.drafts import Draft
from models import CouponRedemption, CouponUse, CreditGrant, CreditUse
from services import clock

_Uses = dict[tuple[int, int], int]  # (source, invoice) -> cents


def record(session: Session, issued: Iterable[tuple[int, Draft]], coupons: Mapping[int, Coupon]) -> None:
    """Write down what the invoices took; `issued` are (invoice id, draft), `coupons` by redemption as billing saw them.

    At most four statements, none where nothing was taken.
    """
    coupon_uses, grant_uses, days = _collected(issued)
    if coupon_uses:
        rows = [{"redemption_id": r, "invoice_id": i, "billing_on": days[i], "cents": cents}
                for (r, i), cents in sorted(coupon_uses.items())]  # fmt: skip
        session.execute(insert(CouponUse), [row | {"created_at": clock.instant()} for row in rows])
        _lessen_redemptions(session, rows, coupons)
    if grant_uses:
        uses = [{"grant_id": g, "invoice_id": i, "cents": cents} for (g, i), cents in sorted(grant_uses.items())]
        session.execute(insert(CreditUse), [row | {"created_at": clock.instant()} for row in uses])
        _change_grants(session, _sums(uses, "grant_id", -1))


def give_back(session: Session, invoice_id: int) -> None:
    """An invoice is cancelled in full: its events are free again, vouchers and grants hold what it took from them.

    The caller holds the customer's lock. A partial correction gives nothing back: what it credits was never paid.
    """
    open_uses = select(CouponUse).where(CouponUse.invoice_id == invoice_id, CouponUse.released_at.is_(None))
    for use in session.scalars(open_uses):
        use.released_at = clock.instant()
        row = session.get_one(CouponRedemption, use.redemption_id)
        row.ended_at = None
        if row.left_cents is not None:
            row.left_cents += use.cents
    for grant_use in session.scalars(
        select(CreditUse).where(CreditUse.invoice_id == invoice_id, CreditUse.released_at.is_(None))
    ):
        grant_use.released_at = clock.instant()
        session.get_one(CreditGrant, grant_use.grant_id).remaining_cents += grant_use.cents
    session.flush()


def _collected(issued: Iterable[tuple[int, Draft]]) -> tuple[_Uses, _Uses, dict[int, date]]:
    coupons: _Uses = defaultdict(int)
    granted: _Uses = defaultdict(int)
    days: dict[int, date] = {}
    for invoice_id, draft in issued:
        for position in draft.positions:
            for discount in position.discounts:
                if discount.source:
                    days[invoice_id] = draft.billing_on
                    kind = coupons if discount.source == "coupon" else granted
                    kind[discount.source_id, invoice_id] += discount.cents
    return coupons, granted, days


def _lessen_redemptions(session: Session, rows: Sequence[dict[str, Any]], coupons: Mapping[int, Coupon]) -> None:
    """Vouchers hold less; what is used up needs no more look."""
    changes = []
    for redemption_id, taken in _sums(rows, "redemption_id", 1).items():
        coupon = coupons[redemption_id]
        days = {row["billing_on"] for row in rows if row["redemption_id"] == redemption_id} | set(coupon.used)
        left = coupon.cents - taken if coupon.is_voucher else None
        over = left == 0 or (coupon.events is not None and len(days) >= coupon.events)
        if over or left is not None:
            changes.append({"key": redemption_id, "left": left, "ended": clock.instant() if over else None})
    if changes:
        table: Any = CouponRedemption.__table__
        values: dict[str, Any] = {"left_cents": bindparam("left"), "ended_at": bindparam("ended")}
        session.connection().execute(update(table).where(table.c.id == bindparam("key")).values(**values), changes)


def _change_grants(session: Session, sums: Mapping[int, int]) -> None:
    table: Any = CreditGrant.__table__
    changed = update(table).where(table.c.id == bindparam("key"))
    changed = changed.values(remaining_cents=table.c.remaining_cents + bindparam("moved"))
    session.connection().execute(changed, [{"key": key, "moved": cents} for key, cents in sorted(sums.items())])


def _sums(rows: Iterable[Mapping[str, Any]], name: str, sign: int) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for row in rows:
        found[row[name]] += sign * row["cents"]
    return found
