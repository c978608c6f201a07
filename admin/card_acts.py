"""The deeds of a customer's card: the buttons beside the name, and all others in one click under "Verwalten".

Each is one line here; whether it is drawn is asked of the door and of the record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l

from admin import customer_deeds
from admin.door import opens
from admin.people import may
from billing import states
from queries.cards.customer_head import Head


def by_id(head: Head) -> dict[str, Any]:
    return {"id": head.id}


def by_number(head: Head) -> dict[str, Any]:
    return {"customer": head.customer.number}


def with_way_back(head: Head) -> dict[str, Any]:
    """By its number, and back to the card's invoices."""
    return {**by_number(head), "next": url_for("admin_customer_invoices.index", id=head.id)}


def is_there(head: Head) -> bool:
    """Nothing more is done with a record that was deleted."""
    return not head.is_erased


def may_book(head: Head) -> bool:
    """D-12: who is blocked or deactivated books nothing new; the card's head says so. A one-off invoice for what was
    given already stays possible."""
    return is_there(head) and head.customer.status == "active"


@dataclass(frozen=True, slots=True)
class Act:
    """A deed of the card. `args` are the address's parameters; `shown` asks the record; `permission` is asked besides
    the door of the endpoint; with `dialog` the page opens over the card."""

    label: Any
    endpoint: str
    args: Callable[[Head], dict[str, Any]] = by_id
    danger: bool = False
    shown: Callable[[Head], bool] = is_there
    dialog: bool = True
    permission: str = ""

    def url(self, head: Head) -> str:
        return url_for(self.endpoint, **self.args(head))


def drawn(acts: Sequence[Act], head: Head) -> list[Act]:
    """Those that this person may do with this record now."""
    return [act for act in acts if opens(act.endpoint) and may(act.permission) and act.shown(head)]


def _bulk(name: str) -> Act:
    """A deed that the list has for many rows, for this one record."""
    deed = next(each for each in customer_deeds.DEEDS if each.name == name)

    def args(head: Head) -> dict[str, Any]:
        return {"action": name, "id": head.id, "next": url_for("admin_customers.details_view", id=head.id)}

    return Act(deed.label, "admin_customers.many", args, deed.danger, permission=deed.permission)


def _move(name: str) -> Act:
    """The window of the status with this choice made (P-12)."""

    def args(head: Head) -> dict[str, Any]:
        return {"id": head.id, "action": name}

    def shown(head: Head) -> bool:
        return is_there(head) and name in states.actions("customer", head.customer.status)

    deed = next(each for each in customer_deeds.DEEDS if each.name == name)
    return Act(deed.label, "admin_customers.status", args, deed.danger, shown)


# The first one is the primary button (UI: one a view). A deed's line stands in the part of its subject.
BUTTONS: tuple[Act, ...] = (
    Act(_l("Edit"), "admin_customers.edit_view", dialog=False),
    # contracts
    Act(_l("New subscription"), "admin_customer_subscriptions.book", shown=may_book, dialog=False),
    # invoices
    Act(_l("One-off invoice"), "admin_drafts.create_view", with_way_back, dialog=False),
    # messages
    Act(_l("Message"), "admin_customer_messages.write", dialog=False),
)
MANAGE: tuple[Act, ...] = (
    # status
    *(_move(name) for name in ("activate", "block", "deactivate")),
    # tags
    *(_bulk(name) for name in ("tag", "untag")),
    # merging
    Act(_l("Merge with"), "admin_merging.index", dialog=False),
    # contracts and money
    Act(
        _l("Stop all reminders"),
        "admin_dunning.hold_customer",
        lambda head: {"customer": head.id},
        shown=lambda head: is_there(head) and not head.customer.dunning_hold_reason,
    ),
    Act(
        _l("Let reminders go on"),
        "admin_dunning.lift_customer",
        lambda head: {"customer": head.id},
        shown=lambda head: is_there(head) and bool(head.customer.dunning_hold_reason),
    ),
    # data
    Act(_l("Export customer data"), "admin_customer_data.index", dialog=False),
    # logins
    Act(
        _l("Invite to the customer portal"),
        "admin_customer_logins.invite",
        shown=lambda head: is_there(head) and head.customer.status != "deactivated",
    ),
    # deletion
    Act(_l("Delete"), "admin_customers.confirm_delete", danger=True),
)
