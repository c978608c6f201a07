"""Refunds in the back office: from the cancelled invoice, with its fixed amount, and with a second person's yes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from extensions import db
from models import Refund
from services import roles, staff
from services.actor import SYSTEM
from tests.admin.conftest import Desk
from tests.admin.furniture import PASSWORD, House
from tests.admin.refund_desk import cancel, correct, four_eyes, kinds, pay, take_back, take_twice
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
    shown = owner.get(f"/admin/refunds/details/?id={refund_id}")
    assert "zurückgezahlt" in shown and "<dt>Beendet</dt>" in shown and "Überweisung</span>" in shown
    booked = owner.get(f"/admin/payments/details/?id={len(kinds(app))}")
    assert "<h1>Rückzahlung" in booked and "/admin/payments/cancel/" not in booked, "it has a deed of its own"
    assert re.search(r"<b>-\d", booked), "money that left"


@pytest.mark.feature("X-16")
def test_above_the_limit_another_person_approves(
    owner: Desk, app: Flask, house: House, desk_of: Callable[[str], Desk]
) -> None:
    pay(app, house.invoice)
    storno = cancel(app, house.invoice)
    four_eyes(app, 1)
    query = f"{ORDER}?correction={storno}&way=transfer"
    assert "muss eine zweite Person freigeben" in owner.get(query)
    told = owner.post(ORDER, {"correction": str(storno), "way": "transfer", "key": key_of(owner, query)})
    assert "Sie wartet auf die Freigabe durch eine zweite Person." in told
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


CANCEL = "/admin/corrections/cancel/"
TICK = "Den Betrag gleich zurückzahlen"


def asked_to_cancel(desk: Desk, invoice: int) -> dict[str, str]:
    """The hidden values of the question, with the tick set."""
    found = desk.get(f"{CANCEL}?id={invoice}")
    assert TICK in found
    hidden = dict(re.findall(r'name="(key|refund_seen|seen)" (?:type="hidden" )?value="(\w+)"', found))
    assert hidden.keys() == {"key", "refund_seen", "seen"} and 'name="refund" type="checkbox" value="y">' in found
    return {"id": str(invoice), "reason": "doch nicht", "refund": "y", **hidden}


@pytest.mark.feature("EB-53", "M2-09")
def test_the_window_of_the_cancellation_gives_back_at_once_with_a_tick(owner: Desk, app: Flask, house: House) -> None:
    assert TICK not in owner.get(f"{CANCEL}?id={house.invoice}"), "nothing was paid"
    pay(app, house.invoice, "sandbox")
    form = asked_to_cancel(owner, house.invoice)
    assert "gehen über Sandbox zurück" in owner.get(f"{CANCEL}?id={house.invoice}")
    assert "Die Rückzahlung ist veranlasst." in owner.post(CANCEL, form)
    owner.post(CANCEL, form)
    assert [(way, state) for _, way, state in refunds_of(app)] == [("provider", "ordered")]
    assert "unterwegs" in page(owner, house)
    paid = owner.get("/admin/payments/details/?id=1")
    assert f"charge-{house.invoice}" in paid, "the provider's own number of it"


@pytest.mark.feature("EB-53", "X-16")
def test_the_tick_stands_there_for_who_may_pay_back_and_says_that_another_person_approves(
    owner: Desk, app: Flask, house: House, desk_of: Callable[[str], Desk]
) -> None:
    pay(app, house.invoice, "sandbox")
    four_eyes(app, 1)
    with app.app_context():
        roles.save_role(SYSTEM, None, name="Rechnungen", description="", is_enabled=True,
                        permissions={"invoices.read", "invoices.write"})  # fmt: skip
        staff.add_staff(SYSTEM, "rg@example.com", role="Rechnungen", name="Rita Rechnung", password=PASSWORD)
        db.session.remove()
    clerk = Desk(app.test_client())
    clerk.log_in("rg@example.com")
    assert TICK not in clerk.get(f"{CANCEL}?id={house.invoice}")
    forged = {"id": house.invoice, "reason": "doch nicht", "refund": "y", "csrf_token": clerk.own_token()}
    assert clerk.client.post(CANCEL, data=forged).status_code == 403
    form = asked_to_cancel(owner, house.invoice)
    assert "muss eine zweite Person freigeben" in owner.get(f"{CANCEL}?id={house.invoice}")
    assert "Sie wartet auf die Freigabe durch eine zweite Person." in owner.post(CANCEL, form)
    assert [state for _, _, state in refunds_of(app)] == ["waiting"]


@pytest.mark.feature("EB-53")
def test_a_sum_that_changed_since_cancels_nothing(owner: Desk, app: Flask, house: House) -> None:
    pay(app, house.invoice, "sandbox")
    told = owner.post(CANCEL, asked_to_cancel(owner, house.invoice) | {"refund_seen": "1"})
    assert "inzwischen" in told and refunds_of(app) == []
    assert TICK in owner.get(f"{CANCEL}?id={house.invoice}"), "it is there to be cancelled as before"


@pytest.mark.feature("F19")
def test_a_chargeback_is_seen_on_the_overview_and_its_reason_is_told_in_words(
    owner: Desk, app: Flask, house: House
) -> None:
    link = "/admin/payments/?state=owed_again"
    pay(app, house.invoice, "sandbox")
    assert link not in owner.get("/admin/")
    taken = take_back(app, "fraudulent")
    assert link in owner.get("/admin/") and "Zahlung wurde zurückgebucht und ist noch offen" in owner.get("/admin/")
    assert owner.get(link).count("<tr data-id") == 1
    for address in (f"/admin/invoices/details/?id={house.invoice}", f"/admin/payments/details/?id={taken}",
                    f"/admin/customers/details/?id={house.customer}"):  # fmt: skip
        told = owner.get(address)
        assert "Betrugsverdacht." in told and "fraudulent" not in told, address
    assert ">None<" not in owner.get(f"/admin/payments/details/?id={taken}"), "nobody undoes it here"
    assert "fraudulent" not in owner.get(f"/admin/statement/?customer={house.customer}")


@pytest.mark.feature("EB-51")
def test_what_was_collected_twice_is_told_on_every_screen_with_the_click_that_pays_it_out(
    owner: Desk, app: Flask, house: House
) -> None:
    assert "taken_twice" not in owner.get("/admin/")
    take_twice(app, house.invoice)
    assert "Rechnung wurde mehr als einmal eingezogen" in owner.get("/admin/")
    assert owner.get("/admin/payments/?state=taken_twice").count("<tr data-id") == 2
    for address in (f"/admin/invoices/details/?id={house.invoice}", f"/admin/customers/payments/?id={house.customer}"):
        told = owner.get(address)
        (click,) = re.findall(r'href="(/admin/payments/pay-out/[^"]*cents=\d+[^"]*)"', told)
        assert "Davon sind" in told and "zu viel" in told
    asked = owner.get(click.replace("&amp;", "&"))
    (cents,) = re.findall(r"cents=(\d+)", click)
    assert f'value="{int(cents) // 100},{int(cents) % 100:02}"' in asked


@pytest.mark.feature("EB-51")
@pytest.mark.feature("S22")
def test_what_is_left_of_two_charges_of_a_cancelled_invoice_is_found_among_the_customers(
    owner: Desk, app: Flask, house: House
) -> None:
    link = "/admin/customers/?owing=credit"
    take_twice(app, house.invoice)
    cancel(app, house.invoice)
    listed = owner.get(link)
    assert listed.count("<tr data-id") == 1 and f'data-id="{house.customer}"' in listed
    assert "Bezahltes Guthaben</th>" in re.sub(r"\s+", " ", listed).replace(" </th>", "</th>")
    assert "Bezahltes Guthaben</th>" not in re.sub(r"\s+", " ", owner.get("/admin/customers/"))
