"""article.create, article.get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api import addresses, outward
from api.fields import Field
from api.kinds import CURRENCY, FEATURES, FLAG, INTERVAL, PERCENT, PRICE, Kind, text, whole
from api.registry import Ask, Service, Source, declare
from api.scalars import Wrong
from queries.products import ProductCard, find_products
from services.company import get_company
from services.products import create_product


def _translations(value: object) -> dict[str, dict[str, str]]:
    """{EN: {TITLE, DESCRIPTION}}"""
    if not isinstance(value, dict) or len(value) > 20:
        raise Wrong
    return {_language(language): _translated(words) for language, words in value.items()}


def _language(code: str) -> str:
    if not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise Wrong
    return code.upper()


def _translated(words: object) -> dict[str, str]:
    if not isinstance(words, dict):
        raise Wrong
    kinds = {"TITLE": text(200), "DESCRIPTION": text(10_000, lines=True)}
    return {name: str(kind.read(words[name])) for name, kind in kinds.items() if name in words}


NUMBER = text(40)
FIELDS = (
    Field("ARTICLE_NUMBER", NUMBER, "number", required=True, note="unique"),
    Field("TITLE", text(200), "title", required=True),
    Field("DESCRIPTION", text(10_000, lines=True), "description"),
    Field("UNIT_PRICE", PRICE, "unit_price", required=True),
    Field("CURRENCY_CODE", CURRENCY, "currency_code", note="default: the account's currency"),
    Field("VAT_PERCENT", PERCENT, "vat_percent", note="19, 7 or 0; default 19"),
    Field("IS_GROSS", FLAG, "is_gross", note="1: UNIT_PRICE and SETUP_FEE contain the VAT"),
    Field("SETUP_FEE", PRICE, "setup_fee"),
    Field("ALLOW_MULTIPLE", FLAG, "allow_multiple"),
    Field("IS_ADDON", FLAG, "is_addon"),
    Field("IS_DIGITAL", FLAG, "is_digital"),
    Field("TAGS", text(2_000), "tags"),
    Field("TRANSLATION", Kind("{EN: {TITLE, DESCRIPTION}}", _translations, {}), "translations",
          aliases=("TRANSLATIONS",)),
    Field("SUBSCRIPTION_INTERVAL", INTERVAL, "interval", note="makes the article bookable"),
    Field("SUBSCRIPTION_NUMBER_EVENTS", whole(0, 9_999), "number_events", note="0: unlimited"),
    Field("SUBSCRIPTION_TRIAL", INTERVAL, "trial"),
    Field("SUBSCRIPTION_DURATION", INTERVAL, "term", note="minimum term"),
    Field("SUBSCRIPTION_DURATION_FOLLOW", INTERVAL, "renewal", note="renewal after the minimum term"),
    Field("SUBSCRIPTION_CANCELLATION", INTERVAL, "notice", note="notice period"),
    Field("RETURN_URL_SUCCESS", text(500), "return_url_success"),
    Field("RETURN_URL_CANCEL", text(500), "return_url_cancel"),
    Field("FEATURES", FEATURES, "features"),
)  # fmt: skip
FILTERS = (Field("ARTICLE_NUMBER", NUMBER, "number"), Field("TAGS", text(100), "tag"))


def _create(ask: Ask) -> dict[str, object]:
    values: dict[str, Any] = dict(ask.values)
    if values.pop("is_addon", False):
        values["kind"] = "addon"
    values["supply_kind"] = "e_service" if values.pop("is_digital", False) else "service"
    create_product(ask.actor, values)
    card = find_products((values["number"],), limit=1)[0]
    return {"STATUS": "success", **article_object(card, get_company().account_hash)}


def _get(ask: Ask) -> dict[str, object]:
    values: Mapping[str, Any] = ask.values
    numbers = (values["number"],) if "number" in values else ()
    account = get_company().account_hash
    cards = find_products(numbers, values.get("tag", ""), ask.page.limit, ask.page.offset)
    return {"ARTICLES": [article_object(card, account) for card in cards]}


def article_object(card: ProductCard, account_hash: str) -> dict[str, object]:
    """The article as an answer shows it."""
    found: dict[str, object] = {
        "ARTICLE_ID": str(card.id),
        "ARTICLE_NUMBER": card.number,
        "TITLE": card.title,
        "DESCRIPTION": card.description,
        "TAGS": card.tags,
        "IS_GROSS": outward.flag(card.is_gross),
        "UNIT_PRICE": outward.price(card.unit_price),
        "SETUP_FEE": outward.price(card.setup_fee),
        "ALLOW_MULTIPLE": outward.flag(card.allow_multiple),
        "IS_ADDON": outward.flag(card.kind == "addon"),
        "IS_DIGITAL": outward.flag(card.supply_kind == "e_service"),
        "TRANSLATIONS": card.translations or [],
        "CURRENCY_CODE": card.currency_code,
        "VAT_PERCENT": outward.hundredths(card.vat_percent),
        "SUBSCRIPTION_INTERVAL": outward.interval(card.interval_unit, card.interval_count),
        "SUBSCRIPTION_NUMBER_EVENTS": str(card.number_events),
        "SUBSCRIPTION_TRIAL": outward.interval(card.trial_unit, card.trial_count),
        "SUBSCRIPTION_DURATION": outward.interval(card.term_unit, card.term_count),
        "SUBSCRIPTION_DURATION_FOLLOW": outward.interval(card.renewal_unit, card.renewal_count),
        "SUBSCRIPTION_CANCELLATION": outward.interval(card.notice_unit, card.notice_count),
        "RETURN_URL_SUCCESS": card.return_url_success,
        "RETURN_URL_CANCEL": card.return_url_cancel,
        "CHECKOUT_URL": addresses.purchase(account_hash, card.number),
        "FEATURES": card.features or [],
    }
    if card.kind == "addon":
        found["ASSIGNED_ARTICLES"] = ",".join(card.assigned)
    return found


declare(
    Service(
        "article.create", "Make an article; with SUBSCRIPTION_INTERVAL it can be booked as a subscription.",
        Source.DATA, FIELDS, _create, ("STATUS", *(field.name for field in FIELDS)), writes=True, subject="Article",
    )
)  # fmt: skip
declare(Service("article.get", "Find articles.", Source.EITHER, FILTERS, _get, ("ARTICLES",), subject="Article"))
