"""The guide on texts lists the placeholders that the code offers, and every mail is in the catalogue."""

from __future__ import annotations

from pathlib import Path

from app import create_app
from config import ROOT
from services.text_catalogue import MAILS
from tests.conftest import settings_for
from tests.docs.write_texts_guide import HEADING, PAGE, lists


def test_the_lists_of_placeholders_are_those_of_the_code(tmp_path: Path) -> None:
    """Wrong? `python -m tests.docs.write_texts_guide` writes them anew."""
    app = create_app(settings_for(tmp_path, f"sqlite:///{tmp_path / 'docs.sqlite3'}"))
    assert PAGE.read_text().partition(HEADING)[2] == lists(app)


def test_every_mail_that_can_be_ordered_is_one_that_can_be_worded() -> None:
    """How: CONTRIBUTING.md, "Add a mail"."""
    files = {path.name.partition(".")[0] for path in (ROOT / "templates" / "mail").glob("*.txt")}
    assert files - {"imprint"} == {text.name for text in MAILS}
