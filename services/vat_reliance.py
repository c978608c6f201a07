"""Whose VAT id has to be confirmed, and whether it is: what invoices ask before they leave VAT out (INV-9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.taxes import EU_COUNTRIES
from billing.vat_ids import DEFINITE, RELIED, Answer, Policy, reliance
from extensions import db
from models import Company, Customer, VatCheck
from services import clock
from services.company import get_company


def policy(own: Company) -> Policy:
    """What the house has set."""
    return Policy(own.vat_check == "before_issue", own.vat_rely_days, own.vat_unconfirmed == "hold")


def concerns(own: Company, country_code: str, customer_type: str, vat_id: str) -> bool:
    """Whether leaving VAT out would rest on this id: a business in another country of the Union."""
    abroad = country_code in EU_COUNTRIES and country_code != own.country_code
    return abroad and customer_type == "business" and bool(vat_id)


def answers(session: Session, own: Company, customers: Iterable[Any]) -> Mapping[int, Sequence[Answer]]:
    """The definite answers that may still count, of those customers whom it concerns; one statement, or none where it
    concerns nobody. Rows need `id`, `country_code`, `customer_type` and `vat_id`."""
    ids = [row.id for row in customers if concerns(own, row.country_code, row.customer_type, row.vat_id)]
    found: dict[int, list[Answer]] = defaultdict(list)
    if not ids or own.vat_check == "off":
        return found
    since = clock.instant() - timedelta(own.vat_rely_days + 1)
    query = select(
        func.coalesce(Customer.survivor_id, Customer.id), VatCheck.vat_id, VatCheck.result, VatCheck.checked_at
    )
    query = query.join(Customer, Customer.id == VatCheck.customer_id)  # an answer given for a merged record counts on
    query = query.where(Customer.survivor_id.in_(ids), VatCheck.result.in_(DEFINITE), VatCheck.checked_at >= since)
    for customer_id, vat_id, result, at in session.execute(query.order_by(VatCheck.id)):
        found[customer_id].append(Answer(vat_id, result, clock.berlin(at).date()))
    return found


def doubt(own: Company, row: Any, told: Sequence[Answer]) -> str:
    """Why the customer's VAT id may not be relied on today; '' where it may or does not matter."""
    if not concerns(own, row.country_code, row.customer_type, row.vat_id):
        return ""
    found = reliance(row.vat_id, told, clock.today(), policy(own))
    return "" if found == RELIED else found


def standing(customer_id: int) -> str:
    """How a customer's VAT id stands today, for a screen: relied, vat_id_invalid, vat_id_unconfirmed, or '' where
    nothing rests on it."""
    own, row = get_company(), db.session.get_one(Customer, customer_id)
    if not concerns(own, row.country_code, row.customer_type, row.vat_id):
        return ""
    return doubt(own, row, answers(db.session(), own, [row]).get(row.id, ())) or RELIED
