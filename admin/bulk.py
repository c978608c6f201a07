"""Deeds for the rows that were ticked: asked in a dialog, done row by row, each by its own service call, and told
honestly: so many done, and which were not, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext, ngettext

from admin.asking import this_page
from admin.fields import Form
from admin.lists import row_id
from admin.people import actor, may
from admin.refusal_words import REFUSALS
from admin.refusals import in_words
from admin.session import safe_target
from billing.errors import AlreadyDone, Invalid, KontorError
from queries.lists import listing, shape
from services.actor import Actor

MOST = 500  # rows at once; a page has 100 at most
NAMED = 10  # rows that the question names


@dataclass(frozen=True, slots=True)
class Bulk:
    """A deed for many. `what` says for so many rows what will happen, `told` adds the figures of the chosen ones; `do`
    is one service call for one row's id; `said` is the sentence after it."""

    name: str
    label: Any
    permission: str
    what: Callable[[int], str]
    do: Callable[[Actor, int, Any], Any]
    form: Callable[[], Form] = Form
    danger: bool = False
    instead: Callable[[Sequence[int], str], ResponseReturnValue] | None = None  # it asks on a page of its own
    told: Callable[[Sequence[int]], Sequence[str]] = lambda ids: ()
    able: Callable[[Sequence[int]], Sequence[int]] = lambda ids: ids  # those it works for, as they stand
    said: Callable[[int, Any], str] | None = None  # what is read when so many are done, with the form's values


@dataclass(frozen=True, slots=True)
class Refused:
    """A row for which it did not work."""

    id: int
    name: str
    reason: str


class ForMany:
    """Mixed into a list screen, before it. `deeds["many"]` lets a person reach the deeds at all; each asks for its own
    permission besides."""

    bulk: tuple[Bulk, ...] = ()

    def bulk_of_person(self) -> list[Bulk]:
        """What the person may do with ticked rows."""
        return [each for each in self.bulk if may(each.permission)]

    @expose("/many/<action>/", methods=("GET", "POST"))
    def many(self: Any, action: str) -> ResponseReturnValue:
        """The question (GET) and the deed (POST)."""
        deed = next((each for each in self.bulk if each.name == action), None) or abort(404)
        if not may(deed.permission):
            abort(403)
        back = safe_target(request.values.get("next")) or self.get_url(".index_view")
        ids = self.chosen()
        if not 0 < len(ids) <= MOST:
            flash(_amiss(len(ids)), "bad")
            return redirect(back)
        if deed.instead is not None:
            return deed.instead(ids, back)
        form = deed.form()
        if form.validate_on_submit():
            done, refused = _each(ids, lambda number: deed.do(actor(), number, form), form, self.names_of(ids))
            if not form.errors and not any(field.errors for field in form):
                return self.told(deed, _sentence(deed, done, form), refused, back)
        return self.ask(deed, form, ids, back)

    def chosen(self) -> list[int]:
        """The ids that were ticked."""
        return chosen()

    def ask(self: Any, deed: Bulk, form: Form, ids: Sequence[int], back: str) -> ResponseReturnValue:
        called, able = self.names_of(ids), set(deed.able(ids))
        names = [name for name in (called.get(number) for number in ids if number in able) if name][:NAMED]
        others = [called.get(number) or f"{number}" for number in ids if number not in able]
        return self.render(
            "admin/many.html", title=deed.label, deed=deed, form=form, ids=ids, names=names, back_to=back,
            action=this_page(), verb=deed.label, danger=deed.danger,
            extra={"next": back}, more=len(able) - len(names), able=len(able),
            others=others, told=deed.told([number for number in ids if number in able]),
        )  # fmt: skip

    def told(self: Any, deed: Bulk, said: str, refused: list[Refused], back: str) -> ResponseReturnValue:
        """A sentence where all went well, a page where not."""
        if not refused:
            flash(said, "good")
            return redirect(back)
        return self.render("admin/many_result.html", title=deed.label, said=said, refused=refused, back_to=back)

    def names_of(self: Any, ids: Sequence[int]) -> dict[int, str]:
        """What the list calls these rows, in one statement; unknown ones are missing."""
        name = self.lead or self.columns[0].name
        rows = listing.page(self.get_listing(), shape.Wish(ids=tuple(ids)), len(ids)).rows
        return {row.id: str(getattr(row, name) or "") for row in rows}


def chosen() -> list[int]:
    """The ids that were ticked, each once; what is no id is none."""
    return list(dict.fromkeys(number for number in map(row_id, request.values.getlist("id")) if number))


def _sentence(deed: Bulk, done: int, form: Form) -> str:
    """What was done, in a sentence; nothing where nothing was."""
    if not done:
        return ""
    return deed.said(done, form) if deed.said else ngettext("%(num)s row done.", "%(num)s rows done.", done)


def _amiss(count: int) -> str:
    if not count:
        return gettext("Nothing is selected. Please tick the rows first.")
    return gettext("These are %(count)s rows. At most %(most)s can be done at once.", count=count, most=MOST)


def _each(ids: Sequence[int], do: Callable[[int], Any], form: Form, names: dict[int, str]) -> tuple[int, list[Refused]]:
    """How many are done, and which are not. What a field of the form is to blame for stops at once and stands there."""
    done, refused = 0, []
    for number in ids:
        try:
            do(number)
            done += 1
        except AlreadyDone as error:
            if error.code in REFUSALS:  # it has a sentence of its own: nobody did it just now
                refused.append(Refused(number, names.get(number) or f"{number}", in_words(error)))
            else:
                done += 1
        except KontorError as error:
            field = form._fields.get(str(error.facts.get("field", ""))) if isinstance(error, Invalid) else None
            if field is not None:
                field.errors = [*field.errors, in_words(error)]
                return done, refused
            refused.append(Refused(number, names.get(number) or f"{number}", in_words(error)))
    return done, refused
