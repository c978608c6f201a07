"""The demo company: fourteen months of a workshop, lived through by the real services, and safe to make twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from schwifty import IBAN
from sqlalchemy import Text, cast, func, select, text
from stdnum.de import stnr
from stdnum.eu import vat

from app import create_app
from billing.errors import AlreadyDone, Invalid, NotAllowed
from billing.notice import Notice, lawful_for_consumers
from billing.periods import Interval, Unit
from config import ROOT
from documents.einvoice import build_einvoice
from documents.einvoice_check import check_einvoice
from documents.logo import check_logo
from extensions import db, queues
from models import (
    Activity,
    ActivityMember,
    BankLine,
    Claim,
    Collection,
    CouponRedemption,
    CouponUse,
    CreditGrant,
    Customer,
    Debit,
    Invoice,
    InvoiceLine,
    Mandate,
    Message,
    ParkedCustomer,
    Payment,
    PaymentMethod,
    Product,
    Receivable,
    Refund,
    Reminder,
    Run,
    Shipment,
    Staff,
    Subscription,
    SubscriptionPause,
    UsageRecord,
    VatCheck,
)
from queries.duplicates import find_duplicates
from services import billing_run, checks, clock, company, demo, einvoice_rows, files, paper_data, staff, timetable
from services.actor import SYSTEM
from services.demo import Login
from services.timetable import Daily, Entry
from services.unit import end_reading, write
from tests.conftest import empty_database, settings_for
from tests.sweeps import FULL, some

BILLING = Entry("billing_run", Daily(time(5)), lambda _: None)
# Ends of months, quarters and years, leap days and the days after; one of them a run, all of them in a full sweep.
HARD_DAYS = [
    "2026-12-31", "2027-01-01", "2027-02-28", "2027-03-01", "2027-03-31", "2027-05-31", "2027-06-15", "2027-07-30",
    "2028-02-28", "2028-02-29", "2028-03-01", "2028-12-31",
]  # fmt: skip
DEAF = "smtp://127.0.0.1:9"  # nobody listens there, so that whatever is sent fails


@contextmanager
def first_start(folder: Path, **settings: str) -> Iterator[Flask]:
    """An installation before its first company."""
    with ExitStack() as stack:
        app = create_app(settings_for(folder, stack.enter_context(empty_database(folder)), **settings))
        stack.enter_context(app.app_context())
        upgrade(directory=str(ROOT / "migrations"))
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Flask]:
    with first_start(tmp_path, SMTP_URL=DEAF) as app:
        yield app


@pytest.fixture(scope="module")
def logins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Login]]:
    """The demo company as `start` makes it, for the tests that only look at it."""
    with first_start(tmp_path_factory.mktemp("demo")):
        yield demo.seed_demo()


def count(model: type) -> int:
    end_reading()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def due(on: date) -> int:
    end_reading()
    return db.session.scalar(select(func.count()).where(Subscription.next_billing_on <= on)) or 0


def test_the_owner_support_and_bookkeeping_can_log_in_with_passwords_of_chance(logins: list[Login]) -> None:
    assert [login.role for login in logins] == ["Inhaber", "Support", "Buchhaltung"]
    assert len({login.password for login in logins}) == 3
    for login in logins:
        assert staff.log_in(login.email, login.password, address="", agent="").token


def test_its_books_hold(logins: list[Login]) -> None:
    assert checks.check_books().findings == []
    unsealed = select(Activity.code).outerjoin(ActivityMember).where(ActivityMember.activity_id.is_(None))
    assert set(db.session.scalars(unsealed)) <= {"staff.logged_in"}  # by a test of this file


def test_it_is_a_sandbox_and_says_that_it_is_a_demo(logins: list[Login]) -> None:
    row = company.get_company()
    assert (row.mode, row.is_demo) == ("sandbox", True)
    assert check_logo(files.read(row.logo_file_id or 0).content) == "image/png"


def test_its_legal_data_are_complete_and_their_check_digits_hold(logins: list[Login]) -> None:
    row = company.get_company()
    assert IBAN(row.iban).bic == row.bic
    assert vat.is_valid(row.vat_id) and stnr.is_valid(row.tax_number, "Hamburg")
    assert all((row.register_court, row.register_number, row.managing_directors, row.seat, row.contact_name))


@pytest.mark.feature("X-22")
@pytest.mark.feature("D-4")
def test_who_is_there_twice_was_merged_or_is_still_to_be_found(logins: list[Login]) -> None:
    (merged,) = db.session.scalars(select(Customer).where(Customer.survivor_id != Customer.id)).all()
    survivor = db.session.get_one(Customer, merged.survivor_id)
    assert (survivor.email, survivor.last_name) == (merged.email, "Adebayo-Lüders")
    anna = db.session.scalars(select(Customer).where(Customer.last_name == "Petersen").order_by(Customer.id)).all()
    assert [twin.id for twin in find_duplicates(anna[0])] == [anna[1].id]


def test_sixty_customers_of_every_kind(logins: list[Login]) -> None:
    rows = db.session.scalars(select(Customer)).all()
    assert 55 <= len(rows) <= 62
    assert {row.status for row in rows} == {"active", "blocked", "deactivated"}
    assert {row.customer_type for row in rows} == {"business", "consumer"}
    assert {row.country_code for row in rows} == {"DE", "AT", "CH", "NL", "DK", "FR"}
    assert {row.language_code for row in rows} == {"de", "en"}
    assert {row.invoice_delivery_method for row in rows} == {"mail", "post", "both"}
    assert len([row for row in rows if row.buyer_reference and row.einvoice_format == "xrechnung"]) == 3
    assert len([row for row in rows if row.delivery_city]) >= 3
    assert max(len(row.organization) for row in rows) > 100
    assert [row.last_name for row in rows if not row.email and not row.erased_at] == ["Nielsen"]


@pytest.mark.feature("D-5")
def test_one_who_left_long_ago_is_kept_empty_and_one_who_never_bought_is_gone(logins: list[Login]) -> None:
    (kept,) = db.session.scalars(select(Customer).where(Customer.erased_at.is_not(None)))
    assert kept.retain_until and not kept.last_name
    query = select(Activity.object_id).where(Activity.code == "customer.deleted")
    gone = set(db.session.scalars(query)) - set(db.session.scalars(select(Customer.id)))
    assert len(gone) == 1


def test_fourteen_months_of_invoices_of_every_kind(logins: list[Login]) -> None:
    issued = select(Invoice).where(Invoice.issued_at.is_not(None), Invoice.kind == "invoice")
    rows = db.session.scalars(issued.order_by(Invoice.id)).all()
    assert 250 < len(rows) < 500
    days = [row.issued_on for row in rows if row.issued_on]
    assert days == sorted(days)
    assert timedelta(390) < clock.today() - days[0] < timedelta(460) and days[-1] < clock.today()
    cases = {"domestic", "reverse_charge", "outside_scope", "intra_eu_goods", "export", "section_13b",
             "union_consumer", "oss"}  # fmt: skip
    assert {row.tax_case for row in rows} == cases
    assert {row.currency_code for row in rows} == {"EUR", "CHF"}
    assert {row.is_gross for row in rows} == {True, False}
    assert all(row.issued_at and clock.berlin(row.issued_at).date() == row.issued_on for row in rows)
    percents = set(db.session.scalars(select(InvoiceLine.vat_percent)))
    assert {str(percent) for percent in percents} == {"19.00", "7.00", "0.00", "25.00"}, "25: Denmark, by OSS"


@pytest.mark.feature("INV-9")
def test_every_invoice_without_vat_to_a_business_of_the_union_has_its_evidence(logins: list[Login]) -> None:
    answers: dict[int, list[date]] = defaultdict(list)
    for customer_id, at in db.session.execute(select(VatCheck.customer_id, VatCheck.checked_at)):
        answers[customer_id].append(clock.berlin(at).date())
    without = Invoice.tax_case.in_(("reverse_charge", "intra_eu_goods"))
    query = select(Invoice.customer_id, Invoice.issued_on).where(without)
    issued = db.session.execute(query.where(Invoice.kind == "invoice")).all()
    assert len(issued) > 10
    for customer_id, on in issued:
        assert any(on - timedelta(90) <= day <= on for day in answers[customer_id]), (customer_id, on)


def test_most_was_paid_and_what_is_open_has_every_age(logins: list[Login]) -> None:
    rows = db.session.scalars(select(Receivable)).all()
    late = {min((clock.today() - row.due_on).days // 30, 3) for row in rows if row.open_cents}
    assert late >= {0, 1, 2, 3} and any(row.open_cents and row.due_on >= clock.today() for row in rows)
    assert len([row for row in rows if row.settled_on]) > 0.75 * len(rows)
    assert any(0 < row.open_cents < row.amount_cents for row in rows)
    by_bank = (Payment.kind == "payment", Payment.gateway == "")  # a card is charged on any day
    received = db.session.scalars(select(Payment.received_on).where(*by_bank)).all()
    assert len(received) > 250 and all(day.weekday() < 5 for day in received)


def test_somebody_is_parked_for_each_reason_that_people_meet(logins: list[Login]) -> None:
    rows = db.session.scalars(select(ParkedCustomer).where(ParkedCustomer.resolved_at.is_(None))).all()
    assert {row.code for row in rows} == {"missing_fields", "too_many_open_periods"}


def test_the_team_made_a_role_of_its_own_and_somebody_left(logins: list[Login]) -> None:
    rows = db.session.scalars(select(Staff)).all()
    assert len(rows) == 5 and [row.name for row in rows if not row.is_active] == ["Frauke Brandt"]
    assert {row.role.name for row in rows} == {"Inhaber", "Support", "Buchhaltung", "Werkstatt"}


def test_contracts_of_every_rhythm(logins: list[Login]) -> None:
    rows = db.session.scalars(select(Subscription)).all()
    rhythms = {(row.interval_unit, row.interval_count) for row in rows}
    assert rhythms == {("month", 1), ("month", 3), ("week", 4), ("year", 1)}
    assert {row.status for row in rows} == {"active", "trial", "cancelled", "paused", "closed"}
    anchors = {(row.interval_unit, row.anchor_on.month, row.anchor_on.day) for row in rows}
    assert ("year", 2, 29) in anchors
    assert any(unit == "month" and day == 31 for unit, _, day in anchors)
    assert any(row.in_arrears for row in rows)
    states = {row.state for row in db.session.scalars(select(Claim))}
    assert states == {"billed", "elsewhere", "skipped", "reserved", "given_up"}


def test_two_contracts_of_one_customer_are_on_one_invoice(logins: list[Login]) -> None:
    contracts = func.count(InvoiceLine.subscription_id.distinct())
    query = select(InvoiceLine.invoice_id).group_by(InvoiceLine.invoice_id).having(contracts > 1)
    assert db.session.scalars(query).first() is not None


def found(*conditions: Any) -> int:
    """How many rows meet them; the first names a column of their table."""
    end_reading()
    return db.session.scalar(select(func.count()).where(*conditions)) or 0


CASES: dict[str, tuple[Any, ...]] = {
    "VAT of 19 %": (InvoiceLine.vat_category == "S", InvoiceLine.vat_percent == 19),
    "VAT of 7 %": (InvoiceLine.vat_category == "S", InvoiceLine.vat_percent == 7),
    "the rate of zero": (InvoiceLine.vat_category == "Z",),
    "reverse charge": (InvoiceLine.vat_category == "AE",),
    "outside the scope": (InvoiceLine.vat_category == "O",),
    "goods to the Union": (InvoiceLine.vat_category == "K",),
    "export": (InvoiceLine.vat_category == "G",),
    "francs": (Invoice.currency_code == "CHF", Invoice.kind == "invoice"),
    "a Stornorechnung": (Invoice.kind == "cancellation",),
    "a period billed again": (Claim.released_at.is_not(None),),
    "a Rechnungskorrektur by quantity": (InvoiceLine.reason == "correction", InvoiceLine.quantity < 10),
    "a Rechnungskorrektur by days": (InvoiceLine.reason == "unserved", InvoiceLine.days.is_not(None)),
    "a part of a period": (InvoiceLine.reason == "", InvoiceLine.days.is_not(None)),
    "a discount on a line": (InvoiceLine.reason == "one_off", cast(InvoiceLine.discounts, Text).contains("Discount")),
    "a coupon": (CouponUse.cents > 0,),
    "a voucher that is used up": (CouponRedemption.left_cents == 0,),
    "granted credit": (CreditGrant.remaining_cents < CreditGrant.amount_cents,),
    "usage": (InvoiceLine.reason == "usage",),
    "usage that waits": (UsageRecord.claim_id.is_(None),),
    "a set-up fee": (Claim.kind == "setup",),
    "cash discount": (Invoice.cash_discount_percent > 0,),
    "cash discount taken": (Payment.kind == "cash_discount",),
    "an invoice settled by credit": (Invoice.prepaid_cents > 0,),
    "overpaid": (Payment.kind == "payment", Payment.credit_cents > 0, Payment.receivable_id.is_not(None)),
    "paid ahead": (Payment.kind == "payment", Payment.receivable_id.is_(None)),
    "written off": (Payment.kind == "write_off",),
    "a one-off invoice": (Invoice.kind == "invoice", Invoice.subscription_id.is_(None), Invoice.status == "issued"),
    "a draft": (Invoice.status == "draft",),
    "a contract that rests": (Subscription.status == "paused",),
    "a contract that rested": (SubscriptionPause.ends_on.is_not(None),),
    "a changed contract": (Activity.code == "subscription.changed",),
    "a change at the end of a period": (Activity.code == "subscription.change_planned",),
    "a cancelled contract": (Subscription.status == "cancelled",),
    "a cancellation withdrawn": (Activity.code == "subscription.reactivated",),
    "a closed contract": (Subscription.status == "closed",),
    "paid by card": (Payment.method == "card", Payment.kind == "payment"),
    "paid by PayPal": (Payment.method == "paypal",),
    "a second method kept": (PaymentMethod.kind == "paypal", PaymentMethod.is_default.is_(False)),
    "a payment that is tried again": (Collection.state == "open", Collection.next_try_on.is_not(None)),
    "a payment given up": (Collection.state == "given_up",),
    "a mandate": (Mandate.state == "active", Mandate.first_used_on.is_not(None)),
    "a debit credited": (Debit.state == "paid",),
    "a debit that came back": (Debit.state == "returned", Debit.return_code == "AM04"),
    "the bank's fee for it": (Receivable.kind == "fee", Receivable.cause == "returned_debit"),
    "a refund by the provider": (Refund.way == "provider", Refund.state == "succeeded"),
    "a refund to be transferred": (Refund.way == "transfer", Refund.state == "ordered"),
    "a line of the bank that found its invoice": (BankLine.state == "matched",),
    "lines of the bank that nobody matched": (BankLine.state == "unmatched",),
    "a reminder": (Reminder.level == 1,),
    "a late level": (Receivable.dunning_level >= 3, Receivable.open_cents > 0),
    "whom nobody reminds": (Customer.dunning_hold_until.is_not(None),),
}


@pytest.mark.feature("X-20")
@pytest.mark.feature("X-11")
@pytest.mark.parametrize("case", CASES)
def test_everybody_who_looks_around_meets_each_case(logins: list[Login], case: str) -> None:
    assert found(*CASES[case]) > 0


@pytest.mark.feature("M2-35")
def test_two_parcels_belong_to_one_invoice_and_public_customers_get_an_xrechnung(logins: list[Login]) -> None:
    parcels = select(func.count()).select_from(Shipment).group_by(Shipment.invoice_id)
    assert sorted(db.session.scalars(parcels)) == [1, 2]
    public = select(Customer.id).where(Customer.einvoice_format == "xrechnung")
    assert found(Invoice.customer_id.in_(public), Invoice.status == "issued") > 3


@pytest.mark.feature("CON-4")
def test_what_consumers_are_bound_to_is_lawful(logins: list[Login]) -> None:
    def interval(unit: str | None, n: int) -> Interval | None:
        return Interval(Unit(unit), n) if unit else None

    plans = db.session.scalars(select(Product).where(Product.is_for_consumers, Product.kind == "plan")).all()
    assert len(plans) >= 5
    for row in plans:
        notice = Notice(
            interval(row.term_unit, row.term_count),
            interval(row.renewal_unit, row.renewal_count),
            interval(row.notice_unit, row.notice_count),
        )
        assert lawful_for_consumers(notice), row.title


def test_the_mails_of_the_past_lie_in_the_outbox_on_their_days(logins: list[Login]) -> None:
    rows = db.session.scalars(select(Message)).all()
    assert {(row.state, row.delivery) for row in rows} == {("sent", "outbox"), ("failed", "")}
    assert all(row.recipient.endswith(".example") and row.body for row in rows if row.state == "sent")
    assert [row.error for row in rows if row.state == "failed"] == ["recipient_refused (550)"]
    assert max(row.sent_at for row in rows if row.sent_at) < clock.instant() - timedelta(hours=1)
    attached = [row for row in rows if row.template == "invoice"]
    assert len(attached) > 3 and all(row.attachments for row in attached)


def test_history_was_written_by_people_and_runs_of_its_days(logins: list[Login]) -> None:
    end_reading()
    moments = [row.at for row in db.session.scalars(select(Activity).order_by(Activity.id))]
    assert moments[0] < clock.instant() - timedelta(390)
    people = set(db.session.scalars(select(Activity.actor_kind)))
    assert people == {"staff", "system", "customer"}
    runs = db.session.scalars(select(Run)).all()
    assert all(clock.berlin(run.started_at).date() == run.on_date and run.reported_at for run in runs)


def test_what_is_due_today_is_left_to_whoever_looks(logins: list[Login]) -> None:
    """Neither the demo nor the timetable of its first day takes it; tomorrow's run would."""
    assert due(clock.today()) >= 2
    assert timetable.take_due(BILLING) is None


