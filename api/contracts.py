"""subscription.update, changearticle, setaddon, cancel, reactivate, getupcomingamount, postpone, renew."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

from api import outward
from api.fields import Field
from api.kinds import (
    ATTRIBUTES,
    COUNTRY,
    CURRENCY,
    FEATURES,
    FLAG,
    ID,
    MOMENT,
    Kind,
    decimal,
    text,
    whole,
    words,
)
from api.registry import Ask, Service, Source, declare
from api.subscriptions import ADDONS, BOOKED
from billing.errors import AlreadyDone, Invalid
from queries.subscriptions import SubscriptionCard, get_subscription
from services import (
    contract_changes,
    contract_ends,
    contract_rhythm,
    contract_switch,
    quotes,
    redemptions,
)
from services.bookings import BIGGEST_QUANTITY, Booking
from services.contract_changes import Change
from services.unit import write

_ID = Field("SUBSCRIPTION_ID", ID, "subscription_id", required=True)
_QUANTITY = decimal(Decimal(0), BIGGEST_QUANTITY, 4, "quantity, 0 removes the add-on")
_STATUS: Kind = words("active", "inactive")
_WORDS = tuple(field for field in BOOKED if field.to in ("title", "description", "unit_price"))

UPDATE = (
    _ID,
    Field("NEXT_EVENT", MOMENT, "next_event", note="moves the next payment alone; the billing day stays"),
    Field("SUBSCRIPTION_EXT_UID", text(100), "ext_uid"),
    Field("STATUS", _STATUS, "status", note="inactive: nothing new is billed until it is active again"),
    Field("X_ATTRIBUTES", ATTRIBUTES, "x_attributes"),
    Field("FEATURES", FEATURES, "features"),
)
CHANGE = (
    _ID,
    *(field for field in BOOKED if field.to == "article_number"),
    Field("QUANTITY", BOOKED[1].kind, "quantity", note="default: as before"),
    *_WORDS,
    Field("CURRENCY_CODE", CURRENCY, "currency_code", note="must be the subscription's"),
    Field("RESET_ADDONS", FLAG, "reset_addons", note="end the add-ons as well"),
    Field("COUPON", text(40), "coupon", note="code of a coupon, redeemed from the day of the change on"),
    ADDONS,
    Field("FEATURES", FEATURES, "features"),
    Field("AT_PERIOD_END", FLAG, "at_period_end", note="ours: change with the end of the paid period, not at once"),
)
SETADDON = (
    _ID,
    *(field for field in BOOKED if field.to == "article_number"),
    Field("QUANTITY", _QUANTITY, "quantity", required=True),
    *_WORDS,
)
CANCEL = (
    _ID,
    Field("CANCELLATION_DATE", MOMENT, "ends_on",
          note="first day without service; default: the earliest lawful one"),
    Field("CANCELLATION_NOTE", text(2_000, lines=True), "note"),
)  # fmt: skip
UPCOMING = (
    *(field for field in BOOKED if field.to in ("article_number", "quantity", "unit_price")),
    Field("COUPON", text(40), "coupon"),
    Field("COUNTRY_CODE", COUNTRY, "country_code", note="of a consumer; default: the seller's"),
    ADDONS,
)
POSTPONE = (_ID, Field("MONTH", whole(1, contract_rhythm.MOST_MONTHS), "months", required=True))


def _update(ask: Ask) -> dict[str, object]:
    values: dict[str, Any] = dict(ask.values)
    number, next_event, status = (
        values.pop("subscription_id"),
        values.pop("next_event", None),
        values.pop("status", None),
    )
    with write():
        contract_switch.update_details(ask.actor, number, values)
        _switch(ask, number, status)
        if next_event is not None:
            with suppress(AlreadyDone):  # it is due on that day as it stands
                contract_rhythm.set_next_payment(ask.actor, number, next_event.date())
    card = _card(number)
    return {
        "STATUS": "success", "SUBSCRIPTION_ID": number, "SUBSCRIPTION_EXT_UID": card.ext_uid or "",
        "NEXT_EVENT": outward.moment(card.next_billing_on, card.start_time),
    }  # fmt: skip


def _switch(ask: Ask, number: int, status: str | None) -> None:
    off = contract_switch.is_off(number)
    if status == "inactive" and not off:
        contract_switch.deactivate(ask.actor, number)
    elif status == "active" and off:
        contract_switch.activate(ask.actor, number)


def _changearticle(ask: Ask) -> dict[str, object]:
    values: Mapping[str, Any] = ask.values
    number, features = values["subscription_id"], values.get("features")
    named = ("article_number", "title", "description", "unit_price")
    plan = Booking(**{name: values[name] for name in named if values.get(name) is not None})
    wanted = Change(plan, values.get("quantity"), tuple(values.get("addons", ())), bool(values.get("reset_addons")),
                    bool(values.get("at_period_end")))  # fmt: skip
    with write():
        _require_currency(number, values.get("currency_code"))
        on = _changed(ask, number, wanted)
        if values.get("coupon"):
            redemptions.redeem(ask.actor, number, values["coupon"], on)
        if features is not None:
            contract_switch.update_details(ask.actor, number, {"features": features})
    return {"STATUS": "success", "SUBSCRIPTION_ID": number}


def _changed(ask: Ask, number: int, wanted: Change) -> date | None:
    """The day from which the change holds; what is so already is success."""
    try:
        return contract_changes.change(ask.actor, number, wanted)
    except AlreadyDone:
        return None


def _require_currency(number: int, currency: str | None) -> None:
    if currency and currency != _card(number).currency_code:
        raise Invalid("currency_code", "other_currency")


def _setaddon(ask: Ask) -> dict[str, object]:
    values: dict[str, Any] = {name: value for name, value in ask.values.items() if value is not None}
    _changed(ask, values.pop("subscription_id"), Change(addons=(Booking(**values),)))
    return {"STATUS": "success"}


def _cancel(ask: Ask) -> dict[str, object]:
    values: Mapping[str, Any] = ask.values
    number, day = values["subscription_id"], values.get("ends_on")
    with suppress(AlreadyDone):  # cancelled before: the answer tells to which day
        contract_ends.cancel(ask.actor, number, day.date() if day else None, values.get("note", ""))
    card = _card(number)
    return {"STATUS": "success", "CANCELLATION_DATE": outward.moment(card.ends_on, card.start_time)}


def _reactivate(ask: Ask) -> dict[str, object]:
    contract_ends.withdraw_cancellation(ask.actor, int(str(ask.values["subscription_id"])))
    return {"STATUS": "success"}


def _upcoming(ask: Ask) -> dict[str, object]:
    values: Mapping[str, Any] = ask.values
    named = ("article_number", "quantity", "unit_price")
    plan = Booking(**{name: values[name] for name in named if values.get(name) is not None})
    cents = quotes.first_amount(
        plan, values.get("addons", ()), values.get("coupon", ""), values.get("country_code", "")
    )  # fmt: skip
    return {"TOTAL": outward.amount(cents)}


def _postpone(ask: Ask) -> dict[str, object]:
    values: Mapping[str, Any] = ask.values
    contract_rhythm.postpone(ask.actor, values["subscription_id"], values["months"])
    return {"STATUS": "success"}


def _renew(ask: Ask) -> dict[str, object]:
    with suppress(AlreadyDone):  # due already: the next run bills it
        contract_rhythm.renew(ask.actor, int(str(ask.values["subscription_id"])))
    return {"STATUS": "success"}


def _card(number: int) -> SubscriptionCard:
    card = get_subscription(number)
    if card is None:
        raise Invalid("subscription_id", "unknown_subscription")
    return card


for _name, _says, _fields, _handler, _answers in (
    ("update", "Change the next payment date, the status and further data of a subscription.", UPDATE, _update,
     ("STATUS", "SUBSCRIPTION_ID", "NEXT_EVENT", "SUBSCRIPTION_EXT_UID")),
    ("changearticle", "Change to another article, quantity or price: at once and day-exact, or at the end of the "
     "period.", CHANGE, _changearticle, ("STATUS", "SUBSCRIPTION_ID")),
    ("setaddon", "Book an add-on, change its quantity, or remove it.", SETADDON, _setaddon, ("STATUS",)),
    ("cancel", "Cancel a subscription; without a date at the earliest lawful day.", CANCEL, _cancel,
     ("STATUS", "CANCELLATION_DATE")),
    ("reactivate", "Withdraw the cancellation before the last day is over.", (_ID,), _reactivate, ("STATUS",)),
    ("postpone", "Move the next payment by months; the following ones stay.", POSTPONE, _postpone, ("STATUS",)),
    ("renew", "Bill the next period with the next run instead of on its day.", (_ID,), _renew, ("STATUS",)),
):  # fmt: skip
    declare(
        Service(
            f"subscription.{_name}", _says, Source.DATA, _fields, _handler, _answers, writes=True,
            subject="Subscription",
        )
    )  # fmt: skip
declare(
    Service(
        "subscription.getupcomingamount", "What the first invoice of a booking would come to, with VAT.", Source.DATA,
        UPCOMING, _upcoming, ("TOTAL",), subject="Subscription",
    )
)  # fmt: skip
