"""The customer's card: one head and one row of tabs, each of which is a route with its own permission.

A tab is a small screen that extends `CardTab`; its template extends templates/admin/card.html and fills the block
`tab`. What can be done with the record stands in admin/card_acts.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin import card_acts
from admin.deleted import refuse_deleted
from admin.door import Door, opens
from admin.lists import row_id
from admin.merged import lead_on
from admin.refusals import of_code
from queries.cards.customer_head import Head, get_head


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    label: Any
    endpoint: str


def _tab(name: str, label: Any) -> Tab:
    return Tab(name, label, f"admin_customer_{name}.index")


# In the order of the card. A tab is drawn where its screen exists and is open to the person.
TABS = (
    Tab("overview", _l("Overview"), "admin_customers.details_view"),
    _tab("subscriptions", _l("Subscriptions")),
    _tab("invoices", _l("Invoices")),
    _tab("payments", _l("Payments")),
    _tab("documents", _l("Files")),
    _tab("messages", _l("Messages")),
    _tab("logins", _l("Logins")),
    _tab("vouchers", _l("Coupons")),
    _tab("settings", _l("Settings")),
)
# What keeps the menu's "Kunden" lit: the tabs, and what stands with one of them.
BLUEPRINTS = (*(tab.endpoint.partition(".")[0] for tab in TABS[1:]), "admin_customer_activities", "admin_customer_data")


class CardTab(Door, BaseView):
    """One tab. A subclass gives `tab` (its name in TABS), `permission`, `template` and `content`; `deeds` adds the view
    functions of its dialogs."""

    tab: ClassVar[str] = ""
    permission: ClassVar[str] = ""
    template: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        cls.deeds = {"index": cls.permission, **cls.deeds}

    def __init__(self) -> None:
        super().__init__(name=self.tab, endpoint=f"admin_customer_{self.tab}", url=f"/admin/customers/{self.tab}")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        head = require_head(reads=True)
        return show(self, self.tab, self.template, head, self.content(head))

    def content(self, head: Head) -> dict[str, Any]:
        """What the template needs beside the head; nothing, unless the tab says so."""
        return {}


def require_head(*, acts: bool = True, to: str = "", reads: bool = False) -> Head:
    """The card that the address means (`id`), or 404; a deleted one only for who may delete (DSG-2), and only where the
    page just `reads`. That of a merged record leads on to its survivor, as admin/merged.py has it."""
    head = seen_head()
    refuse_deleted(head.customer, reads=reads)
    if head.merged_number:
        lead_on(head.merged_number, acts=acts, to=to, id=head.id)
    return head


def seen_head() -> Head:
    """The same for what is no page: a picture, a frame, an answer to a script. It answers as the survivor."""
    head = get_head(row_id(request.values.get("id")) or 0) or abort(404)
    refuse_deleted(head.customer, reads=True)
    return head


def tabs_of(head: Head) -> list[Tab]:
    """Those that the person may open; of a record that was deleted only those where something stays (D-5)."""
    kept = [tab for tab in TABS if not head.is_erased or tab.name == "overview" or head.counts.get(tab.name)]
    return [tab for tab in kept if opens(tab.endpoint)]


def title_of(head: Head) -> str:
    """The name; a record that was deleted has none any more."""
    return gettext("Deleted customer") if head.is_erased else head.name or head.customer.number


def stopped(head: Head) -> str:
    """Why nothing new can be booked, if so (D-12)."""
    return "" if head.is_erased or card_acts.may_book(head) else of_code(f"customer_{head.customer.status}")


def show(view: Any, tab: str, template: str, head: Head, content: dict[str, Any]) -> ResponseReturnValue:
    """Draw a page of the card."""
    answer: ResponseReturnValue = view.render(
        template, head=head, title=title_of(head), here=tab,
        here_label=next(each.label for each in TABS if each.name == tab), tabs=tabs_of(head),
        buttons=card_acts.drawn(card_acts.BUTTONS, head), acts=card_acts.drawn(card_acts.MANAGE, head),
        stopped=stopped(head), **content,
    )  # fmt: skip
    return answer
