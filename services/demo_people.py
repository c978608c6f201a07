"""The demo company's consumers: neighbours, students, families. Everybody and everything is made up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from services.demo_data import MAILBOX_GONE
from services.demo_days import Day, Long31st, LongAgo
from services.demo_parts import Change, Contract, Pays, Person, someone

_POST = {"invoice_delivery_method": "post"}

PEOPLE: tuple[Person, ...] = (
    Person(
        someone("mrs", "Anna Petersen", "Wohlwillstraße 23", "20359 Hamburg", "anna.petersen@post.example",
                phone="+49 40 5550 2291", birthday=date(1987, 4, 19)),
        (Contract("RW-100", Day(14, 1), addons=("RW-300",)), Contract("RW-150", Day(8, 1))),
        ("Stammkunde", "Wohnt im Viertel"),
        (Change(Day(5, 17), "update", values={"address": "Wohlwillstraße 31"}, by="customer"),),
    ),
    Person(
        someone("mr", "Björn Größmann-Öztürk", "Fährstraße 7b", "21107 Hamburg", "bjoern@groessmann-oeztuerk.example",
                **_POST),
        (Contract("RW-120", Day(12)),), ("Lastenrad",),
    ),
    Person(
        someone("family", "Ayşe und Cem Yılmaz-Çelik", "Bahrenfelder Straße 90", "22765 Hamburg",
                "familie@yilmaz-celik.example", comment="Inspektion immer am 29. Februar, seit dem Lastenradkauf."),
        (Contract("RW-140", LongAgo(7), taken_over=Day(6, 10)), Contract("RW-170", Day(6, 15))),
        ("Lastenrad", "Stammkunde"), pays=Pays(until=Day(0, days=70)),
    ),
    Person(
        someone("mrs", "Herta Nielsen", "Övelgönne 41", "22605 Hamburg", "", phone="+49 40 5550 7712", **_POST,
                comment="Hat keinen Computer. Rechnungen per Brief, Termine nur am Telefon."),
        (Contract("RW-150", Long31st(5), ends=Day(-2, 15)),), ("Wohnt im Viertel",),
    ),
    Person(
        someone("mrs", "Freja Lindholm", "Istedgade 41", "1650 København", "freja.lindholm@post.example",
                country_code="DK", language_code="en"),
        (Contract("RW-165", Day(7, 4)),),
    ),
    Person(
        someone("mr", "Tobias Wendt", "Paul-Roosen-Straße 5", "22767 Hamburg", "t.wendt@post.example", **_POST),
        (Contract("RW-100", Day(10, 15)),), (),
        (Change(Day(3, 3), "deactivate", "Ist nach Freiburg gezogen, meldet sich vielleicht wieder."),),
    ),
    Person(
        someone("mrs", "Ingeborg Sørensen", "Elbchaussee 302", "22609 Hamburg", "i.soerensen@uni.example",
                title_academic="Prof. Dr.", language_code="en", delivery_country_code="DE",
                delivery_recipient="Institut für Meereskunde, Pforte", delivery_address="Bundesstraße 53",
                delivery_zipcode="20146", delivery_city="Hamburg"),
        (Contract("RW-140", Day(2, 20)), Contract("RW-160", Day(8, 20))), ("Stammkunde",),
    ),
    Person(
        someone("mrs", "Oda-Marie Kröger", "Neuer Kamp 17", "20357 Hamburg", "oda@kroeger-hamburg.example",
                days_for_payment=7),
        (Contract("RW-130", Day(0, days=84)),), ("Wohnt im Viertel",),
    ),
    Person(
        someone("mrs", "Lina Hoffmann", "Grindelallee 75", "20146 Hamburg", "lina.hoffmann@studi.example",
                birthday=date(2004, 2, 29)),
        (Contract("RW-110", Day(0, days=5), addons=("RW-300",)),), ("Empfehlung",),
    ),
    Person(
        someone("mr", "Mehmet Aydın", "Veringstraße 33", "21107 Hamburg", "mehmet.aydin@post.example"),
        (Contract("RW-100", Day(0)),),
    ),
    Person(
        someone("mr", "Karl-Friedrich von der Lühe", "Jenischstraße 48", "22609 Hamburg", "kf@vonderluehe.example",
                title_academic="Dr.", birthday=date(1949, 11, 2), **_POST),
        (Contract("RW-100", Day(14, 1)), Contract("RW-160", Day(11, 15))), ("Stammkunde",), pays=Pays(days=2),
    ),
    Person(
        someone("mrs", "Zoë Björklund", "Schanzenstraße 61", "20357 Hamburg", "zoe.bjoerklund@post.example",
                language_code="en", **_POST),
        (Contract("RW-110", Day(13, 1)),), ("Wohnt im Viertel",), pays=Pays(days=12),
    ),
    Person(
        someone("mr", "Nguyễn Minh Anh", "Steindamm 40", "20099 Hamburg", "minh.anh@post.example", **_POST),
        (Contract("RW-100", Day(13, 15)),), ("Empfehlung",),
    ),
    Person(
        someone("mrs", "Fatima El-Amrani", "Wilhelmsburger Straße 12", "20539 Hamburg", "fatima@el-amrani.example",
                **_POST),
        (Contract("RW-170", Day(9, 1), addons=("RW-300",)),), ("Lastenrad",), pays=Pays(until=Day(4, 1), part=True),
        changes=(Change(Day(1, 26), "block", "Seit drei Monaten offen, Ratenzahlung vereinbart."),),
    ),
    Person(
        someone("mr", "Jörg Weißenborn", "Lübecker Straße 118", "22087 Hamburg", "j.weissenborn@post.example", **_POST),
        (Contract("RW-120", Day(11, 10)),), pays=Pays(days=26),
    ),
    Person(
        someone("mrs", "Maëlle Le Goff", "Eppendorfer Weg 205", "20253 Hamburg", "maelle.legoff@post.example",
                language_code="en", newsletter_optin=True),
        (Contract("RW-150", Day(7, 1)),), ("Empfehlung",),
    ),
    Person(
        someone("mr", "Oluwaseun Adebayo", "Reeperbahn 157", "20359 Hamburg", "seun.adebayo@post.example",
                language_code="en", **_POST),
        (Contract("RW-100", Day(6, 1)), Contract("RW-150", Day(6, 1))), ("Wohnt im Viertel",),
    ),
    Person(
        someone("family", "Sabine und Uwe Schönfelder", "Am Knick 3", "25462 Rellingen", "schoenfelder@post.example",
                **_POST, comment="Vier Räder, zwei davon Kinderräder. Schlüssel liegt beim Nachbarn."),
        (Contract("RW-120", Day(9, 1), Decimal(4)),), ("Stammkunde",),
    ),
    Person(
        someone("mr", "Piotr Wiśniewski", "Billhorner Deich 77", "20539 Hamburg", "piotr@wisniewski.example", **_POST),
        (Contract("RW-100", Day(5, 1)),), pays=Pays(until=Day(2, 1)),
    ),
    Person(
        someone("mrs", "Chiara D'Angelo", "Osterstraße 133", "20255 Hamburg", "chiara.dangelo@post.example"),
        (Contract("RW-110", Day(4, 1)),), ("Messe 2026",),
    ),
    Person(
        someone("mr", "Lukas Øverland", "Bartelsstraße 9", "20357 Hamburg", "lukas.overland@post.example", **_POST),
        (Contract("RW-110", Day(10, 1), ends=Day(4, 15)),), (),
        (Change(Day(1, 24), "deactivate", "Studium beendet, Vertrag ausgelaufen."),),
    ),
    Person(
        someone("mrs", "Wilhelmine Harms-Brüggemann", "Kirchenallee 14", "22085 Hamburg", "w.harms@post.example",
                **_POST),
        (Contract("RW-100", Day(12, 15), ends=Day(6, 15)),), (),
        (Change(Day(2, 11), "delete", by="owner"),),
    ),
    Person(someone("mr", "Interessent Vom Messestand", "", "", "vertippt@post.example"), came=Day(3, 21),
           changes=(Change(Day(3, 25), "delete", by="owner"),)),
    Person(
        someone("mrs", "Gül Demirtaş", "Veddeler Brückenstraße 100", "20539 Hamburg", "guel.demirtas@post.example",
                **_POST),
        (Contract("RW-150", Day(3, 1)),), ("Messe 2026",), pays=Pays(until=Day(1, 1)),
    ),
    Person(
        someone("mr", "Séamus Ó Súilleabháin", "Fischmarkt 5", "22767 Hamburg", "seamus@osuilleabhain.example",
                language_code="en", delivery_recipient="Hausboot »Niamh«, Steg 4", delivery_city="Hamburg",
                delivery_address="Sandtorhafen", delivery_zipcode="20457", delivery_country_code="DE"),
        (Contract("RW-140", Day(5, 15)), Contract("RW-100", Day(5, 15))), ("Stammkunde",),
    ),
    Person(
        someone("mrs", "Leonie Straß", "Emilienstraße 71", "20259 Hamburg", "leonie.strass@post.example", **_POST),
        (Contract("RW-170", Day(2, 15)),), ("Lastenrad", "Messe 2026"),
    ),
    Person(
        someone("mr", "Hans-Jürgen Müller-Lüdenscheidt-Freiherr zu Hohenhausen-Brackwede", "Alsterkrugchaussee 1107",
                "22335 Hamburg", "hj@hohenhausen.example", **_POST),
        (Contract("RW-120", Day(4, 15)),),
    ),
    Person(
        someone("mrs", "Katarína Nováková", "Thadenstraße 88", "22767 Hamburg", "katarina@novakova.example"),
        (Contract("RW-100", Day(0, days=3)),), ("Empfehlung",),
    ),
    Person(
        someone("mr", "Theo Brinkmann", "Stresemannallee 30", "22529 Hamburg", "theo.brinkmann@post.example", **_POST,
                comment="Kam mit einem alten Vertrag auf Papier; seit damals nie berechnet."),
        (Contract("RW-100", Day(14, 1), entered=Day(0, days=2)),),
    ),
    Person(
        someone("mr", "Gregor Lindqvist", "Klosterallee 102", "20144 Hamburg", MAILBOX_GONE),
        (Contract("RW-130", Day(0, days=12)),), ("Messe 2026",),
    ),
    Person(
        someone("mrs", "Tereza Hájková", "Beim Grünen Jäger 6", "20359 Hamburg", "tereza.hajkova@post.example"),
        (Contract("RW-110", Day(0, days=11)), Contract("RW-150", Day(0, days=9))), ("Wohnt im Viertel",),
    ),
    Person(
        someone("mrs", "Mara Lindner", "Talstraße 20", "20359 Hamburg", "mara.lindner@post.example",
                comment="Möchte im Frühjahr ein Lastenrad ausprobieren."),
        tags=("Messe 2026",), came=Day(0, days=8),
    ),
)  # fmt: skip
