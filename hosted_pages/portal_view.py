"""The portal's page in words: what a customer reads of their own record, contracts and invoices (M1-43)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel import Locale
from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from documents import figures
from documents.words import words
from hosted_pages.accountdata_form import PAYMENTS, SALUTATIONS
from hosted_pages.payment_view import Kept, kept_of
from models import Customer
from queries.hosted import get_brand
from queries.portal import Contract, Document, Portal, get_portal
from services import clock
from services.company import get_company
from services.next_payments import next_payments

_DAY = timedelta(days=1)
DEBIT = 2

CONTRACT_STATES: Mapping[str, tuple[Any, str]] = {
    "trial": (_l("trial"), "info"),
    "active": (_l("running"), "good"),
    "paused": (_l("paused"), "plain"),
    "cancelled": (_l("notice given"), "warn"),
    "deactivated": (_l("resting"), "plain"),
}
DOCUMENT_STATES: Mapping[str, tuple[Any, str]] = {
    "issued": (_l("open"), "info"),
    "overdue": (_l("overdue"), "bad"),
    "paid": (_l("paid"), "good"),
    "cancelled": (_l("cancelled"), "plain"),
    "written_off": (_l("closed"), "plain"),
    "partly_written_off": (_l("closed"), "plain"),
}
ISSUED = (_l("issued"), "plain")  # what corrects an invoice is neither owed nor paid


@dataclass(frozen=True, slots=True)
class Badge:
    label: str
    tone: str


@dataclass(frozen=True, slots=True)
class ContractCard:
    title: str
    badge: Badge
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DocumentRow:
    number: str
    kind: str
    on: str
    amount: str
    badge: Badge
    link: str  # empty where it was revoked


@dataclass(frozen=True, slots=True)
class OwnPage:
    """All of it as words; `change_link` leads to the page where the customer changes their data."""

    name: str
    number: str
    facts: tuple[tuple[str, str], ...]
    payment: tuple[tuple[str, str], ...]
    kept: tuple[Kept, ...]
    contracts: tuple[ContractCard, ...]
    next_payments: tuple[str, ...]
    documents: tuple[DocumentRow, ...]
    change_link: str


def get_page(customer_id: int, language: str) -> OwnPage:
    """The page of this customer. A number of statements that depends on no history."""
    seen = get_portal(customer_id, clock.today())
    row = seen.customer
    return OwnPage(
        _name(row), row.number, tuple(_facts(row, language)), tuple(_payment(row)),
        tuple(kept_of(row, language)),
        tuple(_contract(each, language) for each in seen.contracts), _next(seen, language),
        tuple(_document(each, language) for each in seen.documents), data_link(row, language),
    )  # fmt: skip


def _name(row: Customer) -> str:
    return row.organization or " ".join(filter(None, (row.title_academic, row.first_name, row.last_name))) or row.number


def _facts(row: Customer, language: str) -> Iterable[tuple[str, str]]:
    person = [SALUTATIONS.get(row.salutation, ""), row.title_academic, row.first_name, row.last_name]
    told = (
        (_l("Contact"), " ".join(str(part) for part in person if part and part != SALUTATIONS[""])),
        (_l("E-mail address"), row.email),
        (_l("E-mail address for invoices"), row.payment_mail_address),
        (_l("Telephone"), ", ".join(filter(None, (row.phone, row.mobile)))),
        (_l("Billing address"), _address(language, row.address, row.address_2, row.zipcode, row.city,
                                         row.country_code)),
        (_l("Delivery address"), _address(language, row.delivery_recipient, row.delivery_address,
                                          row.delivery_address_2, row.delivery_zipcode, row.delivery_city,
                                          row.delivery_country_code) if row.delivery_address else ""),
        (_l("VAT ID"), row.vat_id),
    )  # fmt: skip
    return ((str(label), text) for label, text in told if text)


def _address(language: str, *parts: str) -> str:
    """In one line; the country only where it is another than ours."""
    *lines, zipcode, city, country = parts
    abroad = country if country and country != get_company().country_code else ""
    named = Locale(language).territories.get(abroad, abroad)
    return ", ".join(filter(None, (*lines, f"{zipcode} {city}".strip(), named)))


def _payment(row: Customer) -> Iterable[tuple[str, str]]:
    told = (
        (_l("Payment method"), str(PAYMENTS.get(row.payment_type, ""))),
        (_l("IBAN"), f"{row.bank_iban[:4]} •••• {row.bank_iban[-4:]}" if row.bank_iban else ""),
        (_l("Account holder"), row.bank_account_owner),
        (_l("Mandate reference"), row.mandate_reference if row.payment_type == DEBIT else ""),
    )
    return ((str(label), text) for label, text in told if text)


def _contract(each: Contract, language: str) -> ContractCard:
    label, tone = CONTRACT_STATES.get(each.status, (each.status, "plain"))
    if each.status == "paused" and each.paused_until:
        label = gettext("paused until %(day)s", day=figures.day(each.paused_until, language))
    facts = [(gettext("Running since"), figures.day(each.started_on, language))]
    if each.started_on > clock.today():
        facts = [(gettext("Begins on"), figures.day(each.started_on, language))]
    if each.ends_on is not None:
        facts.append((gettext("Last day"), figures.day(each.ends_on - _DAY, language)))
    return ContractCard(each.title or gettext("Contract"), Badge(str(label), tone), tuple(facts))


def _next(seen: Portal, language: str) -> tuple[str, ...]:
    """What the next billing run will ask for, one sentence a currency."""
    planned = next_payments(seen.customer.id) if seen.contracts else ()
    return tuple(
        gettext("%(sum)s on %(day)s", sum=figures.money(each.cents, each.currency, language),
                day=_day(each.on, language))
        for each in planned if each.cents is not None
    )  # fmt: skip


def _document(each: Document, language: str) -> DocumentRow:
    label, tone = DOCUMENT_STATES.get(each.state, ISSUED) if each.kind == "invoice" else ISSUED
    link = url_for("download.paper", token=each.token) if each.token else ""
    return DocumentRow(each.number, words(language)[each.kind], _day(each.issued_on, language),
                       figures.money(each.gross_cents, each.currency, language), Badge(str(label), tone),
                       link)  # fmt: skip


def _day(on: date, language: str) -> str:
    return figures.day(on, language)


def data_link(row: Customer, language: str) -> str:
    """The page where the customer changes their data."""
    brand = get_brand()
    account = brand.account_hash if brand else ""
    return url_for("accountdata.show", account=account, customer=row.hash, lang=language)
