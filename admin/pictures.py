"""The three pictures of the overview, each with the table behind it, for one currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _l

from admin import charts
from admin.charts import Chart, Group, Value
from admin.formats import headed, money
from queries.figures import Month, Owed

AGES = (_l("not due yet"), _l("1 to 14 days"), _l("15 to 30 days"), _l("31 to 60 days"), _l("61 to 90 days"),
        _l("over 90 days"))  # fmt: skip
_AGES_SHORT = (_l("not due"), "1–14", "15–30", "31–60", "61–90", "> 90")
_AGE_TONES = ("accent", "warn", "warn", "bad-soft", "bad", "bad")


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with what it says in words; `rows` are the table behind it, cells as text, the first one its head.

    `chart` is None where there is nothing to draw yet.
    """

    name: str
    title: str
    told: str
    hint: str
    chart: Chart | None
    keys: tuple[Key, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def recurring(months: Sequence[Month], currency: str) -> Picture:
    """Recurring revenue (MRR)."""
    groups = [
        Group(_short(month.first), (Value("accent", month.recurring_cents, _told(month.first, month.recurring_cents,
              currency)),), bool(n % 2))
        for n, month in enumerate(months)
    ]  # fmt: skip
    last = months[-1]
    return Picture(
        "recurring", gettext("Recurring revenue"),
        gettext("%(sum)s a month from %(count)s contracts that run at the end of %(month)s.",
                sum=money(last.recurring_cents, currency), count=last.contracts, month=month_name(last.first)),
        gettext("Net, by the month: a yearly price counts a twelfth, a quarterly one a third."),
        charts.line(groups, currency) if any(month.recurring_cents for month in months) else None, (),
        (gettext("Month"), gettext("Contracts"), gettext("Net a month")),
        tuple((month_name(m.first), str(m.contracts), money(m.recurring_cents, currency)) for m in reversed(months)),
    )  # fmt: skip


def issued_and_paid(months: Sequence[Month], currency: str) -> Picture:
    """What was issued and what was settled."""
    issued, paid = gettext("issued"), gettext("paid")
    groups = [
        Group(_short(month.first), (
            Value("accent", month.issued_cents, f"{_told(month.first, month.issued_cents, currency)} {issued}"),
            Value("good", month.settled_cents, f"{_told(month.first, month.settled_cents, currency)} {paid}"),
        ), bool(n % 2))
        for n, month in enumerate(months)
    ]  # fmt: skip
    last = months[-1]
    return Picture(
        "issued", gettext("Issued and paid"),
        gettext("In %(month)s so far %(issued)s issued and %(paid)s paid.", month=month_name(last.first),
                issued=money(last.issued_cents, currency), paid=money(last.settled_cents, currency)),
        gettext("Gross, by the day of issue and of payment; cancellations and refunds are taken off."),
        charts.bars(groups, currency) if any(m.issued_cents or m.settled_cents for m in months) else None,
        (Key("accent", issued), Key("good", paid)),
        (gettext("Month"), gettext("Documents"), gettext("Issued"), headed(gettext("Paid"))),
        tuple((month_name(m.first), str(m.invoices), money(m.issued_cents, currency), money(m.settled_cents, currency))
              for m in reversed(months)),
    )  # fmt: skip


def open_by_age(owed: Owed) -> Picture:
    """What is owed, by how long it has been due."""
    groups = [
        Group(str(_AGES_SHORT[n]), (Value(_AGE_TONES[n], cents, f"{AGES[n]}: {money(cents, owed.currency)}"),))
        for n, (cents, _) in enumerate(owed.ages)
    ]
    return Picture(
        "ages", gettext("Open items by age"),
        gettext("%(late)s of %(sum)s are overdue.", late=money(owed.overdue_cents, owed.currency),
                sum=money(sum(cents for cents, _ in owed.ages), owed.currency)),
        gettext("What is owed today, by days since it was due. Credit balances are left out."),
        charts.bars(groups, owed.currency) if any(cents for cents, _ in owed.ages) else None, (),
        (gettext("Due for"), gettext("Receivables"), gettext("Open")),
        tuple((str(AGES[n]), str(count), money(cents, owed.currency)) for n, (cents, count) in enumerate(owed.ages)),
    )  # fmt: skip


def month_name(first: date) -> str:
    """November 2026."""
    return format_date(first, "LLLL y", locale=get_locale() or "de")


def _short(first: date) -> str:
    return format_date(first, "LLL", locale=get_locale() or "de").rstrip(".")


def _told(first: date, cents: int, currency: str) -> str:
    return f"{month_name(first)}: {money(cents, currency)}"


def nothing_owed(currency: str) -> Owed:
    return Owed(currency, 0, 0, 0, 0, ((0, 0),) * len(AGES))


def no_months(firsts: Sequence[date]) -> tuple[Month, ...]:
    return tuple(Month(first) for first in firsts)


def chosen(wanted: str, currencies: Sequence[str]) -> str:
    """The currency to show: the one asked for, else the first."""
    return wanted if wanted in currencies else currencies[0]


def in_order(own: str, *found: Any) -> list[str]:
    """The company's currency first, then those that there are figures in."""
    return [own, *sorted({currency for some in found for currency in some} - {own})]
