"""A contract's page, and its deeds: asked, told with figures, done."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from billing.periods import Interval, Unit
from extensions import db
from models import Subscription, SubscriptionItem
from services import billing_run, clock, contract_days, customer_status, products
from services.actor import SYSTEM
from services.unit import end_reading
from tests.admin.conftest import Desk, counted
from tests.admin.furniture import TODAY, House


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.stand_at(TODAY):
        yield


@pytest.fixture
def desk(desk_of: Callable[[str], Desk]) -> Desk:
    return desk_of("Inhaber")


def page(desk: Desk, house: House) -> str:
    return words_of(desk.get(f"/admin/subscriptions/details/?id={house.subscription}"))


def ask(desk: Desk, house: House, deed: str, **values: object) -> str:
    """The first step: the form, or what it will come to."""
    path = f"/admin/contracts/?deed={deed}"
    if not values:
        return words_of(desk.get(f"{path}&id={house.subscription}"))
    return words_of(desk.post(path, {"id": house.subscription, **values}, f"{path}&id={house.subscription}"))


def do(desk: Desk, house: House, deed: str, **values: object) -> str:
    return ask(desk, house, deed, **{"sure": "1", **values})


def words_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ")


def contract(app: Flask, house: House) -> Subscription:
    with app.app_context():
        end_reading()
        row = db.session.get(Subscription, house.subscription)
        assert row is not None
        return row


@pytest.mark.feature("X-09")
def test_the_page_shows_the_days_that_count_and_the_next_three_invoices_with_their_lines(
    desk: Desk, house: House
) -> None:
    shown = page(desk, house)
    assert "Nächste Zahlung 15.12.2026" in shown and "Kündbar zum 14.12.2026" in shown
    for start, end in (("15.12.2026", "14.01.2027"), ("15.01.2027", "14.02.2027"), ("15.02.2027", "14.03.2027")):
        assert f"{start} Nettopreise Rad im Abo {start} – {end} 89,90 € Helm {start} – {end} 4,50 €" in shown
    assert shown.count("Zu zahlen, mit USt. 112,34 €") == 3


@pytest.mark.feature("X-10")
@pytest.mark.feature("EB-39")
def test_a_change_is_asked_told_with_its_arithmetic_and_done(app: Flask, desk: Desk, house: House) -> None:
    assert "Tarif oder Menge ändern" in ask(desk, house, "change")
    values = {"article_number": "RAD-1", "quantity": "2", "when": "now"}
    told = ask(desk, house, "change", **values)
    left = (date(2026, 12, 15) - TODAY).days
    assert f"{left} von 30 Tagen" in told and "Gutgeschrieben" in told and "Berechnet am 15.12.2026" in told
    assert re.search(r"Zusammen: [\d.,]+ € berechnet abzüglich [\d.,]+ € Gutschrift ergeben [\d.,]+ € \(netto\)", told)
    assert contract(app, house).version == 1, "nothing is done before somebody says yes"
    assert "Das Abonnement ist geändert." in do(desk, house, "change", **values)
    shown = page(desk, house)
    assert "1 frühere Fassung" in shown and f"gutgeschrieben: {TODAY:%d.%m.%Y} – 14.12.2026" in shown


@pytest.mark.feature("X-09")
@pytest.mark.feature("X-10")
def test_a_change_that_brings_other_terms_or_would_have_a_set_up_fee_says_so(
    app: Flask, desk: Desk, house: House
) -> None:
    with app.app_context():
        products.create_product(SYSTEM, {
            "number": "LASTEN", "title": "Lastenrad", "unit_price": Decimal(89), "setup_fee": Decimal(49),
            "interval": Interval.parse("1 month"), "term": Interval.parse("1 year"),
            "notice": Interval.parse("1 month"),
        })  # fmt: skip
    told = ask(desk, house, "change", article_number="LASTEN", quantity="1", when="now")
    assert "Das früheste Ende verschiebt sich vom" in told and "bindet die Mindestlaufzeit des neuen Tarifs" in told
    assert "Ein Wechsel kostet keine Einrichtungsgebühr." in told
    same = ask(desk, house, "change", article_number="RAD-1", quantity="2", when="now")
    assert "verschiebt sich" not in same and "Einrichtungsgebühr" not in same


@pytest.mark.feature("X-10")
def test_a_planned_change_stands_on_the_page_and_is_withdrawn(desk: Desk, house: House) -> None:
    do(desk, house, "change", article_number="RAD-1", quantity="3", when="period_end")
    assert "Ab 15.12.2026: Rad im Abo × 3." in page(desk, house)
    assert "Was für den 15.12.2026 vorgemerkt ist, entfällt." in ask(desk, house, "withdraw_change")
    do(desk, house, "withdraw_change")
    assert "Ab 15.12.2026" not in page(desk, house)


def test_an_add_on_is_removed_and_booked_again(app: Flask, desk: Desk, house: House) -> None:
    do(desk, house, "addon", article_number="HELM", quantity="0", when="now")
    do(desk, house, "addon", article_number="HELM", quantity="2", when="now")
    with app.app_context():
        items = db.session.query(SubscriptionItem).filter_by(subscription_id=house.subscription, article_number="HELM")
        assert sorted((int(item.quantity), item.ends_on == TODAY) for item in items) == [(1, True), (2, False)]


@pytest.mark.feature("X-09")
def test_cancelling_names_the_last_day_and_what_is_credited_and_is_taken_back(
    app: Flask, desk: Desk, house: House
) -> None:
    assert "der frühestmögliche Tag, 14.12.2026" in ask(desk, house, "cancel")
    told = ask(desk, house, "cancel", ends_on="", note="")
    assert "sein letzter Tag ist der 14.12.2026" in told
    assert "Der frühestmögliche letzte Tag ist der 14.12.2026." in ask(desk, house, "cancel", ends_on="2026-12-01")
    early = ask(desk, house, "cancel", ends_on="2026-11-30", extraordinary="y", note="Umzug")
    assert "Am 01.12.2026 werden" in early and "gutgeschrieben" in early
    do(desk, house, "cancel", ends_on="", note="Umzug")
    assert contract(app, house).status == "cancelled"
    assert "Die Kündigung zum 14.12.2026 wird zurückgenommen" in ask(desk, house, "reactivate")
    do(desk, house, "reactivate")
    assert contract(app, house).status == "active"


def test_a_pause_is_told_with_its_credit_and_ends_by_hand(app: Flask, desk: Desk, house: House) -> None:
    told = ask(desk, house, "pause", starts_on=TODAY.isoformat(), ends_on="")
    assert "Paus" in told and "gutgeschrieben" in told and "Mindestlaufzeit" in told
    assert "Dieser Tag ist vorbei" in ask(desk, house, "pause", starts_on="2026-01-01", ends_on="")
    do(desk, house, "pause", starts_on=TODAY.isoformat(), ends_on="")
    assert contract(app, house).status == "paused"
    assert "Fortsetzen" in page(desk, house)
    do(desk, house, "resume", on=TODAY.isoformat())
    assert contract(app, house).status == "active"


@pytest.mark.feature("M1-07")
@pytest.mark.feature("D-6")
@pytest.mark.feature("EB-4")
def test_the_next_payment_moves_and_the_billing_day_only_after_its_next_three_days_were_shown(
    desk: Desk, house: House
) -> None:
    assert "nur diese" in ask(desk, house, "next_payment").lower()
    do(desk, house, "next_payment", next_event="2026-12-20")
    assert "Nächste Zahlung 20.12.2026 verlegt, sonst 15.12.2026" in page(desk, house)
    told = ask(desk, house, "billing_day", new_day="2027-01-01")
    assert "15.12.2026, 01.01.2027, 01.02.2027" in told
    assert "Bitte wählen Sie einen Tag vom 15.12.2026 bis 14.01.2027" in ask(
        desk, house, "billing_day", new_day="2027-03-01"
    )
    do(desk, house, "billing_day", new_day="2027-01-01")
    assert "15.12.2026 – 31.12.2026 · 17 von 31 Tagen" in page(desk, house)


def test_switched_off_billed_now_and_what_the_state_does_not_allow(app: Flask, desk: Desk, house: House) -> None:
    do(desk, house, "renew")
    do(desk, house, "deactivate", reason="Rad gestohlen")
    assert contract(app, house).status == "deactivated"
    desk.get(f"/admin/contracts/?deed=pause&id={house.subscription}", 302)
    assert "nicht möglich" in page(desk, house)
    do(desk, house, "activate")
    assert contract(app, house).status == "active"


def test_a_deed_that_would_change_nothing_says_so(desk: Desk, house: House) -> None:
    same = {"article_number": "RAD-1", "quantity": "1", "when": "now"}
    assert "es würde sich nichts ändern" in ask(desk, house, "change", **same)
    due = re.search(r'value="([\d-]+)"[^>]*name="next_event"|name="next_event"[^>]*value="([\d-]+)"',
                    desk.get(f"/admin/contracts/?deed=next_payment&id={house.subscription}"))  # fmt: skip
    assert due is not None
    told = do(desk, house, "next_payment", next_event=due[1] or due[2])
    assert "es würde sich nichts ändern" in told and "verschoben" not in told.partition("Verlauf")[0]


@pytest.mark.feature("D-12")
@pytest.mark.parametrize(("move", "told"), [("block", "ist gesperrt"), ("deactivate", "ist deaktiviert")])
def test_nobody_is_asked_for_a_change_that_their_status_forbids(
    app: Flask, desk: Desk, house: House, move: str, told: str
) -> None:
    with app.app_context():
        customer_status.change_status(SYSTEM, house.customer, move)
        db.session.remove()
    desk.get(f"/admin/contracts/?deed=change&id={house.subscription}", 302)
    assert f"Der Kunde {told}" in page(desk, house)
    assert "Mindestlaufzeit" in ask(desk, house, "cancel") or "Letzter Tag" in ask(desk, house, "cancel")


@pytest.mark.feature("X-21")
def test_the_page_takes_the_same_number_of_statements_however_long_the_contract_runs(
    app: Flask, desk: Desk, house: House
) -> None:
    path = f"/admin/subscriptions/details/?id={house.subscription}"
    desk.get(path)
    with counted(app) as few:
        desk.get(path)
    for day in (date(2026, 12, 15), date(2027, 1, 15), date(2027, 2, 15)):
        with app.app_context(), clock.stand_at(day):
            contract_days.follow_all()
            billing_run.bill(day, SYSTEM)
            db.session.remove()
    do(desk, house, "change", article_number="RAD-1", quantity="2", when="now")
    with counted(app) as many:
        desk.get(path)
    assert len(many) == len(few)


def test_a_new_subscription_takes_a_customers_name_and_suggests_them(desk: Desk, house: House) -> None:
    form = {"article_number": "RAD-1", "quantity": "1"}
    path = "/admin/subscriptions/new/"
    assert "Gespeichert." in desk.post(path, {**form, "customer_id": "Änne Groß"}, path)
    several = desk.post(path, {**form, "customer_id": "Müller"}, path)
    assert "Mehrere Kunden passen:" in several
    assert "Groß OHG" in several
    assert "keinen Kunden" in desk.post(path, {**form, "customer_id": "niemand"}, path)
    assert "Groß OHG" in desk.client.get("/admin/subscriptions/suggest/?q=Groß").json["choices"][0]
    assert desk.client.get("/admin/subscriptions/suggest/?q=").json == {"choices": []}


@pytest.mark.feature("X-10")
def test_the_preview_of_a_change_names_the_next_invoice_with_vat_as_the_run_then_issues_it(
    app: Flask, desk: Desk, house: House
) -> None:
    told = ask(desk, house, "change", article_number="RAD-1", quantity="2", when="period_end")
    assert "Die nächste Rechnung dieses Abonnements, am 15.12.2026, beträgt 219,32 € mit USt." in told
    do(desk, house, "change", article_number="RAD-1", quantity="2", when="period_end")
    assert "Zu zahlen, mit USt. 219,32 €" in page(desk, house)


def test_the_dialogs_offer_only_what_fits_the_contract_in_price_mode_and_currency(
    app: Flask, desk: Desk, house: House
) -> None:
    with app.app_context():
        for number, more in (("BRUTTO", {"is_gross": True}), ("FRANKEN", {"currency_code": "CHF"}), ("PASST", {})):
            for kind, interval in (("plan", Interval(Unit.MONTH, 1)), ("addon", None)):
                values = {"number": f"{number}-{kind}", "title": number, "unit_price": Decimal(5), "kind": kind}
                products.create_product(SYSTEM, {**values, **({"interval": interval} if interval else {}), **more})
        db.session.remove()
    for deed, kind in (("change", "plan"), ("addon", "addon")):
        shown = ask(desk, house, deed)
        assert f"PASST-{kind}" in shown and "BRUTTO" not in shown and "FRANKEN" not in shown


def test_the_list_of_contracts_is_narrowed_by_plan(desk: Desk, house: House) -> None:
    listed = desk.get("/admin/subscriptions/")
    offered = dict(re.findall(r'<option value="(\d+)"[^>]*>(RAD-1|XSS-1) ·', listed))
    numbers = {number: id_ for id_, number in offered.items()}
    rad = desk.get(f"/admin/subscriptions/?plan={numbers['RAD-1']}")
    other = desk.get(f"/admin/subscriptions/?plan={numbers['XSS-1']}")
    counts = [each.partition("<tbody>")[2].count("<tr") for each in (listed, rad, other)]
    assert counts[0] == counts[1] + counts[2] and counts[1] > 1 and counts[2] == 1
    assert desk.get("/admin/subscriptions/?plan=x").partition("<tbody>")[2].count("<tr") in (0, counts[0])
