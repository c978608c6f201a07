"""Customers complete and change their own data by their link: what counts at once, what waits for a code (D-11)."""

from __future__ import annotations

import html
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from billing.unseen import as_read
from extensions import db
from models import Activity, ActivityDetail, Company, Customer, CustomerCode, Message
from services import customer_erasure, customer_status, customers, merge
from services.actor import SYSTEM
from services.unit import write
from tests.hosted_pages.visitor import Visitor
from tests.queries.test_statements import statements

IBAN, OTHER_IBAN = "DE89370400440532013000", "DE02120300000000202051"
MINIMAL = {"last_name": "Öztürk", "email": "neu@kundin.example"}
FULL = MINIMAL | {
    "first_name": "Änne", "address": "Kai 1", "zipcode": "24103", "city": "Kiel", "bank_iban": IBAN,
    "bank_account_owner": "Änne Öztürk", "bank_bic": "COBADEFFXXX",
}  # fmt: skip


def made(app: Flask, **values: Any) -> int:
    with app.app_context():
        key = customers.create_customer(SYSTEM, values)
        db.session.remove()
        return key


def record(app: Flask, key: int) -> Customer:
    with app.app_context():
        row = db.session.get_one(Customer, key)
        db.session.expunge_all()
        db.session.remove()
        return row


def rows(app: Flask, query: Any) -> list[Any]:
    with app.app_context():
        found = list(db.session.scalars(query))
        db.session.expunge_all()
        db.session.remove()
        return found


@pytest.fixture
def minimal(app: Flask) -> int:
    return made(app, **MINIMAL)


@pytest.fixture
def full(app: Flask) -> int:
    return made(app, **FULL)


@pytest.fixture
def creditor(app: Flask) -> None:
    with app.app_context(), write() as session:
        session.execute(update(Company).values(creditor_id="DE98ZZZ09999999999"))


@pytest.mark.feature("M1-20")
@pytest.mark.feature("M1-25")
def test_a_name_and_an_e_mail_become_a_whole_record_without_any_code(app: Flask, minimal: int) -> None:
    page = Visitor(app, minimal).send(
        first_name="Änne", address="Kai 1", zipcode="24103", city="Kiel", country_code="DK", phone="+45 1234",
        salutation="mrs", delivery_city="Wedel",
    )  # fmt: skip
    assert page.status_code == 200 and "Vielen Dank. Ihre Daten sind gespeichert." in page.text
    row = record(app, minimal)
    assert (row.first_name, row.city, row.country_code, row.salutation) == ("Änne", "Kiel", "DK", "mrs")
    assert rows(app, select(CustomerCode)) == [] and rows(app, select(Message)) == []


@pytest.mark.feature("M1-17")
def test_bank_details_that_were_left_out_come_later_from_the_customer_and_the_mailbox_is_told(
    app: Flask, minimal: int
) -> None:
    visitor = Visitor(app, minimal)
    assert "gespeichert" in visitor.send(bank_iban="DE89 3704 0044 0532 0130 00", bank_account_owner="Ä. Öztürk").text
    row = record(app, minimal)
    assert (row.bank_iban, row.bank_bic, row.bank_account_owner) == (IBAN, "COBADEFFXXX", "Ä. Öztürk")
    told = visitor.newest_mail("customer_changed")
    assert told.recipient == "neu@kundin.example" and "- IBAN" in (told.body or "") and IBAN not in (told.body or "")


@pytest.mark.feature("M1-11")
@pytest.mark.feature("GOB-2")
def test_it_is_an_activity_by_the_customer_with_the_iban_masked(app: Flask, minimal: int) -> None:
    Visitor(app, minimal).send(bank_iban=IBAN, city="Kiel")
    (activity,) = rows(app, select(Activity).where(Activity.code == "customer.changed"))
    assert (activity.actor_kind, activity.actor_id, activity.customer_id) == ("customer", minimal, minimal)
    (details,) = rows(app, select(ActivityDetail.details).where(ActivityDetail.activity_id == activity.id))
    assert '"actor":"Öztürk"' in details and "Kiel" in details and IBAN not in details


