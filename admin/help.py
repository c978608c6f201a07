"""Help beside the subject (R-35): the guides for the team, read where the work is done."""

from __future__ import annotations

from flask import Flask, abort, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext

from admin import guides
from admin.door import ANYONE, Door

# The guide of a screen, and its section; who knows none finds them all.
OF_SCREEN = {
    "admin_customers": "customer-record", "admin_tags": "lists", "admin_coupons": "discounts-usage-credit#gutscheine",
    "admin_usage": "discounts-usage-credit#nutzung", "admin_subscriptions": "contracts", "admin_products": "contracts",
    "admin_runs": "billing-run", "admin_parked": "billing-run", "admin_invoices": "invoices",
    "admin_drafts": "invoices", "admin_payments": "payments", "admin_receivables": "payments",
    "admin_shipments": "payments", "admin_vat": "vat", "admin_vat_checks": "vat", "admin_staff": "staff",
    "admin_roles": "staff", "admin_texts": "texts", "admin_clock": "test-clock", "admin_settings": "settings",
    "admin_refunds": "rueckzahlungen", "admin_bank": "kontoauszuege", "admin_debits": "lastschrift",
    "admin_payment_files": "lastschrift#die-datei-für-die-bank", "admin_mandates": "lastschrift#das-mandat",
    "admin_collecting": "zahlungsarten#wenn-eine-zahlung-aufgegeben-wurde",
    "admin_dunning_runs": "mahnwesen", "admin_dunning_levels": "mahnwesen#die-stufen",
    "admin_base_rates": "mahnwesen#der-basiszinssatz",
    "admin_customer_payments": "payments", "admin_customer_invoices": "invoices",
    "admin_customer_messages": "customer-record#nachrichten", "admin_customer_documents": "customer-record#dokumente",
    "admin_customer_logins": "customer-record#zugänge", "admin_customer_vouchers": "discounts-usage-credit#gutscheine",
    "admin_customer_activities": "customer-record#aktivitäten-notizen-anrufe-und-briefe",
    "admin_customer_subscriptions": "customer-record#verträge-zahlungsart-und-gutscheine",
    "admin_customer_settings": "customer-record#anlegen-und-ändern", "admin_merging": "customer-record#zusammenführen",
}  # fmt: skip


class HelpScreen(Door, BaseView):
    deeds = {"index": ANYONE, "show": ANYONE}

    def __init__(self) -> None:
        super().__init__(name="help", endpoint="admin_help", url="/admin/help")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self.render("admin/help.html", title=gettext("Help"), guide="", text="", contents=_contents())

    @expose("/<guide>/")
    def show(self, guide: str) -> ResponseReturnValue:
        if guide not in guides.GUIDES:
            abort(404)
        text = guides.as_html(guides.text_of(guide), _address)
        return self.render(
            "admin/help.html", title=guides.title_of(guide), guide=guide, text=text, contents=_contents()
        )


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(help_of=help_of)


def help_of(blueprint: str | None) -> str:
    """The address of the help for a screen, or "" where no guide speaks of it."""
    guide, _, section = OF_SCREEN.get(blueprint or "", "").partition("#")
    return url_for("admin_help.show", guide=guide, _anchor=section or None) if guide else ""


def _contents() -> list[tuple[str, str]]:
    return [(name, guides.title_of(name)) for name in guides.GUIDES]


def _address(target: str) -> str:
    """A link between guides leads on in the help; what lies beside them is not shown here."""
    if target.startswith(("https://", "#")):
        return target
    name, _, section = target.partition("#")
    known = name.removesuffix(".md")
    return url_for("admin_help.show", guide=known, _anchor=section or None) if known in guides.GUIDES else ""
