"""A house in which everything that people can type is an attack, and an eye that sees whether one came through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser

from flask import Flask
from sqlalchemy import select

from billing.periods import Interval, Unit
from extensions import db
from models import Company, Customer, GatewayEvent, Message, Paper
from services import (  # fmt: skip
    billing_run,
    clock,
    company,
    customer_status,
    customers,
    messages,
    products,
    roles,
    staff,
    subscriptions,
    tags,
    usage,
)
from services.actor import SYSTEM
from services.unit import write
from tests.admin.furniture import PASSWORD, TODAY

SVG, IMG = "<svg onload=alert(1)>", '"><img src=x onerror=alert(1)>'
FORMULA, TEMPLATE, EVALUATED = "=cmd|'/c calc'!A1", "{{7*7}}Rad", "49Rad"
LONG = "Überlange" * 22
TURN = "\u202e"  # everything behind it reads from right to left
SIGNS = f"🚲 مرحبا بالعالم {TURN}esrever"
ATTACKS = (SIGNS, LONG, FORMULA, TEMPLATE, IMG, SVG)  # the worst last: lists begin with the newest
OWNER = "boese@example.com"
USED = 21  # more than the contract shows at once


def furnish(app: Flask) -> list[str]:
    """Fill an installation that has its company; gives the addresses that customers get by mail."""
    with app.app_context(), clock.stand_at(TODAY):
        month = Interval(Unit("month"), 1)
        for n, text in enumerate(ATTACKS):
            products.create_product(
                SYSTEM,
                {"number": f"H-{n}", "title": text, "description": text, "unit": text[:10], "tags": text[:100],
                 "unit_price": Decimal(89), "interval": month},
            )  # fmt: skip
            _customer(n, text)
        for text in (SVG, IMG):
            company.change_company(SYSTEM, {"name": text, "legal_form": text[:20], "managing_directors": text})
        roles.save_role(SYSTEM, None, name=SVG, description=IMG, is_enabled=True, permissions={"customers.read"})
        staff.add_staff(SYSTEM, OWNER, role="Inhaber", name=IMG, password=PASSWORD)
        billing_run.bill(TODAY, SYSTEM)
        for message_id in db.session.scalars(select(Message.id)).all()[:3]:
            messages.send(message_id)
        with write() as session:  # what a provider told and nobody could work on: its list is led to where it waits
            session.add(GatewayEvent(gateway="stripe", event_id=SVG, kind="charge", type=IMG, object_id=SVG, data="{}",
                                     state="failed", error="unreadable"))  # fmt: skip
        return _links()


def _customer(n: int, text: str) -> None:
    names = ("organization", "first_name", "last_name", "address", "address_2", "city", "position", "comment",
             "costcenter", "delivery_recipient", "delivery_address", "delivery_city", "title_academic", "phone",
             "state", "buyer_reference")  # fmt: skip
    columns = Customer.__table__.columns
    values = {name: text[: getattr(columns[name].type, "length", None) or 300] for name in names}
    customer_id = customers.create_customer(
        SYSTEM,
        {
            **values,
            "customer_type": "business",
            "zipcode": "20359",
            "vat_id": "DE136695976",
            "email": f"h{n}@example.com",
        },
    )
    if "," not in text:
        tags.set_tags(SYSTEM, customer_id, [text[:60]])
    order = subscriptions.Order(
        customer_id, subscriptions.Booking(f"H-{n}"), starts_on=date(2026, 11, 1), title=text[:200],
        invoice_title=text[:200], cancellation_note=text[:200],
    )  # fmt: skip
    contract = subscriptions.create_subscription(SYSTEM, order)
    for _ in range(USED if text == SVG else 2):
        usage.record_usage(SYSTEM, usage.Used(contract, f"H-{n}", Decimal(1), Decimal(1), description=text[:200]))
    customer_status.change_status(SYSTEM, customer_id, "block", text)


def _links() -> list[str]:
    account = db.session.scalars(select(Company.account_hash)).one()
    pages = [f"/accountdata/{account}/{key}" for key in db.session.scalars(select(Customer.hash))]
    tokens = db.session.scalars(select(Paper.token).order_by(Paper.id)).all()
    db.session.remove()
    return ["/", *pages, *(f"/download/{token}" for token in tokens[:2])]


@dataclass
class Seen:
    """What an eye found on a page: where its links lead, and what came through as markup."""

    links: list[str]
    wounds: list[str]


class _Eye(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen([], [])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.seen.wounds += [f"<{tag} {name}>" for name in given if name.startswith("on") or "<" in name]
        source = given.get("src") or given.get("href") or ""
        if source == "x" or source.strip().lower().startswith(("javascript:", "data:text")):
            self.seen.wounds.append(f"<{tag} {source}>")
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.seen.wounds.append("<script>")
        if tag == "a" and source:
            self.seen.links.append(source)


@cache  # it is asked for the links and for the wounds
def look(page: str) -> Seen:
    """Read a page as a browser does."""
    eye = _Eye()
    eye.feed(page)
    if EVALUATED in page:
        eye.seen.wounds.append(EVALUATED)
    if TURN in page:
        eye.seen.wounds.append("turned")
    return eye.seen
