"""What the law asks of an invoice and a draft lacks (§§ 14, 14a UStG, INV-1), field by field, before it is numbered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from billing.charges import Charge
from billing.drafts import Draft, Totals
from billing.lines import Line
from billing.taxes import NEEDS, NOTES, TaxCase, TaxLine

SMALL_INVOICE_CENTS = 250_00  # section 33 UStDV, gross, EUR (INV-4)
SELLER_FIELDS = ("name", "address", "zipcode", "city")


class SellerData(NamedTuple):
    """What stands of us on the paper. One of the three tax ids is needed; some cases ask for the VAT id itself."""

    name: str
    address: str
    zipcode: str
    city: str
    tax_number: str = ""
    vat_id: str = ""
    small_business_id: str = ""  # of a small business (section 34a UStDV)


@dataclass(frozen=True, slots=True)
class Recipient:
    """The frozen recipient as it would stand on the paper."""

    name: str
    address: str
    zipcode: str
    city: str
    country_code: str = ""
    vat_id: str = ""


_OF_RECIPIENT = frozenset(each.name for each in fields(Recipient))


def missing(
    seller: SellerData, recipient: Recipient, draft: Draft, totals: Totals, delivery_text: str = ""
) -> tuple[str, ...]:
    """Names of the fields that are missing, seller's ones with `seller_` before them; empty: it may be issued.

    The day of issue and the number are given by the issue itself. `delivery_text` tells the time of supply where lines
    have none.
    """
    return (
        *missing_of_seller(seller, draft),
        *missing_of_recipient(recipient, totals.gross_cents, draft.currency, draft.tax_case),
        *_missing_of_lines(draft, delivery_text),
        *_missing_of_taxes(draft, totals),
    )


def missing_of_seller(seller: SellerData, draft: Draft | None = None) -> tuple[str, ...]:
    """The same for our own data alone; without a draft, what every invoice asks for."""
    return _missing_of_seller(seller, "" if draft is None else draft.tax_case.code)


@lru_cache(maxsize=64)  # a run asks the same for every draft
def _missing_of_seller(seller: SellerData, case: str) -> tuple[str, ...]:
    gone = [f"seller_{name}" for name in SELLER_FIELDS if not getattr(seller, name).strip()]
    is_small = case in ("", "small_business")
    ids = (seller.tax_number, seller.vat_id, seller.small_business_id if is_small else "")
    if not any(each.strip() for each in ids):
        gone.append("seller_tax_number")
    if "seller_vat_id" in NEEDS.get(case, ()) and not seller.vat_id.strip():
        gone.append("seller_vat_id")
    return tuple(gone)


def missing_of_recipient(
    recipient: Recipient, gross_cents: int, currency: str = "EUR", case: TaxCase | None = None
) -> tuple[str, ...]:
    """The fields the law asks of the recipient and that are empty (INV-1, section 14 (4) no. 1 UStG).

    Up to 250.00 EUR gross the name suffices (INV-4), except where the tax case asks for more, as reverse charge does;
    other currencies get no such favour, for the law counts in EUR.
    """
    is_small = currency == "EUR" and abs(gross_cents) <= SMALL_INVOICE_CENTS
    needed = _needed(is_small, "" if case is None else case.code)
    return tuple([name for name in needed if not getattr(recipient, name).strip()])


@lru_cache(maxsize=64)
def _needed(is_small: bool, case: str) -> tuple[str, ...]:
    by_case = (name for name in NEEDS.get(case, ()) if name in _OF_RECIPIENT)
    return tuple(dict.fromkeys(("name", *(() if is_small else ("address", "zipcode", "city")), *by_case)))


def _missing_of_lines(draft: Draft, delivery_text: str) -> tuple[str, ...]:
    """Kind and quantity (no. 5) and time of supply (no. 6) of each position."""
    positions = draft.positions
    if positions and all(map(_is_complete, positions)):
        return ()
    told = [_kind_and_quantity(position) for position in positions]
    found: Mapping[str, bool] = {
        "positions": bool(positions),
        "title": all(title.strip() for title, _ in told),
        "quantity": all(quantity for _, quantity in told),
        "service_period": bool(delivery_text.strip()) or all(position.period is not None for position in positions),
    }
    return tuple(name for name, holds in found.items() if not holds)


def _is_complete(position: Charge | Line) -> bool:
    title, quantity = _kind_and_quantity(position)
    return position.period is not None and bool(quantity) and bool(title.strip())


def _kind_and_quantity(position: Charge | Line) -> tuple[str, Decimal]:
    thing = position.item if isinstance(position, Charge) else position
    return thing.title, thing.quantity


def _missing_of_taxes(draft: Draft, totals: Totals) -> tuple[str, ...]:
    """Net by rate (no. 7), rate and tax or the words why there is none (no. 8)."""
    lines = totals.tax_lines
    return () if lines and all(map(_is_decided, lines)) else ("vat_category",)


def _is_decided(line: TaxLine) -> bool:
    return bool(line.category and (line.percent or line.category == "Z" or line.note_key in NOTES))
