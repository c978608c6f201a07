"""Reminders in the demo: the house's rules, by letter at first and by mail later, and whom nobody reminds for now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services import clock, dunning_holds, dunning_settings
from services.actor import Actor
from services.dunning_levels import levels, wish_of

LEAST = 8_000  # cents; for less nobody writes a letter


class DunningDeeds:
    """The cases about reminders of demo_cases.py."""

    books: Actor

    def hold_reminders(self, customer_id: int, reason: str, days: int = 0) -> None:
        """Nobody reminds this customer, for so many days or until somebody lifts it."""
        until = clock.today() + timedelta(days) if days else None
        dunning_holds.hold_customer(self.books, customer_id, reason, until)


def write_letters(owner: Actor) -> None:
    """Every level goes by post, and small sums are left alone."""
    dunning_settings.save_house(owner, replace(dunning_settings.house(), minimum_cents=LEAST))
    _go_by_mail(owner, goes=False)


def write_mails(owner: Actor) -> None:
    """From now on they go by mail, with a letter to who has none."""
    _go_by_mail(owner, goes=True)


def _go_by_mail(owner: Actor, *, goes: bool) -> None:
    letter = "no_mail" if goes else "always"
    dunning_settings.save_levels(
        owner, [replace(wish_of(row), by_mail=goes, letter=letter) for row in levels()]
    )  # fmt: skip
