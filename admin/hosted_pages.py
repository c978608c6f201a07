"""The pages that customers open by link: what each does, and its address as an example to copy (M1-24, M1-25)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin.door import Door, may
from queries.hosted import Examples, get_examples


@dataclass(frozen=True, slots=True)
class Page:
    """A hosted page; `view` is its endpoint, so that only pages that exist are told of."""

    view: str
    title: Any
    sentence: Any
    pattern: str
    needs: str  # who may see a real key in the example


PAGES = (
    Page("accountdata.show", _l("Customer's own data"),
         _l("The customer completes and changes address and payment data. Changes of an e-mail address or of payment "
            "data ask for a code that goes to the address known so far."),
         "/accountdata/{account}/{customer}", "customers.read"),
    Page("download.paper", _l("Document"),
         _l("The PDF of one document, without login."),
         "/download/{token}", "invoices.read"),
)  # fmt: skip


class HostedPagesScreen(Door, BaseView):
    deeds = {"index": "company.read"}

    def __init__(self) -> None:
        super().__init__(name="hosted_pages", endpoint="admin_hosted_pages", url="hosted-pages")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        found = get_examples()
        pages = [_told(page, found) for page in PAGES if page.view in current_app.view_functions]
        return self.render("admin/hosted_pages.html", title=gettext("Hosted pages"), pages=pages, found=found)


def _told(page: Page, found: Examples) -> dict[str, Any]:
    """The page with its pattern in capitals, and its example where there are keys that the person may see."""
    base = current_app.config["KONTOR"].base_url
    keys = {"account": found.account_hash, "customer": found.customer_hash, "token": found.paper_token}
    wanted = [name for name in keys if f"{{{name}}}" in page.pattern]
    whole = all(keys[name] for name in wanted) and may(page.needs)
    return {
        "title": page.title, "sentence": page.sentence, "example": base + page.pattern.format(**keys) if whole else "",
        "pattern": base + page.pattern.format(
            account=found.account_hash or "ACCOUNT-HASH", customer="CUSTOMER-HASH", token="TOKEN"
        ),
    }  # fmt: skip
