"""All activities of a customer, and the notes, calls and letters that people add to them (P-08, P-16, R-34)."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from flask import abort, request, send_file
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import FileField, TextAreaField
from wtforms.validators import InputRequired, Length

from admin import list_page, tiles
from admin.asking import Asking
from admin.card import CardTab, require_head, show
from admin.columns import Choice, kind_choice
from admin.deed_groups import GROUPS, codes_of
from admin.fields import Form, day, select, stripped, text
from admin.lists import LONGEST_VALUE, page_size, row_id
from admin.people import actor
from admin.upload_words import what_is_kept
from admin.words import choices
from billing.errors import NotFound
from extensions import db
from queries.cards.activities import of_customer, page_of_customer
from queries.cards.customer_head import Head
from queries.lists.shape import Wish
from queries.notes import NoteRow, get_note
from services import clock, notes
from services.customers import find_survivor
from services.uploads import ACCEPTED, most_bytes
from services.values import LONGEST_TEXT

WAYS = ("search", "group", "by")
CHOICES = (Choice("group", _l("Group"), tuple(GROUPS.items())), kind_choice("actor", "by", _l("By")))


class NoteForm(Form):
    kind = select(_l("Kind"), choices("note"))
    happened_on = day(_l("Date"), required=True)
    text = TextAreaField(_l("Text"), [InputRequired(), Length(max=LONGEST_TEXT)], filters=[stripped])
    attachment = FileField(_l("Attachment"), render_kw={"accept": ACCEPTED}, description=what_is_kept())


class StrikeForm(Form):
    reason = text(_l("Reason"), longest=200, required=True, help=_l("Stands in the activities."))


class TrailScreen(Asking, CardTab):
    """Behind "Ausklappen". It stands with the overview, so it has no tab of its own."""

    tab = "activities"
    permission = "activities.read"
    template = "admin/card/trail.html"
    deeds = {
        "add": "customers.write", "correct": "customers.write", "strike": "customers.write",
        "attachment": "activities.read",
    }  # fmt: skip

    @expose("/")
    def index(self) -> ResponseReturnValue:
        head = require_head(reads=True)
        return show(self, "overview", self.template, head, self.content(head))

    def content(self, head: Head) -> dict[str, Any]:
        """A page of tiles: filtered by group, actor and words, from the place that the address names."""
        args = {name: request.args.get(name, "").strip()[:LONGEST_VALUE] for name in WAYS}
        args = {name: value for name, value in args.items() if value}
        wish = Wish(args.get("search", ""), {name: args[name] for name in ("group", "by") if name in args})
        found = page_of_customer(
            head.id, codes_of(), wish, page_size(), request.args.get("after", ""), request.args.get("before", "")
        )
        place = {"id": str(head.id), **args}
        shown = list_page.build(request.path, place, (), CHOICES, found.page, "", gettext("Search"))
        return trail(tiles.tiles_of(found.rows)) | {"shown": shown, "choices": CHOICES}

    @expose("/add/", methods=("GET", "POST"))
    def add(self) -> ResponseReturnValue:
        head = require_head()
        form = NoteForm() if request.method == "POST" else NoteForm(data={"happened_on": clock.today()})
        return self.asked(
            form, lambda: notes.add_note(actor(), head.id, words_of(form)),
            title=gettext("Add note, call or letter"), verb=gettext("Add"), what=(),
            said=gettext("It stands with the activities."), extra={"id": head.id},
            back=self.get_url("admin_customers.details_view", id=head.id), whose=head.customer,
        )  # fmt: skip

    @expose("/correct/", methods=("GET", "POST"))
    def correct(self) -> ResponseReturnValue:
        row, seen = require_note()
        form = NoteForm() if request.method == "POST" else NoteForm(obj=row)
        what = [gettext("What was said before stays readable in the activities.")]
        if row.filename:
            what.append(gettext("“%(file)s” stays attached unless you choose another file.", file=row.filename))
        return self.asked(
            form, lambda: notes.correct_note(actor(), row.id, seen, words_of(form)),
            title=gettext("Correct note"), verb=gettext("Save correction"), what=what,
            said=gettext("The note is corrected."), extra={"note": row.id, "seen": seen}, **self._of(row),
        )  # fmt: skip

    @expose("/strike/", methods=("GET", "POST"))
    def strike(self) -> ResponseReturnValue:
        row, seen = require_note()
        form = StrikeForm()
        return self.asked(
            form, lambda: notes.strike_note(actor(), row.id, seen, form.reason.data or ""),
            title=gettext("Strike note"), verb=gettext("Strike note"), danger=True,
            what=[gettext("The note is marked as struck, with your reason. What it said stays readable.")],
            said=gettext("The note is struck."), extra={"note": row.id, "seen": seen}, **self._of(row),
        )  # fmt: skip

    @expose("/attachment/")
    def attachment(self) -> ResponseReturnValue:
        """Always saved, never shown: what people bring does not run here (S12)."""
        try:
            found = notes.attachment_of(row_id(request.args.get("note")) or 0, row_id(request.args.get("version")) or 0)
        except NotFound:
            abort(404)
        return send_file(
            io.BytesIO(found.content), mimetype=found.media_type, as_attachment=True, download_name=found.filename
        )

    def _of(self, row: NoteRow) -> dict[str, Any]:
        """The record that speaks for the note today, and its card."""
        whose = find_survivor(db.session(), row.customer_id)
        return {"whose": whose, "back": self.get_url("admin_customers.details_view", id=whose.id)}


def newest_of(head: Head) -> dict[str, Any]:
    """What the overview shows of it."""
    return trail(tiles.tiles_of(of_customer(head.id)))


def trail(found: list[tiles.Tile]) -> dict[str, Any]:
    """Tiles and their groups; `open` of the address opens a group where there is no script."""
    opened = request.args.get("open", "")
    opened = opened if opened in (tiles.ALL, *GROUPS) else ""
    return {"tiles": found, "chips": tiles.chips_of(found, opened), "opened": opened}


def require_note() -> tuple[NoteRow, int]:
    """The note that the address means, and the version that the person saw, or 404."""
    row = get_note(row_id(request.values.get("note")) or 0)
    if row is None or row.is_struck:
        abort(404)
    return row, row_id(request.form.get("seen")) or row.version


def words_of(form: NoteForm) -> notes.Words:
    """As typed, with the file that came along."""
    given = request.files.get("attachment")
    brought = None
    if given and given.filename:
        brought = notes.Attachment(given.filename, given.stream.read(most_bytes() + 1))
    on: date = form.happened_on.data
    return notes.Words(form.kind.data, on, form.text.data or "", brought)
