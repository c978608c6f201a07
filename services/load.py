"""A load of customers with running subscriptions, written in bulk: for benchmarks and for `./kontor seed`.

The names are made up and repeat; every customer has one contract that is due on its anchor.
"""

from __future__ import annotations

import secrets
from datetime import date, time
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.words import index_words, sort_key
from models import Customer, CustomerTag, Product, Receivable, SearchWord, Subscription, SubscriptionItem, Tag
from services import activities, clock
from services.actor import Actor
from services.bulk import Bulk, draw_keys
from services.numbers import draw_documents
from services.unit import write

FIRST = ("Anna", "Björn", "Cem", "Dörte", "Emil", "Fatma", "Gustav", "Hülya", "Ida", "Jürgen", "Käthe", "Lars")
LAST = ("Müller", "Schmidt", "Yılmaz", "Groß", "Weiß", "Nowak", "Fischer", "Jäger", "König", "Öztürk", "Brandt")
CITIES = (("20095", "Hamburg"), ("10115", "Berlin"), ("80331", "München"), ("50667", "Köln"), ("01067", "Dresden"))
PLANS = (("load-basic", "Basis", "9.90"), ("load-plus", "Plus", "24.90"), ("load-pro", "Profi", "79.00"))
BATCH = 5000

_CUSTOMER = (
    "id", "number", "hash", "survivor_id", "status", "sort_name", "customer_type", "organization", "position",
    "title_academic", "salutation", "first_name", "last_name", "address", "address_2", "zipcode", "city", "state",
    "country_code", "delivery_recipient", "delivery_address", "delivery_address_2", "delivery_zipcode", "delivery_city",
    "delivery_country_code", "phone", "phone_2", "fax", "mobile", "email", "email_cc", "payment_mail_address",
    "language_code", "newsletter_optin", "affiliate", "comment", "x_attributes", "vat_id", "tax_id", "currency_code",
    "account_receivable", "costcenter", "buyer_reference", "einvoice_format", "invoice_delivery_method",
    "show_payment_notice", "payment_type", "allowed_payment_types", "payment_provider", "payment_token", "bank_name",
    "bank_account_owner", "bank_account_owner_address", "bank_account_owner_zipcode", "bank_account_owner_city",
    "bank_account_owner_email", "bank_iban", "bank_bic", "bank_account_number", "bank_code", "mandate_reference",
    "legal_hold", "created_at", "updated_at", "version",
)  # fmt: skip
_SUBSCRIPTION = (
    "id", "customer_id", "hash", "title", "invoice_title", "status", "x_attributes", "features", "started_on",
    "start_time", "anchor_on", "interval_unit", "interval_count", "in_arrears", "number_events", "next_billing_on",
    "term_count", "renewal_count", "notice_count", "cancellation_note", "periods_confirmed", "currency_code",
    "is_gross", "created_at", "updated_at", "version",
)  # fmt: skip
_ITEM = (
    "id", "subscription_id", "product_id", "kind", "article_number", "title", "description", "quantity", "unit_price",
    "vat_category", "supply_kind", "starts_on",
)  # fmt: skip


def seed_load(actor: Actor, customers: int, starts_on: date) -> None:
    """Make that many customers, each with one monthly contract that starts on the given day."""
    plans = _plans()
    for done in range(0, customers, BATCH):
        with write() as session:
            _batch(session, min(BATCH, customers - done), starts_on, plans)
            activities.record(actor, "load.seeded", "company", 1, customers=min(BATCH, customers - done))


def _plans() -> list[tuple[int, str, str, Decimal]]:
    with write() as session:
        found: list[tuple[int, str, str, Decimal]] = []
        for number, title, price in PLANS:
            row = session.scalar(select(Product).where(Product.number == number))
            if row is None:
                row = Product(number=number, kind="plan", title=title, currency_code="EUR", unit_price=Decimal(price),
                              setup_fee=Decimal(0), interval_unit="month", supply_kind="e_service")  # fmt: skip
                session.add(row)
                session.flush()
            found.append((row.id, number, title, Decimal(price)))
        return found


