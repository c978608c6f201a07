"""One-time codes: six digits, ten minutes, five tries, one use; the newest one counts; the database keeps a digest."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from billing.errors import NotAllowed
from extensions import db
from models import Activity, Customer, CustomerCode, Message
from services import accountdata, clock, customer_codes, customers
from services.accountdata import Confirmation
from services.actor import SYSTEM
from services.code_digits import code_of
from services.mail_facts import facts_of
from services.unit import end_reading, write

DAY = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OLD, NEW = "alt@kundin.example", "neu@kundin.example"


@pytest.fixture
def customer(context: Flask) -> int:
    return customers.create_customer(SYSTEM, {"last_name": "Öztürk", "email": OLD})


def ask(customer: int, email: str = NEW) -> str:
    """Wish for another address; gives the code as the mail says it."""
    end_reading()
    seen = db.session.get_one(Customer, customer).version
    assert accountdata.change(customer, {"email": email}, seen=seen).waiting == ("email",)
    return newest()


def newest() -> str:
    end_reading()
    row = db.session.scalars(select(CustomerCode).order_by(CustomerCode.id.desc()).limit(1)).one()
    return code_of(row)


def email_of(customer: int) -> str:
    end_reading()
    return db.session.get_one(Customer, customer).email


def age(by: timedelta) -> None:
    """Let the codes be as old as that."""
    with write() as session:
        for row in session.scalars(select(CustomerCode)):
            session.execute(update(CustomerCode).where(CustomerCode.id == row.id).values(
                created_at=row.created_at - by, expires_at=row.expires_at - by))  # fmt: skip


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.mark.feature("S3")
def test_the_mail_says_the_code_and_the_database_only_its_digest(customer: int) -> None:
    code = ask(customer)
    assert re.fullmatch(r"\d{6}", code)
    (row,) = db.session.scalars(select(CustomerCode))
    (mail,) = db.session.scalars(select(Message))
    assert code not in repr((row.code_digest, row.wanted, row.sent_to, mail.facts)) and len(row.code_digest) == 64
    assert facts_of("customer_code", "de", None, mail.facts)["code"] == code
    assert mail.recipient == row.sent_to == OLD


@pytest.mark.feature("S3")
def test_a_code_serves_once(customer: int) -> None:
    code = ask(customer)
    assert accountdata.confirm(customer, f" {code[:3]} {code[3:]} ") == Confirmation("done", ("email",))
    assert email_of(customer) == NEW
    assert accountdata.confirm(customer, code) == Confirmation("over")


@pytest.mark.feature("S3")
def test_a_code_is_over_after_ten_minutes(customer: int) -> None:
    code = ask(customer)
    age(timedelta(minutes=10))
    assert accountdata.confirm(customer, code) == Confirmation("over") and email_of(customer) == OLD
    accountdata.send_again(customer)
    assert accountdata.confirm(customer, newest()).state == "done" and email_of(customer) == NEW


@pytest.mark.feature("S3")
def test_after_five_wrong_tries_the_right_code_comes_too_late(customer: int) -> None:
    code = ask(customer)
    states = [accountdata.confirm(customer, wrong(code)).state for _ in range(5)]
    assert states == ["wrong"] * 5
    assert accountdata.confirm(customer, code) == Confirmation("over") and email_of(customer) == OLD
    end_reading()
    assert db.session.scalars(select(CustomerCode.wanted)).one() == {}
    assert db.session.scalars(select(Activity.code).where(Activity.code == "customer.code_guessed")).all()


@pytest.mark.feature("S3")
def test_a_new_code_ends_the_old_one_and_its_wish(customer: int) -> None:
    first = ask(customer)
    second = ask(customer, "dritte@kundin.example")
    if first != second:
        assert accountdata.confirm(customer, first).state == "wrong"
    assert accountdata.confirm(customer, second).state == "done"
    assert email_of(customer) == "dritte@kundin.example"


@pytest.mark.feature("S3")
def test_codes_are_limited_for_an_hour_and_not_for_ever(customer: int) -> None:
    for _ in range(customer_codes.PER_HOUR):
        ask(customer)
    with pytest.raises(NotAllowed) as refusal:
        ask(customer)
    assert refusal.value.code == "too_many_codes"
    age(timedelta(hours=1))
    assert ask(customer)


@pytest.mark.feature("S3")
def test_the_limit_counts_for_a_mailbox_that_several_records_share(customer: int) -> None:
    other = customers.create_customer(SYSTEM, {"last_name": "Zwei", "email": OLD})
    for key in (customer, other, customer, other, customer):
        ask(key)
    with pytest.raises(NotAllowed):
        ask(other)


@pytest.mark.feature("S3")
def test_of_many_tries_at_the_same_moment_five_count(app: Flask, customer: int) -> None:
    code = ask(customer)
    end_reading()
    barrier, states = threading.Barrier(20), []

    def guess() -> None:
        with app.app_context(), clock.stand_at(DAY):
            barrier.wait()
            states.append(accountdata.confirm(customer, wrong(code)).state)
            db.session.remove()

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states) == ["over"] * 15 + ["wrong"] * 5


def test_a_discarded_wish_is_gone(customer: int) -> None:
    code = ask(customer)
    accountdata.discard(customer)
    assert accountdata.confirm(customer, code).state == "over"
    end_reading()
    assert db.session.scalars(select(CustomerCode.wanted)).one() == {}


def test_a_wish_that_became_impossible_stores_nothing_and_leaves_the_code(customer: int) -> None:
    """Whatever staff did meanwhile: the change is checked again when it is done."""
    code = ask(customer)
    with write() as session:
        session.execute(update(Customer).values(status="deactivated"))
    with pytest.raises(NotAllowed):
        accountdata.confirm(customer, code)
    assert email_of(customer) == OLD


@pytest.fixture(autouse=True)
def standing_clock() -> Iterator[None]:
    with clock.stand_at(DAY):
        yield


@pytest.mark.parametrize(
    ("address", "shown"), [("k@example.com", "k•••@example.com"), ("", ""), ("anke.meier@x.example", "a•••@x.example")]
)
def test_an_address_is_masked_for_strangers(address: str, shown: str) -> None:
    assert customer_codes.masked(address) == shown
