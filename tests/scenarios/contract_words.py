"""What happens to a contract after it is concluded, in the words of the diaries."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from typing import Any

from billing.periods import Interval
from services import (
    contract_changes,
    contract_days,
    contract_ends,
    contract_pauses,
    contract_plans,
    contract_rhythm,
    contract_switch,
)
from services.actor import SYSTEM
from services.bookings import Booking
from services.contract_changes import Change


class ContractWords(ABC):
    """Mixed into the moments of a diary. Days are the first without service, as the services have them."""

    @abstractmethod
    def _now(self) -> AbstractContextManager[None]:
        """The moment of the diary."""

    @abstractmethod
    def _product(self, price: str, *, currency: str, trial: str | None = None, **values: Any) -> str:
        """A product made for this story; gives its number."""

    def cancel(self, contract: int, ends: str | None = None, note: str = "", *, extraordinary: bool = False) -> date:
        """Cancel at the earliest lawful day or to a later one; gives the end."""
        with self._now():
            return contract_ends.cancel(SYSTEM, contract, _day(ends), note, extraordinary=extraordinary)

    def withdraw(self, contract: int) -> None:
        """Take the cancellation back."""
        with self._now():
            contract_ends.withdraw_cancellation(SYSTEM, contract)

    def pause(self, contract: int, starts: str | None = None, ends: str | None = None) -> None:
        with self._now():
            contract_pauses.pause(SYSTEM, contract, _day(starts), _day(ends))

    def resume(self, contract: int, on: str | None = None) -> None:
        with self._now():
            contract_pauses.resume(SYSTEM, contract, _day(on))

    def change_plan(
        self, contract: int, price: str, every: str = "1 month", *, at_period_end: bool = False, quantity: str = "",
        reset_addons: bool = False, **product: Any,
    ) -> date:  # fmt: skip
        """Change to a plan made for it; gives the day from which it holds."""
        with self._now():
            number = self._product(price, currency="EUR", interval=Interval.parse(every), **product)
            wanted = Change(
                Booking(number), Decimal(quantity) if quantity else None, (), reset_addons, at_period_end
            )  # fmt: skip
            return contract_changes.change(SYSTEM, contract, wanted)

    def set_quantity(self, contract: int, quantity: str, *, at_period_end: bool = False) -> date:
        with self._now():
            wanted = Change(quantity=Decimal(quantity), at_period_end=at_period_end)
            return contract_changes.change(SYSTEM, contract, wanted)

    def set_addons(
        self, contract: int, addons: Sequence[tuple[str, str]], *, at_period_end: bool = False
    ) -> date:  # fmt: skip
        """Book add-ons by number in a quantity; 0 removes them."""
        with self._now():
            booked = tuple(Booking(number, Decimal(quantity)) for number, quantity in addons)
            return contract_changes.change(SYSTEM, contract, Change(addons=booked, at_period_end=at_period_end))

    def addon(self, price: str, **product: Any) -> str:
        """A new add-on; gives its number."""
        with self._now():
            return self._product(price, currency="EUR", kind="addon", **product)

    def withdraw_change(self, contract: int) -> None:
        """Take back what is planned for the end of the period."""
        with self._now():
            contract_plans.withdraw_planned(SYSTEM, contract)

    def set_next_payment(self, contract: int, on: str) -> None:
        """D-6: the next collection alone moves to that day."""
        with self._now():
            contract_rhythm.set_next_payment(SYSTEM, contract, date.fromisoformat(on))

    def postpone(self, contract: int, months: int) -> None:
        with self._now():
            contract_rhythm.postpone(SYSTEM, contract, months)

    def renew(self, contract: int) -> None:
        """The next period is billed by the run of today."""
        with self._now():
            contract_rhythm.renew(SYSTEM, contract)

    def move_billing_day(self, contract: int, new_day: str) -> date:
        """The billing day moves for good; gives the day on which the new count begins."""
        with self._now():
            return contract_rhythm.move_billing_day(SYSTEM, contract, date.fromisoformat(new_day))

    def deactivate(self, contract: int) -> None:
        with self._now():
            contract_switch.deactivate(SYSTEM, contract)

    def activate(self, contract: int) -> None:
        with self._now():
            contract_switch.activate(SYSTEM, contract)

    def follow(self) -> int:
        """The timetable's daily look at contracts; gives how many a day had come for."""
        with self._now():
            return contract_days.follow_all()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
