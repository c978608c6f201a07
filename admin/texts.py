"""The words of mails and papers: a list, an editor with its placeholders, and a live preview by the real code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, abort, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField

from admin import letters, text_words
from admin.deeds import done_by_button, told
from admin.door import Door, may
from admin.fields import Form
from admin.people import actor
from billing.errors import Invalid, KontorError, NotFound
from documents.errors import PaperError
from services import mail_texts, text_previews, texts
from services.company import get_company
from services.templating import Known
from services.text_catalogue import LANGUAGES, LONGEST_SUBJECT, MAILS, PAPERS, TextKind, find
from services.texts import Wording


class TextForm(Form):
    subject = StringField(_l("Subject"))
    body = TextAreaField(_l("Text"))


@dataclass(frozen=True, slots=True)
class Line:
    """One placeholder for the reader: what to write, what it means, and an example."""

    code: str
    meaning: Any
    example: str


class TextScreen(Door, BaseView):
    """Every text in each language; where staff have changed nothing, the one that came along holds."""

    title = _l("Texts")
    deeds = {
        "index_view": "company.read", "edit_view": "company.read", "preview": "company.read",
        "sample": "company.read", "save": "company.write", "reset": "company.write",
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__(name="texts", endpoint="admin_texts", url="texts")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        groups = ((gettext("E-mails"), MAILS), (gettext("Invoices and other papers"), PAPERS))
        return self.render(
            "admin/texts.html", groups=groups, changed=texts.changed_texts(), languages=LANGUAGES,
            label=text_words.label, sentence=text_words.sentence, title=str(self.title),
        )  # fmt: skip

    @expose("/edit/")
    def edit_view(self) -> ResponseReturnValue:
        key = _key()
        found = texts.wording(*key)
        return self._show(key, TextForm(formdata=None, data={"subject": found.subject, "body": found.body}), found)

    @expose("/save/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        key, form, seen = _key(), TextForm(), request.form.get("seen", "")
        words = _words(form)
        saved = gettext("Saved. From now on this text holds; what was issued or sent stays as it is.")
        if form.validate_on_submit() and told(lambda: _save(key, words, seen), saved, form):
            return redirect(self.get_url(".edit_view", **_named(key)))
        found = texts.wording(*key)
        return self._show(key, form, found, overtaken=bool(seen) and found.digest != seen)

    @expose("/reset/", methods=("GET", "POST"))
    def reset(self) -> ResponseReturnValue:
        key = _key()
        found = texts.wording(*key)
        back = self.get_url(".edit_view", **_named(key))
        if request.method == "POST":
            return done_by_button(lambda: texts.reset(actor(), *key, seen=request.form.get("seen", "")),
                                  gettext("The text that came along holds again."), back)  # fmt: skip
        return self.render(
            "admin/text_reset.html", action=self.get_url(".reset"), back_to=back, verb=gettext("Put text back"),
            danger=True, extra=_named(key) | {"seen": found.digest}, built_in=texts.built_in(*key),
            title=gettext("Put the text back"), label=text_words.label(*key[:2]),
        )  # fmt: skip

    @expose("/preview/", methods=("GET", "POST"))
    def preview(self) -> ResponseReturnValue:
        """The text as it would be sent or printed: for the frame as HTML, for the page's script as JSON."""
        key = _key()
        stored = texts.wording(*key) if request.method == "GET" else None
        words = stored or _words(TextForm())
        try:
            subject, text, html = _written(key, words, request.values.get("example", "").strip())
        except (KontorError, PaperError) as error:
            return letters.refused(error)
        return letters.previewed(subject, text, html)

    @expose("/sample/", methods=("POST",))
    def sample(self) -> ResponseReturnValue:
        """An invoice with this text, as a PDF that was never issued."""
        from documents.invoice import draw_invoice  # half a second of imports, which only who draws has to pay

        kind, name, language = _key("paper")
        try:
            content = draw_invoice(text_previews.sample_paper(language, name, texts.tidy(_words(TextForm()).body)))
        except (KontorError, PaperError) as error:
            return letters.refused(error)
        headers = {"Content-Disposition": f"attachment; filename={gettext('Sample')}.pdf"}
        return Response(content, mimetype="application/pdf", headers=headers)

    def _show(self, key: texts.Key, form: Form, found: Wording, *, overtaken: bool = False) -> ResponseReturnValue:
        text = find(*key[:2])
        return self.render(
            "admin/text.html", form=form, text=text, key=_named(key), found=found, overtaken=overtaken,
            built_in=texts.built_in(*key), lines=lines(text, key[2]), languages=LANGUAGES,
            may_save=may("company.write"),
            longest={"subject": LONGEST_SUBJECT, "body": text.longest}, title=text_words.label(*key[:2]),
            sentence=text_words.sentence(*key[:2]), example=request.values.get("example", ""),
            with_example=may("invoices.read") and (text.kind, text.name) != ("mail", "closing")
            and "invoice.number" in text.placeholders,
        )  # fmt: skip


def lines(text: TextKind, language: str) -> list[Line]:
    """The placeholders that a text offers."""
    return lines_of(text.placeholders, language)


def lines_of(offered: Known, language: str) -> list[Line]:
    """These placeholders with their meanings, and with examples in that language."""
    company = get_company()
    values = text_previews.example(language) | {"company": mail_texts.company_values(company)}
    values["closing"] = mail_texts.closing(language)
    found = []
    for name, placeholder in offered.items():
        code = f"{{{{ {name} }}}}"
        if placeholder.parts:
            parts = " ".join(f"{{{{ entry.{part} }}}}" for part in placeholder.parts)
            code = f"{{% for entry in {name} %}}\n{parts}\n{{% endfor %}}"
        found.append(
            Line(code, text_words.PLACEHOLDERS.get(name, name), "" if placeholder.parts else _at(values, name))
        )
    return found


def _at(values: Any, name: str) -> str:
    for part in name.split("."):
        values = values[part]
    return str(values)


def _key(kind: str = "") -> texts.Key:
    """The text that the address or the form means, or 404."""
    given = [request.values.get(part, "") for part in ("kind", "name", "language")]
    try:
        find(given[0], given[1])
    except NotFound:
        abort(404)
    if given[2] not in LANGUAGES or kind not in ("", given[0]):
        abort(404)
    return given[0], given[1], given[2]


def _named(key: texts.Key) -> dict[str, str]:
    return dict(zip(("kind", "name", "language"), key, strict=True))


def _words(form: Form) -> Wording:
    return Wording(texts.tidy(form.subject.data or ""), texts.tidy(form.body.data or ""))


def _save(key: texts.Key, words: Wording, seen: str) -> None:
    texts.save(actor(), *key, subject=words.subject, body=words.body, seen=seen)


def _written(key: texts.Key, words: Wording, number: str) -> tuple[str, str, str]:
    """(subject, text, HTML) of the preview. Raises Invalid("example") for an unknown invoice."""
    kind, name, language = key
    invoice_id = _example(number)
    if kind == "mail":
        letter = text_previews.mail_preview(name, language, words, invoice_id)
        return letter.subject, letter.text, letter.html
    sentence = text_previews.sentence_preview(name, language, words.body, invoice_id)
    return "", sentence, mail_texts.dressed(sentence or "–", "", get_company().accent, language)


def _example(number: str) -> int | None:
    if not number or not may("invoices.read"):
        return None
    found = text_previews.invoice_with(number)
    if found is None:
        raise Invalid("example", "unknown_invoice")
    return found
