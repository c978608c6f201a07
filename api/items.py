"""item.get and item.delete: the positions of one invoice; only those of a draft can be taken off."""

from __future__ import annotations

from api import outward
from api.fields import Field
from api.invoice_drafts import INVOICE
from api.invoices import item_object
from api.kinds import ID
from api.registry import Ask, Service, Source, declare
from billing.errors import NotFound
from queries.invoices import get_invoice
from services.drafts import remove_line


def _get(ask: Ask) -> dict[str, object]:
    card = get_invoice(int(str(ask.values["invoice_id"])))
    if card is None:
        raise NotFound("unknown_invoice", field="invoice_id")
    common = {"INVOICE_ID": str(card.id), "CUSTOMER_ID": str(card.customer_id), "CURRENCY_CODE": card.currency_code,
              "IS_GROSS": outward.flag(card.is_gross)}  # fmt: skip
    return {"ITEMS": [item_object(line, place) | common for place, line in enumerate(card.lines, 1)]}


def _delete(ask: Ask) -> dict[str, object]:
    remove_line(ask.actor, int(str(ask.values["line_id"])))
    return {"STATUS": "success"}


declare(Service("item.get", "The positions of an invoice.", Source.EITHER, (INVOICE,), _get, ("ITEMS",),
                subject="Item"))  # fmt: skip
declare(Service("item.delete", "Take a position off its draft.", Source.DATA,
                (Field("INVOICE_ITEM_ID", ID, "line_id", required=True),), _delete, ("STATUS",), writes=True,
                subject="Item"))  # fmt: skip
