"""What one step of dunning asks for: worked out from the facts, nothing is written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from billing.default import in_default_since, is_in_default, lump_sum_cents
from billing.dunning import COLLECT, REMIND, Decision, Level, Rules, due_level, fee_cents
from billing.interest import BaseRates, Interest, interest, still_to_charge
from models import DunningLevel
from services import base_rates
from services import dunning_settings as settings
from services.dunning_cases import Facts
from services.dunning_levels import levels, pure_levels

NOTHING = Interest(0)


@dataclass(frozen=True, slots=True)
class Setting:
    """What staff decided, read once for a whole chunk."""

    rows: Sequence[DunningLevel]
    rules: Rules
    rates: BaseRates
    own: settings.House

    @property
    def levels(self) -> list[Level]:
        return pure_levels(self.rows)


@dataclass(frozen=True, slots=True)
class Step:
    """One reminder to be. The cents are what it adds to what was asked for before."""

    facts: Facts
    level: DunningLevel
    on: date
    fee_cents: int
    lump_sum_cents: int
    interest_cents: int
    missing: tuple[date, ...] = ()  # half-years without a base rate: then no interest

    @property
    def pay_until(self) -> date:
        return self.on + timedelta(self.level.days_to_pay)

    @property
    def asked_cents(self) -> int:
        """The claim and what this reminder adds."""
        return int(self.facts.row.open_cents) + self.fee_cents + self.lump_sum_cents + self.interest_cents

    @property
    def by_mail(self) -> bool:
        return self.level.by_mail and bool(self.facts.mail_to)

    @property
    def by_letter(self) -> bool:
        return sends_letter(self.level, self.facts)


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done about some receivables: who is reminded, from whom is collected first, who waits and why."""

    remind: tuple[Step, ...]
    collect: tuple[tuple[Facts, DunningLevel], ...]
    wait: tuple[tuple[Facts, Decision], ...]


def sends_letter(level: DunningLevel, facts: Facts) -> bool:
    """Who cannot be mailed gets a letter, whatever the level says: a reminder has to arrive."""
    return level.letter == "always" or not (level.by_mail and facts.mail_to)


def read_setting() -> Setting:
    """The levels, rules and rates as they are now."""
    own = settings.house()
    return Setting(levels(), settings.pure_rules(own), base_rates.table(), own)


def decide(all_facts: Sequence[Facts], setting: Setting, on: date) -> Work:
    """The rule asked for each of them."""
    by_level = {row.level: row for row in setting.rows}
    levels = setting.levels
    remind, collect, wait = [], [], []
    for facts in all_facts:
        found = due_level(levels, facts.case, on, setting.rules)
        if found.deed == REMIND and found.level:
            remind.append(step_of(facts, by_level[found.level.position], setting, on))
        elif found.deed == COLLECT and found.level:
            collect.append((facts, by_level[found.level.position]))
        else:
            wait.append((facts, found))
    return Work(tuple(remind), tuple(collect), tuple(wait))


def step_of(facts: Facts, level: DunningLevel, setting: Setting, on: date) -> Step:
    """The reminder of that level with its fee, lump sum and interest (MAH-2 to MAH-5)."""
    lump_sum = 0
    if level.with_lump_sum:
        lump_sum = lump_sum_cents(facts.claim, on, charged=facts.lump_sum_cents > 0)
    (pure,) = pure_levels([level])
    wanted = fee_cents(pure, facts.case, setting.rules, is_in_default(facts.claim, on),
                       facts.lump_sum_cents + lump_sum)  # fmt: skip
    if facts.case.is_consumer and not sends_letter(level, facts):
        wanted = 0  # MAH-5: a mail costs nothing that a consumer would have to make good
    accrued = accrued_interest(facts, setting.rates, on) if level.with_interest else NOTHING
    return Step(facts, level, on, max(wanted - facts.fees_cents, 0), lump_sum,
                still_to_charge(accrued, facts.interest_cents), accrued.missing)  # fmt: skip


def accrued_interest(facts: Facts, rates: BaseRates, on: date) -> Interest:
    """All interest on the claim up to that day, exclusive; nothing before default."""
    since = in_default_since(facts.claim)
    if since is None or since.on >= on:
        return NOTHING
    return interest(facts.owed, since.on, on, rates, facts.claim.is_consumer, facts.respites)
