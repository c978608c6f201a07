"""No screen shows a code or an English word where a German one belongs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask import Flask

from admin import deed_words, kind_words, permission_words, problem_words, refusals, state_words
from admin.field_words import field_label, told
from admin.refusal_words import REFUSALS
from admin.refusal_words import SUBJECTS as OF_REFUSALS
from billing.errors import Invalid, NotAllowed
from billing.states import MACHINES, states
from config import ROOT
from models import Product
from services import company_fields, customer_fields
from services.mail_facts import REASONS
from services.permissions import SUBJECTS

CATALOGUE = ROOT / "translations" / "de" / "LC_MESSAGES"
ROOMS = ROOT / "translations" / "babel.cfg"  # as whoever adds a sentence finds it
# Corrections are made by people, reminders by a run of their own.
NO_PART_OF_A_RUN = ("corrections", "dunning", "dunning_levels", "default", "interest", "instalments")
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


@pytest.fixture(scope="module")
def wanted() -> set[str]:
    """Every msgid that the screens use."""
    with ROOMS.open() as file:
        methods, _ = parse_mapping_cfg(file)
    found = extract_from_dir(str(ROOT), methods, keywords=KEYWORDS, options_map={}, directory_filter=_own)
    return {message[2] if isinstance(message[2], str) else message[2][0] for message in found}


def _own(folder: str) -> bool:
    return not Path(folder).name.startswith((".", "_")) and Path(folder).name not in ("var", "node_modules")


@pytest.fixture(scope="module")
def german() -> Catalog:
    with (CATALOGUE / "messages.po").open() as file:
        return read_po(file, locale="de")


def test_every_sentence_of_the_screens_is_in_german(wanted: set[str], german: Catalog) -> None:
    assert len(wanted) > 300
    assert [msgid for msgid in sorted(wanted) if not _translated(german, msgid)] == []


def test_the_catalogue_holds_nothing_that_no_screen_says(wanted: set[str], german: Catalog) -> None:
    ids = {message.id if isinstance(message.id, str) else message.id[0] for message in german if message.id}
    assert ids - wanted == set()


def test_no_translation_loses_a_blank(german: Catalog) -> None:
    for message in german:
        if message.id:
            ids, texts = _parts(message.id), _parts(message.string)
            assert {frozenset(_blanks(i)) for i in ids} >= {frozenset(_blanks(t)) for t in texts}, message.id


def test_the_compiled_catalogue_is_that_of_the_text(german: Catalog) -> None:
    with (CATALOGUE / "messages.mo").open("rb") as file:
        compiled = read_mo(file)
    assert _said(compiled) == _said(german)


@pytest.mark.parametrize("machine", ["customer", "subscription", "invoice", "paper", "message"])
def test_every_state_has_its_word(machine: str) -> None:
    assert states(machine) <= set(state_words.STATES[machine]) and machine in MACHINES


def test_every_deed_that_a_service_records_has_its_word_and_so_has_what_it_is_about() -> None:
    told = set(_recorded(1))
    assert len(told) > 20 and told - set(deed_words.DEEDS) == set()
    about = set(_recorded(2))
    assert len(about) > 10 and about - set(kind_words.KINDS["object"]) == set()


def test_every_permission_has_its_word(shared: Flask) -> None:
    assert [subject for subject in SUBJECTS if subject not in permission_words._SUBJECTS] == []
    deeds = {deed for allowed in SUBJECTS.values() for deed in allowed}
    assert deeds <= set(permission_words._DEEDS)


def test_every_refusal_can_be_said_with_its_facts(shared: Flask) -> None:
    facts = {"shortest": 10, "longest": 200, "low": 1, "high": 2, "on": "2027-12-05", "latest": "2027-01-31",
             "earliest": "2027-02-28", "names": "10060 · Aydın", "first": "2027-03-01", "last": "2027-03-31",
             "today": "2026-11-22", "line": 3, "count": 2, "given": "1,00 €", "open": "2,00 €",
             "left": 2, "most": 1000, "limit": 20, "fields": ["city"],
             "what": "config", "meant": "company.name", "largest": 200_000, "number": "10060", "cap": 76,
             "entry": 2, "name": "Amt", "missing": "0.01", "row": 3, "text": "zwölf",
             "orders": "RE-2026-00001"}  # fmt: skip
    with shared.test_request_context("/admin/"):
        for code in REFUSALS:
            assert "%(" not in refusals.in_words(Invalid("name", code, **facts))
        assert "geheim" not in refusals.in_words(Invalid("name", "nie_gesehen", value="geheim"))


def test_a_code_is_said_by_one_subject_only() -> None:
    assert sum(len(subject.REFUSALS) for subject in OF_REFUSALS) == len(REFUSALS)


def test_days_in_a_refusal_are_written_as_people_write_them(shared: Flask) -> None:
    with shared.test_request_context("/admin/"):
        error = NotAllowed("run_too_far", on="2099-12-05", latest=date(2026, 12, 21))
        assert refusals.in_words(error).startswith("Der Tag 05.12.2099 liegt zu weit in der Zukunft.")
        assert "21.12.2026" in refusals.in_words(error)


def test_everything_that_can_park_a_customer_has_its_words_on_the_screen_and_in_the_mail() -> None:
    codes = set(_raised()) | {"missing_fields", "too_many_open_periods", "unexpected", "currency_mismatch"}
    assert len(codes) > 15 and "outside_calendar" in codes
    assert codes - set(problem_words.PARKED) == set() and codes - set(REASONS) == set()


def test_fields_and_facts_are_told_in_german(shared: Flask) -> None:
    with shared.test_request_context("/admin/"):
        labels = {name: str(field_label(name)) for name in ("address", "zipcode", "city", "due_on", "gross_cents")}
        assert labels == {"address": "Straße und Hausnummer", "zipcode": "PLZ", "city": "Ort", "due_on": "Fällig am",
                          "gross_cents": "Betrag"}  # fmt: skip
        assert told("gross_cents", 123456, "EUR").replace("\xa0", " ") == "1.234,56 €"
        assert told("due_on", "2026-12-05") == "05.12.2026" and told("is_active", True) == "ja"
        assert told("totals", {"EUR": [8990, 10698]}).replace("\xa0", " ") == "106,98 €"
        assert told("fields", ["zipcode", "city"]) == "PLZ, Ort"


def test_every_field_that_an_activity_can_tell_has_its_word(shared: Flask) -> None:
    with shared.test_request_context("/admin/"):
        fields = {
            *customer_fields.FIELDS,
            *company_fields.FIELDS,
            *Product.__table__.columns.keys(),
            *_facts_recorded(),
        }
        unnamed = {name for name in fields if field_label(name) == name.replace("_", " ")}
    assert unnamed <= {"id", "created_at", "updated_at"}


def _raised() -> Iterator[str]:
    """Codes of errors that planning, taxing, numbering and posting raise. What else is pure is no part of a run."""
    others = {ROOT / "billing" / f"{name}.py" for name in NO_PART_OF_A_RUN}
    for file in set((ROOT / "billing").glob("*.py")) - others:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
                at = 1 if node.exc.func.id == "Invalid" else 0
                code = node.exc.args[at] if len(node.exc.args) > at else None
                if isinstance(code, ast.Constant):
                    yield str(code.value)


def _facts_recorded() -> Iterator[str]:
    """Names of the facts in calls of activities.record."""
    for file in (ROOT / "services").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "record":
                yield from (k.arg for k in node.keywords if k.arg not in (None, "changes"))


def _said(catalogue: Catalog) -> dict[str, str]:
    return {str(_parts(message.id)): str(_parts(message.string)) for message in catalogue if message.id}


def _parts(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _translated(catalogue: Catalog, msgid: str) -> bool:
    message = catalogue.get(msgid)
    return message is not None and all(_parts(message.string))


def _blanks(text: str) -> list[str]:
    return re.findall(r"%\(\w+\)s", text.replace("%(num)s", ""))


def _recorded(place: int) -> Iterator[str]:
    """What calls of activities.record name: the deed (1), and the kind of row it is about (2)."""
    for file in (ROOT / "services").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "record":
                named = [each.value for each in node.args[1:3] if isinstance(each, ast.Constant)]
                if len(named) == 2 and "." in named[0]:
                    yield named[place - 1]
