"""The letters of reminders that are kept as pictures: a friendly one, and one with everything that can be asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from documents.reminder_paper import ReminderItem, ReminderPaper
from tests.documents.conftest import BUYER, HEAD

FIRST = ReminderPaper(
    letterhead=HEAD,
    buyer=BUYER,
    customer_number="K-10042",
    name="Zahlungserinnerung",
    number="RE-2026-00042",
    reminded_on=date(2026, 12, 14),
    pay_until=date(2026, 12, 21),
    greeting="Guten Tag Frau Dr. Müller-Lüdenscheidt,",
    text="im Alltag geht manches unter: Unsere Rechnung RE-2026-00042 war am 05.12.2026 fällig, und 1.469,06 € sind "
    "noch offen.\n\nBitte überweisen Sie 1.469,06 € bis zum 21.12.2026 auf unser Konto, "
    "unter Angabe der Rechnungsnummer.",
    items=(ReminderItem("Offen aus Rechnung RE-2026-00042 vom 21.11.2026", 146906, date(2026, 12, 5)),),
    currency="EUR",
)
LAST = replace(
    FIRST,
    name="Letzte Mahnung",
    reminded_on=date(2027, 1, 11),
    pay_until=date(2027, 1, 18),
    text="trotz unserer Erinnerungen sind 1.469,06 € aus unserer Rechnung RE-2026-00042 offen, seit dem 06.12.2026 "
    "sind Sie in Verzug.\n\nBitte überweisen Sie 1.522,13 € bis zum 18.01.2027.\n\n"
    "Bis dahin ist Ihr Abonnement ausgesetzt.",
    items=(
        *FIRST.items,
        ReminderItem("Mahngebühr, bereits angemahnt", 300, date(2026, 12, 28)),
        ReminderItem("Verzugszinsen, 9 Prozentpunkte über dem Basiszinssatz (§ 288 BGB)", 1007),
        ReminderItem("Verzugspauschale (§ 288 Abs. 5 BGB)", 4000),
    ),
    sandbox=True,
)


def reminder_cases() -> dict[str, ReminderPaper]:
    """The letters by the names of their pictures."""
    english = replace(
        FIRST, name="Payment reminder", language="en", letterhead=replace(HEAD, iban="", bic=""),
        buyer=replace(BUYER, organization="", country_code="AT", zipcode="1070", city="Wien"),
        greeting="Dear Dr. Müller-Lüdenscheidt,",
        text="our invoice RE-2026-00042 was due on 5 December 2026, and €1,469.06 is still open.",
        items=(ReminderItem("Open from invoice RE-2026-00042 of 21 November 2026", 146906, date(2026, 12, 5)),),
    )  # fmt: skip
    return {"reminder-first": FIRST, "reminder-last": LAST, "reminder-english": english}
