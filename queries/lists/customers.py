"""Customers and their tags."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, literal, not_, or_, select

from billing import words
from billing.states import states
from extensions import db
from models import Customer, CustomerTag, Receivable, Tag
from queries.house_credit import credit_sums, has_credit
from queries.lists.conditions import Condition, Narrow, Rows, equals, there_is
from queries.lists.finding import customer_words
from queries.lists.names import customer_name
from queries.lists.owing import OPEN
from queries.lists.shape import Listing, Sort

MANY = 1000  # customers of a tag are counted up to here
OFFERED_TAGS = 200  # a select with more than these nobody reads
_born, _owed, _worn = Customer.__table__.alias(), Receivable.__table__.alias(), CustomerTag.__table__.alias()


def _customers() -> Rows:
    return select(
        Customer.id, Customer.number, customer_name().label("name"), Customer.email, Customer.zipcode, Customer.city,
        Customer.customer_type, Customer.status, Customer.currency_code, Customer.created_at,
        _open_cents().label("open_cents"), _open_sums().label("open_sums"), credit_sums().label("credit_sums"),
    )  # fmt: skip


def _in_full() -> Rows:
    """What a file about customers should hold; bank data are not part of a list."""
    c = Customer
    return _customers().add_columns(
        c.organization, c.salutation, c.title_academic, c.first_name, c.last_name, c.address, c.address_2,
        c.country_code, c.phone, c.mobile, c.vat_id, c.language_code, c.payment_type, c.ext_uid,
    )  # fmt: skip


def _speaks_for_itself() -> ColumnElement[bool]:
    """Not merged into another record (D-11)."""
    return or_(Customer.survivor_id.is_(None), Customer.survivor_id == Customer.id)


def _open_cents() -> Any:
    """What is open in the customer's own currency, also of records merged in; indexes answer it for the page's rows."""
    sums = select(func.coalesce(func.sum(Receivable.open_cents), 0)).where(
        Receivable.customer_id.in_(select(_born.c.id).where(_born.c.survivor_id == Customer.id).correlate(Customer)),
        Receivable.currency_code == Customer.currency_code,
    )
    return sums.correlate(Customer).scalar_subquery()


def _open_sums() -> Any:
    """What is open in every currency, also of records merged in, as in `CHF:18600 EUR:8900` (cents)."""
    family = select(_born.c.id).where(_born.c.survivor_id == Customer.id).correlate(Customer)
    cents = func.sum(Receivable.open_cents)
    mine = select(Receivable.currency_code, cents.label("cents")).where(Receivable.customer_id.in_(family), OPEN)
    open_ = mine.group_by(Receivable.currency_code).having(cents != 0).correlate(Customer).subquery()
    each = open_.c.currency_code.concat(":").concat(cast(open_.c.cents, String))
    return select(func.aggregate_strings(each, " ")).scalar_subquery()


def _tagged(value: str) -> Condition | None:
    """By the tag's id, as the select has it."""
    return _with_tag(int(value)) if value.isascii() and value.isdecimal() and len(value) < 19 else None


def _tag_called(value: str) -> Condition:
    """By its name, however it is written; where there are too many tags for a select."""
    word = " ".join(words.query_words(value))[:80] or value.casefold()
    return _with_tag(select(Tag.id).where(Tag.word == word).scalar_subquery())


def _with_tag(tag_id: Any) -> Condition:
    return Condition(
        there_is(_worn.c.customer_id == Customer.id, _worn.c.tag_id == tag_id),
        select(CustomerTag.customer_id).where(CustomerTag.tag_id == tag_id),
        lambda query: (_join_tag(query, tag_id), CustomerTag.customer_id),
        orders=frozenset({"name"}),
    )


def _join_tag(query: Rows, tag_id: Any) -> Rows:
    return query.join(CustomerTag, and_(CustomerTag.customer_id == Customer.id, CustomerTag.tag_id == tag_id))


def _owing(today: date) -> Narrow:
    """Open: something is to be paid; overdue: since yesterday or longer; clear: nothing; credit: we owe them. What a
    merged record owed, its survivor owes."""
    theirs = _owed.c.customer_id.in_(select(_born.c.id).where(_born.c.survivor_id == Customer.id).correlate(Customer))
    open_of_row = there_is(theirs, _owed.c.open_cents > 0)
    late_of_row = there_is(theirs, _owed.c.open_cents > 0, _owed.c.due_on < today)
    opens = select(_born.c.survivor_id).join(Receivable, Receivable.customer_id == _born.c.id)
    opens = opens.where(OPEN, Receivable.open_cents > 0)
    meanings = {
        "open": Condition(open_of_row, opens),
        "overdue": Condition(late_of_row, opens.where(Receivable.due_on < today)),
        "clear": Condition(not_(open_of_row)),
        "credit": has_credit(),
    }
    return meanings.get


def customers(today: date) -> Listing:
    """Customers that were not merged or deleted."""
    return Listing(
        statement=_customers,
        in_full=_in_full,
        key=Customer.id,
        base=(_speaks_for_itself(), Customer.erased_at.is_(None)),
        sorts={"number": Sort((Customer.number,)), "name": Sort((Customer.sort_name,))},
        narrows={
            "status": equals(Customer.status, states("customer"), Customer.id),
            "customer_type": equals(Customer.customer_type, frozenset({"business", "consumer"}), Customer.id),
            "tag": _tagged,
            "tag_name": _tag_called,
            "owing": _owing(today),
        },
        search=lambda text: customer_words(Customer.id, Customer.id, text),
    )


def _tags() -> Rows:
    some = select(literal(1)).where(CustomerTag.tag_id == Tag.id).correlate(Tag).limit(MANY + 1).subquery()
    used = select(func.count()).select_from(some).scalar_subquery()
    return select(Tag.id, Tag.name, used.label("customers"), Tag.created_at)


def _named(text: str) -> list[Condition]:
    """The tag's name begins with the words; there are as many tags as somebody thought of."""
    word = " ".join(words.query_words(text)) or text.casefold()
    return [Condition(Tag.word.startswith(word, autoescape=True))]


TAGS = Listing(
    statement=_tags, key=Tag.id, order="name", sorts={"name": Sort((Tag.word,))}, search=_named,
)  # fmt: skip


def offered_tags() -> list[tuple[int, str]]:
    """(id, name) for the select of a filter, by name. One statement."""
    query = select(Tag.id, Tag.name).order_by(Tag.word).limit(OFFERED_TAGS + 1)
    return [(row.id, row.name) for row in db.session.execute(query)]