@pytest.mark.feature("D-11")
@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [("email", "andere@kundin.example", "andere@kundin.example"), ("bank_iban", OTHER_IBAN, OTHER_IBAN),
     ("bank_bic", "BYLADEM1001", "BYLADEM1001"), ("bank_account_owner", "Jemand", "Jemand"), ("bank_bic", "", ""),
     ("payment_mail_address", "buch@kundin.example", "buch@kundin.example")],
)  # fmt: skip
def test_what_is_there_and_sensitive_waits_for_the_code_to_the_old_address(
    app: Flask, full: int, field: str, value: str, stored: str
) -> None:
    visitor, before = Visitor(app, full), getattr(record(app, full), field)
    page = visitor.send(**{field: value, "phone": "0431 1"})
    assert "Code eingeben" in page.text and "n•••@kundin.example" in page.text
    assert getattr(record(app, full), field) == before and record(app, full).phone == "0431 1"
    mail = visitor.newest_mail()
    assert mail.recipient == "neu@kundin.example" and "Geändert werden soll:" in (mail.body or "")
    assert not value or value not in (mail.body or "")
    done = visitor.send("/code", code=visitor.code())
    assert "Vielen Dank. Geändert:" in done.text
    assert getattr(record(app, full), field) == stored
    assert visitor.newest_mail("customer_changed").recipient == "neu@kundin.example"


@pytest.mark.feature("M1-23")
@pytest.mark.feature("D-11")
@pytest.mark.parametrize("field", ["first_name", "last_name", "address", "zipcode", "city", "phone"])
def test_name_address_and_telephone_need_no_code(app: Flask, full: int, field: str) -> None:
    assert "gespeichert" in Visitor(app, full).send(**{field: "24105"}).text
    assert getattr(record(app, full), field) == "24105" and rows(app, select(CustomerCode)) == []


def test_the_language_and_what_may_be_emptied_change_at_once(app: Flask, full: int) -> None:
    visitor = Visitor(app, full)
    page = visitor.send(language_code="en", first_name="")
    assert '<html lang="en">' in page.text and record(app, full).first_name == ""


@pytest.mark.parametrize("field", ["address", "zipcode", "city", "email", "last_name", "bank_account_owner"])
def test_what_invoices_need_cannot_be_emptied(app: Flask, full: int, field: str) -> None:
    page = Visitor(app, full).send(**{field: ""})
    assert (
        page.status_code == 422
        and f'href="#f-{field}"' in page.text
        and "Bitte füllen Sie dieses Feld aus." in page.text
    )
    assert getattr(record(app, full), field) == FULL[field]


@pytest.mark.feature("X-21")
def test_every_slip_is_listed_at_once_at_its_field_and_nothing_is_stored(app: Flask, full: int) -> None:
    page = Visitor(app, full).send(bank_iban="DE89370400440532013001", email="kein", city="x" * 101, phone="0431")
    text = html.unescape(page.text)
    assert page.status_code == 422 and text.count('aria-invalid="true"') == 3
    for field in ("bank_iban", "email", "city"):
        assert f'href="#f-{field}"' in text and f'id="e-{field}"' in text
    assert "höchstens 100 Zeichen" in text and 'value="kein"' in text and record(app, full).phone == ""


def test_the_iban_is_masked_and_nothing_else_of_the_record_is_shown(app: Flask) -> None:
    key = made(app, **FULL, comment="zahlt nie pünktlich", ext_uid="K-77", payment_provider="stripe")
    text = Visitor(app, key).client.get(Visitor(app, key).path).text
    assert "DE89 •••• 3000" in text and IBAN not in text
    assert "pünktlich" not in text and "K-77" not in text and "stripe" not in text


@pytest.mark.feature("S15")
def test_what_the_page_does_not_offer_cannot_be_set(app: Flask, minimal: int) -> None:
    Visitor(app, minimal).send(
        status="blocked", number="1", days_for_payment="999", payment_token="tok", comment="x", hash="0" * 32,
        allowed_payment_types="1", mandate_reference="M", customer_type="business", city="Kiel",
    )  # fmt: skip
    row = record(app, minimal)
    assert (row.status, row.comment, row.payment_token, row.mandate_reference) == ("active", "", "", "")
    assert (row.customer_type, row.city) == ("consumer", "Kiel")


def test_prefill_parameters_of_the_call_api_are_ignored(app: Flask, full: int) -> None:
    visitor = Visitor(app, full)
    page = visitor.client.get(visitor.path + "?email=boese@example.com&city=<svg onload=alert(1)>&lang=xx&title=%00")
    assert page.status_code == 200 and "boese" not in page.text and "<svg" not in page.text


