"""Who has paid credit in the house (D-9), as a condition on the list of customers, and how much in each currency.

Credit that nobody uses stands in no other list: an advance, what a cancelled invoice left, one of two charges of it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, literal_column, select
from sqlalchemy.orm import aliased

from models import Customer, Posting
from queries.lists.conditions import Condition, Rows

_IS_CREDIT = Posting.account == literal_column("'credit'")  # the index's own condition, in the spelling SQLite knows
_CENTS = -func.sum(Posting.amount_cents)
_born, _holder = aliased(Customer), aliased(Customer)


def has_credit() -> Condition:
    """As a condition on customers that speak for themselves: in whatever currency, merged records' among it.

    The members begin with the records that have some of their own; one that was merged may have used another's.
    """
    some = select(Posting.customer_id).where(_IS_CREDIT).group_by(Posting.customer_id, Posting.currency_code)
    own = some.having(_CENTS > 0).subquery()
    members = select(_holder.survivor_id).join(own, own.c.customer_id == _holder.id)
    return Condition(_has_some(Customer, Customer.id), members.where(_has_some(_holder, _holder.survivor_id)))


def credit_sums() -> Any:
    """Of the customer in a row, in every currency, as in `CHF:700 EUR:1000` (cents); empty where there is none."""
    left = _of_family(Customer, Customer.id, Posting.currency_code, _CENTS.label("cents")).subquery()
    each = left.c.currency_code.concat(":").concat(cast(left.c.cents, String))
    return select(func.aggregate_strings(each, " ")).scalar_subquery()


def _has_some(table: Any, key: Any) -> ColumnElement[bool]:
    return _of_family(table, key, literal_column("1")).limit(1).scalar_subquery().is_not(None)


def _of_family(table: Any, key: Any, *columns: Any) -> Rows:
    """By currency, what is left of the record `key` of the table's row and of those merged into it."""
    family = select(_born.id).where(_born.survivor_id == key).correlate(table)
    mine = select(*columns).where(_IS_CREDIT, Posting.customer_id.in_(family))
    return mine.group_by(Posting.currency_code).having(_CENTS > 0).correlate(table)
