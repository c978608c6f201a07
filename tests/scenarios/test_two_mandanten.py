"""Two installations side by side are two companies that know nothing of each other (D-8)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from extensions import db
from models import Company, Customer
from services import api_keys, company, customers, logo
from services.actor import SYSTEM
from tests.conftest import fresh_database, settings_for
from tests.hosted_pages.visitor import Visitor
from tests.services.test_logo import picture


@pytest.fixture
def two(template: str, tmp_path: Path) -> Iterator[list[Flask]]:
    """Each with its own data folder and its own database."""
    with ExitStack() as stack:
        apps = []
        for name in ("radwerk", "werft"):
            folder = tmp_path / name
            folder.mkdir()
            url = stack.enter_context(fresh_database(template, folder))
            apps.append(create_app(settings_for(folder, url, SECRET_KEY=name)))
        yield apps
        for app in apps:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


@pytest.mark.feature("D-8")
@pytest.mark.feature("P-02")
def test_company_customers_numbers_logo_and_keys_are_each_companys_own(two: list[Flask]) -> None:
    keys, names, numbers = [], [], []
    for app, name in zip(two, ("Radwerk", "Werft"), strict=True):
        with app.app_context():
            company.change_company(SYSTEM, {"name": name})
            first = customers.create_customer(SYSTEM, {"last_name": f"Kundin von {name}"})
            keys.append(api_keys.add_api_key(SYSTEM, "shop@example.com"))
            db.session.rollback()
            numbers.append(db.session.get_one(Customer, first).number)
            names.append(db.session.scalars(select(Company.name)).one())
            assert db.session.scalars(select(Customer.last_name)).all() == [f"Kundin von {name}"]
            db.session.remove()
    assert names == ["Radwerk", "Werft"] and numbers == ["10001", "10001"]
    with two[0].app_context():
        logo.set_logo(SYSTEM, picture(), "logo.png")
        assert api_keys.authenticate("shop@example.com", keys[0]) and not api_keys.authenticate(
            "shop@example.com", keys[1]
        )
        db.session.remove()
    with two[1].app_context():
        assert logo.current_logo() is None
        db.session.remove()


@pytest.mark.feature("D-8")
def test_a_customers_link_opens_nothing_in_the_other_house(two: list[Flask]) -> None:
    with two[0].app_context():
        key = customers.create_customer(SYSTEM, {"last_name": "Öztürk"})
        db.session.remove()
    path = Visitor(two[0], key).path
    assert two[0].test_client().get(path).status_code == 200
    assert two[1].test_client().get(path).status_code == 404