@pytest.mark.feature("D-11")
def test_wrong_addresses_answer_alike_and_tell_nothing(app: Flask, full: int) -> None:
    visitor = Visitor(app, full)
    _, _, account, customer = visitor.path.split("/")
    wrong = [f"/accountdata/{'0' * 32}/{customer}", f"/accountdata/{account}/{'0' * 32}", f"/accountdata/{account}/x",
             "/accountdata/%00/%F0%9F%98%80", f"/accountdata/{customer}/{account}"]  # fmt: skip
    answers = [visitor.client.get(path) for path in wrong]
    assert {answer.status_code for answer in answers} == {404} and len({answer.data for answer in answers}) == 1


@pytest.mark.feature("M1-40")
@pytest.mark.feature("D-11")
def test_a_renewed_link_ends_the_old_one_and_a_deleted_customer_has_none(app: Flask, full: int) -> None:
    old = Visitor(app, full)
    with app.app_context():
        customers.renew_hash(SYSTEM, full)
    assert old.client.get(old.path).status_code == 404
    new = Visitor(app, full)
    assert new.client.get(new.path).status_code == 200
    with app.app_context():
        customer_erasure.delete_customer(SYSTEM, full)
    assert new.client.get(new.path).status_code == 404


@pytest.mark.feature("D-12")
def test_a_blocked_customer_keeps_their_data_in_order_and_a_deactivated_one_reads_whom_to_ask(
    app: Flask, full: int
) -> None:
    visitor = Visitor(app, full)
    with app.app_context():
        customer_status.change_status(SYSTEM, full, "block")
    assert "gespeichert" in visitor.send(city="Wedel").text
    with app.app_context():
        customer_status.change_status(SYSTEM, full, "deactivate")
    page = visitor.client.get(visitor.path)
    assert page.status_code == 403 and "Diese Seite ist geschlossen" in page.text and "Öztürk" not in page.text


@pytest.mark.feature("D-11")
def test_the_link_of_a_merged_record_leads_on_only_with_the_survivors_code(app: Flask, full: int) -> None:
    merged = made(app, last_name="Alt", email="alt@kundin.example")
    with app.app_context():
        merge.merge(SYSTEM, full, merged)
    visitor, survivor = Visitor(app, merged), Visitor(app, full)
    page = visitor.client.get(visitor.path)
    assert "Ihre Daten sind umgezogen" in page.text and "n•••@kundin.example" in page.text
    assert "Öztürk" not in page.text and survivor.path not in page.text
    visitor.send("/code/new")
    assert visitor.newest_mail().recipient == "neu@kundin.example"
    assert survivor.path not in visitor.send("/code", code="000000x").text
    led = visitor.send("/code", code=visitor.code())
    assert led.request.path == survivor.path and "Öztürk" in led.text


@pytest.mark.feature("D-11")
def test_without_any_mailbox_a_change_is_explained_and_nothing_is_stored(app: Flask) -> None:
    key = made(app, **(FULL | {"email": ""}))
    visitor = Visitor(app, key)
    page = visitor.send(bank_iban=OTHER_IBAN, city="Wedel")
    assert page.status_code == 409 and "Wir kennen keine E-Mail-Adresse von Ihnen" in page.text
    assert "post@radwerk.example" in page.text
    assert (record(app, key).bank_iban, record(app, key).city) == (IBAN, "Kiel")


def test_two_windows_at_once_do_not_overwrite_each_other(app: Flask, full: int) -> None:
    visitor = Visitor(app, full)
    stale = visitor.form()
    visitor.send(city="Wedel")
    page = visitor.client.post(visitor.path, data=stale | {"city": "Altona"})
    assert page.status_code == 409 and "inzwischen geändert" in page.text and 'value="Altona"' in page.text
    assert record(app, full).city == "Wedel"


@pytest.mark.feature("M1-17")
@pytest.mark.usefixtures("creditor")
def test_a_direct_debit_asks_for_the_account_and_the_mandate(app: Flask, minimal: int) -> None:
    visitor = Visitor(app, minimal)
    page = visitor.send(payment_type="2")
    assert page.status_code == 422 and 'href="#f-bank_iban"' in page.text and 'href="#f-mandate"' in page.text
    visitor.send(payment_type="2", bank_iban=IBAN, mandate="yes")
    row = record(app, minimal)
    assert (row.payment_type, row.bank_iban) == (2, IBAN) and row.mandate_signed_on and row.mandate_reference
    assert "DE98ZZZ09999999999" in page.text and rows(app, select(CustomerCode)) == []


