"""Number ranges: how numbers look, where they go on, and the next three of them while one still types (M1-35)."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin.columns import Column
from admin.fields import Form, select, text, whole, yes
from admin.forms import FormScreen, stored
from admin.people import actor
from admin.refusals import in_words
from admin.words import kind_label
from billing import numbering
from billing.errors import KontorError
from models import NumberRange
from queries.lists.house import NUMBER_RANGES
from queries.number_ranges import RangeState, get_range_state
from services import clock, number_ranges

_YEARS = (("", _l("none")), ("YYYY", _l("four digits, such as 2026")), ("YY", _l("two digits, such as 26")))
_PARTS = ("prefix", "year", "separator", "digits", "suffix")


def _piece(label: Any, help: Any = "") -> Any:
    """A part of a number; its blanks count."""
    field = text(label, longest=20, help=help)
    field.kwargs["filters"] = []
    return field


class NumberRangeForm(Form):
    prefix = _piece(_l("Prefix"), _l("Stands before everything else, such as RE-."))
    year = select(_l("Year"), _YEARS)
    separator = _piece(_l("Separator"), _l("Between the year and the counter, such as -."))
    digits = whole(_l("Digits of the counter"), 1, 12, help=_l("Filled up with zeros: 5 makes 00042."))
    suffix = _piece(_l("Suffix"), _l("Stands behind the counter; mostly empty."))
    pattern = text(
        _l("Pattern"),
        NumberRange.__table__.c.pattern,
        help=_l("{YYYY} or {YY} is the year, {N:5} the counter with five digits. Filled in, it goes before the fields "
                "above."),
    )  # fmt: skip
    yearly = yes(_l("Begins anew each year"))
    first_value = whole(_l("First number"), 1, number_ranges.BIGGEST_START, required=True)
    next_value = whole(_l("Next number"), 1, number_ranges.BIGGEST_START)

    looks = ("prefix", "year", "separator", "digits", "suffix")
    groups: Any = (
        (_l("Appearance"), looks),
        (_l("Own pattern, for experts"), ("pattern",)),
        (_l("Counter"), ("yearly", "first_value", "next_value")),
    )

    def chosen_pattern(self) -> str:
        """The expert's pattern where there is one, else what the parts make."""
        return self.pattern.data or numbering.join_parts(
            numbering.Parts(self.prefix.data or "", self.year.data or "", self.separator.data or "",
                            self.digits.data or 1, self.suffix.data or "")
        )  # fmt: skip

    def fit(self, row: NumberRange, state: RangeState) -> None:
        """Leave out what this range cannot change any more, and say what the rest means for it."""
        jumps = row.code in number_ranges.MAY_JUMP
        if not (state.begun and jumps):
            del self.next_value
        else:
            self.next_value.description = gettext("Only upwards: a number that was given is never given again.")
        if state.begun and not row.yearly:
            del self.first_value
        elif state.begun:
            self.first_value.label.text = gettext("First number of each new year")
        if state.begun:
            del self.yearly
        left = ((heading, tuple(name for name in names if name in self)) for heading, names in type(self).groups)
        self.groups = tuple((heading, names) for heading, names in left if names)


class NumberRangeScreen(FormScreen):
    title = _l("Number ranges")
    edit_title = _l("Edit number range")
    empty = _l("There is no number range yet.")
    saved = _l("Saved. Numbers that were given stay as they are.")
    edit_template = "admin/number_range.html"
    deeds = {"index_view": "company.read", "edit_view": "company.write", "preview": "company.write"}
    listing = NUMBER_RANGES
    columns = (
        Column("code", _l("Range"), "link_kind", of="range", to="admin_number_ranges.edit_view"),
        Column("pattern", _l("Pattern")),
        Column("yearly", _l("Begins anew each year"), "yes_no"),
        Column("next_value", _l("Next number"), "next_number"),
    )
    form_class = NumberRangeForm

    def __init__(self) -> None:
        super().__init__(NumberRange, "number_ranges")

    def form_of(self, row: NumberRange) -> NumberRangeForm:
        parts = numbering.split_parts(row.pattern)
        looks = {name: getattr(parts, name) for name in _PARTS} | {"pattern": ""} if parts else {}
        state = get_range_state(row, clock.today().year)
        form = NumberRangeForm(data=stored(row) | looks | {"next_value": state.next_value})
        form.fit(row, state)
        return form

    def update(self, form: Form, row: NumberRange) -> None:
        assert isinstance(form, NumberRangeForm)
        given = {name: form[name].data for name in ("yearly", "first_value", "next_value") if name in form}
        values = {"yearly": row.yearly, "first_value": row.first_value, "next_value": None} | given
        number_ranges.change_range(actor(), row.id, pattern=form.chosen_pattern(), **values)

    def show_form(
        self, form: Form, title: Any, back_to: str, row: Any = None, version: str = ""
    ) -> ResponseReturnValue:
        title = gettext("Number range: %(range)s", range=str(kind_label("range", row.code)))
        self._template_args.update(
            numbers=_next_three(form, row), is_expert=bool(form["pattern"].data or form["pattern"].errors),
            begun=get_range_state(row, clock.today().year),
        )  # fmt: skip
        return super().show_form(form, title, back_to, row, version)

    @expose("/preview/", methods=("GET",))
    def preview(self) -> ResponseReturnValue:
        """The next three numbers as the form stands, for the script that asks while one types."""
        row = self.require_row()
        form = NumberRangeForm(request.args, meta={"csrf": False})
        form.fit(row, get_range_state(row, clock.today().year))
        found = _next_three(form, row)
        return jsonify(numbers=[found] if isinstance(found, str) else found, ok=not isinstance(found, str))


def _next_three(form: Any, row: NumberRange) -> list[str] | str:
    """The numbers, or why there are none."""
    state = get_range_state(row, clock.today().year)
    following = form.next_value.data if "next_value" in form else None
    if not state.begun:
        following = form.first_value.data
    try:
        return numbering.preview(form.chosen_pattern(), clock.today().year, following or state.next_value)
    except KontorError as error:
        return in_words(error)
