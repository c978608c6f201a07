"""Every address of the back office against every role: the matrix equals the list, and what is not listed is denied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import reduce
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import Update, select, update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from extensions import db
from models import Role, Staff
from services import clock, roles, staff
from services.actor import SYSTEM
from services.permissions import DEFAULT_ROLES, PERMISSIONS
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import PASSWORD, House
from tests.sweeps import some

SOME_PERMISSIONS = 20  # whose turn comes in a run; all of them in a full sweep
SOME_ADDRESSES = 90  # that each further lock is tried at

# What each address asks for. Written down by hand: the screens declare the same, and neither may drift alone.
OPEN_TO_STRANGERS = {
    "admin_session.log_in", "admin_session.log_out", "admin_session.second_step", "admin_session.nowhere",
    "admin_password.forgot", "admin_password.choose",
}  # fmt: skip
EVERYBODY = {
    "admin.index", "admin_password.change", "admin_account.index", "admin_account.end_session",
    "admin_account.end_others", "admin_account.look", "admin_account.second_factor_view", "admin_account.begin",
    "admin_account.confirm",
    "admin_account.renew_codes", "admin_account.switch_off", "admin_settings.index", "admin_page_size.choose",
    "admin_exports.index_view", "admin_exports.progress", "admin_exports.download",
    "admin_help.index", "admin_help.show",
}  # fmt: skip
ASKS_FOR = {
    "admin_provider_events": {"index_view": "payments.read", "try_again": "payments.write"},
    "admin_collecting": {"index_view": "payments.read", "issue_open": "invoices.write", "release": "invoices.write",
                         "try_again": "payments.write", "collect": "payments.write", "took": "payments.write",
                         "took_nothing": "payments.write", "many": "payments.write"},
    "admin_payment_settings": {"index": "company.read", "save": "company.write"},
    "admin_customers": {"index_view": "customers.read", "details_view": "customers.read",
                        "create_view": "customers.write", "edit_view": "customers.write",
                        "delete_view": "customers.delete", "confirm_delete": "customers.delete",
                        "export": "customers.export", "reveal_iban": "customers.reveal", "many": "customers.write",
                        "ask_renew_link": "customers.write", "renew_link": "customers.write",
                        "status": "customers.write", "status_history": "customers.read",
                        "alike": "customers.write"},
    "admin_merging": {"index": "customers.merge", "compare": "customers.merge", "merge": "customers.merge",
                      "suggest": "customers.merge"},
    "admin_customer_settings": {"index": "customer_settings.read", "change": "customer_settings.write",
                                "hold": "customer_settings.hold"},
    "admin_customer_subscriptions": {"index": "subscriptions.read", "book": "subscriptions.write"},
    "admin_customer_invoices": {"index": "invoices.read"},
    "admin_customer_payments": {"index": "payments.read"},
    "admin_customer_documents": {"index": "documents.read", "look": "documents.read", "picture": "documents.read",
                                 "page": "documents.read", "download": "documents.read", "upload": "documents.write",
                                 "label": "documents.write", "delete": "documents.delete"},
    "admin_customer_messages": {"index": "messages.read", "write": "messages.write", "preview": "messages.write"},
    "admin_customer_logins": {"index": "customers.read", "invite": "customers.write", "link": "customers.write",
                              "password": "customers.write", "end_sessions": "customers.write",
                              "remove": "customers.write"},
    "admin_customer_vouchers": {"index": "coupons.read", "redeem": "subscriptions.write"},
    "admin_deletions": {"index_view": "customers.delete"},
    "admin_customer_data": dict.fromkeys(("index", "order", "progress", "download"), "customers.export"),
    "admin_customer_activities": {"index": "activities.read", "add": "customers.write", "correct": "customers.write",
                                  "strike": "customers.write", "attachment": "activities.read"},
    "admin_tags": {"index_view": "tags.read", "create_view": "tags.write", "edit_view": "tags.write",
                   "delete_view": "tags.delete", "confirm_delete": "tags.delete"},
    "admin_products": {"index_view": "products.read", "details_view": "products.read",
                       "create_view": "products.write", "edit_view": "products.write"},
    "admin_product_prices": {"edit": "products.write", "remove": "products.write"},
    "admin_coupons": {"index_view": "coupons.read", "details_view": "coupons.read", "create_view": "coupons.write",
                      "edit_view": "coupons.write", "switch": "coupons.write", "redeem": "subscriptions.write",
                      "end": "subscriptions.write"},
    "admin_usage": {"index_view": "subscriptions.read", "record": "subscriptions.write",
                    "delete": "subscriptions.write"},
    "admin_payment_methods": {"choose": "customers.write", "remove": "customers.write", "ask": "customers.write",
                              "use_again": "customers.write",
                              "assign": "subscriptions.write", "of_contract": "subscriptions.write"},
    "admin_credit": {"grant": "payments.write", "withdraw": "payments.write"},
    "admin_subscriptions": {"index_view": "subscriptions.read", "details_view": "subscriptions.read",
                            "create_view": "subscriptions.write", "confirm_periods": "subscriptions.write",
                            "suggest": "subscriptions.write"},
    "admin_contracts": {"ask": "subscriptions.write"},
    "admin_claims": {"index_view": "subscriptions.read"},
    "admin_invoices": {"index_view": "invoices.read", "details_view": "invoices.read", "export": "invoices.export",
                       "many": "invoices.write"},
    "admin_drafts": {"create_view": "invoices.write", "edit_view": "invoices.write", "issue": "invoices.write",
                     "delete": "invoices.write", "paper": "invoices.read", "suggest": "invoices.write"},
    "admin_corrections": {"cancel": "invoices.write", "correct": "invoices.write"},
    "admin_receivables": {"index_view": "receivables.read", "export": "receivables.export"},
    "admin_refunds": {"index_view": "payments.read", "details_view": "payments.read", "order": "payments.refund",
                      "approve": "payments.approve", "withdraw": "payments.refund", "sent": "payments.refund",
                      "returned": "payments.refund", "decide": "payments.approve", "look": "payments.refund",
                      "not_sent": "payments.refund"},
    "admin_payments": {"index_view": "payments.read", "details_view": "payments.read", "export": "payments.export",
                       "reductions": "payments.read",
                       "record": "payments.write", "mark_paid": "payments.write", "prepay": "payments.write",
                       "apply_credit": "payments.write", "pay_out": "payments.write", "cancel": "payments.write",
                       "move": "payments.write", "write_off": "receivables.write"},
    "admin_debits": {"index_view": "payments.read", "details_view": "payments.read", "make": "payments.write",
                     "withdraw": "payments.write", "credited": "payments.write", "returned": "payments.write"},
    "admin_payment_files": {"index_view": "payments.read", "details_view": "payments.read",
                            "download": "payments.write", "submit": "payments.write", "discard": "payments.write",
                            "put_back": "payments.write",
                            "credited": "payments.write", "transfers": "payments.write"},
    "admin_mandates": {"grant": "customers.write", "revoke": "customers.write"},
    "admin_shipments": {"index_view": "shipments.read", "create_view": "shipments.write",
                        "edit_view": "shipments.write", "delete_view": "shipments.write",
                        "confirm_delete": "shipments.write"},
    "admin_statement": {"index": "receivables.read", "pdf": "receivables.read"},
    "admin_papers": {"index_view": "papers.read", "retry": "papers.write", "many": "papers.write",
                     "link": "papers.write"},
    "admin_einvoices": {"index": "invoices.read", "xml": "invoices.read", "order": "papers.write"},
    "admin_ledger": {"index_view": "ledger.read", "export": "ledger.export"},
    "admin_runs": {"index_view": "runs.read", "details_view": "runs.read", "progress": "runs.read",
                   "preview": "runs.start", "start": "runs.start", "report": "runs.start"},
    "admin_bank": {
        "index_view": "bank_statements.read", "statements": "bank_statements.read",
        "progress": "bank_statements.read",
        "upload": "bank_statements.write", "preview": "bank_statements.write", "bring_in": "bank_statements.write",
        "layout": "bank_statements.write", "remove_layout": "bank_statements.write",
        "accept": "bank_statements.write", "accept_credit": "bank_statements.write",
        "choose": "bank_statements.write", "ignore": "bank_statements.write",
        "take_up": "bank_statements.write", "take_apart": "bank_statements.write",
        "undo": "bank_statements.write", "match": "bank_statements.write",
        "take_back": "bank_statements.write",
    },
    "admin_dunning_runs": {"index_view": "runs.read", "details_view": "runs.read", "progress": "runs.read",
                           "preview": "runs.start", "start": "runs.start"},
    "admin_dunning": {**dict.fromkeys(("hold", "lift", "dispute", "settle", "plan", "end_plan", "waive",
                                       "hold_customer", "lift_customer"), "receivables.write"),
                      "index": "receivables.read", "paid": "payments.write", "letter": "receivables.read",
                      "draw_again": "papers.write"},
    "admin_dunning_levels": {
        "index": "company.read", **dict.fromkeys(("save", "add", "edit", "remove", "take_recommended"), "company.write")
    },
    "admin_base_rates": {"index": "company.read", "enter": "company.write", "remove": "company.write"},
    "admin_parked": {"index_view": "runs.read", "retry": "runs.start"},
    "admin_messages": {"index_view": "messages.read", "details_view": "messages.read", "letter": "messages.read",
                       "retry": "messages.write",
                       "stop": "messages.write", "many": "messages.write"},
    "admin_message_templates": dict.fromkeys(
        ("index_view", "create_view", "edit_view", "delete_view", "confirm_delete"), "messages.write"),
    "admin_activities": {"index_view": "activities.read", "details_view": "activities.read"},
    "admin_staff": {"index_view": "staff.read", "create_view": "staff.write", "edit_view": "staff.write",
                    "send_link": "staff.write", "reset_second_factor": "staff.write", "end_sessions": "staff.write"},
    "admin_roles": {"index_view": "staff.read", "create_view": "staff.write", "edit_view": "staff.write",
                    "delete_view": "staff.write", "confirm_delete": "staff.write"},
    "admin_company": {"index": "company.read", "save": "company.write"},
    "admin_logo": {"index": "company.read", "save": "company.write", "ask_remove": "company.write",
                   "remove": "company.write"},
    "admin_number_ranges": {"index_view": "company.read", "edit_view": "company.write", "preview": "company.write"},
    "admin_hosted_pages": {"index": "company.read"},
    "admin_portal": {"index": "company.read"},
    "admin_texts": {"index_view": "company.read", "edit_view": "company.read", "preview": "company.read",
                    "sample": "company.read", "save": "company.write", "reset": "company.write"},
    "admin_clock": {"index": "clock.read", "progress": "clock.read", "forward": "clock.move"},
    "admin_vat": {"index": "company.read", "save_checks": "company.write", "mode": "company.write",
                  "oss": "company.write", "report": "company.read", "report_file": "company.read"},
    "admin_vat_rates": {"index_view": "company.read", "create_view": "company.write", "confirm": "company.write"},
    "admin_vat_checks": {"index_view": "customers.read", "check": "customers.write", "decide": "customers.write"},
    "admin_mail": {"index": "company.read", "test": "company.write"},
    "admin_api_keys": {"index_view": "api_keys.read", "create_view": "api_keys.write", "revoke": "api_keys.write"},
}  # fmt: skip
WANTED = {f"{screen}.{view}": permission for screen, views in ASKS_FOR.items() for view, permission in views.items()}


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.partition("_")[0].partition(".")[0] == "admin"]


def address(rule: Rule) -> str:
    """The address with something in each of its blanks."""
    blanks = {
        "<export_type>": "csv",
        "<path:rest>": "gibt/es/nicht",
        "<token>": "geraten",
        "<guide>": "customer-record",
    }
    return reduce(lambda path, blank: path.replace(*blank), blanks.items(), str(rule))


@pytest.mark.feature("S22")
def test_every_address_is_on_the_list_and_nothing_else(people: Flask) -> None:
    assert {rule.endpoint for rule in rules(people)} == set(WANTED) | OPEN_TO_STRANGERS | EVERYBODY


@pytest.fixture
def people(shared: Flask) -> Flask:
    """One house for the whole walk: every test here sits down with a role of its own."""
    return shared


@pytest.mark.feature("S22")
@pytest.mark.feature("M2-28")
@pytest.mark.parametrize("role", DEFAULT_ROLES)
def test_a_default_role_opens_exactly_what_its_permissions_name(
    desk_of: Callable[[str], Desk], people: Flask, house: House, role: str
) -> None:
    desk, allowed = desk_of(role), DEFAULT_ROLES[role][1]
    for method, path, wanted in doors(people):
        answer = knock(desk, method, path)
        assert (answer.status_code == 403) is (wanted not in allowed), (role, method, path, answer.status_code)
        assert answer.status_code < 500, (role, method, path)


@pytest.mark.feature("S22")
def test_each_permission_opens_its_own_addresses_and_no_other(hired: Callable[..., Desk], people: Flask) -> None:
    """One person whose role holds one permission after the other, a sample of them in the ordinary run. At each turn
    all its own addresses, and of every other permission one, another one at each turn; who holds nothing knocks at
    them all."""
    desk, of = hired("allein@example.com"), defaultdict(list)
    for method, path, wanted in doors(people):
        of[wanted].append((method, path))
    for turn, permission in enumerate(some(sorted(PERMISSIONS), SOME_PERMISSIONS)):
        grant(people, "allein@example.com", {permission})
        others = [found[turn % len(found)] for wanted, found in of.items() if wanted != permission]
        own = of.get(permission, [])
        assert [path for method, path in own if knock(desk, method, path).status_code == 403] == []
        assert [path for method, path in others if knock(desk, method, path).status_code != 403] == []


@pytest.mark.feature("S22")
def test_a_role_without_any_permission_opens_nothing(hired: Callable[..., Desk], people: Flask) -> None:
    desk = hired("nichts@example.com")
    assert [path for method, path, _ in doors(people) if knock(desk, method, path).status_code != 403] == []


@pytest.mark.feature("S22")
def test_what_everybody_may_needs_no_permission_but_a_login(hired: Callable[..., Desk], people: Flask) -> None:
    desk = hired("ohne@example.com")
    for rule in rules(people):
        if rule.endpoint in EVERYBODY and "GET" in (rule.methods or set()):
            found = 404 if rule.endpoint == "admin_exports.download" else 200  # one's own file, and there is none
            assert desk.client.get(address(rule)).status_code == found, rule


@pytest.mark.feature("S22")
def test_a_stranger_opens_nothing(people: Flask) -> None:
    all_doors_lead_to(people, Desk(people.test_client()), "/admin/login", rules(people))


@pytest.mark.feature("M2-30")
@pytest.mark.parametrize("locked", ["is_active", "is_enabled"])
def test_who_is_deactivated_or_has_a_disabled_role_opens_nothing(
    hired: Callable[..., Desk], people: Flask, locked: str
) -> None:
    email = f"{locked}@example.com"
    desk = hired(email, set(PERMISSIONS))
    desk.get("/admin/")
    table = Staff if locked == "is_active" else Role
    of = Staff.email == email if table is Staff else Role.name == email
    change(people, update(table).where(of).values({locked: False}))
    all_doors_lead_to(people, desk, "/admin/login")


@pytest.mark.feature("S22")
def test_who_has_still_to_show_the_second_factor_opens_nothing(hired: Callable[..., Desk], people: Flask) -> None:
    desk = hired("halb@example.com", set(PERMISSIONS))
    change(people, update(Staff).where(Staff.email == "halb@example.com").values(totp_confirmed_at=clock.instant()))
    all_doors_lead_to(people, desk, "/admin/second-step")


@pytest.mark.feature("S22")
@pytest.mark.parametrize(
    ("table", "column", "first"),
    [(Role, "requires_totp", "/admin/account/second-factor"), (Staff, "must_change_password", "/admin/password")],
)
def test_what_has_to_be_done_first_comes_before_every_other_page(
    hired: Callable[..., Desk], people: Flask, table: type[Role | Staff], column: str, first: str
) -> None:
    email = f"{column}@example.com"
    desk = hired(email, set(PERMISSIONS))
    of = Role.name == email if table is Role else Staff.email == email
    change(people, update(table).where(of).values({column: True}))
    for method, path, _wanted in some(doors(people), SOME_ADDRESSES):
        assert knock(desk, method, path).headers["Location"] == first, (method, path)
    assert desk.client.get(first).status_code == 200


def doors(app: Flask) -> list[tuple[str, str, str]]:
    """(method, address, permission) of everything that asks for a permission."""
    return [
        (method, address(rule), WANTED[rule.endpoint])
        for rule in rules(app) if rule.endpoint in WANTED
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"})
    ]  # fmt: skip


def knock(desk: Desk, method: str, path: str) -> TestResponse:
    """With the desk's own token, so that nothing but the permission is asked."""
    data = {} if method == "GET" else {"csrf_token": desk.own_token()}
    return desk.client.open(path, method=method, data=data)


