"""Making and changing a record by form: the hint at records alike, and two people who edit at once (issue items 2)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from markupsafe import Markup

from admin.customer_form import values_of
from admin.deeds import Outcome, attempt
from admin.fields import Form
from admin.forms import spelled
from admin.handing_over import link_told
from admin.headlines import changed_fields
from admin.people import actor
from models import Customer
from queries.alike import Alike, Typed, find_alike
from queries.lists.names import name_of
from services import customer_edits
from services.customer_welcome import Welcomed


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that both touched: what this person typed, and what stands there now."""

    name: str
    label: str
    mine: str
    theirs: str


class CustomerEditing:
    """Mixed into the screen of the customers, before what makes it a form."""

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self: Any) -> ResponseReturnValue:
        form, found = self.new_form(), tuple[Alike, ...]()
        if form.validate_on_submit():
            found = find_alike(typed_in(request.form))
            if all(str(each.id) in request.form.getlist("seen") for each in found):
                outcome = attempt(lambda: self.create(form), form)
                if outcome.done:
                    return self.created(form, outcome.value)
                link_to_holder(form, outcome)
        return self.record_form(form, self.new_label, self.get_url(".index_view"), alike=found)

    def created(self: Any, form: Form, made: Welcomed) -> ResponseReturnValue:
        """To the new card; or first the link, where no mail brings it."""
        flash(gettext("Customer created, number %(number)s.", number=made.number), "good")
        card = self.get_url(".details_view", id=made.customer_id)
        if made.link is None:
            return redirect(card)
        return self.render(
            "admin/secret.html", title=gettext("Link for %(email)s", email=form.email.data), secret=made.link,
            back_to=card, next_step=link_told("invitation"),
        )  # fmt: skip

    @expose("/alike/", methods=("POST",))
    def alike(self: Any) -> ResponseReturnValue:
        """What is found so far, for js/alike.js. Sent as a form: an address must not stand in a log."""
        own = request.form.get("id", "")
        found = find_alike(typed_in(request.form), int(own) if own.isascii() and own.isdecimal() else 0)
        return self.render("admin/customer_alike.html", alike=found, is_new=not own)

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self: Any) -> ResponseReturnValue:
        row = self.require_row()
        number, form = row.id, self.form_of(row)
        seen, clashes = seen_by_form(), list[str]()
        if form.validate_on_submit():
            left, clashes = _chosen(form)
            if not clashes:
                outcome = attempt(lambda: self.store(form, number, seen, left), form)
                if outcome.done:
                    return self.stored(number, outcome.value)
                link_to_holder(form, outcome)
                clashes = clashing(outcome)
                seen = None if clashes else seen
        return self.show_edit(form, self.get_one(number) or abort(404), seen, clashes)

    def store(self: Any, form: Form, number: int, seen: Mapping[str, Any] | None, left: frozenset[str]) -> Any:
        wanted = {name: value for name, value in values_of(form).items() if name not in left}
        return customer_edits.edit_customer(actor(), number, seen or {}, wanted)

    def stored(self: Any, number: int, joined: Sequence[str]) -> ResponseReturnValue:
        flash(str(self.saved), "good")
        if joined:
            fields = ", ".join(changed_fields(joined))
            flash(gettext("Somebody else changed meanwhile, and it stays so: %(fields)s.", fields=fields), "info")
        return redirect(self.after_save(number))

    def show_edit(
        self: Any, form: Form, row: Customer, seen: Mapping[str, Any] | None, names: Sequence[str]
    ) -> ResponseReturnValue:
        """The form; after a clash with what stands there now in all fields that this person left alone."""
        now, fresh = customer_edits.shown_of(self.session.session(), row), self.form_of(row, fresh=True)
        if seen is None and names:
            take_over(form, fresh, customer_edits.told(row, values_of(form)), names)
        clashes = [_clash(form, fresh, name) for name in names if name in form]
        return self.record_form(
            form, self.edit_title, self.after_save(row.id), row=row, clashes=clashes, base=now if seen is None else seen
        )

    def record_form(
        self: Any, form: Form, title: Any, back_to: str, *, row: Customer | None = None, alike: Sequence[Alike] = (),
        clashes: Sequence[Clash] = (), base: Mapping[str, Any] | None = None,
    ) -> ResponseReturnValue:  # fmt: skip
        shown = {name: value for name, value in (base or {}).items() if name in form}
        return self.render(
            "admin/customer_form.html", form=form, title=title, back_to=back_to, row=row, alike=alike,
            is_new=row is None, clashes=clashes, base=json.dumps(shown) if row else "",
            verb=_verb(row is None, bool(alike)), name=name_of(row) if row else "",
            anyway="" if row else gettext("Create anyway"),
        )  # fmt: skip


def _verb(is_new: bool, is_alike: bool) -> str:
    if not is_new:
        return gettext("Save")
    return gettext("Create anyway") if is_alike else gettext("Create customer")


def typed_in(values: Mapping[str, str]) -> Typed:
    """What of a form tells who the customer is."""

    def text(name: str) -> str:
        return str(values.get(name) or "").replace("\x00", "")[:200].strip()

    return Typed(
        text("email"), text("organization"), text("last_name"), text("first_name"), text("zipcode"),
        tuple(text(name) for name in ("phone", "phone_2", "mobile")), text("bank_iban"),
    )  # fmt: skip


def link_to_holder(form: Form, outcome: Outcome) -> None:
    """A number or an external id that is taken: by whom, with the way there (M1-39)."""
    facts = outcome.refusal.facts if outcome.refusal else {}
    field, other = form._fields.get(str(facts.get("field", ""))), facts.get("other_id")
    if field is None or other is None:
        return
    told = gettext("It belongs to customer %(number)s.", number=facts.get("other_number", other))
    link = Markup('<a href="{}">{}</a>').format(url_for("admin_customers.details_view", id=other), told)
    field.errors = [*field.errors, link]


def clashing(outcome: Outcome) -> list[str]:
    """The fields that both touched."""
    refusal = outcome.refusal
    return list(refusal.facts.get("fields", [])) if refusal and refusal.code == "changed_meanwhile" else []


def seen_by_form() -> dict[str, Any] | None:
    """What the form showed, as it comes back; None where it did not come from a form of ours."""
    try:
        found = json.loads(request.form.get("base", ""))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _chosen(form: Form) -> tuple[frozenset[str], list[str]]:
    """Fields that keep what stands there, and fields about which the person has not decided yet."""
    asked = [name for name in request.form.getlist("clash") if name in form]
    kept = {name: request.form.get(f"keep-{name}", "") for name in asked}
    return frozenset(name for name in asked if kept[name] == "theirs"), [name for name in asked if not kept[name]]


def take_over(form: Form, fresh: Form, given: Mapping[str, Any], clashes: Sequence[str]) -> None:
    """Show what stands there now where the person touched nothing, so that what is saved next is what was seen."""
    before = seen_by_form() or {}
    for name, value in given.items():
        if name not in clashes and before.get(name) == value:
            form[name].data, form[name].raw_data = fresh[name].data, None


def _clash(form: Form, fresh: Form, name: str) -> Clash:
    field = form[name]
    return Clash(name, str(field.label.text), spelled(field), spelled(fresh[name]))
