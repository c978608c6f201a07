"""What a shop does with a running subscription over the call API, and what the next invoices say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.test_contracts import ADDON, Bill, bill, book, customer_id, invoices, today
from tests.api.wire import Wire

__all__ = ["bill", "customer_id", "today"]  # fixtures

BIGGER = {"ARTICLE_NUMBER": "gross", "TITLE": "Großes Paket", "DESCRIPTION": "", "UNIT_PRICE": "19.80",
          "CURRENCY_CODE": "EUR", "VAT_PERCENT": 19, "SUBSCRIPTION_INTERVAL": "1 month"}  # fmt: skip


def row(wire: Wire, number: int) -> dict[str, Any]:
    found: dict[str, Any] = wire.ok("subscription.get", filter={"SUBSCRIPTION_ID": number})["SUBSCRIPTIONS"][0]
    return found


@pytest.fixture
def number(wire: Wire, customer_id: int, bill: Bill) -> int:
    """A contract of 9.90 net a month from 1 November, billed once."""
    made: int = book(wire, customer_id, START_DATE="2026-11-01 10:00:00")["SUBSCRIPTION_ID"]
    assert bill("2026-11-01") == 1
    wire.ok("article.create", data=BIGGER)
    return made


@pytest.mark.feature("M1-07")
@pytest.mark.feature("D-6")
def test_next_event_on_update_moves_one_payment(wire: Wire, number: int, bill: Bill) -> None:
    answer = wire.ok("subscription.update", data={"SUBSCRIPTION_ID": number, "NEXT_EVENT": "2026-12-15 00:00:00",
                                                  "SUBSCRIPTION_EXT_UID": "S-7"})  # fmt: skip
    assert (answer["NEXT_EVENT"], answer["SUBSCRIPTION_EXT_UID"]) == ("2026-12-15 10:00:00", "S-7")
    assert [bill("2026-12-14"), bill("2026-12-15"), bill("2027-01-01")] == [0, 1, 1]


@pytest.mark.feature("D-13")
def test_postpone_by_months_and_renew_now(wire: Wire, number: int, bill: Bill) -> None:
    assert wire.ok("subscription.postpone", data={"SUBSCRIPTION_ID": number, "MONTH": 2})["STATUS"] == "success"
    assert row(wire, number)["NEXT_EVENT"] == "2027-01-01 10:00:00"
    assert wire.ok("subscription.renew", data={"SUBSCRIPTION_ID": str(number)})["STATUS"] == "success"
    assert bill("2026-11-21") == 1
    assert wire.ok("subscription.renew", data={"SUBSCRIPTION_ID": number})["STATUS"] == "success"


@pytest.mark.feature("X-10")
def test_an_upgrade_at_once_credits_and_bills_by_days(wire: Wire, number: int, bill: Bill) -> None:
    answer = wire.ok("subscription.changearticle", data={"SUBSCRIPTION_ID": number, "ARTICLE_NUMBER": "gross"})
    assert answer["SUBSCRIPTION_ID"] == number
    assert bill("2026-11-21") == 1
    assert row(wire, number)["PLAN"]["TITLE"] == "Großes Paket"
    assert sorted(str(invoice["SUB_TOTAL"]) for invoice in invoices(wire)) == ["-3.3", "6.6", "9.9"]


@pytest.mark.feature("X-10")
def test_an_addon_that_does_not_fit_is_named_with_the_reason(wire: Wire, number: int) -> None:
    year = BIGGER | {"ARTICLE_NUMBER": "jahr", "SUBSCRIPTION_INTERVAL": "1 year"}
    wire.ok("article.create", data=year)
    wire.ok("subscription.setaddon", data={"SUBSCRIPTION_ID": number, "ARTICLE_NUMBER": "extra", "QUANTITY": 1})
    before = row(wire, number)
    for given, told in (
        ({"ADDONS": [{"ARTICLE_NUMBER": "extra"}, {"ARTICLE_NUMBER": "gross"}]},
         "(the article is no add-on): ADDONS[2].ARTICLE_NUMBER"),
        ({"ADDONS": [{"ARTICLE_NUMBER": "none"}]}, "(there is no such article): ADDONS[1].ARTICLE_NUMBER"),
        ({"ADDONS": [{"ARTICLE_NUMBER": "extra", "QUANTITY": -1}]},
         "(quantity above 0, up to 4 decimals): ADDONS[1].QUANTITY"),
        ({}, "(the add-on extra stays, but the new article is billed in another rhythm; RESET_ADDONS ends it): ADDONS"),
    ):  # fmt: skip
        data = {"SUBSCRIPTION_ID": number, "ARTICLE_NUMBER": "jahr", **given}
        assert wire.errors("subscription.changearticle", data=data) == [f"missing / invalid field {told}"]
    nothing = {"SUBSCRIPTION_ID": number, "ARTICLE_NUMBER": "none", "QUANTITY": 0}
    told = "missing / invalid field (the contract has no such add-on): ARTICLE_NUMBER"
    assert wire.errors("subscription.setaddon", data=nothing) == [told]
    assert row(wire, number) == before


@pytest.mark.feature("X-10")
def test_a_change_at_the_end_of_the_period_is_told_as_upcoming(wire: Wire, number: int) -> None:
    wire.ok("subscription.changearticle", data={"SUBSCRIPTION_ID": number, "ARTICLE_NUMBER": "gross", "QUANTITY": 2,
                                                "AT_PERIOD_END": 1})  # fmt: skip
    found = row(wire, number)
    assert (found["PLAN"]["ARTICLE_NUMBER"], found["QUANTITY"]) == ("basis", "1")
    assert (found["PLAN_UPCOMING"]["ARTICLE_NUMBER"], found["PLAN_UPCOMING"]["QUANTITY"]) == ("gross", "2")


def test_an_add_on_is_booked_changed_and_removed(wire: Wire, number: int) -> None:
    for quantity, booked in ((2, ["2"]), ("3", ["3"]), (3, ["3"]), (0, [])):
        data = {"SUBSCRIPTION_ID": number, "ARTICLE_NUMBER": ADDON["ARTICLE_NUMBER"], "QUANTITY": quantity}
        assert wire.ok("subscription.setaddon", data=data) == {"STATUS": "success"}
        assert [addon["QUANTITY"] for addon in row(wire, number)["ADDONS"]] == booked


@pytest.mark.feature("X-09")
def test_cancelled_to_the_end_of_the_paid_month_and_taken_back(wire: Wire, number: int, bill: Bill) -> None:
    for _ in range(2):
        answer = wire.ok("subscription.cancel", data={"SUBSCRIPTION_ID": number, "CANCELLATION_NOTE": "zieht um"})
        assert answer == {"STATUS": "success", "CANCELLATION_DATE": "2026-12-01 10:00:00"}
    assert (row(wire, number)["STATUS"], row(wire, number)["CANCELLATION_NOTE"]) == ("canceled", "zieht um")
    assert wire.ok("subscription.reactivate", data={"SUBSCRIPTION_ID": number}) == {"STATUS": "success"}
    assert (row(wire, number)["STATUS"], bill("2026-12-01")) == ("active", 1)


def test_inactive_is_not_billed_and_active_again_is(wire: Wire, number: int, bill: Bill) -> None:
    for status, billed in (("inactive", 0), ("inactive", 0), ("active", 1), ("active", 0)):
        wire.ok("subscription.update", data={"SUBSCRIPTION_ID": number, "STATUS": status})
        assert (row(wire, number)["STATUS"], bill("2026-12-01")) == (status, billed)


@pytest.mark.parametrize(
    ("data", "total"),
    [
        ({"ARTICLE_NUMBER": "gross"}, 23.56),
        ({"ARTICLE_NUMBER": "gross", "QUANTITY": 2}, 47.12),
        ({"ARTICLE_NUMBER": "gross", "COUNTRY_CODE": "CH"}, 23.56),
        ({"ARTICLE_NUMBER": "gross", "ADDONS": [{"ARTICLE_NUMBER": "extra"}]}, 25.7),
    ],
)
def test_what_a_booking_would_cost_first(wire: Wire, number: int, data: dict[str, Any], total: float) -> None:
    assert float(wire.ok("subscription.getupcomingamount", data=data)["TOTAL"]) == total


@pytest.mark.parametrize(
    ("service", "data", "error"),
    [
        ("changearticle", {"ARTICLE_NUMBER": "nothing"}, "missing / invalid field: ARTICLE_NUMBER"),
        ("changearticle", {"ARTICLE_NUMBER": "extra"}, "missing / invalid field: ARTICLE_NUMBER"),
        (
            "changearticle",
            {"ARTICLE_NUMBER": "gross", "CURRENCY_CODE": "CHF"},
            "missing / invalid field: CURRENCY_CODE",
        ),
        ("changearticle", {"ARTICLE_NUMBER": "gross", "COUPON": "NIE"}, "missing / invalid field: COUPON"),
        (
            "setaddon",
            {"ARTICLE_NUMBER": "extra", "QUANTITY": 0},
            "missing / invalid field (the contract has no such add-on): ARTICLE_NUMBER",
        ),
        ("setaddon", {"ARTICLE_NUMBER": "extra", "QUANTITY": -1}, "missing / invalid field: QUANTITY"),
        ("cancel", {"CANCELLATION_DATE": "2026-11-22"}, "missing / invalid field: CANCELLATION_DATE"),
        ("reactivate", {}, "Subscription Error: not possible in the subscription's status"),
        ("postpone", {"MONTH": 0}, "missing / invalid field: MONTH"),
        ("update", {"NEXT_EVENT": "2026-11-01"}, "missing / invalid field (not in the past): NEXT_EVENT"),
        ("update", {"STATUS": "closed"}, "missing / invalid field: STATUS"),
    ],
)
def test_what_is_refused_names_the_field_and_changes_nothing(
    wire: Wire, number: int, service: str, data: dict[str, Any], error: str
) -> None:
    before = row(wire, number)
    assert wire.errors(f"subscription.{service}", data={"SUBSCRIPTION_ID": number} | data) == [error]
    assert row(wire, number) == before
