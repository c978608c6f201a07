"""The words for states, each with its tone, by the machine that the state belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

# (label, tone): the tone is a colour of the stylesheet and never the only sign of the state.
STATES: Mapping[str, Mapping[str, tuple[Any, str]]] = {
    "customer": {
        "active": (_l("Active"), "good"),
        "blocked": (_l("Blocked"), "warn"),
        "deactivated": (_l("Deactivated"), "plain"),
    },
    "subscription": {
        "trial": (_l("In trial"), "info"),
        "active": (_l("Active"), "good"),
        "paused": (_l("Paused"), "warn"),
        "cancelled": (_l("Cancelled"), "warn"),
        "closed": (_l("Ended"), "plain"),
        "deactivated": (_l("Deactivated"), "plain"),
    },
    "invoice": {
        "draft": (_l("Draft"), "plain"),
        "awaiting_payment": (_l("Waiting for payment"), "info"),
        "issued": (_l("Issued"), "good"),
    },
    "document": {
        "draft": (_l("Draft"), "plain"),
        "awaiting_payment": (_l("Another try follows"), "warn"),
        "collecting": (_l("Collecting now"), "info"),
        "unclear": (_l("Answer is missing"), "warn"),
        "needs_action": (_l("Customer has to confirm"), "warn"),
        "given_up": (_l("Payment given up"), "bad"),
        "released": (_l("Released"), "plain"),
        "issued": (_l("Issued"), "info"),
        "overdue": (_l("Overdue"), "bad"),
        "paid": (_l("Paid"), "good"),
        "written_off": (_l("Written off"), "warn"),
        "partly_written_off": (_l("Partly written off"), "warn"),
        "cancelled": (_l("cancelled"), "plain"),
    },
    "receivable": {
        "open": (_l("Open"), "info"),
        "overdue": (_l("Overdue"), "bad"),
        "settled": (_l("Settled"), "good"),
        "credit": (_l("Credit balance"), "info"),
    },
    "movement": {
        "booked": (_l("Booked"), "good"),
        "undone": (_l("undone"), "plain"),
        "moved": (_l("Moved"), "warn"),
        "owed_again": (_l("Owed again"), "bad"),
    },
    "shipment": {
        "planned": (_l("Planned"), "info"),
        "shipped": (_l("On its way"), "info"),
        "delivered": (_l("Delivered"), "good"),
        "returned": (_l("Returned"), "bad"),
    },
    "redemption": {
        "running": (_l("Running"), "good"),
        "over": (_l("Over"), "plain"),
    },
    "coupon": {
        "open": (_l("Can be redeemed"), "good"),
        "early": (_l("Not yet"), "info"),
        "over": (_l("Expired"), "plain"),
        "used_up": (_l("Used up"), "plain"),
        "off": (_l("Switched off"), "warn"),
    },
    "paper": {
        "pending": (_l("Waiting"), "info"),
        "drawn": (_l("Drawn"), "good"),
        "failed": (_l("Failed"), "bad"),
        "stopped": (_l("Stopped"), "plain"),  # a reminder's letter whose invoice was paid before
    },
    "message": {
        "pending": (_l("Waiting"), "info"),
        "sent": (_l("Sent"), "good"),
        "failed": (_l("Failed"), "bad"),
        "stopped": (_l("Stopped"), "plain"),
    },
    "claim": {
        "billed": (_l("Billed"), "good"),
        "elsewhere": (_l("Billed elsewhere"), "plain"),
        "skipped": (_l("Skipped"), "warn"),
        "reserved": (_l("Reserved"), "info"),
        "given_up": (_l("Given up"), "bad"),
    },
    "attempt": {
        "planned": (_l("Collecting now"), "info"),
        "prepared": (_l("Collecting now"), "info"),
        "sent": (_l("Collecting now"), "info"),
        "unknown": (_l("Answer is missing"), "warn"),
        "needs_action": (_l("Customer has to confirm"), "warn"),
        "accepted": (_l("Paid"), "good"),
        "declined": (_l("Declined"), "bad"),
        "cancelled": (_l("cancelled"), "plain"),
    },
    "export": {
        "pending": (_l("Waiting"), "info"),
        "running": (_l("In progress"), "info"),
        "done": (_l("Completed"), "good"),
        "failed": (_l("Failed"), "bad"),
    },
    "deletion": {
        "erased": (_l("Erased for good"), "plain"),
        "restricted": (_l("Erased, papers kept"), "info"),
        "purged": (_l("Purged"), "plain"),
    },
    "refund": {
        "waiting": (_l("Waits for a second person"), "warn"),
        "ordered": (_l("Ordered, not sent yet"), "info"),
        "approved": (_l("Approved"), "info"),
        "sent": (_l("Under way"), "info"),
        "pending": (_l("The provider works on it"), "info"),
        "unknown": (_l("No answer yet"), "warn"),
        "succeeded": (_l("Paid back"), "good"),
        "failed": (_l("Did not go"), "bad"),
        "withdrawn": (_l("Withdrawn before it left"), "plain"),
    },
    "debit": {
        "planned": (_l("Announced"), "info"),
        "in_file": (_l("In a file"), "info"),
        "submitted": (_l("At the bank"), "info"),
        "paid": (_l("Credited by the bank"), "good"),
        "returned": (_l("Given back"), "bad"),
        "withdrawn": (_l("Not collected"), "plain"),
    },
    "payment_file": {
        "made": (_l("Drawn up"), "info"),
        "submitted": (_l("Handed in at the bank"), "good"),
        "discarded": (_l("Thrown away"), "plain"),
        "rejected": (_l("Refused by the bank"), "bad"),
    },
    "mandate": {
        "active": (_l("Active"), "good"),
        "revoked": (_l("Revoked by the customer"), "plain"),
        "stopped": (_l("Stopped by the bank"), "bad"),
        "lapsed": (_l("Lapsed"), "plain"),
        "replaced": (_l("Replaced"), "plain"),
    },
    "run": {"running": (_l("Running"), "info"), "finished": (_l("Finished"), "good")},
    "chunk": {"pending": (_l("Waiting"), "info"), "done": (_l("Completed"), "good")},
    "api_key": {"valid": (_l("Valid"), "good"), "revoked": (_l("Revoked"), "plain")},
    "staff": {
        "active": (_l("Active"), "good"),
        "invited": (_l("Invited"), "info"),
        "locked": (_l("Locked out"), "plain"),
    },
    "login": {
        "active": (_l("Active"), "good"),
        "invited": (_l("invited"), "info"),
        "lapsed": (_l("Invitation over"), "warn"),
        "temporary": (_l("Temporary password"), "info"),
        "locked": (_l("Locked by the status"), "plain"),
    },
    "check": {"holds": (_l("Check passed"), "good"), "broken": (_l("Check failed"), "bad")},
    "yes_no": {"True": (_l("Yes"), "good"), "False": (_l("No"), "plain")},
}
