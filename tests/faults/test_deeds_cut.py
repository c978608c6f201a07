"""Every deed that moves money or a contract is whole or not at all, wherever it is cut, and can be done again (F4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from billing.corrections import Part
from billing.money import Money
from extensions import db
from models import BankBatch, BankLine, Invoice, InvoiceLine, Payment, Receivable, Subscription
from services import (
    bank_answers,
    bank_batches,
    bank_booking,
    bank_import,
    billing_run,
    clock,
    contract_changes,
    contract_ends,
    contract_pauses,
    corrections,
    coupons,
    credit,
    drafts,
    dunning_chunk,
    dunning_run,
    dunning_settings,
    merge,
    payment_changes,
    payments,
    products,
    redemptions,
    sealing,
    tags,
    usage,
    write_offs,
)
from services.actor import SYSTEM
from services.bank_booking import Share
from services.checks import check_books
from services.contract_changes import Change
from services.draft_lines import Position
from services.dunning_levels import LevelWish
from services.payments import Receipt
from services.unit import end_reading
from services.usage import Used
from tests.documents.statements import Entry, camt, notice, paid_in
from tests.documents.statements import Part as Piece
from tests.faults.power import contents, cut_before, cut_before_commit
from tests.scenarios.story import Story
from tests.sweeps import FULL, some

JAN, FEB = "2027-01-01", "2027-02-10"


@dataclass(frozen=True, slots=True)
class World:
    """Two customers with a monthly contract each; January is paid by the first, and open for the second."""

    story: Story
    customer: int
    contract: int
    paid: int  # invoice ids
    open: int

    def receivable(self, invoice_id: int) -> Receivable:
        end_reading()
        return db.session.scalars(select(Receivable).where(Receivable.invoice_id == invoice_id)).one()

    def line(self, invoice_id: int) -> int:
        end_reading()
        return int(db.session.scalars(select(InvoiceLine.id).where(InvoiceLine.invoice_id == invoice_id)).one())

    def payment(self) -> int:
        end_reading()
        return int(db.session.scalars(select(Payment.id).where(Payment.kind == "payment")).first() or 0)

    def owed(self, invoice_id: int) -> int:
        return self.receivable(invoice_id).open_cents

    def other(self) -> int:
        end_reading()
        return db.session.get_one(Invoice, self.open).customer_id

    def draft(self) -> int:
        values = {"service_from": date(2027, 2, 1), "service_last": date(2027, 2, 3)}
        lines = [Position("Beratung", Decimal("80"), Decimal(2)), Position("Anfahrt", Decimal("15"))]
        return drafts.create_draft(SYSTEM, self.customer, values, lines)


Deed = Callable[[], object]
Making = Callable[[World], Deed]


def pay_a_part(world: World) -> Deed:
    owed = world.receivable(world.open).id
    return lambda: payments.receive(SYSTEM, owed, Receipt(Money(500, "EUR")))


def pay_too_much(world: World) -> Deed:
    owed = world.receivable(world.open).id
    return lambda: payments.receive(SYSTEM, owed, Receipt(Money(9999, "EUR"), surplus=True))


def move_a_payment(world: World) -> Deed:
    payment = world.payment()
    return lambda: payment_changes.move(SYSTEM, payment, invoice_id=world.open, reason="verwechselt")


def cancel_a_payment(world: World) -> Deed:
    payment = world.payment()
    return lambda: payment_changes.cancel(SYSTEM, payment, "verschrieben")


def give_up(world: World) -> Deed:
    owed = world.receivable(world.open).id
    return lambda: write_offs.write_off(SYSTEM, owed, "nichts zu holen")


def cancel_an_invoice(world: World) -> Deed:
    return lambda: corrections.cancel(SYSTEM, world.paid, reason="falsch", bill_again=True)


def correct_by_days(world: World) -> Deed:
    parts = [Part(world.line(world.paid), unserved_from=date(2027, 1, 20))]
    return lambda: corrections.correct(SYSTEM, world.paid, parts, reason="früher beendet")


def issue_a_draft(world: World) -> Deed:
    draft = world.draft()
    return lambda: drafts.issue_draft(SYSTEM, draft)


def bill_what_is_due(world: World) -> Deed:
    """February of both contracts, with usage, a coupon and credit of the first."""
    products.create_product(SYSTEM, {"number": "KM", "title": "Kilometer", "unit_price": Decimal("0.50"),
                                     "currency_code": "EUR", "kind": "article"})  # fmt: skip
    with clock.stand_at(date(2027, 1, 20)):
        usage.record_usage(SYSTEM, Used(world.contract, "KM", Decimal(7)))
    redemptions.redeem(SYSTEM, world.contract, coupon())
    payments.prepay(SYSTEM, world.customer, Receipt(Money(1000, "EUR")))
    credit.grant_credit(SYSTEM, world.customer, Money(300, "EUR"), "Kulanz")
    run = billing_run.start(date(2027, 2, 10), SYSTEM, ring=False)
    (chunk,) = billing_run.pending_chunks(run)
    return lambda: billing_run.run_chunk(chunk)


def remind_of_what_is_late(world: World) -> Deed:
    """The second level, with its fee and the contract switched off."""
    last = LevelWish("Mahnung", 14, consumer_fee_cents=70, deactivate_after=True)
    dunning_settings.save_levels(SYSTEM, [LevelWish("Erinnerung", 7), last])
    with clock.stand_at(date(2027, 1, 25)):
        dunning_run.dun(clock.today(), SYSTEM)
    run = dunning_run.start(date(2027, 2, 10), SYSTEM, ring=False)
    (chunk,) = dunning_run.pending_chunks(run)
    return lambda: dunning_chunk.run_chunk(chunk)


def coupon() -> str:
    coupons.create_coupon(SYSTEM, {"code": "SOMMER", "title": "Sommer", "kind": "percent", "percent": Decimal(10)})
    return "SOMMER"


def redeem_a_coupon(world: World) -> Deed:
    code = coupon()
    return lambda: redemptions.redeem(SYSTEM, world.contract, code)


def change_the_product(world: World) -> Deed:
    """In the middle of a paid period: the old one is credited by days, the new one waits for the next run."""
    wanted = Change(quantity=Decimal(3))
    return at_the_15th(lambda: contract_changes.change(SYSTEM, world.contract, wanted))


def pause_a_contract(world: World) -> Deed:
    return at_the_15th(lambda: contract_pauses.pause(SYSTEM, world.contract))


def cancel_a_contract(world: World) -> Deed:
    """Out of the ordinary, inside a paid period."""
    cancel = contract_ends.cancel
    return at_the_15th(lambda: cancel(SYSTEM, world.contract, date(2027, 1, 20), "umgezogen", extraordinary=True))


def merge_two_records(world: World) -> Deed:
    """The second customer goes into the first, with a tag, a coupon of their own, credit, a draft and a chosen name."""
    other = world.other()
    tags.set_tags(SYSTEM, other, "VIP")
    coupons.create_coupon(SYSTEM, {"code": "NURSIE", "kind": "percent", "percent": Decimal(5), "customer_id": other})
    credit.grant_credit(SYSTEM, other, Money(300, "EUR"), "Kulanz")
    drafts.create_draft(SYSTEM, other, {}, [Position("Beratung", Decimal("80"))])
    return lambda: merge.merge(SYSTEM, world.customer, other, {"last_name": "other"})


def at_the_15th(deed: Deed) -> Deed:
    def then() -> None:
        with clock.stand_at(date(2027, 1, 15)):
            deed()

    return then


def bring_a_statement_in(world: World) -> Deed:
    file_id = bank_import.keep(camt([paid_in("1.00", "A"), paid_in("2.00", "B")]), "auszug.xml")
    return lambda: bank_import.bring_in(SYSTEM, file_id)


def match_a_bank_line(world: World) -> Deed:
    """One payment over an invoice and the customer's credit."""
    bring_a_statement_in(world)()
    line, owed = (
        db.session.scalars(select(BankLine.id).order_by(BankLine.id)).first() or 0,
        world.receivable(world.open).id,
    )
    return lambda: bank_booking.book(SYSTEM, line, [Share(owed, 60)], world.other(), 40)


