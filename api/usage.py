"""subscription.setusagedata, .getusagedata, .deleteusagedata (X-20)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api import outward
from api.fields import Field
from api.kinds import CURRENCY, ID, MOMENT, PRICE, QUANTITY, text
from api.registry import Ask, Service, Source, declare
from queries.usage import UsageRow, find_usage
from services.usage import Used, delete_usage, record_usage

FIELDS = (
    Field("SUBSCRIPTION_ID", ID, "subscription_id", required=True),
    Field("ARTICLE_NUMBER", text(40), "article_number", required=True),
    Field("QUANTITY", QUANTITY, "quantity", required=True),
    Field("UNIT_PRICE", PRICE, "unit_price", note="default: the article's in the subscription's currency"),
    Field("DESCRIPTION", text(10_000, lines=True), "description"),
    Field("USAGE_DATE", MOMENT, "used_on", note="default: today"),
    Field("CURRENCY_CODE", CURRENCY, "currency_code", note="checked against the subscription, not converted"),
    Field("USAGEDATA_EXT_UID", text(100), "external_id", note="sent again it answers with the same record"),
)
FILTERS = (
    Field("SUBSCRIPTION_ID", ID, "subscription_id", required=True),
    Field("START", MOMENT, "start", note="first day of use"),
    Field("END", MOMENT, "end", note="last day of use"),
)
THE_ID = Field("USAGEDATA_ID", ID, "usage_id", required=True)


def _set(ask: Ask) -> dict[str, object]:
    values: dict[str, Any] = dict(ask.values)
    used: datetime | None = values.pop("used_on", None)
    if used is not None:
        values |= {"used_on": used.date(), "used_time": used.time()}
    return {"STATUS": "success", "USAGEDATA_ID": record_usage(ask.actor, Used(**values))}


def _get(ask: Ask) -> dict[str, object]:
    values: Mapping[str, Any] = ask.values
    start, end = (_day(values.get(name)) for name in ("start", "end"))
    rows = find_usage(values["subscription_id"], start, end, ask.page.limit, ask.page.offset)
    return {"USAGEDATA": [usage_object(row) for row in rows]}


def _delete(ask: Ask) -> dict[str, object]:
    delete_usage(ask.actor, int(str(ask.values["usage_id"])))
    return {"STATUS": "success"}


def usage_object(row: UsageRow) -> dict[str, object]:
    """One record as an answer shows it; INVOICE_ID is empty until it is billed."""
    return {
        "USAGEDATA_ID": row.id,
        "CUSTOMER_ID": row.customer_id,
        "SUBSCRIPTION_ID": row.subscription_id,
        "ARTICLE_ID": row.product_id,
        "ARTICLE_NUMBER": row.article_number,
        "UNIT_PRICE": outward.price(row.unit_price),
        "DESCRIPTION": row.description,
        "CURRENCY_CODE": row.currency_code,
        "USAGE_DATE": outward.moment(row.used_on, row.used_time),
        "CREATED": outward.moment(row.recorded_at),
        "QUANTITY": outward.count(row.quantity),
        "USAGEDATA_EXT_UID": row.external_id or "",
        "INVOICE_ID": str(row.invoice_id or ""),
    }


def _day(value: datetime | None) -> Any:
    return value.date() if value else None


declare(
    Service(
        "subscription.setusagedata", "Record usage, to be summed onto the next invoice.", Source.DATA, FIELDS, _set,
        ("STATUS", "USAGEDATA_ID"), writes=True, subject="Subscription",
    )
)  # fmt: skip
declare(
    Service(
        "subscription.getusagedata", "Find the usage of a subscription.", Source.EITHER, FILTERS, _get,
        ("USAGEDATA",), subject="Subscription",
    )
)  # fmt: skip
declare(
    Service(
        "subscription.deleteusagedata", "Delete usage that is not billed yet.", Source.DATA, (THE_ID,), _delete,
        ("STATUS",), writes=True, subject="Subscription",
    )
)  # fmt: skip
