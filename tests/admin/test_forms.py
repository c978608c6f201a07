"""Forms: what is sent goes to the services, in German, and a refusal stands at the field that it is about."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from admin.api_keys import ApiKeyForm
from admin.company import CompanyForm
from admin.customer_form import CustomerForm
from admin.fields import Form
from admin.number_ranges import NumberRangeForm
from admin.products import ProductForm
from admin.roles import RoleForm
from admin.staff import InvitationForm, StaffForm
from admin.subscriptions import SubscriptionForm
from admin.tags import TagForm
from extensions import db
from models import (
    Activity,
    ApiKey,
    Company,
    Customer,
    Message,
    NumberRange,
    Product,
    Role,
    Sequence,
    Staff,
    Subscription,
    Tag,
)
from services import api_keys, customers
from services.actor import SYSTEM
from services.permissions import DEFAULT_ROLES, PERMISSIONS
from tests.admin.conftest import Desk
from tests.admin.furniture import IBAN, House


def stored(app: Flask, query: Any) -> list[Any]:
    with app.app_context():
        found = list(db.session.scalars(query))
        db.session.expunge_all()
        db.session.remove()
        return found


def filled(desk: Desk, path: str) -> dict[str, Any]:
    """The values that a browser would send back unchanged."""
    return values_on(desk.get(path))


def values_on(page: str) -> dict[str, Any]:
    """The same of a page that is open already."""
    form = page[page.index('class="stack" novalidate') :].partition("</form>")[0]
    values: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        if not re.search(r'type="(checkbox|radio)"', tag) or " checked" in tag:
            values.setdefault(_attribute(tag, "name"), []).append(_attribute(tag, "value"))
    for tag, inside in re.findall(r"(<select[^>]*>)(.*?)</select>", form, re.S):
        options = re.findall(r"<option[^>]*>", inside)
        chosen = [option for option in options if " selected" in option] or ([] if "multiple" in tag else options[:1])
        values.setdefault(_attribute(tag, "name"), []).extend(_attribute(option, "value") for option in chosen)
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        values[name] = [html.unescape(text).lstrip("\r\n")]
    return {name: found[0] if len(found) == 1 else found for name, found in values.items()}


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""


def send(desk: Desk, path: str, **changes: object) -> str:
    values = {**filled(desk, path), **changes}
    answer = desk.client.post(path, data=values, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


@pytest.mark.parametrize(
    "form",
    [CustomerForm, TagForm, ProductForm, SubscriptionForm, CompanyForm, NumberRangeForm, InvitationForm, StaffForm,
     RoleForm, ApiKeyForm],
)  # fmt: skip
def test_every_field_of_a_form_is_drawn(form: type[Form], shared: Flask) -> None:
    drawn = {name for _heading, names in form.groups for name in names} | {"csrf_token"}
    with shared.test_request_context("/admin/"):
        assert set(form()._fields) - drawn == ({"permissions"} if form is RoleForm else set())


@pytest.mark.feature("M1-14")
@pytest.mark.feature("M1-34")
def test_staff_make_a_customer_with_nothing_but_a_name(owner: Desk, people: Flask) -> None:
    page = send(owner, "/admin/customers/new/", customer_type="consumer", last_name="Öztürk")
    assert "Kunde angelegt, Nummer 10007." in page and "Öztürk" in page
    row = stored(people, select(Customer).where(Customer.last_name == "Öztürk"))[0]
    assert (row.number, row.payment_type, row.currency_code, row.invoice_delivery_method) == ("10007", 1, "EUR", "mail")


@pytest.mark.feature("M1-34")
def test_a_customer_number_may_be_given_by_hand_but_only_once(owner: Desk, people: Flask) -> None:
    path = "/admin/customers/new/"
    told = "Von Hand geht jede freie Nummer; der Nummernkreis zählt weiter wie bisher und überspringt vergebene."
    assert told in owner.get(path)
    assert "Kunde angelegt, Nummer K-1." in send(owner, path, organization="Eins", number="K-1")
    assert "Dieser Wert ist schon anderswo vergeben." in send(owner, path, organization="Zwei", number="K-1")
    assert len(stored(people, select(Customer).where(Customer.number == "K-1"))) == 1


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [("organization", "", "Bitte füllen Sie dieses Feld aus."),
     ("email", "kein", "Das ist keine gültige E-Mail-Adresse."),
     ("bank_iban", "DE89370400440532013001", "Das ist keine gültige IBAN."),
     ("vat_id", "DE1", "Das ist keine gültige USt-IdNr."),
     ("country_code", "XX", "Bitte wählen Sie einen der angebotenen Werte."), ("birthday", "31.02.2026", ""),
     ("days_for_payment", "1000", ""), ("city", "x" * 101, ""), ("organization", "x" * 1_000_000, ""),
     ("payment_type", "99", "")],
)  # fmt: skip
def test_what_does_not_fit_is_told_at_its_field_and_nothing_is_stored(
    reader: Desk, shared: Flask, field: str, value: str, told: str
) -> None:
    before = len(stored(shared, select(Customer.id)))
    page = send(reader, "/admin/customers/new/", **{"organization": "Neu GmbH", field: value})
    assert "<strong>" in page and told in page and "Bitte prüfen Sie die markierten Felder." in page
    assert len(stored(shared, select(Customer.id))) == before


def test_an_unchanged_form_changes_nothing_and_a_changed_one_tells_what(
    owner: Desk, people: Flask, house: House
) -> None:
    path = f"/admin/customers/edit/?id={house.customer}"
    send(owner, path)
    assert stored(people, select(Activity).where(Activity.code == "customer.changed")) == []
    assert "Werftstraße 1" in send(owner, path, address="Werftstraße 1", tags="Großkunde, Neu")
    assert len(stored(people, select(Activity).where(Activity.code == "customer.changed"))) == 1


def test_the_iban_is_masked_in_the_form_and_survives_it(owner: Desk, people: Flask, house: House) -> None:
    path = f"/admin/customers/edit/?id={house.customer}"
    assert IBAN not in owner.get(path) and filled(owner, path)["bank_iban"] == "DE89 •••• 3000"
    send(owner, path, city="Rendsburg")
    assert stored(people, select(Customer.bank_iban).where(Customer.id == house.customer)) == [IBAN]
    send(owner, path, bank_iban="DE02 1203 0000 0000 2020 51")
    assert stored(people, select(Customer.bank_iban).where(Customer.id == house.customer)) == ["DE02120300000000202051"]


def test_looking_at_an_iban_leaves_a_trace(owner: Desk, people: Flask, house: House) -> None:
    assert IBAN in owner.post("/admin/customers/iban/", {"id": house.customer})
    assert IBAN not in owner.get(f"/admin/customers/details/?id={house.customer}")
    assert len(stored(people, select(Activity).where(Activity.code == "customer.iban_revealed"))) == 1


def test_the_second_of_two_who_edit_at_once_is_told_and_overwrites_nothing(
    owner: Desk, people: Flask, house: House
) -> None:
    path = f"/admin/customers/edit/?id={house.customer}"
    opened = filled(owner, path)
    with people.app_context():
        customers.update_customer(SYSTEM, house.customer, {"city": "Plön"})
        db.session.remove()
    answer = owner.client.post(path, data=opened | {"city": "Preetz"}, follow_redirects=True).text
    assert "Das wurde inzwischen von anderer Seite geändert." in answer and 'value="Preetz"' in answer
    assert stored(people, select(Customer.city).where(Customer.id == house.customer)) == ["Plön"]


@pytest.mark.feature("S15")
def test_nobody_sets_a_field_that_the_form_does_not_have(owner: Desk, people: Flask, house: House) -> None:
    path = f"/admin/customers/edit/?id={house.customer}"
    send(owner, path, status="blocked", hash="0" * 32, survivor_id="2", version_="7", city="Plön", legal_hold="y")
    row = stored(people, select(Customer).where(Customer.id == house.customer))[0]
    assert (row.city, row.status, row.legal_hold) == ("Plön", "active", False) and row.hash != "0" * 32


def test_deleting_says_what_will_happen_before_it_happens(owner: Desk, people: Flask, house: House) -> None:
    page = owner.get(f"/admin/customers/delete/confirm/?id={house.customer}")
    assert "lässt sich noch nicht löschen" in page and "Es laufen noch Abonnements" in page
    send(owner, "/admin/customers/new/", organization="Kurz da")
    (number,) = stored(people, select(Customer.id).where(Customer.organization == "Kurz da"))
    assert "endgültig gelöscht" in owner.get(f"/admin/customers/delete/confirm/?id={number}")
    without_reason = owner.post("/admin/customers/delete/", {"id": number})
    assert "Bitte wählen Sie einen der angebotenen Werte." in without_reason
    assert "Der Kunde ist gelöscht." in owner.post("/admin/customers/delete/", {"id": number, "reason": "by_mistake"})
    assert stored(people, select(Customer.id).where(Customer.organization == "Kurz da")) == []
    refused = owner.post("/admin/customers/delete/", {"id": house.customer, "reason": "asked"})
    assert "Es ist noch etwas offen." in refused


@pytest.mark.parametrize(
    ("typed", "price"),
    [("12,50", "12.50"), ("1.234,50", "1234.50"), ("0,12345678", "0.12345678"), ("12", "12"), ("0", "0")],
)
def test_a_price_is_typed_the_german_way(owner: Desk, people: Flask, typed: str, price: str) -> None:
    page = send(owner, "/admin/products/new/", number="P-9", title="Neu", unit_price=typed)
    assert "Gespeichert." in page
    assert stored(people, select(Product.unit_price).where(Product.number == "P-9")) == [Decimal(price)]


@pytest.mark.parametrize("typed", ["12.50", "abc", "-1", "1e9", "1.2.3", "12,5,0", "NaN", "9" * 31, "1,123456789"])
def test_what_is_no_price_is_not_guessed(reader: Desk, shared: Flask, typed: str) -> None:
    assert "<strong>" in send(reader, "/admin/products/new/", number="P-9", title="Neu", unit_price=typed)
    assert stored(shared, select(Product).where(Product.number == "P-9")) == []


def test_a_plan_has_its_rhythm_and_an_article_has_none(owner: Desk, people: Flask) -> None:
    path = "/admin/products/new/"
    send(owner, path, number="Q", title="Quartal", unit_price="30", interval=["3", "month"], term=["1", "year"])
    send(owner, path, number="A", title="Artikel", unit_price="5", kind="article")
    rows = stored(people, select(Product).where(Product.number.in_(("Q", "A"))).order_by(Product.number))
    found = [(r.kind, r.interval_unit, r.interval_count, r.term_unit) for r in rows]
    assert found == [("article", None, 1, None), ("plan", "month", 3, "year")]
    assert "alle 3 Monate" in owner.get("/admin/products/?search=Q")
    page = send(owner, path, number="B", title="B", unit_price="1", interval=["0", "month"])
    assert "wählen Sie eine Einheit" in page


def test_an_edited_product_keeps_what_was_not_touched(owner: Desk, people: Flask) -> None:
    (before,) = stored(people, select(Product).where(Product.number == "RAD-1"))
    assert "Rad im Abonnement" in send(owner, f"/admin/products/edit/?id={before.id}", title="Rad im Abonnement")
    (after,) = stored(people, select(Product).where(Product.number == "RAD-1"))
    same = ("unit_price", "setup_fee", "interval_unit", "interval_count", "kind", "is_active", "vat_category", "unit")
    assert [getattr(before, name) for name in same] == [getattr(after, name) for name in same]


def test_a_subscription_is_concluded_for_a_customer_number(owner: Desk, people: Flask) -> None:
    path = "/admin/subscriptions/new/?customer=10002"
    page = send(owner, path, article_number="RAD-1", quantity="2,5", starts_on="2026-12-01", addons=["HELM"])
    assert "Gespeichert." in page and "01.12.2026" in page and "Helm" in page
    (row,) = stored(people, select(Subscription).order_by(Subscription.id.desc()).limit(1))
    assert row.customer_id == 2


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [("customer_id", "gibt es nicht", "Es gibt keinen Kunden mit dieser Nummer."), ("article_number", "HELM", ""),
     ("quantity", "0", "außerhalb des Erlaubten"), ("ends_on", "2020-01-01", "Dieser Tag liegt vor dem Beginn."),
     ("next_event", "2019-01-01", "Dieser Tag liegt vor dem Beginn."), ("starts_on", "bald", "")],
)  # fmt: skip
def test_a_subscription_that_does_not_fit_is_refused(
    reader: Desk, shared: Flask, field: str, value: str, told: str
) -> None:
    before = len(stored(shared, select(Subscription.id)))
    page = send(reader, "/admin/subscriptions/new/?customer=10002", **{"article_number": "RAD-1", field: value})
    assert told in page and "Gespeichert." not in page
    assert len(stored(shared, select(Subscription.id))) == before


def test_open_periods_are_billed_after_a_person_said_so(owner: Desk, people: Flask, house: House) -> None:
    path = f"/admin/subscriptions/details/?id={house.parked_subscription}"
    assert "Mehr als 12 offene Zeiträume" in owner.get(path)
    assert "Bestätigt." in owner.post("/admin/subscriptions/confirm/", {"id": house.parked_subscription})
    assert "Mehr als 12 offene Zeiträume" not in owner.get(path)
    query = select(Subscription.periods_confirmed).where(Subscription.id == house.parked_subscription)
    assert stored(people, query) == [True]


def test_tags_are_made_renamed_and_deleted(owner: Desk, people: Flask) -> None:
    assert "Gespeichert." in send(owner, "/admin/tags/new/", name="VIP")
    assert "schon anderswo vergeben" in send(owner, "/admin/tags/new/", name="vip")
    assert "kein Komma" in send(owner, "/admin/tags/new/", name="a, b")
    (number,) = stored(people, select(Tag.id).where(Tag.name == "VIP"))
    assert "Gespeichert." in send(owner, f"/admin/tags/edit/?id={number}", name="Stammkundschaft")
    assert "Gelöscht." in owner.post("/admin/tags/delete/", {"id": number})
    assert stored(people, select(Tag).where(Tag.id == number)) == []


@pytest.mark.feature("M2-27")
@pytest.mark.feature("M2-29")
@pytest.mark.feature("M2-31")
def test_a_role_is_made_and_given_and_everybody_who_has_it_may_the_same(
    owner: Desk, people: Flask, desk_of: Callable[[str], Desk]
) -> None:
    send(owner, "/admin/roles/new/", name="Lager", permissions=["products.read", "tags.read"])
    (role,) = stored(people, select(Role.id).where(Role.name == "Lager"))
    (person,) = stored(people, select(Staff.id).where(Staff.email == "support@example.com"))
    assert "Gespeichert." in send(owner, f"/admin/staff/edit/?id={person}", role_id=role)
    support = desk_of("Support")
    support.get("/admin/products/")
    support.get("/admin/customers/", 403)
    send(owner, f"/admin/roles/edit/?id={role}", permissions=["products.read", "customers.read"])
    support.get("/admin/customers/")
    support.get("/admin/tags/", 403)


@pytest.mark.feature("M2-30")
def test_a_role_that_is_not_enabled_lets_nobody_in(owner: Desk, people: Flask, desk_of: Callable[[str], Desk]) -> None:
    support = desk_of("Support")
    (role,) = stored(people, select(Role.id).where(Role.name == "Support"))
    values = filled(owner, f"/admin/roles/edit/?id={role}")
    assert set(values["permissions"]) == DEFAULT_ROLES["Support"][1]
    del values["is_enabled"]
    owner.post(f"/admin/roles/edit/?id={role}", values)
    assert support.client.get("/admin/").status_code == 302


@pytest.mark.feature("M2-26")
def test_the_role_form_offers_every_permission_there_is(reader: Desk) -> None:
    page = reader.get("/admin/roles/new/")
    assert all(f'name="permissions" value="{permission}"' in page for permission in PERMISSIONS)


@pytest.mark.feature("S23")
def test_an_api_key_is_shown_once_and_opens_until_it_is_revoked(owner: Desk, people: Flask) -> None:
    page = send(owner, "/admin/api-keys/new/", email="add-it@example.com", name="Laden", scope="read")
    key = re.search(r"<code>([^<]+)</code>", page)
    assert key and key[1] not in owner.get("/admin/api-keys/")
    (number,) = stored(people, select(ApiKey.id).where(ApiKey.email == "add-it@example.com"))
    with people.app_context():
        assert api_keys.authenticate("add-it@example.com", key[1])
        db.session.remove()
    assert "Der Schlüssel ist gesperrt." in owner.post("/admin/api-keys/revoke/", {"id": number})
    with people.app_context():
        assert api_keys.authenticate("add-it@example.com", key[1]) is None
        db.session.remove()


def test_the_company_is_changed_in_one_form(owner: Desk, people: Flask) -> None:
    values = filled(owner, "/admin/company/") | {"city": "Altona", "iban": "DE02120300000000202051"}
    assert "Gespeichert." in owner.client.post("/admin/company/save/", data=values, follow_redirects=True).text
    assert stored(people, select(Company.city)) == ["Altona"]


def test_a_slip_in_the_companys_bank_account_stands_at_its_field_and_stores_nothing(owner: Desk, people: Flask) -> None:
    values = filled(owner, "/admin/company/") | {"city": "Altona", "iban": "DE02 1203 0000 0000 2020 52"}
    page = owner.client.post("/admin/company/save/", data=values).text
    assert re.search(r'id="iban-help"[^>]*><strong>Das ist keine gültige IBAN', page)
    assert stored(people, select(Company.city)) == ["Hamburg"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"pattern": "RE-{N}"}, "braucht {YYYY} oder {YY}"), ({"pattern": "RE-{YYYY}"}, "braucht {N} genau einmal"),
     ({"pattern": "<b>{YYYY}{N}"}, "Das Muster darf"), ({"first_value": "0"}, "")],
)  # fmt: skip
def test_a_number_range_that_cannot_work_is_refused(
    reader: Desk, shared: Flask, changes: dict[str, object], told: str
) -> None:
    (number,) = stored(shared, select(NumberRange.id).where(NumberRange.code == "invoice"))
    page = send(reader, f"/admin/number-ranges/edit/?id={number}", **changes)
    assert told in page and "Gespeichert." not in page
    assert stored(shared, select(NumberRange.pattern).where(NumberRange.id == number)) == ["RE-{YYYY}-{N:5}"]


@pytest.mark.feature("NUM-1")
def test_a_begun_series_does_not_jump(owner: Desk, people: Flask) -> None:
    (number,) = stored(people, select(NumberRange.id).where(NumberRange.code == "invoice"))
    values = filled(owner, f"/admin/number-ranges/edit/?id={number}")
    assert not values.keys() & {"yearly", "next_value"}
    send(owner, f"/admin/number-ranges/edit/?id={number}", yearly="", next_value="4711")
    assert stored(people, select(NumberRange.yearly).where(NumberRange.id == number)) == [True]
    assert stored(people, select(Sequence.next_value).where(Sequence.range_id == number)) != [4711]
    assert "Gespeichert." in send(owner, f"/admin/number-ranges/edit/?id={number}", pattern="R{YY}-{N:6}")


def test_a_failed_mail_is_sent_again_or_stopped(owner: Desk, people: Flask, house: House) -> None:
    page = owner.get(f"/admin/messages/details/?id={house.message}")
    assert "Der Mailserver hat die Nachricht abgelehnt. (554)" in page
    assert "gleich erneut verschickt" in owner.post("/admin/messages/retry/", {"id": house.message})
    assert "wird nicht verschickt" in owner.post("/admin/messages/stop/", {"id": house.message})
    assert stored(people, select(Message.state).where(Message.id == house.message)) == ["stopped"]
    assert "im jetzigen Zustand nicht möglich" in owner.post("/admin/messages/retry/", {"id": house.message})


def test_a_failed_paper_is_drawn_again(owner: Desk, people: Flask, house: House) -> None:
    assert "Das Logo ist kein lesbares Bild." in owner.get("/admin/papers/?state=failed")
    assert "gleich neu erzeugt" in owner.post("/admin/papers/retry/", {"id": house.paper})
    assert "Nichts gefunden." in owner.get("/admin/papers/?state=failed")
