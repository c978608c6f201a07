"""A desk with bank statements: invoices of 119.00 and files that tell of money for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from extensions import db
from models import BankLine, Invoice, Payment, Receivable
from services import bank_import, bank_matching, clock
from services.actor import Actor
from services.bank_import import Brought
from services.unit import end_reading
from tests.documents.statements import Entry, camt, paid_in
from tests.scenarios.story import Story

YUSUF = Actor("staff", 1, "Yusuf Demir")
DAY = "2026-11-10"
HOME = "DE02120300000000202051"
FULL = 11_900


class Desk:
    """One customer whose account is HOME, with the invoices `numbers` of 119.00 each."""

    def __init__(self, story: Story, invoices: int = 2) -> None:
        self.story = story
        moment = story.on("2026-11-01")
        self.customer = moment.customer("Vogel", bank_iban=HOME)
        self.numbers = [moment.one_off("100", customer=self.customer) for _ in range(invoices)]
        story.on(DAY)

    def bring(self, entries: Sequence[Entry], key: str = "1", *, match: bool = True) -> Brought:
        with clock.stand_at(date.fromisoformat(DAY)):
            done = bank_import.bring_in(YUSUF, bank_import.keep(camt(entries, key=key), "auszug.xml"))
            for each in done.statement_ids if match else ():
                bank_matching.match_statement(each)
        return done

    def tell(self, amount: str, purpose: str = "", **more: str) -> int:
        """One payment came in; gives its line."""
        self.bring([paid_in(amount, purpose, day=DAY, **more)], key=f"{amount}{purpose}")
        return self.lines()[-1].id

    def lines(self) -> list[BankLine]:
        end_reading()
        return list(db.session.scalars(select(BankLine).order_by(BankLine.id)))

    def states(self) -> list[str]:
        return [line.state for line in self.lines()]

    def open(self) -> list[int]:
        """What is open of each invoice."""
        end_reading()
        query = select(Receivable.open_cents).join(Invoice, Invoice.id == Receivable.invoice_id)
        return [db.session.scalars(query.where(Invoice.number == number)).one() for number in self.numbers]


def payments() -> list[tuple[str, int, int]]:
    """(kind, cents, of which credit) of every movement."""
    end_reading()
    query = select(Payment.kind, Payment.amount_cents, Payment.credit_cents).order_by(Payment.id)
    return [tuple(row) for row in db.session.execute(query)]
