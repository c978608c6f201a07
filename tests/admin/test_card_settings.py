"""The tab Einstellungen of a card: read at a glance, changed part by part, with a permission of its own."""

from __future__ import annotations

import html
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from billing.errors import NotAllowed
from extensions import db
from models import Activity, Customer
from services import customer_erasure, customers
from services.actor import SYSTEM
from tests.admin.conftest import Desk
from tests.admin.furniture import House
from tests.admin.test_forms import filled, send, stored, values_on

TAB = "/admin/customers/settings/?id="
CHANGE = "/admin/customers/settings/change/?part={}&id={}"
HOLD = "/admin/customers/settings/hold/?id="


def row(app: Flask, customer: int) -> Customer:
    found: Customer = stored(app, select(Customer).where(Customer.id == customer))[0]
    return found


@pytest.mark.feature("R-25")
def test_the_tab_shows_how_the_customer_is_dealt_with(reader: Desk, house: House) -> None:
    page = html.unescape(reader.get(TAB + str(house.customer)))
    told = ("per E-Mail", "ZUGFeRD", "Sprache", "wie in der Firma eingestellt: 14", "Erlaubte Zahlungsarten",
            "Debitorenkonto", "Kostenstelle", "Newsletter", "keine: Die Akte darf")  # fmt: skip
    assert [words for words in told if words not in page] == []


@pytest.mark.feature("M1-05")
@pytest.mark.parametrize(
    ("part", "sent"),
    [("invoices", {"invoice_delivery_method": "both", "einvoice_format": "xrechnung", "language_code": "en",
                   "buyer_reference": "04011000-12345-03"}),
     ("money", {"days_for_payment": "30", "currency_code": "CHF"}),
     ("books", {"account_receivable": "10042", "costcenter": "Nord"})],
)  # fmt: skip
def test_a_part_is_changed_and_nothing_else(
    owner: Desk, people: Flask, house: House, part: str, sent: dict[str, str]
) -> None:
    before = row(people, house.customer)
    assert "Gespeichert." in send(owner, CHANGE.format(part, house.customer), **sent)
    now = row(people, house.customer)
    assert {name: str(getattr(now, name)) for name in sent} == sent
    others = set(Customer.__table__.columns.keys()) - sent.keys() - {"updated_at", "version"}
    assert [name for name in others if getattr(before, name) != getattr(now, name)] == []


def test_the_allowed_ways_of_paying_are_ticked_and_one_is_needed(owner: Desk, people: Flask, house: House) -> None:
    path = CHANGE.format("money", house.customer)
    send(owner, path, allowed_payment_types=["1", "2"])
    assert row(people, house.customer).allowed_payment_types == "1,2"
    assert 'aria-invalid="true"' in send(owner, path, allowed_payment_types=[])
    assert row(people, house.customer).allowed_payment_types == "1,2"


def test_a_leitweg_id_that_is_wrong_is_told_at_its_field(owner: Desk, people: Flask, house: House) -> None:
    page = send(
        owner,
        CHANGE.format("invoices", house.customer),
        einvoice_format="xrechnung",
        buyer_reference="04011000-12345-99",
    )
    assert "Diese Leitweg-ID stimmt nicht" in page or "Leitweg-ID ist nicht richtig" in page
    assert row(people, house.customer).einvoice_format == "zugferd"


def test_the_consent_to_the_newsletter_keeps_its_moment(owner: Desk, people: Flask, house: House) -> None:
    path = CHANGE.format("newsletter", house.customer)
    send(owner, path, newsletter_optin="y")
    first = row(people, house.customer)
    assert first.newsletter_optin and first.newsletter_at is not None
    assert "seit" in owner.get(TAB + str(house.customer)).partition("part=newsletter")[2].partition("</section>")[0]
    with people.app_context():
        customers.update_customer(SYSTEM, house.customer, {"city": "Plön", "newsletter_optin": True})
        db.session.remove()
    assert row(people, house.customer).newsletter_at == first.newsletter_at, "only a change of it has a moment"


def test_somebody_else_s_change_of_the_same_field_is_told_before_it_is_overwritten(
    owner: Desk, people: Flask, house: House
) -> None:
    path = CHANGE.format("books", house.customer)
    opened = filled(owner, path)
    with people.app_context():
        customers.update_customer(SYSTEM, house.customer, {"costcenter": "Süd", "account_receivable": "77"})
        db.session.remove()
    page = owner.client.post(path, data=opened | {"costcenter": "Nord"}).text
    assert "Jemand anderes hat gerade „Süd“ eingetragen" in html.unescape(page)
    owner.client.post(path, data=values_on(page))
    now = row(people, house.customer)
    assert (now.costcenter, now.account_receivable) == ("Nord", "77"), "what nobody touched here stays"


@pytest.mark.feature("RET-1")
@pytest.mark.feature("DSG-3")
def test_the_hold_keeps_the_record_from_deletion_until_it_is_lifted_with_a_reason(owner: Desk, people: Flask) -> None:
    send(owner, "/admin/customers/new/", organization="Streit GmbH")
    (number,) = stored(people, select(Customer.id).where(Customer.organization == "Streit GmbH"))
    assert "Bitte füllen Sie dieses Feld aus." in send(owner, HOLD + str(number), reason="  ")
    assert "vor dem Löschen geschützt" in send(owner, HOLD + str(number), reason="Klage <b>3 O 17/26</b>")
    page = owner.get(TAB + str(number))
    assert "Klage &lt;b&gt;3 O 17/26&lt;/b&gt;" in page and "Petra Inhaber" in page
    assert deleted(people, number) == "legal_hold"
    send(owner, HOLD + str(number), reason="Vergleich")
    assert deleted(people, number) == "erased"
    codes = set(stored(people, select(Activity.code).where(Activity.customer_id == number)))
    assert {"customer.hold_set", "customer.hold_lifted"} <= codes


def deleted(app: Flask, customer: int) -> str:
    """What came of the deletion: its outcome, or what stands against it."""
    with app.app_context():
        try:
            return customer_erasure.delete_customer(SYSTEM, customer).outcome
        except NotAllowed as refused:
            return refused.code
        finally:
            db.session.remove()


@pytest.mark.feature("S22")
def test_the_permission_is_its_own_and_the_form_asks_for_no_setting_without_it(
    desk_of: Callable[[str], Desk], house: House
) -> None:
    support = desk_of("Support")
    assert "settings/change/" in support.get(TAB + str(house.customer))
    support.get(HOLD + str(house.customer), 403)
    assert 'name="costcenter"' in support.get("/admin/customers/new/")
