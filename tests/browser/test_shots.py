"""`./kontor shots`: every kind of screen once, as the person wished to see it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from commands.shooting.camera import Look, shoot
from commands.shooting.demo import Access
from commands.shooting.walk import kind_of, slug
from commands.shots import overview
from tests.admin.furniture import PASSWORD, PEOPLE


@pytest.mark.browser
def test_pictures_of_some_screens_a_dialog_and_a_refused_form(browser: Browser, address: str, tmp_path: Path) -> None:
    access = Access(address, PEOPLE["Inhaber"], PASSWORD)
    taken = shoot(browser, access, Look(390, "dark", "en"), tmp_path, "/admin/tags/")
    names = {file.name.split("--")[0] for file in taken}
    assert {"tags", "tags-new", "tags-new-refused"} <= names
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in taken)
    assert overview(taken).count("<img") == len(names)


@pytest.mark.parametrize(
    ("address", "kind", "name"),
    [
        ("http://x/admin/", "/admin/", "overview"),
        ("http://x/admin/customers/?page_size=20", "/admin/customers/", "customers"),
        ("http://x/admin/customers/details/?id=7", "/admin/customers/details/?id", "customers-details-id"),
        ("http://x/accountdata/" + "0" * 32 + "/" + "a" * 32, "/accountdata/*/*", "accountdata"),
    ],
)
def test_one_screen_whatever_its_ids(address: str, kind: str, name: str) -> None:
    assert (kind_of(address), slug(kind)) == (kind, name)
