"""The settings that are documented are those that are read."""

from __future__ import annotations

import re

import config
from config import ROOT
from tests.docs.pages import PAGES, blocks, rows

READ = re.compile(r"""environ\.(?:get\(|setdefault\()["']([A-Z_]+)["']""")
# A setting as an example sets it: at the head of a line, after export, or after another one.
SET = re.compile(r"(?:^|export |  )([A-Z][A-Z_]+)=", re.MULTILINE)
OF_THE_EXAMPLE = {"KEY", "CUSTOMER"}


def read_by_the_house() -> set[str]:
    return set(READ.findall((ROOT / "config.py").read_text()))


def test_the_page_of_settings_has_exactly_what_is_read() -> None:
    documented = {cells[0].strip("`") for cells in rows((ROOT / "docs/settings.md").read_text()) if cells[0].isupper()}
    assert documented == read_by_the_house()
    assert {"KONTOR_DATA", "DATABASE_URL"} <= documented


def test_the_head_of_the_file_has_exactly_what_is_read() -> None:
    listed = {cells[0] for cells in rows(config.__doc__ or "") if cells[0].isupper()}
    assert listed == read_by_the_house()


def test_no_page_sets_what_nobody_reads() -> None:
    for page in PAGES:
        examples = "\n".join(blocks(page.read_text(), "sh"))
        assert set(SET.findall(examples)) - OF_THE_EXAMPLE <= read_by_the_house(), page
