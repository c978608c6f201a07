"""A furnished house for tests of the back office: people, customers, contracts, billed months, things gone wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from flask import Flask
from sqlalchemy import select, update

from app import create_app
from billing.periods import Interval, Unit
from extensions import db
from models import Message, Paper
from services import api_keys, billing_run, clock, customers, products, staff, subscriptions
from services.actor import SYSTEM
from services.unit import write
from tests.conftest import fresh_database, settings_for

PASSWORD = "ein langer Satz für den Test"
XSS = '"><svg onload=alert(1)>'
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft für Wartung und Betrieb"
IBAN = "DE89370400440532013000"
TODAY = date(2026, 11, 21)
PEOPLE = {"Inhaber": "inhaber@example.com", "Support": "support@example.com", "Buchhaltung": "buch@example.com"}


@dataclass(frozen=True, slots=True)
class House:
    """Ids of what a test may want to open."""

    customer: int
    hostile: int
    subscription: int
    parked_subscription: int
    invoice: int
    run: int
    message: int
    paper: int


@contextmanager
def furnished_house(template: str, folder: Path) -> Iterator[tuple[str, House]]:
    """A database that was furnished once, to be copied for each test; and the ids in it."""
    with fresh_database(template, folder) as url:
        app = create_app(settings_for(folder, url))
        hire(app)
        house = furnish(app)
        with app.app_context():
            db.engine.dispose()
        yield url, house


def hire(app: Flask) -> None:
    """One person for each of the three roles."""
    with app.app_context():
        for role, email in PEOPLE.items():
            staff.add_staff(SYSTEM, email, role=role, name=f"Petra {role}", password=PASSWORD)
        db.session.remove()


def furnish(app: Flask) -> House:
    """Everything that the screens can show."""
    with app.app_context(), clock.stand_at(TODAY):
        _sell()
        first = _customer("Müller & Söhne GmbH", "Kiel", tags="Großkunde, Messe 2026", bank_iban=IBAN)
        hostile = _customer(XSS, XSS, tags="<b>fett</b>", comment=XSS)
        for name in (LONG, "=cmd|calc", "Änne Groß OHG", "Örtliche Werft"):
            _subscribe(_customer(name, "Lübeck"), "RAD-1", date(2026, 9, 1))
        subscription = _subscribe(first, "RAD-1", date(2026, 8, 15), addon="HELM")
        _subscribe(hostile, "XSS-1", date(2026, 11, 1))
        parked = _subscribe(first, "RAD-1", date(2025, 3, 1))
        report = billing_run.bill(TODAY, SYSTEM)
        _subscribe(first, "RAD-1", date(2026, 11, 10))
        api_keys.add_api_key(SYSTEM, "shop@example.com", name=XSS)
        message, paper = _go_wrong()
        invoice = db.session.scalars(select(Paper.invoice_id).order_by(Paper.id)).first()
        db.session.remove()
        return House(first, hostile, subscription, parked, invoice or 0, report.run_id, message, paper)


def _sell() -> None:
    month = Interval(Unit("month"), 1)
    for number, title, price in (("RAD-1", "Rad im Abo", "89.90"), ("XSS-1", XSS, "10")):
        products.create_product(
            SYSTEM, {"number": number, "title": title, "unit_price": Decimal(price), "interval": month}
        )
    products.create_product(SYSTEM, {"number": "HELM", "title": "Helm", "unit_price": Decimal("4.50"), "kind": "addon"})


def _customer(name: str, city: str, **more: str) -> int:
    return customers.create_customer(
        SYSTEM,
        {"customer_type": "business", "organization": name, "first_name": "Änne", "last_name": "Müller",
         "email": "post@mueller.example", "address": "Holtenauer Straße 12", "zipcode": "24105", "city": city, **more},
    )  # fmt: skip


def _subscribe(customer_id: int, number: str, starts_on: date, addon: str = "") -> int:
    addons = (subscriptions.Booking(addon),) if addon else ()
    order = subscriptions.Order(customer_id, subscriptions.Booking(number), addons, starts_on=starts_on)
    return subscriptions.create_subscription(SYSTEM, order)


def _go_wrong() -> tuple[int, int]:
    """A mail and a paper that failed."""
    with write() as session:
        message = session.scalars(select(Message.id).order_by(Message.id)).first()
        paper = session.scalars(select(Paper.id).order_by(Paper.id)).first()
        assert message and paper
        failed = {"state": "failed", "error": "mail_refused (554)", "attempts": 9}
        session.execute(update(Message).where(Message.id == message).values(**failed))
        session.execute(update(Paper).where(Paper.id == paper).values(**failed | {"error": "broken_logo"}))
        return message, paper
