"""A tab that is mostly one list: a page of it at a time, however long the history is."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request

from admin import list_page
from admin.columns import Column
from admin.list_page import ListPage
from admin.lists import page_size
from queries.cards.customer_head import Head
from queries.lists import listing
from queries.lists.shape import Listing, Wish


def rows_of(head: Head, found: Listing, columns: Sequence[Column], lead: str) -> ListPage:
    """The page that the address asks for; a garbled place leads to the first one. One statement."""
    page = listing.page(found, Wish(), page_size(), request.args.get("after", ""), request.args.get("before", ""))
    return list_page.build(request.path, {"id": str(head.id)}, columns, (), page, lead, "")