def all_doors_lead_to(app: Flask, desk: Desk, place: str, asked: Sequence[Rule] = ()) -> None:
    """Every address, for everybody's ones too, answers with the way to this place. In the ordinary run a sample, unless
    they are named: the stranger knocks at all of them, and it is one guard who stands before them."""
    for rule in asked or some(rules(app), SOME_ADDRESSES):
        if rule.endpoint in OPEN_TO_STRANGERS - {"admin_session.nowhere"}:
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answer = knock(desk, method, address(rule))
            assert answer.status_code == 302, (method, rule, answer.status_code)
            assert urlsplit(answer.headers["Location"]).path == place, (method, rule)


@pytest.fixture
def hired(people: Flask) -> Callable[..., Desk]:
    """A signed-in desk of a new person whose role has the person's address as its name."""

    def hire(email: str, permissions: set[str] | None = None) -> Desk:
        with people.app_context():
            roles.save_role(SYSTEM, None, name=email, description="", is_enabled=True, permissions=permissions or set())
            staff.add_staff(SYSTEM, email, role=email, password=PASSWORD)
            db.session.remove()
        desk = Desk(people.test_client())
        desk.sit_down(email)
        return desk

    return hire


def grant(app: Flask, role: str, permissions: set[str]) -> None:
    with app.app_context():
        found = db.session.scalars(select(Role.id).where(Role.name == role)).one()
        roles.save_role(SYSTEM, found, name=role, description="", is_enabled=True, permissions=permissions)
        db.session.remove()


def change(app: Flask, statement: Update) -> None:
    with app.app_context():
        with write() as session:
            session.execute(statement, execution_options={"synchronize_session": False})
        db.session.remove()


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