def _batch(session: Session, count: int, starts_on: date, plans: list[tuple[int, str, str, Decimal]]) -> None:
    connection = session.connection()
    names = {"customers": count, "subscriptions": count, "subscription_items": count}
    keys = {table: list(ids) for table, ids in draw_keys(connection, names).items()}
    numbers = draw_documents("customer", starts_on, count)
    customers, words = Bulk(Customer, _CUSTOMER), Bulk(SearchWord, ("customer_id", "word"))
    subscriptions, items = Bulk(Subscription, _SUBSCRIPTION), Bulk(SubscriptionItem, _ITEM)
    now = clock.instant()
    for n in range(count):
        key, contract, number = keys["customers"][n], keys["subscriptions"][n], numbers.number(n)
        first, last = FIRST[n % len(FIRST)], LAST[n * 7 % len(LAST)]
        zipcode, city = CITIES[n % len(CITIES)]
        email = f"kunde{number}@beispiel.example"
        customers.add((
            key, number, secrets.token_hex(16), key, "active", sort_key(f"{last} {first}"), "consumer", "", "", "", "",
            first, last, f"Lindenallee {n % 90 + 1}", "", zipcode, city, "", "DE", "", "", "", "", "", "", "", "", "",
            "", email,
            "", "", "de", False, "", "", [], "", "", "EUR", "", "", "", "zugferd", "mail", False, 1, "1,2,4,6", "",
            "", "", "", "", "", "", "", "", "", "", "", "", False, now, now, 1,
        ))  # fmt: skip
        for word in index_words(first, last, email, number, city):
            words.add((key, word))
        product, article, title, price = plans[n % len(plans)]
        subscriptions.add((
            contract, key, secrets.token_hex(16), title, "", "active", [], [], starts_on, time(), starts_on, "month",
            1, False, 0, starts_on, 0, 0, 0, "", False, "EUR", False, now, now, 1,
        ))  # fmt: skip
        items.add((
            keys["subscription_items"][n], contract, product, "plan", article, title, "", Decimal(1), price,
            "standard", "e_service", starts_on,
        ))  # fmt: skip
    for bulk in (customers, words, subscriptions, items):
        bulk.insert(connection)


def seed_lists(actor: Actor, customers: int) -> dict[str, int]:
    """What lists are narrowed by: a tag on every other customer, one on ten, and every hundredth owes something.

    Gives the tags' ids by name. The sums stand in no book: for benchmarks only.
    """
    with write() as session:
        ids = list(session.scalars(select(Customer.id).order_by(Customer.id.desc()).limit(customers)))
        tags = {name: Tag(name=name, word=name.lower()) for name in ("Viele", "Wenige")}
        session.add_all(tags.values())
        session.flush()
        found = {name: int(tag.id) for name, tag in tags.items()}
        worn, owed = Bulk(CustomerTag, ("customer_id", "tag_id")), Bulk(Receivable, _RECEIVABLE)
        keys = iter(draw_keys(session.connection(), {"receivables": len(ids[::10])})["receivables"])
        for customer_id in ids[::2]:
            worn.add((customer_id, found["Viele"]))
        for customer_id in ids[:: max(1, len(ids) // 10)][:10]:
            worn.add((customer_id, found["Wenige"]))
        for place, customer_id in enumerate(ids[::10]):
            cents = 0 if place % 10 else 990
            owed.add((next(keys), "fee", customer_id, "EUR", 990, cents, clock.today(), 0, "", clock.instant()))
        worn.insert(session.connection())
        owed.insert(session.connection())
        activities.record(actor, "load.seeded", "company", 1, customers=customers)
        return found


_RECEIVABLE = (
    "id", "kind", "customer_id", "currency_code", "amount_cents", "open_cents", "due_on", "dunning_level",
    "hold_reason", "created_at",
)  # fmt: skip
