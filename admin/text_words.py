"""What texts and their placeholders are called, and what they are for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from admin.words import kind_label

# Texts of papers: what they are called, and where they stand.
PAPERS: Mapping[str, tuple[Any, Any]] = {
    "intro": (_l("Words above the lines"), _l("Empty as it comes.")),
    "payment_transfer": (_l("Payment by bank transfer"), _l("How and until when to pay.")),
    "payment_debit": (_l("Payment by direct debit"), _l("That the amount will be collected.")),
    "payment_cash": (_l("Payment in cash"), _l("How and until when to pay.")),
    "payment_paypal": (_l("Payment through PayPal"), _l("How and until when to pay.")),
    "payment_prepayment": (_l("Prepayment"), _l("How and until when to pay.")),
    "payment_card": (_l("Payment by credit card"), _l("That the amount will be collected.")),
    "nothing_due": (_l("Nothing to pay"), _l("When the amount is nothing or paid already.")),
    "cash_discount": (_l("Cash discount"), _l("When one was agreed; the law wants it named.")),
    "corrects": (_l("Reference of a correction"), _l("Which invoice is corrected.")),
    "cancels": (_l("Reference of a cancellation"), _l("Which invoice is cancelled.")),
    "debit_announced": (
        _l("Announcement of a direct debit"),
        _l(
            "On invoices that we collect ourselves: amount, day, creditor ID and mandate. The law of "
            "SEPA asks for all four."
        ),
    ),
    "consumer_notice": (
        _l("Notice for consumers"),
        _l("On invoices to consumers: without it they are in default only after a reminder (section 286 (3) BGB)."),
    ),
    "collected": (
        _l("Payment that came before the invoice"),
        _l("On invoices that were charged to a card, PayPal or by the provider's debit before they were made."),
    ),
    "credited": (_l("Credit from a correction"), _l("On corrections, where something had been paid.")),
    "service_period": (_l("Service period"), _l("When it is no span of days.")),
    "reminder_1": (_l("Reminder, first level"), _l("Friendly: perhaps it was overlooked.")),
    "reminder_2": (_l("Reminder, second level"), _l("Firmer, and still offering to talk.")),
    "reminder_3": (_l("Reminder, third level"), _l("The customer is in default.")),
    "reminder_4": (
        _l("Reminder, fourth level and all beyond it"),
        _l("The last words before other steps. Court costs may be named, threats may not."),
    ),
    "closing": (_l("Words at the end"), _l("Empty as it comes.")),
}
# When a mail is sent.
MAILS: Mapping[str, Any] = {
    "invoice": _l("Brings the customer the invoice as a PDF."),
    "invoice_message": _l("When somebody sends an invoice once more, by hand or through the interface."),
    "run_report": _l("After each billing run, to the address in the company's data."),
    "checks_report": _l("After the nightly check of the books."),
    "staff_access": _l("To a person who is given access."),
    "staff_reset": _l("To a person who forgot the password, with a link to choose a new one."),
    "staff_changed": _l("To a person whose role or access has changed."),
    "staff_password": _l("To a person whose password was chosen anew."),
    "staff_second_factor": _l("To a person whose second factor was switched on or off, put back, or passed by a code."),
    "customer_message": _l("When somebody writes to a customer from the record."),
    "mail_test": _l("When somebody tries out the mail server in the settings."),
    "customer_code": _l("When a customer changes an e-mail address or payment data that are there."),
    "customer_changed": _l("To the address known before, after such a change."),
    "customer_invitation": _l("To a customer who is invited to the customer portal, with a link to choose a password."),
    "customer_reset": _l("To a customer who forgot the portal password, with a link to choose a new one."),
    "customer_password": _l("To a customer whose portal password was changed, by us or by themselves."),
    "payment_data": _l("When a subscription is booked and the customer is to enter the payment data."),
    "payment_declined": _l("When a payment could not be taken, with the link to the payment data."),
    "payment_action": _l("When the customer's bank asks them to confirm a payment, with the page for that."),
    "payment_expiring": _l("30 days before a card ends that a customer pays by, with the link to the payment data."),
    "debit_returned": _l("When a direct debit came back: why, and what happens next."),
    "payment_charged_back": _l("When a payment was charged back and the bank's fee for it is asked of the customer."),
    "refund_paid": _l("When money went back to the customer: how much, for which invoice, by which way."),
    "debit_again": _l("When a direct debit is collected on another day than was announced."),
    "debit_cancelled": _l("When an announced direct debit will not come since its mandate is over: how to pay now."),
    "reminder": _l("With each reminder; what it says at which level stands among the papers."),
    "closing": _l("Stands where another mail says {{ closing }}."),
}
PLACEHOLDERS: Mapping[str, Any] = {
    "debit.date": _l("Day of the direct debit"),
    "payment.date": _l("Day on which the payment was accepted"),
    "payment.way": _l("How it was collected"),
    "debit.account": _l("Account that is debited, masked"),
    "debit.creditor": _l("Creditor identifier of the company"),
    "debit.mandate": _l("Reference of the mandate"),
    "debit.next": _l("What happens next: how to pay, or the announcement of the next direct debit"),
    "debit.items": _l("List of the announced direct debits, with number, amount and date"),
    "debit.fee": _l("Fee of the bank that is asked of the customer, may be empty"),
    "customer.greeting": _l("Greeting with the name, fitting the salutation"),
    "customer.name": _l("Name of the customer"),
    "customer.organization": _l("Company of the customer, may be empty"),
    "customer.number": _l("Customer number"),
    "customer.data_link": _l("Address where the customer looks after their own data, without login"),
    "invoice.kind": _l("Kind of the paper, such as invoice"),
    "invoice.number": _l("Number of the paper"),
    "invoice.date": _l("Date of the paper"),
    "invoice.due": _l("Last day to pay"),
    "invoice.amount": _l("Amount of the paper; on the paper itself what is still to be paid"),
    "invoice.period": _l("Service period, may be empty"),
    "invoice.payment": _l("The sentences on payment, as on the paper"),
    "subscription.title": _l("Title of the subscription"),
    "payment.subject": _l("What is paid for: number or title"),
    "payment.method": _l("The payment method, with its last four digits"),
    "payment.reason": _l("Why the payment was not taken, in a sentence"),
    "payment.amount": _l("The amount of the payment"),
    "refund.amount": _l("The amount that went back"),
    "refund.way": _l("How it comes back, such as to the card with its last four digits"),
    "refund.invoice": _l("Number of the invoice that had been paid"),
    "refund.document": _l("Kind of the document that it follows from, such as cancellation invoice"),
    "refund.number": _l("Number of that document"),
    "reminder.level": _l("Name of the level, such as Zahlungserinnerung"),
    "reminder.date": _l("Date of the reminder"),
    "reminder.until": _l("Last day to pay after this reminder"),
    "reminder.open": _l("What is still open of the invoice"),
    "reminder.fee": _l("Fee of this reminder, empty where there is none"),
    "reminder.interest": _l("Interest on arrears of this reminder, empty where there is none"),
    "reminder.lump_sum": _l("Lump sum of this reminder, empty where there is none"),
    "reminder.total": _l("Everything that is to be paid: invoice, fees and interest"),
    "reminder.note": _l("That the subscription is switched off, empty otherwise"),
    "reminder.text": _l("The words of the level, as on the letter"),
    "reminder.items": _l("List of the sums, with what and amount"),
    "reminder.payee": _l("Who receives the transfer"),
    "reminder.iban": _l("Our IBAN, may be empty"),
    "reminder.bic": _l("Our BIC, may be empty"),
    "invoice.link": _l("Address that opens the PDF without login, may be empty"),
    "message.subject": _l("Subject that was given for this mail, may be empty"),
    "message.text": _l("Words that were written for this mail, may be empty"),
    "discount.date": _l("Last day of the cash discount"),
    "discount.percent": _l("Cash discount in percent"),
    "discount.amount": _l("Cash discount as an amount"),
    "original.number": _l("Number of the invoice that is corrected"),
    "original.date": _l("Date of the invoice that is corrected"),
    "credit.amount": _l("Amount that is added to the credit balance"),
    "delivery.text": _l("When it was delivered, in words"),
    "run.date": _l("Day up to which was billed"),
    "run.due": _l("Number of invoices that were due"),
    "run.issued": _l("Number of invoices that were issued"),
    "run.skipped": _l("Number of invoices that were skipped"),
    "run.failed": _l("Number of invoices that were parked"),
    "run.sums": _l("List of the sums of each currency, with net and gross"),
    "run.parked": _l("List of the parked customers, with customer and reason"),
    "run.more": _l("Number of further entries that the list leaves out"),
    "check.date": _l("Day of the check"),
    "check.count": _l("Number of findings"),
    "check.notes": _l("List of what somebody has to see to though the books are right"),
    "check.findings": _l("List of the findings, with rule, table, row and code"),
    "check.more": _l("Number of further entries that the list leaves out"),
    "check.seal": _l("Last seal of the audit trail, may be empty"),
    "check.seal_number": _l("Number of that seal"),
    "check.seal_entries": _l("Number of entries that the seal covers"),
    "code": _l("The code of six digits"),
    "minutes": _l("For how many minutes the code is valid"),
    "payment.until": _l("Last day on which the payment method is valid"),
    "date": _l("Day of the change"),
    "fields": _l("List of the changed fields, with name"),
    "email": _l("E-mail address of the login"),
    "name": _l("Name of the person"),
    "role": _l("Role of the person"),
    "link": _l("Address to go on with"),
    "by": _l("Who caused it, may be empty"),
    "until": _l("Until when the link holds"),
    "at": _l("When it happened, day and time"),
    "open": _l("Whether the person may log in; for conditions"),
    "deed": _l("What happened: on, off, reset or recovery; for conditions"),
    "closing": _l("The closing words of all mails"),
    "company.name": _l("Name of our company"),
    "company.contact": _l("Contact at our company, may be empty"),
    "company.phone": _l("Our telephone, may be empty"),
    "company.email": _l("Our e-mail address, may be empty"),
    "company.website": _l("Our website, may be empty"),
}


def label(kind: str, name: str) -> Any:
    """What a text is called."""
    return kind_label("template", name) if kind == "mail" else PAPERS[name][0]


def sentence(kind: str, name: str) -> Any:
    """When and where it is used."""
    return MAILS.get(name, "") if kind == "mail" else PAPERS[name][1]


def of_activity(text: str) -> str:
    """The name of a text as activities tell it: kind and name with a dot."""
    kind, _, name = text.partition(".")
    known = name in PAPERS if kind == "paper" else True
    return str(label(kind, name)) if known else text
