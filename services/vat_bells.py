"""Whose VAT id is to be asked about: rung for when it changes, found again in the tables before a run (INV-9)."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from billing.taxes import EU_COUNTRIES
from billing.vat_ids import DEFINITE
from extensions import db, queues
from models import Customer, Subscription, VatCheck
from services import clock, vat_reliance
from services.company import get_company
from services.unit import after_commit

JOB = "jobs.vat_checks.check"
TELLING = ("vat_id", "country_code", "customer_type")  # a change of these asks anew
AHEAD = timedelta(3)  # ids of those who are billed within so many days are asked for
PAUSE = timedelta(hours=1)  # after a question that got no definite answer
MOST = 200  # bells at a time: the service is asked politely
_family = aliased(Customer)


def ring_for(row: Customer) -> None:
    """After the commit: have a new or changed VAT id asked for."""
    own = get_company()
    if own.vat_check != "off" and vat_reliance.concerns(own, row.country_code, row.customer_type, row.vat_id):
        customer_id = int(row.id)
        after_commit(lambda: _ring(customer_id))


def ring_due(limit: int = MOST) -> None:
    """Ring for every id that the next runs rest on and whose last answer is old; for the timetable."""
    queues.ring_many("now", JOB, waiting(limit))


def waiting(limit: int, on: date | None = None) -> list[int]:
    """Customers who are billed within three days (or until `on`), whose VAT id has no definite answer of the last days
    and was not asked for within the hour."""
    own = get_company()
    if own.vat_check == "off":
        return []
    abroad = sorted(EU_COUNTRIES - {own.country_code})
    now = clock.instant()
    soon = select(Subscription.customer_id).where(Subscription.next_billing_on <= (on or clock.today() + AHEAD))
    fresh = VatCheck.result.in_(DEFINITE) & (VatCheck.checked_at > now - timedelta(own.vat_check_days))
    known = exists().where(
        VatCheck.customer_id.in_(select(_family.id).where(_family.survivor_id == Customer.id)),
        VatCheck.vat_id == Customer.vat_id,
        fresh | (VatCheck.checked_at > now - PAUSE),
    )
    query = select(Customer.id).where(
        Customer.id.in_(soon),
        Customer.customer_type == "business",
        Customer.vat_id != "",
        Customer.country_code.in_(abroad),
        Customer.erased_at.is_(None),
        ~known,
    )
    return list(db.session.scalars(query.order_by(Customer.id).limit(limit)))


def _ring(customer_id: int) -> None:
    queues.ring("now", JOB, customer_id)
