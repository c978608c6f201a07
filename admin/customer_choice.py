"""Choosing a customer in a form: by number, or by any words that find one; with suggestions where a script runs."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from admin.people import may
from billing.errors import Invalid, NotFound
from queries.lists import listing
from queries.lists.customers import customers
from queries.lists.shape import Wish
from services import clock

MOST = 10
_BETWEEN = " · "


def choice(number: str, name: str) -> str:
    """How a customer stands in the field."""
    return f"{number}{_BETWEEN}{name}"


def number_in(typed: str) -> str:
    """The number at the beginning of what was typed or chosen."""
    return typed.split(_BETWEEN)[0].strip()


def with_suggestions(field: Any, address: str) -> None:
    """A field that a person fills with the help of js/suggest.js."""
    field.render_kw = {**(field.render_kw or {}), "data-suggest": address, "autocomplete": "off"}


def customer_of(typed: str, field: str = "customer_id", but: int = 0) -> int:
    """The id of the customer that was typed or chosen; never that of `but`.

    Raises NotFound("unknown_customer"), and Invalid("several_customers", names=...) where the words find more than one.
    """
    number = number_in(typed)
    rows = _found(number, but)
    exact = [row for row in rows if row[1].casefold() == number.casefold()]
    if not exact and typed != number:  # the number of a merged record finds its survivor alone
        rows = _found(typed, but) or rows
    rows = exact or rows
    if not rows:
        raise NotFound("unknown_customer", field=field)
    if len(rows) > 1:
        raise Invalid(field, "several_customers", names=", ".join(choice(n, name) for _, n, name in rows[:5]))
    return rows[0][0]


class CustomerChoice:
    """Mixed into a screen with such a field: the suggestions, for those who may see customers."""

    @expose("/suggest/")
    def suggest(self) -> ResponseReturnValue:
        typed = request.args.get("q", "")[:100]
        rows = _found(typed) if may("customers.read") and len(typed.strip()) > 1 else []
        return jsonify(choices=[choice(number, name) for _, number, name in rows])


def _found(text: str, but: int = 0) -> list[tuple[int, str, str]]:
    if not text.strip():
        return []
    rows = listing.page(customers(clock.today()), Wish(search=text), MOST).rows
    return [(row.id, row.number, row.name or "") for row in rows if row.id != but]
