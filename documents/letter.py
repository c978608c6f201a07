"""What every business letter shows around its own content: the window, the sender, the foot, the colours."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from documents import figures
from documents.colours import READABLE, VISIBLE, contrast, shade
from documents.logo import drawable_logo
from documents.paper import Letterhead, Party
from documents.room import broken_address, foot_class, sender_class
from documents.text import one_line, printable
from documents.words import words

TEMPLATES: Final = Path(__file__).resolve().parent.parent / "templates" / "papers"
INK: Final = "#1d1f1e"
_ACCENT: Final = Letterhead(name="").accent
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_PAPER: Final = "#ffffff"


@cache
def environment() -> Environment:
    """Jinja for papers: every value is escaped and made drawable on its way in; a missing one is a mistake."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, finalize=printable, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


@lru_cache(maxsize=16)
def stylesheet_text(accent: str) -> str:
    """The rules with the company's colour put in: lines in a shade that is seen, words in it where they can be read."""
    colour = accent if _COLOUR.fullmatch(accent) else _ACCENT
    words = colour if contrast(colour, _PAPER) >= READABLE else INK
    rules = (TEMPLATES / "paper.css").read_text(encoding="utf-8")
    return rules.replace("ACCENT_INK", words).replace("ACCENT", shade(colour, _PAPER, VISIBLE))


def letter_view(head: Letterhead, buyer: Party, language: str) -> dict[str, Any]:
    """The values of `letter.html` that come from the two parties."""
    sender = " · ".join(_lines(full_name(head), *head.address_lines, f"{head.zipcode} {head.city}"))
    foot = footer(head, language, abroad=_abroad(buyer, head.country_code))
    return {
        "language": language,
        "word": words(language),
        "head": head,
        "logo": drawable_logo(head.logo) if head.logo else None,
        "sender": sender,
        "sender_class": sender_class(sender),
        "address": address(buyer, head.country_code, language),
        "footer": foot,
        "foot_class": foot_class(foot),
    }


def address(party: Party, home: str, language: str) -> list[str]:
    """The lines of a postal address; the country is named where the letter crosses the border of `home`."""
    abroad = _abroad(party, home)
    place = f"{party.zipcode} {party.city}" + (f", {party.state}" if abroad and party.state else "")
    country = _country(party.country_code, language).upper() if abroad else ""
    return _lines(party.organization, _person(party, language), party.address, party.address_2, place, country)


def footer(head: Letterhead, language: str, abroad: bool = False) -> list[list[str]]:
    """The columns at the foot: who and where, how to reach, the bank, and what §35a GmbHG and §14(4) UStG ask for."""
    word = words(language)
    owner = head.bank_owner if head.bank_owner != head.name else ""
    country = _country(head.country_code, language) if abroad else ""
    columns = [
        [
            full_name(head), *head.address_lines, f"{head.zipcode} {head.city}", country,
            _named(word["phone"], keep_together(head.phone)),
            *broken_address(head.email), *broken_address(head.website),
        ],
        [
            _named(word["seat"], head.seat),
            f"{head.register_court} {keep_together(head.register_number)}",
            _named(word["directors"] + ":", head.managing_directors),
            _named(word["vat_id"], keep_together(head.vat_id)),
            _named(word["tax_number"], keep_together(head.tax_number)),
        ],
        [head.bank_name, owner, _named("IBAN", figures.grouped(head.iban)), _named("BIC", head.bic)],
    ]  # fmt: skip
    return [lines for column in columns if (lines := _lines(*column))]


def full_name(head: Letterhead) -> str:
    """The seller's name with its legal form, once."""
    form = one_line(head.legal_form)
    return head.name if form.casefold() in head.name.casefold() else f"{head.name} {form}"


def keep_together(value: str) -> str:
    """The value with its blanks unbreakable: half a number on the next line is misread."""
    return one_line(value).replace(" ", "\u00a0")


def _person(party: Party, language: str) -> str:
    name = one_line(f"{party.title} {party.first_name} {party.last_name}")
    called = words(language).get(party.salutation, party.salutation)
    return f"{called} {name}" if name else ""


def _abroad(party: Party, home: str) -> bool:
    return party.country_code.upper() not in ("", home.upper())


def _country(code: str, language: str) -> str:
    if not code:
        return ""
    names = Locale.parse("de" if language == "de" else "en").territories
    return str(names.get(code.upper(), code.upper()))


def _named(name: str, value: str) -> str:
    return f"{name} {value}" if value.strip() else ""


def _lines(*values: str) -> list[str]:
    return [line for value in values for part in value.splitlines() if (line := one_line(part))]
