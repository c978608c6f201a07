"""Refunds in the back office: from the cancelled invoice, with its fixed amount, and with a second person's yes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from extensions import db
from models import Refund
from tests.admin.conftest import Desk
from tests.admin.furniture import House
from tests.admin.refund_desk import cancel, correct, four_eyes, kinds, pay
from tests.admin.test_payments import key_of

ORDER = "/admin/refunds/order/"


def refunds_of(app: Flask) -> list[tuple[int, str, str]]:
    with app.app_context():
        rows = db.session.execute(select(Refund.id, Refund.way, Refund.state).order_by(Refund.id))
        found = [(row.id, row.way, row.state) for row in rows]
        db.session.remove()
        return found


def page(desk: Desk, house: House) -> str:
    return desk.get(f"/admin/invoices/details/?id={house.invoice}")


@pytest.mark.feature("M2-02", "M2-09", "M2-10")
def test_it_starts_at_the_cancelled_invoice_and_nobody_types_an_amount(owner: Desk, app: Flask, house: House) -> None:
    pay(app, house.invoice, "sandbox")
    assert "Eine Rückzahlung folgt auf einen Storno" in page(owner, house)
    storno = cancel(app, house.invoice)
    assert "Rückzahlung auslösen (" in page(owner, house)
    listed = owner.get("/admin/invoices/?owing=cancelled")
    assert f"/admin/invoices/details/?id={house.invoice}#refunds" in listed
    asked = owner.get(f"{ORDER}?correction={storno}")
    assert "gehen auf dem Weg zurück" in asked and 'name="amount"' not in asked
    key = key_of(owner, f"{ORDER}?correction={storno}")
    for _ in range(2):
        owner.post(ORDER, {"correction": str(storno), "way": "provider", "key": key})
    assert [(way, state) for _, way, state in refunds_of(app)] == [("provider", "ordered")]
    assert "unterwegs" in page(owner, house)


@pytest.mark.feature("D-1", "M2-09")
def test_an_invoice_that_was_corrected_in_part_is_given_back_in_part_from_the_same_place(
    owner: Desk, app: Flask, house: House
) -> None:
    link = f'<a href="/admin/invoices/details/?id={house.invoice}#refunds">'
    pay(app, house.invoice, "sandbox")
    assert link not in owner.get("/admin/invoices/"), "nothing was taken back of it"
    correct(app, house.invoice)
    listed = owner.get("/admin/invoices/")
    assert listed.count(link) == listed.count("#refunds") == 1
    payments = page(owner, house).partition('id="payments"')[2].partition("</section>")[0]
    assert "Rechnungskorrektur RK" in payments and "Rückzahlung auslösen (" in payments


@pytest.mark.feature("M2-05", "M2-06")
def test_what_no_provider_took_is_transferred_by_hand_and_the_button_says_why(
    owner: Desk, app: Flask, house: House
) -> None:
    pay(app, house.invoice)
    storno = cancel(app, house.invoice)
    shown = page(owner, house)
    assert "Das wurde nicht über einen Zahlungsanbieter bezahlt" in shown and "Zurücküberweisen (" in shown
    query = f"{ORDER}?correction={storno}&way=transfer"
    owner.post(ORDER, {"correction": str(storno), "way": "transfer", "key": key_of(owner, query)})
    ((refund_id, way, _),) = refunds_of(app)
    assert way == "transfer" and "von Hand zu überweisen" in owner.get("/admin/")
    owner.post("/admin/refunds/sent/", {"id": str(refund_id), "received_on": "2026-11-21", "reference": "ST"})
    assert kinds(app)[-1] == "refund" and refunds_of(app)[0][2] == "succeeded"
    assert "Zurückgezahlt" in owner.get(f"/admin/refunds/details/?id={refund_id}")


@pytest.mark.feature("X-16")
def test_above_the_limit_another_person_approves(
    owner: Desk, app: Flask, house: House, desk_of: Callable[[str], Desk]
) -> None:
    pay(app, house.invoice)
    storno = cancel(app, house.invoice)
    four_eyes(app, 1)
    query = f"{ORDER}?correction={storno}&way=transfer"
    assert "muss eine zweite Person freigeben" in owner.get(query)
    owner.post(ORDER, {"correction": str(storno), "way": "transfer", "key": key_of(owner, query)})
    ((refund_id, _, state),) = refunds_of(app)
    assert state == "waiting" and "wartet auf die Freigabe" in owner.get("/admin/")
    assert "muss eine andere Person sie freigeben" in owner.get(f"/admin/refunds/details/?id={refund_id}")
    owner.post("/admin/refunds/approve/", {"id": str(refund_id)})
    assert refunds_of(app)[0][2] == "waiting"
    books = desk_of("Buchhaltung")
    assert "Freigeben" in books.get(f"/admin/refunds/details/?id={refund_id}")
    books.post("/admin/refunds/approve/", {"id": str(refund_id)})
    assert refunds_of(app)[0][2] == "approved"
    desk_of("Support").get("/admin/refunds/approve/?id=1", status=403)
