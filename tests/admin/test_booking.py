"""A subscription from the customer's card: one page for one customer, foreseen, refused at its field, booked once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from admin import card_booking
from admin.booking_form import order_of
from extensions import db
from models import Activity, Customer, Message, Role, Subscription
from services import clock, customers, roles
from services.actor import SYSTEM
from services.unit import end_reading, write
from tests.admin.conftest import Desk
from tests.admin.furniture import TODAY, House
from tests.admin.test_forms import stored
from tests.at_once import at_once
from tests.services.charged import keep_card

NEW = "/admin/customers/subscriptions/new/"
CLICKS = 20


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.stand_at(TODAY):
        yield


def words_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ")


def fields_of(page: str) -> dict[str, object]:
    """What a browser would send of the page as it stands."""
    form = page.partition("data-booking")[2].partition("</form>")[0]
    found = dict(re.findall(r'<input[^>]*? name="([a-z_0-9]+)"[^>]*? value="([^"]*)"', form))
    for name, options in re.findall(r'<select[^>]*name="([a-z_]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        if chosen:
            found[name] = chosen[1]
    return {name: unescape(value) for name, value in found.items()} | {"article_number": "RAD-1", "do": ""}


def contracts(app: Flask, customer: int) -> list[Subscription]:
    with app.app_context():
        end_reading()
        query = select(Subscription).where(Subscription.customer_id == customer).order_by(Subscription.id)
        return list(db.session.scalars(query))


def open_page(desk: Desk, house: House) -> str:
    return desk.get(f"{NEW}?id={house.customer}")


@pytest.mark.feature("M1-06")
def test_the_card_offers_it_for_this_customer_and_it_leads_back_to_the_card(
    owner: Desk, people: Flask, house: House
) -> None:
    card = owner.get(f"/admin/customers/details/?id={house.customer}")
    assert f'href="{NEW}?id={house.customer}"' in card
    page = open_page(owner, house)
    assert "RAD-1 · Rad im Abo · 89,90 € netto · monatlich" in page.replace("\xa0", " ")
    assert 'value="Holtenauer Straße 12"' in page and 'name="customer_id"' not in page
    before = len(contracts(people, house.customer))
    answer = owner.client.post(NEW, data={**fields_of(page), "id": house.customer})
    assert answer.headers["Location"] == f"/admin/customers/subscriptions/?id={house.customer}"
    assert len(contracts(people, house.customer)) == before + 1
    assert "Das Abonnement ist angelegt." in owner.get(answer.headers["Location"])


@pytest.mark.feature("M1-06")
def test_the_page_says_what_it_means_before_anybody_clicks(owner: Desk, people: Flask, house: House) -> None:
    page = open_page(owner, house)
    before = len(contracts(people, house.customer))
    values = {**fields_of(page), "id": house.customer, "addons": "HELM", "starts_on": "2026-12-01", "do": "preview"}
    told = words_of(owner.client.post(NEW, data=values).text)
    assert "Erste Rechnung 01.12.2026" in told and "Helm" in told and "Zu zahlen, mit USt. 112,34 €" in told
    assert "Kündbar zum 31.12.2026" in told and len(contracts(people, house.customer)) == before


def test_a_double_click_books_once(owner: Desk, people: Flask, house: House) -> None:
    values = {**fields_of(open_page(owner, house)), "id": house.customer, "city": "Eckernförde"}
    before = len(contracts(people, house.customer))
    for _ in range(2):
        assert owner.client.post(NEW, data=values).status_code == 302
    assert len(contracts(people, house.customer)) == before + 1


@pytest.mark.feature("F1")
@pytest.mark.parametrize(("is_guarded", "booked"), [(True, 1), (False, CLICKS)], ids=["once", "negative control"])
def test_of_twenty_clicks_in_the_same_moment_one_books(
    owner: Desk, people: Flask, house: House, monkeypatch: pytest.MonkeyPatch, is_guarded: bool, booked: int
) -> None:
    """They are the same to the byte. Without the form's key, as in the control, each of them would be a contract."""
    values = {**fields_of(open_page(owner, house)), "id": house.customer}
    before = len(contracts(people, house.customer))
    if not is_guarded:
        monkeypatch.setattr(
            card_booking, "order_of", lambda form, customer: replace(order_of(form, customer), key=None)
        )

    def click(tab: FlaskClient) -> str:
        with clock.stand_at(TODAY):
            return str(tab.post(NEW, data=values).headers.get("Location"))

    tabs, card = [owner.another_tab() for _ in range(CLICKS)], f"/admin/customers/subscriptions/?id={house.customer}"
    assert at_once(people, [lambda tab=tab: click(tab) for tab in tabs]) == [card] * CLICKS
    made = contracts(people, house.customer)[before:]
    assert len(made) == booked
    told = select(func.count()).where(
        Activity.code == "subscription.created", Activity.object_id.in_([c.id for c in made])
    )
    assert stored(people, told) == [booked], "and the trail tells of each once"


