"""A sandbox house whose first customer pays by a kept test card: what tests of charging stand on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask, current_app
from sqlalchemy import select, update

from billing.collecting import TYPE_OF_KIND
from extensions import db
from gateways.base import Kind, Method, SetupWish
from gateways.sandbox import SandboxGateway
from models import Collection, Customer, Invoice, Payment, PaymentAttempt, PaymentMethod, Receivable, Subscription
from services import attempts, billing_run, providers
from services.actor import SYSTEM
from services.load import seed_load
from services.unit import end_reading, write
from tests.gateways.sandbox_world import Wire

FIRST = date(2026, 11, 1)


def keep_card(customer_id: int, card: str) -> int:
    """Keep a test card as the customer's default method, for all their contracts; gives the row's id."""
    kind: Kind = "paypal" if card.startswith("paypal") else "sepa_debit" if card.startswith("debit") else "card"
    gateway = providers.offered()["sandbox"]
    assert isinstance(gateway, SandboxGateway)
    setup = gateway.begin_setup(SetupWish(kind, "test", "http://127.0.0.1/", "e@beispiel.example", "Erika", "DE", "de"))
    gateway.choose(setup.id, card)
    kept = gateway.read_setup(setup.id).method
    assert kept is not None
    return keep_kept(customer_id, kept, "sandbox")


def keep_kept(customer_id: int, kept: Method, gateway: str) -> int:
    """The row of a method that a provider keeps, as the default for all contracts; gives its id."""
    kind = kept.kind
    with write() as session:
        mine = (PaymentMethod.customer_id == customer_id, PaymentMethod.is_default)
        session.execute(update(PaymentMethod).where(*mine).values(is_default=False))
        row = PaymentMethod(
            customer_id=customer_id, kind=kind, gateway=gateway, is_default=True, token=kept.token,
            provider_customer=kept.customer, brand=kept.brand, last4=kept.last4, expires_on=kept.expires_on,
        )  # fmt: skip
        session.add(row)
        session.execute(update(Customer).where(Customer.id == customer_id).values(payment_type=TYPE_OF_KIND[kind]))
        contracts = update(Subscription).where(Subscription.customer_id == customer_id)
        session.execute(contracts.values(payment_type=TYPE_OF_KIND[kind]))
        session.flush()
        return int(row.id)


@dataclass
class Till:
    """One customer, one contract, a provider that we hold in our hands."""

    app: Flask
    gateway: Wire
    customer_id: int = 1

    def keep(self, card: str) -> int:
        """Keep a test card as the customer's method; gives the row's id."""
        return keep_card(self.customer_id, card)

    def bill(self, on: date = FIRST) -> Any:
        return billing_run.bill(on, SYSTEM).counts

    def carry_on(self) -> list[str]:
        """Bring every attempt that is under way as far as it goes."""
        end_reading()
        ids = db.session.scalars(select(PaymentAttempt.id).where(PaymentAttempt.state.in_(attempts.UNDER_WAY)))
        return [attempts.carry_on(attempt_id, at_once=True) for attempt_id in list(ids)]

    def all(self, model: Any) -> Sequence[Any]:
        end_reading()
        query = select(model).order_by(*model.__table__.primary_key.columns)
        return db.session.scalars(query.execution_options(populate_existing=True)).all()

    @property
    def collection(self) -> Collection:
        return self.all(Collection)[-1]

    @property
    def attempt(self) -> PaymentAttempt:
        return self.all(PaymentAttempt)[-1]

    @property
    def invoice(self) -> Invoice:
        return self.all(Invoice)[-1]

    @property
    def receivables(self) -> Sequence[Receivable]:
        return self.all(Receivable)

    @property
    def payments(self) -> Sequence[Payment]:
        return self.all(Payment)


def open_till(app: Flask, first: date = FIRST) -> Till:
    """The house with one contract that is due on its first day, and a wire to its provider that can be cut."""
    seed_load(SYSTEM, 1, first)
    offered = providers.offered()
    plain = offered["sandbox"]
    assert isinstance(plain, SandboxGateway)
    settings = current_app.config["KONTOR"]
    wire = Wire(settings.data_dir / "sandbox-provider.sqlite3", settings.base_url, plain._clock)
    offered["sandbox"] = wire
    return Till(app, wire)
