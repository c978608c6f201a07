"""What the house orders of its bank in any story: refunds by transfer, direct debits, files of both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy import func, select

from extensions import db
from models import Customer, Debit, Invoice, Mandate, Payment, PaymentFile, Receivable, Refund
from services import (
    corrections,
    debit_returns,
    debits,
    mandates,
    payment_files,
    refunds,
    refused_files,
)
from services.actor import SYSTEM, Actor
from services.mandates import Grant
from services.payment_settings import change_payment_settings
from services.unit import end_reading
from tests.faults.walker import Walker, an_id, is_issued, one_of, picks

ACCOUNTS = ("DE02120300000000202051", "DE02500105170137075030", "AT611904300234573201")
JULE, ANNA = Actor("staff", 1, "Jule"), Actor("staff", 2, "Anna")
LAST = -1
CODES = st.sampled_from(("AM04", "MD06", "AC04", "MS03"))
fees = st.sampled_from((0, 0, 300))


class RefundDeeds(Walker):
    @rule(which=picks, sent=st.sampled_from(("not yet", "by hand", "in a file")))
    def cancel_and_give_back(self, which: int, sent: str) -> None:
        """What was paid, mostly; ordered by one person."""
        invoice = (Payment.receivable_id == Receivable.id) & Receivable.invoice_id.is_not(None)
        paid = one_of(which, Payment.id, Receivable.invoice_id, where=invoice & (Payment.kind == "payment"))
        if paid is None:
            return
        self.deed(lambda: corrections.cancel(SYSTEM, paid.invoice_id, reason="zurück"))
        self.order_refund(LAST)
        if sent == "by hand":
            self.follow_refund(LAST, "sent")
        elif sent == "in a file":
            self.make_transfer_file()

    @rule(which=picks)
    def order_refund(self, which: int) -> None:
        correction = an_id(Invoice.id, which, is_issued() & (Invoice.kind != "invoice"))
        self.deed(lambda: refunds.order(JULE, correction, "transfer"))

    @rule(which=picks, step=st.sampled_from(("approved", "withdrawn", "sent", "never sent", "returned")))
    def follow_refund(self, which: int, step: str) -> None:
        row = one_of(which, Refund.id, Refund.state, Refund.amount_cents)
        if row is None:
            return
        cents = row.amount_cents
        moved = {"sent": -cents, "never sent": cents, "returned": cents if row.state == "succeeded" else 0}
        self.moving(moved.get(step, 0), {
            "approved": lambda: refunds.approve(ANNA, row.id),
            "withdrawn": lambda: refunds.withdraw(JULE, row.id, "doch nicht"),
            "sent": lambda: refunds.note_sent(JULE, row.id),
            "never sent": lambda: refunds.take_sent_back(JULE, row.id, "vertippt"),
            "returned": lambda: refunds.note_returned(JULE, row.id, "Konto erloschen"),
        }[step])  # fmt: skip

    @rule()
    def make_transfer_file(self) -> None:
        self.deed(lambda: payment_files.make_transfer_file(JULE))

    @rule(cents=st.sampled_from((0, 1, 2_000)))
    def four_eyes(self, cents: int) -> None:
        self.deed(lambda: change_payment_settings(SYSTEM, {"four_eyes_cents": cents}))


class DebitDeeds(Walker):
    @rule(who=picks, iban=st.sampled_from(ACCOUNTS), once=st.booleans())
    def sign_mandate(self, who: int, iban: str, once: bool) -> None:
        self.deed(
            lambda: mandates.grant(SYSTEM, an_id(Customer.id, who), Grant(iban=iban, is_once=once and who % 3 == 0))
        )

    @rule(which=picks)
    def revoke_mandate(self, which: int) -> None:
        self.deed(lambda: mandates.revoke(SYSTEM, an_id(Mandate.id, which)))

    @rule(days=st.integers(0, 30), handed_in=st.booleans())
    def make_debit_files(self, days: int, handed_in: bool) -> None:
        self.deed(lambda: payment_files.make_debit_files(SYSTEM, self.day + timedelta(days)))
        if handed_in:
            self.follow_file(LAST, "handed in")

    @rule(fates=st.lists(st.sampled_from(("credited", "returned", "both", "told by nobody")), min_size=1, max_size=3),
          in_one_sum=st.sampled_from((False, False, True)), code=CODES, fee=fees)  # fmt: skip
    def debits_go_their_way(self, fates: Sequence[str], in_one_sum: bool, code: str, fee: int) -> None:
        """Into a file, to the bank, and what it says of the newest of them once it has collected."""
        self.make_debit_files(30, handed_in=True)
        self._the_bank_collects(LAST)
        if in_one_sum:
            self.the_bank_credits_a_file(LAST, early=False)
        for n, fate in enumerate(fates, 1):
            if fate in ("credited", "both"):
                self.the_bank_credits_a_debit(-n)
            if fate in ("returned", "both"):
                self.the_bank_returns_a_debit(-n, code, fee)

    @rule(which=picks, step=st.sampled_from(("handed in", "handed in", "thrown away", "refused by the bank")))
    def follow_file(self, which: int, step: str) -> None:
        file_id = an_id(PaymentFile.id, which)
        self.deed({
            "handed in": lambda: payment_files.submit(SYSTEM, file_id),
            "thrown away": lambda: payment_files.discard(SYSTEM, file_id),
            "refused by the bank": lambda: refused_files.put_back(SYSTEM, file_id, "FF01"),
        }[step])  # fmt: skip

    @rule(which=picks, early=st.sampled_from((False, False, True)))
    def the_bank_credits_a_file(self, which: int, early: bool) -> None:
        if not early:
            self._the_bank_collects(which)
        file_id = an_id(PaymentFile.id, which)
        end_reading()
        mine = (Debit.file_id == file_id, Debit.state == "submitted")
        cents = int(db.session.scalar(select(func.coalesce(func.sum(Debit.amount_cents), 0)).where(*mine)) or 0)
        self.moving(cents, lambda: debits.mark_file_paid(SYSTEM, file_id, self.day))

    @rule(which=picks)
    def the_bank_credits_a_debit(self, which: int) -> None:
        row = one_of(which, Debit.id, Debit.end_to_end_id, Debit.amount_cents)
        if row is not None:
            self.moving(row.amount_cents, lambda: debits.mark_paid(SYSTEM, row.end_to_end_id, self.day))

    @rule(which=picks, code=CODES, fee=fees)
    def the_bank_returns_a_debit(self, which: int, code: str, fee: int) -> None:
        """With what was credited, if it was and nobody undid it since; the fee goes in any case."""
        row = one_of(which, Debit.id, Debit.end_to_end_id, Debit.amount_cents)
        if row is not None:
            self.moving_one_of((-fee, -row.amount_cents - fee), lambda: debit_returns.returned(
                SYSTEM, row.end_to_end_id, code, self.day, fee))  # fmt: skip

    @rule(which=picks)
    def withdraw_debit(self, which: int) -> None:
        self.deed(lambda: debits.withdraw(SYSTEM, an_id(Debit.id, which)))

    def _the_bank_collects(self, which: int) -> None:
        """The house is off until the day of that file."""
        row = one_of(which, PaymentFile.id, PaymentFile.execute_on)
        if row is not None:
            self.day = max(self.day, row.execute_on)
            self.story.on(self.day)

    @rule()
    def look_after_debits(self) -> None:
        """What the timetable does at night."""
        self.deed(debits.withdraw_settled)
        self.deed(mandates.lapse)
