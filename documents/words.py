"""The fixed words of papers, German and English. A paper speaks its reader's language, not that of the screen."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

LANGUAGES: Final = ("de", "en")

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "invoice": ("Rechnung", "Invoice"),
    "cancellation": ("Stornorechnung", "Cancellation invoice"),
    "correction": ("Rechnungskorrektur", "Invoice correction"),
    "draft_mark": ("ENTWURF", "DRAFT"),
    "draft": ("Rechnungsentwurf", "Draft invoice"),
    "number": ("Rechnungsnummer", "Invoice number"),
    "issued": ("Rechnungsdatum", "Invoice date"),
    "original": ("Zu Rechnung", "For invoice"),
    "customer_number": ("Kundennummer", "Customer number"),
    "service_date": ("Leistungsdatum", "Date of supply"),
    "service_period": ("Leistungszeitraum", "Service period"),
    "due": ("Fällig am", "Due date"),
    "buyer_vat_id": ("Ihre USt-IdNr.", "Your VAT ID"),
    "delivery": ("Lieferanschrift", "Delivery address"),
    "position": ("Pos.", "No."),
    "description": ("Beschreibung", "Description"),
    "quantity": ("Menge", "Quantity"),
    "unit_price_net": ("Einzelpreis netto", "Unit price (net)"),
    "unit_price_gross": ("Einzelpreis brutto", "Unit price (gross)"),
    "vat": ("USt.", "VAT"),
    "amount_net": ("Betrag netto", "Amount (net)"),
    "amount_gross": ("Betrag brutto", "Amount (gross)"),
    "vat_rate": ("Steuersatz", "VAT rate"),
    "net": ("Netto", "Net"),
    "gross": ("Brutto", "Gross"),
    "net_total": ("Nettobetrag", "Net total"),
    "vat_total": ("Umsatzsteuer", "VAT"),
    "total": ("Rechnungsbetrag", "Invoice total"),
    "total_other": ("Gesamtbetrag", "Total"),
    "prepaid": ("Abzüglich Guthaben", "Less credit used"),
    "payable": ("Noch zu zahlen", "Left to pay"),
    "payee": ("Empfänger", "Payee"),
    "reference": ("Verwendungszweck", "Payment reference"),
    "amount": ("Betrag", "Amount"),
    "pay_until": ("Zahlbar bis", "Pay by"),
    "open_invoice": ("Offen aus Rechnung {number} vom {day}", "Open from invoice {number} of {day}"),
    "reminder_fee": ("Mahngebühr", "Reminder fee"),
    "reminder_interest": (
        "Verzugszinsen, {points} Prozentpunkte über dem Basiszinssatz (§ 288 BGB)",
        "Interest on arrears, {points} percentage points above the base rate (section 288 BGB)",
    ),
    "reminder_lump_sum": ("Verzugspauschale (§ 288 Abs. 5 BGB)", "Lump sum for late payment (section 288 (5) BGB)"),
    "asked_before": ("{what}, bereits angemahnt", "{what}, asked for before"),
    "regards": ("Mit freundlichen Grüßen", "Kind regards"),
    "suspended": (
        "Ihr Abonnement ruht, bis die Rechnung ausgeglichen ist.",
        "Your subscription is suspended until the invoice is settled.",
    ),
    "phone": ("Telefon", "Phone"),
    "seat": ("Sitz", "Registered office"),
    "directors": ("Geschäftsführung", "Managing directors"),
    "vat_id": ("USt-IdNr.", "VAT ID"),
    "tax_number": ("Steuernummer", "Tax number"),
    "statement": ("Kontoauszug", "Account statement"),
    "period": ("Zeitraum", "Period"),
    "drawn_on": ("Erstellt am", "Drawn on"),
    "date": ("Datum", "Date"),
    "movement": ("Vorgang", "Movement"),
    "document": ("Beleg", "Document"),
    "balance": ("Saldo", "Balance"),
    "open": ("Offen", "Open"),
    "opening_balance": ("Anfangssaldo", "Opening balance"),
    "closing_balance": ("Saldo am", "Balance on"),
    "open_items": ("Offene Posten am", "Open items on"),
    "your_credit": ("Ihr Guthaben", "Your credit"),
    "no_movements": (
        "In diesem Zeitraum und davor wurde nichts gebucht.",
        "Nothing was booked in or before this period.",
    ),
    "statement_note": (
        "Ein Saldo ohne Vorzeichen ist noch zu zahlen, einer mit Minus ist Ihr Guthaben.",
        "A balance without a sign is still to be paid, one with a minus is your credit.",
    ),
    "entry_invoice": ("Rechnung", "Invoice"),
    "entry_cancellation": ("Stornorechnung", "Cancellation invoice"),
    "entry_correction": ("Rechnungskorrektur", "Invoice correction"),
    "entry_payment": ("Zahlung", "Payment"),
    "entry_cash_discount": ("Skonto", "Cash discount"),
    "entry_write_off": ("Ausbuchung", "Write-off"),
    "entry_payout": ("Auszahlung von Guthaben", "Credit paid out"),
    "entry_credit_used": ("Verrechnung von Guthaben", "Credit used"),
    "entry_credit_applied": ("Verrechnung von Guthaben", "Credit used"),
    "entry_refund": ("Rückzahlung", "Refund"),
    "entry_refund_ordered": ("Rückzahlung", "Refund"),
    "entry_refund_returned": ("Rückzahlung zurückgenommen", "Refund taken back"),
    "entry_chargeback": ("Rückbuchung", "Returned payment"),
    "entry_returned_debit": ("Rücklastschrift", "Returned direct debit"),
    "entry_double_payout": ("Zweimal ausgezahlt", "Paid out twice"),
    "entry_fee": ("Gebühr", "Fee"),
    "entry_interest": ("Zinsen", "Interest"),
    "entry_lump_sum": ("Pauschale", "Lump sum"),
    "entry_fee_reversal": ("Gebühr oder Zinsen entfallen", "Fee or interest taken off"),
    "entry_reversal": ("Zurückgenommen", "Undone"),
    "undone": ("Zurückgenommen: {what}", "Undone: {what}"),
    "item_invoice": ("Rechnung", "Invoice"),
    "item_fee": ("Gebühr", "Fee"),
    "item_interest": ("Zinsen", "Interest"),
    "item_lump_sum": ("Pauschale", "Lump sum"),
    "item_deposit": ("Kaution", "Deposit"),
    "page": ("Seite {page} von {pages}", "Page {page} of {pages}"),
    "mr": ("Herr", "Mr"),
    "mrs": ("Frau", "Ms"),
    "family": ("Familie", "Family"),
}


def words(language: str) -> MappingProxyType[str, str]:
    """The words of one language by their key; English for every language but German."""
    return _BY_LANGUAGE["de" if language == "de" else "en"]


_BY_LANGUAGE: Final = {
    language: MappingProxyType({key: pair[index] for key, pair in _WORDS.items()})
    for index, language in enumerate(LANGUAGES)
}
