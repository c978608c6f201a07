"""The words for fields and facts that an activity or a parked customer tells: the labels of the forms, and values as
people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l

import gateways
from admin import formats, problem_words, reason_words, text_words, words
from admin.api_keys import ApiKeyForm
from admin.company import CompanyForm
from admin.customer_form import CustomerForm
from admin.number_ranges import NumberRangeForm
from admin.permission_words import permission_label
from admin.products import ProductForm
from admin.record_words import CHOICES, HOLDINGS
from admin.roles import RoleForm
from admin.staff import StaffForm
from admin.subscriptions import SubscriptionForm

_FORMS = (ApiKeyForm, NumberRangeForm, RoleForm, StaffForm, SubscriptionForm, ProductForm, CompanyForm, CustomerForm)
# What no form asks for, or what means something else in an activity.
_FACTS: Mapping[str, Any] = {
    "filename": _l("File"), "attachments": _l("Attachments"),
    "attachment": _l("Attachment"), "template": _l("Kind"), "happened_on": _l("Date"), "note_kind": _l("Kind"),
    "bank": _l("Bank data and mandate"), "provider": _l("Payment provider"),
    "other_number": _l("Merged record"), "choices": _l("Chosen"), "moved": _l("Moved over"),
    "registered_at": _l("Registered"), "legal_hold": _l("Legal hold"), "retain_until": _l("To be kept until"),
    "coupon": _l("Coupon"), "coupon_id": _l("Coupon"), "usage_id": _l("Usage record"),
    "used_on": _l("Used on"), "grant_id": _l("Granted credit"), "product_ids": _l("Products"),
    "amount": _l("Amount"), "amount_cents": _l("Amount"), "open_cents": _l("Still open"),
    "positions": _l("Lines"), "service_from": _l("Day of supply"), "delivery_text": _l("Day of supply"),
    "received_on": _l("Received on"), "recipients": _l("E-mails"), "correction": _l("Correcting document"),
    "fallen_cents": _l("Fees and interest that fell with it"),
    "credited_cents": _l("Added to the credit balance"), "billed_again": _l("To be billed again"),
    "last_day": _l("Last day"), "extraordinary": _l("Extraordinary cancellation"), "note": _l("Note"),
    "effective_on": _l("Holds from"), "new_day": _l("New billing day"), "period_start": _l("Period from"),
    "ended": _l("Ended"), "begun": _l("Begun"),
    "method": _l("Paid by"), "credit_cents": _l("Kept as credit"), "discount_cents": _l("Cash discount"),
    "tracking_number": _l("Tracking number"), "shipped_on": _l("Sent on"), "carrier": _l("Carrier"),
    "option": _l("Option"), "articles": _l("Articles"),
    "to_number": _l("To invoice"), "to_customer_id": _l("To customer"),
    "dunning_hold_until": _l("No reminders until"), "dunning_hold_reason": _l("Why no reminders are sent"),
    "reference": _l("Reference"), "signed_on": _l("Signed on"), "scheme": _l("Scheme"), "code": _l("Code of the bank"),
    "mandate": _l("SEPA direct debit mandate"), "wanted": _l("To be changed"),
    "lines": _l("Movements"), "known": _l("Known before"), "closed_on": _l("Until"), "booked_on": _l("Booked on"),
    "iban": _l("Account"), "payments": _l("Payments"),
    "attempt": _l("Attempt"), "article_number": _l("Article number"), "currency": _l("Currency"),
    "customer_id": _l("Customer"), "customers": _l("Customers"), "due": _l("Due now"), "due_on": _l("Due on"),
    "enabled": _l("Enabled"), "error": _l("Reason"), "failed": _l("Left out"), "fields": _l("Missing"),
    "gross_cents": _l("Amount"), "issued": _l("Issued"), "logo_file_id": _l("Logo"), "mode": _l("Mode"),
    "name": _l("Name"), "net_cents": _l("Net"), "number": _l("Number"), "on": _l("Billed up to"),
    "outcome": _l("Result"), "permissions": _l("Permissions"), "plan_ids": _l("Plans"), "reason": _l("Reason"),
    "by_mail": _l("By e-mail"), "letter": _l("As a letter"), "days_to_pay": _l("Days to pay"),
    "consumer_fee_cents": _l("Fee of consumers"), "with_interest": _l("With interest"),
    "with_lump_sum": _l("With the lump sum"), "collect_before": _l("Collect again before"),
    "deactivate_after": _l("Deactivate the subscription afterwards"), "days": _l("Days after the due date"),
    "deactivation_text": _l("Line about the deactivation"),
    "gateway": _l("Payment provider"), "provider_said": _l("The provider's answer"),
    "decline_kind": _l("Kind of the refusal"),
    "method_kind": _l("Payment method"), "last4": _l("Last four digits"), "expires_on": _l("Valid until"),
    "wrong_amount": _l("Another amount than asked for"), "retry_days": _l("Tries after so many days"),
    "action_days": _l("Days to confirm a payment"), "on_declined": _l("Issue an invoice although the payment failed"),
    "after_giving_up": _l("The contract after that"), "four_eyes_cents": _l("Second person above this amount"),
    "prenotice_days": _l("Days of notice before a debit"),
    "role": _l("Role"), "role_id": _l("Role"), "skipped": _l("Skipped"), "status": _l("Status"),
    "list_name": _l("List"), "format": _l("Format"), "rows": _l("Rows"),
    "to_day": _l("To the day"), "totals": _l("Total"), "text": _l("Text"), "subject": _l("Subject"), "body": _l("Text"),
    "theme": _l("Look"), "page_size": _l("Rows on a page"), "count": _l("Number"),
    "left": _l("Left"), "way": _l("Way"), "waits": _l("Waits for approval"), "went": _l("It went"),
    "twice_cents": _l("Paid out twice"),
    "interval_unit": _l("Rhythm"), "interval_count": _l("Rhythm"), "trial_unit": _l("Trial"),
    "trial_count": _l("Trial"), "term_unit": _l("Minimum term"), "term_count": _l("Minimum term"),
    "renewal_unit": _l("Renewal"), "renewal_count": _l("Renewal"), "notice_unit": _l("Notice period"),
    "notice_count": _l("Notice period"), "kind": _l("Kind"), "version": _l("Version"),
    "small_business_id": _l("Small business number"), "allowed_payment_types": _l("Allowed payment methods"),
    "payment_provider": _l("Payment provider"), "payment_token": _l("Token of the payment provider"),
    "bank_account_owner_address": _l("Account holder: street and number"),
    "bank_account_owner_zipcode": _l("Account holder: postcode"), "bank_account_owner_city": _l("Account holder: city"),
    "bank_account_owner_email": _l("Account holder: e-mail"), "bank_account_number": _l("Account number"),
    "bank_code": _l("Bank code"), "x_attributes": _l("Further attributes"), "translations": _l("Translations"),
    "features": _l("Features"), "return_url_success": _l("Return address after success"),
    "return_url_cancel": _l("Return address after a stop"),
    "seller_name": _l("Our name"), "seller_address": _l("Our street and number"), "seller_zipcode": _l("Our postcode"),
    "seller_city": _l("Our city"), "seller_tax_number": _l("Our tax number or VAT ID"),
    "seller_vat_id": _l("Our VAT ID"),
    "service_period": _l("Time of supply"),
    "location_evidence": _l("Second proof of the country, such as an IBAN from there"),
    "vat_check": _l("Check of VAT IDs"), "vat_check_days": _l("Check again after days"),
    "vat_rely_days": _l("Rely on a good answer for days"), "vat_unconfirmed": _l("Without a good answer"),
    "oss_from": _l("Rates of the consumer's country from"), "valid_from": _l("In force from"), "percent": _l("Rate"),
    "category": _l("VAT"), "sums": _l("Sums"), "pieces": _l("Parts"),
    "request_id": _l("Number of the request"), "result": _l("Result"),
    "hold_reason": _l("Reason of the hold"), "hold_until": _l("Hold until"), "parts": _l("Instalments"),
    "level": _l("Dunning level"), "level_name": _l("Name of the level"), "levels": _l("Dunning levels"),
    "pay_until": _l("To be paid until"), "fee_cents": _l("Fee"), "interest_cents": _l("Interest"),
    "lump_sum_cents": _l("Lump sum"), "examined": _l("Examined"), "reminded": _l("Reminded"),
    "collected": _l("Collected first"), "held": _l("Left alone"), "is_automatic": _l("By itself, every morning"),
    "grace_bank_days": _l("Bank days of grace"), "minimum_cents": _l("Not below"),
    "days_between": _l("Days between two levels at least"), "consumer_fee_cap_cents": _l("Highest fee of a consumer"),
    "statement_days": _l("Warn after days without a bank statement"),
}  # fmt: skip
_KIND_OF: Mapping[str, str] = {"method": "method", "method_kind": "method", "way": "refund_way",
    "customer_type": "customer", "salutation": "salutation", "vat_category": "vat", "supply_kind": "supply",
    "payment_type": "payment", "invoice_delivery_method": "delivery", "einvoice_format": "einvoice",
    "language_code": "language", "theme": "theme", "scope": "scope", "mode": "mode", "kind": "product",
}  # fmt: skip
_OUTCOMES: Mapping[str, Any] = {
    "erased": _l("Erased"), "restricted": _l("Kept as long as the law asks, locked"), "paid": _l("Paid"),
    "broken": _l("Not kept"), "settled": _l("Paid otherwise"),
"decided": _l("Decided by a person"), "withdrawn": _l("Withdrawn"),
}  # fmt: skip
_DECLINES: Mapping[str, Any] = {
    "soft": _l("For this time"), "hard": _l("For good"), "action": _l("The customer has to confirm"),
}  # fmt: skip
_LETTERS: Mapping[str, Any] = {
    "never": _l("never"), "no_mail": _l("only without an e-mail address"), "always": _l("always"),
}  # fmt: skip
_REASONS: Mapping[str, Any] = {
    "decided": _l("Decided by a person"), "no_method": _l("No payment data"), "expired": _l("Card has expired"),
    "held": _l("Method is not charged by itself any more"),
}  # fmt: skip
_COUNTED = (
    "due", "issued", "skipped", "failed", "customers", "attempt", "level", "examined", "reminded", "collected", "held",
)  # fmt: skip
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def field_label(name: str) -> Any:
    """The word for a field or a fact; an unknown one without its underlines."""
    if name in _FACTS:
        return _FACTS[name]
    for form in reversed(_FORMS):
        field = getattr(form, name, None)
        if field is not None and hasattr(field, "args"):
            return field.args[0]
    return name.replace("_", " ")


def told(name: str, value: Any, currency: str = "") -> str:
    """A value of that field as people write it; amounts are in cents of the currency."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return str(words.state_label("yes_no", value)[0])
    if name in ("choices", "moved") and isinstance(value, Mapping):
        return "; ".join(_of_merge(key, part) for key, part in sorted(value.items())) or "–"
    if name == "totals" and isinstance(value, Mapping):
        return ", ".join(formats.money(sums[1], code) for code, sums in sorted(value.items())) or "–"
    if name == "permissions":
        return ", ".join(permission_label(permission) for permission in value) or "–"
    if name in ("fields", "wanted"):
        return ", ".join(str(field_label(field)) for field in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{field_label(part)}: {told(part, of)}" for part, of in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(told("", part, currency) for part in value)
    return _single(name, value, currency)


def _of_merge(key: str, part: Any) -> str:
    """A field and whose value it got, or a table and how many of its rows moved."""
    if isinstance(part, int):
        return f"{HOLDINGS.get(key, key.replace('_', ' '))}: {formats.quantity(part)}"
    return f"{field_label(key)}: {CHOICES.get(str(part), part)}"


def _single(name: str, value: Any, currency: str) -> str:
    if name.endswith("_cents") and isinstance(value, int):
        return formats.money(value, currency) or formats.quantity(value)
    if name == "quantity":
        return formats.quantity(Decimal(value))
    if name in ("unit_price", "setup_fee"):
        return formats.price(Decimal(value), currency) if currency else formats.quantity(Decimal(value))
    if name in _COUNTED and isinstance(value, int):
        return formats.quantity(value)
    if name in _KIND_OF:
        return str(words.kind_label(_KIND_OF[name], value))
    if name == "status":
        return str(words.state_label("customer", value)[0])
    if name.endswith("_unit"):
        return str(UNITS.get(str(value), value))
    if name == "outcome":
        return str(_OUTCOMES.get(str(value), value))
    if name in ("gateway", "payment_provider"):
        return gateways.title_of(str(value))
    if name == "decline_kind":
        return str(_DECLINES.get(str(value), value))
    if name == "provider_said":
        return reason_words.reason_label(str(value))
    if name in ("reason", "error_code"):
        return str(_REASONS.get(str(value), value))
    if name == "letter":
        return str(_LETTERS.get(str(value), value))
    if name == "text":
        return text_words.of_activity(str(value))
    if name == "error":
        return problem_words.problem_label(str(value))
    return _day_or_text(value)


UNITS: Mapping[str, Any] = {"day": _l("days"), "week": _l("weeks"), "month": _l("months"), "year": _l("years")}


def _day_or_text(value: Any) -> str:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return formats.day(date.fromisoformat(value))
        except ValueError:
            return value
    return formats.moment(value) if isinstance(value, datetime) else formats.plain(value)


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(field_label=field_label, told=told)
