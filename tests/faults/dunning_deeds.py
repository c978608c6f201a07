"""What happens around reminders in any story: holds, disputes, instalments, and weeks in which nobody
pays."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import rule

from billing.instalments import monthly
from models import Customer, Receivable
from services import base_rates, dunning_holds, instalments
from services.actor import SYSTEM
from tests.faults.walker import Walker, an_id, one_of, picks

WEEK = timedelta(7)


class DunningDeeds(Walker):
    @rule(weeks=st.integers(1, 5))
    def nobody_pays(self, weeks: int) -> None:
        """A run every week."""
        for _ in range(weeks):
            self.day += WEEK
            self.story.on(self.day)
            self.remind()

    @rule(percent=st.sampled_from(("-0.88", "0.12", "3.62")))
    def enter_a_base_rate(self, percent: str) -> None:
        """Of the half-year of today; where it is missing no interest is asked for."""
        first = self.day.replace(month=1 if self.day.month < 7 else 7, day=1)
        self.deed(lambda: base_rates.enter(SYSTEM, first, Decimal(percent)))

    @rule(which=picks, count=st.integers(1, 4), ahead=st.integers(0, 40))
    def agree_on_instalments(self, which: int, count: int, ahead: int) -> None:
        row = one_of(which, Receivable.id, Receivable.open_cents, where=Receivable.open_cents > 0)
        if row is not None:
            parts = monthly(row.open_cents, count, self.day + timedelta(ahead))
            self.deed(lambda: instalments.agree(SYSTEM, row.id, parts))

    @rule(which=picks)
    def withdraw_instalments(self, which: int) -> None:
        self.deed(lambda: instalments.withdraw(SYSTEM, an_id(Receivable.id, which)))

    @rule()
    def look_after_instalments(self) -> None:
        self.deed(instalments.follow)

    @rule(which=picks, days=st.one_of(st.none(), st.integers(0, 40)))
    def hold(self, which: int, days: int | None) -> None:
        until = None if days is None else self.day + timedelta(days)
        self.deed(lambda: dunning_holds.hold_invoice(SYSTEM, an_id(Receivable.id, which), "Kulanz", until))

    @rule(who=picks, days=st.integers(0, 40))
    def hold_everything(self, who: int, days: int) -> None:
        until = self.day + timedelta(days)
        self.deed(lambda: dunning_holds.hold_customer(SYSTEM, an_id(Customer.id, who), "Anwalt", until))

    @rule(which=picks, who=picks)
    def lift(self, which: int, who: int) -> None:
        self.deed(lambda: dunning_holds.lift_invoice(SYSTEM, an_id(Receivable.id, which)))
        self.deed(lambda: dunning_holds.lift_customer(SYSTEM, an_id(Customer.id, who)))

    @rule(which=picks, settled=st.booleans())
    def dispute(self, which: int, settled: bool) -> None:
        deed = dunning_holds.settle_dispute if settled else dunning_holds.dispute
        self.deed(lambda: deed(SYSTEM, an_id(Receivable.id, which), "nie bestellt"))
