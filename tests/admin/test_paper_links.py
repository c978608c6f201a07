"""The link of a paper, renewed or ended by the people of the house (D-11)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from extensions import db
from models import Customer, Paper
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import House

LINK = "/admin/papers/link/"


@pytest.fixture
def paper(people: Flask, house: House) -> Callable[[], Paper]:
    """The paper of the house's invoice as it stands now."""

    def stands() -> Paper:
        with people.app_context():
            row = db.session.get_one(Paper, house.paper)
            db.session.expunge(row)
            db.session.remove()
        return row

    return stands


@pytest.mark.feature("D-11")
def test_a_paper_gets_a_new_link_or_none(owner: Desk, paper: Callable[[], Paper]) -> None:
    first, at = paper(), f"{LINK}?id={paper().id}"
    invoice = f"/admin/invoices/details/?id={first.invoice_id}"
    assert "Neuer Link oder keiner" in owner.get(invoice)
    assert 'value="renew"' in owner.get(at)
    assert "Der bisherige Link ist beendet." in owner.post(at, {"then": "renew"})
    renewed = paper()
    assert renewed.token != first.token and renewed.token_revoked_at is None
    page = owner.post(at, {"then": "revoke"})
    assert paper().token_revoked_at is not None and "ohne Link" in page
    assert owner.client.get(f"/download/{renewed.token}").status_code == 404
    owner.post(at, {"then": "renew"})
    assert paper().token_revoked_at is None


@pytest.mark.feature("D-11", "DSG-2")
def test_whoever_was_deleted_gets_no_new_link(
    owner: Desk, people: Flask, house: House, paper: Callable[[], Paper]
) -> None:
    before = paper().token
    with people.app_context():
        with write() as session:
            session.execute(update(Customer).where(Customer.id.in_(select(Customer.id))).values(erased_at=func.now()))
        db.session.remove()
    assert "gelöscht" in owner.post(f"{LINK}?id={house.paper}", {"then": "renew"})
    assert paper().token == before
    owner.get(f"{LINK}?id=99999", 404)
