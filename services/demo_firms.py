"""The demo company's organisations: fleets, hotels, schools, offices, at home and abroad. Everything is made up."""

from __future__ import annotations

from decimal import Decimal

from services.demo_days import Day
from services.demo_parts import Change, Contract, Pays, Person, firm

_POST = {"invoice_delivery_method": "post"}
_PUBLIC = {"einvoice_format": "xrechnung", "days_for_payment": 30}

FIRMS: tuple[Person, ...] = (
    Person(
        firm("Hanseatische Gesellschaft für nachhaltige Stadtlogistik und Lastenradverleih mit beschränkter"
             " Haftung & Co. Kommanditgesellschaft", "mrs Swantje Ahlers", "Am Sandtorkai 1150", "20457 Hamburg",
             "einkauf@stadtlogistik.example", title_academic="Dr.", position="Einkauf", address_2="3. Stock",
             payment_mail_address="rechnungen@stadtlogistik.example", email_cc="swantje.ahlers@stadtlogistik.example",
             vat_id="DE123456788", days_for_payment=30, costcenter="4711-Flotte", account_receivable="10003"),
        (Contract("RW-200", Day(13, 15), Decimal(12), ("RW-310",)), Contract("RW-220", Day(9, 15), Decimal(3)),
         Contract("RW-250", Day(7, 15), Decimal(2))),
        ("Großkunde", "Flotte", "Stammkunde"),
        (Change(Day(4, 9), "update", values={"address_2": "5. Stock"}, by="customer"),), Pays(days=24),
    ),
    Person(
        firm("Müller & Söhne GmbH", "mrs Änne Müller", "Holtenauer Straße 12", "24105 Kiel",
             "buchhaltung@mueller-soehne.example", title_academic="Dr.", delivery_recipient="Müller & Söhne, Tor 2",
             delivery_address="Kaistraße 40", delivery_zipcode="24103", delivery_city="Kiel",
             delivery_country_code="DE", vat_id="DE129273398", phone="+49 431 5550 310"),
        (Contract("RW-200", Day(14, 1), Decimal(8)), Contract("RW-210", Day(12, 1), Decimal(4)),
         Contract("RW-220", Day(5, 1), Decimal(2))),
        ("Großkunde", "Messe 2026"),
        (Change(Day(1, 17), "update", by="customer",
                values={"delivery_address": "Werft 3", "delivery_zipcode": "24148"}),
         Change(Day(0, days=1), "block", "Rechnung seit Wochen offen, auf Rückruf warten.")),
        Pays(until=Day(2, 1), part=True),
    ),
    Person(
        firm("Kurierkollektiv Elbe eG", "mr Jonas Thiele", "Große Elbstraße 212", "22767 Hamburg",
             "buero@kurierelbe.example", **_POST),
        (Contract("RW-210", Day(12, 1), Decimal(5)),), ("Flotte",),
    ),
    Person(
        firm("Grätzlrad Wien GmbH", "mrs Theresia Hölzl", "Neubaugasse 64", "1070 Wien", "rechnung@graetzlrad.example",
             country_code="AT", vat_id="ATU13585627"),
        (Contract("RW-200", Day(8, 1), Decimal(4)),), ("Flotte", "Ausland"),
    ),
    Person(
        firm("Velo Zürisee AG", "mr Reto Bünzli", "Seestrasse 319", "8038 Zürich", "buchhaltung@velozuerisee.example",
             country_code="CH", vat_id="CHE107787577MWST", currency_code="CHF"),
        (Contract("RW-220", Day(9, 10), Decimal(6), currency="CHF", price=Decimal("31.00")),), ("Ausland",),
    ),
    Person(
        firm("Café Pedalo UG (haftungsbeschränkt)", "mrs Mila Kovačević", "Bernstorffstraße 118", "22767 Hamburg",
             "hallo@cafe-pedalo.example", **_POST),
        (Contract("RW-200", Day(7, 1), Decimal(2)),), ("Wohnt im Viertel",),
        (Change(Day(1, 12), "block", "Zwei Rechnungen offen, Anrufe ohne Antwort."),), Pays(until=Day(3, 1)),
    ),
    Person(
        firm("Stadtteilschule Veddel, Schulverein e. V.", "mr Olaf Krüger", "Slomanstieg 1", "20539 Hamburg",
             "schulverein@veddel.example", **_PUBLIC, buyer_reference="02-SCHULE4711-65",
             invoice_delivery_method="both"),
        (Contract("RW-230", Day(1, 1)),), ("Verein",),
    ),
    Person(
        firm("Bezirksamt Altona, Fachamt Management des öffentlichen Raumes", "mrs Renate Oelßner",
             "Jessenstraße 1-3", "22767 Hamburg", "rechnung@bezirksamt-altona.example", **_PUBLIC, **_POST,
             buyer_reference="02-AMT1000815-19", costcenter="A/MR 2"),
        (Contract("RW-210", Day(11, 1), Decimal(9)), Contract("RW-250", Day(10, 1))),
        ("Öffentliche Hand", "Großkunde"), pays=Pays(days=29),
    ),
    Person(
        firm("Stadtbibliothek Lübeck", "mrs Ilse Wörpel", "Hundestraße 5", "23552 Lübeck",
             "verwaltung@stadtbibliothek-luebeck.example", **_PUBLIC, **_POST, buyer_reference="01-BIBLIO0042-91"),
        (Contract("RW-220", Day(6, 1)),), ("Öffentliche Hand",), pays=Pays(days=40),
    ),
    Person(
        firm("Hotel Zum Anker e. K.", "mr Hinnerk Lührs", "Bernhard-Nocht-Straße 97", "20359 Hamburg",
             "rezeption@zum-anker.example", **_POST),
        (Contract("RW-240", Day(14, 1), Decimal(10), ("RW-310",)),), ("Großkunde", "Stammkunde"),
    ),
    Person(
        firm("Pension Störtebeker, Inh. Wiebke Thoms e. K.", "mrs Wiebke Thoms", "Deichstraße 27", "20459 Hamburg",
             "wiebke@stoertebeker.example", **_POST),
        (Contract("RW-240", Day(10, 15), Decimal(4)),), pays=Pays(until=Day(5, 15)),
        changes=(Change(Day(3, 20), "block", "Mahnbescheid beantragt; nichts Neues buchen."),),
    ),
    Person(
        firm("Bäckerei Süßmilch GmbH & Co. KG", "mr Dirk Süßmilch", "Mühlenkamp 33", "22303 Hamburg",
             "buero@baeckerei-suessmilch.example", **_POST),
        (Contract("RW-200", Day(12, 1), Decimal(3)),), ("Lastenrad",), pays=Pays(days=9),
    ),
    Person(
        firm("Physiotherapie am Hafen Partnerschaftsgesellschaft", "mrs Nele Ostermann", "Vorsetzen 50",
             "20459 Hamburg", "praxis@physio-am-hafen.example"),
        (Contract("RW-210", Day(9, 1), Decimal(2)),), ("Wohnt im Viertel",),
    ),
    Person(
        firm("Radsportverein »Rückenwind« von 1902 e. V.", "mr Günther Pöhlmann", "Hagenbeckstraße 124",
             "22527 Hamburg", "kasse@rsv-rueckenwind.example", **_POST),
        (Contract("RW-220", Day(13, 1), Decimal(4)), Contract("RW-230", Day(4, 10))), ("Verein", "Stammkunde"),
    ),
    Person(
        firm("Kita Flohkiste gGmbH", "mrs Marijke de Vries", "Spadenteich 1", "20099 Hamburg",
             "leitung@kita-flohkiste.example", **_POST),
        (Contract("RW-200", Day(5, 1), Decimal(2), ("RW-310",)),), ("Lastenrad", "Empfehlung"),
    ),
    Person(
        firm("Fietsenfabriek Utrecht B.V.", "mr Sjoerd van 't Hooft", "Oudegracht 231", "3511 Utrecht",
             "facturen@fietsenfabriek.example", country_code="NL", vat_id="NL004495445B01", language_code="en"),
        (Contract("RW-210", Day(7, 1), Decimal(6)),), ("Ausland", "Flotte"),
    ),
    Person(
        firm("Cykelhuset København ApS", "mrs Freja Bøgelund", "Nørrebrogade 44", "2200 København N",
             "faktura@cykelhuset.example", country_code="DK", vat_id="DK13585628", language_code="en", **_POST),
        (Contract("RW-220", Day(4, 1), Decimal(2)),), ("Ausland", "Messe 2026"), pays=Pays(until=Day(1, 1)),
    ),
    Person(
        firm("Atelier Vélo Strasbourg SARL", "mrs Éloïse Schœnberg", "12 Quai des Bateliers", "67000 Strasbourg",
             "compta@atelier-velo.example", country_code="FR", vat_id="FR40303265045", language_code="en", **_POST),
        (Contract("RW-250", Day(8, 5)),), ("Ausland",),
    ),
    Person(
        firm("Architekturbüro Çağlar + Thießen PartG mbB", "mr Emre Çağlar", "Große Bleichen 21", "20354 Hamburg",
             "office@caglar-thiessen.example", language_code="en"),
        (Contract("RW-210", Day(6, 15), Decimal(3)),), ("Empfehlung",),
    ),
    Person(
        firm("Nordlicht Software GmbH", "mr Arne Hübschmann", "Planckstraße 13", "22765 Hamburg",
             "people@nordlicht-software.example", position="People & Culture", **_POST),
        (Contract("RW-210", Day(10, 1), Decimal(14)), Contract("RW-250", Day(9, 20))),
        ("Großkunde", "Flotte"), pays=Pays(days=18),
    ),
    Person(
        firm("Gasthof Möwennest GbR", "mrs Tomke Jürgensen", "Am Leuchtturm 2", "25946 Nebel",
             "moewennest@post.example", **_POST, comment="Nur April bis Oktober geöffnet."),
        (Contract("RW-240", Day(7, 1), Decimal(6), ends=Day(1, 1)),),
    ),
    Person(
        firm("Elbfloß Event GmbH", "mr Marvin Kühnapfel", "Kehrwieder 8", "20457 Hamburg", "crew@elbfloss.example",
             **_POST),
        (Contract("RW-200", Day(6, 1), Decimal(5)),), ("Messe 2026",),
        (Change(Day(2, 6), "block", "Rechnungsadresse unklar."),
         Change(Day(1, 19), "activate", "Adresse geklärt, Zahlung eingegangen.")),
    ),
    Person(
        firm("Apotheke am Großneumarkt OHG", "mrs Sibylle Ranft", "", "", "bestellung@apotheke-grossneumarkt.example",
             comment="Am Telefon bestellt; die Anschrift kommt mit der Bestätigung."),
        (Contract("RW-200", Day(0, days=3), Decimal(6)),), ("Lastenrad",),
    ),
    Person(
        firm("Handwerkskollektiv Holz & Stahl eG", "mr Ruben Acheampong", "Schnellstraße 19", "22765 Hamburg",
             "werkstatt@holz-und-stahl.example"),
        (Contract("RW-200", Day(2, 1), Decimal(3)),), ("Messe 2026",), pays=Pays(until=Day(1, 1), part=True),
    ),
    Person(
        firm("Theater Fliegende Bühne gUG (haftungsbeschränkt)", "mrs Xenia Papadopoulou", "Zirkusweg 4",
             "20359 Hamburg", "verwaltung@fliegende-buehne.example", **_POST),
        (Contract("RW-220", Day(5, 15), ends=Day(-1, 1)),), ("Wohnt im Viertel",), pays=Pays(until=Day(2, 15)),
    ),
    Person(
        firm("Seglerverein Övelgönne e. V.", "mr Claas Böhnke", "Neumühlen 21", "22763 Hamburg",
             "vorstand@sv-oevelgoenne.example", **_POST),
        (Contract("RW-220", Day(11, 1), Decimal(2)),), ("Verein",),
    ),
    Person(
        firm("Lastenheld Franchise & Consulting GmbH", "mr Maximilian Freudenreich", "Ballindamm 3", "20095 Hamburg",
             "finance@lastenheld.example", vat_id="DE111111125", days_for_payment=21),
        (Contract("RW-200", Day(1, 15), Decimal(25), ("RW-310",)),), ("Großkunde", "Flotte", "Messe 2026"),
    ),
    Person(
        firm("Bootshaus Alster GmbH", "mrs Pauline Wöhrmann", "Isekai 12", "20249 Hamburg",
             "service@bootshaus-alster.example", comment="Angebot über 8 Gästeräder liegt vor, entscheidet im Januar."),
        tags=("Messe 2026",), came=Day(1, 8),
    ),
    Person(
        firm("Kontorhaus-Verwaltung Speicherstadt mbH", "mr Ferdinand Graßhoff", "Brooktorkai 20", "20457 Hamburg",
             "hausverwaltung@kontorhaus.example", vat_id="DE281234569", owes_vat=True, **_POST),
        (Contract("RW-250", Day(13, 1), Decimal(3)), Contract("RW-220", Day(3, 15), Decimal(12))), ("Großkunde",),
    ),
)  # fmt: skip