@pytest.mark.usefixtures("creditor")
def test_another_account_for_debits_asks_for_a_new_mandate_and_the_code(app: Flask, minimal: int) -> None:
    visitor = Visitor(app, minimal)
    visitor.send(payment_type="2", bank_iban=IBAN, mandate="yes")
    assert visitor.send(bank_iban=OTHER_IBAN).status_code == 422
    assert "Code eingeben" in visitor.send(bank_iban=OTHER_IBAN, mandate="yes").text
    assert record(app, minimal).bank_iban == IBAN
    visitor.send("/code", code=visitor.code())
    assert (record(app, minimal).bank_iban, record(app, minimal).bank_bic) == (OTHER_IBAN, "BYLADEM1001")


def test_without_a_creditor_id_no_debit_is_offered(app: Flask, minimal: int) -> None:
    visitor = Visitor(app, minimal)
    assert "Lastschrift" not in visitor.client.get(visitor.path).text.replace("SEPA-Lastschriftmandat", "")
    assert visitor.send(payment_type="2", bank_iban=IBAN, mandate="yes").status_code == 422
    assert visitor.send(payment_type="6").status_code == 422


@pytest.mark.feature("S8")
@pytest.mark.parametrize("text", ["<svg onload=alert(1)>", "=cmd|'/c calc'!A1", "مرحبا \u202e gnp.exe", "🚲" * 20])
def test_hostile_text_is_text_on_the_page_and_in_the_mail(app: Flask, full: int, text: str) -> None:
    visitor = Visitor(app, full)
    page = visitor.send(first_name=text, last_name=text, city=text, bank_account_owner=text)
    assert "<svg" not in page.text and page.status_code == 200
    assert record(app, full).city == as_read(text) and "<svg" not in visitor.client.get(visitor.path).text
    visitor.send("/code", code=visitor.code())
    assert record(app, full).bank_account_owner == as_read(text)


@pytest.mark.feature("S27")
def test_no_cache_no_search_engine_and_no_other_house_learns_the_address(app: Flask, full: int) -> None:
    visitor = Visitor(app, full)
    headers = visitor.client.get(visitor.path).headers
    assert headers["Cache-Control"] == "private, no-store" and headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy and "unsafe" not in policy


@pytest.mark.parametrize("path", ["/accountdata/%00/%00", "/accountdata/a/b%00", "/download/%00"])
def test_an_address_that_no_database_takes_is_not_found(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 404


@pytest.mark.feature("S13")
def test_a_forged_form_changes_nothing(app: Flask, full: int) -> None:
    visitor = Visitor(app, full)
    page = visitor.client.post(visitor.path, data=visitor.form() | {"city": "Wedel", "csrf_token": "x"})
    assert page.status_code == 400 and record(app, full).city == "Kiel"
    for under in ("/code", "/code/new", "/code/discard"):
        assert visitor.client.post(visitor.path + under, data={"code": "1"}).status_code == 400


@pytest.mark.feature("X-21")
def test_the_reader_chooses_the_language_and_it_stays(app: Flask, full: int) -> None:
    visitor = Visitor(app, full)
    assert '<html lang="de">' in visitor.client.get(visitor.path, headers={"Accept-Language": "en"}).text
    page = visitor.client.get(visitor.path + "?lang=en").text
    assert '<html lang="en">' in page and "My data" in page and f'action="{visitor.path}?lang=en"' in page


@pytest.mark.feature("INV-12")
def test_the_page_names_who_is_behind_it(app: Flask, full: int) -> None:
    visitor = Visitor(app, full)
    foot = html.unescape(visitor.client.get(visitor.path).text).partition("<footer")[2]
    for part in ("Radwerk Musterstadt GmbH", "Amtsgericht Hamburg, HRB 12345", "Anke Beispiel", "DE136695976"):
        assert part in foot


def test_the_page_costs_the_same_few_statements_whatever_hangs_on_the_record(app: Flask, full: int) -> None:
    visitor, counts = Visitor(app, full), []
    for _ in range(2):
        with app.app_context(), statements() as sent:
            visitor.client.get(visitor.path)
        counts.append(len([text for text in sent if text.lstrip().upper().startswith("SELECT")]))
        visitor.send(bank_iban=OTHER_IBAN if len(counts) == 1 else IBAN)
        visitor.send("/code", code=visitor.code())
    assert counts[0] == counts[1] <= 9
