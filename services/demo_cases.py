"""What happens beyond bookings and payments: contracts rest and change, invoices are corrected, coupons are redeemed.

One of each case that invoices know, so that everybody who looks around meets it. Whom it happens to is named by e-mail
address; the deeds themselves stand in demo_deeds.py. A small business is missing: that is another company.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from billing.periods import Interval
from services.demo_days import Day, When

COUPONS: tuple[dict[str, Any], ...] = (
    {"code": "WINTERRAD", "title": "Wer im Winter fährt", "campaign": "Winter", "kind": "percent",
     "percent": Decimal(15), "lasts": "events", "events": 3},
    {"code": "NACHBARN", "title": "Für Nachbarn auf Dauer", "kind": "percent", "percent": Decimal(5), "lasts": "ever"},
    {"code": "PROBEMONAT", "title": "Erster Monat geschenkt", "kind": "percent", "percent": Decimal(100),
     "lasts": "time", "period": Interval.parse("1 month")},
    {"code": "RAD-GESCHENK-25", "title": "Geschenkgutschein über 25 Euro", "kind": "voucher", "amount_cents": 2500,
     "currency_code": "EUR"},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """`deed` is a method of demo_deeds.Deeds, `facts` are what it is told; `n` counts contracts or invoices."""

    who: str
    when: When
    deed: str
    facts: dict[str, Any] = field(default_factory=dict)


BY_BANK = frozenset({"overpay", "pay_in_time", "prepay"})


def _case(who: str, when: When, deed: str, **facts: Any) -> Case:
    return Case(who, when, deed, facts)


_HOUR = "Werkstattstunde"
CASES: tuple[Case, ...] = (
    # Contracts that rest, change and end.
    _case("maelle.legoff@post.example", Day(5, 10), "pause"),
    _case("maelle.legoff@post.example", Day(4, 20), "resume"),
    _case("j.weissenborn@post.example", Day(1, 5), "pause"),
    _case("minh.anh@post.example", Day(3, 20), "change", article="RW-170"),
    _case("office@caglar-thiessen.example", Day(2, 5), "change", quantity=Decimal(4), at_period_end=True),
    _case("praxis@physio-am-hafen.example", Day(4, 12), "change", quantity=Decimal(3)),
    _case("zoe.bjoerklund@post.example", Day(0, days=6), "cancel", note="Zieht mit dem Rad nach Kopenhagen."),
    _case("leonie.strass@post.example", Day(1, 5), "cancel", note="Zu schwer für den dritten Stock."),
    _case("leonie.strass@post.example", Day(1, 9), "withdraw"),
    _case("kf@vonderluehe.example", Day(2, 20), "cancel", n=1, ends=Day(2, 20), at_once=True,
          note="Auf eigenen Wunsch sofort, aus Kulanz."),
    # Files and words on the card.
    _case("buero@kurierelbe.example", Day(8, 3), "keep", name="Rahmenvertrag.txt", title="Rahmenvertrag 2026",
          text="Rahmenvertrag über sechs Lastenräder, Werkstatt inbegriffen."),
    _case("buero@kurierelbe.example", Day(8, 3), "keep", name="Schriftzug für die Räder.png"),
    _case("leonie.strass@post.example", Day(1, 5), "keep", name="Kündigung.txt", title="Kündigung",
          text="Bitte beenden Sie mein Abonnement; das Rad ist zu schwer für den dritten Stock."),
    _case("leonie.strass@post.example", Day(1, 9), "write", subject="Schön, dass Sie bleiben",
          text="{{ customer.greeting }}\n\nIhr Abonnement läuft weiter wie bisher."),
    # Usage, coupons, granted credit.
    _case("buero@kurierelbe.example", Day(8, 12), "use", quantity=Decimal("3.5"), article="RW-320"),
    _case("buero@kurierelbe.example", Day(5, 3), "use", quantity=Decimal("1.25"), article="RW-320"),
    _case("buero@kurierelbe.example", Day(5, 19), "use", quantity=Decimal(2), article="RW-320"),
    _case("buero@kurierelbe.example", Day(0, days=4), "use", quantity=Decimal("0.75"), article="RW-320"),
    _case("guel.demirtas@post.example", Day(3, 1), "redeem", code="WINTERRAD"),
    _case("seun.adebayo@post.example", Day(4, 2), "redeem", n=1, code="NACHBARN"),
    _case("chiara.dangelo@post.example", Day(3, 10), "redeem", code="RAD-GESCHENK-25"),
    _case("seamus@osuilleabhain.example", Day(3, 3), "grant", cents=1000,
          reason="Entschuldigung für die lange Wartezeit"),
    # Sold once: mixed rates, discounts, goods to the Union and beyond, the rate of zero.
    _case("anna.petersen@post.example", Day(6, 14), "sell", is_gross=True, articles=("RW-900", "RW-920", "RW-910")),
    _case("people@nordlicht-software.example", Day(4, 6), "sell", title="Fahrsicherheitstag", cash_discount=True,
          lines=(("Fahrsicherheitstraining", Decimal(14), Decimal("45.00"), "service", "standard", 0),)),
    _case("people@nordlicht-software.example", Day(4, 11), "pay_in_time"),
    _case("office@caglar-thiessen.example", Day(3, 18), "sell", title="Umbau des Fahrradkellers",
          lines=(("Ständer, verzinkt", Decimal(12), Decimal("89.50"), "goods", "standard", 10),
                 (_HOUR, Decimal("6.5"), Decimal("68.00"), "service", "standard", 0))),
    _case("facturen@fietsenfabriek.example", Day(3, 12), "sell", title="Used rental bikes",
          lines=(("Rental bike, refurbished", Decimal(6), Decimal("240.00"), "goods", "standard", 0),)),
    _case("buchhaltung@velozuerisee.example", Day(2, 14), "sell", title="Ersatzteile", currency="CHF",
          lines=(("Bremsbeläge, Paar", Decimal(40), Decimal("7.35"), "goods", "standard", 0),)),
    _case("schoenfelder@post.example", Day(5, 22), "sell", title="Solarmodul am Fahrradschuppen", is_gross=True,
          lines=(("Solarmodul 800 W mit Halterung", Decimal(1), Decimal("549.00"), "goods", "zero", 0),)),
    _case("hausverwaltung@kontorhaus.example", Day(2, 8), "sell", title="Fahrradständer am Speicher",
          articles=("RW-330",)),
    _case("service@bootshaus-alster.example", Day(0, days=2), "draft", title="Gästeräder zur Probe",
          lines=(("Leihrad, Wochenende", Decimal(8), Decimal("29.00"), "service", "standard", 5),)),
    # Taken back: in full, to be billed anew, and in part.
    _case("crew@elbfloss.example", Day(2, 9), "storno", reason="An die falsche Anschrift gestellt", again=True),
    _case("vorstand@sv-oevelgoenne.example", Day(4, 4), "storno", reason="Im Sommer war geschlossen"),
    _case("rezeption@zum-anker.example", Day(3, 6), "correct", quantity=Decimal(2), reason="Zwei Räder kamen nicht"),
    # Money that comes differently from what was asked.
    _case("buero@baeckerei-suessmilch.example", Day(2, 3), "overpay", cents=2000),
    _case("hausverwaltung@kontorhaus.example", Day(3, 2), "prepay", cents=50_000),
    _case("wiebke@stoertebeker.example", Day(1, 27), "write_off", reason="Insolvenz, keine Masse"),
    # Cards, PayPal and mandates; money that goes back.
    _case("hj@hohenhausen.example", Day(4, 15), "keep_method", card="paypal", payment_type=4),
    _case("anna.petersen@post.example", Day(2, 3), "keep_method", card="succeeds"),
    _case("anna.petersen@post.example", Day(0, days=13), "keep_method", card="paypal", payment_type=4, in_use=False),
    _case("oda@kroeger-hamburg.example", Day(0, days=84), "keep_method", card="succeeds"),
    _case("oda@kroeger-hamburg.example", Day(0, days=3), "refund", way="provider",
          reason="Termin ausgefallen, die Werkstatt war krank"),
    _case("katarina@novakova.example", Day(0, days=3), "keep_method", card="declines_soft"),
    _case("tereza.hajkova@post.example", Day(0, days=10), "keep_method", card="declines_hard"),
    _case("kf@vonderluehe.example", Day(3, 20), "sign_mandate", iban="DE02500105170137075030"),
    _case("minh.anh@post.example", Day(3, 25), "sign_mandate", iban="DE02100500000054540402"),
    _case("bjoern@groessmann-oeztuerk.example", Day(0, days=1), "refund", way="transfer",
          reason="Doppelt gebucht, das Rad war schon in der Durchsicht"),
    # Whom nobody reminds.
    _case("wiebke@stoertebeker.example", Day(0, days=31), "hold_reminders", reason="Insolvenzverfahren eröffnet"),
    _case("hallo@cafe-pedalo.example", Day(0, days=16), "hold_reminders", days=30,
          reason="Zahlung am Telefon zugesagt"),
    # Records that are there twice: one pair was merged, one is still to be found.
    _case("seun.adebayo@post.example", Day(3, 9), "come_again", first_name="Seun", last_name="Adebayo-Lüders",
          phone="+49 40 5550 4418", comment="Am Telefon neu angelegt, Heirat im Juni."),
    _case("seun.adebayo@post.example", Day(2, 23), "merge_twin", choices={"last_name": "other"}),
    _case("anna.petersen@post.example", Day(0, days=12), "come_again", first_name="Anna", last_name="Petersen",
          address="Wohlwillstraße 31", zipcode="20359", city="Hamburg", comment="Kam über das Kontaktformular."),
    # Parcels.
    _case("i.soerensen@uni.example", Day(5, 24), "ship", carrier="DHL", tracking="00340434161094021501"),
    _case("i.soerensen@uni.example", Day(2, 24), "ship", carrier="DHL", tracking="00340434161094021518"),
    _case("i.soerensen@uni.example", Day(2, 26), "ship", carrier="DHL", tracking="00340434161094021525"),
)  # fmt: skip

# Whose debit comes back once, for want of money on the account.
UNLUCKY = "minh.anh@post.example"

TEMPLATES: tuple[tuple[str, str, str], ...] = (
    ("Termin in der Werkstatt", "Ihr Rad in unserer Werkstatt",
     "{{ customer.greeting }}\n\nfür Ihr Rad ist ein Platz in der Werkstatt frei. Passt Ihnen der Termin?"),
    ("Bitte um Daten", "Bitte prüfen Sie Ihre Daten",
     "{{ customer.greeting }}\n\nunter dieser Adresse sehen und ändern Sie Ihre Daten:\n{{ customer.data_link }}"),
)  # fmt: skip
