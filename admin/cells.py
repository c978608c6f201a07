"""The cells of a list as HTML. Drawn here and not in the template: a page has hundreds, and most repeat each other.

Everything that is not a constant of this file goes through `escape`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext
from markupsafe import Markup, escape

from admin import deed_words, formats, problem_words, words
from admin.columns import Column
from admin.door import opens
from billing import numbering
from services import clock

Drawn = Callable[[Any], str]  # a row -> safe HTML
WITHOUT_LABEL = frozenset({"link", "document", "state", "kind"})  # on a phone these say themselves what they are
MANY = 1000  # as in queries/lists: counted no further
_OBJECTS = {
    "customer": "admin_customers", "invoice": "admin_invoices", "subscription": "admin_subscriptions",
    "run": "admin_runs", "message": "admin_messages", "product": "admin_products",
    "payment": "admin_payments", "refund": "admin_refunds",
}  # fmt: skip


def rows_as_html(columns: Sequence[Column], rows: Sequence[Any], lead: str) -> list[Markup]:
    """The cells of each row, ready for its <tr>."""
    drawers = [(_open_tag(column, lead, column is columns[-1]), _of_cell(column)) for column in columns]
    return [Markup("".join(f"{tag}{draw(row)}</td>" for tag, draw in drawers)) for row in rows]


def _of_cell(column: Column) -> Drawn:
    own = _kept(_drawer(column), column)
    return own if column.under is None else _with_line_below(own, column.under)


def _with_line_below(own: Drawn, under: Column) -> Drawn:
    below = _kept(_drawer(under), under)

    def drawn(row: Any) -> str:
        said = getattr(row, under.name)
        return (
            own(row)
            if not said or said == under.usual
            else f'{own(row)}<span class="soft small under">{below(row)}</span>'
        )

    return drawn


def _open_tag(column: Column, lead: str, is_last: bool) -> str:
    names = [f"is-{column.kind}", f"col-{column.name}"]
    names += ["lead"] if column.name == lead else []
    names += ["num"] if column.is_number else []
    names += ["last"] if column.is_sum and is_last else []
    label = "" if column.kind in WITHOUT_LABEL else f' data-label="{escape(formats.headed(column.label))}"'
    return f'<td class="{" ".join(names)}"{label}>'


def _kept(draw: Drawn, column: Column) -> Drawn:
    """The same day, state or sum comes many times on a page: it is drawn once."""
    needs = _NEEDS.get(column.kind)
    if needs is None:
        return draw
    names, known = (column.name, *needs), {}  # type: tuple[str, ...], dict[Any, str]

    def drawn(row: Any) -> str:
        key = tuple(getattr(row, name) for name in names)
        if key not in known:
            known[key] = draw(row)
        return known[key]

    return drawn


# Beside its own value, what else a cell of that kind depends on.
_NEEDS: dict[str, tuple[str, ...]] = {
    "money": ("currency_code",), "price": ("currency_code",), "day": (), "last_day": (), "state": (), "yes_no": (),
    "kind": (), "due": ("open_cents",), "rhythm": ("interval_count",), "account": (), "number": (), "quantity": (),
}  # fmt: skip


def _drawer(column: Column) -> Drawn:
    name = column.name
    spelled = _SPELLED.get(column.kind)
    if spelled is not None:
        return lambda row: str(escape(spelled(column, getattr(row, name), row)))
    if column.kind in _LINKED:
        return _link(column, _LINKED[column.kind])
    if column.kind in ("state", "yes_no"):
        return lambda row: badge(column.of or "yes_no", getattr(row, name))
    if column.kind == "due":
        return lambda row: _due(getattr(row, name), row.open_cents)
    if column.kind == "object":
        return lambda row: _object(getattr(row, name), row.object_id, row.object_name)
    return lambda row: str(escape("" if getattr(row, name) is None else getattr(row, name)))


_SPELLED: dict[str, Callable[[Column, Any, Any], Any]] = {
    "money": lambda _c, value, row: formats.money(value, row.currency_code),
    "price": lambda _c, value, row: formats.price(value, row.currency_code),
    "sums": lambda _c, value, _row: formats.sums(value),
    "quantity": lambda _c, value, _row: formats.quantity(value),
    "worth": lambda _c, value, row: worth(value, row.amount_cents, row.currency_code),
    "uses": lambda _c, value, row: uses(value, row.uses_max),
    "number": lambda _c, value, _row: formats.quantity(value),
    "next_number": lambda _c, value, row: _next_number(value, row),
    "day": lambda _c, value, _row: formats.day(value),
    "last_day": lambda _c, value, _row: formats.day(formats.last_day(value)),
    "moment": lambda _c, value, _row: formats.moment(value),
    "kind": lambda c, value, _row: words.kind_label(c.of, value),
    "problem": lambda _c, value, _row: problem_words.problem_label(value),
    "account": lambda _c, value, _row: words.account_label(value),
    "rhythm": lambda _c, value, row: words.rhythm(value, row.interval_count),
}
_LINKED: dict[str, Callable[[Column, Any, Any], Any]] = {
    "link": lambda _c, value, _row: value,
    "document": lambda _c, value, row: value or words.nameless(row.state),
    "link_day": lambda _c, value, _row: formats.day(value),
    "link_moment": lambda _c, value, _row: formats.moment(value),
    "link_deed": lambda _c, value, _row: deed_words.deed_label(value),
    "link_kind": lambda c, value, _row: words.kind_label(c.of, value),
    "about": lambda _c, value, _row: about(value),
}


def worth(percent: Any, amount_cents: int | None, currency: str | None) -> str:
    """What a coupon gives: so many percent, or an amount."""
    return formats.percent(percent) if percent is not None else formats.money(amount_cents, currency)


def uses(count: int, most: int) -> str:
    """How often, and how often at most: "3 / 10"."""
    return f"{formats.quantity(count)} / {formats.quantity(most)}" if most else formats.quantity(count)


def _next_number(value: int, row: Any) -> str:
    """As it will stand on the next document; a yearly counter begins anew though nothing was drawn yet."""
    year = clock.today().year
    anew = row.yearly and row.newest_year is not None and row.newest_year < year
    return numbering.format_number(row.pattern, year, row.first_value if anew else value)


def about(count: int) -> str:
    """A number that was counted up to a limit."""
    text = formats.quantity(min(count, MANY))
    return gettext("more than %(number)s", number=text) if count > MANY else text


def badge(machine: str, value: Any) -> str:
    """A state with its colour, the same everywhere."""
    label, tone = words.state_label(machine, value)
    return f'<span class="badge {escape(tone)}">{escape(label)}</span>'


def _link(column: Column, spell: Callable[[Column, Any, Any], Any]) -> Drawn:
    """To where the person may go; a plain text for who may not."""
    if not column.to or not opens(column.to):
        return lambda row: str(escape(spell(column, getattr(row, column.name), row) or ""))
    target = escape(url_for(column.to, **{column.arg: 0}).removesuffix("0"))

    def drawn(row: Any) -> str:
        number, text = getattr(row, column.id_from), spell(column, getattr(row, column.name), row) or ""
        return f'<a href="{target}{int(number)}">{escape(text) or "–"}</a>' if number else str(escape(text))

    return drawn


def _due(day: Any, open_cents: int | None) -> str:
    text = str(escape(formats.day(day)))
    late = day is not None and (open_cents or 0) > 0 and day < clock.today()
    return f"{text} {badge('receivable', 'overdue')}" if late else text


def _object(kind: str, number: int, name: str) -> str:
    text = escape(f"{words.kind_label('object', kind)} {name or number or ''}".rstrip())
    endpoint = f"{_OBJECTS[kind]}.details_view" if kind in _OBJECTS else ""
    return f'<a href="{escape(url_for(endpoint, id=number))}">{text}</a>' if endpoint and opens(endpoint) else str(text)
