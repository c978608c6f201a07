"""A house full of attacks: every page of the back office and every hosted page shows them as the text that they are."""

from __future__ import annotations

from collections import Counter, deque
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from flask import Flask

from app import create_app
from extensions import db
from tests.admin import hostile
from tests.admin.conftest import Desk
from tests.admin.hostile import look
from tests.conftest import fresh_database, settings_for
from tests.sweeps import FULL

MOST_OF_A_KIND = 4 if FULL else 2  # pages of one address
# What is no page, or leads out of the house.
LEFT_OUT = ("/static/", "/admin/static/", "/admin/logout")


def walk(desk: Desk) -> dict[str, str]:
    """Every page that links lead to from the overview: address -> page."""
    waiting, pages, kinds = deque(["/admin/"]), {}, Counter[str]()
    while waiting:
        path = waiting.popleft()
        kind = urlsplit(path).path + "?" + ",".join(name for name, _ in parse_qsl(urlsplit(path).query))
        if path in pages or path.startswith(LEFT_OUT) or kinds[kind] >= MOST_OF_A_KIND:
            continue
        kinds[kind] += 1
        response = desk.client.get(path, follow_redirects=True)
        assert response.status_code == 200, (path, response.status_code)
        pages[path] = response.text if response.mimetype == "text/html" else ""
        links = (urljoin(path, link) for link in look(pages[path]).links)
        waiting.extend(link.partition("#")[0] for link in links if link.startswith("/"))
    return pages


@pytest.fixture(scope="module")
def house(template: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], dict[str, str], Flask]:
    """The pages that staff and that customers see."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    with fresh_database(template, folder) as url:
        app = create_app(settings_for(folder, url))
        links = hostile.furnish(app)
        desk = Desk(app.test_client())
        desk.sit_down(hostile.OWNER)
        visitor = app.test_client()
        outside = {path: visitor.get(path).text for path in links if not path.startswith("/download")}
        pages = walk(desk)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        return pages, outside, app


House = tuple[dict[str, str], dict[str, str], Flask]


@pytest.mark.feature("S8")
@pytest.mark.feature("S10")
def test_no_attack_becomes_markup_on_any_page_of_the_back_office(house: House) -> None:
    pages, _, _ = house
    wounds = {path: look(page).wounds for path, page in pages.items()}
    assert {path: found for path, found in wounds.items() if found} == {}
    assert sum("&lt;svg onload=alert(1)&gt;" in page for page in pages.values()) > 30
    assert sum(hostile.TEMPLATE in page for page in pages.values()) > 10


@pytest.mark.feature("S8")
def test_nor_on_any_page_of_customers(house: House) -> None:
    _, outside, _ = house
    assert len(outside) > len(hostile.ATTACKS)
    assert {path: look(page).wounds for path, page in outside.items() if look(page).wounds} == {}
    assert any("&lt;svg onload=alert(1)&gt;" in page for page in outside.values())


@pytest.mark.feature("S8")
def test_the_walk_saw_every_list_and_every_form(house: House) -> None:
    pages, _, app = house
    walked = {urlsplit(path).path for path in pages}
    wanted = {
        str(rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin_") and rule.endpoint.endswith((".index_view", ".create_view"))
    }
    assert wanted - walked == set()


def test_an_eye_sees_what_comes_through() -> None:
    """The negative control."""
    for attack in (hostile.SVG, hostile.IMG):
        assert look(f'<input value="{attack}">' if attack.startswith('"') else f"<p>{attack}</p>").wounds
    assert look(f"<p>{hostile.SIGNS}</p>").wounds == ["turned"]
    assert look(f"<p>{hostile.EVALUATED}</p>").wounds and look("<script>alert(1)</script>").wounds
