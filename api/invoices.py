"""invoice.get: the frozen paper, and what is paid of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api import addresses, outward
from api.customer_fields import CUSTOMER_KEYS
from api.fields import Field
from api.kinds import DAY, IDS, text, whole, words
from api.registry import Ask, Service, Source, declare
from api.shipments import shipment_object
from queries.invoice_filters import InvoiceFilter
from queries.invoices import InvoiceCard, LineCard, MovementCard, TaxCard, find_invoices
from queries.shipments import ShipmentCard, shipments_of_invoices

FILTERS = (
    Field("INVOICE_ID", IDS, "ids"),
    Field("INVOICE_NUMBER", text(40), "number"),
    Field("INVOICE_TITLE", text(200), "title"),
    *CUSTOMER_KEYS,
    Field("MONTH", whole(1, 12), "month"),
    Field("YEAR", whole(1900, 2199), "year"),
    Field("START_DUE_DATE", DAY, "due_from"),
    Field("END_DUE_DATE", DAY, "due_to"),
    Field("TYPE", words("outgoing", "draft", "credit"), "kind"),
    Field(
        "STATE",
        words("unpaid", "paid", "overdue"),
        "state",
        note="unpaid includes overdue, and what was written off whole",
    ),
)
_ADDRESS = ("ORGANIZATION", "SALUTATION", "FIRST_NAME", "LAST_NAME", "ADDRESS", "ADDRESS_2", "ZIPCODE", "CITY")
METHODS = {"bank": "Bank", "cash": "Cash", "other": "Other"}
_BANK = ("BANK_NAME", "BANK_ACCOUNT_NUMBER", "BANK_CODE", "BANK_ACCOUNT_OWNER", "BANK_IBAN", "BANK_BIC")


def _get(ask: Ask) -> dict[str, object]:
    values: dict[str, Any] = dict(ask.values)
    number = values.pop("number", None)
    wanted = InvoiceFilter(numbers=(number,) if number else (), **values)
    cards = find_invoices(wanted, ask.page.limit, ask.page.offset)
    sent = shipments_of_invoices([card.id for card in cards])
    return {"INVOICES": [invoice_object(card, sent[card.id]) for card in cards]}


def invoice_object(card: InvoiceCard, sent: Sequence[ShipmentCard] = ()) -> dict[str, object]:
    """The invoice as an answer shows it. Bank fields are empty lists where the paper has none (as recorded)."""
    return {
        "INVOICE_ID": str(card.id),
        "INVOICE_EXT_UID": card.ext_uid or "",
        "STATUS": card.state,
        "TYPE": _type(card),
        "CUSTOMER_ID": str(card.customer_id),
        "CUSTOMER_NUMBER": card.customer_number,
        "CUSTOMER_COSTCENTER_ID": card.buyer.get("costcenter") or "0",
        **{name: card.buyer.get(name.lower(), "") for name in _ADDRESS},
        "COMMENT": "",
        "PAYMENT_TYPE": str(card.payment_type),
        "DAYS_FOR_PAYMENT": card.days_for_payment,
        **{name: card.buyer.get(name.lower()) or [] for name in _BANK},
        "AFFILIATE": "",
        "COUNTRY_CODE": card.buyer.get("country_code", ""),
        "VAT_ID": card.buyer.get("vat_id", ""),
        "CURRENCY_CODE": card.currency_code,
        "TEMPLATE_ID": "1",
        "SUBSCRIPTION_ID": str(card.subscription_id) if card.subscription_id else "",
        "SUBSCRIPTION_INVOICE_COUNTER": str(card.subscription_counter),
        "INVOICE_NUMBER": card.number or "",
        "INVOICE_TITLE": card.title,
        "INTROTEXT": card.introtext,
        "PAID_DATE": outward.moment(card.settled_on),
        "OUTSTANDING_AMOUNT": outward.amount(card.open_cents),
        "IS_CANCELED": outward.flag(card.is_cancelled),
        "INVOICE_DATE": outward.day(card.issued_on),
        "DUE_DATE": outward.day(card.due_on),
        "DELIVERY_DATE": _delivery(card),
        "CASH_DISCOUNT_PERCENT": outward.hundredths(card.cash_discount_percent),
        "CASH_DISCOUNT_DAYS": str(card.cash_discount_days),
        "IS_GROSS": outward.flag(card.is_gross),
        "SUB_TOTAL": outward.amount(card.net_cents),
        "VAT_TOTAL": outward.amount(card.tax_cents),
        "VAT_ITEMS": [_vat_item(tax) for tax in card.taxes],
        "ITEMS": [item_object(line, place) for place, line in enumerate(card.lines, 1)],
        "TOTAL": outward.amount(card.gross_cents),
        "PAYMENT_INFO": " | ".join(_movement(each, card.currency_code) for each in card.movements),
        "DOCUMENT_URL": addresses.download(card.token),
        "SHIPMENT_ID": str(sent[0].id) if sent else "",
        "SHIPMENTS": [shipment_object(each) for each in sent],
        "PAYPAL_URL": "",
    }


def _movement(move: MovementCard, currency: str) -> str:
    """ "24.07.2014 20,00 € (Bank) ", as recorded; money that went back is negative and says why."""
    sign = "€" if currency == "EUR" else currency
    words = f"{outward.german_day(move.day)} {outward.german(move.cents)} {sign} ({METHODS.get(move.method, '')}) "
    return words if move.kind == "payment" else words + move.kind.upper()


def _type(card: InvoiceCard) -> str:
    if card.status != "issued":
        return "draft"
    return "outgoing" if card.kind == "invoice" else "credit"


def _delivery(card: InvoiceCard) -> str:
    """The service period with its last day, "24.07.2014 - 23.08.2014"; or the text a caller gave."""
    first, last = card.service_from, card.last_service_day
    if card.delivery_text or first is None or last is None:
        return card.delivery_text
    if first >= last:
        return outward.german_day(first)
    return f"{outward.german_day(first)} - {outward.german_day(last)}"


def item_object(line: LineCard, place: int) -> dict[str, object]:
    return {
        "INVOICE_ITEM_ID": str(line.id),
        "ARTICLE_NUMBER": line.article_number,
        "DESCRIPTION": "\n".join(part for part in (line.title, line.description) if part),
        "QUANTITY": outward.quantity(line.quantity),
        "UNIT_PRICE": outward.unit_price(line.unit_price),
        "VAT_PERCENT": outward.hundredths(line.vat_percent),
        "VAT_VALUE": outward.amount(line.tax_cents),
        "COMPLETE_NET": outward.amount(line.net_cents),
        "COMPLETE_GROSS": outward.amount(line.gross_cents),
        "SORT_ORDER": place,
    }


def _vat_item(tax: TaxCard) -> dict[str, object]:
    return {
        "VAT_PERCENT": outward.hundredths(tax.vat_percent),
        "COMPLETE_NET": outward.amount(tax.net_cents),
        "VAT_VALUE": outward.amount(tax.tax_cents),
    }


declare(
    Service(
        "invoice.get", "Find invoices, drafts and corrections.", Source.FILTER, FILTERS, _get, ("INVOICES",),
        all_rows=True, subject="Invoice",
    )
)  # fmt: skip
