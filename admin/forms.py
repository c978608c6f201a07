"""Lists whose rows a person may make, change and delete by a form; what is sent goes to a service."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, Field, HiddenField, SelectField

from admin import formats, words
from admin.deeds import attempt, told
from admin.door import may
from admin.fields import Form, IntervalField, LocalDecimalField
from admin.lists import ListScreen
from services import edits


class FormScreen(ListScreen):
    """A subclass gives `form_class`, and `create`, `update`, `delete` as far as its `deeds` name those views."""

    form_class: type[Form]
    edit_title: Any = _l("Edit")
    saved: Any = _l("Saved.")
    gone: Any = _l("Deleted.")
    details_template = "admin/record.html"
    delete_means: Any = _l("This cannot be undone.")

    def create(self, form: Form) -> Any:
        """Call the service; gives the new row's id, or what `created` makes a page of."""
        raise NotImplementedError

    def update(self, form: Form, row: Any) -> None:
        raise NotImplementedError

    def delete(self, row: Any) -> None:
        raise NotImplementedError

    def new_form(self) -> Form:
        return self.form_class()

    def form_of(self, row: Any) -> Form:
        return self.form_class(data=stored(row))

    def after_save(self, row_id: int) -> str:
        """Where to go after saving: to the details if there are any."""
        if "details_view" in self.deeds:
            return self.get_url(".details_view", id=row_id)
        return self.get_url(".index_view")

    def created(self, form: Form, made: Any) -> ResponseReturnValue:
        """The answer to a form that made something."""
        flash(str(self.saved), "good")
        return redirect(self.after_save(made))

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        form = self.new_form()
        if form.validate_on_submit():
            outcome = attempt(lambda: self.create(form), form)
            if outcome.done:
                return self.created(form, outcome.value)
        return self.show_form(form, self.new_label, self.get_url(".index_view"))

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        """The row as the form would show it, for those who may only read."""
        row = self.require_row()
        form = self.form_of(row)
        groups = [(heading, [(form[name].label.text, spelled(form[name])) for name in names])
                  for heading, names in form.groups]  # fmt: skip
        return self.render(self.details_template, row=row, groups=groups, title=self.name_of(row))

    def name_of(self, row: Any) -> str:
        return str(getattr(row, "title", "") or getattr(row, "name", "") or row.id)

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        row = self.require_row()
        number, version = row.id, str(row.version)
        form, seen = self.form_of(row), request.form.get("version", version)
        if form.validate_on_submit() and told(lambda: self._update(form, row, seen), self.saved, form):
            return redirect(self.after_save(number))
        row = self.require_row()
        return self.show_form(form, self.edit_title, self.after_save(number), row, str(row.version))

    def _update(self, form: Form, row: Any, seen: str) -> None:
        with edits.as_seen(self.model, row.id, seen):
            self.update(form, row)

    @expose("/delete/confirm/")
    def confirm_delete(self) -> ResponseReturnValue:
        """The question before it, with what will happen."""
        row = self.require_row()
        return self.ask_delete(row)

    def ask_delete(self, row: Any) -> ResponseReturnValue:
        back = self.get_url(".edit_view" if "details_view" not in self.deeds else ".details_view", id=row.id)
        title = gettext("Delete “%(name)s”?", name=self.name_of(row))
        return self.render("admin/delete.html", row=row, title=title, what=self.delete_means, back_to=back)

    @expose("/delete/", methods=("POST",))
    def delete_view(self) -> ResponseReturnValue:
        row = self.require_row()
        number = row.id
        if told(lambda: self.delete(row), self.gone):
            return redirect(self.get_url(".index_view"))
        return redirect(self.get_url(".edit_view" if "details_view" not in self.deeds else ".details_view", id=number))

    def require_row(self) -> Any:
        """The row that the address means, or 404."""
        row = self.get_one(request.args.get("id") or request.form.get("id"))
        if row is None:
            abort(404)
        return row

    def show_form(
        self, form: Form, title: Any, back_to: str, row: Any = None, version: str = ""
    ) -> ResponseReturnValue:
        template = self.create_template if row is None else self.edit_template
        may_delete = row is not None and "delete_view" in self.deeds and may(self.deeds["delete_view"])
        return self.render(
            template, form=form, title=title, back_to=back_to, row=row, version=version, may_delete=may_delete,
            fields=[field for field in form if not isinstance(field, HiddenField)],
        )  # fmt: skip


def stored(row: Any) -> dict[str, Any]:
    """The row's columns as the data of a form. Not `obj=row`: WTForms would prefer the row to what a form is given."""
    return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}


def spelled(field: Field) -> str:
    """A field's value in words."""
    if isinstance(field, BooleanField):
        return str(words.state_label("yes_no", bool(field.data))[0])
    if isinstance(field, SelectField):
        return next((str(label) for value, label in field.choices if value == (field.data or "")), "–")
    if isinstance(field, IntervalField):
        return formats.span(field.data.count, field.data.unit.value) if field.data else "–"
    if isinstance(field, LocalDecimalField):
        return field._value() or "–"
    return formats.day(field.data) if isinstance(field, DateField) else str(field.data or "–")
