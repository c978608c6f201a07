"""What will happen if a deed with a contract is done: sentences and tables, before anybody says yes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext, ngettext

from admin import formats
from billing.notice import Notice
from models import Subscription
from services import clock, contract_ends, contract_pauses, contract_preview, contract_rhythm
from services.contract_changes import Change
from services.contract_preview import Binding, Row
from services.contract_view import ContractDays

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Told:
    """What will happen: sentences, and tables of positions with their sums (heading, rows, cents)."""

    sentences: tuple[str, ...] = ()
    tables: tuple[tuple[str, Sequence[Row], int], ...] = ()
    currency: str = ""


def rules_told(rules: Notice, bound_until: date | None) -> list[str]:
    """Minimum term, renewal and notice in sentences."""
    found = []
    if rules.minimum:
        span = formats.span(rules.minimum.count, rules.minimum.unit.value)
        found.append(gettext("Minimum term %(span)s", span=span))
    if bound_until:
        found.append(gettext("bound until %(day)s", day=formats.day(bound_until - _DAY)))
    if rules.renewal:
        span = formats.span(rules.renewal.count, rules.renewal.unit.value)
        found.append(gettext("then renewed by %(span)s", span=span))
    if rules.notice:
        span = formats.span(rules.notice.count, rules.notice.unit.value)
        found.append(gettext("notice period %(span)s", span=span))
    return found


def cancel(row: Subscription, days: ContractDays, form: Any) -> Told:
    end = contract_ends.agreed_end(row.id, form.exclusive, form.note.data or "", extraordinary=form.extraordinary.data)
    rows, gross = contract_preview.preview_rest(row.id, end)
    sentences = [gettext("The subscription ends; its last day is %(day)s.", day=formats.day(end - _DAY))]
    if rows:
        sentences.append(_credited(gross, row.currency_code, end))
    return Told(tuple(sentences), _table(rows), row.currency_code)


def withdraw(row: Subscription, days: ContractDays, form: Any) -> Told:
    end = formats.day(row.ends_on - _DAY) if row.ends_on else ""
    return Told((gettext("The cancellation to %(day)s is withdrawn. The subscription goes on as before.", day=end),))


def pause(row: Subscription, days: ContractDays, form: Any) -> Told:
    first, until = form.starts_on.data, form.ends_on.data
    contract_pauses.check_pause(row.id, first, until)
    rows, gross = contract_preview.preview_rest(row.id, first)
    start = formats.day(first)
    if until is None:
        sentences = [gettext("The subscription pauses from %(day)s until somebody resumes it.", day=start)]
    else:
        last = formats.day(until - _DAY)
        sentences = [
            gettext("The subscription pauses on %(day)s.", day=start)
            if last == start
            else gettext("The subscription pauses from %(day)s to %(last)s.", day=start, last=last)
        ]
    sentences.append(
        gettext("Paused days are not charged. The billing day stays, and the minimum term is not prolonged.")
    )
    if rows:
        sentences.append(_credited(gross, row.currency_code, first))
    return Told(tuple(sentences), _table(rows), row.currency_code)


def resume(row: Subscription, days: ContractDays, form: Any) -> Told:
    return Told((gettext("The subscription goes on at the prices agreed before. The rest of the running period is "
                         "billed by days; the billing day stays."),))  # fmt: skip


def change(row: Subscription, days: ContractDays, form: Any) -> Told:
    return _edition(row, form.wanted())


def _edition(row: Subscription, wanted: Change) -> Told:
    found = contract_preview.preview_change(row.id, wanted)
    on, mode = formats.day(found.on), gettext("gross") if found.is_gross else gettext("net")
    sentences = [gettext("The change holds from %(day)s. Amounts are %(mode)s.", day=on, mode=mode)]
    if found.supersedes:
        sentences.append(gettext("The change that was planned before is dropped."))
    sentences += _bound(found.binding)
    if found.fee_waived:
        sentences.append(gettext("A change charges no set-up fee."))
    if found.credits:
        sentences.append(_credited(found.credit_gross_cents, found.currency, found.on))
    tables = [*_table(found.credits)]
    if found.charges:
        tables.append((gettext("Billed by the next run"), found.charges, found.charge_cents))
    if found.later and found.later_on:
        heading = gettext("Billed on %(day)s", day=formats.day(found.later_on))
        tables.append((heading, found.later, found.later_cents))
    if found.credits and found.charges:
        sentences.append(_balance(found, mode))
    if found.next_on:
        told = {"day": formats.day(found.next_on), "sum": formats.money(found.next_gross_cents, found.currency)}
        sentences.append(
            gettext("The next invoice of this subscription, on %(day)s, comes to %(sum)s with VAT.", **told)
        )
    return Told(tuple(sentences), tuple(tables), found.currency)


def _balance(found: contract_preview.Preview, mode: str) -> str:
    """The arithmetic of the tables below, in one line."""
    charge, credit, rest = (
        formats.money(cents, found.currency) for cents in (found.charge_cents, -found.credit_cents, found.balance_cents)
    )
    return gettext("Together: %(charge)s billed less %(credit)s credited come to %(rest)s (%(mode)s).", charge=charge,
                   credit=credit, rest=rest, mode=mode)  # fmt: skip


def _bound(binding: Binding) -> list[str]:
    """Other terms are said before anybody agrees to them (X-09)."""
    if binding.end_after == binding.end_before:
        return []
    before, after = formats.day(binding.end_before - _DAY), formats.day(binding.end_after - _DAY)
    said = [gettext("The earliest end moves from %(before)s to %(after)s.", before=before, after=after)]
    if binding.end_after == binding.bound_until:
        said.append(gettext("The minimum term of the new product binds until then; it counts from the start of the "
                            "subscription."))  # fmt: skip
    return said


def withdraw_change(row: Subscription, days: ContractDays, form: Any) -> Told:
    on = formats.day(row.planned_on)
    return Told((gettext("What is planned for %(day)s does not happen. The subscription goes on as it is.", day=on),))


def next_payment(row: Subscription, days: ContractDays, form: Any) -> Told:
    collection = days.collection
    if collection is None:
        return Told()
    sentences = [gettext("The next payment is due on %(day)s. Only this one moves; all later ones stay on their days.",
                         day=formats.day(collection.due_on))]  # fmt: skip
    if collection.due_on != collection.regular_on:
        regular = formats.day(collection.regular_on)
        sentences.append(gettext("It has been moved before; its regular day is %(day)s.", day=regular))
    return Told(tuple(sentences))


def renew(row: Subscription, days: ContractDays, form: Any) -> Told:
    due = formats.day(days.collection.due_on) if days.collection else ""
    return Told((gettext("The next period is billed by the next run instead of on %(day)s. Later payments stay on "
                         "their days.", day=due),))  # fmt: skip


def billing_day(row: Subscription, days: ContractDays, form: Any) -> Told:
    found = contract_rhythm.billing_days(row.id, form.new_day.data)
    listed = ", ".join(formats.day(each) for each in found)
    return Told((
        gettext("From the end of what is paid on, the subscription is billed on %(days)s, and so on.", days=listed),
        gettext("The days until the new billing day are billed as a part of a period."),
    ))  # fmt: skip


def deactivate(row: Subscription, days: ContractDays, form: Any) -> Told:
    return Told((gettext("From today on nothing new is billed. The periods that pass are not made up later. What is "
                         "billed already stays owed."),))  # fmt: skip


def activate(row: Subscription, days: ContractDays, form: Any) -> Told:
    return Told((gettext("The subscription is billed again from its next period on. The periods that passed meanwhile "
                         "are skipped."),))  # fmt: skip


def _credited(gross: int, currency: str, since: date) -> str:
    """`gross` is negative: what the corrections come to."""
    amount = formats.money(-gross, currency)
    if since > clock.today():
        return gettext("On %(day)s %(amount)s gross will be credited for days that are paid and not provided.",
                       day=formats.day(since), amount=amount)  # fmt: skip
    return gettext("%(amount)s gross are credited at once for days that are paid and not provided.", amount=amount)


def _table(rows: Sequence[Row]) -> tuple[tuple[str, Sequence[Row], int], ...]:
    return ((gettext("Credited"), rows, sum(row.cents for row in rows)),) if rows else ()


def arithmetic(row: Row) -> str:
    """The days that a part of a period is counted by, as the line prints them (EB-39)."""
    if row.days is None or row.of_days is None:
        return ""
    return ngettext("%(num)s of %(whole)s days", "%(num)s of %(whole)s days", row.days, whole=row.of_days)
