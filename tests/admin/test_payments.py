"""Payments by hand in the back office: asked with figures, done once, seen where people look for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from billing.default import damage_legs
from extensions import db
from models import Invoice, Payment, Receivable
from services import clock
from services.ledger import Leg, book
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import House

KEY = re.compile(r'name="key"[^>]*value="([^"]+)"')
RECORD, PAID, WRITE_OFF = "/admin/payments/record/", "/admin/payments/paid/", "/admin/payments/write-off/"


def key_of(desk: Desk, path: str) -> str:
    found = KEY.search(desk.get(path))
    assert found, path
    return found[1]


def today(app: Flask) -> str:
    with app.app_context():
        return clock.today().isoformat()


def send(desk: Desk, app: Flask, path: str, query: str, **values: object) -> str:
    """Fill the form in that stands at the address, and send it."""
    name, _, number = query.partition("=")
    given = {"key": key_of(desk, f"{path}?{query}"), "received_on": today(app), "method": "bank", name: number}
    return desk.post(path, given | values)


def state(app: Flask, invoice: int) -> tuple[int, list[tuple[str, int]]]:
    """What is open of an invoice, and the rows written down for it."""
    with app.app_context():
        row = db.session.scalars(select(Receivable).where(Receivable.invoice_id == invoice)).one()
        rows = db.session.execute(
            select(Payment.kind, Payment.amount_cents).where(Payment.receivable_id == row.id).order_by(Payment.id)
        )
        found = row.open_cents, [(kind, cents) for kind, cents in rows]
        db.session.remove()
        return found


def newest(app: Flask) -> int:
    with app.app_context():
        found = db.session.scalars(select(func.max(Payment.id))).one()
        db.session.remove()
        return int(found)


@pytest.mark.feature("M2-14")
@pytest.mark.feature("M1-03")
def test_an_invoice_is_marked_as_paid_and_record_and_list_show_it(owner: Desk, people: Flask, house: House) -> None:
    owed, _ = state(people, house.invoice)
    page = owner.get(f"/admin/invoices/details/?id={house.invoice}")
    assert "Als bezahlt markieren" in page and "Es wurde noch nichts bezahlt." in page
    question = owner.get(f"{PAID}?invoice={house.invoice}")
    assert "werden als Zahlungseingang zur Rechnung" in question and 'value="bank"' in question
    page = send(owner, people, PAID, f"invoice={house.invoice}")
    assert "Die Rechnung ist bezahlt." in page and "Als bezahlt markieren" not in page
    assert "Weitere Zahlung buchen" in page, "what comes now is credit: no plain payment of this invoice"
    assert state(people, house.invoice) == (0, [("payment", owed)])
    with people.app_context():
        customer = db.session.get_one(Invoice, house.invoice).customer_id
        db.session.remove()
    assert "Zahlung</td>" in owner.get(f"/admin/customers/payments/?id={customer}")
    assert owner.get("/admin/payments/").count("<tr data-id") == 1
    for now, following in (("", "received_on"), ("received_on", "-received_on"), ("-received_on", "received_on")):
        page = owner.get(f"/admin/payments/?sort={now}")
        assert f'aria-sort="{"ascending" if now == "received_on" else "descending"}"' in page, "by the day of the money"
        assert f'href="/admin/payments/?sort={following}"' in page, "no click leads to the order it stands in"


@pytest.mark.feature("M2-14")
@pytest.mark.feature("MAH-6")
def test_what_hangs_on_the_invoice_is_named_and_paid_with_it_on_a_tick(
    owner: Desk, people: Flask, house: House
) -> None:
    with people.app_context():
        number = hang_a_fee(house.invoice, 235)
    question = owner.get(f"{PAID}?invoice={house.invoice}")
    assert "Auch die Mahngebühren und Zinsen von 2,35" in question and "sind bezahlt; zusammen werden" in question
    send(owner, people, PAID, f"invoice={house.invoice}")
    assert "selbst ist bezahlt" in owner.get(f"{RECORD}?invoice={house.invoice}")
    send(owner, people, PAID, f"invoice={house.invoice}", hanging="y")
    with people.app_context():
        assert db.session.get_one(Receivable, number).open_cents == 0
        db.session.remove()


def hang_a_fee(invoice_id: int, cents: int) -> int:
    """A fee on the invoice; gives its receivable."""
    with write() as session:
        parent = session.scalars(select(Receivable).where(Receivable.invoice_id == invoice_id)).one()
        row = Receivable(kind="fee", cause="reminder", customer_id=parent.customer_id, parent_id=parent.id,
                         currency_code=parent.currency_code, amount_cents=cents, open_cents=0,
                         due_on=clock.today())  # fmt: skip
        session.add(row)
        session.flush()
        legs = [Leg(*leg) for leg in damage_legs("fee", cents, row.id)]
        book(session, "fee", clock.today(), parent.customer_id, parent.currency_code, legs, invoice_id)
        return row.id


def test_a_part_is_booked_and_more_than_is_open_only_where_it_was_said(
    owner: Desk, people: Flask, house: House
) -> None:
    owed, _ = state(people, house.invoice)
    query = f"invoice={house.invoice}"
    assert "Die Zahlung ist gebucht." in send(owner, people, RECORD, query, amount="10,50")
    assert state(people, house.invoice)[0] == owed - 1050
    page = send(owner, people, RECORD, query, amount="1.000,00")
    assert "Das ist mehr, als noch offen ist." in page
    assert state(people, house.invoice)[0] == owed - 1050
    page = send(owner, people, RECORD, query, amount="1.000,00", surplus="y")
    assert "als Guthaben" in page and state(people, house.invoice)[0] == 0
    page = send(owner, people, RECORD, query, amount="5")
    assert "Es ist nichts mehr offen." in page
    assert len(state(people, house.invoice)[1]) == 2


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"amount": "12,345"}, "höchstens zwei Nachkommastellen"),
        ({"amount": "zwölf"}, "Bitte geben Sie eine Zahl"),
        ({"amount": ""}, ""),
        ({"amount": "-1"}, ""),
        ({"amount": "1", "received_on": "2999-01-01"}, "noch nicht gekommen"),
        ({"amount": "1", "method": "shells"}, ""),
    ],
)
def test_what_cannot_be_stands_at_its_field_and_nothing_is_booked(
    owner: Desk, people: Flask, house: House, values: dict[str, object], said: str
) -> None:
    before = state(people, house.invoice)
    page = send(owner, people, RECORD, f"invoice={house.invoice}", **values)
    assert 'aria-invalid="true"' in page and said in page
    assert state(people, house.invoice) == before


@pytest.mark.feature("COR-4")
def test_a_write_off_needs_its_reason_and_its_right(owner: Desk, people: Flask, house: House) -> None:
    owed, _ = state(people, house.invoice)
    query, euros = f"invoice={house.invoice}", f"{owed / 100:.2f}".replace(".", ",")
    assert f'amount-help">Höchstens {euros}' in owner.get(f"{WRITE_OFF}?{query}").replace(".", "")
    assert "aria-invalid" in send(owner, people, WRITE_OFF, query, amount=euros, reason="")
    page = send(owner, people, WRITE_OFF, query, amount=euros, reason="insolvent <b>")
    assert "Der Betrag ist ausgebucht." in page and "insolvent &lt;b&gt;" in page
    assert state(people, house.invoice) == (0, [("write_off", owed)])
    page = owner.post("/admin/payments/cancel/", {"id": newest(people), "reason": "zahlt doch", "key": "k1"})
    assert "zurückgenommen" in page and state(people, house.invoice)[0] == owed


@pytest.mark.feature("COR-4")
def test_what_was_given_up_is_never_called_paid(owner: Desk, people: Flask, house: House) -> None:
    owed, _ = state(people, house.invoice)
    query, page, some = f"invoice={house.invoice}", f"/admin/invoices/details/?id={house.invoice}", "10,00"
    shown = send(owner, people, WRITE_OFF, query, amount=some, reason="Kulanz")
    assert "10,00\xa0€ abgeschrieben" in shown and "ezahlt</span>" not in shown
    with people.app_context():
        customer = db.session.scalars(select(Invoice.customer_id).where(Invoice.id == house.invoice)).one()
        db.session.remove()
    assert "10,00\xa0€ abgeschrieben" in owner.get(f"/admin/customers/details/?id={customer}")
    send(owner, people, PAID, query)
    shown = owner.get(page)
    assert "teilweise ausgebucht</span>" in shown and "ezahlt</span>" not in shown
    assert "teilweise ausgebucht</span>" in owner.get("/admin/invoices/")


@pytest.mark.feature("COR-4")
def test_an_invoice_that_was_given_up_wholly_says_so_in_the_list_and_on_its_page(
    owner: Desk, people: Flask, house: House
) -> None:
    owed, _ = state(people, house.invoice)
    euros = f"{owed / 100:.2f}".replace(".", ",")
    send(owner, people, WRITE_OFF, f"invoice={house.invoice}", amount=euros, reason="insolvent")
    for path in (f"/admin/invoices/details/?id={house.invoice}", "/admin/invoices/"):
        shown = owner.get(path)
        assert '<span class="badge warn">ausgebucht</span>' in shown and "ezahlt</span>" not in shown


def test_a_payment_is_moved_to_another_customers_invoice_by_its_number(
    owner: Desk, people: Flask, house: House
) -> None:
    send(owner, people, PAID, f"invoice={house.invoice}")
    with people.app_context():
        other = db.session.scalars(select(Invoice).where(Invoice.customer_id != house.customer)).first()
        assert other and other.number
        number, other_id, paid = other.number, other.id, newest_id()
        db.session.remove()
    question = owner.get(f"/admin/payments/move/?id={paid}")
    assert "bleibt sichtbar" in question
    unknown = owner.post("/admin/payments/move/", {"id": paid, "invoice_id": "RE-1", "key": "m0"})
    assert "Es gibt keine gestellte Rechnung" in unknown
    page = owner.post("/admin/payments/move/", {"id": paid, "invoice_id": number, "key": "m1"})
    assert "umgebucht" in page and number in page
    assert state(people, house.invoice)[0] > 0 and state(people, other_id)[1][0][0] == "payment"


def newest_id() -> int:
    return int(db.session.scalars(select(func.max(Payment.id))).one())


@pytest.mark.feature("D-9")
def test_credit_is_made_used_and_paid_out(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        customer = db.session.get_one(Invoice, house.invoice).customer_id
        db.session.remove()
    query = f"customer={customer}"
    page = send(owner, people, "/admin/payments/ahead/", query, amount="30,00", currency="eur")
    assert "Die Zahlung ist als Guthaben gebucht." in page and "30,00" in page
    assert "Guthaben verrechnen (30,00" in owner.get(f"/admin/invoices/details/?id={house.invoice}")
    assert 'amount-help">Höchstens 30,00' in owner.get(f"/admin/payments/use-credit/?invoice={house.invoice}")
    page = send(owner, people, "/admin/payments/use-credit/", f"invoice={house.invoice}", amount="20,00")
    assert "Das Guthaben ist verrechnet." in page
    assert 'amount-help">Höchstens 10,00' in owner.get(f"/admin/payments/pay-out/?{query}")
    page = send(owner, people, "/admin/payments/pay-out/", query, amount="11,00")
    assert "Das ist mehr als das Guthaben des Kunden." in page
    page = send(owner, people, "/admin/payments/pay-out/", query, amount="10,00")
    assert "Die Auszahlung ist festgehalten." in page and "Bezahltes Guthaben</span><b>0,00" in page


@pytest.mark.feature("F1")
@pytest.mark.parametrize(("same_key", "effects"), [(True, 1), (False, 20)])
def test_twenty_clicks_at_once_have_one_effect_because_of_the_forms_key(
    owner: Desk, people: Flask, house: House, same_key: bool, effects: int
) -> None:
    """The negative control is the same twenty, each with a key of its own."""
    token = owner.own_token()
    key, day = key_of(owner, f"{RECORD}?invoice={house.invoice}"), today(people)

    def click(n: int) -> int:
        client = people.test_client()
        client._cookies.update(owner.client._cookies)
        values = {"csrf_token": token, "invoice": house.invoice, "amount": "1,00", "received_on": day, "method": "bank",
                  "key": key if same_key else f"{key}{n}"}  # fmt: skip
        return client.post(RECORD, data=values).status_code

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(click, range(20))) == {302}
    assert state(people, house.invoice)[1] == [("payment", 100)] * effects


def test_the_rights_of_payments_and_of_write_offs_are_two(
    house: House, desk_of: Callable[[str], Desk], owner: Desk
) -> None:
    page = owner.get(f"/admin/invoices/details/?id={house.invoice}")
    assert "Ausbuchen" in page and "Zahlung buchen" in page
    support = desk_of("Support")
    page = support.get(f"/admin/invoices/details/?id={house.invoice}")
    assert "Ausbuchen" not in page and "Zahlung buchen" not in page and 'id="payments"' in page


@pytest.mark.feature("R-26")
@pytest.mark.feature("R-27")
def test_the_record_shows_open_payments_and_their_sums_by_contract(reader: Desk, house: House) -> None:
    page = reader.get(f"/admin/customers/details/?id={house.customer}")
    sums = page.partition('id="balances"')[2].partition("</section>")[0]
    assert "Offene Zahlungen" in page and "Offene Salden nach Verträgen" in sums
    assert f"/admin/subscriptions/details/?id={house.subscription}" in sums, "also of a single contract"
    assert page.count("RE-2026-") >= 2


def test_a_date_in_the_address_narrows_the_list(owner: Desk, people: Flask, house: House) -> None:
    send(owner, people, PAID, f"invoice={house.invoice}")
    for query, rows in (("kind=payment", 1), ("kind=write_off", 0), ("state=undone", 0), ("method=cash", 0),
                        (f"from={today(people)}", 1), ("to=2001-01-01", 0), ("search=RE-2026", 1)):  # fmt: skip
        assert owner.get(f"/admin/payments/?{query}").count("<tr data-id") == rows, query
