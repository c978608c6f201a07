"""Two people at the same moment: one is done, the other is told; nothing is overwritten unseen and nothing breaks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from extensions import db
from models import Role, Staff, Tag
from services import clock, contract_days, contract_ends, customers, edits, roles, staff, staff_access, tags
from services.actor import SYSTEM
from services.permissions import OWNER
from tests.at_once import at_once
from tests.services import shop

PASSWORD = "ein langer alter Satz"


def make_role() -> int:
    return roles.save_role(SYSTEM, None, name="Lager", description="", is_enabled=True, permissions={"tags.read"})


@pytest.mark.feature("M2-27")
@pytest.mark.parametrize(
    ("make", "refusal"),
    [
        (make_role, "name_taken"),
        (lambda: staff.enrol(SYSTEM, "neu@example.com", role="Support"), "email_taken"),
        (lambda: tags.add_tag(SYSTEM, "Messe"), "taken"),
    ],
    ids=["role", "login", "tag"],
)
def test_what_has_one_name_is_made_once(app: Flask, make: Callable[[], object], refusal: str) -> None:
    assert at_once(app, [make, make, make]) == sorted(["done", refusal, refusal])


def test_one_new_tag_on_two_records_is_one_tag(app: Flask) -> None:
    with app.app_context():
        one, two = (customers.create_customer(SYSTEM, {"last_name": name}) for name in ("Eins", "Zwei"))
        db.session.remove()
    outcomes = at_once(app, [lambda key=key: tags.set_tags(SYSTEM, key, "Messe") for key in (one, two)])
    assert set(outcomes) <= {"done", "changed_meanwhile"} and "done" in outcomes
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Tag)) == 1


@pytest.mark.feature("S22")
def test_two_owners_who_shut_each_other_out_leave_one(app: Flask) -> None:
    with app.app_context():
        for email in ("anna@example.com", "bernd@example.com"):
            staff.add_staff(SYSTEM, email, role=OWNER, name=email, password=PASSWORD)
        ids = list(db.session.scalars(select(Staff.id)))
        support = db.session.scalars(select(Role.id).where(Role.name == "Support")).one()
        db.session.remove()

    def shut_out(staff_id: int) -> Callable[[], object]:
        return lambda: staff_access.change_staff(
            SYSTEM, staff_id, name="x", role_id=support, is_active=True, language_code="de"
        )

    assert at_once(app, [*map(shut_out, ids)]) == ["done", "last_owner"]


def test_whoever_saves_second_is_told_even_in_the_same_moment(app: Flask) -> None:
    with app.app_context():
        role_id = make_role()
        seen = str(db.session.get_one(Role, role_id).version)
        db.session.remove()

    def save(description: str) -> Callable[[], object]:
        def deed() -> None:
            with edits.as_seen(Role, role_id, seen):
                roles.save_role(SYSTEM, role_id, name="Lager", description=description, is_enabled=True,
                                permissions={"tags.read"})  # fmt: skip

        return deed

    assert at_once(app, [save("A"), save("B"), save("C")]) == ["changed_meanwhile", "changed_meanwhile", "done"]


@pytest.mark.feature("F1")
def test_twenty_who_end_one_contract_at_once_end_it_once_and_credit_it_once(app: Flask) -> None:
    with app.app_context(), clock.stand_at(date(2026, 1, 15)):
        shop.stock()
        contract = shop.contract(shop.somebody())
        shop.bill("2026-01-01")
        last, why = date(2026, 1, 20), "umgezogen"
        deed = partial(contract_ends.cancel, SYSTEM, contract, last, why, extraordinary=True)
        assert at_once(app, [deed] * 20) == ["cancelled"] * 19 + ["done"]
    with app.app_context(), clock.stand_at(last):
        assert set(at_once(app, [partial(contract_days.follow, contract)] * 4)) == {"done"}
        assert [row.kind for row in shop.invoices()].count("correction") == 1
        assert shop.findings() == []