@pytest.mark.feature("M1-16")
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"bank_iban": "DE00 1234"}, "Das ist keine gültige IBAN"),
        ({"email": "post@"}, "keine gültige E-Mail-Adresse"),
        ({"coupon": "GIBTSNICHT"}, "Es gibt keinen Gutschein mit diesem Code."),
        ({"quantity": "viel"}, "Bitte geben Sie eine Zahl"),
        ({"email": "", "payment_mail_address": "", "ask": "y"}, "Ohne E-Mail-Adresse kann der Kunde nicht gebeten"),
    ],
)
def test_a_refusal_stands_at_its_field_and_what_was_typed_stays(
    owner: Desk, people: Flask, house: House, values: dict[str, str], said: str
) -> None:
    before = len(contracts(people, house.customer))
    sent = {**fields_of(open_page(owner, house)), "id": house.customer, "title": "Werkstattrad", **values}
    page = owner.client.post(NEW, data=sent).text
    assert said in page and 'value="Werkstattrad"' in page
    wrong = page.partition('class="field wrong')[2].partition("</div>")[0]
    assert said in wrong and len(contracts(people, house.customer)) == before


@pytest.mark.feature("M1-15")
def test_two_who_look_over_the_same_record_lose_nothing(owner: Desk, people: Flask, house: House) -> None:
    sent = {**fields_of(open_page(owner, house)), "id": house.customer, "address": "Mein Weg 1"}
    with people.app_context():
        customers.update_customer(SYSTEM, house.customer, {"address": "Dein Weg 2"})
        db.session.remove()
    page = owner.client.post(NEW, data=sent).text
    assert "Jetzt gespeichert: Dein Weg 2" in page and 'value="Mein Weg 1"' in page
    again = {**fields_of(page), "id": house.customer}
    assert owner.client.post(NEW, data=again).status_code == 302
    with people.app_context():
        assert db.session.get_one(Customer, house.customer).address == "Mein Weg 1"


@pytest.mark.feature("M1-17")
def test_the_customer_is_asked_for_the_account_by_mail(owner: Desk, people: Flask, house: House) -> None:
    sent = {**fields_of(open_page(owner, house)), "id": house.customer, "ask": "y"}
    page = owner.client.post(NEW, data=sent, follow_redirects=True).text
    assert "Der Kunde wird per E-Mail gebeten" in page
    with people.app_context():
        assert db.session.scalar(select(func.count()).where(Message.template == "payment_data")) == 1


@pytest.mark.feature("M1-19")
def test_a_kept_method_is_chosen_for_this_contract_or_for_the_customer(
    owner: Desk, people: Flask, house: House
) -> None:
    with people.app_context():
        kept = keep_card(house.customer, "succeeds")
        customers.update_customer(SYSTEM, house.customer, {"payment_type": 1})
        db.session.remove()
    page = open_page(owner, house)
    assert "Wie beim Kunden: Überweisung" in page and "gültig bis" in page
    for only_here, own, type_ in (("y", kept, 1), ("", None, 6)):
        sent = {**fields_of(open_page(owner, house)), "id": house.customer, "payment_type": f"method:{kept}"}
        sent.pop("only_here", None)
        answer = owner.client.post(NEW, data=sent | ({"only_here": only_here} if only_here else {}))
        assert answer.status_code == 302
        assert contracts(people, house.customer)[-1].payment_method_id == own
        with people.app_context():
            assert db.session.get_one(Customer, house.customer).payment_type == type_
            db.session.remove()


