"""The sentences of papers that Kontor brings along, German and English.

Papers that were issued before texts could be changed carry no set of texts; they say what `FIRST_RELEASE` says, for
ever. A better wording goes into `BUILT_IN` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FIRST_RELEASE: Final[Mapping[str, tuple[str, str]]] = {
    "intro": ("", ""),
    "payment_transfer": (
        "Bitte überweisen Sie {{ invoice.amount }} bis zum {{ invoice.due }} unter Angabe der Rechnungsnummer "
        "{{ invoice.number }}.",
        "Please transfer {{ invoice.amount }} by {{ invoice.due }}, quoting invoice number {{ invoice.number }}.",
    ),
    "payment_debit": (
        "Wir ziehen {{ invoice.amount }} zum {{ invoice.due }} per Lastschrift ein. Sie brauchen nichts zu tun.",
        "We will collect {{ invoice.amount }} by direct debit on {{ invoice.due }}. There is nothing you need to do.",
    ),
    "payment_cash": (
        "Bitte zahlen Sie {{ invoice.amount }} bis zum {{ invoice.due }} in bar.",
        "Please pay {{ invoice.amount }} in cash by {{ invoice.due }}.",
    ),
    "payment_paypal": (
        "Bitte zahlen Sie {{ invoice.amount }} bis zum {{ invoice.due }} über PayPal.",
        "Please pay {{ invoice.amount }} by {{ invoice.due }} through PayPal.",
    ),
    "payment_prepayment": (
        "Bitte überweisen Sie {{ invoice.amount }} im Voraus, spätestens bis zum {{ invoice.due }}, unter Angabe der "
        "Rechnungsnummer {{ invoice.number }}.",
        "Please transfer {{ invoice.amount }} in advance, by {{ invoice.due }} at the latest, quoting invoice number "
        "{{ invoice.number }}.",
    ),
    "payment_card": (
        "Wir belasten Ihre Kreditkarte mit {{ invoice.amount }}. Sie brauchen nichts zu tun.",
        "We will charge {{ invoice.amount }} to your credit card. There is nothing you need to do.",
    ),
    "nothing_due": ("Es ist nichts zu zahlen.", "There is nothing to pay."),
    # § 14(4) Nr. 7 UStG: an agreed reduction of the price has to be named.
    "cash_discount": (
        "Bei Zahlung bis zum {{ discount.date }} gewähren wir {{ discount.percent }} Skonto ({{ discount.amount }}).",
        "If you pay by {{ discount.date }}, you may deduct a cash discount of {{ discount.percent }} "
        "({{ discount.amount }}).",
    ),
    "corrects": (
        "Diese Rechnung korrigiert die Rechnung {{ original.number }} vom {{ original.date }}.",
        "This document corrects invoice {{ original.number }} of {{ original.date }}.",
    ),
    "cancels": (
        "Diese Rechnung hebt die Rechnung {{ original.number }} vom {{ original.date }} auf.",
        "This document cancels invoice {{ original.number }} of {{ original.date }}.",
    ),
    "service_period": ("Leistungszeitraum: {{ delivery.text }}", "Service period: {{ delivery.text }}"),
    "closing": ("", ""),
}

BUILT_IN: Final[Mapping[str, tuple[str, str]]] = {
    **FIRST_RELEASE,
    # § 286 (3) BGB: a consumer is in default after 30 days only where the invoice says so (MAH-1).
    "consumer_notice": (
        "Hinweis für Verbraucher: Sie geraten spätestens in Verzug, wenn Sie nicht innerhalb von 30 Tagen nach "
        "Fälligkeit und Zugang dieser Rechnung zahlen (§ 286 Abs. 3 BGB).",
        "Notice for consumers: you will be in default at the latest if you do not pay within 30 days after this "
        "invoice is due and received (section 286 (3) of the German Civil Code).",
    ),
    # SEP-2: the pre-notification names amount, day, creditor ID and mandate.
    "debit_announced": (
        "Wir ziehen {{ invoice.amount }} am {{ debit.date }} per SEPA-Lastschrift von Ihrem Konto {{ debit.account }} "
        "ein (Gläubiger-Identifikationsnummer {{ debit.creditor }}, Mandatsreferenz {{ debit.mandate }}). Sie brauchen "
        "nichts zu tun.",
        "We will collect {{ invoice.amount }} on {{ debit.date }} by SEPA direct debit from your account "
        "{{ debit.account }} (creditor identifier {{ debit.creditor }}, mandate reference {{ debit.mandate }}). There "
        "is nothing you need to do.",
    ),
    # M2-19: where the payment came before the invoice, nothing is announced that has happened already.
    "collected": (
        "Wir haben {{ invoice.amount }} am {{ payment.date }} {{ payment.way }} eingezogen. Vielen Dank, Sie brauchen "
        "nichts mehr zu tun.",
        "We collected {{ invoice.amount }} {{ payment.way }} on {{ payment.date }}. Thank you, there is nothing left "
        "for you to do.",
    ),
    "credited": (
        "Davon waren {{ credit.amount }} bereits bezahlt. Wir schreiben sie Ihrem Guthaben zu.",
        "{{ credit.amount }} of this had been paid already. We add it to your credit balance.",
    ),
    # M2-13: every reminder asks for a transfer. The table beside it names each sum and the law that it rests on.
    "reminder_1": (
        "vielleicht ist es Ihnen im Alltag entgangen: Unsere Rechnung {{ invoice.number }} vom {{ invoice.date }} war "
        "am {{ invoice.due }} fällig, und {{ reminder.open }} sind noch offen.\n\n"
        "Bitte überweisen Sie {{ reminder.total }} bis zum {{ reminder.until }} auf unser Konto, unter Angabe der "
        "Rechnungsnummer. Hat sich das mit Ihrer Zahlung überschnitten, brauchen Sie nichts weiter zu tun; dann danken "
        "wir Ihnen.{% if reminder.note %}\n\n{{ reminder.note }}{% endif %}",
        "perhaps it slipped your mind: our invoice {{ invoice.number }} of {{ invoice.date }} was due on "
        "{{ invoice.due }}, and {{ reminder.open }} is still open.\n\n"
        "Please transfer {{ reminder.total }} to our account by {{ reminder.until }}, quoting the invoice number. If "
        "your payment has crossed with this letter, there is nothing more you need to do; thank you."
        "{% if reminder.note %}\n\n{{ reminder.note }}{% endif %}",
    ),
    "reminder_2": (
        "wir haben Sie bereits an unsere Rechnung {{ invoice.number }} vom {{ invoice.date }} erinnert. Seit dem "
        "{{ invoice.due }} sind {{ reminder.open }} offen; bis heute konnten wir keine Zahlung feststellen.\n\n"
        "Wir bitten Sie, {{ reminder.total }} bis zum {{ reminder.until }} auf unser Konto zu überweisen, unter Angabe "
        "der Rechnungsnummer. Können Sie gerade nicht zahlen, oder stimmt etwas nicht, dann sprechen Sie bitte mit "
        "uns.{% if reminder.note %}\n\n{{ reminder.note }}{% endif %}",
        "we have reminded you of our invoice {{ invoice.number }} of {{ invoice.date }} before. {{ reminder.open }} "
        "has been open since {{ invoice.due }}; until today we have not seen a payment.\n\n"
        "Please transfer {{ reminder.total }} to our account by {{ reminder.until }}, quoting the invoice number. If "
        "you cannot pay at the moment, or something is wrong, please talk to us."
        "{% if reminder.note %}\n\n{{ reminder.note }}{% endif %}",
    ),
    "reminder_3": (
        "unsere Rechnung {{ invoice.number }} vom {{ invoice.date }} ist trotz unserer Erinnerungen nicht bezahlt. Sie "
        "sind mit {{ reminder.open }} in Verzug.\n\n"
        "Wir fordern Sie auf, {{ reminder.total }} bis zum {{ reminder.until }} auf unser Konto zu überweisen, unter "
        "Angabe der Rechnungsnummer. Haben Sie Einwände oder wünschen Sie eine Ratenzahlung, dann melden Sie sich "
        "bitte bis zu diesem Tag.{% if reminder.note %}\n\n{{ reminder.note }}{% endif %}",
        "our invoice {{ invoice.number }} of {{ invoice.date }} has not been paid in spite of our reminders. You are "
        "in default with {{ reminder.open }}.\n\n"
        "We ask you to transfer {{ reminder.total }} to our account by {{ reminder.until }}, quoting the invoice "
        "number. If you have objections or would like to pay in instalments, please let us know by that day."
        "{% if reminder.note %}\n\n{{ reminder.note }}{% endif %}",
    ),
    "reminder_4": (
        "dies ist unsere letzte Mahnung zur Rechnung {{ invoice.number }} vom {{ invoice.date }}. {{ reminder.open }} "
        "sind seit dem {{ invoice.due }} offen.\n\n"
        "Bitte überweisen Sie {{ reminder.total }} bis zum {{ reminder.until }} auf unser Konto, unter Angabe der "
        "Rechnungsnummer. Geht bis dahin nichts ein, behalten wir uns gerichtliche Schritte vor; die Kosten dafür "
        "hätten Sie zu tragen. Das möchten wir Ihnen und uns ersparen.{% if reminder.note %}\n\n{{ reminder.note }}"
        "{% endif %}",
        "this is our last reminder of invoice {{ invoice.number }} of {{ invoice.date }}. {{ reminder.open }} has been "
        "open since {{ invoice.due }}.\n\n"
        "Please transfer {{ reminder.total }} to our account by {{ reminder.until }}, quoting the invoice number. If "
        "nothing arrives by then, we reserve the right to go to court, at your cost. We would rather spare you and us "
        "that.{% if reminder.note %}\n\n{{ reminder.note }}{% endif %}",
    ),
}
