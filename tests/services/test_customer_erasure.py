"""Deleting a customer against eight years of retention (D-5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.errors import NotAllowed
from billing.periods import Interval, Unit
from extensions import db
from models import Activity, ActivityDetail, Customer, Deletion, Invoice, Posting, Receivable, SearchWord, Subscription
from queries.customers import CustomerFilter, find_customers
from services import billing_run, clock, contract_switch, customers, notes, products
from services.actor import SYSTEM, Actor
from services.customer_erasure import delete_customer, preview_deletion
from services.subscriptions import Booking, Order, create_subscription
from services.unit import write

pytestmark = pytest.mark.usefixtures("context")
SHOP = Actor("api", 1, "Shop")
MONTH = Interval(Unit.MONTH, 1)
PERSONAL = {
    "last_name": "Geheim", "first_name": "Greta", "email": "greta@example.com", "city": "Kiel", "phone": "0431 1",
    "bank_iban": "DE02120300000000202051", "birthday": date(1990, 1, 1), "ext_uid": "G-1", "tags": "VIP",
    "x_attributes": [{"KEY": "shoe", "VALUE": "39"}], "comment": "mag Rot", "tax_id": "12/345", "vat_id": "",
}  # fmt: skip


def make() -> int:
    return customers.create_customer(SHOP, PERSONAL)


def billed() -> int:
    """A customer with one issued invoice of January 2026 and a contract that has ended."""
    products.create_product(SYSTEM, {"number": "P", "title": "Plan", "unit_price": Decimal(0), "interval": MONTH})
    customer_id = make()
    with clock.stand_at(date(2026, 1, 1)):
        create_subscription(
            SYSTEM, Order(customer_id, Booking("P"), starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 1))
        )
        billing_run.bill(date(2026, 1, 1), SYSTEM)
    return customer_id


def everything_about(customer_id: int) -> str:
    """Every value of every row that names the customer, as one text."""
    found: list[Any] = []
    for table in db.metadata.tables.values():
        if table.name in ("invoices", "invoice_lines", "letterheads", "company"):
            continue
        found += db.session.execute(table.select()).all()
    return repr(found)


@pytest.mark.feature("D-5")
@pytest.mark.feature("M1-29")
def test_who_never_got_a_paper_is_gone_for_good() -> None:
    customer_id = make()
    assert preview_deletion(db.session(), customer_id).outcome == "erased"
    assert delete_customer(SHOP, customer_id).outcome == "erased"
    assert db.session.get(Customer, customer_id) is None
    for secret in ("Geheim", "greta", "Kiel", "DE0212", "1990, ", "G-1", "shoe", "Rot"):
        assert secret not in everything_about(customer_id)


@pytest.mark.feature("DSG-5")
def test_the_trail_keeps_that_it_happened_but_no_values() -> None:
    customer_id = make()
    delete_customer(SHOP, customer_id)
    codes = [row.code for row in db.session.query(Activity).filter_by(customer_id=customer_id).order_by(Activity.id)]
    assert codes == ["customer.created", "customer.tagged", "customer.deleted"]
    last = db.session.query(ActivityDetail).order_by(ActivityDetail.activity_id.desc()).first()
    assert last is not None and last.read() == {"actor": "Shop", "outcome": "erased"}


@pytest.mark.feature("D-5")
def test_who_has_papers_loses_all_that_no_law_asks_for() -> None:
    customer_id = billed()
    with clock.stand_at(date(2026, 3, 1)):
        billing_run.bill(date(2026, 3, 1), SYSTEM)
        plan = delete_customer(SHOP, customer_id)
    row = db.session.get(Customer, customer_id)
    assert row is not None
    assert (plan.outcome, plan.retain_until) == ("restricted", date(2034, 12, 31))
    assert (row.last_name, row.email, row.bank_iban, row.ext_uid, row.birthday) == ("", "", "", None, None)
    assert (row.retain_until, row.status) == (date(2034, 12, 31), "deactivated")
    for secret in ("Geheim", "Kiel", "DE0212", "1990, ", "G-1", "shoe", "Rot"):
        assert secret not in everything_about(customer_id)


@pytest.mark.feature("D-5")
def test_a_letter_that_stays_is_not_counted_among_the_notes_that_go() -> None:
    customer_id = billed()
    for kind in ("note", "letter"):
        notes.add_note(SYSTEM, customer_id, notes.Words(kind, date(2026, 1, 2), "Text"))
    with clock.stand_at(date(2026, 3, 1)):
        plan = preview_deletion(db.session(), customer_id)
        assert (plan.goes["notes"], [each.count for each in plan.kept if each.subject == "letters"]) == (1, [1])
        delete_customer(SHOP, customer_id)
    (row,) = db.session.query(Deletion)
    assert row.gone["notes"] == 1


@pytest.mark.feature("D-5")
def test_the_papers_keep_their_frozen_address() -> None:
    customer_id = billed()
    before = db.session.query(Invoice).one()
    frozen = dict(before.buyer)
    with clock.stand_at(date(2026, 3, 1)):
        delete_customer(SHOP, customer_id)
    assert db.session.query(Invoice).one().buyer == frozen
    assert "Geheim" in repr(frozen)


@pytest.mark.feature("D-11")
def test_access_ends_with_the_record() -> None:
    customer_id = billed()
    row = db.session.get(Customer, customer_id)
    assert row is not None
    old = row.hash
    with clock.stand_at(date(2026, 3, 1)):
        delete_customer(SHOP, customer_id)
    for wanted in (CustomerFilter(hash=old), CustomerFilter(ids=(customer_id,)), CustomerFilter(term="Geheim")):
        assert find_customers(wanted, 10) == []
    assert db.session.query(SearchWord).count() == 0
    with pytest.raises(NotAllowed) as refusal:
        customers.update_customer(SHOP, customer_id, {"city": "Köln"})
    assert refusal.value.code == "erased"


@pytest.mark.feature("F18")
def test_a_running_contract_stands_against_it_and_nothing_changes() -> None:
    products.create_product(SYSTEM, {"number": "P", "title": "Plan", "unit_price": Decimal(5), "interval": MONTH})
    customer_id = make()
    create_subscription(SYSTEM, Order(customer_id, Booking("P")))
    before = everything_about(customer_id)
    with pytest.raises(NotAllowed) as refusal:
        delete_customer(SHOP, customer_id)
    assert refusal.value.facts["reasons"] == ("running_subscriptions",)
    assert everything_about(customer_id) == before


@pytest.mark.feature("F18")
def test_a_deactivated_contract_is_named_as_what_has_to_be_cancelled() -> None:
    products.create_product(SYSTEM, {"number": "P", "title": "Plan", "unit_price": Decimal(5), "interval": MONTH})
    customer_id = make()
    contract = create_subscription(SYSTEM, Order(customer_id, Booking("P")))
    contract_switch.deactivate(SYSTEM, contract)
    (found,) = preview_deletion(db.session(), customer_id).blockers
    assert (found.code, found.contracts) == ("deactivated_subscriptions", ((contract, "Plan"),))


@pytest.mark.feature("F18")
def test_an_open_item_stands_against_it() -> None:
    customer_id = make()
    with write() as session:
        session.add(
            Receivable(
                kind="fee", customer_id=customer_id, currency_code="EUR", amount_cents=500, open_cents=500,
                due_on=date(2026, 1, 1),
            )
        )  # fmt: skip
    with pytest.raises(NotAllowed) as refusal:
        delete_customer(SHOP, customer_id)
    assert refusal.value.code == "open_items"


def test_a_legal_hold_stands_against_it() -> None:
    customer_id = make()
    with write() as session:
        row = session.get(Customer, customer_id)
        assert row is not None
        row.legal_hold = True
    with pytest.raises(NotAllowed) as refusal:
        delete_customer(SHOP, customer_id)
    assert refusal.value.code == "legal_hold"


def test_a_contract_that_was_billed_elsewhere_leaves_an_empty_row_because_claims_stay() -> None:
    products.create_product(SYSTEM, {"number": "P", "title": "Plan", "unit_price": Decimal(5), "interval": MONTH})
    customer_id = make()
    order = Order(
        customer_id, Booking("P"), starts_on=date(2024, 1, 1), next_event=date(2025, 1, 1), ends_on=date(2025, 1, 1),
        ext_uid="SUB-1", cancellation_note="zieht weg",
    )  # fmt: skip
    create_subscription(SYSTEM, order)
    assert delete_customer(SHOP, customer_id).outcome == "erased"
    row, contract = db.session.get(Customer, customer_id), db.session.query(Subscription).one()
    assert row is not None and (row.last_name, row.email, row.retain_until) == ("", "", None)
    assert (contract.ext_uid, contract.cancellation_note) == (None, "")


def test_a_contract_without_any_claim_goes_with_its_customer() -> None:
    products.create_product(SYSTEM, {"number": "P", "title": "Plan", "unit_price": Decimal(5), "interval": MONTH})
    customer_id = make()
    with clock.stand_at(date(2026, 1, 1)):
        create_subscription(
            SYSTEM, Order(customer_id, Booking("P"), starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 1))
        )
    with write() as session:
        session.query(Subscription).update({"status": "closed", "next_billing_on": None})
    delete_customer(SHOP, customer_id)
    assert db.session.query(Subscription).count() == db.session.query(Customer).count() == 0


@pytest.mark.feature("X-22")
def test_records_that_were_merged_into_it_go_with_it() -> None:
    survivor, old = make(), customers.create_customer(SHOP, {"last_name": "Dublette"})
    with write() as session:
        row = session.get(Customer, old)
        assert row is not None
        row.survivor_id = survivor
    delete_customer(SHOP, old)
    assert db.session.query(Customer).count() == 0


def test_the_books_do_not_change() -> None:
    customer_id = billed()
    before = db.session.query(Posting).count()
    with clock.stand_at(date(2026, 3, 1)):
        delete_customer(SHOP, customer_id)
    assert db.session.query(Posting).count() == before
