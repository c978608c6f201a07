"""Bringing a statement in: the upload, the look at it, and the layout of a bank's CSV file."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import FileField

from admin.deeds import attempt, done_by_button
from admin.fields import Form, select, text
from admin.lists import row_id
from admin.people import actor
from admin.refusals import in_words
from billing.errors import Invalid, KontorError
from documents.bank_csv import DATES, MEANINGS, MOST_COLUMNS, Layout, peek
from queries.bank import count_waiting
from services import bank_import, bank_layouts, bank_matching, company
from services.bank_import import Brought
from services.uploads import most_bytes

MEANING_WORDS = {
    "booked_on": _l("Booking day"), "amount": _l("Amount"), "debit": _l("Amount, went out"),
    "credit": _l("Amount, came in"), "sign": _l("Letter for in or out (H, S)"), "currency": _l("Currency"),
    "purpose": _l("Purpose"), "other_name": _l("Name of the other side"), "other_iban": _l("IBAN of the other side"),
    "end_to_end_id": _l("End-to-end reference"), "mandate_reference": _l("Mandate reference"),
    "reference": _l("Reference of the bank"), "own_iban": _l("Own IBAN"),
}  # fmt: skip
ENCODING_WORDS = (("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252"), ("iso-8859-15", "ISO-8859-15"),
                  ("utf-16", "UTF-16"))  # fmt: skip
SEPARATOR_WORDS = ((";", ";"), (",", ","), ("\t", _l("Tabulator")), ("|", "|"))
DATE_WORDS = (("d.m.Y", "31.12.2026"), ("d.m.y", "31.12.26"), ("Y-m-d", "2026-12-31"), ("d/m/Y", "31/12/2026"))


class UploadForm(Form):
    file = FileField(_l("File of the bank"), render_kw={"accept": ".xml,.csv,.txt,text/csv,application/xml,text/xml"})


class LayoutForm(Form):
    name = text(_l("Name of the layout"), longest=bank_layouts.LONGEST_NAME, required=True,
                help=_l("Such as the name of the bank; it can be chosen for the next file."))  # fmt: skip
    encoding = select(_l("Character set"), list(ENCODING_WORDS))
    separator = select(_l("Columns are separated by"), list(SEPARATOR_WORDS))
    first_row = text(_l("First row with a movement"), longest=3, required=True)
    dates = select(_l("Days are written"), list(DATE_WORDS))
    decimal = select(_l("Cents are separated by"), [(",", "1.234,56"), (".", "1,234.56")])


class BankFiles:
    """Mixed into the screen, before it."""

    @expose("/upload/", methods=("GET", "POST"))
    def upload(self: Any) -> ResponseReturnValue:
        """Choose a file; it is kept, and looked at on the next page."""
        form = UploadForm()
        given = request.files.get("file")
        if form.validate_on_submit():
            content = given.stream.read(most_bytes() + 1) if given else b""
            name = (given.filename or "") if given else ""
            outcome = attempt(lambda: bank_import.keep(content, name), form)
            if outcome.done:
                return redirect(self.get_url(".preview", file=outcome.value))
        return self.render("admin/bank_upload.html", form=form, layouts=bank_layouts.names(),
                           title=gettext("Bring in a statement"))  # fmt: skip

    @expose("/preview/")
    def preview(self: Any) -> ResponseReturnValue:
        """What the file would bring; nothing is booked yet."""
        file_id, layout_id = _file(), row_id(request.args.get("layout"))
        iban = request.args.get("iban", "")[:34]
        kept = bank_import.kept(file_id)
        if not bank_import.is_xml(kept.content) and not layout_id:
            known = bank_layouts.names()
            return redirect(self.get_url(".preview", file=file_id, layout=known[0][0]) if len(known) == 1
                            else self.get_url(".layout", file=file_id))  # fmt: skip
        told = bank_import.Preview((), ())
        refusal: KontorError | None = None
        try:
            told = bank_import.preview(file_id, _layout(layout_id), iban)
        except KontorError as error:
            refusal = error
        return self.render(
            "admin/bank_preview.html", news=told.news, batches=told.batches,
            refused=in_words(refusal) if refusal else "", file_id=file_id,
            layout_id=layout_id, iban=iban,
            filename=kept.filename, layouts=bank_layouts.names(), own_iban=company.get_company().iban,
            own_currency=company.get_company().currency_code,
            is_csv=layout_id is not None, title=gettext("Look at the statement"),
        )  # fmt: skip

    @expose("/bring-in/", methods=("POST",))
    def bring_in(self: Any) -> ResponseReturnValue:
        file_id, layout_id = _file(), row_id(request.form.get("layout"))
        iban = request.form.get("iban", "")[:34]
        outcome = attempt(lambda: bank_import.bring_in(actor(), file_id, _layout(layout_id), iban))
        if not outcome.done:
            return redirect(self.get_url(".preview", file=file_id, layout=layout_id, iban=iban or None))
        self.tell(outcome.value)
        return redirect(self._there(outcome.value))

    def _there(self: Any, brought: Brought) -> str:
        """The one statement of the file, whether it came now or was here, as after a second click; else all of them."""
        if brought.sums or len(brought.statement_ids) != 1:
            return str(self.get_url(".index_view"))
        (id_,) = brought.statement_ids
        return str(self.get_url(".index_view", statement=id_, state="open" if count_waiting(id_) else "booked"))

    def tell(self: Any, brought: Brought) -> None:
        """What came of it, and of the lines that could be matched at once."""
        if brought.sums:
            flash(ngettext("The parts of %(num)s sum are known now. They are matched with the statement of the sum.",
                           "The parts of %(num)s sums are known now. They are matched with the statements of the sums.",
                           brought.sums), "good")  # fmt: skip
            self.match_at_once(brought)
            return
        if not brought.new:
            flash(gettext("Everything in this file is here already; here you see it. Nothing was booked twice."),
                  "info")  # fmt: skip
            return
        flash(ngettext("%(num)s new movement was brought in.", "%(num)s new movements were brought in.", brought.new),
              "good")  # fmt: skip
        self.match_at_once(brought)

    def match_at_once(self: Any, brought: Brought) -> None:
        if brought.statement_ids:
            self.tell_matched(bank_matching.match_few(actor(), brought.statement_ids))

    def tell_matched(self, count: int | None) -> None:
        """None: there are so many that the page shows how far a worker is with them."""
        if count:
            flash(ngettext("%(num)s movement was matched and booked.", "%(num)s movements were matched and booked.",
                           count), "good")  # fmt: skip
        elif count is not None:
            flash(gettext("No movement could be matched for sure. Please look at the suggestions."), "good")

    @expose("/layout/", methods=("GET", "POST"))
    def layout(self: Any) -> ResponseReturnValue:
        """Which column of a CSV file means what, with the file's first rows beside it."""
        file_id, layout_id = row_id(request.values.get("file")), row_id(request.values.get("id"))
        guess, rows = peek(bank_import.kept(file_id).content) if file_id else (Layout(), [])
        name, known = bank_layouts.get(layout_id) if layout_id else ("", guess)
        columns = _chosen() if request.method == "POST" else dict(known.columns)
        values = {"name": name, **{key: getattr(known, key) for key in ("encoding", "separator", "dates", "decimal")}}
        form = LayoutForm(data=values | {"first_row": str(known.first_row)})
        if form.validate_on_submit():
            outcome = attempt(lambda: bank_layouts.save(actor(), form.name.data, _made(form, columns)), form)
            if outcome.done:
                flash(gettext("The layout is kept."), "good")
                there = self.get_url(".preview", file=file_id, layout=outcome.value) if file_id else None
                return redirect(there or self.get_url(".upload"))
        width = max([*(len(row) for row in rows), *(at + 1 for at in columns)], default=8)
        return self.render(
            "admin/bank_layout.html", form=form, rows=rows, columns=columns, width=min(width, MOST_COLUMNS),
            meanings=MEANING_WORDS, file_id=file_id, layout_id=layout_id, layouts=bank_layouts.names(),
            title=gettext("Columns of the file"),
        )  # fmt: skip

    @expose("/layout/remove/", methods=("POST",))
    def remove_layout(self: Any) -> ResponseReturnValue:
        layout_id = row_id(request.form.get("id")) or 0
        return done_by_button(lambda: bank_layouts.remove(actor(), layout_id), gettext("The layout is removed."),
                              self.get_url(".upload"))  # fmt: skip


def _file() -> int:
    return row_id(request.values.get("file")) or 0


def _layout(layout_id: int | None) -> Layout | None:
    return bank_layouts.get(layout_id)[1] if layout_id else None


def _chosen() -> dict[int, str]:
    """The meanings that were chosen, by column."""
    found = {at: request.form.get(f"column_{at}", "") for at in range(MOST_COLUMNS)}
    return {at: meaning for at, meaning in found.items() if meaning in MEANINGS}


def _made(form: LayoutForm, columns: dict[int, str]) -> Layout:
    if not form.first_row.data.isdecimal():
        raise Invalid("first_row", "out_of_range")
    dates = form.dates.data if form.dates.data in DATES else "d.m.Y"
    return Layout.of({"columns": columns, "encoding": form.encoding.data, "separator": form.separator.data,
                      "first_row": int(form.first_row.data), "dates": dates, "decimal": form.decimal.data})  # fmt: skip
