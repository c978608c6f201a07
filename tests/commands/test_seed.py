"""`./kontor seed`: the demo company once, customers for load as often as wanted, a live house never."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from app import create_app
from extensions import db
from services import company, staff
from services.actor import SYSTEM
from tests.commands.conftest import Kontor


def customers(folder: Path) -> int:
    return int(sqlite3.connect(folder / "kontor.sqlite3").execute("SELECT count(*) FROM customers").fetchone()[0])


def test_the_demo_company_comes_with_logins_and_then_with_load(new_kontor: Kontor, tmp_path: Path) -> None:
    kontor = new_kontor
    done = kontor("seed", "--customers", "20")
    assert done.exit_code == 0
    email, password = done.output.splitlines()[0].split()
    with create_app().app_context():
        assert staff.log_in(email, password, address="127.0.0.1", agent="").staff_id
        db.engine.dispose()
    people = customers(tmp_path)
    assert people > 20 and done.output.splitlines()[-1].startswith("20 customers")
    again = kontor("seed", "--customers", "5")
    assert (again.exit_code, len(again.output.splitlines()), customers(tmp_path)) == (0, 1, people + 5)
    only = kontor("seed")
    assert (only.exit_code, customers(tmp_path)) == (0, people + 5)
    assert "There is a company already" in only.output


def test_a_live_house_is_never_loaded(kontor: Kontor, tmp_path: Path) -> None:
    kontor("upgrade")
    with create_app().app_context():
        company.found_company(SYSTEM, mode="live")
        db.session.remove()
        db.engine.dispose()
    refused = kontor("seed", "--customers", "5")
    assert refused.exit_code == 1 and "this is a live installation" in refused.output
    assert customers(tmp_path) == 0
