"""Deleting a customer: what the dialog says beforehand, and the log of what was deleted (D-5, DSG-2, DSG-3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from admin import formats
from admin.columns import Choice, Column, kind_choice
from admin.door import opens
from admin.fields import Form, select
from admin.lists import ListScreen
from admin.refusals import of_code
from admin.words import choices
from models import Customer, Deletion
from models.deletions import STAFF_REASONS
from queries.lists.deletions import DELETIONS
from services.customer_erasure import Plan
from services.deletion_reasons import Blocker

# Where each reason against it is dealt with: an address of the card, and the words of the way there.
WAYS: Mapping[str, tuple[str, Any]] = {
    "running_subscriptions": ("admin_customer_subscriptions.index", _l("To the subscriptions")),
    "deactivated_subscriptions": ("admin_customer_subscriptions.index", _l("To the subscriptions")),
    "open_items": ("admin_customer_payments.index", _l("To the payments")),
    "credit_left": ("admin_customer_payments.index", _l("To the payments")),
    "unfinished_documents": ("admin_customer_invoices.index", _l("To the invoices")),
    "debits_under_way": ("admin_customer_payments.index", _l("To the payments")),
    "refunds_under_way": ("admin_customer_payments.index", _l("To the payments")),
    "setups_open": ("admin_customer_payments.index", _l("To the payments")),
    "debits_returnable": ("admin_customer_payments.index", _l("To the payments")),
    "legal_hold": ("admin_customer_activities.index", _l("To the activities")),
}


class DeletionForm(Form):
    """Asks for the reasons that a person has; an interface or the end of a time gives its own."""

    reason = select(
        _l("Reason"), [(code, label) for code, label in choices("deletion_reason") if code in STAFF_REASONS],
        help=_l("Stands in the log of deletions."),
    )  # fmt: skip


def shown(plan: Plan, row: Customer) -> dict[str, Any]:
    """What the dialog draws: the reasons against it with their ways out, or what goes and what stays."""
    return {
        "blockers": [(_told(each), *_way(each, row)) for each in plan.blockers],
        "goes": [_amount(subject, count) for subject, count in plan.goes.items()],
        "kept": [(_amount(each.subject, each.count), formats.day(each.until)) for each in plan.kept],
        "form": DeletionForm(),
        "lock": url_for("admin_customers.status", id=row.id, action="deactivate")
        if plan.blockers and row.status != "deactivated" and opens("admin_customers.status") else "",
    }  # fmt: skip


def _told(blocker: Blocker) -> str:
    """The reason with its figures."""
    sums = ", ".join(formats.money(cents, currency) for cents, currency in blocker.amounts)
    facts = {
        "running_subscriptions": ngettext("%(num)s subscription", "%(num)s subscriptions", blocker.count),
        "deactivated_subscriptions": ", ".join(title or gettext("Subscription %(id)s", id=number)
                                               for number, title in blocker.contracts[:5]),
        "unfinished_documents": ngettext("%(num)s document", "%(num)s documents", blocker.count),
        "debits_under_way": ngettext("%(num)s direct debit", "%(num)s direct debits", blocker.count),
        "setups_open": ngettext("%(num)s page", "%(num)s pages", blocker.count),
        "refunds_under_way": ngettext("%(num)s refund", "%(num)s refunds", blocker.count),
        "debits_returnable": gettext("until %(day)s", day=formats.day(blocker.until)) if blocker.until else "",
    }  # fmt: skip
    return f"{of_code(blocker.code)} {_in_brackets(sums or facts.get(blocker.code, ''))}".strip()


def _in_brackets(text: str) -> str:
    return f"({text})" if text else ""


def _way(blocker: Blocker, row: Customer) -> tuple[str, Any]:
    if len(blocker.contracts) == 1 and opens("admin_contracts.ask"):
        back = url_for("admin_customers.confirm_delete", id=row.id)
        url = url_for("admin_contracts.ask", deed="cancel", id=blocker.contracts[0][0], next=back)
        return url, _l("Cancel the subscription")
    endpoint, words = WAYS[blocker.code]
    return (url_for(endpoint, id=row.id), words) if opens(endpoint) else ("", "")


def _amount(subject: str, count: int) -> str:
    """ "3 invoices"."""
    spelled = {
        "invoices": lambda: ngettext("%(num)s issued document", "%(num)s issued documents", count),
        "payments": lambda: ngettext("%(num)s payment", "%(num)s payments", count),
        "vat_checks": lambda: ngettext("%(num)s check of a VAT ID", "%(num)s checks of a VAT ID", count),
        "messages": lambda: ngettext("%(num)s message", "%(num)s messages", count),
        "letters": lambda: ngettext("%(num)s letter", "%(num)s letters", count),
        "notes": lambda: ngettext("%(num)s note or call", "%(num)s notes and calls", count),
        "files": lambda: ngettext("%(num)s file", "%(num)s files", count),
        "customer_logins": lambda: ngettext("%(num)s login", "%(num)s logins", count),
        "drafts": lambda: ngettext("%(num)s draft", "%(num)s drafts", count),
    }.get(subject)
    return spelled() if spelled else ""


def in_words(figures: Mapping[str, Any]) -> str:
    """The log's figures: "3 notes and calls, 1 file"; tables that nobody knows by name are left out."""
    told = (_amount(name, each[0] if isinstance(each, list) else each) for name, each in figures.items())
    return ", ".join(text for text in told if text) or "–"


class DeletionScreen(ListScreen):
    """The log of deletions: kept for ever, without a personal datum."""

    title = _l("Deletions")
    empty = _l("Whatever customer record is deleted, or purged when its time is over, will stand here: when, by whom, "
               "what had to stay and until when. Deleting begins on the customer's card, under “Manage”.")  # fmt: skip
    deeds = {"index_view": "customers.delete"}
    listing = DELETIONS
    list_template = "admin/deletions.html"
    columns = (
        Column("at", _l("When"), "moment"),
        Column("customer_id", _l("Record"), "number"),
        Column("outcome", _l("Outcome"), "state", of="deletion"),
        Column("retain_until", _l("Kept until"), "day"),
        Column("reason", _l("Reason"), "kind", of="deletion_reason"),
        Column("actor_kind", _l("By"), "kind", of="actor"),
        Column("staff_name", _l("Name")),
    )
    choices: tuple[Choice, ...] = (kind_choice("actor", "actor_kind", _l("By")),)

    def __init__(self) -> None:
        super().__init__(Deletion, "deletions")

    def figures(self, figures: Mapping[str, Any]) -> str:
        return in_words(figures)
