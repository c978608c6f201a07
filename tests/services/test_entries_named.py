"""What a fee is for and that interest is no fee stands in the books' lists: as they were made, and as they fell."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from admin.kind_words import KINDS
from billing.money import Money
from extensions import db
from models import Customer, Receivable
from queries.cards.invoices import get_invoice_card
from queries.lists.books import LEDGER
from queries.lists.listing import page
from queries.lists.shape import Wish
from services import base_rates, billing_run, clock, corrections
from services.actor import SYSTEM
from services.dunning_levels import LevelWish
from services.load import seed_load
from services.payments import Receipt, receive
from services.unit import write
from tests.services.charged import open_till
from tests.services.refunding import charged_back, paid_by_card, won
from tests.services.reminding import ANKE, DUE, LEVELS, after, levels_of, set_levels, statements

DAY = after(22)


def in_ledger(**narrow: str) -> set[Any]:
    return {row.kind for row in page(LEDGER, Wish(narrow=narrow), 200).rows}


def on_page(invoice_id: int) -> set[str]:
    card = get_invoice_card(invoice_id, DAY)
    assert card is not None
    return {row.kind for row in card.postings}


def pay(kind: str) -> None:
    row = db.session.scalars(select(Receivable).where(Receivable.kind == kind)).one()
    receive(ANKE, row.id, Receipt(Money(row.open_cents, row.currency_code), DAY))


@pytest.fixture
def late(context: Flask) -> Receivable:
    """A company owes an invoice, a fee, interest and the lump sum."""
    seed_load(SYSTEM, 1, date(2026, 11, 1))
    with write() as session:
        session.execute(update(Customer).values(customer_type="business", organization="Radwerk Nord"))
    billing_run.bill(date(2026, 11, 1), SYSTEM)
    with clock.stand_at(DUE):
        base_rates.enter(ANKE, date(2026, 7, 1), Decimal("1.27"))
    set_levels(*LEVELS, LevelWish("2. Mahnung", 21, with_interest=True, with_lump_sum=True))
    assert [levels_of(after(n)) for n in (7, 14, 21)] == [[1], [2], [3]]
    return db.session.scalars(select(Receivable).where(Receivable.kind == "invoice")).one()


@pytest.mark.feature("MAH-6")
@pytest.mark.feature("X-03")
@pytest.mark.parametrize("paid", [False, True], ids=["owed when they fell", "paid when they fell"])
def test_fee_interest_and_lump_sum_bear_their_names_made_and_fallen(late: Receivable, paid: bool) -> None:
    invoice, made = late.invoice_id or 0, {"reminder_fee", "interest", "lump_sum"}
    assert made <= on_page(invoice) and made <= in_ledger()
    with clock.stand_at(DAY):
        for kind in ("fee", "interest", "lump_sum") if paid else ():
            pay(kind)
        corrections.cancel(ANKE, invoice, reason="nie bestellt")
    both = made | {f"{kind}_off" for kind in made}
    assert both <= on_page(invoice) and both <= in_ledger()
    assert in_ledger(kind="fee") == {"reminder_fee"}
    assert in_ledger(kind="fee_reversal") == {f"{kind}_off" for kind in made}
    assert (in_ledger() | on_page(invoice)) <= KINDS["entry"].keys()


@pytest.mark.feature("MAH-6")
def test_a_page_of_many_fees_takes_no_more_statements(late: Receivable) -> None:
    invoice = late.invoice_id or 0
    few = statements(lambda: get_invoice_card(invoice, DAY))
    with clock.stand_at(DAY):
        for kind in ("fee", "interest", "lump_sum"):
            pay(kind)
        corrections.cancel(ANKE, invoice, reason="nie bestellt")
    assert statements(lambda: get_invoice_card(invoice, DAY)) == few


@pytest.mark.feature("F19")
@pytest.mark.parametrize(("card", "fee"), [("succeeds", "chargeback_fee"), ("debit", "returned_debit_fee")])
def test_the_fee_of_money_taken_back_is_called_by_what_took_it(context: Flask, card: str, fee: str) -> None:
    with clock.stand_at(clock.instant()):
        till = open_till(context)
        invoice = paid_by_card(till, card)
        charged_back(till)
        assert fee in on_page(invoice.id) and fee in in_ledger()
        won(till)
        assert f"{fee}_off" in on_page(invoice.id) and f"{fee}_off" in in_ledger()


@pytest.mark.feature("MAH-6")
def test_where_fees_for_different_things_were_paid_nobody_guesses_which_one_fell(late: Receivable) -> None:
    with clock.stand_at(DAY):
        pay("fee")
        with write() as session:
            session.add(Receivable(kind="fee", customer_id=late.customer_id, parent_id=late.id, cause="returned_debit",
                                   currency_code=late.currency_code, amount_cents=1, open_cents=0, due_on=DAY,
                                   created_at=clock.instant()))  # fmt: skip
            session.flush()
        corrections.cancel(ANKE, late.invoice_id or 0, reason="nie bestellt")
    assert "fee_off" in in_ledger() and "reminder_fee_off" not in in_ledger()
