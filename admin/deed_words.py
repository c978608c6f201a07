"""The words for what happened: the codes of activities, in the past tense."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l

# What happened, in the past tense, for lists of activities.
DEEDS: Mapping[str, Any] = {
    "api_key.created": _l("API key made"),
    "api_key.revoked": _l("API key revoked"),
    "cancellation.issued": _l("Cancellation invoice issued"),
    "clock.arrived": _l("Test clock has arrived"),
    "clock.forwarded": _l("Test clock moved forward"),
    "company.changed": _l("Company data changed"),
    "company.created": _l("Company founded"),
    "company.logo_changed": _l("Logo changed"),
    "correction.issued": _l("Correction invoice issued"),
    "credit.application_cancelled": _l("Use of credit undone"),
    "credit.applied": _l("Credit used for an invoice"),
    "credit.paid_out": _l("Credit paid out"),
    "credit.payout_cancelled": _l("Payout of credit undone"),
    "customer.activated": _l("Customer activated"),
    "customer.blocked": _l("Customer blocked"),
    "customer.changed": _l("Customer data changed"),
    "customer.code_guessed": _l("Code tried too often, it has ended"),
    "customer.code_sent": _l("Code sent to the customer"),
    "customer.created": _l("Customer created"),
    "customer.deactivated": _l("Customer deactivated"),
    "customer.deleted": _l("Customer deleted"),
    "customer.hash_renewed": _l("Customer link renewed"),
    "customer.vat_id_checked": _l("VAT ID checked"),
    "customer.vat_id_decided": _l("VAT ID relied on by decision"),
    "customer.iban_revealed": _l("IBAN looked at"),
    "customer.tagged": _l("Tags changed"),
    "draft.changed": _l("Draft of an invoice changed"),
    "draft.created": _l("Draft of an invoice made"),
    "draft.deleted": _l("Draft of an invoice deleted"),
    "export.made": _l("List exported"),
    "invoice.cancelled": _l("Invoice cancelled"),
    "invoice.corrected": _l("Invoice corrected"),
    "invoice.issued": _l("Invoice issued"),
    "invoice.sent": _l("Invoice sent by e-mail"),
    "load.seeded": _l("Load data made"),
    "message.retried": _l("Message put back into the queue"),
    "message.sent": _l("Message sent"),
    "message.stopped": _l("Message stopped"),
    "message.tested": _l("Test message ordered"),
    "number_range.changed": _l("Number range changed"),
    "paper.drawn_without_logo": _l("Paper drawn without its logo"),
    "paper.link_renewed": _l("Link of a paper renewed"),
    "paper.link_revoked": _l("Link of a paper revoked"),
    "paper.retried": _l("Paper put back into the queue"),
    "payment.cancelled": _l("Payment cancelled"),
    "payment.discount_cancelled": _l("Cash discount cancelled"),
    "payment.moved": _l("Payment moved"),
    "payment.recorded": _l("Payment recorded"),
    "product.assigned": _l("Add-on assigned to plans"),
    "product.changed": _l("Product changed"),
    "product.created": _l("Product created"),
    "receivable.write_off_taken_back": _l("Write-off taken back"),
    "receivable.written_off": _l("Receivable written off"),
    "role.deleted": _l("Role deleted"),
    "role.saved": _l("Role saved"),
    "run.finished": _l("Billing run finished"),
    "run.report_sent_again": _l("Report of a billing run sent again"),
    "run.retried": _l("Customer billed again after being left out"),
    "run.started": _l("Billing run started"),
    "shipment.changed": _l("Shipment changed"),
    "shipment.created": _l("Shipment noted"),
    "shipment.deleted": _l("Shipment deleted"),
    "staff.changed": _l("Staff access changed"),
    "staff.created": _l("Staff access created"),
    "staff.logged_in": _l("Logged in"),
    "staff.logged_out": _l("Logged out"),
    "staff.invitation_sent": _l("Invitation sent again"),
    "staff.invitation_used": _l("Invitation accepted"),
    "staff.password_set": _l("Password set"),
    "staff.recovery_code_used": _l("Recovery code used"),
    "staff.recovery_codes_made": _l("New recovery codes made"),
    "staff.reset_asked": _l("Link for a forgotten password asked for"),
    "staff.reset_sent": _l("Link for a new password sent"),
    "staff.reset_used": _l("New password chosen by link"),
    "staff.second_factor_begun": _l("Set-up of the second factor begun"),
    "staff.second_factor_off": _l("Second factor switched off"),
    "staff.second_factor_on": _l("Second factor switched on"),
    "staff.second_factor_reset": _l("Second factor reset"),
    "staff.session_ended": _l("Open logins ended"),
    "subscription.created": _l("Subscription created"),
    "subscription.periods_confirmed": _l("Open periods confirmed"),
    "tag.changed": _l("Tag renamed"),
    "tag.created": _l("Tag created"),
    "tag.deleted": _l("Tag deleted"),
    "text.changed": _l("Text changed"),
    "text.reset": _l("Text put back to the one that came along"),
}


def deed_label(code: str) -> Any:
    return DEEDS.get(code, code)


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(deed_label=deed_label)
