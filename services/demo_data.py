"""What the demo company is: a bicycle workshop in Hamburg, its team, its tags, its products.

Everything is made up. Addresses of mail end in .example (RFC 2606), bank and tax numbers are examples whose check
digits hold. Its customers stand in demo_people.py and demo_firms.py.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from billing.periods import Interval
from services.demo_days import Day

COMPANY: dict[str, Any] = {
    "name": "Radwerk Hafenstraße GmbH", "legal_form": "GmbH", "address": "Hafenstraße 84", "zipcode": "20359",
    "city": "Hamburg", "country_code": "DE", "phone": "+49 40 5550 1840",
    "email": "post@radwerk-hafenstrasse.example", "website": "https://radwerk-hafenstrasse.example",
    "contact_name": "Yusuf Demir", "seat": "Hamburg", "register_court": "Amtsgericht Hamburg",
    "register_number": "HRB 184321", "managing_directors": "Anke Janßen", "tax_number": "22/815/08154",
    "vat_id": "DE136695976", "bank_name": "Deutsche Kreditbank", "bank_owner": "Radwerk Hafenstraße GmbH",
    "iban": "DE02120300000000202051", "bic": "BYLADEM1001", "accent": "#0b6b62", "days_for_payment": 14,
    "creditor_id": "DE98ZZZ09999999999",
}  # fmt: skip
MAILBOX_GONE = "postfach-voll@lindqvist.example"  # nobody takes mail there any more
REPORT_EMAIL = "buchhaltung@radwerk-hafenstrasse.example"

# (e-mail, name, role); the first founds the company, the second looks after the customers, the third keeps the books.
STAFF = (
    ("anke.janssen@radwerk-hafenstrasse.example", "Anke Janßen", "Inhaber"),
    ("jule.petersen@radwerk-hafenstrasse.example", "Jule Petersen", "Support"),
    ("yusuf.demir@radwerk-hafenstrasse.example", "Yusuf Demir", "Buchhaltung"),
)
# A role made by the team itself, and who came later or left; nobody is told their passwords.
WORKSHOP = ("Werkstatt", "Sieht, für welche Räder ein Vertrag läuft.",
            {"customers.read", "tags.read", "subscriptions.read", "products.read"})  # fmt: skip
FURTHER_STAFF = (
    (Day(11, 2), "milan.novak@radwerk-hafenstrasse.example", "Milan Novák", "Werkstatt"),
    (Day(9, 2), "frauke.brandt@radwerk-hafenstrasse.example", "Frauke Brandt", "Support"),
)
LEFT = (Day(3, 28), "frauke.brandt@radwerk-hafenstrasse.example")

TAGS = (
    "Großkunde", "Stammkunde", "Flotte", "Lastenrad", "Wohnt im Viertel", "Ausland", "Messe 2026", "Öffentliche Hand",
    "Verein", "Empfehlung",
)  # fmt: skip

# Until that day every paper went by post. So the past has few mails: each has a PDF, and drawing takes its time.
MAILS_SINCE = Day(0, days=14)

_MONTH, _QUARTER, _YEAR = Interval.parse("1 month"), Interval.parse("3 months"), Interval.parse("1 year")
# What consumers may be bound to: a year, then indefinitely, with a month's notice (§ 309 Nr. 9 BGB, CON-4).
_FAIR: dict[str, Any] = {"term": _YEAR, "notice": _MONTH}
_FOR_BUSINESS: dict[str, Any] = {"is_for_consumers": False, "term": _YEAR, "renewal": _YEAR, "notice": _QUARTER}
PRODUCTS: tuple[dict[str, Any], ...] = (
    {"number": "RW-100", "title": "Rundum-Sorglos-Abo", "unit_price": Decimal("19.90"), "is_gross": True,
     "interval": _MONTH, "notice": _MONTH,
     "description": "Pannenhilfe im Stadtgebiet, monatliche Durchsicht, Kleinteile inklusive."},
    {"number": "RW-110", "title": "Studi-Abo", "unit_price": Decimal("9.90"), "is_gross": True, "interval": _MONTH,
     "notice": _MONTH, "trial": Interval.parse("14 days"),
     "description": "Für alle mit Semesterticket: 14 Tage kostenlos, dann monatlich kündbar."},
    {"number": "RW-120", "title": "Quartals-Check", "unit_price": Decimal("49.00"), "is_gross": True,
     "interval": _QUARTER, **_FAIR, "description": "Bremsen, Schaltung, Licht, Reifendruck. Viermal im Jahr."},
    {"number": "RW-130", "title": "Pendler-Check", "unit_price": Decimal("14.90"), "is_gross": True,
     "interval": Interval.parse("4 weeks"), "notice": _MONTH, "description": "Alle vier Wochen in 20 Minuten fertig."},
    {"number": "RW-140", "title": "Jahresinspektion", "unit_price": Decimal("129.00"), "is_gross": True,
     "interval": _YEAR, **_FAIR, "description": "Große Inspektion mit Protokoll, Termin nach Wahl."},
    {"number": "RW-150", "title": "Stellplatz in der Fahrradgarage", "unit_price": Decimal("12.50"), "is_gross": True,
     "interval": _MONTH, "notice": _MONTH, "description": "Trocken, bewacht, Tag und Nacht zugänglich."},
    {"number": "RW-160", "title": "Radwerk-Magazin", "unit_price": Decimal("7.90"), "is_gross": True,
     "interval": _QUARTER, **_FAIR, "vat_category": "reduced", "supply_kind": "goods",
     "description": "Vier gedruckte Hefte im Jahr mit Touren rund um die Elbe."},
    {"number": "RW-165", "title": "Radwerk-Magazin digital", "unit_price": Decimal("4.90"), "is_gross": True,
     "interval": _MONTH, **_FAIR, "supply_kind": "e_service", "description": "Alle Hefte und Karten, auch unterwegs."},
    {"number": "RW-170", "title": "Lastenrad-Abo", "unit_price": Decimal("89.00"), "setup_fee": Decimal("49.00"),
     "is_gross": True, "interval": _MONTH, **_FAIR,
     "description": "Lastenrad mit E-Antrieb, Versicherung und Wartung. Zwei Kinder fahren mit."},
    {"number": "RW-200", "title": "Flottenservice", "unit_price": Decimal("39.00"), "setup_fee": Decimal("149.00"),
     "interval": _MONTH, "allow_multiple": True, **_FOR_BUSINESS,
     "description": "Wartung und Ersatzteile je Rad, Reparatur innerhalb eines Werktags."},
    {"number": "RW-210", "title": "Dienstrad-Wartung", "unit_price": Decimal("75.00"), "interval": _QUARTER,
     "in_arrears": True, "allow_multiple": True, **_FOR_BUSINESS, "description": "Abrechnung am Ende des Quartals."},
    {"number": "RW-220", "title": "Abstellfläche für Firmenräder", "unit_price": Decimal("28.50"), "interval": _MONTH,
     "allow_multiple": True, **_FOR_BUSINESS},
    {"number": "RW-230", "title": "Schul-Fahrradwerkstatt", "unit_price": Decimal("480.00"), "interval": _YEAR,
     **_FOR_BUSINESS, "description": "Zehn Vormittage mit Werkzeug und Material für bis zu 16 Kinder."},
    {"number": "RW-240", "title": "Gästeräder für Hotels", "unit_price": Decimal("34.50"),
     "setup_fee": Decimal("90.00"), "interval": _MONTH, "allow_multiple": True, **_FOR_BUSINESS,
     "description": "Leihräder mit Schloss und Helm, getauscht, wenn etwas klappert."},
    {"number": "RW-250", "title": "Wartung Ladestation", "unit_price": Decimal("390.00"), "interval": _YEAR,
     **_FOR_BUSINESS, "description": "Prüfung nach DGUV V3 mit Protokoll, einmal im Jahr."},
    {"number": "RW-300", "kind": "addon", "title": "Hol- und Bringdienst", "unit_price": Decimal("6.90"),
     "is_gross": True},
    {"number": "RW-310", "kind": "addon", "title": "Ersatzrad-Garantie", "unit_price": Decimal("8.00"),
     "is_for_consumers": False},
    {"number": "RW-320", "title": "Werkstattstunde", "unit_price": Decimal("68.00"), "unit": "HUR",
     "description": "Nach Aufwand, zur nächsten Rechnung."},
    {"number": "RW-330", "title": "Montage von Fahrradständern am Gebäude", "unit_price": Decimal("480.00"),
     "is_section_13b": True, "is_for_consumers": False, "description": "Fest mit dem Bauwerk verbunden."},
    {"number": "RW-900", "title": "Schlauch 28 Zoll", "unit_price": Decimal("8.90"), "is_gross": True,
     "supply_kind": "goods"},
    {"number": "RW-910", "title": "Kettenwechsel mit Material", "unit_price": Decimal("54.00"), "is_gross": True},
    {"number": "RW-920", "title": "Radwanderkarte Unterelbe", "unit_price": Decimal("11.80"), "is_gross": True,
     "vat_category": "reduced", "supply_kind": "goods"},
)  # fmt: skip
OSS_SINCE = Day(3, 1)  # from then on consumers of the Union bear their country's rate
# Add-on -> the plans it goes with.
ADDONS = {"RW-300": ("RW-100", "RW-110", "RW-120", "RW-140", "RW-170"), "RW-310": ("RW-200", "RW-240")}
