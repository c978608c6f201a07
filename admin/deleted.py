"""Records that were deleted and are kept because a law asks for it (D-5): seen only with the permission to delete, with
all that names the person (DSG-2), and nothing more is done with them. Their papers stay with the invoices, for whoever
keeps the books."""

from __future__ import annotations

from flask import abort, flash, redirect, url_for

from admin.people import may
from admin.refusals import of_code
from extensions import db
from models import Customer

SEES_DELETED = "customers.delete"


def refuse_deleted(row: Customer, *, reads: bool = False) -> None:
    """404 for who may not see it; who may is told on the card that nothing is done with it, unless it just `reads`."""
    if row.erased_at is None:
        return
    if not may(SEES_DELETED):
        abort(404)
    if not reads:
        flash(of_code("erased"), "bad")
        abort(redirect(url_for("admin_customers.details_view", id=row.survivor_id or row.id)))


def is_hidden(customer_id: int | None) -> bool:
    """Whether what belongs to this customer is not for this person."""
    row = db.session.get(Customer, customer_id) if customer_id and not may(SEES_DELETED) else None
    return row is not None and row.erased_at is not None


def refuse_hidden(customer_id: int | None) -> None:
    """404 where it is not for this person."""
    if is_hidden(customer_id):
        abort(404)
