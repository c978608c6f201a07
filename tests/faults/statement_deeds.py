"""Bank statements in any story: brought in, matched, answered line by line."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy import func, select

from extensions import db
from models import BankLine, Debit, Invoice, Receivable, Refund
from services import (
    bank_answers,
    bank_booking,
    bank_facts,
    bank_import,
    bank_matching,
    bank_order_facts,
    bank_orders,
)
from services.actor import SYSTEM
from services.bank_booking import Share
from services.unit import end_reading
from tests.documents.statements import Entry, Part, camt
from tests.faults.bank_deeds import ACCOUNTS, LAST, fees
from tests.faults.walker import Walker, an_id, is_issued, one_of, picks


class BankDeeds(Walker):
    content = b""

    @rule(
        movements=st.lists(
            st.tuples(
                st.sampled_from(("invoice", "invoice", "debit", "return", "refund", "taken back", "nobody's")),
                picks,
                fees,
            ),
            min_size=1,
            max_size=4,
        )
    )
    def bring_a_statement(self, movements: Sequence[tuple[str, int, int]]) -> None:
        """And match it. The sum of what moved lies between all that went out and all that came in."""
        entries = [entry for kind, which, fee in movements if (entry := self._entry(kind, which, fee))]
        if not entries:
            return
        self.content = camt(entries, key=f"{self.day}-{an_id(BankLine.id, LAST)}")
        with self.now():
            file_id = bank_import.keep(self.content, "auszug.xml")
        self.deed(lambda: bank_import.bring_in(SYSTEM, file_id))
        self.match_what_waits()

    @rule()
    def bring_it_again(self) -> None:
        """Nothing in it is new."""
        if self.content:
            with self.now():
                file_id = bank_import.keep(self.content, "nochmal.xml")
            self.deed(lambda: bank_import.bring_in(SYSTEM, file_id))
            with self.now():
                assert bank_import.bring_in(SYSTEM, bank_import.keep(self.content, "auszug.xml")).new == 0

    @rule()
    def match_what_waits(self) -> None:
        waiting = BankLine.state == "unmatched"
        self.moving_between(_sum(waiting & (BankLine.amount_cents < 0)), _sum(waiting & (BankLine.amount_cents > 0)),
                            lambda: bank_matching.match_all(SYSTEM))  # fmt: skip

    @rule(which=picks, to=picks, percent=st.sampled_from((40, 100, 100)))
    def book_a_line(self, which: int, to: int, percent: int) -> None:
        """Over a receivable as far as it is open, and the rest as credit."""
        line = one_of(which, BankLine.id, BankLine.amount_cents, where=BankLine.amount_cents > 0)
        owed = one_of(to, Receivable.id, Receivable.open_cents, Receivable.customer_id)
        if line is None or owed is None:
            return
        cents = max(line.amount_cents * percent // 100, 1)
        part = min(cents, max(owed.open_cents, 0))
        shares = [Share(owed.id, part)] if part else []
        self.moving(cents, lambda: bank_booking.book(SYSTEM, line.id, shares, owed.customer_id, cents - part))

    @rule(which=picks)
    def accept_a_suggestion(self, which: int) -> None:
        line_id = an_id(BankLine.id, which, BankLine.state == "unmatched")
        with self.now():
            end_reading()
            line = db.session.get(BankLine, line_id)
            if line is None:
                return
            cents = line.amount_cents
            offers = [*bank_order_facts.orders_of([line])[line_id], *bank_facts.offers([line])[line_id]]
            end_reading()
        if offers:
            mark = offers[which % len(offers)].mark
            self.moving_between(min(cents, 0), max(cents, 0), lambda: bank_booking.accept(SYSTEM, line_id, mark))

    @rule(which=picks, to=picks, fee=fees)
    def the_bank_took_it_back(self, which: int, to: int, fee: int) -> None:
        line = one_of(which, BankLine.id, BankLine.amount_cents, where=BankLine.amount_cents < 0)
        if line is not None:
            invoice = an_id(Invoice.id, to, is_issued())
            self.moving_between(line.amount_cents, 0, lambda: bank_orders.take_back(SYSTEM, line.id, invoice, fee))

    @rule(which=picks, deed=st.sampled_from(("ignore", "take up", "undo")))
    def answer_a_line(self, which: int, deed: str) -> None:
        line = one_of(which, BankLine.id, BankLine.amount_cents)
        if line is None:
            return
        back = -line.amount_cents if deed == "undo" else 0
        self.moving_between(min(back, 0), max(back, 0), {
            "ignore": lambda: bank_answers.ignore(SYSTEM, line.id, "Miete"),
            "take up": lambda: bank_answers.take_up(SYSTEM, line.id),
            "undo": lambda: bank_answers.undo(SYSTEM, line.id, "verwechselt"),
        }[deed])  # fmt: skip

    def _entry(self, kind: str, which: int, fee: int) -> Entry | None:
        """One movement of today that speaks of something in the house, mostly in the right words."""
        part, cents = Part(["danke"], iban=ACCOUNTS[which % len(ACCOUNTS)]), 1_234 + which
        if kind in ("invoice", "taken back"):
            row = one_of(which, Invoice.id, Invoice.number, Invoice.gross_cents, where=is_issued())
            if row is None or row.gross_cents <= 0:
                return None
            part, cents = Part([f"Rechnung {row.number}"]), row.gross_cents + (which % 3 - 1) * fee
            if kind == "taken back":
                part, cents = Part([f"Rückgabe {row.number}"], code="MD06"), -row.gross_cents - fee
        elif kind in ("debit", "return"):
            row = one_of(which, Debit.id, Debit.end_to_end_id, Debit.amount_cents)
            if row is None:
                return None
            is_back = kind == "return"
            part = Part(end_to_end=row.end_to_end_id, code="AM04" if is_back else "")
            cents = -row.amount_cents - fee if is_back else row.amount_cents
        elif kind == "refund":
            row = one_of(which, Refund.id, Refund.amount_cents)
            if row is None:
                return None
            part, cents = Part(end_to_end=f"R-{row.id}"), -row.amount_cents if which % 4 else row.amount_cents
        return Entry(f"{cents / 100:.2f}", self.day.isoformat(), [part]) if cents else None


def _sum(which: object) -> int:
    end_reading()
    found = db.session.scalar(select(func.coalesce(func.sum(BankLine.amount_cents), 0)).where(which))
    end_reading()
    return int(found or 0)
