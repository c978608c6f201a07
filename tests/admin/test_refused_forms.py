"""A form that was refused still says whose record it is about, leads back, and its address can be loaded again."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask, url_for
from werkzeug.test import TestResponse

from extensions import db
from services import customer_logins, customers, documents, notes
from services.actor import SYSTEM
from services.documents import Labels
from tests.admin.conftest import Desk
from tests.admin.furniture import TODAY, House
from tests.services.test_documents import picture

NAME = "Müller &amp; Söhne GmbH"
# Each dialog of a card, and a form that it refuses.
REFUSED: dict[str, dict[str, object]] = {
    "admin_customer_activities.add": {"text": ""},
    "admin_customer_activities.correct": {"text": ""},
    "admin_customer_activities.strike": {"reason": ""},
    "admin_customer_documents.upload": {},
    "admin_customer_documents.label": {"title": "x" * 300},
    "admin_customer_documents.delete": {"reason": ""},
    "admin_customer_logins.invite": {"email": "keine"},
    "admin_customer_logins.password": {"password": "kurz"},
    "admin_customer_messages.write": {"subject": "", "body": ""},
    "admin_customer_settings.change": {"days_for_payment": "viele"},
    "admin_customer_settings.hold": {"reason": ""},
    "admin_customer_vouchers.redeem": {"coupon": "gibt es nicht"},
    "admin_customers.status": {},
    "admin_customers.edit_view": {"email": "keine"},
    "admin_customers.many": {"tag": "mit, Komma"},
    "admin_credit.grant": {"amount": "viel"},
    "admin_payments.prepay": {"amount": "viel"},
    "admin_payments.pay_out": {"amount": "viel"},
    "admin_vat_checks.decide": {"reason": ""},
    "admin_merging.merge": {"seen": "9", "seen_other": "9"},
}


@pytest.fixture
def things(people: Flask, house: House) -> dict[str, dict[str, object]]:
    """What each address says besides, or instead of, the customer's id."""
    with people.app_context():
        note = notes.add_note(SYSTEM, house.customer, notes.Words("note", TODAY, "Ruft morgens an."))
        document = documents.keep_document(SYSTEM, house.customer, "Rad.jpg", picture((60, 40)), Labels("", ""))
        login = customer_logins.invite(SYSTEM, house.customer, "kunde@example.com").login_id
        other = customers.create_customer(SYSTEM, {"last_name": "Dritte", "email": "dritte@example.com"})
        db.session.remove()
    of_customer = {"id": None, "customer": house.customer}
    return {
        "admin_customer_activities.correct": {"id": None, "note": note},
        "admin_customer_activities.strike": {"id": None, "note": note},
        "admin_customer_documents.label": {"document": document},
        "admin_customer_documents.delete": {"document": document},
        "admin_customer_logins.password": {"id": None, "login": login},
        "admin_customer_settings.change": {"part": "money"},
        "admin_customers.many": {"action": "tag", "next": f"/admin/customers/details/?id={house.customer}"},
        "admin_merging.merge": {"other": other},
        **dict.fromkeys(("admin_credit.grant", "admin_payments.prepay", "admin_payments.pay_out"), of_customer),
    }


@pytest.mark.feature("M2-27")
def test_a_refused_form_says_whose_it_is_leads_back_and_can_be_loaded_again(
    owner: Desk, people: Flask, house: House, things: dict[str, dict[str, object]]
) -> None:
    for endpoint, sent in REFUSED.items():
        with people.test_request_context():
            address = url_for(endpoint, **{"id": house.customer, **things.get(endpoint, {})})
        page = owner.client.get(address, follow_redirects=True)
        answer = send(owner, page, sent)
        assert answer.status_code == 200 and is_refused(answer.text), endpoint
        crumb, body = answer.text.partition('class="crumb"')[2].split("</p>", 1)
        assert f'/admin/customers/details/?id={house.customer}"' in crumb + body, endpoint
        assert NAME in body, endpoint
        again = owner.client.get(answer.request.full_path, follow_redirects=True)
        assert again.status_code == 200 and NAME in again.text, endpoint
        assert action_of(again.text, again.request.full_path) == action_of(page.text, page.request.full_path), endpoint


def send(desk: Desk, page: TestResponse, values: dict[str, object]) -> TestResponse:
    """The page's own form with its hidden fields, to where it goes."""
    form = form_of(page.text)
    hidden = dict(re.findall(r'<input(?=[^>]*type="hidden")[^>]* name="([\w-]+)"[^>]* value="([^"]*)"', form))
    sent = {name: html.unescape(value) for name, value in hidden.items()} | values
    return desk.client.post(action_of(page.text, page.request.full_path), data=sent)


def form_of(page: str) -> str:
    """The form of the page's own content."""
    content = page.partition('<main id="content">')[2]
    return "<form" + content.split("<form", 1)[1].partition("</form>")[0]


def action_of(page: str, here: str) -> str:
    found = re.search(r'^<form[^>]* action="([^"]+)"', form_of(page))
    return html.unescape(found[1]) if found else here


def is_refused(page: str) -> bool:
    return 'aria-invalid="true"' in page or 'notice bad"' in page or 'class="choices wrong"' in page
