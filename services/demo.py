"""The demo company of a first start: half a year of a bicycle workshop, lived through by the real services.

    people and contracts --clock standing at their days--> deeds; a run on every day that has something due
        --committed at once--> the mails of those days --> the audit trail sealed

Everything up to the last run is one transaction: a start that is killed in the middle leaves nothing half made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.errors import NotAllowed
from billing.periods import Interval, Unit, index_of, shift
from extensions import db, queues
from models import Message, Product, Staff, Subscription
from services import (
    billing_run,
    clock,
    company,
    customer_status,
    demo_data,
    demo_logo,
    files,
    load,
    messages,
    reports,
    sealing,
    staff,
    tags,
)
from services.actor import SYSTEM, Actor
from services.customers import create_customer, update_customer
from services.demo_data import Contract, Person
from services.products import assign_addon, create_product
from services.subscriptions import Booking, Order, create_subscription
from services.unit import end_reading, write

OPENS, OFFICE, RUN_AT = time(8, 30), time(10), time(17)
MAILED_AFTER = timedelta(minutes=3)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Login:
    """Who can log in, with the password in clear, this once."""

    email: str
    password: str
    role: str


def seed_demo() -> list[Login]:
    """Make the demo company with its history until yesterday; a few contracts are due today. Some three seconds.

    Gives the logins. Raises AlreadyDone("company_exists") where a company is, demo or not.
    """
    today = clock.today()
    diary = _Diary(today)
    with _bells_muted(), write() as session:
        with clock.stand_at(_at(diary.first, OPENS)):
            logins = _found()
        diary.write_down(_colleague(session, 1))
        _live(session, diary, today)
    _mail()
    sealing.seal()
    return logins


def seed_customers(customers: int) -> None:
    """That many customers with a monthly contract each that is due today, for load. NotAllowed in a live house."""
    if company.get_company().mode == "live":
        raise NotAllowed("live_installation")
    load.seed_load(SYSTEM, customers, clock.today())


def _found() -> list[Login]:
    """The company with its logo, its team, its tags and its products."""
    company.found_company(SYSTEM, mode="sandbox", is_demo=True, **demo_data.COMPANY)
    logo_id = files.store(demo_logo.draw_logo(), "radwerk.png", "image/png", "logo")
    company.change_company(SYSTEM, {"logo_file_id": logo_id})
    logins = [Login(email, staff.add_staff(SYSTEM, email, role=role, name=name), role)
              for email, name, role in demo_data.STAFF]  # fmt: skip
    owner = _colleague(db.session(), 0)
    for name in demo_data.TAGS:
        tags.add_tag(owner, name)
    ids = {str(values["number"]): create_product(owner, values) for values in demo_data.PRODUCTS}
    for addon, plans in demo_data.ADDONS.items():
        assign_addon(owner, ids[addon], [ids[plan] for plan in plans])
    return logins


class _Diary:
    """What happened on which day, in the order in which it was written down."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.pages: dict[date, list[Callable[[], object]]] = defaultdict(list)
        self.first = min(self._day_of(c) for p in demo_data.PEOPLE for c in p.contracts) - _DAY
        self.mails_since = demo_data.MAILS_SINCE.on(today)

    def write_down(self, clerk: Actor) -> None:
        """Everybody comes with the first contract; the others follow on their days."""
        report_to = {"report_email": demo_data.REPORT_EMAIL}
        self.pages[self.mails_since].append(partial(company.change_company, clerk, report_to))
        for person in demo_data.PEOPLE:
            ids: list[int] = []
            first, *further = sorted(person.contracts, key=self._day_of)
            self.pages[self._day_of(first)].append(partial(self._welcome, clerk, person, first, ids))
            for contract in further:
                self.pages[self._day_of(contract)].append(partial(self._book_for, clerk, ids, contract))
            for when, action, reason in person.changes:
                self.pages[when.on(self.today)].append(partial(_change, clerk, ids, action, reason))

    def _day_of(self, contract: Contract) -> date:
        return (contract.taken_over or contract.starts).on(self.today)

    def _welcome(self, clerk: Actor, person: Person, contract: Contract, ids: list[int]) -> None:
        values = person.values | {"tags": person.tags}
        method = person.values.get("invoice_delivery_method", "mail")
        if method != "post" and clock.today() < self.mails_since:
            values["invoice_delivery_method"] = "post"
            change = {"invoice_delivery_method": method}
            self.pages[self.mails_since].append(lambda: update_customer(clerk, ids[0], change))
        ids.append(create_customer(clerk, values))
        self._book_for(clerk, ids, contract)

    def _book_for(self, clerk: Actor, ids: list[int], contract: Contract) -> None:
        starts_on = contract.starts.on(self.today)
        create_subscription(
            clerk,
            Order(
                customer_id=ids[0],
                plan=Booking(contract.article, contract.quantity),
                addons=tuple(Booking(number, contract.quantity) for number in contract.addons),
                starts_on=starts_on,
                next_event=_next_event(contract, starts_on, self.today),
                ends_on=contract.ends.on(self.today) if contract.ends else None,
            ),
        )


def _next_event(contract: Contract, starts_on: date, today: date) -> date | None:
    """The first period of a running contract that is ours to bill (D-13)."""
    if contract.taken_over is None:
        return None
    query = select(Product.interval_unit, Product.interval_count).where(Product.number == contract.article)
    row = db.session.execute(query).one()
    interval = Interval(Unit(row.interval_unit), row.interval_count)
    return shift(starts_on, interval, index_of(starts_on, interval, contract.taken_over.on(today)) + 1)


def _change(clerk: Actor, ids: list[int], action: str, reason: str) -> None:
    customer_status.change_status(clerk, ids[0], action, reason)


def _live(session: Session, diary: _Diary, today: date) -> None:
    """Day after day until yesterday, then what happened today so far; today's run is left to whoever looks."""
    for n in range((today - diary.first).days):
        day = diary.first + n * _DAY
        with clock.stand_at(_at(day, OFFICE)):
            _do_all(diary.pages[day])
        due = session.scalar(select(func.min(Subscription.next_billing_on)))
        if due is not None and due <= day:
            with clock.stand_at(_at(day, RUN_AT)):
                reports.report_run(billing_run.bill(day, SYSTEM).run_id)
    _do_all(diary.pages[today])


def _do_all(deeds: list[Callable[[], object]]) -> None:
    for deed in deeds:
        deed()


def _mail() -> None:
    """The mails of those days as they left then, with their papers, into the outbox. Other papers wait for a worker.

    Where a mail server is set they are stopped instead: nothing of a made-up past is sent to anybody.
    """
    has_server = bool(current_app.config["KONTOR"].smtp_url)
    end_reading()
    query = select(Message.id, Message.created_at).where(Message.state == "pending").order_by(Message.id)
    for row in db.session.execute(query).all():
        with clock.stand_at(row.created_at + MAILED_AFTER):
            messages.stop(SYSTEM, row.id) if has_server else messages.send(row.id)


def _colleague(session: Session, n: int) -> Actor:
    email, name, _ = demo_data.STAFF[n]
    return Actor("staff", session.scalars(select(Staff.id).where(Staff.email == email)).one(), name)


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=clock.BERLIN)


@contextmanager
def _bells_muted() -> Iterator[None]:
    """No worker is called to the mails and papers of the past: it would date them today."""
    heard, queues.url = queues.url, ""
    try:
        yield
    finally:
        queues.url = heard