def undo_a_bank_line(world: World) -> Deed:
    deed = match_a_bank_line(world)
    deed()
    line = db.session.scalars(select(BankLine.id).order_by(BankLine.id)).first() or 0
    return lambda: bank_answers.undo(SYSTEM, line, "verwechselt")


def bring_a_notification_in(world: World) -> Deed:
    return _notification()


def take_a_sum_apart(world: World) -> Deed:
    """The statement with the sum is here, the notification as well."""
    bank_import.bring_in(SYSTEM, bank_import.keep(camt([Entry("3.00", parts=[Piece()])]), "auszug.xml"))
    _notification()()
    line = db.session.scalars(select(BankLine.id)).one()
    batch = db.session.scalars(select(BankBatch.id)).one()
    return lambda: bank_batches.take_apart(SYSTEM, line, batch)


def _notification() -> Deed:
    parts = [Piece(["A"], amount="1.00"), Piece(["B"], amount="2.00")]
    file_id = bank_import.keep(notice([Entry("3.00", parts=parts)]), "avis.xml")
    return lambda: bank_import.bring_in(SYSTEM, file_id)


DEEDS: tuple[Making, ...] = (
    bring_a_statement_in, bring_a_notification_in, take_a_sum_apart, match_a_bank_line, undo_a_bank_line,
    pay_a_part, pay_too_much, move_a_payment, cancel_a_payment, give_up, cancel_an_invoice, correct_by_days,
    issue_a_draft, bill_what_is_due, redeem_a_coupon, change_the_product, pause_a_contract, cancel_a_contract,
    merge_two_records, remind_of_what_is_late,
)  # fmt: skip


