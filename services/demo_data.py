"""Who and what the demo company is made of: a bicycle workshop in Hamburg, its team, its products, its customers.

Everything is made up. Addresses of mail end in .example (RFC 2606), bank and tax numbers are examples whose check
digits hold. Days are told as distances from today, so that the demo is never older than half a year.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from billing.periods import Interval, add_months, days_in_month

COMPANY: dict[str, Any] = {
    "name": "Radwerk Hafenstraße GmbH", "legal_form": "GmbH", "address": "Hafenstraße 84", "zipcode": "20359",
    "city": "Hamburg", "country_code": "DE", "phone": "+49 40 5550 1840",
    "email": "post@radwerk-hafenstrasse.example", "website": "https://radwerk-hafenstrasse.example",
    "contact_name": "Yusuf Demir", "seat": "Hamburg", "register_court": "Amtsgericht Hamburg",
    "register_number": "HRB 184321", "managing_directors": "Anke Janßen", "tax_number": "22/815/08154",
    "vat_id": "DE136695976", "bank_name": "Deutsche Kreditbank", "bank_owner": "Radwerk Hafenstraße GmbH",
    "iban": "DE02120300000000202051", "bic": "BYLADEM1001", "accent": "#0b6b62", "days_for_payment": 14,
}  # fmt: skip
REPORT_EMAIL = "buchhaltung@radwerk-hafenstrasse.example"

# (e-mail, name, role); the first one founds the company, the second one looks after the customers.
STAFF = (
    ("anke.janssen@radwerk-hafenstrasse.example", "Anke Janßen", "Inhaber"),
    ("frauke.brandt@radwerk-hafenstrasse.example", "Frauke Brandt", "Support"),
    ("yusuf.demir@radwerk-hafenstrasse.example", "Yusuf Demir", "Buchhaltung"),
)

TAGS = ("Stammkunde", "Lastenrad", "Flotte", "Wohnt im Viertel", "Ausland")

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
    {"number": "RW-200", "title": "Flottenservice", "unit_price": Decimal("39.00"), "setup_fee": Decimal("149.00"),
     "interval": _MONTH, "allow_multiple": True, **_FOR_BUSINESS,
     "description": "Wartung und Ersatzteile je Rad, Reparatur innerhalb eines Werktags."},
    {"number": "RW-210", "title": "Dienstrad-Wartung", "unit_price": Decimal("75.00"), "interval": _QUARTER,
     "in_arrears": True, "allow_multiple": True, **_FOR_BUSINESS, "description": "Abrechnung am Ende des Quartals."},
    {"number": "RW-220", "title": "Abstellfläche für Firmenräder", "unit_price": Decimal("28.50"), "interval": _MONTH,
     "allow_multiple": True, **_FOR_BUSINESS},
    {"number": "RW-230", "title": "Schul-Fahrradwerkstatt", "unit_price": Decimal("480.00"), "interval": _YEAR,
     **_FOR_BUSINESS, "description": "Zehn Vormittage mit Werkzeug und Material für bis zu 16 Kinder."},
    {"number": "RW-300", "kind": "addon", "title": "Hol- und Bringdienst", "unit_price": Decimal("6.90"),
     "is_gross": True},
    {"number": "RW-310", "kind": "addon", "title": "Ersatzrad-Garantie", "unit_price": Decimal("8.00"),
     "is_for_consumers": False},
    {"number": "RW-900", "title": "Schlauch 28 Zoll", "unit_price": Decimal("8.90"), "is_gross": True,
     "supply_kind": "goods"},
    {"number": "RW-910", "title": "Kettenwechsel mit Material", "unit_price": Decimal("54.00"), "is_gross": True},
    {"number": "RW-920", "title": "Radwanderkarte Unterelbe", "unit_price": Decimal("11.80"), "is_gross": True,
     "vat_category": "reduced", "supply_kind": "goods"},
)  # fmt: skip
# Add-on -> the plans it goes with.
ADDONS = {"RW-300": ("RW-100", "RW-110", "RW-120", "RW-140"), "RW-310": ("RW-200",)}


@dataclass(frozen=True, slots=True)
class Day:
    """So many months before today, on that day of the month (its last day where it is shorter); 0: today's own."""

    months: int
    day: int = 0
    days: int = 0  # and so many days earlier

    def on(self, today: date) -> date:
        day = add_months(today, -self.months)
        if self.day:
            day = day.replace(day=min(self.day, days_in_month(day.year, day.month)))
        return day - timedelta(self.days)


