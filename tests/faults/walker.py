"""Who walks through any story: one database, its days, and how a deed is done, refused or cut.

What a service refuses with a word of its own is part of the story; anything else that is raised, anything that
`check_books` finds, and any cent that the walker's own small book does not know, is a bug.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import date, timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from sqlalchemy import func, select

from billing.errors import KontorError
from extensions import db
from models import Invoice, ParkedCustomer, Posting, Subscription
from services import billing_preview, billing_run, clock, contract_days, dunning_preview, dunning_run, dunning_stops
from services.actor import SYSTEM
from services.unit import end_reading
from tests.conftest import fresh_database
from tests.faults.market import OPENED, ground
from tests.faults.power import cut_before
from tests.scenarios.story import Story

picks = st.integers(0, 63)  # which of the rows there are


class Walker(RuleBasedStateMachine):
    """A story over a copy of the market."""

    def __init__(self, market: str, folder: Path) -> None:
        super().__init__()
        self._folder = Path(mkdtemp(dir=folder))  # one of its own: previews are remembered by the database's address
        self._copy = fresh_database(market, self._folder)
        self._context = ground(self._copy.__enter__(), self._folder).app_context()
        self._context.push()
        self.story = Story()
        self.day = OPENED
        self.money = 0  # what came in and went out, by this book
        self.cut = 0  # the statement of the next deed before which the power fails

    def teardown(self) -> None:
        try:
            self.check()
        finally:
            db.session.remove()
            db.engine.dispose()
            self._context.pop()
            self._copy.__exit__(None, None, None)
            rmtree(self._folder)

    @rule(days=st.sampled_from((1, 1, 3, 7, 14, 28, 31, 92)))
    def time_passes(self, days: int) -> None:
        """And the house is off."""
        self.day += timedelta(days)
        self.story.on(self.day)

    @rule(days=st.integers(1, 45))
    def the_timetable_is_kept(self, days: int) -> None:
        """On each day with something to do, what the timetable does."""
        until = self.day + timedelta(days)
        while self.day < until:
            self.day = min(until, max(self.day + timedelta(1), _next_due() or until))
            self.story.on(self.day)
            self.contracts_follow_their_days()
            self.bill()

    @rule()
    def contracts_follow_their_days(self) -> None:
        """Nothing that only follows from dates may be refused."""
        with self.now():
            for subscription_id in contract_days.waiting():
                contract_days.follow(subscription_id)

    @rule()
    def bill(self) -> None:
        """The run does what its preview says, once, and knows a reason for each customer that it leaves out."""
        with self.now():
            expected = billing_preview.preview(self.day).counts
            counts = self.do(lambda: billing_run.bill(self.day, SYSTEM).counts)
            assert counts is None or (counts.issued, counts.failed) == (expected.issued, expected.failed)
            again = billing_run.bill(self.day, SYSTEM).counts
            assert counts is None or again.issued == 0
            unexpected = select(ParkedCustomer.facts).where(ParkedCustomer.code == "unexpected")
            assert db.session.scalars(unexpected).all() == []

    @rule()
    def remind(self) -> None:
        """The dunning run does what its preview says, once: at most one level an invoice. Before it, as in the
        timetable, contracts follow their days."""
        self.contracts_follow_their_days()
        with self.now():
            self.do(dunning_stops.resume_all)
            expected = dunning_preview.report(self.day).done
            done = self.do(lambda: dunning_run.dun(self.day, SYSTEM).done)
            assert done is None or (sorted(done.reminded), done.failures) == (sorted(expected.reminded), [])
            assert done is None or dunning_run.dun(self.day, SYSTEM).done.reminded == []

    @rule(nth=st.integers(1, 45))
    def the_power_will_fail(self, nth: int) -> None:
        self.cut = nth

    def deed(self, deed: Callable[[], object]) -> None:
        """Do it on the story's day."""
        with self.now():
            self.do(deed)

    def moving(self, cents: int, deed: Callable[[], object]) -> None:
        """A deed that moves money over the own accounts, if it is done."""
        with self.now():
            if self.do(lambda: deed() or True) is not None:
                self.money += cents

    def moving_one_of(self, sums: Collection[int], deed: Callable[[], object]) -> None:
        """The same where only the house knows which of these sums it is."""
        with self.now():
            if self.do(lambda: deed() or True) is not None:
                moved = own_money() - self.money
                assert moved in sums, f"{moved} moved, not one of {sums}"
                self.money += moved

    def moving_between(self, least: int, most: int, deed: Callable[[], object]) -> None:
        """The same where it is a part of what a statement tells."""
        self.moving_one_of(range(least, most + 1), deed)

    def do(self, deed: Callable[[], Any]) -> Any:
        """None where the house refused, or the power may have failed: then the books are proved at once."""
        nth, self.cut = self.cut, 0
        made: list[Any] = []
        try:
            if cut_before(nth, lambda: made.append(deed())):
                db.session.rollback()
                self.check(money_too=False)
        except KontorError:
            return None
        finally:
            end_reading()
            if nth:
                self.money = own_money()
        return made[0] if made and not nth else None

    def now(self) -> AbstractContextManager[None]:
        return clock.stand_at(self.day)

    def check(self, *, money_too: bool = True) -> None:
        """L1 to L7 over the whole database, and the cents of this book."""
        assert self.story.check_books() == []
        assert not money_too or own_money() == self.money


def one_of(which: int, *columns: Any, where: Any = True) -> Any:
    """One of the rows there are, with these columns; None without any."""
    end_reading()
    rows = db.session.execute(select(*columns).where(where).order_by(columns[0])).all()
    end_reading()
    return rows[which % len(rows)] if rows else None


def an_id(column: Any, which: int, where: Any = True) -> int:
    """0, which stands for nothing, without any."""
    row = one_of(which, column, where=where)
    return int(row[0]) if row else 0


def own_money() -> int:
    """What lies on the own accounts."""
    end_reading()
    own = select(func.coalesce(func.sum(Posting.amount_cents), 0)).where(Posting.account.in_(("bank", "cash")))
    found = int(db.session.scalar(own) or 0)
    end_reading()
    return found


def is_issued() -> Any:
    return Invoice.issued_at.is_not(None)


def _next_due() -> date | None:
    end_reading()
    return db.session.scalar(select(func.min(Subscription.next_billing_on)))
