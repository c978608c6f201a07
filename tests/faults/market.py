"""What every story begins with: products, coupons and customers of many kinds, made once and copied for each."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Flask

import extensions
import jobs
from billing.periods import Interval
from config import ROOT
from extensions import db
from services import base_rates, clock, company, coupons, customers, dunning_settings, mandates, products
from services.actor import SYSTEM
from services.dunning_levels import LevelWish
from services.mandates import Grant
from tests.conftest import settings_for
from tests.documents.statements import OWN
from tests.scenarios.story import ADDRESS

OPENED = date(2027, 6, 1)
PLANS: tuple[dict[str, Any], ...] = (
    {"number": "MONTH", "unit_price": "10", "interval": "1 month"},
    {"number": "ABO", "unit_price": "9.99", "interval": "1 month", "is_gross": True, "notice": "1 month"},
    {"number": "QUARTER", "unit_price": "49", "interval": "3 months", "is_gross": True, "setup_fee": "19"},
    {"number": "YEAR", "unit_price": "129", "interval": "1 year", "setup_fee": "20"},
    {"number": "ARREARS", "unit_price": "14.90", "interval": "4 weeks", "in_arrears": True},
    {"number": "WEEK", "unit_price": "0.33", "interval": "1 week", "allow_multiple": True},
    {"number": "TRIAL", "unit_price": "19.90", "interval": "1 month", "trial": "14 days"},
    {"number": "MAGAZINE", "unit_price": "7.90", "interval": "3 months", "is_gross": True, "vat_category": "reduced",
     "supply_kind": "goods"},
)  # fmt: skip
ADDONS: tuple[dict[str, Any], ...] = (
    {"number": "HELMET", "unit_price": "4.50", "kind": "addon"},
    {"number": "HELMET-G", "unit_price": "5", "kind": "addon", "is_gross": True},
)
USED: tuple[dict[str, Any], ...] = (
    {"number": "KWH", "unit_price": "0.31"},
    {"number": "KWH-G", "unit_price": "0.49", "is_gross": True},
)
COUPONS: tuple[dict[str, Any], ...] = (
    {"code": "ALWAYS10", "kind": "percent", "percent": Decimal(10), "lasts": "ever"},
    {"code": "TWICE50", "kind": "percent", "percent": Decimal("33.33"), "lasts": "events", "events": 2},
    {"code": "FREE", "kind": "percent", "percent": Decimal(100), "lasts": "time", "period": Interval.parse("2 months")},
    {"code": "FIVE", "kind": "amount", "amount_cents": 500, "currency_code": "EUR", "lasts": "events", "events": 1},
    {"code": "VOUCHER", "kind": "voucher", "amount_cents": 2500, "currency_code": "EUR"},
)
CUSTOMERS: tuple[dict[str, Any], ...] = (
    {"last_name": "Musterfrau", "customer_type": "consumer"},
    {"organization": "Werk GmbH", "last_name": "Muster", "customer_type": "business",
     "bank_iban": "DE02500105170137075030"},
    {"organization": "Ölmühle AG", "last_name": "Huber", "customer_type": "business", "country_code": "CH",
     "bank_iban": "AT611904300234573201"},
    {"last_name": "Kurz", "customer_type": "consumer", "email": "kurz@example.com"},
)  # fmt: skip
DEBTORS = (1, 4)  # pay by our own debit from the beginning
CREDITOR = {"creditor_id": "DE98ZZZ09999999999", "iban": OWN}
LEVELS = (
    LevelWish("Zahlungserinnerung", 7),
    LevelWish("1. Mahnung", 14, fee_cents=500, consumer_fee_cents=70, letter="always"),
    LevelWish("2. Mahnung", 21, consumer_fee_cents=70, with_interest=True, with_lump_sum=True, deactivate_after=True),
)
BASE_RATE = date(2027, 1, 1), Decimal("1.27")  # the later ones are entered in the stories, or missing
_INTERVALS = ("interval", "trial", "notice")
_DECIMALS = ("unit_price", "setup_fee")


def ground(url: str, folder: Path) -> Flask:
    """The floors below the rooms that show, on that database."""
    app = Flask("app", root_path=str(ROOT))
    app.config.from_mapping(settings_for(folder, url).flask(), TESTING=True)
    extensions.init_app(app)
    jobs.init_app(app)
    return app


def open_market(url: str, folder: Path) -> None:
    """Fill the database, and let go of it."""
    with ground(url, folder).app_context(), clock.stand_at(OPENED):
        for values in (*PLANS, *ADDONS, *USED):
            products.create_product(SYSTEM, {"title": f"Tarif {values['number']}"} | _typed(values))
        for values in COUPONS:
            coupons.create_coupon(SYSTEM, values)
        for values in CUSTOMERS:
            customers.create_customer(SYSTEM, ADDRESS | values)
        company.change_company(SYSTEM, CREDITOR)
        for customer_id in DEBTORS:
            mandates.grant(SYSTEM, customer_id, Grant(iban="DE02120300000000202051"))
        dunning_settings.save_levels(SYSTEM, LEVELS)
        base_rates.enter(SYSTEM, *BASE_RATE)
        db.session.remove()
        db.engine.dispose()


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    typed = {name: Interval.parse(text) for name, text in values.items() if name in _INTERVALS}
    return values | typed | {name: Decimal(values[name]) for name in _DECIMALS if name in values}
