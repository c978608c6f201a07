"""Every address of the back office against every role: the matrix equals the list, and what is not listed is denied."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.routing import Rule

from services.permissions import DEFAULT_ROLES
from tests.admin.conftest import Desk
from tests.admin.furniture import House

# What each address asks for. Written down by hand: the screens declare the same, and neither may drift alone.
OPEN_TO_STRANGERS = {"admin_session.log_in", "admin_session.log_out", "admin_session.nowhere"}
EVERYBODY = {"admin.index", "admin_session.change_password", "admin_settings.index"}
ASKS_FOR = {
    "admin_customers": {"index_view": "customers.read", "details_view": "customers.read",
                        "create_view": "customers.write", "edit_view": "customers.write",
                        "delete_view": "customers.delete", "confirm_delete": "customers.delete",
                        "export": "customers.export", "reveal_iban": "customers.reveal"},
    "admin_tags": {"index_view": "tags.read", "create_view": "tags.write", "edit_view": "tags.write",
                   "delete_view": "tags.delete"},
    "admin_products": {"index_view": "products.read", "details_view": "products.read",
                       "create_view": "products.write", "edit_view": "products.write"},
    "admin_subscriptions": {"index_view": "subscriptions.read", "details_view": "subscriptions.read",
                            "create_view": "subscriptions.write", "confirm_periods": "subscriptions.write"},
    "admin_claims": {"index_view": "subscriptions.read"},
    "admin_invoices": {"index_view": "invoices.read", "details_view": "invoices.read", "export": "invoices.export"},
    "admin_receivables": {"index_view": "receivables.read", "export": "receivables.export"},
    "admin_papers": {"index_view": "papers.read", "retry": "papers.write"},
    "admin_ledger": {"index_view": "ledger.read", "export": "ledger.export"},
    "admin_runs": {"index_view": "runs.read", "details_view": "runs.read", "progress": "runs.read",
                   "preview": "runs.start", "start": "runs.start"},
    "admin_messages": {"index_view": "messages.read", "details_view": "messages.read", "letter": "messages.read",
                       "retry": "messages.write",
                       "stop": "messages.write"},
    "admin_activities": {"index_view": "activities.read", "details_view": "activities.read"},
    "admin_staff": {"index_view": "staff.read", "create_view": "staff.write", "edit_view": "staff.write",
                    "reset_password": "staff.write"},
    "admin_roles": {"index_view": "staff.read", "create_view": "staff.write", "edit_view": "staff.write"},
    "admin_company": {"index": "company.read", "save": "company.write"},
    "admin_logo": {"index": "company.read", "save": "company.write", "ask_remove": "company.write",
                   "remove": "company.write"},
    "admin_number_ranges": {"index_view": "company.read", "edit_view": "company.write", "preview": "company.write"},
    "admin_hosted_pages": {"index": "company.read"},
    "admin_texts": {"index_view": "company.read", "edit_view": "company.read", "preview": "company.read",
                    "sample": "company.read", "save": "company.write", "reset": "company.write"},
    "admin_mail": {"index": "company.read", "test": "company.write"},
    "admin_api_keys": {"index_view": "api_keys.read", "create_view": "api_keys.write", "revoke": "api_keys.write"},
}  # fmt: skip
WANTED = {f"{screen}.{view}": permission for screen, views in ASKS_FOR.items() for view, permission in views.items()}


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.partition("_")[0].partition(".")[0] == "admin"]


def address(rule: Rule) -> str:
    return str(rule).replace("<export_type>", "csv").replace("<path:rest>", "gibt/es/nicht")


@pytest.mark.feature("S22")
def test_every_address_is_on_the_list_and_nothing_else(people: Flask) -> None:
    assert {rule.endpoint for rule in rules(people)} == set(WANTED) | OPEN_TO_STRANGERS | EVERYBODY


@pytest.mark.feature("S22")
@pytest.mark.feature("M2-28")
@pytest.mark.parametrize("role", DEFAULT_ROLES)
def test_a_role_opens_exactly_what_its_permissions_name(
    desk_of: Callable[[str], Desk], people: Flask, house: House, role: str
) -> None:
    desk, allowed = desk_of(role), DEFAULT_ROLES[role][1]
    token = desk.token("/admin/")
    for rule in rules(people):
        wanted = WANTED.get(rule.endpoint)
        if wanted is None:
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answer = desk.client.open(address(rule), method=method, data={"csrf_token": token})
            denied = answer.status_code == 403
            assert denied is (wanted not in allowed), (role, method, rule, answer.status_code)
            assert answer.status_code < 500, (role, method, rule)


@pytest.mark.feature("S22")
def test_a_stranger_opens_nothing(people: Flask) -> None:
    client = people.test_client()
    token = Desk(client).token("/admin/login")
    for rule in rules(people):
        if rule.endpoint in OPEN_TO_STRANGERS - {"admin_session.nowhere"}:
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answer = client.open(address(rule), method=method, data={"csrf_token": token})
            assert answer.status_code == 302 and "/admin/login" in answer.headers["Location"], (method, rule)


def test_a_role_sees_only_the_menu_that_it_may_open(desk_of: Callable[[str], Desk], house: House) -> None:
    page = desk_of("Support").get("/admin/")
    assert 'href="/admin/customers/"' in page and 'href="/admin/invoices/"' in page
    assert 'href="/admin/ledger/"' not in page and 'href="/admin/api-keys/"' not in page
    assert "Rechnungslauf</a>" not in page


def test_a_forbidden_page_says_so_kindly(desk_of: Callable[[str], Desk], house: House) -> None:
    page = desk_of("Support").get("/admin/ledger/", 403)
    assert "Das gehört nicht zu Ihrer Rolle" in page and "Traceback" not in page


def test_buttons_that_a_role_may_not_use_are_not_drawn(desk_of: Callable[[str], Desk], house: House) -> None:
    page = desk_of("Buchhaltung").get(f"/admin/customers/details/?id={house.customer}")
    assert "IBAN zeigen" in page
    assert "Bearbeiten" not in page and "Löschen" not in page
    page = desk_of("Support").get(f"/admin/customers/details/?id={house.customer}")
    assert "Bearbeiten" in page and "IBAN zeigen" not in page
