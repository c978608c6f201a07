"""The button of the billing run: look, start, watch."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from extensions import db
from models import Invoice, ParkedCustomer, Run
from services import billing_run, company
from services.actor import SYSTEM
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import House

DAY = "2026-12-05"


def count(app: Flask, model: type) -> int:
    with app.app_context():
        found = db.session.scalar(select(func.count()).select_from(model)) or 0
        db.session.remove()
        return found


def work(app: Flask, run_id: int) -> None:
    """What the workers do."""
    with app.app_context():
        for chunk_id in billing_run.pending_chunks(run_id):
            billing_run.run_chunk(chunk_id)
        billing_run.finish(run_id)
        db.session.remove()


def plain(page: str) -> str:
    return page.replace("\xa0", " ")


def latest(app: Flask) -> int:
    with app.app_context():
        found = db.session.scalar(select(func.max(Run.id))) or 0
        db.session.remove()
        return found


def test_the_preview_says_who_how_much_and_why_not_and_writes_nothing(owner: Desk, people: Flask, house: House) -> None:
    before = count(people, Invoice), count(people, Run)
    page = owner.get(f"/admin/runs/preview/?on={DAY}").replace("\xa0", " ")
    assert "6 Rechnungen ausstellen" in page and "106,98 €" in page and "Müller &amp; Söhne GmbH" in page
    assert "Mehr als 12 offene Zeiträume" in page
    assert (count(people, Invoice), count(people, Run)) == before


@pytest.mark.parametrize("on", ["morgen", "2026-13-01", "9999-99-99", "%00"])
def test_a_day_that_is_none_is_told_and_means_today(owner: Desk, house: House, on: str) -> None:
    assert "Das ist kein Tag." in owner.get(f"/admin/runs/preview/?on={on}")
    assert "Das ist kein Tag." not in owner.get("/admin/runs/preview/?on=")


def test_the_preview_shows_each_line_with_its_period_and_can_be_searched(reader: Desk, house: House) -> None:
    page = plain(reader.get(f"/admin/runs/preview/?on={DAY}&search=werft"))
    table = page.partition("Würde ausgestellt")[2]
    assert "Örtliche Werft" in table and "Müller" not in table
    assert "Rad im Abo" in table and "01.12.2026 – 31.12.2026" in table and "89,90 €" in table
    assert "6 Rechnungen ausstellen" in page, "the figures stay those of the whole run"
    assert "Nichts gefunden" in reader.get(f"/admin/runs/preview/?on={DAY}&search=niemand&page=99")


def test_before_a_start_a_person_is_asked_with_figures(owner: Desk, people: Flask, house: House) -> None:
    page = plain(owner.get(f"/admin/runs/start/?on={DAY}"))
    assert re.search(r"6 Rechnungen über [\d.,]+ € ausstellen", page) and "05.12.2026" in page
    assert "Wochenende" not in page, "a Saturday is a day like any other for an invoice"
    assert count(people, Run) == 1


def test_a_second_start_says_that_it_joined(owner: Desk, people: Flask, house: House) -> None:
    owner.post("/admin/runs/start/", {"on": DAY})
    assert "schließt sich ihm an" in owner.get(f"/admin/runs/preview/?on={DAY}")
    assert "Sie haben sich ihm angeschlossen" in owner.post("/admin/runs/start/", {"on": DAY})


def test_each_reason_leads_to_the_place_where_it_is_mended(owner: Desk, people: Flask, house: House) -> None:
    park(people, house, 0, "missing_fields", {"fields": ["zipcode"]})
    page = owner.get("/admin/parked/")
    assert f'href="/admin/customers/edit/?id={house.customer}#zipcode"' in page
    assert f'href="/admin/subscriptions/details/?id={house.parked_subscription}"' in page
    assert "Prüfen und bestätigen" in page and "Erneut abrechnen" in page
    assert 'id="zipcode"' in owner.get(f"/admin/customers/edit/?id={house.customer}")


def test_the_list_of_those_left_out_can_be_narrowed(owner: Desk, people: Flask, house: House) -> None:
    park(people, house, 0, "no_vat_rate")
    page = owner.get("/admin/parked/?code=no_vat_rate")
    assert "Prüfen und bestätigen" not in page and page.count("Erneut abrechnen") == 1
    assert "Nichts gefunden" in owner.get("/admin/parked/?code=no_vat_rate&search=x")
    assert "Bisher wurde niemand" in owner.get("/admin/parked/?state=settled")


def test_a_customer_is_billed_again_from_the_list_and_told_what_came_of_it(
    owner: Desk, people: Flask, house: House
) -> None:
    park(people, house, 0, "no_vat_rate")
    with people.app_context():
        ids = list(db.session.scalars(select(ParkedCustomer.id).order_by(ParkedCustomer.id)))
        db.session.remove()
    page = owner.post("/admin/parked/retry/", {"id": ids[-1]})
    assert "Weiterhin zurückgestellt: Mehr als 12 offene Zeiträume" in page
    assert "Das war bereits erledigt." in owner.post("/admin/parked/retry/", {"id": ids[-1]})
    assert "gibt es nicht" in owner.post("/admin/parked/retry/", {"id": "4711"})


def test_the_report_of_a_run_goes_out_again_where_somebody_is_named(owner: Desk, people: Flask, house: House) -> None:
    page = owner.get(f"/admin/runs/details/?id={house.run}")
    assert "Für Berichte ist niemand eingetragen." in page and "Bericht erneut senden" not in page
    assert "ist niemand eingetragen" in owner.post("/admin/runs/report/", {"id": house.run})
    with people.app_context():
        company.change_company(SYSTEM, {"report_email": "chefin@radwerk.example"})
        db.session.remove()
    page = owner.post("/admin/runs/report/", {"id": house.run})
    assert "Der Bericht ist erneut unterwegs." in page and "chefin@radwerk.example" in page


@pytest.mark.parametrize("on", ["", "quatsch", "2026-02-30", "2026-12-05x", "0026-11-22", None])
def test_a_run_is_never_started_for_a_day_that_nobody_can_read(
    owner: Desk, people: Flask, house: House, on: str | None
) -> None:
    before = count(people, Invoice), count(people, Run)
    page = owner.post("/admin/runs/start/", {} if on is None else {"on": on})
    assert "Bitte wählen Sie einen Tag. Es wurde nichts gestartet." in page
    assert (count(people, Invoice), count(people, Run)) == before


def test_a_started_run_shows_how_far_it_is_and_in_the_end_what_it_did(owner: Desk, people: Flask, house: House) -> None:
    before = count(people, Invoice)
    page = owner.post("/admin/runs/start/", {"on": DAY})
    run_id = latest(people)
    assert "Der Rechnungslauf ist gestartet." in page and "läuft" in page
    assert f'data-progress="/admin/runs/progress/?id={run_id}"' in page
    assert '<noscript><meta http-equiv="refresh"' in page, "the page works without scripts, too"
    told = owner.client.get(f"/admin/runs/progress/?id={run_id}").get_json()
    assert (told["state"], told["chunks"], told["chunks_done"], told["per_cent"]) == ("running", 1, 0, 0)
    work(people, run_id)
    told = owner.client.get(f"/admin/runs/progress/?id={run_id}").get_json()
    assert (told["state"], told["issued"], told["failed"], told["per_cent"]) == ("finished", 6, 1, 100)
    page = owner.get(f"/admin/runs/details/?id={run_id}")
    assert "data-progress" not in page and "Petra Inhaber" in page
    assert count(people, Invoice) == before + 6


def test_incomplete_company_data_are_told_before_a_run_is_refused(owner: Desk, people: Flask, house: House) -> None:
    assert "ergänzen Sie die Firmendaten" not in owner.get("/admin/") + owner.get("/admin/runs/preview/")
    with people.app_context():
        company.change_company(SYSTEM, {"zipcode": "", "tax_number": "", "vat_id": ""})
        db.session.remove()
    page = owner.get("/admin/")
    assert "Für Rechnungen fehlen Firmendaten: PLZ, Steuernummer." in page and 'href="/admin/company/"' in page
    page = owner.get(f"/admin/runs/preview/?on={DAY}")
    assert "ergänzen Sie die Firmendaten, bevor Rechnungen ausgestellt werden: PLZ, Steuernummer." in page
    assert '<a href="/admin/company/">Zu den Firmendaten</a>' in page
    assert 'action="/admin/runs/start/"' not in page


def test_the_preview_refuses_a_mistyped_year_as_the_run_does(owner: Desk, people: Flask, house: House) -> None:
    assert "Der Tag 05.12.2206 liegt zu weit in der Zukunft." in owner.get("/admin/runs/preview/?on=2206-12-05")
    assert "liegt zu weit in der Zukunft." in owner.post("/admin/runs/start/", {"on": "2206-12-05"})
    assert count(people, Run) == 1


def test_a_customer_with_several_reasons_is_one_customer_on_the_start_page(
    owner: Desk, people: Flask, house: House
) -> None:
    park(people, house, 0, "no_vat_rate")
    assert "Kunde wurde bei einem Rechnungslauf zurückgestellt" in owner.get("/admin/")


def test_a_contract_tells_its_own_reason_before_its_customers(owner: Desk, people: Flask, house: House) -> None:
    park(people, house, 0, "no_vat_rate")
    page = owner.get(f"/admin/subscriptions/details/?id={house.parked_subscription}")
    assert 0 < page.index("Mehr als 12 offene Zeiträume") < page.index("keinen Umsatzsteuersatz")
    assert "Alle offenen Zeiträume abrechnen" in page


def test_repeated_reasons_are_one_line_with_the_number_of_its_invoices(
    owner: Desk, people: Flask, house: House
) -> None:
    park(people, house, 0, "missing_fields", {"fields": ["zipcode", "city"], "documents": 3})
    page = owner.get(f"/admin/runs/details/?id={house.run}")
    assert "PLZ, Ort" in page and "3 Rechnungen" in page


def park(app: Flask, house: House, subscription_id: int, code: str, facts: dict[str, object] | None = None) -> None:
    """One more reason for the furniture's customer."""
    with app.app_context():
        with write() as session:
            session.add(ParkedCustomer(run_id=house.run, customer_id=house.customer, subscription_id=subscription_id,
                                       code=code, facts=facts or {}))  # fmt: skip
        db.session.remove()


def test_pressing_the_button_twice_starts_one_run(owner: Desk, people: Flask, house: House) -> None:
    for _ in range(2):
        owner.post("/admin/runs/start/", {"on": DAY})
    assert count(people, Run) == 2, "the furniture's and this one"


def test_a_run_without_the_laws_data_of_the_seller_is_refused_in_words(
    owner: Desk, people: Flask, house: House
) -> None:
    with people.app_context():
        company.change_company(SYSTEM, {"city": ""})
        db.session.remove()
    page = owner.post("/admin/runs/start/", {"on": DAY})
    assert "Es fehlen gesetzlich verlangte Firmendaten." in page
    assert count(people, Run) == 1


def test_who_may_only_look_sees_runs_without_the_button(
    desk_of: Callable[[str], Desk], people: Flask, house: House
) -> None:
    support = desk_of("Support")
    support.get("/admin/runs/", 403)
    assert support.client.get(f"/admin/runs/preview/?on={date(2026, 12, 1)}").status_code == 403
