"""The words of a mail: the text of its language and the facts of its event become subject, text and HTML.

The HTML is the text itself, dressed: one source, so that both parts always say the same. Every mail closes with the
data that the law asks of business letters (INV-12, § 35a GmbHG).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from models import Company
from services import colours, template_walk, texts
from services.company import get_company
from services.text_catalogue import find, reader_of
from services.texts import FOLDER, Wording

_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
_BLANK_LINES = re.compile(r"\n{3,}")
_FOOT = "\n\n-- \n"


@dataclass(frozen=True, slots=True)
class Letter:
    """A written mail. `text` is what is kept of it."""

    subject: str
    text: str
    html: str


def write_letter(template: str, language: str, facts: Mapping[str, Any], words: Wording | None = None) -> Letter:
    """Write the mail with its facts, the company's own data, and the words that hold now or those given (a preview).

    Raises NotFound for a template that nobody knows, KontorError where words and facts do not fit.
    """
    language = reader_of(language)
    company = get_company()
    known = {**facts, "company": company_values(company), "closing": closing(language)}
    words = words or texts.wording("mail", template, language)
    subject = " ".join(_written(template, known, words.subject).split())
    body = _tidy(_written(template, known, words.body))
    mark = {"de": "[Muster] ", "en": "[Sample] "}[language] if company.mode == "sandbox" else ""
    foot = imprint(company, language)
    return Letter((mark + subject)[:300], f"{body}{_FOOT}{foot}\n", dressed(body, foot, company.accent, language))


def closing(language: str) -> str:
    """The closing words of all mails, written."""
    source = texts.wording("mail", "closing", language).body
    return _written("closing", {"company": company_values(get_company())}, source).strip()


def _written(name: str, known: Mapping[str, Any], source: str) -> str:
    return template_walk.render(source, find("mail", name).placeholders, known)


def company_values(company: Company) -> dict[str, str]:
    """The company as placeholders name it."""
    return {"name": company.name, "contact": company.contact_name, "phone": company.phone, "email": company.email,
            "website": company.website}  # fmt: skip


def dressed_again(text: str, language: str) -> str:
    """The HTML of a mail whose text was kept, for whoever wants to see what the reader saw."""
    body, _, foot = text.rpartition(_FOOT)
    return dressed(body, foot.strip(), get_company().accent, reader_of(language))


def without_foot(text: str) -> str:
    """What was kept of a mail, without the company's data below it."""
    return text.rpartition(_FOOT)[0] or text


def imprint(company: Company, language: str) -> str:
    """Name and legal form, address, register, management, tax ids; only what is filled in."""
    rendered = _environment().get_template(f"imprint.{language}.txt").render(company=company)
    return "\n".join(line.strip(" ·") for line in rendered.splitlines() if line.strip(" ·"))


def greeting(person: Mapping[str, Any], language: str) -> str:
    """The first line for a frozen recipient; `salutation` is mr, mrs, family or empty."""
    title = person.get("title_academic")
    last = " ".join(filter(None, (title, person.get("last_name"))))
    forms = {
        ("mr", "de"): "Sehr geehrter Herr {last},", ("mrs", "de"): "Sehr geehrte Frau {last},",
        ("family", "de"): "Sehr geehrte Familie {last},",
        ("mr", "en"): "Dear Mr {last},", ("mrs", "en"): "Dear Ms {last},", ("family", "en"): "Dear {last} family,",
    }  # fmt: skip
    form = forms.get((person.get("salutation", ""), language))
    if form and person.get("last_name"):
        # In English a title takes the place of Mr and Ms.
        return f"Dear {last}," if language == "en" and title else form.format(last=last)
    name = " ".join(filter(None, (person.get("first_name"), last)))
    hello = "Guten Tag" if language == "de" else "Hello"
    return f"{hello} {name}," if name else f"{hello},"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=lambda name: bool(name and name.endswith(".html")),
    )  # fmt: skip


def _tidy(text: str) -> str:
    """Paragraphs that turned out empty leave no holes."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return _BLANK_LINES.sub("\n\n", lines).strip()


def dressed(body: str, foot: str, accent: str, language: str) -> str:
    """The text as a letter in HTML: escaped, with paragraphs, links and the company's accent."""
    ink = colours.shades(accent).accent  # a bright accent could not be read as words
    paragraphs = [_linked(part, ink) for part in body.split("\n\n")]
    page = _environment().get_template("letter.html")
    return page.render(paragraphs=paragraphs, foot=foot.splitlines(), accent=accent, language=language)


def _linked(paragraph: str, ink: str) -> Markup:
    """Escaped, with line breaks, and with addresses that can be clicked."""
    lines = []
    for line in paragraph.splitlines():
        safe = str(escape(line))
        lines.append(_LINK.sub(lambda found: f'<a href="{found[0]}" style="color:{ink}">{found[0]}</a>', safe))
    return Markup("<br>\n".join(lines))
