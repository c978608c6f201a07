"""What happens in the demo company on which day: who comes, books, moves, pays, and who does it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from sqlalchemy import exists, select

from billing.money import Money
from billing.periods import Interval, Unit, index_of, shift
from extensions import db
from models import Debit, Product, Receivable, Role, Staff
from services import clock, company, customer_status, demo_data, dunning_run, roles, staff, staff_access, vat_settings
from services.actor import SYSTEM, Actor
from services.customer_erasure import delete_customer
from services.customers import create_customer, update_customer
from services.demo_cases import BY_BANK, CASES, UNLUCKY, Case
from services.demo_deeds import Deeds
from services.demo_dunning import write_letters, write_mails
from services.demo_parts import Change, Contract, Pays, Person
from services.demo_payments import follow_charges, follow_debits
from services.payments import record_payment
from services.subscriptions import Booking, Order, create_subscription

_DAY = timedelta(days=1)
# How many days ago the weekly debits begin, the tries of declined cards, and on which days reminders went out.
FOLLOWED, RETRIED, DUNNED = 130, 15, (29, 22, 15, 1)


@dataclass(frozen=True, slots=True)
class Team:
    """Who does the deeds."""

    owner: Actor
    support: Actor
    books: Actor


@dataclass(slots=True)
class _Guest:
    """A person and the id that its record got."""

    person: Person
    id: int = 0
    is_gone: bool = False


class Diary:
    """Its pages hold what is to be done on each day, in the order in which it was written down."""

    def __init__(self, today: date, people: tuple[Person, ...]) -> None:
        self.today = today
        self.guests = [_Guest(person) for person in people]
        self.pages: dict[date, list[Callable[[], object]]] = defaultdict(list)
        self.first = min(self._arrival(guest.person) for guest in self.guests) - _DAY
        self.mails_since = demo_data.MAILS_SINCE.on(today)
        self.habits: dict[int, Pays] = {}
        self.known = 0  # the last receivable whose payment was thought of
        self.unlucky: set[int] = set()

    def write_down(self, team: Team) -> None:
        """Everybody comes with the first contract; the others follow on their days."""
        self.team = team
        self.deeds = Deeds(team.support, team.books, self.today)
        self._write_team()
        for guest in self.guests:
            self._on(self._arrival(guest.person), self._welcome, guest)
            for contract in sorted(guest.person.contracts, key=self._booked):
                self._on(self._booked(contract), self._book, guest, contract)
            for change in guest.person.changes:
                self._on(change.when.on(self.today), self._change, guest, change)
        by_mail = {guest.person.values["email"]: guest for guest in self.guests}
        for case in CASES:
            if case.who in by_mail:
                day = case.when.on(self.today)
                self._on(_banking_day(day) if case.deed in BY_BANK else day, self._case, by_mail[case.who], case)

    def live(self, day: date) -> None:
        """Do what stands on that day's page."""
        for deed in self.pages.pop(day, ()):
            deed()

    def follow_money(self, day: date) -> None:
        """What the timetable and the bookkeeper do by themselves: debits once a week, declined cards, reminders."""
        ago = (self.today - day).days
        if ago < FOLLOWED and day.weekday() == 0:
            follow_debits(self.team.books, day, self.unlucky)
        if ago <= RETRIED:
            follow_charges()
        if ago in DUNNED:
            dunning_run.dun(day, SYSTEM)

    def expect_payments(self, day: date) -> None:
        """After a run: when will each of its invoices be paid?"""
        debited = exists().where(Debit.receivable_id == Receivable.id)
        query = select(Receivable.id, Receivable.customer_id, Receivable.open_cents, Receivable.currency_code, debited)
        for row in db.session.execute(query.where(Receivable.id > self.known).order_by(Receivable.id)).all():
            self.known = row.id
            if row.open_cents and not row[-1]:
                self._expect(day, row.id, row.customer_id, Money(row.open_cents, row.currency_code))

    def _expect(self, day: date, receivable_id: int, customer_id: int, owed: Money) -> None:
        habit = self.habits.get(customer_id, Pays())
        paid = owed
        if habit.until is not None and day >= habit.until.on(self.today):
            if not habit.part:
                return
            self.habits[customer_id] = Pays(until=habit.until)
            paid = owed.split((2, 3))[0]
        days = 3 + receivable_id * 5 % 11 if habit.days is None else habit.days
        paid_on = _banking_day(day + timedelta(days))
        if paid_on <= self.today:
            self._on(paid_on, self._pay, receivable_id, paid, paid_on)

    def _pay(self, receivable_id: int, owed: Money, on: date) -> None:
        """What was expected, unless something else has settled or lessened it meanwhile."""
        row = db.session.get_one(Receivable, receivable_id)
        if row.open_cents > 0:
            paid = Money(min(owed.cents, row.open_cents), owed.currency)
            record_payment(self.team.books, receivable_id, paid, on, discount=False)

    def _on(self, day: date, deed: Callable[..., object], *values: object) -> None:
        self.pages[day].append(partial(deed, *values))

    def _write_team(self) -> None:
        report_to = {"report_email": demo_data.REPORT_EMAIL}
        self._on(self.first, self.deeds.issue_coupons)
        self._on(self.first, self.deeds.keep_templates)
        self._on(self.first, write_letters, self.team.owner)
        self._on(self.mails_since, write_mails, self.team.owner)
        oss_from = demo_data.OSS_SINCE.on(self.today)
        self._on(oss_from, vat_settings.change_oss, self.team.owner, oss_from)
        self._on(self.mails_since, company.change_company, self.team.support, report_to)
        for when, email, name, role in demo_data.FURTHER_STAFF:
            self._on(when.on(self.today), self._hire, email, name, role)
        when, email = demo_data.LEFT
        self._on(when.on(self.today), self._see_off, email)

    def _hire(self, email: str, name: str, role: str) -> None:
        if db.session.scalar(select(Role.id).where(Role.name == role)) is None:
            name_of_role, description, permissions = demo_data.WORKSHOP
            roles.save_role(self.team.owner, None, name=name_of_role, description=description, is_enabled=True,
                            permissions=set(permissions))  # fmt: skip
        staff.add_staff(self.team.owner, email, role=role, name=name, must_change=True)

    def _see_off(self, email: str) -> None:
        row = db.session.scalars(select(Staff).where(Staff.email == email)).one()
        staff_access.change_staff(self.team.owner, row.id, name=row.name, role_id=row.role_id, is_active=False,
                                  language_code=row.language_code)  # fmt: skip

    def _arrival(self, person: Person) -> date:
        came = [person.came.on(self.today)] if person.came else []
        return min(came + [self._booked(contract) for contract in person.contracts])

    def _booked(self, contract: Contract) -> date:
        return (contract.entered or contract.taken_over or contract.starts).on(self.today)

    def _welcome(self, guest: _Guest) -> None:
        """Make the record; before mails were sent its papers went by post."""
        values = guest.person.values | {"tags": guest.person.tags}
        method = guest.person.values.get("invoice_delivery_method", "mail")
        if method != "post" and clock.today() < self.mails_since:
            values["invoice_delivery_method"] = "post"
            self._on(self.mails_since, self._update, guest, {"invoice_delivery_method": method})
        guest.id = create_customer(self.team.support, values)
        self.habits[guest.id] = guest.person.pays
        if guest.person.values["email"] == UNLUCKY:
            self.unlucky.add(guest.id)

    def _book(self, guest: _Guest, contract: Contract) -> None:
        starts_on = contract.starts.on(self.today)
        create_subscription(
            self.team.support,
            Order(
                customer_id=guest.id,
                plan=Booking(contract.article, contract.quantity, unit_price=contract.price),
                addons=tuple(Booking(number, contract.quantity) for number in contract.addons),
                starts_on=starts_on,
                next_event=_next_event(contract, starts_on, self.today),
                ends_on=contract.ends.on(self.today) if contract.ends else None,
                currency_code=contract.currency,
            ),
        )

    def _change(self, guest: _Guest, change: Change) -> None:
        by = self._actor(guest, change.by)
        if change.deed == "update":
            update_customer(by, guest.id, change.values)
        elif change.deed == "delete":
            delete_customer(by, guest.id, "asked")
            guest.is_gone = True
        else:
            customer_status.change_status(by, guest.id, change.deed, change.reason)

    def _case(self, guest: _Guest, case: Case) -> None:
        self.deeds.do(case, guest.id)

    def _update(self, guest: _Guest, values: dict[str, str]) -> None:
        if not guest.is_gone:
            update_customer(self.team.support, guest.id, values)

    def _actor(self, guest: _Guest, by: str) -> Actor:
        if by != "customer":
            return self.team.owner if by == "owner" else self.team.support
        values = guest.person.values
        return Actor("customer", guest.id, f"{values['first_name']} {values['last_name']}".strip())


def _next_event(contract: Contract, starts_on: date, today: date) -> date | None:
    """The first period of a running contract that is ours to bill (D-13)."""
    if contract.taken_over is None:
        return None
    query = select(Product.interval_unit, Product.interval_count).where(Product.number == contract.article)
    row = db.session.execute(query).one()
    interval = Interval(Unit(row.interval_unit), row.interval_count)
    return shift(starts_on, interval, index_of(starts_on, interval, contract.taken_over.on(today)) + 1)


def _banking_day(day: date) -> date:
    """That day, or the Monday after it: banks book nothing at weekends."""
    return day + timedelta(max(7 - day.weekday(), 0)) if day.weekday() > 4 else day