@pytest.mark.feature("X-01")
def test_every_document_of_the_past_is_an_e_invoice_that_holds(logins: list[Login]) -> None:
    """One document of each kind, tax case and format in every run, all of them in a full sweep."""
    rows = db.session.execute(select(Invoice.id, Invoice.kind, Invoice.tax_case).where(Invoice.number.is_not(None)))
    found = [(row.id, (row.kind, row.tax_case, einvoice_rows.format_of(row.id))) for row in rows.all()]
    one_of_each = list({what: number for number, what in found}.items())
    refused = {}
    for what, number in one_of_each + ([(what, number) for number, what in found] if FULL else []):
        data = einvoice_rows.einvoice_data(number, paper_data.invoice_paper(number, with_logo=False))
        kind = "xrechnung" if what[2] == "xrechnung" else "zugferd"
        report = check_einvoice(build_einvoice(data, kind), kind, data)
        if not report.holds:
            refused[number] = report.broken
    assert refused == {} and len(one_of_each) >= 4


def test_a_second_seed_says_so_and_changes_nothing(logins: list[Login]) -> None:
    before = count(Activity), count(Invoice)
    with pytest.raises(AlreadyDone):
        demo.seed_demo()
    assert (count(Activity), count(Invoice)) == before


def test_another_company_is_left_as_it_is(context: Flask) -> None:
    with pytest.raises(AlreadyDone):
        demo.seed_demo()
    assert company.get_company().name == "Radwerk Musterstadt GmbH" and count(Customer) == 0


