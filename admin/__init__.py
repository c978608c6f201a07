"""SHOWS staff. Flask-Admin screens as declarations; a button is one service call."""

from __future__ import annotations

from flask import Flask, Response, g, request
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme

from admin import (
    account,
    deed_words,
    dunning_words,
    einvoice_words,
    field_words,
    formats,
    help,
    locale,
    menu,
    page_size,
    passwords,
    people,
    problem_words,
    reason_words,
    refund_words,
    refusals,
    session,
    settings,
    tiles,
    words,
)  # fmt: skip
from admin.api_keys import ApiKeyScreen
from admin.bank import BankScreen
from admin.card_activities import TrailScreen
from admin.card_contracts import SubscriptionsTab
from admin.card_data import DataScreen
from admin.card_documents import DocumentsTab
from admin.card_logins import LoginsTab
from admin.card_messages import MessagesTab
from admin.card_money import InvoicesTab, PaymentsTab
from admin.card_settings import SettingsTab
from admin.card_vouchers import VouchersTab
from admin.collecting import CollectingScreen
from admin.company import CompanyScreen
from admin.contracts import ContractScreen
from admin.corrections import CorrectionScreen
from admin.coupons import CouponScreen
from admin.credit import CreditScreen
from admin.customers import CustomerScreen
from admin.debits import DebitScreen
from admin.deletions import DeletionScreen
from admin.door import opens
from admin.drafts import DraftScreen
from admin.dunning_deeds import DunningScreen
from admin.dunning_runs import DunningRunScreen
from admin.dunning_settings import BaseRateScreen, DunningLevelScreen
from admin.einvoices import EinvoiceScreen
from admin.exports import ExportScreen
from admin.help import HelpScreen
from admin.hosted_pages import HostedPagesScreen
from admin.invoices import InvoiceScreen, LedgerScreen, PaperScreen, ReceivableScreen
from admin.logo import LogoScreen
from admin.mail import MailScreen
from admin.mandates import MandateScreen
from admin.merging import MergeScreen
from admin.message_templates import MessageTemplateScreen
from admin.messages import ActivityScreen, MessageScreen
from admin.number_ranges import NumberRangeScreen
from admin.overview import OverviewScreen
from admin.parked import ParkedScreen
from admin.payment_files import PaymentFileScreen
from admin.payment_methods import PaymentMethodScreen
from admin.payment_settings import PaymentSettingsScreen
from admin.payments import PaymentScreen
from admin.portal import PortalScreen
from admin.product_prices import ProductPriceScreen
from admin.products import ProductScreen
from admin.provider_events import ProviderEventScreen
from admin.refunds import RefundScreen
from admin.roles import RoleScreen
from admin.runs import BillingRunScreen
from admin.shipments import ShipmentScreen
from admin.staff import StaffScreen
from admin.statement import StatementScreen
from admin.subscriptions import ClaimScreen, SubscriptionScreen
from admin.tags import TagScreen
from admin.test_clock import ClockScreen
from admin.texts import TextScreen
from admin.usage import UsageScreen
from admin.vat import VatScreen
from admin.vat_checks import VatCheckScreen
from admin.vat_rates import VatRateScreen
from queries.overview import House, get_house

SCREENS = (
    CustomerScreen, MergeScreen, SubscriptionsTab, InvoicesTab, PaymentsTab, MessagesTab, LoginsTab, VouchersTab,
    DocumentsTab, SettingsTab,
    MessageTemplateScreen,
    TagScreen, MessageScreen, SubscriptionScreen, ProductScreen, ClaimScreen, BillingRunScreen, ParkedScreen,
    DunningRunScreen, DunningScreen,
    InvoiceScreen, DraftScreen, CorrectionScreen, ReceivableScreen, PaymentScreen, RefundScreen, PaperScreen,
    EinvoiceScreen,
    BankScreen,
    LedgerScreen, ActivityScreen, StatementScreen, ShipmentScreen, StaffScreen, RoleScreen, CompanyScreen,
    NumberRangeScreen, ApiKeyScreen, ExportScreen, LogoScreen, HostedPagesScreen, PortalScreen,
    settings.SettingsScreen, TextScreen,
    MailScreen, HelpScreen, ClockScreen,
    VatScreen, VatRateScreen, VatCheckScreen, ContractScreen,
    TrailScreen, ProductPriceScreen, CouponScreen, UsageScreen, CreditScreen,
    DataScreen, DeletionScreen, DebitScreen, PaymentFileScreen, MandateScreen,
    CollectingScreen, PaymentSettingsScreen, PaymentMethodScreen, DunningLevelScreen, BaseRateScreen,
    ProviderEventScreen,
)  # fmt: skip


def init_app(app: Flask) -> None:
    """Joined by app.py."""
    for part in (
        people,
        locale,
        formats,
        words,
        deed_words,
        dunning_words,
        problem_words,
        reason_words,
        einvoice_words,
        field_words,
        settings,
        tiles,
        help,
    ):
        part.init_app(app)
    app.jinja_env.globals.update(
        menu=menu.visible, house=_house, opens=opens, refusal=refusals.of_code, refund_reason=refund_words.reason
    )
    for blueprint in (session.blueprint, passwords.blueprint, account.blueprint, page_size.blueprint):
        app.register_blueprint(blueprint)
    theme = Bootstrap4Theme(base_template="admin/base.html")
    back_office = Admin(app, name="Kontor", index_view=OverviewScreen(), theme=theme)
    for screen in SCREENS:
        back_office.add_view(screen())
    app.after_request(_keep_private)


def _house() -> House:
    """The company's name and mode for the head of the page, read once a request."""
    if "kontor_house" not in g:
        g.kontor_house = get_house()
    found: House = g.kontor_house
    return found


def _keep_private(response: Response) -> Response:
    """No copy of a back office page stays anywhere (S27)."""
    if (request.blueprint or "").startswith("admin"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
