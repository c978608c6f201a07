"""A contract concluded from the customer's card: what it means, the record, the payment; all of it or nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from billing.errors import Conflict, Invalid, KontorError, NotAllowed
from extensions import db
from models import Activity, ActivityDetail, CouponRedemption, Customer, Message, Subscription
from services import clock, company, coupons, customers, mail_writing
from services.actor import SYSTEM
from services.booking_preview import foresee
from services.card_booking import Paying, Reviewed, book
from services.subscriptions import Booking, Order
from services.unit import end_reading, write
from tests.services import shop

TODAY = date(2026, 11, 22)
IBAN = "DE89370400440532013000"


@pytest.fixture(autouse=True)
def ground_with_goods(context: Flask) -> Any:
    with clock.stand_at(TODAY):
        company.change_company(SYSTEM, {"creditor_id": "DE98ZZZ09999999999"})
        shop.stock()
        yield


def customer(**values: Any) -> Customer:
    number = shop.somebody(email="post@meier.example", **values)
    return read(number)


def read(number: int) -> Customer:
    end_reading()
    return db.session.get_one(Customer, number, populate_existing=True)


def order(row: Customer, **more: Any) -> Order:
    return Order(row.id, Booking("plan"), **more)


def conclude(row: Customer, values: dict[str, Any] | None = None, paying: Paying | None = None, **more: Any) -> int:
    return book(SYSTEM, order(row, **more), Reviewed(row.version, values or {}), paying or Paying())


def count(model: Any) -> int:
    end_reading()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.feature("M1-06")
@pytest.mark.feature("P-10")
def test_a_contract_is_concluded_and_its_activity_tells_everything_that_was_agreed() -> None:
    row = customer()
    coupons.create_coupon(SYSTEM, {"code": "NEU", "kind": "percent", "percent": Decimal(10)})
    made = conclude(row, addons=(Booking("extra"),), coupon="neu", starts_on=date(2026, 12, 1))
    query = select(ActivityDetail).join(Activity, Activity.id == ActivityDetail.activity_id)
    told = db.session.scalars(query.where(Activity.code == "subscription.created", Activity.object_id == made)).one()
    for fact in ('"article_number":"plan"', '"title":"Tarif"', '"quantity":"1"', '"unit_price":"10', '"currency":"EUR"',
                 '"addons":["extra"]', '"coupon":"neu"', '"starts_on":"2026-12-01"'):  # fmt: skip
        assert fact in told.details, fact
    assert count(CouponRedemption) == 1


@pytest.mark.feature("M1-15")
def test_the_record_is_mended_with_the_contract_and_only_where_something_changed() -> None:
    row = customer()
    conclude(row, {"address": "Neue Gasse 2", "city": "Hamburg"})
    after = read(row.id)
    assert (after.address, after.city, after.version) == ("Neue Gasse 2", "Hamburg", 2)
    conclude(after, {"address": "Neue Gasse 2"})
    assert read(row.id).version == 2, "nothing was changed, so nothing is written"


@pytest.mark.feature("M1-15")
@pytest.mark.parametrize(
    ("values", "paying", "more", "field"),
    [
        ({"email": "no address"}, Paying(), {}, "email"),
        ({"vat_id": "DE1"}, Paying(), {}, "vat_id"),
        ({}, Paying(), {"plan": Booking("nothing")}, "article_number"),
        ({}, Paying(), {"coupon": "nothing"}, "coupon"),
        ({}, Paying(2, bank={"bank_iban": "DE00"}), {}, "bank_iban"),
        ({}, Paying(2), {}, "bank_iban"),
        ({}, Paying(3), {}, "payment_type"),
    ],
)
def test_whatever_is_refused_names_its_field_and_nothing_at_all_is_stored(
    values: dict[str, Any], paying: Paying, more: dict[str, Any], field: str
) -> None:
    row = customer()
    wanted = Order(**{"customer_id": row.id, "plan": Booking("plan"), **more})
    with pytest.raises(KontorError) as refused:
        book(SYSTEM, wanted, Reviewed(row.version, {"address": "Anders 9", **values}), paying)
    assert refused.value.facts["field"] == field
    assert count(Subscription) == 0 and read(row.id).address == "Lindenallee 1"


@pytest.mark.feature("M1-15")
def test_who_looked_at_a_record_that_was_changed_meanwhile_is_told() -> None:
    row = customer()
    seen = row.version
    customers.update_customer(SYSTEM, row.id, {"city": "Kiel"})
    with pytest.raises(Conflict, match="changed_meanwhile"):
        book(SYSTEM, order(row), Reviewed(seen, {"city": "Hamburg"}), Paying())
    assert count(Subscription) == 0 and read(row.id).city == "Kiel"


def test_the_same_form_sent_twice_concludes_one_contract_even_if_it_changed_the_record() -> None:
    row = customer()
    seen, number = row.version, row.id
    made = [book(SYSTEM, Order(number, Booking("plan"), key="form-1"), Reviewed(seen, {"city": "Kiel"}), Paying())
            for _ in range(2)]  # fmt: skip
    assert made[0] == made[1] and count(Subscription) == 1


@pytest.mark.feature("M1-16")
def test_an_account_that_is_known_is_entered_at_once_and_a_debit_gets_its_mandate() -> None:
    row = customer()
    made = conclude(row, paying=Paying(2, bank={"bank_iban": IBAN, "bank_account_owner": "Ida Meier"}))
    after = read(row.id)
    assert (after.payment_type, after.bank_iban, after.bank_account_owner) == (2, IBAN, "Ida Meier")
    assert after.bank_name == "Commerzbank" and after.mandate_signed_on == TODAY and after.mandate_reference
    assert db.session.get_one(Subscription, made).payment_type is None, "the record's way is the contract's"


@pytest.mark.feature("M1-18")
@pytest.mark.feature("M1-19")
def test_transfer_is_what_everybody_begins_with_and_another_way_can_hold_for_one_contract_alone() -> None:
    row = customer()
    assert row.payment_type == 1
    made = conclude(row, paying=Paying(2, only_here=True, bank={"bank_iban": IBAN}))
    assert read(row.id).payment_type == 1 and db.session.get_one(Subscription, made).payment_type == 2


@pytest.mark.feature("M1-17")
def test_the_account_can_be_left_to_the_customer_who_gets_the_link_of_their_page() -> None:
    row = customer()
    conclude(row, paying=Paying(2, ask=True))
    end_reading()
    mail = db.session.scalars(select(Message).where(Message.template == "payment_data")).one()
    assert mail.recipient == "post@meier.example" and "hash" not in str(mail.facts)
    written = mail_writing.write_mail(mail_writing.Order(
        mail.id, 1, mail.template, "de", mail.recipient, "", None, mail.facts))  # fmt: skip
    assert "Bitte Zahlungsdaten ergänzen: Tarif" in written.kept.subject and f"/{row.hash}" in written.mail.text
    assert row.hash not in written.kept.text, "the outbox does not keep a link that opens somebody's data"
    assert db.session.scalar(select(func.count()).where(Activity.code == "customer.payment_data_asked")) == 1


def test_without_an_address_nobody_can_be_asked() -> None:
    row = read(shop.somebody())
    with pytest.raises(Invalid) as refused:
        conclude(row, paying=Paying(ask=True))
    assert (refused.value.facts["field"], count(Subscription)) == ("email", 0)
    conclude(row, {"email": "ida@meier.example"}, Paying(ask=True))


@pytest.mark.feature("D-12")
@pytest.mark.parametrize("status", ["blocked", "deactivated"])
def test_a_customer_who_may_book_nothing_is_refused_with_the_reason(status: str) -> None:
    row = customer()
    with write() as session:
        session.get_one(Customer, row.id).status = status
    with pytest.raises(NotAllowed, match=f"customer_{status}"):
        conclude(read(row.id))


@pytest.mark.feature("M1-06")
def test_the_preview_says_the_first_invoice_with_vat_and_the_earliest_end_and_is_what_then_happens() -> None:
    row = customer()
    with_all: dict[str, Any] = {"addons": (Booking("extra"),), "starts_on": date(2026, 12, 1)}
    seen = foresee(order(row, **with_all))
    assert seen.first is not None
    assert (seen.first.on, seen.first.net_cents, seen.first.gross_cents) == (date(2026, 12, 1), 1200, 1428)
    assert seen.earliest_end == date(2027, 1, 1) and count(Subscription) == 0
    conclude(row, **with_all)
    shop.bill("2026-12-01")
    assert [invoice.gross_cents for invoice in shop.invoices()] == [1428]


def test_the_preview_counts_a_coupon_and_the_customer_s_credit_and_refuses_as_the_booking_does() -> None:
    row = customer()
    coupons.create_coupon(SYSTEM, {"code": "NEU", "kind": "percent", "percent": Decimal(50)})
    seen = foresee(order(row, coupon="NEU"))
    assert seen.first is not None and seen.first.net_cents == 500
    with pytest.raises(KontorError):
        foresee(order(row, coupon="nothing"))
