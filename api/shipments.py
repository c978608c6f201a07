"""shipment.get, shipment.create, shipment.update, shipment.delete (M2-33 to M2-35)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api import outward
from api.customer_fields import CUSTOMER_KEYS
from api.fields import Field, list_field
from api.kinds import DAY, ID, IDS, QUANTITY, text, words
from api.registry import Ask, Service, Source, declare
from models.shipments import STATES
from queries.shipments import ShipmentCard, ShipmentFilter, find_shipments
from services.shipments import Delivery, change_shipment, create_shipment, delete_shipment

_ARTICLE = (
    Field("ARTICLE_NUMBER", text(40), "article_number", required=True),
    Field("TITLE", text(200), "title"),
    Field("QUANTITY", QUANTITY, "quantity", note="default 1"),
)


def _article(values: Mapping[str, Any]) -> dict[str, str]:
    quantity = outward.count(values["quantity"]) if "quantity" in values else "1"
    return {"article_number": values["article_number"], "title": values.get("title", ""), "quantity": quantity}


THE_ID = Field("SHIPMENT_ID", ID, "shipment_id", required=True)
THE_INVOICE = Field("INVOICE_ID", ID, "invoice_id", note="else the invoice whose service period covers DATE, else the "
                    "contract's last")  # fmt: skip
DETAILS = (
    Field("DATE", DAY, "shipped_on", note="default on create: today"),
    Field("TRACKING_NUMBER", text(80), "tracking_number"),
    Field("SHIPPER", text(80), "carrier"),
    Field("ARTICLE_OPTION", text(200), "option"),
    list_field("ARTICLES", "ARTICLE", _ARTICLE, _article, note="default on create: what the contract serves on DATE"),
    Field("STATUS", words(*STATES), "status", note="default on create: shipped; planned for a day that is to come"),
)  # fmt: skip
FILTERS = (
    Field("SHIPMENT_ID", IDS, "ids"),
    Field("SUBSCRIPTION_ID", IDS, "subscription_ids"),
    Field("INVOICE_ID", IDS, "invoice_ids"),
    *CUSTOMER_KEYS,
    Field("STATUS", words(*STATES), "status"),
    Field("START_DATE", DAY, "shipped_from"),
    Field("END_DATE", DAY, "shipped_to"),
)


def _get(ask: Ask) -> dict[str, object]:
    wanted = ShipmentFilter(**dict[str, Any](ask.values))
    return {"SHIPMENTS": [shipment_object(card) for card in find_shipments(wanted, ask.page.limit, ask.page.offset)]}


def _create(ask: Ask) -> dict[str, object]:
    values: dict[str, Any] = {name: value for name, value in ask.values.items() if value is not None}
    return {"STATUS": "success", "SHIPMENT_ID": create_shipment(ask.actor, Delivery(**values))}


def _update(ask: Ask) -> dict[str, object]:
    values: dict[str, Any] = dict(ask.values)
    shipment_id = int(values.pop("shipment_id"))
    if "articles" in values:
        values["articles"] = list(values["articles"])
    for name in ("shipped_on", "status"):  # neither can be emptied
        if values.get(name, "") is None:
            values.pop(name)
    change_shipment(ask.actor, shipment_id, values)
    return {"STATUS": "success"}


def _delete(ask: Ask) -> dict[str, object]:
    delete_shipment(ask.actor, int(str(ask.values["shipment_id"])))
    return {"STATUS": "success"}


def shipment_object(card: ShipmentCard) -> dict[str, object]:
    """The shipment as an answer shows it, also inside its invoice."""
    return {
        "SHIPMENT_ID": str(card.id),
        "SUBSCRIPTION_ID": str(card.subscription_id) if card.subscription_id else "",
        "INVOICE_ID": str(card.invoice_id),
        "INVOICE_NUMBER": card.invoice_number,
        "CUSTOMER_ID": str(card.customer_id),
        "DATE": outward.day(card.shipped_on),
        "STATUS": card.status,
        "SHIPPER": card.carrier,
        "TRACKING_NUMBER": card.tracking_number,
        "ARTICLE_OPTION": card.option,
        "ARTICLES": [
            {"ARTICLE_NUMBER": each.get("article_number", ""), "TITLE": each.get("title", ""),
             "QUANTITY": each.get("quantity", "1")}
            for each in card.articles
        ],
    }  # fmt: skip


declare(
    Service(
        "shipment.get", "Find shipments; an invoice may have several.", Source.EITHER, FILTERS, _get, ("SHIPMENTS",),
        subject="Shipment",
    )
)  # fmt: skip
declare(
    Service(
        "shipment.create", "Note a shipment of a contract or an invoice. It always belongs to an issued invoice.",
        Source.DATA, (Field("SUBSCRIPTION_ID", ID, "subscription_id", note="or INVOICE_ID"), THE_INVOICE, *DETAILS),
        _create, ("STATUS", "SHIPMENT_ID"), writes=True, subject="Shipment",
    )
)  # fmt: skip
declare(
    Service(
        "shipment.update", "Change a shipment; the contract it belongs to stays.", Source.DATA,
        (THE_ID, Field("INVOICE_ID", ID, "invoice_id"), *DETAILS), _update, ("STATUS",), clearing=True, writes=True,
        subject="Shipment",
    )
)  # fmt: skip
declare(
    Service(
        "shipment.delete", "Delete a shipment that was noted by mistake.", Source.DATA, (THE_ID,), _delete,
        ("STATUS",), writes=True, subject="Shipment",
    )
)  # fmt: skip
