"""A record and those that were merged into it.

Frozen rows (invoices, payments, postings, activities, messages ...) keep the id they were born with when records are
merged (docs/architecture.md), so whoever reads them for a customer asks for the family and not for one id.
"""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from models import Customer

_member = aliased(Customer)


def family_of(customer_id: int) -> Select[int]:
    """The ids of the surviving record and of all that were merged into it, for an IN; one indexed read.

    An alias of its own, so that a statement that has customers already does not correlate with it.
    """
    return select(_member.id).where(_member.survivor_id == customer_id)