@pytest.mark.feature("D-12")
@pytest.mark.parametrize(("status", "said"), [("blocked", "gesperrt"), ("deactivated", "deaktiviert")])
def test_a_blocked_customer_is_refused_with_the_reason(
    owner: Desk, people: Flask, house: House, status: str, said: str
) -> None:
    with people.app_context():
        with write() as session:
            session.execute(update(Customer).where(Customer.id == house.customer).values(status=status))
        db.session.remove()
    page = owner.client.get(f"{NEW}?id={house.customer}", follow_redirects=True).text
    assert f"Der Kunde ist {said}" in page and "data-booking" not in page


def test_who_may_not_change_records_books_without_touching_them(
    desk_of: Callable[[str], Desk], owner: Desk, people: Flask, house: House
) -> None:
    sent = {**fields_of(open_page(owner, house)), "id": house.customer, "city": "Anderswo"}
    with people.app_context():
        rights = {"subscriptions.write", "subscriptions.read", "customers.read"}
        number = db.session.scalar(select(Role.id).where(Role.name == "Support"))
        roles.save_role(SYSTEM, number, name="Support", description="", is_enabled=True, permissions=rights)
        db.session.remove()
    desk = desk_of("Support")
    assert '<fieldset class="panel padded" disabled>' in open_page(desk, house)
    before = len(contracts(people, house.customer))
    answer = desk.client.post(NEW, data={**sent, "csrf_token": desk.own_token()})
    assert answer.status_code == 302 and len(contracts(people, house.customer)) == before + 1
    with people.app_context():
        assert db.session.get_one(Customer, house.customer).city == "Kiel"


def test_the_page_takes_as_many_statements_for_a_long_history_as_for_none(
    owner: Desk, people: Flask, house: House, statements: list[str]
) -> None:
    with people.app_context():
        nobody = customers.create_customer(SYSTEM, {"last_name": "Neu"})
        db.session.remove()
    owner.get("/admin/")
    counts = []
    for number in (house.customer, nobody):
        statements.clear()
        owner.get(f"{NEW}?id={number}")
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 30, counts


@pytest.mark.feature("M1-08")
def test_a_one_off_invoice_is_begun_on_the_card_for_this_customer_and_leads_back(
    owner: Desk, people: Flask, house: House
) -> None:
    card = owner.get(f"/admin/customers/details/?id={house.customer}")
    found = re.search(r'href="(/admin/drafts/[^"]*)"', card)
    assert found
    address = found[1].replace("&amp;", "&")
    page = owner.get(address)
    assert (
        'type="hidden" name="customer" value="10001"' in page
        and f"/admin/customers/invoices/?id={house.customer}" in page
    )
    values = {
        "csrf_token": owner.own_token(), "customer": "10001", "currency_code": "EUR", "is_gross": "False",
        "payment_type": "1", "days_for_payment": "14", "service_from": "2026-11-20", "lines-0-title": "Inspektion",
        "lines-0-quantity": "1", "lines-0-unit_price": "49,90", "lines-0-vat_category": "standard",
        "lines-0-supply_kind": "service",
    }  # fmt: skip
    answer = owner.client.post(address, data=values)
    assert answer.headers["Location"] == f"/admin/customers/invoices/?id={house.customer}"
    assert "Entwurf" in owner.get(answer.headers["Location"])


@pytest.mark.feature("D-12")
@pytest.mark.parametrize(("status", "said"), [("blocked", "gesperrt"), ("deactivated", "deaktiviert")])
def test_the_card_of_who_may_book_nothing_offers_no_subscription_but_a_one_off_invoice(
    owner: Desk, people: Flask, house: House, status: str, said: str
) -> None:
    card = f"/admin/customers/details/?id={house.customer}"
    assert f'href="{NEW}?id={house.customer}"' in owner.get(card)
    with people.app_context():
        with write() as session:
            session.execute(update(Customer).where(Customer.id == house.customer).values(status=status))
        db.session.remove()
    page = owner.get(card)
    assert NEW not in page and f"Der Kunde ist {said}, deshalb" in page
    assert 'href="/admin/drafts/?customer=' in page
