"""What a rule of the e-invoice asks for, and where it is mended. Ids of the norm stay beside the words for experts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

_CONTACT = _l("Contact, telephone and e-mail of your company are missing; please complete them in the company data")
_TELEPHONE = _l("Your company's telephone number is missing; please add it in the company data")
_EMAIL = _l("Your company's e-mail address is missing; please add it in the company data")
_SELLER = _l("Postcode or city of your company are missing in this document; it has to be cancelled and issued anew")
_BUYER = _l("Postcode or city of the customer are missing in this document; it has to be cancelled and issued anew")
_BUYER_MAIL = _l("The customer's e-mail address is missing; please add it to the record")
_VAT_ID = _l("A VAT ID is wrong; please correct it in the record, cancel this document and issue it anew")
_BANK = _l("How to pay cannot be said; please check bank account, creditor ID and mandate")
_INSIDE = _l("The figures do not fit together to the cent; please tell whoever looks after Kontor")

WORDS: Mapping[str, Any] = {
    "BR-DE-2": _CONTACT, "BR-DE-5": _CONTACT, "BR-DE-6": _TELEPHONE, "BR-DE-7": _EMAIL,
    "BR-DE-3": _SELLER, "BR-DE-4": _SELLER, "BR-DE-8": _BUYER, "BR-DE-9": _BUYER, "BR-DE-10": _BUYER,
    "BR-DE-11": _BUYER, "PEPPOL-EN16931-R010": _BUYER_MAIL, "PEPPOL-EN16931-R020": _EMAIL, "KON-5": _VAT_ID,
    **dict.fromkeys(
        ("BR-DE-1", "BR-DE-23-a", "BR-DE-23-b", "BR-DE-24-a", "BR-DE-24-b", "BR-DE-25-a", "BR-DE-25-b", "BR-DE-30",
         "BR-DE-31", "BR-61"), _BANK,
    ),
    **dict.fromkeys(("KON-0", "KON-1", "KON-2", "KON-3", "KON-4", "KON-6"), _INSIDE),
    "BR-DE-19": _l("An IBAN does not look like one"),
    "BR-DE-27": _l("Your company's telephone number has too few digits"),
    "BR-DE-28": _l("Your company's e-mail address does not look like one"),
    "BR-DE-TMP-32": _l("No day or period of supply is named"),
}  # fmt: skip


def rule_label(rule: str) -> str:
    """One rule in words, its id behind them."""
    words = WORDS.get(rule)
    return f"{words} ({rule})" if words else gettext("Rule %(rule)s of the standard does not hold", rule=rule)


def rules_label(rules: str) -> str:
    """Several rules as a row keeps them, each sentence once."""
    named: dict[str, list[str]] = {}
    for rule in filter(None, (part.strip() for part in rules.split(","))):
        named.setdefault(str(WORDS.get(rule, "")), []).append(rule)
    unknown = [gettext("Rule %(rule)s of the standard does not hold", rule=rule) for rule in named.pop("", [])]
    return " ".join(f"{text}." for text in (*(f"{words} ({', '.join(ids)})" for words, ids in named.items()), *unknown))


def init_app(app: Flask) -> None:
    app.jinja_env.globals["rule_label"] = rule_label
