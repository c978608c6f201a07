"""The sandbox's test cards: chosen by name on its page, each behaves as its name says. There are no numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from gateways.base import ChargeStatus, DeclineKind, Kind

CHARGEBACK_AFTER: Final = timedelta(days=10)
BANK_ANSWERS_AFTER: Final = timedelta(days=2)
CHARGEBACK_FEE: Final = 1_500

# What time brings to a charge: the bank's answer to a debit, or the money taken back.
Later = Literal["", "settles", "returns", "charges_back"]


@dataclass(frozen=True, slots=True)
class Card:
    """`loses`: the answer to setting it off gets lost, before anything happened or after. `last4`: by which people tell
    kept ones apart; there is no number before it."""

    name: str
    kind: Kind = "card"
    status: ChargeStatus = "succeeded"
    decline_kind: DeclineKind = ""
    decline_code: str = ""
    loses: Literal["", "before", "after"] = ""
    later: Later = ""
    first_day_only: bool = False  # it declines on the first day it is asked, and never after
    valid_months: int = 36
    last4: str = ""

    def expires_on(self, today: date) -> date | None:
        """The last day of its last month; accounts have none."""
        if self.kind != "card":
            return None
        months = today.year * 12 + today.month + self.valid_months  # the month after the last one, from 0
        return date(months // 12, months % 12 + 1, 1) - timedelta(days=1)

    def due(self, now: datetime) -> datetime | None:
        """When time brings what it brings."""
        if not self.later:
            return None
        return now + (CHARGEBACK_AFTER if self.later == "charges_back" else BANK_ANSWERS_AFTER)


CARDS: Final = {
    card.name: card
    for card in (
        Card("succeeds", last4="4242"),
        Card("declines_hard", status="declined", decline_kind="hard", decline_code="stolen_card", last4="9979"),
        Card("declines_soft", status="declined", decline_kind="soft", decline_code="insufficient_funds", last4="9995"),
        Card("declines_first_day", status="declined", decline_kind="soft", decline_code="insufficient_funds",
             first_day_only=True, last4="0341"),
        Card("expired", status="declined", decline_kind="hard", decline_code="expired_card", valid_months=-1,
             last4="0069"),
        Card("needs_action", status="needs_action", last4="3155"),
        Card("times_out_and_succeeds", loses="after", last4="0077"),
        Card("times_out_before", loses="before", last4="0119"),
        Card("charges_back_later", later="charges_back", last4="0259"),
        Card("debit", "sepa_debit", status="processing", later="settles", last4="3000"),
        Card("debit_returns", "sepa_debit", status="processing", later="returns", last4="2002"),
        Card("paypal", "paypal"),
    )
}  # fmt: skip


def choices(kind: Kind) -> tuple[str, ...]:
    """The names that the page of a setup of this kind offers."""
    return tuple(name for name, card in CARDS.items() if card.kind == kind)