@dataclass(frozen=True, slots=True)
class LongAgo:
    """The last 29 February that lies at least so many months before today."""

    months: int

    def on(self, today: date) -> date:
        latest = add_months(today, -self.months)
        years = (year for year in range(latest.year, latest.year - 9, -1) if days_in_month(year, 2) == 29)
        return next(day for year in years if (day := date(year, 2, 29)) <= latest)


@dataclass(frozen=True, slots=True)
class Long31st:
    """The last 31st of a month that lies at least so many months before today."""

    months: int

    def on(self, today: date) -> date:
        day = add_months(today, -self.months)
        while day.day != 31:
            day -= timedelta(1)
        return day


When = Day | LongAgo | Long31st

# Until that day every paper went by post. So the past has few mails: each has a PDF, and drawing takes its time.
MAILS_SINCE = Day(1, 20)


@dataclass(frozen=True, slots=True)
class Contract:
    """`taken_over`: came in running on that day; what was due before counts as billed elsewhere (D-13)."""

    article: str
    starts: When
    quantity: Decimal = Decimal(1)
    addons: tuple[str, ...] = ()
    taken_over: Day | None = None
    ends: Day | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A customer, its contracts, and what happened to it: (when, action, reason)."""

    values: dict[str, Any]
    contracts: tuple[Contract, ...] = ()
    tags: tuple[str, ...] = ()
    changes: tuple[tuple[Day, str, str], ...] = field(default=())


PEOPLE: tuple[Person, ...] = (
    Person(
        {"salutation": "mrs", "first_name": "Anna", "last_name": "Petersen", "address": "Wohlwillstraße 23",
         "zipcode": "20359", "city": "Hamburg", "email": "anna.petersen@post.example", "phone": "+49 40 5550 2291",
         "birthday": date(1987, 4, 19)},
        (Contract("RW-100", Day(3, 1), addons=("RW-300",)),), ("Stammkunde", "Wohnt im Viertel"),
    ),
    Person(
        {"salutation": "mr", "first_name": "Björn", "last_name": "Größmann-Öztürk", "address": "Fährstraße 7b",
         "zipcode": "21107", "city": "Hamburg", "email": "bjoern@groessmann-oeztuerk.example"},
        (Contract("RW-120", Day(6)),), ("Lastenrad",),
    ),
    Person(
        {"organization": "Hanseatische Gesellschaft für nachhaltige Stadtlogistik und Lastenradverleih mit beschränkter"
         " Haftung & Co. Kommanditgesellschaft", "salutation": "mrs", "title_academic": "Dr.", "first_name": "Swantje",
         "last_name": "Ahlers", "position": "Einkauf", "address": "Am Sandtorkai 1150", "address_2": "3. Stock",
         "zipcode": "20457", "city": "Hamburg", "email": "einkauf@stadtlogistik.example",
         "payment_mail_address": "rechnungen@stadtlogistik.example", "email_cc": "swantje.ahlers@stadtlogistik.example",
         "vat_id": "DE123456788", "days_for_payment": 30, "costcenter": "4711-Flotte", "account_receivable": "10003"},
        (Contract("RW-200", Day(3, 15), Decimal(12), ("RW-310",)), Contract("RW-220", Day(2, 15), Decimal(3))),
        ("Flotte", "Stammkunde"),
    ),
    Person(
        {"organization": "Kurierkollektiv Elbe eG", "first_name": "Jonas", "last_name": "Thiele",
         "address": "Große Elbstraße 212", "zipcode": "22767", "city": "Hamburg", "email": "buero@kurierelbe.example"},
        (Contract("RW-210", Day(6, 1), Decimal(5)),), ("Flotte",),
    ),
    Person(
        {"organization": "Grätzlrad Wien GmbH", "salutation": "mrs", "first_name": "Theresia", "last_name": "Hölzl",
         "address": "Neubaugasse 64", "zipcode": "1070", "city": "Wien", "country_code": "AT",
         "email": "rechnung@graetzlrad.example", "vat_id": "ATU13585627"},
        (Contract("RW-200", Day(2, 1), Decimal(4)),), ("Flotte", "Ausland"),
    ),
    Person(
        {"organization": "Velo Zürisee AG", "first_name": "Reto", "last_name": "Bünzli", "address": "Seestrasse 319",
         "zipcode": "8038", "city": "Zürich", "country_code": "CH", "email": "buchhaltung@velozuerisee.example",
         "vat_id": "CHE107787577MWST"},
        (Contract("RW-220", Day(1, 10), Decimal(2)),), ("Ausland",),
    ),
    Person(
        {"salutation": "family", "first_name": "Ayşe und Cem", "last_name": "Yılmaz-Çelik", "address": "Bahrenfelder"
         " Straße 90", "zipcode": "22765", "city": "Hamburg", "email": "familie@yilmaz-celik.example",
         "comment": "Inspektion immer am 29. Februar, seit dem Lastenradkauf."},
        (Contract("RW-140", LongAgo(7), taken_over=Day(6, 10)),), ("Lastenrad", "Stammkunde"),
    ),
    Person(
        {"salutation": "mrs", "first_name": "Herta", "last_name": "Nielsen", "address": "Övelgönne 41",
         "zipcode": "22605", "city": "Hamburg", "phone": "+49 40 5550 7712", "invoice_delivery_method": "post",
         "comment": "Hat keinen Computer. Rechnungen per Brief, Termine nur am Telefon."},
        (Contract("RW-150", Long31st(2), ends=Day(-2, 15)),), ("Wohnt im Viertel",),
    ),
    Person(
        {"salutation": "mr", "first_name": "Tobias", "last_name": "Wendt", "address": "Paul-Roosen-Straße 5",
         "zipcode": "22767", "city": "Hamburg", "email": "t.wendt@post.example"},
        (Contract("RW-100", Day(4, 15)),), (),
        ((Day(3, 3), "deactivate", "Ist nach Freiburg gezogen, meldet sich vielleicht wieder."),),
    ),
    Person(
        {"organization": "Café Pedalo UG (haftungsbeschränkt)", "salutation": "mrs", "first_name": "Mila",
         "last_name": "Kovačević", "address": "Bernstorffstraße 118", "zipcode": "22767", "city": "Hamburg",
         "email": "hallo@cafe-pedalo.example"},
        (Contract("RW-200", Day(2, 1), Decimal(2)),), ("Wohnt im Viertel",),
        ((Day(1, 12), "block", "Zwei Rechnungen offen, Anrufe ohne Antwort."),),
    ),
    Person(
        {"salutation": "mrs", "title_academic": "Prof. Dr.", "first_name": "Ingeborg", "last_name": "Sørensen",
         "address": "Elbchaussee 302", "zipcode": "22609", "city": "Hamburg", "email": "i.soerensen@uni.example",
         "language_code": "en", "delivery_recipient": "Institut für Meereskunde, Pforte",
         "delivery_address": "Bundesstraße 53", "delivery_zipcode": "20146", "delivery_city": "Hamburg",
         "delivery_country_code": "DE"},
        (Contract("RW-140", Day(2, 20)), Contract("RW-160", Day(2, 20))), ("Stammkunde",),
    ),
    Person(
        {"organization": "Stadtteilschule Veddel, Schulverein e. V.", "first_name": "Olaf", "last_name": "Krüger",
         "address": "Slomanstieg 1", "zipcode": "20539", "city": "Hamburg", "email": "schulverein@veddel.example",
         "buyer_reference": "02-SCHULE4711-38", "einvoice_format": "xrechnung", "invoice_delivery_method": "both"},
        (Contract("RW-230", Day(1, 1)),),
    ),
    Person(
        {"salutation": "mrs", "first_name": "Oda-Marie", "last_name": "Kröger", "address": "Neuer Kamp 17",
         "zipcode": "20357", "city": "Hamburg", "email": "oda@kroeger-hamburg.example", "days_for_payment": 7},
        (Contract("RW-130", Day(0, days=56)),), ("Wohnt im Viertel",),
    ),
    Person(
        {"salutation": "mrs", "first_name": "Lina", "last_name": "Hoffmann", "address": "Grindelallee 75",
         "zipcode": "20146", "city": "Hamburg", "email": "lina.hoffmann@studi.example", "birthday": date(2004, 2, 29)},
        (Contract("RW-110", Day(0, days=5), addons=("RW-300",)),),
    ),
    Person(
        {"salutation": "mr", "first_name": "Mehmet", "last_name": "Aydın", "address": "Veringstraße 33",
         "zipcode": "21107", "city": "Hamburg", "email": "mehmet.aydin@post.example"},
        (Contract("RW-100", Day(0)),),
    ),
)  # fmt: skip
