"""Usage is recorded once, billed once on the next invoice, and deleted only while nobody has billed it (X-20)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from billing.errors import Conflict, Invalid, KontorError, NotAllowed, NotFound
from extensions import db
from models import Claim, Product, ProductPrice, Subscription, UsageRecord
from services import billing_preview, clock, contract_pauses, corrections, customer_status, usage
from services.actor import SYSTEM
from services.subscriptions import Booking
from services.unit import end_reading, write
from services.usage import Used
from tests.services.shop import bill, contract, findings, invoices, lines, somebody, stock


@pytest.fixture
def contract_id(context: Flask) -> int:
    """One monthly contract from 1 January, whose January is billed."""
    stock()
    made = contract(somebody())
    bill("2026-01-01")
    return made


def use(contract_id: int, on: str, quantity: str = "5", recorded: str | None = None, **more: Any) -> int:
    used = Used(contract_id, "minute", Decimal(quantity), **{"used_on": date.fromisoformat(on)} | more)
    with clock.stand_at(date.fromisoformat(recorded or on)):
        return usage.record_usage(SYSTEM, used)


def record(usage_id: int) -> UsageRecord:
    end_reading()
    return db.session.get_one(UsageRecord, usage_id, populate_existing=True)


def used_lines() -> list[tuple[str, Decimal, int, str]]:
    return [(ln.title, ln.quantity, ln.net_cents, ln.description) for ln in lines() if ln.reason == "usage"]


@pytest.mark.feature("X-20")
def test_usage_stands_summed_on_the_next_invoice_and_late_usage_on_the_one_after(contract_id: int) -> None:
    use(contract_id, "2026-01-10")
    use(contract_id, "2026-01-20", "2.5")
    bill("2026-02-01")
    use(contract_id, "2026-01-31", "4", recorded="2026-02-03")
    assert bill("2026-02-10").issued == 0
    bill("2026-03-01")
    bill("2026-03-01")
    assert used_lines() == [
        ("Minuten", Decimal("7.5"), 75, "2 Nutzungen vom 10.01.2026 bis 20.01.2026"),
        ("Minuten", Decimal("4"), 40, "1 Nutzung vom 31.01.2026"),
    ]
    assert [invoice.net_cents for invoice in invoices()] == [1000, 1075, 1040]
    assert findings() == []


@pytest.mark.feature("X-20", "B-07")
def test_usage_of_before_a_pause_is_billed_on_its_day_though_nothing_else_is_due(contract_id: int) -> None:
    with clock.stand_at(date(2026, 1, 15)):
        contract_pauses.pause(SYSTEM, contract_id, date(2026, 1, 15), date(2026, 6, 1))
    use(contract_id, "2026-01-10", recorded="2026-01-20")
    assert findings() == []
    assert bill("2026-02-01").issued == 1
    assert [line[:3] for line in used_lines()] == [("Minuten", Decimal("5"), 50)]
    assert findings() == []


@pytest.mark.feature("X-20")
def test_a_record_knows_its_claim_and_its_line(contract_id: int) -> None:
    made = use(contract_id, "2026-01-10")
    assert (record(made).claim_id, record(made).invoice_line_id) == (None, None)
    bill("2026-02-01")
    row, (line,) = record(made), [ln for ln in lines() if ln.reason == "usage"]
    claim = db.session.get_one(Claim, row.claim_id)
    assert row.invoice_line_id == line.id and line.claim_id is None
    assert (claim.kind, claim.period_start, claim.state) == (f"usage:{made}", date(2026, 1, 10), "billed")


@pytest.mark.feature("X-20")
def test_what_is_recorded_after_the_last_invoice_of_an_ended_contract_has_an_invoice_of_its_own(
    contract_id: int,
) -> None:
    with write() as session:
        session.execute(update(Subscription).values(ends_on=date(2026, 2, 1), next_billing_on=None))
    use(contract_id, "2026-01-31", recorded="2026-02-14")
    assert bill("2026-02-14").issued == 1
    assert used_lines() == [("Minuten", Decimal(5), 50, "1 Nutzung vom 31.01.2026")]
    assert findings() == []


@pytest.mark.feature("X-20")
def test_a_meter_that_sends_twice_counts_once(contract_id: int) -> None:
    first = use(contract_id, "2026-01-10", external_id="meter-7")
    assert use(contract_id, "2026-01-10", external_id="meter-7") == first
    with pytest.raises(Conflict) as refused:
        use(contract_id, "2026-01-10", "6", external_id="meter-7")
    assert refused.value.facts == {"field": "external_id"}


@pytest.mark.feature("X-20")
def test_a_price_of_its_own_and_words_of_its_own_stand_on_the_line(contract_id: int) -> None:
    use(contract_id, "2026-01-10", unit_price=Decimal("0.25"), description="Ausland")
    bill("2026-02-01")
    assert used_lines() == [("Minuten", Decimal(5), 125, "Ausland\n1 Nutzung vom 10.01.2026")]


def gross(session: Any) -> None:
    session.execute(update(Product).where(Product.number == "minute").values(is_gross=True))


def ended(session: Any) -> None:
    session.execute(update(Subscription).values(ends_on=date(2026, 1, 20)))


def off(session: Any) -> None:
    session.execute(update(Subscription).values(status="deactivated"))


def francs(session: Any) -> None:
    session.execute(update(Subscription).values(currency_code="CHF"))


@pytest.mark.feature("S24")
@pytest.mark.parametrize(
    ("changes", "world", "error", "code"),
    [
        ({"article_number": "unheard of"}, None, NotFound, "unknown_product"),
        ({"subscription_id": 99}, None, NotFound, "unknown_subscription"),
        ({"quantity": Decimal(0)}, None, Invalid, "out_of_range"),
        ({"quantity": Decimal(-1)}, None, Invalid, "out_of_range"),
        ({"quantity": Decimal("0.00001")}, None, Invalid, "out_of_range"),
        ({"unit_price": Decimal(-1)}, None, Invalid, "out_of_range"),
        ({"currency_code": "CHF"}, None, Invalid, "other_currency_of_contract"),
        ({"used_on": date(2025, 12, 31)}, None, Invalid, "outside_contract"),
        ({"used_on": date(2026, 1, 16)}, None, Invalid, "in_the_future"),
        ({"used_on": date(2026, 1, 20)}, ended, Invalid, "outside_contract"),
        ({}, gross, Invalid, "net_and_gross_in_one_contract"),
        ({}, off, NotAllowed, "wrong_state"),
        ({}, francs, Invalid, "no_price_in_currency"),
    ],
)
def test_what_cannot_have_been_used_is_refused(
    contract_id: int, changes: dict[str, Any], world: Any, error: type[KontorError], code: str
) -> None:
    if world:
        with write() as session:
            world(session)
    values = {"subscription_id": contract_id, "article_number": "minute", "quantity": Decimal(1)} | changes
    with clock.stand_at(date(2026, 1, 15)), pytest.raises(error) as refused:
        usage.record_usage(SYSTEM, Used(**values))
    assert refused.value.code == code
    assert db.session.scalars(select(UsageRecord)).all() == []


@pytest.mark.feature("X-20")
def test_the_price_is_that_of_the_contracts_currency(context: Flask) -> None:
    stock()
    francs_id = contract(somebody(), currency_code="CHF", plan=Booking(
        "plan", unit_price=Decimal(12)))  # fmt: skip
    with write() as session:
        minute = session.scalars(select(Product).where(Product.number == "minute")).one()
        session.add(ProductPrice(product_id=minute.id, currency_code="CHF", unit_price=Decimal("0.12"), setup_fee=0))
    use(francs_id, "2026-01-10")
    bill("2026-02-01")
    assert [(i.currency_code, i.net_cents) for i in invoices()] == [("CHF", 1200), ("CHF", 1260)]


@pytest.mark.feature("X-20")
def test_a_record_is_deleted_while_nobody_has_billed_it(contract_id: int) -> None:
    usage.delete_usage(SYSTEM, use(contract_id, "2026-01-10"))
    billed = use(contract_id, "2026-01-11")
    bill("2026-02-01")
    with pytest.raises(NotAllowed) as refused:
        usage.delete_usage(SYSTEM, billed)
    assert refused.value.code == "usage_billed"
    with pytest.raises(NotFound):
        usage.delete_usage(SYSTEM, 4711)
    with pytest.raises(IntegrityError), write() as session:
        session.execute(text("DELETE FROM usage_records"))
    assert [quantity for _, quantity, _, _ in used_lines()] == [Decimal(5)]


@pytest.mark.feature("X-20")
def test_a_storno_that_bills_again_bills_the_usage_again_once(contract_id: int) -> None:
    made = use(contract_id, "2026-01-10")
    bill("2026-02-01")
    with clock.stand_at(date(2026, 2, 5)):
        corrections.cancel(SYSTEM, invoices()[1].id, reason="falsche Anschrift", bill_again=True)
    assert record(made).claim_id is None
    assert findings() == []
    bill("2026-02-06")
    bill("2026-03-01")
    assert [cents for _, _, cents, _ in used_lines()] == [50, 50]
    assert findings() == []


@pytest.mark.feature("D-12")
def test_usage_of_a_deactivated_customer_waits_until_it_is_active_again(contract_id: int) -> None:
    use(contract_id, "2026-01-10")
    customer_status.change_status(SYSTEM, invoices()[0].customer_id, "deactivate", "")
    bill("2026-02-01")
    assert used_lines() == [] and findings() == []
    customer_status.change_status(SYSTEM, invoices()[0].customer_id, "activate", "")
    bill("2026-03-01")
    assert [cents for _, _, cents, _ in used_lines()] == [50]
    assert findings() == []


@pytest.mark.feature("X-20")
def test_the_preview_shows_usage_and_claims_nothing(contract_id: int) -> None:
    use(contract_id, "2026-01-10")
    (draft,) = billing_preview.preview(date(2026, 2, 1)).drafts
    assert [(position.title, position.cents) for position in draft.positions] == [("Tarif", 1000), ("Minuten", 50)]
    assert bill("2026-02-01").issued == 1


@pytest.mark.feature("L2")
def test_records_that_do_not_fit_their_line_are_found(contract_id: int) -> None:
    made = use(contract_id, "2026-01-10")
    bill("2026-02-01")
    with db.engine.connect().execution_options(door="write") as connection:
        on = "" if db.engine.dialect.name == "sqlite" else " ON usage_records"
        connection.exec_driver_sql(f"DROP TRIGGER guard_usage_records_update{on}")
        connection.exec_driver_sql("UPDATE usage_records SET quantity = quantity + 1, item_id = item_id")
        connection.commit()
    assert made and set(findings()) == {"usage_does_not_add_up", "guard_missing"}
