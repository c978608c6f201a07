"""The words and codes of the law where a paper shows no VAT or has to say how it is accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from billing.tax_cases import TAX_CASES

# The words that the law wants on the paper, by note_key and language.
NOTES: Mapping[str, Mapping[str, str]] = {
    "small_business": {
        "de": "Steuerbefreiung für Kleinunternehmer (§ 19 UStG)",
        "en": "VAT exempt: small business (section 19 of the German VAT Act)",
    },
    "reverse_charge": {
        "de": "Steuerschuldnerschaft des Leistungsempfängers",
        "en": "Reverse charge: the recipient of the supply is liable for the VAT",
    },
    "outside_scope": {
        "de": "Nicht im Inland steuerbare Leistung (§ 3a UStG)",
        "en": "Supply not taxable in Germany (section 3a of the German VAT Act)",
    },
    "intra_eu_goods": {
        "de": "Steuerfreie innergemeinschaftliche Lieferung (§ 4 Nr. 1 Buchst. b, § 6a UStG)",
        "en": "VAT exempt intra-Community supply (section 4 no. 1 (b), section 6a of the German VAT Act)",
    },
    "export": {
        "de": "Steuerfreie Ausfuhrlieferung (§ 4 Nr. 1 Buchst. a, § 6 UStG)",
        "en": "VAT exempt export (section 4 no. 1 (a), section 6 of the German VAT Act)",
    },
    "cash_accounting": {
        "de": "Versteuerung nach vereinnahmten Entgelten",
        "en": "VAT is accounted for on payments received (cash accounting)",
    },
}

CASH_NOTE_FROM = date(2028, 1, 1)  # § 14(4) Nr. 6a UStG (INV-14)

_VATEX: Mapping[str, str] = {
    "reverse_charge": "VATEX-EU-AE",
    "section_13b": "VATEX-EU-AE",
    "intra_eu_goods": "VATEX-EU-IC",
    "export": "VATEX-EU-G",
    "outside_scope": "VATEX-EU-O",
}


class Exemption(NamedTuple):
    """What an e-invoice says where no VAT is shown: BT-118, BT-121 ('' = none), and the key of BT-120 in NOTES."""

    category: str
    vatex: str
    note_key: str


def exemption(case_code: str) -> Exemption:
    """The e-invoice's reason for a case; the small business has a text and no code of the list. KeyError if unknown."""
    case = TAX_CASES[case_code]
    return Exemption(case.category, _VATEX.get(case_code, ""), case.note_key)


def note(note_key: str, language: str) -> str:
    """The text the law asks for; German where the language has none; '' for no note."""
    texts = NOTES.get(note_key)
    return "" if texts is None else texts.get(language, texts["de"])
