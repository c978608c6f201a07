"""The demo company of a first start: fourteen months of a bicycle workshop, lived through by the real services.

    people and contracts --clock standing at their days--> deeds; a run on every day that has something due; payments
        --committed at once--> the mails of the last days --> the audit trail sealed

Everything up to the last run is one transaction: a start that is killed in the middle leaves nothing half made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.errors import NotAllowed
from extensions import db, queues
from models import Message, Staff, Subscription
from services import (
    billing_run,
    clock,
    company,
    contract_days,
    demo_data,
    demo_logins,
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
from services.demo_diary import Diary, Team
from services.demo_firms import FIRMS
from services.demo_hours import MAILED_AFTER, OFFICE, OPENS, RUN_AT, at
from services.demo_mailbox import mailbox_gone
from services.demo_payments import bring_statement, carry_charges
from services.demo_people import PEOPLE
from services.products import assign_addon, create_product
from services.unit import end_reading, write

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Login:
    """Who can log in, with the password in clear, this once."""

    email: str
    password: str
    role: str


def seed_demo() -> list[Login]:
    """Make the demo company with its history until yesterday; a few contracts are due today. Some six seconds.

    Gives the logins. Raises AlreadyDone("company_exists") where a company is, demo or not.
    """
    today = clock.today()
    diary = Diary(today, (*PEOPLE, *FIRMS))
    with _bells_muted(), write() as session:
        with clock.stand_at(at(diary.first, OPENS)):
            logins = _found()
        diary.write_down(Team(*(_colleague(session, n) for n in range(3))))
        _live(session, diary, today)
        demo_logins.give_logins(session, _colleague(session, 1), today)
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


def _live(session: Session, diary: Diary, today: date) -> None:
    """Day after day until yesterday, then what happened today so far; today's run is left to whoever looks."""
    for n in range((today - diary.first).days):
        day = diary.first + n * _DAY
        with clock.stand_at(at(day, OFFICE)):
            contract_days.follow_all()
            diary.live(day)
            diary.follow_money(day)
        due = session.scalar(select(func.min(Subscription.next_billing_on)))
        if due is not None and due <= day:
            with clock.stand_at(at(day, RUN_AT)):
                run = billing_run.bill(day, SYSTEM)
                if run.counts.charging:
                    carry_charges()
                reports.report_run(run.run_id)
            diary.expect_payments(day)
    diary.live(today)
    bring_statement(diary.team.books, today)


def _mail() -> None:
    """The mails of those days as they left then, with their papers, into the outbox. Other papers wait for a worker.

    Where a mail server is set they are stopped instead: nothing of a made-up past is sent to anybody.
    """
    has_server = bool(current_app.config["KONTOR"].smtp_url)
    end_reading()
    query = select(Message.id, Message.created_at, Message.recipient).where(Message.state == "pending")
    for row in db.session.execute(query.order_by(Message.id)).all():
        with clock.stand_at(row.created_at + MAILED_AFTER):
            if has_server:
                messages.stop(SYSTEM, row.id)
            elif row.recipient == demo_data.MAILBOX_GONE:
                with mailbox_gone():
                    messages.send(row.id)
            else:
                messages.send(row.id)


def _colleague(session: Session, n: int) -> Actor:
    email, name, _ = demo_data.STAFF[n]
    return Actor("staff", session.scalars(select(Staff.id).where(Staff.email == email)).one(), name)


@contextmanager
def _bells_muted() -> Iterator[None]:
    """No worker is called to the mails and papers of the past: it would date them today."""
    heard, queues.url = queues.url, ""
    try:
        yield
    finally:
        queues.url = heard
