"""The settings: one tree, forms that refuse slips in words, a logo that can be looked at, addresses to copy."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import delete, select

from admin import formats
from billing import numbering
from extensions import db
from models import Activity, ActivityDetail, Company, Customer, NumberRange, RolePermission
from services import clock, roles, staff
from services.actor import SYSTEM
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import PASSWORD, House
from tests.admin.test_forms import filled, stored
from tests.hosted_pages.visitor import Visitor
from tests.services.test_logo import picture


def upload(desk: Desk, content: bytes, name: str = "logo.png") -> str:
    values = {"csrf_token": desk.token("/admin/logo/"), "logo": (io.BytesIO(content), name)}
    answer = desk.client.post("/admin/logo/save/", data=values, follow_redirects=True)
    assert answer.status_code == 200
    return html.unescape(answer.text)


@pytest.mark.feature("M1-35")
def test_the_tree_leads_from_settings_over_basic_settings_to_number_ranges(reader: Desk, house: House) -> None:
    page = reader.get("/admin/settings/")
    headings = re.findall(r"<h2>(.*?)</h2>", html.unescape(page))
    assert headings == [
        "Grundeinstellungen",
        "Mitarbeiter-Zugänge",
        "Kundenselbstbedienung",
        "Mahnwesen",
        "API & Benachrichtigungen",
    ]
    assert 'href="/admin/number-ranges/">Nummernkreise' in page.partition("Mitarbeiter-Zugänge</h2>")[0]
    inside = reader.get("/admin/number-ranges/")
    assert 'aria-label="Einstellungen"' in inside and 'class="here" aria-current="page">Nummernkreise' in inside


def test_the_menu_names_the_settings_once_and_not_to_those_who_may_set_nothing(
    desk_of: Callable[[str], Desk], people: Flask, house: House
) -> None:
    side = desk_of("Inhaber").get("/admin/").partition("<main")[0]
    assert side.count("/admin/settings/") == 1 and "/admin/company/" not in side
    support = desk_of("Support")
    assert "Nachrichtenvorlagen" in support.get("/admin/settings/"), "who writes messages keeps their templates"
    with people.app_context():
        with write() as session:
            session.execute(delete(RolePermission).where(RolePermission.permission.like("messages.%")))
        db.session.remove()
    assert "/admin/settings/" not in support.get("/admin/")
    assert "Ihre Rolle kann hier nichts einstellen." in support.get("/admin/settings/")


def test_who_saves_the_company_second_is_told_and_overwrites_nothing(owner: Desk, people: Flask) -> None:
    first, second = (filled(owner, "/admin/company/") for _ in range(2))
    owner.client.post("/admin/company/save/", data=first | {"city": "Altona"})
    page = owner.client.post("/admin/company/save/", data=second | {"city": "Wedel"}).text
    assert "inzwischen" in page and "vergleichen" in page and 'value="Wedel"' in page
    assert stored(people, select(Company.city)) == ["Altona"]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [("vat_id", "DE136695977", "keine gültige USt-IdNr."), ("bic", "BYLA", "keine gültige BIC"),
     ("creditor_id", "DE98ZZZ09999999998", "Gläubiger"), ("email", "post@", "keine gültige E-Mail-Adresse"),
     ("website", "javascript:alert(1)", "https://www.example.com"), ("accent", "grün", "Farbe"), ("name", "", "")],
)  # fmt: skip
def test_a_slip_stands_at_its_field(owner: Desk, people: Flask, field: str, value: str, told: str) -> None:
    values = filled(owner, "/admin/company/") | {field: value, "city": "Altona"}
    page = html.unescape(owner.client.post("/admin/company/save/", data=values).text)
    assert re.search(rf'id="{field}-help"[^>]*><strong>[^<]*{told}', page), page[:300]
    assert stored(people, select(Company.city)) == ["Hamburg"]


@pytest.mark.feature("INV-12")
def test_the_form_shows_the_foot_of_the_letters_and_what_is_missing(owner: Desk, people: Flask) -> None:
    page = html.unescape(owner.get("/admin/company/"))
    foot = page.partition('class="foot-preview"')[2]
    for part in ("Radwerk Musterstadt GmbH", "DE02", "Amtsgericht Hamburg", "Anke Beispiel", "DE136695976"):
        assert part in foot
    assert "bevor Rechnungen ausgestellt werden" not in page
    owner.client.post("/admin/company/save/", data=filled(owner, "/admin/company/") | {"city": ""})
    assert "bevor Rechnungen ausgestellt werden" in owner.get("/admin/company/")


def test_a_colour_that_is_hard_to_read_is_pointed_out(owner: Desk, people: Flask) -> None:
    assert "gut lesbar" in owner.get("/admin/company/")
    values = filled(owner, "/admin/company/") | {"accent": "#ffe100"}
    page = owner.client.post("/admin/company/save/", data=values, follow_redirects=True).text
    assert "Kontrast zu Weiß nur 1,3 : 1." in page and 'type="color"' in page


@pytest.mark.feature("GOB-2")
def test_a_change_of_the_company_tells_old_and_new_in_words(owner: Desk, people: Flask) -> None:
    owner.client.post("/admin/company/save/", data=filled(owner, "/admin/company/") | {"city": "Altona"})
    (number,) = stored(people, select(Activity.id).where(Activity.code == "company.changed"))
    page = owner.get(f"/admin/activities/details/?id={number}")
    assert "Firmendaten geändert" in page and "Ort" in page and "Hamburg" in page and "Altona" in page


@pytest.mark.feature("S12")
def test_a_logo_is_uploaded_shown_replaced_and_removed(owner: Desk, people: Flask) -> None:
    assert "Das Logo gilt ab jetzt" in upload(owner, picture())
    address = re.search(r'src="(/brand/logo/[0-9a-f]{64})"', owner.get("/admin/logo/"))
    assert address
    shown = people.test_client().get(address[1])
    assert shown.mimetype == "image/png" and shown.headers["X-Content-Type-Options"] == "nosniff"
    upload(owner, picture("JPEG", mode="RGB"), "neu.jpg")
    assert people.test_client().get(address[1]).status_code == 404
    assert "Es gibt kein Logo mehr" in owner.post("/admin/logo/removed/")
    assert "Es gibt noch kein Logo" in owner.get("/admin/logo/")


@pytest.mark.feature("S12")
def test_a_drawing_that_can_hold_programs_is_refused_in_words(owner: Desk, people: Flask) -> None:
    page = upload(owner, b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "logo.svg")
    assert "weder ein PNG- noch ein JPEG-Bild" in page and "onload" not in page
    assert "Bitte wählen Sie ein Bild aus." in upload(owner, b"", "")
    assert stored(people, select(Company.logo_file_id)) == [None]


@pytest.mark.feature("M1-35")
def test_the_next_three_numbers_are_shown_before_anything_is_saved(reader: Desk, shared: Flask) -> None:
    (number,) = stored(shared, select(NumberRange.id).where(NumberRange.code == "customer"))
    assert "<span>10007</span><span>10008</span><span>10009</span>" in reader.get(
        f"/admin/number-ranges/edit/?id={number}"
    )
    ask = f"/admin/number-ranges/preview/?id={number}&prefix=K-&year=YY&separator=/&digits=4&suffix=&next_value=20000"
    assert json.loads(reader.get(ask)) == {"numbers": ["K-26/20000", "K-26/20001", "K-26/20002"], "ok": True}
    told = json.loads(reader.get(ask.replace("K-", "<svg>")))
    assert told["ok"] is False and "Muster" in told["numbers"][0]


@pytest.mark.feature("M1-35")
def test_the_customers_counter_is_set_upwards_in_the_form(owner: Desk, people: Flask) -> None:
    (number,) = stored(people, select(NumberRange.id).where(NumberRange.code == "customer"))
    path = f"/admin/number-ranges/edit/?id={number}"
    values = filled(owner, path) | {"prefix": "K-", "next_value": "20000"}
    assert "Gespeichert." in owner.client.post(path, data=values, follow_redirects=True).text
    lower = filled(owner, path) | {"next_value": "11000"}
    assert "schon vergeben" in owner.client.post(path, data=lower, follow_redirects=True).text
    owner.post("/admin/customers/new/", filled(owner, "/admin/customers/new/") | {"organization": "Neu GmbH"})
    assert stored(people, select(Customer.number).where(Customer.organization == "Neu GmbH")) == ["K-20000"]
    details = stored(
        people, select(ActivityDetail.details).join(Activity).where(Activity.code == "number_range.changed")
    )
    assert '"next_value":[10007,20000]' in details[0]


@pytest.mark.feature("M1-24")
def test_the_settings_show_real_addresses_of_the_pages_that_exist(reader: Desk, shared: Flask, house: House) -> None:
    (account,) = stored(shared, select(Company.account_hash))
    (customer,) = stored(shared, select(Customer.hash).where(Customer.id == house.customer))
    page = reader.get("/admin/hosted-pages/")
    assert f"/accountdata/{account}/CUSTOMER-HASH" in page and f"/accountdata/{account}/{customer}" in page
    assert "/dashboard/" not in page and "/purchase/" not in page


@pytest.mark.feature("M1-24")
def test_who_may_not_see_customers_gets_no_customers_address(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        roles.save_role(SYSTEM, None, name="Technik", description="", is_enabled=True, permissions={"company.read"})
        staff.add_staff(SYSTEM, "technik@example.com", role="Technik", password=PASSWORD)
    desk = Desk(people.test_client())
    assert desk.log_in("technik@example.com") == 302
    (customer,) = stored(people, select(Customer.hash).where(Customer.id == house.customer))
    assert customer not in desk.get("/admin/hosted-pages/")


@pytest.mark.feature("D-11")
@pytest.mark.feature("M1-40")
def test_staff_renew_a_customers_link_and_the_old_one_ends(owner: Desk, people: Flask, house: House) -> None:
    old = Visitor(people, house.customer).path
    card = owner.get(f"/admin/customers/details/?id={house.customer}")
    assert f'href="{old}"' in card and people.test_client().get(old).status_code == 200
    assert "endet" in owner.get(f"/admin/customers/link/renew/?id={house.customer}")
    assert "einen neuen Link" in owner.post("/admin/customers/link/renewed/", {"id": house.customer})
    assert people.test_client().get(old).status_code == 404
    assert people.test_client().get(Visitor(people, house.customer).path).status_code == 200


@pytest.mark.feature("M1-35")
def test_the_list_of_number_ranges_shows_the_next_number_as_it_will_stand(reader: Desk, shared: Flask) -> None:
    row = stored(shared, select(NumberRange).where(NumberRange.code == "cancellation"))[0]
    assert f">{numbering.preview(row.pattern, clock.today().year)[0]}</td>" in reader.get("/admin/number-ranges/")


@pytest.mark.feature("M1-41")
def test_countries_are_chosen_and_read_by_their_names(reader: Desk, house: House) -> None:
    form = reader.get("/admin/company/")
    assert re.search(r'<option selected value="DE">Deutschland</option>', form) and ">Österreich</option>" in form
    assert "Deutschland</dd>" in reader.get(f"/admin/customers/details/?id={house.customer}")


@pytest.mark.parametrize(("language", "shown"), [("de", "1.234,505 €"), ("en", "€1,234.505")])
def test_a_unit_price_stands_in_the_reader_s_format_with_all_its_decimals(
    language: str, shown: str, shared: Flask
) -> None:
    with shared.test_request_context("/admin/"), force_locale(language):
        assert formats.price(Decimal("1234.505"), "EUR").replace("\N{NO-BREAK SPACE}", " ") == shown
