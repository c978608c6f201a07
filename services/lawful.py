"""Whether a document may be issued: what the law asks for and is missing, and what has to wait for a person.

Billing runs park whom this refuses; staff who issue by hand are told the field. No number is drawn for either.
"""

from __future__ import annotations

from typing import cast

from billing import lawful
from billing.drafts import Draft, Totals
from billing.einvoice_duty import missing_of_recipient
from billing.errors import Conflict, Invalid
from billing.invoices import Parked
from billing.lawful import SellerData
from services.company import get_company, tax_facts
from services.debtors import Debtor
from services.tax_watch import Watch

# Cases that a business of another Union country is given while its VAT id is not relied on.
_TAXED = ("domestic", "union_consumer", "oss")


def missing(
    debtor: Debtor, draft: Draft, totals: Totals, delivery_text: str = "", own: SellerData | None = None
) -> tuple[str, ...]:
    """Names of the fields that the law asks for and that are missing, `seller_...` for our own (INV-1), and of those
    that the recipient's XRechnung could not do without."""
    by_law = lawful.missing(own or seller_data(), debtor.recipient, draft, totals, delivery_text)
    by_format = missing_of_recipient(debtor.frozen)
    return tuple(dict.fromkeys((*by_law, *by_format))) if by_format else by_law


def refusal(
    debtor: Debtor, draft: Draft, totals: Totals, delivery_text: str = "", own: SellerData | None = None
) -> Parked | None:
    """Why this draft cannot be issued, or None. `own` is given where many are asked about: it is read once then."""
    if debtor.doubt and draft.tax_case.code in _TAXED:
        return Parked(draft.customer_id, None, debtor.doubt, {"vat_id": debtor.recipient.vat_id})
    fields = missing(debtor, draft, totals, delivery_text, own)
    return Parked(draft.customer_id, None, "missing_fields", {"fields": list(fields)}) if fields else None


def require(debtor: Debtor, draft: Draft, totals: Totals, delivery_text: str = "") -> None:
    """For documents issued by hand: raises Invalid(field, "missing_by_law", fields=...) for the first missing field,
    and Conflict with the code for which a run would park the customer, the limits of the year among them."""
    reason = refusal(debtor, draft, totals, delivery_text) or _beyond_limits(debtor, draft, totals)
    if reason is None:
        return
    if reason.code == "missing_fields":
        fields = cast(list[str], reason.facts["fields"])
        raise Invalid(fields[0], "missing_by_law", fields=fields)
    raise Conflict(reason.code, **reason.facts)


def _beyond_limits(debtor: Debtor, draft: Draft, totals: Totals) -> Parked | None:
    """A small business's limit, and that of supplies to the Union's consumers: who crosses that has to say so first."""
    watch = Watch(tax_facts(draft.billing_on).seller, draft.billing_on)
    if watch.crosses([draft]):
        return Parked(draft.customer_id, None, "oss_begins", {})
    return watch.refusal(debtor, draft, totals)


def seller_data() -> SellerData:
    """Our own data as they would be frozen now."""
    own = get_company()
    return SellerData(own.name, own.address, own.zipcode, own.city, own.tax_number, own.vat_id, own.small_business_id)
