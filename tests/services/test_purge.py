"""Of a deleted record goes what its time is over for: never a day earlier, never of a held one (RET-1, DSG-2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from billing.money import Money
from billing.periods import Interval, Unit
from extensions import db
from models import Activity, Customer, Deletion, InvoiceLine, Message, Purge, Receivable
from models.fates import BOOKS, VOUCHERS
from models.guarded import OPENINGS, PURGEABLE
from services import billing_run, clock, customers, papers, payments, products, purge, retention
from services.actor import SYSTEM
from services.checks import check_books
from services.customer_erasure import delete_customer
from services.subscriptions import Booking, Order, create_subscription
from services.unit import end_reading, write
from tests.services.canaries import World, fill
from tests.services.shop import findings

pytestmark = pytest.mark.usefixtures("context")
TODAY = date(2026, 11, 22)
LAST, FIRST = date(2034, 12, 31), date(2035, 1, 1)


@pytest.fixture
def deleted() -> Iterator[World]:
    """A deleted record of 2026 with one row in every table."""
    with clock.stand_at(TODAY):
        world = fill("A", 1001)
        delete_customer(SYSTEM, world.number, "asked")
        end_reading()
    yield world


def night(on: date) -> None:
    end_reading()
    with clock.stand_at(on):
        while purge.purge_some():
            pass
    end_reading()


def left(world: World) -> set[tuple[str, str]]:
    """Where a word of theirs still stands."""
    rows = repr([db.session.execute(text(f'SELECT * FROM "{name}"')).all() for name in db.metadata.tables])
    end_reading()
    return {place for place, word in world.words.items() if word in rows}


@pytest.mark.feature("RET-1")
@pytest.mark.parametrize(("law", "first"), [(VOUCHERS, FIRST), (BOOKS, date(2037, 1, 1))])
def test_the_first_day_on_which_something_of_2026_may_go(law: object, first: date) -> None:
    issued = date(2026, 11, 21)
    assert law in (VOUCHERS, BOOKS)
    chosen = VOUCHERS if law is VOUCHERS else BOOKS
    assert retention.may_go(issued, chosen, first) and not retention.may_go(
        issued, chosen, date(first.year - 1, 12, 31)
    )
    assert retention.first_kept(chosen, first) > issued >= retention.first_kept(chosen, date(first.year - 1, 12, 31))


@pytest.mark.feature("RET-1")
def test_mails_go_after_six_years_and_papers_after_eight(deleted: World) -> None:
    all_of_it = left(deleted)
    night(date(2032, 12, 31))
    assert left(deleted) == all_of_it
    night(date(2033, 1, 1))
    assert ("messages", "body") in all_of_it and {table for table, _ in all_of_it - left(deleted)} == {"messages"}
    night(LAST)
    assert ("invoices", "buyer") in left(deleted)
    night(FIRST)
    emptied = {(table, column) for table, opening in OPENINGS.items() for column, _ in opening.blank}
    assert left(deleted) & emptied == set()


@pytest.mark.feature("DSG-2")
def test_what_a_deletion_of_before_left_of_mails_about_access_goes_the_next_night(deleted: World) -> None:
    with write() as session:
        session.add(Message(event="x:1", template="customer_invitation", recipient="a@example.com", state="sent",
                            customer_id=deleted.number, body="Willkommen"))  # fmt: skip
    night(TODAY)
    assert [row.template for row in db.session.query(Message).filter_by(template="customer_invitation")] == []
    assert db.session.query(Message).filter_by(customer_id=deleted.number).count() == 1


@pytest.mark.feature("DSG-2")
def test_the_log_and_the_trail_say_what_was_purged_and_twice_is_once(deleted: World) -> None:
    night(FIRST)
    night(FIRST)
    (row,) = db.session.query(Deletion).filter_by(outcome="purged", customer_id=deleted.number)
    assert row.gone == {"files": 1, "invoices": 1, "messages": 1, "payments": 1, "vat_checks": 1}
    assert db.session.query(Activity).filter_by(code="customer.purged").count() == 1


def test_a_record_that_is_held_keeps_everything(deleted: World) -> None:
    with write() as session:
        session.query(Customer).filter_by(id=deleted.number).update({"legal_hold": True})
    before = left(deleted)
    night(FIRST)
    assert left(deleted) == before


def test_a_living_customer_keeps_everything() -> None:
    world = fill("B", 2001)
    before = left(world)
    night(FIRST)
    assert left(world) == before


@pytest.mark.feature("GOB-1")
@pytest.mark.parametrize("subject", sorted(PURGEABLE))
@pytest.mark.parametrize("day", [LAST, FIRST])
def test_the_guard_itself_asks_whether_the_time_is_over(deleted: World, subject: str, day: date) -> None:
    if day == FIRST:
        note(subject, deleted.number, day)
        return
    with pytest.raises(DatabaseError, match="its time is not over"):
        note(subject, deleted.number, day)


@pytest.mark.feature("GOB-1")
def test_a_live_house_purges_nothing_of_a_day_that_has_not_come(deleted: World) -> None:
    with write() as session:
        session.execute(text("UPDATE company SET mode = 'live'"))
    with pytest.raises(DatabaseError, match="its time is not over"):
        note("invoices", deleted.number, FIRST)


@pytest.mark.feature("GOB-1")
@pytest.mark.parametrize(
    "change",
    ["gross_cents = gross_cents + 1", "number = 'X'", "issued_on = '2020-01-01'", "buyer = '{\"name\":\"X\"}'",
     "buyer_name = 'Jemand'"],
)  # fmt: skip
def test_an_invoice_that_was_purged_can_be_emptied_and_nothing_else(deleted: World, change: str) -> None:
    note("invoices", deleted.number, FIRST)
    blank = ", ".join(
        f"{name} = {value}" for name, value in OPENINGS["invoices"].blank if not change.startswith(f"{name} ")
    )
    with pytest.raises(DatabaseError, match="the invoice is issued"):
        run(f"UPDATE invoices SET {blank}, {change} WHERE id = {deleted.number}")
    with pytest.raises(DatabaseError, match="the invoice is issued"):
        run(f"DELETE FROM invoices WHERE id = {deleted.number}")


@pytest.mark.feature("GOB-1")
@pytest.mark.parametrize("table", sorted(OPENINGS))
def test_without_a_row_of_purges_nothing_is_emptied(deleted: World, table: str) -> None:
    blank = ", ".join(f"{name} = {value}" for name, value in OPENINGS[table].blank)
    with pytest.raises(DatabaseError):
        run(f"UPDATE {table} SET {blank} WHERE id = {deleted.number}")


def note(subject: str, row_id: int, day: date) -> None:
    end_reading()
    with write() as session:
        session.add(Purge(subject=subject, row_id=row_id, purged_on=day))


def run(statement: str) -> None:
    end_reading()
    with write() as session:
        session.execute(text(statement))


@pytest.mark.feature("RET-1")
@pytest.mark.feature("L3")
def test_the_books_and_the_series_hold_after_a_purge() -> None:
    month = Interval(Unit.MONTH, 1)
    products.create_product(SYSTEM, {"number": "P", "title": "Plan", "unit_price": 10, "interval": month})
    with clock.stand_at(date(2026, 1, 1)):
        people = [customers.create_customer(SYSTEM, {"last_name": name, "address": "Weg 1", "zipcode": "20095",
                                                     "city": "Kiel"}) for name in ("Bleibt", "Geht")]  # fmt: skip
        for number in people:
            create_subscription(
                SYSTEM, Order(number, Booking("P"), starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 1))
            )
        billing_run.bill(date(2026, 2, 1), SYSTEM)
    with clock.stand_at(date(2026, 4, 1)):
        billing_run.bill(date(2026, 4, 1), SYSTEM)
        for debt in db.session.query(Receivable).filter_by(customer_id=people[1]).all():
            payments.record_payment(SYSTEM, debt.id, Money(debt.open_cents, "EUR"), reference="Geht zahlt")
        for paper in papers.waiting(10):
            papers.draw(paper)
        delete_customer(SYSTEM, people[1])
    night(FIRST)
    for table in ("invoices", "payments"):
        assert "Geht" not in repr(db.session.execute(text(f"SELECT * FROM {table}")).all())
    assert {row.title for row in db.session.query(InvoiceLine)} == {"Plan", ""}
    assert db.session.query(Message).filter_by(customer_id=people[1]).count() == 0
    with clock.stand_at(FIRST):
        assert findings() == [] and check_books().ok
