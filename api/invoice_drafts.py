"""invoice.create, .update, .delete and .complete: one-off invoices, drafts until they are completed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from api.fields import Field, FieldErrors, list_field
from api.kinds import CURRENCY, DAY, FLAG, ID, PERCENT, PRICE, QUANTITY, text, whole
from api.registry import Ask, Service, Source, declare
from billing.errors import Invalid, KontorError
from queries.invoices import InvoiceCard, get_invoice
from services import clock, vat_settings
from services.company import get_company
from services.drafts import Position, create_draft, delete_draft, issue_draft, update_draft

ITEM_FIELDS = (
    Field("DESCRIPTION", text(10_000, lines=True), "description", note="its first line is the title; needed unless "
          "ARTICLE_NUMBER is given"),
    Field("ARTICLE_NUMBER", text(40), "article_number", note="fills what is not given"),
    Field("UNIT_PRICE", PRICE, "unit_price", note="needed unless ARTICLE_NUMBER is given"),
    Field("VAT_PERCENT", PERCENT, "vat_percent", note="19, 7 or 0, and the article's own; where the law has no VAT, "
          "none is charged"),
    Field("QUANTITY", QUANTITY, "quantity", note="default 1"),
    Field("IS_GROSS", FLAG, "is_gross", note="the same for all items of an invoice; default 0, for added "
          "items as those that are there"),
    Field("SORT_ORDER", whole(0, 1_000_000), "sort_order"),
)  # fmt: skip


ITEMS = list_field("ITEMS", "ITEM", ITEM_FIELDS, dict)
HEAD = (
    Field("TEMPLATE_ID", whole(1, 1), "template_id", note="1: the house has one letter"),
    Field("CURRENCY_CODE", CURRENCY, "currency_code", note="default: the customer's"),
    Field("INVOICE_TITLE", text(200), "title"),
    Field("INTROTEXT", text(10_000, lines=True), "introtext"),
    Field("INVOICE_EXT_UID", text(100), "ext_uid"),
    Field("INVOICE_DATE", DAY, "invoice_date", note="day of supply unless DELIVERY_DATE is given; an invoice bears the "
          "day on which it is completed"),
    Field("DELIVERY_DATE", text(100), "delivery", note='day or period of supply, "24.07.2014 - 23.08.2014"; default: '
          "today"),
    Field("DAYS_FOR_PAYMENT", whole(0, 999), "days_for_payment"),
    Field("CASH_DISCOUNT_PERCENT", PERCENT, "cash_discount_percent"),
    Field("CASH_DISCOUNT_DAYS", whole(0, 999), "cash_discount_days"),
)  # fmt: skip
CREATE = (
    Field("CUSTOMER_ID", ID, "customer_id", required=True), replace(ITEMS, required=True, note="at least one"), *HEAD,
)  # fmt: skip
INVOICE = Field("INVOICE_ID", ID, "invoice_id", required=True)
UPDATE = (
    INVOICE, Field("DELETE_EXISTING_ITEMS", FLAG, "replace", note="otherwise items are added"), ITEMS, *HEAD,
)  # fmt: skip
_SPAN = re.compile(r"(\S+)(?:\s*(?:-|–|bis|to)\s*(\S+))?")
_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


def _create(ask: Ask) -> dict[str, object]:
    values = _head(ask)
    customer_id, items = values.pop("customer_id"), values.pop("items")
    if not items:
        raise FieldErrors(["ITEMS"])
    head = {"is_gross": _is_gross(items), **_supply(values, clock.today()), **values}
    with _told_of_items(items):
        made = create_draft(ask.actor, customer_id, head, positions(items))
    return {"STATUS": "success", "INVOICE_ID": made}


def _update(ask: Ask) -> dict[str, object]:
    values = _head(ask)
    invoice_id, items, anew = values.pop("invoice_id"), values.pop("items", None), values.pop("replace", False)
    head = {**_supply(values, None), **values}
    if items:
        head |= _mode(items, None if anew else get_invoice(invoice_id))
    with _told_of_items(items or []):
        given = None if items is None and not anew else positions(items or [])
        update_draft(ask.actor, invoice_id, head, given, append=not anew)
    return {"STATUS": "success"}


def _delete(ask: Ask) -> dict[str, object]:
    delete_draft(ask.actor, _number(ask))
    return {"STATUS": "success"}


def _complete(ask: Ask) -> dict[str, object]:
    return {"STATUS": "success", "INVOICE_NUMBER": issue_draft(ask.actor, _number(ask))}


def _number(ask: Ask) -> int:
    return int(str(ask.values["invoice_id"]))


def _head(ask: Ask) -> dict[str, Any]:
    """The values without TEMPLATE_ID: there is one letter, so it is only checked."""
    return {name: value for name, value in ask.values.items() if name != "template_id"}


def positions(items: list[dict[str, Any]]) -> list[Position]:
    """The items in their order as positions. Raises Invalid with the line of one that says too little."""
    found = []
    for line, place in enumerate(_order(items), 1):
        try:
            found.append(_position(items[place]))
        except Invalid as error:
            error.facts["line"] = line
            raise
    return found


def _order(items: list[dict[str, Any]]) -> list[int]:
    """Places in the order of SORT_ORDER; the order of the call decides among equals."""
    return sorted(range(len(items)), key=lambda place: items[place].get("sort_order") or 0)


@contextmanager
def _told_of_items(items: list[dict[str, Any]]) -> Iterator[None]:
    """What is wrong with a line of the draft is told of the item of the call, which SORT_ORDER may have moved."""
    try:
        yield
    except KontorError as error:
        line = error.facts.get("line")
        if isinstance(line, int):
            error.facts["line"] = _order(items)[line - 1] + 1
        raise


def _position(item: Mapping[str, Any]) -> Position:
    title, description = _words(item.get("description", ""))
    number, percent = item.get("article_number", ""), item.get("vat_percent")
    needed = {"description": title, "unit_price": item.get("unit_price"), "vat_percent": percent}
    lacking = [name for name, value in needed.items() if value in (None, "")]
    if lacking and not number:
        raise Invalid(lacking[0], "missing")
    return Position(
        title, item.get("unit_price"), item.get("quantity") or Decimal(1), number, description,
        vat_category="" if number or percent is None else _category(percent),
        expected_percent=percent,
    )  # fmt: skip


def _category(percent: Decimal) -> str:
    """A rate is never free: it is one of the dated ones (INV-6)."""
    return vat_settings.category_of("vat_percent", percent, get_company().country_code)


def _words(text: str) -> tuple[str, str | None]:
    """DESCRIPTION is one text here: its first line is the title, unless that is too long to be one."""
    first, _, rest = text.strip().partition("\n")
    if len(first) > 200:
        return first[:200].rpartition(" ")[0] or first[:200], text.strip()
    return first.strip(), rest.strip() or ("" if first else None)


def _is_gross(items: list[dict[str, Any]]) -> bool:
    modes = {bool(item.get("is_gross", False)) for item in items}
    if len(modes) > 1:
        first = bool(items[0].get("is_gross", False))
        odd = next(place for place, item in enumerate(items, 1) if bool(item.get("is_gross", False)) != first)
        raise Invalid("is_gross", "net_and_gross_in_one_invoice", line=odd)
    return modes == {True}


def _mode(items: list[dict[str, Any]], card: InvoiceCard | None) -> dict[str, bool]:
    """Net or gross by the items; those that are added to others have to be priced as these are."""
    if card is None or not card.lines:
        return {"is_gross": _is_gross(items)}
    for line, item in enumerate(items, 1):
        if item.get("is_gross", card.is_gross) != card.is_gross:
            raise Invalid("is_gross", "net_and_gross_in_one_invoice", line=line)
    return {}


def _supply(values: dict[str, Any], default: date | None) -> dict[str, Any]:
    """When it was supplied: days where they can be read, the words of the caller where not, else `default`."""
    invoice_date, words = values.pop("invoice_date", None) or default, values.pop("delivery", "")
    found = _SPAN.fullmatch(words.strip())
    first, last = (_day(found[1]), _day(found[2])) if found else (None, None)
    if first and (last or found is None or found[2] is None):
        return {"service_from": first, "service_last": last or first, "delivery_text": ""}
    if words:
        return {"delivery_text": words, "service_from": None, "service_last": None}
    return {"service_from": invoice_date, "service_last": invoice_date} if invoice_date else {}


def _day(word: str | None) -> date | None:
    german = _GERMAN_DAY.fullmatch(word or "")
    try:
        return date(int(german[3]), int(german[2]), int(german[1])) if german else date.fromisoformat(word or "")
    except ValueError:
        return None


for _service in (
    Service("invoice.create", "Make a draft of a one-off invoice.", Source.DATA, CREATE, _create,
            ("STATUS", "INVOICE_ID"), writes=True, subject="Invoice"),
    Service("invoice.update", "Change a draft; its items are added to or replaced.", Source.DATA, UPDATE, _update,
            ("STATUS",), writes=True, subject="Invoice"),
    Service("invoice.delete", "Delete a draft.", Source.DATA, (INVOICE,), _delete, ("STATUS",), writes=True,
            subject="Invoice"),
    Service("invoice.complete", "Issue a draft: it gets its number and is frozen.", Source.DATA, (INVOICE,), _complete,
            ("STATUS", "INVOICE_NUMBER"), writes=True, subject="Invoice"),
):  # fmt: skip
    declare(_service)