def whole_on(day: date) -> None:
    """Its past is billed but for the two that wait for a person, some are due today, and nothing of it is sent."""
    waiting = due(day - timedelta(1))
    assert waiting == 2 and due(day) >= waiting + 2
    assert count(Invoice) >= 250
    counts = billing_run.bill(day, SYSTEM).counts
    assert counts.failed == 2 and counts.issued >= 2
    assert counts.issued + counts.charging + counts.skipped + counts.failed == counts.due


@pytest.mark.parametrize("today", some(HARD_DAYS, 1))
def test_on_whatever_day_it_is_founded_its_past_is_whole_and_today_is_due(empty: Flask, today: str) -> None:
    day = date.fromisoformat(today)
    with clock.stand_at(day):
        demo.seed_demo()
        assert {(row.state, row.attempts, row.message_id) for row in db.session.scalars(select(Message))} == {
            ("stopped", 0, None)  # a mail server is set: nothing of a made-up past is sent
        }
        whole_on(day)
    with clock.stand_at(datetime(2020, 1, 1, tzinfo=clock.BERLIN)):  # no paper is late yet
        assert checks.check_books().findings == []


@pytest.mark.feature("F4")
def test_a_founding_that_fails_in_the_middle_leaves_nothing_and_can_be_done_again(
    empty: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    queues.url = "unix:///nowhere/valkey.sock"
    first = demo.PEOPLE[0]
    broken = replace(first, values={**first.values, "email": "not an address"})
    monkeypatch.setattr(demo, "FIRMS", ())
    monkeypatch.setattr(demo, "PEOPLE", (broken, *demo.PEOPLE[-9:]))
    with pytest.raises(Invalid):
        demo.seed_demo()
    assert not company.exists() and count(Activity) == count(Invoice) == 0
    assert queues.url == "unix:///nowhere/valkey.sock"  # bells are heard again
    queues.url = ""
    monkeypatch.setattr(demo, "PEOPLE", (first, *demo.PEOPLE[1:]))
    demo.seed_demo()
    assert count(Customer) == 11 and count(Invoice) > 30, "ten people, one of whom came twice"


def test_load_is_due_today_and_never_made_in_a_live_house(context: Flask) -> None:
    demo.seed_customers(5)
    assert count(Customer) == due(clock.today()) == 5
    with write() as session:
        session.execute(text("UPDATE company SET mode = 'live'"))
    with pytest.raises(NotAllowed):
        demo.seed_customers(1)
    assert count(Customer) == 5