@pytest.fixture
def world(context: Flask) -> World:
    story = Story()
    first, second = story.on(JAN).customer("Erste"), story.on(JAN).customer("Zweite")
    contract = story.on(JAN).subscribe("30.00", customer=first)
    story.on(JAN).subscribe("50.00", customer=second)
    story.on(JAN).run()
    end_reading()
    by_customer = {row.customer_id: row.id for row in db.session.scalars(select(Invoice))}
    with clock.stand_at(date(2027, 1, 5)):
        payments.mark_paid(SYSTEM, by_customer[first])
    assert db.session.get(Subscription, contract) is not None
    return World(story, first, contract, by_customer[first], by_customer[second])


@pytest.mark.feature("F4")
@pytest.mark.feature("X-02")
@pytest.mark.parametrize("make", DEEDS, ids=lambda make: make.__name__)
def test_a_deed_that_is_cut_leaves_nothing_and_is_done_whole_the_next_time(world: World, make: Making) -> None:
    with clock.stand_at(date(2027, 2, 10)):
        deed = make(world)
        before = contents()
        cut_before_commit(deed)  # what the process keeps in mind afterwards, it asks for once more than the next time
        statements = cut_before_commit(deed)
        assert contents() == before and statements > 3
        done = False
        for nth in cuts(statements):
            if not cut_before(nth, deed):  # a warmer process asks for a statement or two less
                assert nth > statements - 4, f"statement {nth} was never sent"
                done = True
                break
            changed = {table for table, digest in contents().items() if digest != before[table]}
            assert not changed, f"a cut before statement {nth} left something in {changed}"
        if not done:
            deed()
        assert contents() != before
        sealing.seal()
    with clock.stand_at(date(2027, 1, 1)):  # no worker draws papers here: none is late yet
        assert check_books().findings == []


def cuts(statements: int) -> list[int]:
    """Before which statements the power is cut: in a sample the first, the last and some between."""
    inner = list(range(2, statements))
    return [1, *(inner if FULL else some(inner, 4)), statements]


@pytest.mark.feature("F4")
def test_a_deed_of_two_transactions_would_be_found(world: World) -> None:
    """The negative control: what commits in the middle leaves its first half behind."""
    with clock.stand_at(date(2027, 2, 10)):
        once, before = pay_a_part(world), contents()
        statements = cut_before_commit(once)

        def twice() -> None:
            once()
            once()

        assert cut_before(statements + 2, twice)
        assert contents() != before
